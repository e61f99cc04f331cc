//! The three tools: what they take, what they answer, and how they are described.
//!
//! The schemas are plain: no null unions, no references, so that every client's converter takes
//! them. A problem the model or the operator can mend is a tool error in words.

pub(crate) mod cancel;
pub(crate) mod status;
pub(crate) mod to_human;

use rmcp::{
    handler::server::tool::{schema_for_input, schema_for_output},
    model::{CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, de::DeserializeOwned};

use authloop_core::api::InvalidField;

use crate::{
    allow::RefusedAddress, sessions::OpenError, settings::InvalidSetting, texts,
    waiting::Interrupted,
};

/// A tool's answer: a text for the model and the same as data.
pub(crate) struct Answer {
    text: String,
    data: serde_json::Value,
}

impl Answer {
    pub(crate) fn new(text: String, data: &impl Serialize) -> Result<Self, ToolError> {
        let data = serde_json::to_value(data)
            .map_err(|_| ToolError("the result could not be written".to_owned()))?;
        Ok(Self { text, data })
    }
}

/// What went wrong, in words the model can act on.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ToolError(pub(crate) String);

impl ToolError {
    pub(crate) fn fixed(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

impl From<Interrupted> for ToolError {
    fn from(_: Interrupted) -> Self {
        Self::fixed(texts::STOPPING)
    }
}

/// Errors whose words can be shown as they are.
macro_rules! told_as_they_are {
    ($($error:ty),*) => {$(
        impl From<$error> for ToolError {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        }
    )*};
}

told_as_they_are!(InvalidField, InvalidSetting, OpenError, RefusedAddress);

/// Writes what a tool brought as MCP has it.
pub(crate) fn result(answer: Result<Answer, ToolError>) -> CallToolResult {
    match answer {
        Ok(answer) => {
            let mut result = CallToolResult::success(vec![ContentBlock::text(answer.text)]);
            result.structured_content = Some(answer.data);
            result
        }
        Err(error) => CallToolResult::error(vec![ContentBlock::text(error.to_string())]),
    }
}

/// Reads a call's arguments.
pub(crate) fn arguments<T: DeserializeOwned>(
    arguments: Option<JsonObject>,
) -> Result<T, ToolError> {
    serde_json::from_value(serde_json::Value::Object(arguments.unwrap_or_default()))
        .map_err(|error| ToolError(format!("the arguments are not valid: {error}")))
}

/// An optional text that clients may also leave empty.
pub(crate) fn present(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// A whole number of seconds, in a schema.
fn seconds(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 0 })
}

/// Describes every tool, sorted by name.
pub(crate) fn list() -> Vec<Tool> {
    vec![cancel::describe(), status::describe(), to_human::describe()]
}

/// Puts a tool's description together.
///
/// `annotations` carries the title, which older clients look for there.
fn describe<I: JsonSchema + 'static, O: JsonSchema + 'static>(
    name: &'static str,
    description: &'static str,
    annotations: ToolAnnotations,
) -> Tool {
    // Every input here is a struct, so its schema is an object's: this can't fail.
    let input = schema_for_input::<I>().unwrap_or_default();
    let mut tool = Tool::new(name, description, input);
    tool.title.clone_from(&annotations.title);
    tool.output_schema = Some(schema_for_output::<O>());
    tool.annotations = Some(annotations);
    tool
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Lists every keyword and value that converters to other schema dialects stumble over.
    fn unportable(schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(object) => {
                for (key, value) in object {
                    let is_unportable = value.is_null()
                        || matches!(
                            key.as_str(),
                            "$ref" | "$defs" | "anyOf" | "oneOf" | "format"
                        )
                        || (key == "type" && !value.is_string() && !value.is_object());
                    if is_unportable {
                        found.push(format!("{key}: {value}"));
                    }
                    unportable(value, found);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| unportable(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn schemas_are_portable() {
        for tool in list() {
            let tool = serde_json::to_value(tool).expect("serialises");
            for schema in ["inputSchema", "outputSchema"] {
                let mut found = Vec::new();
                unportable(&tool[schema], &mut found);
                assert_eq!(found, Vec::<String>::new(), "{} {schema}", tool["name"]);
            }
        }
    }

    #[test]
    fn every_property_is_described() {
        for tool in list() {
            let tool = serde_json::to_value(tool).expect("serialises");
            for schema in ["inputSchema", "outputSchema"] {
                let properties = tool[schema]["properties"].as_object().expect("an object");
                for (name, property) in properties {
                    assert!(
                        property["description"].is_string(),
                        "{} {schema} {name}",
                        tool["name"]
                    );
                }
            }
        }
    }

    #[test]
    fn tools_are_listed_by_name_with_titles_and_annotations() {
        let tools = list();
        assert!(tools.is_sorted_by_key(|tool| tool.name.clone()));
        for tool in tools {
            assert!(tool.title.is_some());
            let annotations = tool.annotations.expect("annotations");
            assert!(annotations.read_only_hint.is_some());
            assert!(annotations.open_world_hint.is_some());
        }
    }
}

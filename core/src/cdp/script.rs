//! Scripts in a world beside the page's own: it sees the same elements and shares no names, so that the page
//! notices nothing. `Runtime.enable` isn't needed for any of it.

use alloc::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The parameters of `Page.createIsolatedWorld`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateIsolatedWorld<'a> {
    /// The frame.
    pub frame_id: &'a str,
    /// The same name is the same world.
    pub world_name: &'static str,
}

/// The result of `Page.createIsolatedWorld`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IsolatedWorld {
    /// What names it.
    pub execution_context_id: i64,
}

/// The parameters of `Runtime.evaluate`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluate<'a> {
    /// The script.
    pub expression: &'a str,
    /// The world.
    pub context_id: i64,
}

/// The parameters of `Runtime.callFunctionOn`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallFunctionOn<'a, A> {
    /// The function.
    pub function_declaration: &'a str,
    /// Its `this`.
    pub object_id: &'a str,
    /// What it is given.
    pub arguments: A,
    /// Whether the value comes back, and not a reference to it.
    pub return_by_value: bool,
}

/// Something that a function is given.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Argument<'a, T> {
    /// By value.
    Value(T),
    /// By a script's reference.
    ObjectId(&'a str),
}

/// The parameters of `DOM.resolveNode`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolveNode {
    /// The element.
    pub backend_node_id: i64,
    /// The world that is to know it.
    pub execution_context_id: i64,
}

/// The result of `DOM.resolveNode`.
#[derive(Deserialize)]
pub struct ResolvedNode<'a> {
    #[serde(borrow)]
    object: RemoteObject<'a>,
}

/// The result of `Runtime.evaluate` and of `Runtime.callFunctionOn`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluated<'a> {
    #[serde(borrow)]
    result: RemoteObject<'a>,
    #[serde(default)]
    exception_details: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RemoteObject<'a> {
    #[serde(borrow, default)]
    object_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

impl ResolvedNode<'_> {
    /// Returns the reference to the element.
    pub fn object(&self) -> Option<&str> {
        self.object.object_id.as_deref()
    }
}

impl<'a> Evaluated<'a> {
    /// Tells whether the script came to its end.
    pub const fn is_done(&self) -> bool {
        self.exception_details.is_none()
    }

    /// Returns the reference that it ended with.
    pub fn object(&self) -> Option<&str> {
        self.result.object_id.as_deref().filter(|_| self.is_done())
    }

    /// Reads the value that it ended with; `None` if that is of another shape.
    pub fn value<T: Deserialize<'a>>(&self) -> Option<T> {
        let value = self.result.value.filter(|_| self.is_done())?;
        serde_json::from_str(value.get()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_threw_has_no_result() {
        let read = |json| serde_json::from_str::<Evaluated<'_>>(json).expect("well formed");
        let told = read(r#"{"result":{"type":"object","value":[1,2]}}"#);
        assert_eq!(told.value::<[u64; 2]>(), Some([1, 2]));
        assert_eq!(told.value::<[u64; 3]>(), None);
        let threw = read(r#"{"result":{"objectId":"1.2.3"},"exceptionDetails":{"text":"no"}}"#);
        assert!(threw.object().is_none() && !threw.is_done());
    }
}

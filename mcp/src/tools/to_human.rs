//! `authloop_to_human`: hands a page over and answers with the link, or with the reason why not.

use std::time::Duration;

use authloop_core::{
    agent::{event::Status, io::Request},
    api::{BlockerType, CDP_URL_PLACEHOLDER, Context, CreateSession},
};
use rmcp::model::{Tool, ToolAnnotations};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    allow,
    backend::{Order, Reach},
    server::Server,
    sessions::Opened,
    settings::Settings,
    texts,
    tools::{self, Answer, ToolError},
    waiting::Call,
};

/// The tool's name.
pub(crate) const NAME: &str = "authloop_to_human";

/// How long browser and relay may take until there is a link. Each of their steps has its own,
/// shorter limit; this one only makes sure that the call ends.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the tool takes.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Name of the service that asks, for the human, such as "GitHub". 1 to 200 characters.
    service: String,
    /// The browser's DevTools address, such as http://127.0.0.1:9222 or wss://... . Defaults to
    /// the AUTHLOOP_CDP_URL of this server's environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    cdp_url: Option<String>,
    /// Where you stand, for the human.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ContextArguments")]
    context: Option<ContextArguments>,
}

/// Where the agent stands.
#[derive(Default, Deserialize, JsonSchema)]
#[schemars(inline)]
struct ContextArguments {
    /// The address of the page to hand over. It chooses the tab, so give it when several are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    url: Option<String>,
    /// What blocks you.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "blocker_types")]
    blocker_type: Option<String>,
    /// What the human should do, in one or two sentences. At most 1000 characters, no secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    hint: Option<String>,
}

const BLOCKER_TYPES: [&str; 6] = [
    "otp",
    "password",
    "captcha",
    "security_question",
    "document_upload",
    "other",
];

fn blocker_types(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": BLOCKER_TYPES })
}

/// What the tool answers.
#[derive(Serialize, JsonSchema)]
struct HandedOver {
    /// The session's id, for authloop_status and authloop_cancel.
    session_id: String,
    /// The link the human opens. Show it at once, in full.
    session_url: String,
    /// The origin of the page that was handed over, such as https://github.com; null as a text
    /// for a page without one.
    page_origin: String,
    /// Whether the link opens on this computer only, or on any device.
    #[schemars(schema_with = "places")]
    opens_on: &'static str,
    /// Whether this page was handed over already, and this is the same session.
    already_open: bool,
    /// True if the page asks the human for a PIN, which reaches them another way than the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    asks_for_pin: Option<bool>,
    /// Seconds until the session ends by itself.
    #[schemars(schema_with = "tools::seconds")]
    expires_in_seconds: u64,
}

fn places(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["this_computer", "any_device"] })
}

/// Describes the tool.
pub(crate) fn describe() -> Tool {
    tools::describe::<Arguments, HandedOver>(
        NAME,
        texts::TO_HUMAN,
        ToolAnnotations::with_title("Hand the browser tab to a human")
            .read_only(false)
            .destructive(false)
            .idempotent(true)
            .open_world(true),
    )
}

/// Serves one call.
pub(crate) async fn call(
    server: &Server,
    arguments: Arguments,
    call: &Call,
) -> Result<Answer, ToolError> {
    let order = order(server.settings()?, arguments)?;
    let asked_origin = order
        .context
        .as_ref()
        .and_then(|context| context.url.as_deref())
        .and_then(origin);
    let (session, is_existing) = match server.sessions().open(order).await? {
        Opened::New(session) => (session, false),
        Opened::Existing(session) => (session, true),
    };
    let _wait = server
        .sessions()
        .wait(&session, call.id.clone(), call.cancelled.clone());
    let ready = call
        .wait(&session, session.ready(), PATIENCE, server.gone())
        .await?;
    let Some(status) = ready else {
        session.request(Request::Cancel);
        return Err(ToolError::fixed(texts::NOT_READY));
    };
    if session.asks_for_pin() {
        match session.told() {
            Some(Ok(())) => {}
            Some(Err(error)) => return Err(ToolError(texts::pin_not_told(error))),
            None => return Err(tools::status::broke_off(&status)),
        }
    }
    let Status {
        session: Some(info),
        origin,
        ..
    } = status
    else {
        return Err(tools::status::broke_off(&status));
    };
    server.sessions().note_ready(&session);
    let text = texts::handed_over(&texts::Handed {
        session_url: &info.session_url,
        origin: origin.as_deref(),
        asked_origin: asked_origin.as_deref(),
        reach: session.reach(),
        asks_for_pin: session.asks_for_pin(),
        is_existing,
    });
    let data = HandedOver {
        session_id: info.session_id,
        session_url: info.session_url,
        page_origin: origin.unwrap_or_else(|| "null".to_owned()),
        opens_on: match session.reach() {
            Reach::ThisComputer => "this_computer",
            Reach::AnyDevice => "any_device",
        },
        already_open: is_existing,
        asks_for_pin: session.asks_for_pin().then_some(true),
        expires_in_seconds: session.remaining().as_secs(),
    };
    Answer::new(text, &data)
}

/// Checks a call against the settings and the API's limits.
fn order(settings: Settings, arguments: Arguments) -> Result<Order, ToolError> {
    let context = arguments.context.map(context).transpose()?.flatten();
    let limits = CreateSession {
        service: arguments.service.trim().to_owned(),
        cdp_url: CDP_URL_PLACEHOLDER.to_owned(),
        ttl: Some(settings.ttl),
        context,
        admission_hash: None,
    };
    limits.validate()?;
    let cdp_url = match tools::present(arguments.cdp_url) {
        Some(cdp_url) => {
            allow::check(&cdp_url, settings.cdp_allow.as_ref())?;
            cdp_url
        }
        None => settings
            .cdp_url
            .ok_or_else(|| ToolError::fixed(texts::NO_CDP_URL))?,
    };
    Ok(Order {
        place: settings.place,
        cdp_url,
        service: limits.service,
        context: limits.context,
        ttl: settings.ttl,
        protocol: settings.protocol,
        pin: None,
        trace: settings.trace,
    })
}

fn context(arguments: ContextArguments) -> Result<Option<Context>, ToolError> {
    let blocker_type = tools::present(arguments.blocker_type)
        .map(|name| {
            serde_json::from_value::<BlockerType>(name.into()).map_err(|_| {
                ToolError(format!(
                    "context.blocker_type: expected one of {}",
                    BLOCKER_TYPES.join(", ")
                ))
            })
        })
        .transpose()?;
    let context = Context {
        url: tools::present(arguments.url),
        blocker_type,
        wall_type: None,
        hint: tools::present(arguments.hint),
    };
    Ok((context != Context::default()).then_some(context))
}

fn origin(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &'static [(&str, &str)]) -> Settings {
        Settings::read(&move |name: &str| {
            variables
                .iter()
                .find(|(variable, _)| *variable == name)
                .map(|(_, value)| (*value).to_owned())
        })
        .expect("usable settings")
    }

    fn arguments(json: serde_json::Value) -> Arguments {
        serde_json::from_value(json).expect("arguments")
    }

    fn refusal(variables: &'static [(&str, &str)], json: serde_json::Value) -> String {
        order(settings(variables), arguments(json))
            .err()
            .expect("refused")
            .to_string()
    }

    #[test]
    fn every_blocker_type_of_the_schema_is_understood() {
        for name in BLOCKER_TYPES {
            let parsed = serde_json::from_value::<BlockerType>(name.into()).expect(name);
            assert_eq!(serde_json::to_value(parsed).expect(name), name);
        }
    }

    #[test]
    fn empty_and_null_options_count_as_absent() {
        let order = order(
            settings(&[("AUTHLOOP_CDP_URL", "http://127.0.0.1:9222")]),
            arguments(serde_json::json!({
                "service": " GitHub ", "cdp_url": "",
                "context": { "url": "", "blocker_type": null, "hint": " " }
            })),
        )
        .unwrap_or_else(|error| unreachable!("{error}"));
        assert_eq!(order.cdp_url, "http://127.0.0.1:9222");
        assert_eq!(order.service, "GitHub");
        assert_eq!(order.context, None);
    }

    #[test]
    fn without_a_browser_address_the_error_says_what_to_set() {
        let text = refusal(&[], serde_json::json!({ "service": "GitHub" }));
        assert!(text.contains("cdp_url") && text.contains("AUTHLOOP_CDP_URL"));
    }

    #[test]
    fn limits_are_told_in_words() {
        let cdp_url = "http://127.0.0.1:9222";
        let text = refusal(
            &[],
            serde_json::json!({ "service": "", "cdp_url": cdp_url }),
        );
        assert!(text.starts_with("service: expected 1 to 200"));
        let text = refusal(
            &[],
            serde_json::json!({
                "service": "x", "cdp_url": cdp_url, "context": { "hint": "x".repeat(1_001) }
            }),
        );
        assert!(text.starts_with("context.hint: "));
        let text = refusal(
            &[],
            serde_json::json!({
                "service": "x", "cdp_url": cdp_url, "context": { "blocker_type": "sms" }
            }),
        );
        assert!(text.contains("security_question"));
    }

    #[test]
    fn the_operators_own_browser_needs_no_place_on_the_list() {
        const VARIABLES: &[(&str, &str)] = &[
            ("AUTHLOOP_CDP_URL", "http://10.0.0.5:9222"),
            ("AUTHLOOP_CDP_ALLOW", "localhost"),
        ];
        assert!(
            order(
                settings(VARIABLES),
                arguments(serde_json::json!({ "service": "x" }))
            )
            .is_ok()
        );
        let text = refusal(
            VARIABLES,
            serde_json::json!({ "service": "x", "cdp_url": "http://10.0.0.5:9222" }),
        );
        assert!(text.contains("AUTHLOOP_CDP_ALLOW"));
    }
}

//! Commands out, messages in: the envelope of CDP.

use alloc::string::String;

use serde::{Deserialize, Serialize};
use serde_json::{Deserializer, value::RawValue};

use super::vocabulary::{Answer, Event, EventName, Method};

/// The id of a flattened CDP session; a page's own socket has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CdpSession(pub String);

/// Writes one command.
pub fn command<P: Serialize>(
    id: u32,
    session: Option<&CdpSession>,
    method: Method,
    params: &P,
) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Command<'a, P> {
        id: u32,
        method: &'a str,
        params: &'a P,
        #[serde(skip_serializing_if = "Option::is_none")]
        session_id: Option<&'a str>,
    }
    let session_id = session.map(|session| session.0.as_str());
    // Serialising our own parameter types to a string can't fail.
    serde_json::to_string(&Command {
        id,
        method: method.as_str(),
        params,
        session_id,
    })
    .unwrap_or_default()
}

/// The parameters of a command that has none.
#[derive(Serialize)]
pub struct NoParams {}

/// One message from the browser.
pub enum Incoming<'a> {
    /// The answer to a command.
    Answer {
        /// The command's id.
        id: u32,
        /// Its result, unread, or `None` if the browser refused it.
        result: Option<&'a RawValue>,
    },
    /// An event.
    Event {
        /// The CDP session it belongs to.
        session: Option<&'a str>,
        /// Its name, such as `Page.screencastFrame`.
        method: &'a str,
        /// Its parameters, unread.
        params: Option<&'a RawValue>,
    },
}

impl<'a> Incoming<'a> {
    /// Reads a message's envelope and leaves its payload unread; `None` if it isn't CDP.
    pub fn parse(text: &'a str) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Envelope<'a> {
            id: Option<u32>,
            #[serde(borrow)]
            method: Option<&'a str>,
            #[serde(borrow)]
            session_id: Option<&'a str>,
            #[serde(borrow)]
            params: Option<&'a RawValue>,
            #[serde(borrow)]
            result: Option<&'a RawValue>,
        }
        let envelope: Envelope<'a> = serde_json::from_str(text).ok()?;
        match (envelope.id, envelope.method) {
            (Some(id), _) => Some(Self::Answer {
                id,
                result: envelope.result,
            }),
            (None, Some(method)) => Some(Self::Event {
                session: envelope.session_id,
                method,
                params: envelope.params,
            }),
            (None, None) => None,
        }
    }
}

/// What stands for parameters that were left out.
const NO_PARAMS: &str = "{}";

impl<'a> Answer<'a> {
    /// Reads a result; `None` if it isn't there or isn't of the shape that the method stands for.
    pub fn parse(method: Method, result: Option<&'a RawValue>) -> Option<Self> {
        Self::read(method, &mut Deserializer::from_str(result?.get())).ok()
    }
}

impl<'a> Event<'a> {
    /// Reads an event's parameters; `None` if they aren't of the shape that the name stands for.
    pub fn parse(name: EventName, params: Option<&'a RawValue>) -> Option<Self> {
        let params = params.map_or(NO_PARAMS, RawValue::get);
        Self::read(name, &mut Deserializer::from_str(params)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_carries_its_session_only_if_it_has_one() {
        assert_eq!(
            command(1, None, Method::PageEnable, &NoParams {}),
            r#"{"id":1,"method":"Page.enable","params":{}}"#
        );
        assert_eq!(
            command(
                2,
                Some(&CdpSession("S".into())),
                Method::PageEnable,
                &NoParams {}
            ),
            r#"{"id":2,"method":"Page.enable","params":{},"sessionId":"S"}"#
        );
    }

    #[test]
    fn answers_errors_and_events_are_told_apart() {
        assert!(matches!(
            Incoming::parse(r#"{"id":3,"result":{"a":1}}"#),
            Some(Incoming::Answer { id: 3, result: Some(raw) }) if raw.get() == r#"{"a":1}"#
        ));
        assert!(matches!(
            Incoming::parse(r#"{"id":4,"error":{"code":-32000,"message":"no"}}"#),
            Some(Incoming::Answer {
                id: 4,
                result: None
            })
        ));
        assert!(matches!(
            Incoming::parse(r#"{"method":"Page.x","params":{},"sessionId":"S"}"#),
            Some(Incoming::Event {
                session: Some("S"),
                method: "Page.x",
                params: Some(_)
            })
        ));
        for text in ["", "{}", "[1]", "<html>", r#"{"id":-1}"#, r#"{"id":1e99}"#] {
            assert!(Incoming::parse(text).is_none(), "{text}");
        }
    }
}

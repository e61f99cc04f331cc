//! Text messages of both versions: what is read writes back the same, and input in plaintext is never one.

use authloop_core::wire::{
    v1::{Outgoing, ToAgent, ToViewer},
    v2::{AgentToRelay, RelayToAgent, RelayToViewer},
};
use serde_json::Value;

/// Types of input events, which only ever come sealed.
const INPUT: [&str; 13] = [
    "click",
    "dblclick",
    "keypress",
    "keydown",
    "keyup",
    "scroll",
    "paste",
    "back",
    "forward",
    "reload",
    "resolved",
    "cancelled",
    "file_upload",
];

/// Reads the bytes as a message to either side.
pub fn check(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    let to_agent = ToAgent::parse(text);
    let to_viewer = ToViewer::parse(text);
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && let Some(kind) = value["type"].as_str()
        && INPUT.contains(&kind)
    {
        assert!(
            to_agent.is_none() && to_viewer.is_none(),
            "plaintext input was read"
        );
    }
    sealed(text);
    if let Some(message) = to_agent {
        let again = match &message {
            ToAgent::ViewerConnected => Outgoing::ViewerConnected,
            ToAgent::ViewerDisconnected => Outgoing::ViewerDisconnected,
            ToAgent::SessionExpired => Outgoing::SessionExpired,
            ToAgent::SessionCancelled => Outgoing::SessionCancelled,
            ToAgent::SessionResolved => Outgoing::SessionResolved,
            ToAgent::Pubkey { key } => Outgoing::Pubkey { key },
            ToAgent::Encrypted { .. } => return,
        }
        .to_text();
        let read = ToAgent::parse(&again).expect("what is written is read");
        assert_eq!(
            core::mem::discriminant(&read),
            core::mem::discriminant(&message)
        );
        if let (ToAgent::Pubkey { key: one }, ToAgent::Pubkey { key: other }) = (&read, &message) {
            assert_eq!(one, other);
        }
    }
    if let Some(message) = to_viewer {
        let again = match &message {
            ToViewer::AgentConnected => Outgoing::AgentConnected,
            ToViewer::AgentDisconnected => Outgoing::AgentDisconnected,
            ToViewer::SessionExpired => Outgoing::SessionExpired,
            ToViewer::SessionCancelled => Outgoing::SessionCancelled,
            ToViewer::SessionResolved => Outgoing::SessionResolved,
            ToViewer::Pubkey { key } => Outgoing::Pubkey { key },
            ToViewer::Frame(meta) => Outgoing::Frame(*meta),
            ToViewer::Notice { code } => Outgoing::Notice { code },
        }
        .to_text();
        let read = ToViewer::parse(&again).expect("what is written is read");
        assert_eq!(
            core::mem::discriminant(&read),
            core::mem::discriminant(&message)
        );
        if let (ToViewer::Frame(one), ToViewer::Frame(other)) = (&read, &message) {
            assert_eq!(one.jpeg_size, other.jpeg_size);
        }
    }
}

/// Version 2's, which never hold what either side says to the other.
fn sealed(text: &str) {
    if let Some(word) = RelayToAgent::parse(text) {
        assert_eq!(RelayToAgent::parse(&word.to_text()), Some(word));
    }
    if let Some(word) = RelayToViewer::parse(text) {
        assert_eq!(RelayToViewer::parse(&word.to_text()), Some(word));
    }
    if let Some(word) = AgentToRelay::parse(text) {
        assert_eq!(AgentToRelay::parse(&word.to_text()), Some(word));
        let AgentToRelay::CloseViewer { code, .. } = word;
        assert!([1000, 1012, 4400, 4403, 4408].contains(&code.get()));
    }
}

//! The relay's own words, which find room where nothing else does.

use authloop_core::relay::{Close, ConnectionId};

use super::Model;

pub(super) const AGENT_CONNECTED: &str = r#"{"type":"agent_connected"}"#;
pub(super) const AGENT_DISCONNECTED: &str = r#"{"type":"agent_disconnected"}"#;
pub(super) const RESOLVED: &str = r#"{"type":"session_resolved"}"#;
pub(super) const CANCELLED: &str = r#"{"type":"session_cancelled"}"#;
pub(super) const EXPIRED: &str = r#"{"type":"session_expired"}"#;

impl Model {
    pub(super) fn tell_agent(&mut self, text: String) {
        if let Some(agent) = &mut self.agent
            && !agent.takes_word(text)
        {
            self.closes.push_back((agent.id, Close::Overflow));
            self.agent_left();
        }
    }

    pub(super) fn tell_viewer(&mut self, id: ConnectionId, text: &str) {
        if let Some(viewer) = self.viewer(id)
            && viewer.leaving().is_none()
            && !viewer.seat.takes_word(text.into())
        {
            self.dismiss(id, Close::Overflow);
        }
    }

    pub(super) fn tell_viewers(&mut self, text: &str) {
        let ids: Vec<_> = self.viewers.iter().map(|viewer| viewer.seat.id).collect();
        for id in ids {
            self.tell_viewer(id, text);
        }
    }

    pub(super) fn tell_everybody(&mut self, text: &str) {
        self.tell_agent(text.into());
        self.tell_viewers(text);
    }

    /// What the agent was showing when it went is of no more use.
    pub(super) fn forget_what_was_shown(&mut self) {
        self.meta = None;
        if self.sealed {
            for viewer in &mut self.viewers {
                viewer.seat.frame = None;
            }
        }
    }
}

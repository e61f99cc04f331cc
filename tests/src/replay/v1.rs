//! The viewers of version 1 in a replay: their keys, and what they seal.

use std::collections::BTreeMap;

use authloop_core::{
    crypto::v1::ViewerChannel,
    generator::Generator,
    secret::Seed,
    wire::v1::{Outgoing, Sealed, ToViewer},
};
use authloop_trace::line::Said;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::sealed::invalid;

/// All viewers of a session.
#[derive(Default)]
pub(super) struct V1 {
    agent_key: Option<String>,
    viewers: BTreeMap<usize, Viewer>,
    /// Whose key the agent accepted last.
    current: Option<usize>,
}

struct Viewer {
    channel: ViewerChannel,
    generator: Generator,
    /// What it sealed last.
    sealed: Option<String>,
}

impl V1 {
    /// Hears a text of the agent's.
    pub(super) fn listen(&mut self, text: &str) {
        if let Some(ToViewer::Pubkey { key }) = ToViewer::parse(text) {
            self.agent_key = Some(key.into_owned());
        }
    }

    /// Makes a viewer's key.
    pub(super) fn key(&mut self, number: usize, said: &Said) -> String {
        let refused = match said {
            Said::Refused(why) => why.as_str(),
            Said::Hello { .. }
            | Said::Ready
            | Said::Control(_)
            | Said::Ack(..)
            | Said::Left
            | Said::Input(_)
            | Said::Deed(_)
            | Said::Invalid(_)
            | Said::Accepted => {
                self.current = Some(number);
                ""
            }
        };
        let key = match refused {
            "Malformed" => "?".to_owned(),
            "NotOnCurve" => {
                let mut point = [0; 65];
                point[0] = 4;
                STANDARD.encode(point)
            }
            _ => {
                let viewers = &mut self.viewers;
                let viewer = viewers.entry(number).or_insert_with(|| Viewer::new(number));
                viewer.channel.public_key().to_owned()
            }
        };
        Outgoing::Pubkey { key: &key }.to_text()
    }

    /// Makes a sealed message; nothing if nobody could have sealed it.
    pub(super) fn sealed(&mut self, said: &Said) -> Option<String> {
        let json = match said {
            Said::Input(value) => value.to_string(),
            Said::Invalid(why) => invalid(why).to_owned(),
            Said::Refused(why) if why == "Replayed" => return self.viewer()?.sealed.clone(),
            Said::Refused(why) => {
                let is_malformed = why == "Malformed";
                return Some(nothing(is_malformed));
            }
            Said::Hello { .. }
            | Said::Ready
            | Said::Control(_)
            | Said::Ack(..)
            | Said::Left
            | Said::Deed(_)
            | Said::Accepted => return None,
        };
        let agent_key = self.agent_key.clone()?;
        let viewer = self.viewer()?;
        viewer.channel.accept_key(&agent_key).ok()?;
        let payload = viewer.channel.seal(&mut viewer.generator, json.as_bytes());
        let payload = payload.ok()?;
        let text = Outgoing::Encrypted { payload }.to_text();
        viewer.sealed = Some(text.clone());
        Some(text)
    }

    fn viewer(&mut self) -> Option<&mut Viewer> {
        self.viewers.get_mut(&self.current?)
    }
}

impl Viewer {
    fn new(number: usize) -> Self {
        let mut seed = [1; 32];
        for (place, byte) in seed.iter_mut().zip(number.to_be_bytes()) {
            *place = byte;
        }
        let mut generator = Generator::new(Seed::new(seed));
        Self {
            channel: ViewerChannel::new(&mut generator),
            generator,
            sealed: None,
        }
    }
}

/// A sealed message that nobody sealed.
fn nothing(is_malformed: bool) -> String {
    let encode = |bytes: &[u8]| STANDARD.encode(bytes).into();
    let tag: &[u8] = if is_malformed { &[] } else { &[0; 16] };
    let payload = Sealed {
        iv: encode(&[0; 12]),
        ciphertext: encode(&[0; 8]),
        tag: encode(tag),
    };
    Outgoing::Encrypted { payload }.to_text()
}

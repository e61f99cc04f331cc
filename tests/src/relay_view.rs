//! What a relay could see of a hand-off: messages taken off the wire, told in words.
//!
//! Decides what a message is by its outside alone, as a curious relay would. In version 2 that is the
//! header of a record; in version 1 also the picture.

use std::fmt::Write as _;

use authloop_core::wire::v2::{Direction, HEADER, Header, Kind, TAG, VERSION};

use crate::tap::Tap;

/// How every picture begins that nobody has sealed: a JPEG's marker and its JFIF segment.
const PICTURE: &[u8] = b"\xFF\xD8\xFF\xE0\x00\x10JFIF";

/// How many bytes of a message are shown, 16 a line.
const SHOWN: usize = 64;

/// What passed the relay since a moment.
pub struct RelayView {
    to_relay: Vec<Vec<u8>>,
    to_viewer: Vec<Vec<u8>>,
}

impl RelayView {
    /// Takes what the tap has kept so far.
    pub fn of(tap: &Tap) -> Self {
        Self {
            to_relay: tap.to_relay(),
            to_viewer: tap.to_viewer(),
        }
    }

    /// Leaves out what was there before.
    #[must_use]
    pub fn since(mut self, before: &Self) -> Self {
        self.to_relay.drain(..before.to_relay.len());
        self.to_viewer.drain(..before.to_viewer.len());
        self
    }

    /// Tells whether the relay could read this in any message.
    pub fn holds(&self, needle: &[u8]) -> bool {
        let mut messages = self.to_relay.iter().chain(&self.to_viewer);
        messages.any(|message| message.windows(needle.len()).any(|part| part == needle))
    }

    /// Tells whether the relay could look at a picture.
    pub fn holds_a_picture(&self) -> bool {
        self.holds(PICTURE)
    }

    /// Tells whether every binary message is a record of version 2, in a direction it may go.
    pub fn is_sealed(&self) -> bool {
        let is_record = |direction| {
            move |message: &Vec<u8>| is_text(message) || Header::read(message, direction).is_ok()
        };
        self.to_relay.iter().all(is_record(Direction::ToAgent))
            && self.to_viewer.iter().all(is_record(Direction::ToViewer))
    }

    /// Tells in lines what the relay saw while the human typed `typed`.
    pub fn tell(&self, typed: &str) -> String {
        let mut text = format!("while the human typed \"{typed}\", the relay saw this:");
        let inputs: Vec<_> = self.to_relay.iter().filter(|it| is_input(it)).collect();
        let pictures: Vec<_> = self.to_viewer.iter().filter(|it| is_picture(it)).collect();
        for (what, messages) in [("input", inputs), ("pictures", pictures)] {
            if let Some(last) = messages.last() {
                let (count, length) = (messages.len(), last.len());
                // Writing to a string can't fail.
                let _ = write!(
                    text,
                    "\n{what}, the last of {count}: {length} bytes\n{}",
                    dump(last)
                );
            }
        }
        text
    }
}

fn is_text(message: &[u8]) -> bool {
    message.first() == Some(&b'{')
}

fn header(message: &[u8]) -> Option<Header> {
    [Direction::ToAgent, Direction::ToViewer]
        .into_iter()
        .find_map(|direction| Header::read(message, direction).ok())
}

fn is_input(message: &[u8]) -> bool {
    message.starts_with(br#"{"type":"encrypted""#)
        || header(message).is_some_and(|header| header.kind == Kind::Input)
}

fn is_picture(message: &[u8]) -> bool {
    message.starts_with(PICTURE) || header(message).is_some_and(|header| header.kind == Kind::Frame)
}

/// The first bytes of a message with what they mean.
fn dump(message: &[u8]) -> String {
    let lines = message.chunks(16).take(SHOWN / 16).enumerate();
    let lines = lines.map(|(number, bytes)| {
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let meaning = meaning(message, bytes, number);
        let line = format!("  {:47}  {meaning}", hex.join(" "));
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn meaning(message: &[u8], line: &[u8], number: usize) -> String {
    match (header(message), number) {
        (Some(header), 0) => format!(
            "version {VERSION}, {:?}, channel {}, epoch {}, counter {}",
            header.kind, header.chan, header.epoch, header.counter
        ),
        (Some(_), 1) => format!(
            "sealed from here on: {} bytes and a tag of {TAG}",
            message.len() - HEADER - TAG
        ),
        (Some(_), _) => String::new(),
        (None, 0) if message.starts_with(PICTURE) => "a JPEG that the relay can open".to_owned(),
        (None, _) if is_text(message) => String::from_utf8_lossy(line).into_owned(),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: Kind, length: usize) -> Vec<u8> {
        let header = Header {
            kind,
            chan: 0,
            epoch: 1,
            counter: 30,
        };
        let mut record = header.to_bytes().to_vec();
        record.resize(length, 0xA5);
        record
    }

    fn version_2() -> RelayView {
        RelayView {
            to_relay: vec![record(Kind::Ack, 42), record(Kind::Input, 288)],
            to_viewer: vec![
                br#"{"type":"agent_connected"}"#.to_vec(),
                record(Kind::Frame, 5_000),
            ],
        }
    }

    fn version_1() -> RelayView {
        let mut picture = PICTURE.to_vec();
        picture.resize(5_000, 1);
        RelayView {
            to_relay: vec![br#"{"type":"encrypted","payload":{"iv":"AAAA"}}"#.to_vec()],
            to_viewer: vec![br#"{"type":"frame"}"#.to_vec(), picture],
        }
    }

    #[test]
    fn a_sealed_record_shows_its_header_and_nothing_else() {
        let view = version_2();
        assert!(view.is_sealed() && !view.holds_a_picture());
        let text = view.tell("open sesame");
        for part in [
            "open sesame",
            "input, the last of 1: 288 bytes",
            "02 11 00 00 00 00 00 01 00 00 00 00 00 00 00 1e  version 2, Input, channel 0, epoch 1",
            "counter 30",
            "sealed from here on: 256 bytes and a tag of 16",
            "pictures, the last of 1: 5000 bytes",
            "02 10 00 00",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(text.matches("a5").count(), 96, "64 bytes of each: {text}");
    }

    #[test]
    fn version_1_shows_the_picture_and_that_input_is_encrypted() {
        let view = version_1();
        assert!(!view.is_sealed() && view.holds_a_picture());
        let text = view.tell("open sesame");
        assert!(text.contains("a JPEG that the relay can open"), "{text}");
        assert!(text.contains(r#"{"type":"encrypt"#), "{text}");
    }

    #[test]
    fn what_was_there_before_is_left_out() {
        let mut later = version_2();
        later.to_relay.push(record(Kind::Input, 1_056));
        let text = later.since(&version_2()).tell("x");
        assert!(text.contains("input, the last of 1: 1056 bytes"));
        assert!(!text.contains("pictures"));
    }

    #[test]
    fn what_stands_in_a_message_is_found() {
        assert!(version_1().holds(b"AAAA"));
        assert!(!version_1().holds(b"keypress"));
    }
}

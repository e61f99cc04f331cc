//! The plaintexts of INPUT, CTRL, ACK and CLOSE (§5).
//!
//! INPUT is padded, so that its length says little of what was typed; a padding that isn't exactly
//! the one asked for is refused, so that nothing can hide in it.

use alloc::{borrow::Cow, vec::Vec};

use serde::{Deserialize, Serialize};

use super::json::{Malformed, object};

/// The lengths an INPUT's plaintext may have.
const INPUT_SIZES: [usize; 5] = [256, 1_024, 4_096, 16_384, 65_536];

/// Appends an input event's JSON, padded to the smallest length that fits.
///
/// # Errors
/// JSON of more than 65,534 bytes.
pub fn pad_input(json: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let length = u16::try_from(json.len()).map_err(|_| Malformed::Body)?;
    let size = padded_input(json.len())?;
    let end = out.len() + size;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(json);
    out.resize(end, 0);
    Ok(())
}

/// Returns the JSON in an INPUT's plaintext.
///
/// # Errors
/// Any padding but the one [`pad_input`] makes.
pub fn unpad_input(plaintext: &[u8]) -> Result<&[u8], Malformed> {
    let (length, rest) = plaintext.split_first_chunk().ok_or(Malformed::Body)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (json, padding) = rest.split_at_checked(length).ok_or(Malformed::Body)?;
    let smallest = padded_input(length) == Ok(plaintext.len());
    if smallest && padding.iter().all(|byte| *byte == 0) {
        Ok(json)
    } else {
        Err(Malformed::Body)
    }
}

/// Returns the length of an INPUT's plaintext whose JSON has this length.
///
/// # Errors
/// More than 65,534 bytes.
pub fn padded_input(json: usize) -> Result<usize, Malformed> {
    INPUT_SIZES
        .into_iter()
        .find(|size| json <= *size - 2)
        .ok_or(Malformed::Body)
}

/// The viewer's acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack {
    /// The newest frame dealt with: drawn, replaced by a newer one, or undecodable.
    pub frame: u64,
    /// Frames still waiting.
    pub waiting: u16,
}

impl Ack {
    /// Reads an ACK's plaintext.
    ///
    /// # Errors
    /// Anything but 10 bytes.
    pub fn parse(plaintext: &[u8]) -> Result<Self, Malformed> {
        let bytes: &[u8; 10] = plaintext.try_into().map_err(|_| Malformed::Body)?;
        let [f0, f1, f2, f3, f4, f5, f6, f7, w0, w1] = *bytes;
        Ok(Self {
            frame: u64::from_be_bytes([f0, f1, f2, f3, f4, f5, f6, f7]),
            waiting: u16::from_be_bytes([w0, w1]),
        })
    }

    /// Returns the plaintext.
    pub fn to_bytes(self) -> [u8; 10] {
        let [f0, f1, f2, f3, f4, f5, f6, f7] = self.frame.to_be_bytes();
        let [w0, w1] = self.waiting.to_be_bytes();
        [f0, f1, f2, f3, f4, f5, f6, f7, w0, w1]
    }
}

/// A control message: an object with a string `type`. What else is in it depends on that.
///
/// No `Debug`: it can hold what the page says.
#[derive(Clone, PartialEq, Eq)]
pub struct Control<'a> {
    /// What it is; one that the reader doesn't know is ignored.
    pub kind: Cow<'a, str>,
    /// The whole object.
    pub json: &'a [u8],
}

impl<'a> Control<'a> {
    /// Reads a CTRL's plaintext.
    ///
    /// # Errors
    /// Anything but an object in UTF-8 with a string `type`.
    pub fn parse(plaintext: &'a [u8]) -> Result<Self, Malformed> {
        #[derive(Deserialize)]
        struct Typed<'a> {
            #[serde(rename = "type", borrow)]
            kind: Cow<'a, str>,
        }
        let typed: Typed<'a> = object(plaintext)?;
        // What is skipped by the parser isn't checked by it.
        core::str::from_utf8(plaintext).map_err(|_| Malformed::Body)?;
        Ok(Self {
            kind: typed.kind,
            json: plaintext,
        })
    }
}

/// Why somebody leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The human is done.
    Resolved,
    /// The human gave up.
    Cancelled,
    /// The session's time ran out.
    Timeout,
    /// Something broke.
    Error,
    /// Another viewer took over.
    TakenOver,
    /// The viewer left.
    Left,
}

/// A CLOSE's plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// Why.
    pub reason: CloseReason,
}

impl Close {
    /// Reads a CLOSE's plaintext.
    ///
    /// # Errors
    /// Anything but an object with a known reason.
    pub fn parse(plaintext: &[u8]) -> Result<Self, Malformed> {
        object(plaintext)
    }

    /// Returns the plaintext.
    pub fn to_bytes(self) -> Vec<u8> {
        // Serialising a struct of one string can't fail.
        serde_json::to_vec(&self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn input_is_padded_to_the_smallest_length_that_fits() {
        for (length, padded) in [
            (0, 256),
            (254, 256),
            (255, 1_024),
            (1_022, 1_024),
            (1_023, 4_096),
            (4_095, 16_384),
            (16_383, 65_536),
            (65_534, 65_536),
        ] {
            let json = vec![b'x'; length];
            let mut plaintext = vec![];
            pad_input(&json, &mut plaintext).expect("fits");
            assert_eq!(plaintext.len(), padded, "{length}");
            assert_eq!(unpad_input(&plaintext), Ok(json.as_slice()));
        }
        for length in [65_535, 65_536] {
            let padded = pad_input(&vec![b'x'; length], &mut vec![]);
            assert_eq!(padded, Err(Malformed::Body));
        }
    }

    #[test]
    fn any_other_padding_is_refused() {
        let mut right = vec![];
        pad_input(b"{}", &mut right).expect("fits");
        for place in 4..256 {
            let mut filled = right.clone();
            filled[place] = 1;
            assert_eq!(unpad_input(&filled), Err(Malformed::Body), "{place}");
        }
        let longer = |size| {
            let mut longer = right.clone();
            longer.resize(size, 0);
            longer
        };
        for size in [0, 1, 2, 4, 255, 257, 1_024, 65_536] {
            assert_eq!(unpad_input(&longer(size)), Err(Malformed::Body), "{size}");
        }
        let mut lies = right.clone();
        lies[..2].copy_from_slice(&255_u16.to_be_bytes());
        assert_eq!(unpad_input(&lies), Err(Malformed::Body));
    }

    #[test]
    fn an_acknowledgement_is_ten_bytes() {
        let ack = Ack {
            frame: 0x0102_0304_0506_0708,
            waiting: 0x090A,
        };
        assert_eq!(ack.to_bytes(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(Ack::parse(&ack.to_bytes()), Ok(ack));
        assert_eq!(Ack::parse(&[0; 9]), Err(Malformed::Body));
        assert_eq!(Ack::parse(&[0; 11]), Err(Malformed::Body));
    }

    #[test]
    fn control_is_an_object_with_a_string_type() {
        let json = br#" {"type":"ping","n":5,"more":[{}]}"#;
        let control = Control::parse(json).expect("control");
        assert_eq!((control.kind.as_ref(), control.json), ("ping", &json[..]));
        for json in [
            &b""[..],
            b"{}",
            b"[]",
            br#"["ping"]"#,
            br#""ping""#,
            br#"{"type":5}"#,
            br#"{"type":null}"#,
            br#"{"type":"a","type":"b"}"#,
            br#"{"type":"a"}x"#,
            b"{\"type\":\"a\xFF\"}",
            b"{\"type\":\"a\",\"x\":\"\xFF\"}",
        ] {
            assert!(Control::parse(json).is_err(), "{json:?}");
        }
    }

    #[test]
    fn a_close_says_why_in_words_both_sides_know() {
        for (reason, text) in [
            (CloseReason::Resolved, &br#"{"reason":"resolved"}"#[..]),
            (CloseReason::Cancelled, br#"{"reason":"cancelled"}"#),
            (CloseReason::Timeout, br#"{"reason":"timeout"}"#),
            (CloseReason::Error, br#"{"reason":"error"}"#),
            (CloseReason::TakenOver, br#"{"reason":"taken_over"}"#),
            (CloseReason::Left, br#"{"reason":"left"}"#),
        ] {
            assert_eq!(Close { reason }.to_bytes(), text);
            assert_eq!(Close::parse(text), Ok(Close { reason }));
        }
        for json in [
            &br#"{"reason":"bored"}"#[..],
            br#"["left"]"#,
            b"{}",
            br#"{"reason":null}"#,
        ] {
            assert_eq!(Close::parse(json), Err(Malformed::Body));
        }
    }
}

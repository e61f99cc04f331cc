//! What a viewer can do beyond the protocol's core: the words of a HELLO1's `caps` (§3).

use alloc::string::String;

/// Something a viewer may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// It shows sheets: what the page asks of a human outside its picture, to be answered.
    Sheets,
    /// It can pick files for the page, and send them.
    Files,
    /// It shows what Chromium doesn't paint of a page's fields, and helps with typing into them.
    Fields,
}

/// The capabilities of one viewer. Unknown words are nobody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps(u8);

impl Cap {
    /// Every capability.
    pub const ALL: [Self; 3] = [Self::Sheets, Self::Fields, Self::Files];

    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sheets => "sheets",
            Self::Files => "files",
            Self::Fields => "fields",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Sheets => 1,
            Self::Fields => 2,
            Self::Files => 4,
        }
    }
}

impl Caps {
    /// Reads the words of a handshake.
    pub fn of(words: &[String]) -> Self {
        Cap::ALL
            .into_iter()
            .filter(|cap| words.iter().any(|word| word == cap.as_str()))
            .fold(Self::default(), |caps, cap| Self(caps.0 | cap.bit()))
    }

    /// Tells whether one of them is this.
    pub const fn has(self, cap: Cap) -> bool {
        self.0 & cap.bit() != 0
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn words_are_read_and_unknown_ones_ignored() {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(ToString::to_string)
                .collect::<alloc::vec::Vec<_>>()
        };
        assert!(!Caps::of(&words(&[])).has(Cap::Sheets));
        assert!(!Caps::of(&words(&["sheet", "SHEETS", ""])).has(Cap::Sheets));
        assert!(Caps::of(&words(&["sheets"])).has(Cap::Sheets));
        for cap in Cap::ALL {
            let caps = Caps::of(&words(&["flying", cap.as_str()]));
            for other in Cap::ALL {
                assert_eq!(caps.has(other), other == cap, "{cap:?} and {other:?}");
            }
        }
    }
}

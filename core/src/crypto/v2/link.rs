//! A link's fragment: the agent's public key and the secret that lets somebody ask to be a viewer
//! (§1). Every way a link can be bad has a name, because each has other words for the human.

use alloc::string::String;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{
    admission::AdmissionToken,
    kdf::Expander,
    keys::{COMPRESSED, Point},
};

/// The digits of base64url after `2.`: 49 bytes, the last 4 bits zero.
const DIGITS: usize = 66;

/// What a link's fragment holds. No `Debug`: one half of it is a secret.
pub struct Link {
    pub(super) agent: Point,
    pub(super) secret: LinkSecret,
}

/// The link's secret: 16 random bytes. They live in memory and in the link only.
pub(super) struct LinkSecret(Zeroizing<[u8; 16]>);

/// The handshake's pre-shared key.
pub(super) struct Psk(pub(super) Zeroizing<[u8; 32]>);

/// Why a link doesn't connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadLink {
    /// Its end is missing, or all of the fragment.
    #[error("the link is incomplete")]
    Incomplete,
    /// It is longer than a link, or something in it was changed.
    #[error("the link is damaged")]
    Damaged,
    /// It is a link of version 1.
    #[error("the link is of version 1")]
    Version1,
    /// It is a link of a version that isn't known yet.
    #[error("the link is of a newer version")]
    Newer,
    /// Its `#` became `%23`, so that its secret went to a server: nobody may use it any more.
    #[error("the link was opened by a filter that sent its secret to a server")]
    Burnt,
    /// It isn't the address of a session.
    #[error("the link is not the address of a session")]
    NotASession,
}

impl Link {
    /// Reads a fragment, without its `#`.
    ///
    /// # Errors
    /// Anything but `2.` and 66 digits of base64url that hold a point on the curve and a secret.
    pub fn parse(fragment: &str) -> Result<Self, BadLink> {
        let Some((version, digits)) = fragment.split_once('.') else {
            return Err(short_or_damaged(fragment, DIGITS + "2.".len()));
        };
        match version {
            "2" => {}
            "1" => return Err(BadLink::Version1),
            number if is_number(number) => return Err(BadLink::Newer),
            _ => return Err(BadLink::Damaged),
        }
        if digits.len() != DIGITS {
            return Err(short_or_damaged(digits, DIGITS));
        }
        let mut bytes = Zeroizing::new([0; COMPRESSED + 16]);
        let decoded = URL_SAFE_NO_PAD.decode_slice(digits, &mut *bytes);
        if decoded != Ok(bytes.len()) {
            return Err(BadLink::Damaged);
        }
        let (point, secret) = bytes
            .split_first_chunk::<COMPRESSED>()
            .ok_or(BadLink::Damaged)?;
        Ok(Self {
            agent: Point::parse_compressed(point).ok_or(BadLink::Damaged)?,
            secret: LinkSecret(Zeroizing::new(
                secret.try_into().map_err(|_| BadLink::Damaged)?,
            )),
        })
    }

    /// Returns the fragment, without its `#`: 68 characters.
    pub fn to_fragment(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; COMPRESSED + 16]);
        let held = self.agent.to_compressed().into_iter();
        for (place, byte) in bytes.iter_mut().zip(held.chain(*self.secret.0)) {
            *place = byte;
        }
        let mut fragment = Zeroizing::new(String::with_capacity(DIGITS + 4));
        fragment.push_str("2.");
        URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut fragment);
        fragment
    }

    /// Returns what lets its holder open a viewer's socket at the relay.
    pub fn admission_token(&self) -> AdmissionToken {
        self.secret.admission_token()
    }
}

impl LinkSecret {
    pub(super) fn new(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn psk(&self) -> Psk {
        Psk(self.expander().expand(&[b"psk"]))
    }

    pub(super) fn admission_token(&self) -> AdmissionToken {
        AdmissionToken::from_bytes(&self.expander().expand(&[b"relay admission"]))
    }

    fn expander(&self) -> Expander {
        Expander::extract(b"authloop/2", &*self.0)
    }
}

fn short_or_damaged(text: &str, length: usize) -> BadLink {
    if text.chars().count() < length {
        BadLink::Incomplete
    } else {
        BadLink::Damaged
    }
}

/// Tells whether a text is a number as one writes it: digits without a zero in front.
fn is_number(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use super::*;
    use crate::{crypto::v2::keys::KeyPair, generator::Generator, secret::Seed};

    fn link() -> Link {
        let mut generator = Generator::new(Seed::new([6; 32]));
        Link {
            agent: KeyPair::generate(&mut generator).public(),
            secret: LinkSecret::new([0xA5; 16]),
        }
    }

    fn why(fragment: &str) -> Option<BadLink> {
        Link::parse(fragment).err()
    }

    #[test]
    fn a_link_reads_back_as_it_was_written() {
        let fragment = link().to_fragment();
        assert_eq!(fragment.len(), 68);
        let read = Link::parse(&fragment).expect("a link");
        assert_eq!(*read.to_fragment(), *fragment);
    }

    #[test]
    fn a_shorter_link_is_incomplete() {
        let fragment = link().to_fragment();
        for length in 0..68 {
            assert_eq!(why(fragment.split_at(length).0), Some(BadLink::Incomplete));
        }
        assert_eq!(
            why(&format!("{}…", fragment.split_at(40).0)),
            Some(BadLink::Incomplete)
        );
        // Also where its dot is what is missing.
        let dotless = fragment.replace('.', "");
        assert_eq!(why(&dotless), Some(BadLink::Incomplete));
    }

    #[test]
    fn a_longer_link_is_damaged() {
        let fragment = link().to_fragment();
        for more in [".", "A", " ", "=", ")", "#", "é", "\n"] {
            let longer = format!("{}{more}", *fragment);
            assert_eq!(why(&longer), Some(BadLink::Damaged), "{more}");
        }
        assert_eq!(why(&"a".repeat(68)), Some(BadLink::Damaged));
    }

    #[test]
    fn a_link_with_other_characters_is_damaged() {
        let fragment = link().to_fragment();
        for place in 2..68 {
            for other in ["+", "/", "=", " ", ".", "%", "\0"] {
                let mut damaged = String::clone(&fragment);
                damaged.replace_range(place..=place, other);
                assert_eq!(why(&damaged), Some(BadLink::Damaged), "{place} {other}");
            }
        }
        assert_eq!(why("x.y"), Some(BadLink::Damaged));
    }

    #[test]
    fn a_link_whose_unused_bits_are_set_is_damaged() {
        let fragment = link().to_fragment();
        let (stem, _) = fragment.split_at(67);
        let valid = "AQgw"; // The last digit's low 4 bits are zero.
        for digit in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
            let bad = why(&format!("{stem}{digit}"));
            assert_eq!(bad.is_none(), valid.contains(digit), "{digit}");
        }
    }

    #[test]
    fn a_link_whose_point_is_off_the_curve_is_damaged() {
        let mut off = 0;
        for x in 0..16_u8 {
            let mut bytes = [0; 49];
            bytes[0] = 2;
            bytes[32] = x;
            let link = Link::parse(&format!("2.{}", URL_SAFE_NO_PAD.encode(bytes)));
            let whole = p256::PublicKey::from_sec1_bytes(&bytes[..33]).is_ok();
            assert_eq!(link.is_ok(), whole, "{x}");
            off += u8::from(!whole);
        }
        assert!(off > 0, "half of all x have no point");
        let zeros = format!("2.{}", "A".repeat(66));
        assert_eq!(why(&zeros), Some(BadLink::Damaged));
    }

    #[test]
    fn other_versions_are_told_apart() {
        let digits = "A".repeat(66);
        for (version, bad) in [
            ("1", BadLink::Version1),
            ("3", BadLink::Newer),
            ("10", BadLink::Newer),
            ("0", BadLink::Newer),
            ("02", BadLink::Damaged),
            ("+2", BadLink::Damaged),
            ("-1", BadLink::Damaged),
            ("", BadLink::Damaged),
            ("v2", BadLink::Damaged),
            ("99999999999999999999", BadLink::Newer),
        ] {
            assert_eq!(why(&format!("{version}.{digits}")), Some(bad), "{version}");
        }
        assert_eq!(why("1.abc"), Some(BadLink::Version1));
    }
}

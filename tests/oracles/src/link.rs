//! A link's fragment (§1): exactly one form is a link, and every other has its own words.

use arbitrary::{Arbitrary as _, Unstructured};
use authloop_core::crypto::v2::{BadLink, Link};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A good one, for the fuzzer to change.
const GOOD: &str = "2.AxBQHNWVV_gX579XBMOteOxFA81VQQwQwbtRCYjcclCUoRnYTMWQyWFawnwE6GLJZQ";

/// Reads the bytes as a fragment, or as changes to a good one.
pub fn check(data: &[u8]) {
    let mut script = Unstructured::new(data);
    let change = bool::arbitrary(&mut script).unwrap_or_default();
    let bytes = script.take_rest();
    let fragment = if change {
        changed(bytes)
    } else {
        bytes.to_vec()
    };
    if let Ok(fragment) = core::str::from_utf8(&fragment) {
        judge(fragment);
    }
}

/// Replaces places of the good one: pairs of place and byte.
fn changed(pairs: &[u8]) -> Vec<u8> {
    let mut fragment = GOOD.as_bytes().to_vec();
    for [place, byte] in pairs.as_chunks::<2>().0 {
        match fragment.get_mut(usize::from(*place)) {
            Some(at) => *at = *byte,
            None => fragment.push(*byte),
        }
    }
    fragment
}

fn judge(fragment: &str) {
    match Link::parse(fragment) {
        Ok(link) => {
            assert!(is_good(fragment), "a link that isn't one");
            assert_eq!(*link.to_fragment(), fragment);
            assert_eq!(link.admission_token().expose().len(), 22);
        }
        Err(bad) => {
            assert!(!is_good(fragment), "a good link was refused: {bad}");
            let version = fragment.split_once('.').map(|(version, _)| version);
            match bad {
                BadLink::Incomplete => assert!(fragment.chars().count() < 68),
                BadLink::Damaged => assert!(version.is_some() || fragment.chars().count() >= 68),
                BadLink::Version1 => assert_eq!(version, Some("1")),
                BadLink::Newer => {
                    let number = version.unwrap_or_default();
                    assert!(number.bytes().all(|byte| byte.is_ascii_digit()));
                    assert!(!["", "1", "2"].contains(&number));
                }
                BadLink::Burnt | BadLink::NotASession | _ => {
                    unreachable!("a fragment alone is never {bad:?}")
                }
            }
        }
    }
}

/// `2.`, 66 digits, 4 unused bits zero, a point of the curve.
fn is_good(fragment: &str) -> bool {
    let Some(digits) = fragment.strip_prefix("2.") else {
        return false;
    };
    if digits.len() != 66 {
        return false;
    }
    // The 4 unused bits are the last digit's low ones: A, Q, g and w are 0, 16, 32 and 48.
    let unused = digits.ends_with(['A', 'Q', 'g', 'w']);
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(digits) else {
        return false;
    };
    let point = bytes.get(..33).unwrap_or_default();
    unused && matches!(point, [2 | 3, ..]) && p256::PublicKey::from_sec1_bytes(point).is_ok()
}

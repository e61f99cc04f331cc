//! API keys: who may create sessions. Kept as hashes; a session belongs to the key that made it.

use authloop_core::{relay::TokenHash, secret::ApiKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The API keys a relay knows.
#[derive(Clone, Debug, Default)]
pub struct ApiKeys {
    hashes: Vec<TokenHash>,
}

impl ApiKeys {
    /// Takes the keys; only their hashes are kept.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a ApiKey>) -> Self {
        Self {
            hashes: keys
                .into_iter()
                .map(|key| TokenHash::of(key.expose()))
                .collect(),
        }
    }

    /// Tells whether there is no key at all: nobody could create a session.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Finds a presented key, in a time that depends on the number of keys only.
    pub(crate) fn find(&self, presented: &str) -> Option<KeyId> {
        let presented = TokenHash::of(presented);
        let mut found = None;
        for (place, hash) in self.hashes.iter().enumerate() {
            if *hash == presented {
                found = Some(KeyId(place));
            }
        }
        found
    }
}

/// Which key, by its place among the relay's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyId(usize);

/// Makes an API key of 256 random bits, `al_live_…`.
pub fn generate_api_key() -> Result<ApiKey, RandomUnavailable> {
    Ok(ApiKey::new(format!("al_live_{}", random_text::<32>()?)))
}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct RandomUnavailable;

/// Returns `N` random bytes as base64url without padding.
pub(crate) fn random_text<const N: usize>() -> Result<String, RandomUnavailable> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| RandomUnavailable)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_key_is_found_and_others_are_not() {
        let (first, second) = (ApiKey::new("one"), ApiKey::new("two"));
        let keys = ApiKeys::new([&first, &second]);
        assert_eq!(keys.find("one"), Some(KeyId(0)));
        assert_eq!(keys.find("two"), Some(KeyId(1)));
        assert_eq!(keys.find("three"), None);
        assert_eq!(keys.find(""), None);
    }

    #[test]
    fn generated_keys_differ_and_look_like_keys() {
        let (one, other) = (
            generate_api_key().expect("random bytes"),
            generate_api_key().expect("random bytes"),
        );
        assert!(one.expose().starts_with("al_live_"));
        assert_eq!(one.expose().len(), "al_live_".len() + 43);
        assert!(!one.matches(other.expose()));
    }
}

//! Secrets: typed, wiped when dropped, without `Debug` or `Display`, compared in constant time.

use alloc::string::String;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

macro_rules! secret_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Wraps a secret text.
            pub fn new(text: impl Into<String>) -> Self {
                Self(Zeroizing::new(text.into()))
            }

            /// Lends the text, for the one place that has to write it to a wire.
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// Compares with what somebody presented, in constant time for texts of equal length.
            pub fn matches(&self, presented: &str) -> bool {
                bool::from(self.0.as_bytes().ct_eq(presented.as_bytes()))
            }
        }
    };
}

secret_text! {
    /// The key that lets its holder create sessions at a relay (`al_live_…` at the hosted one).
    ApiKey
}
secret_text! {
    /// The token that admits one session's agent to its stream.
    StreamToken
}
secret_text! {
    /// The token that admits viewers to one session's stream: version 1's `#1.` fragment.
    ViewerToken
}

/// 32 random bytes from the operating system, used once, to start a machine.
///
/// Neither `Clone` nor `Debug`; wiped when dropped.
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// Wraps 32 random bytes. Equal seeds make equal machines, so a seed must never be used twice
    /// outside of tests.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Hands the bytes over.
    pub(crate) fn into_bytes(self) -> Zeroizing<[u8; 32]> {
        self.0
    }
}

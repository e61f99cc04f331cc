//! Secrets: typed, wiped when dropped, without `Debug` or `Display`, compared in constant time.

use alloc::string::String;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::generator::Generator;

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

/// The 6 digits that a viewer is asked for, where the user set that up.
#[derive(Clone)]
pub struct Pin(Zeroizing<[u8; 6]>);

impl Pin {
    /// Makes a random one.
    pub fn generate(generator: &mut Generator) -> Self {
        // The bias of the remainder is far below 2^-40.
        let mut number = u64::from_be_bytes(generator.bytes()) % 1_000_000;
        let mut digits = Zeroizing::new([b'0'; 6]);
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
        Self(digits)
    }

    /// Reads 6 ASCII digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes().try_into().ok().map(Zeroizing::new)?;
        Some(Self(digits)).filter(|pin| pin.0.iter().all(u8::is_ascii_digit))
    }

    /// Lends the digits, for the one place that tells them to the human or writes them to a wire.
    pub fn expose(&self) -> &str {
        // INVARIANT: these are ASCII digits.
        core::str::from_utf8(&*self.0).unwrap_or_default()
    }

    /// Compares with the one somebody presented, in constant time.
    pub fn matches(&self, presented: &Self) -> bool {
        self.0.ct_eq(&*presented.0).into()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_six_digits_and_nothing_else() {
        assert!(Pin::parse("000000").is_some());
        for text in ["", "12345", "1234567", "12345x", " 12345", "１２"] {
            assert!(Pin::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn equal_pins_match_and_only_those() {
        let pin = |text| Pin::parse(text).expect("6 digits");
        assert!(pin("012345").matches(&pin("012345")));
        for other in ["112345", "012346", "102345"] {
            assert!(!pin("012345").matches(&pin(other)));
        }
    }

    #[test]
    fn made_pins_read_back_and_use_every_digit_everywhere() {
        let mut generator = Generator::new(Seed::new([9; 32]));
        let mut seen = [[false; 10]; 6];
        for _ in 0..500 {
            let pin = Pin::generate(&mut generator);
            assert!(Pin::parse(pin.expose()).is_some_and(|read| read.matches(&pin)));
            for (place, digit) in pin.expose().bytes().enumerate() {
                seen[place][usize::from(digit - b'0')] = true;
            }
        }
        assert_eq!(seen, [[true; 10]; 6]);
    }
}

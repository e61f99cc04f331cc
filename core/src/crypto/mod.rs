//! What protects input on its way from the viewer to the agent.
//!
//! The channels decide which bytes are a viewer's; [`Opened`] carries that decision in the type, so
//! that nothing else can ever reach the input mapper. What they open is never logged.

mod aead;
pub mod v1;
pub mod v2;

/// Something that was decrypted and verified, or was made of it.
///
/// INVARIANT: only this module tree makes one from scratch. No `Debug`: it holds what a human typed.
pub struct Opened<T>(T);

impl<T> Opened<T> {
    /// Lends the value.
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// Hands the value over, and with it the proof.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Derives another opened value.
    pub fn map<U>(self, derive: impl FnOnce(T) -> U) -> Opened<U> {
        Opened(derive(self.0))
    }

    /// Derives another opened value, or fails.
    ///
    /// # Errors
    /// What `derive` returns.
    pub fn try_map<U, E>(self, derive: impl FnOnce(T) -> Result<U, E>) -> Result<Opened<U>, E> {
        derive(self.0).map(Opened)
    }
}

#[cfg(test)]
impl<T> Opened<T> {
    /// Stands for a decryption in unit tests of this crate.
    pub(crate) const fn for_test(value: T) -> Self {
        Self(value)
    }
}

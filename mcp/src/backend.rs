//! What the tools need of a hand-off, and nothing more.
//!
//! [`crate::live::Live`] is the real thing; tests put a scripted one in its place.

use std::{io::ErrorKind, path::PathBuf, sync::Arc};

use authloop_core::{
    agent::{event::Status, io::Request},
    api::Context,
    secret::Pin,
};
use futures::future::BoxFuture;

use crate::settings::{Place, Protocol};

/// Starts hand-offs.
pub trait Backend: Send + Sync + 'static {
    /// Starts one. It runs by itself from here on.
    fn start(&self, order: Order) -> BoxFuture<'_, Result<Started, StartError>>;

    /// Lets go of what the hand-offs shared, after they have ended.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// A running hand-off.
pub trait HandOff: Send + Sync + 'static {
    /// Returns the first status that differs from `since`.
    fn changed(&self, since: Status) -> BoxFuture<'_, Status>;

    /// Asks it for something. Once it has ended, nothing happens.
    fn request(&self, request: Request);

    /// Waits until nothing of it runs any more: it has ended, and every socket is closed.
    fn finished(&self) -> BoxFuture<'_, ()>;
}

/// What to hand over, checked.
///
/// No `Debug`: the browser's address can hold a provider's token.
pub struct Order {
    /// Where the session is to live.
    pub place: Place,
    /// The browser's address.
    pub cdp_url: String,
    /// One line for humans.
    pub service: String,
    /// Where the AI agent stands; its `url` chooses the page.
    pub context: Option<Context>,
    /// Seconds the session may last.
    pub ttl: u64,
    /// How the session is encrypted.
    pub protocol: Protocol,
    /// What the human is asked for besides the link, in version 2.
    pub pin: Option<Pin>,
    /// Where it is written down for a bug report. Of several hand-offs, the later ones have a number behind
    /// the name.
    pub trace: Option<PathBuf>,
}

/// A hand-off that was started.
pub struct Started {
    /// The hand-off.
    pub hand_off: Arc<dyn HandOff>,
    /// Who can open its link.
    pub reach: Reach,
}

/// Who can open a session's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only a browser on this computer.
    ThisComputer,
    /// Any device that reaches the relay.
    AnyDevice,
}

/// Why a hand-off could not even be started. Safe to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The embedded relay can't listen.
    #[error("the relay inside this process can't listen on the address of AUTHLOOP_LISTEN ({0})")]
    Listen(ErrorKind),
    /// The embedded relay's public address can't be used.
    #[error("the relay inside this process can't use the address of AUTHLOOP_PUBLIC_URL")]
    PublicUrl,
    /// The embedded relay's certificate or key can't be used.
    #[error(
        "the relay inside this process can't use the certificate and key of AUTHLOOP_TLS; \
         expected self-signed, or two PEM files that belong together"
    )]
    Tls,
    /// The file for the trace can't be made.
    #[error(
        "the file of AUTHLOOP_TRACE can't be made ({0}); expected a path where no file is, in a \
         folder that can be written"
    )]
    Trace(ErrorKind),
    /// The embedded relay doesn't start for another reason.
    #[error("the relay inside this process does not start")]
    Relay,
}

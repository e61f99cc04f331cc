//! What an agent is started with.

use alloc::string::String;
use core::num::NonZeroU32;

use crate::{
    api::Context,
    secret::{ApiKey, Pin},
};

/// What an agent is started with.
///
/// No `Debug`: the browser's address can hold a provider's token.
pub struct Config {
    /// The browser's address: `ws://`, `wss://`, `http://`, `https://`, or `host:port`.
    pub cdp_url: String,
    /// The relay's REST base URL, such as `https://api.authloop.ai`.
    pub relay_url: String,
    /// The relay's key.
    pub api_key: ApiKey,
    /// One line for humans.
    pub service: String,
    /// Where the AI agent stands, for the human; its `url` chooses the page.
    pub context: Option<Context>,
    /// Seconds the session may last; the relay's default if absent.
    pub ttl: Option<u64>,
    /// Most frames a second, for relays that queue what they can't forward.
    pub max_frame_rate: Option<NonZeroU32>,
    /// How the session is encrypted. Decided here, before anybody is asked; nothing that is received
    /// changes it.
    pub encryption: Encryption,
}

/// How a session is encrypted.
pub enum Encryption {
    /// Protocol version 1: input is sealed for the viewer that the relay names, pictures are not. For
    /// the hosted service and existing viewers.
    V1,
    /// Protocol version 2: end to end, against the relay too.
    V2(EndToEnd),
}

/// What a session of protocol version 2 needs.
pub struct EndToEnd {
    /// The viewer page's base URL, such as `https://relay.example`: the link is `<this>/s/<id>#2.…`. The
    /// relay's own unless the page is served from elsewhere.
    pub viewer_url: String,
    /// What the human is asked for besides the link, told them another way.
    pub pin: Option<Pin>,
}

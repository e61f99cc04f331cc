//! What an agent is started with.

use alloc::string::String;
use core::num::NonZeroU32;

use crate::{api::Context, secret::ApiKey};

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
}

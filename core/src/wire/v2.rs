//! The stream's messages in protocol version 2 (§4, §5 and §7 of its description).
//!
//! These modules say what records and their plaintexts look like and refuse everything else. They
//! hold no key and decide nothing about who may say what when.

mod body;
mod caps;
mod frame;
mod header;
mod hello;
mod json;
mod notice;

pub use body::{Ack, Close, CloseReason, Control, pad_input, padded_input, unpad_input};
pub use caps::{Cap, Caps};
pub use frame::{Frame, FrameMeta};
pub use header::{Direction, HEADER, Header, Kind, MAX_HELLO, TAG, VERSION};
pub use hello::{Hello1, Hello2, MAX_HELLO_PAYLOAD, RefusalReason};
pub use json::Malformed;
pub use notice::{AgentToRelay, CloseCode, RelayToAgent, RelayToViewer, UnknownCloseCode};

pub(crate) use frame::CTL_NEXT;

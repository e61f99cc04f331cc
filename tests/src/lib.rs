//! What the end-to-end tests are made of, so that a test reads like the story it tells.
//!
//! | module | plays |
//! | --- | --- |
//! | [`browser`], [`cdp`] | the AI agent's Chromium, and somebody else who is connected to it |
//! | [`human`] | the human with a browser of their own, at the real viewer page |
//! | [`lab`] | the web site in it, whose pages tell what happened to them |
//! | [`wait`], [`http`] | small tools |

#![forbid(unsafe_code)]

pub mod browser;
pub mod cdp;
pub mod http;
pub mod human;
pub mod lab;
pub mod wait;

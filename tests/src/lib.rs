//! What the end-to-end tests are made of, so that a test reads like the story it tells.
//!
//! | module | plays |
//! | --- | --- |
//! | [`mod@bench`] | `make bench`: what a hand-off costs |
//! | [`browser`], [`cdp`] | the AI agent's Chromium, and somebody else who is connected to it |
//! | [`described`] | what the browser's makers say that it says and understands |
//! | [`fake_cdp`], [`fake_relay`] | what may answer at an address instead of a browser or a relay |
//! | [`gallery`] | every kind of wall, and how a human passes it |
//! | [`hand_off`], [`viewer`] | a hand-off inside the test, and a viewer of somebody else's making |
//! | [`helped_viewer`] | a viewer in Rust that is helped with the page's fields |
//! | [`human`] | the human with a browser of their own, at the real viewer page |
//! | [`mallory`], [`betrayal`] | a relay that has turned against its users, and how its stories go |
//! | [`lab`] | the web site in it, whose pages tell what happened to them |
//! | [`loopback`], [`runtimes`] | the driver alone over real sockets, on each runtime |
//! | [`mcp_client`] | the AI agent's client of the real `authloop-mcp` |
//! | [`program`], [`relay_program`] | a program of ours, at its terminal; the real `authloop-relay` |
//! | [`proxy`], [`tls_client`] | a slow link, one that listens, and one that adds TLS |
//! | [`tap`], [`relay_view`] | what the relay gets of a human's doings, taken off the wire |
//! | [`replay`] | a trace played back: the agent of then, and everybody it heard |
//! | [`scene`] | how most stories begin |
//! | [`secrets`] | what must never stand in a log |
//! | [`simulator`] | a hand-off of version 2 in virtual time, with a relay that does its worst |
//! | [`stranger`] | somebody who knows what a relay knows, and no more |
//! | [`story`] | the whole hand-off, from the login to the agent going on |
//! | [`wait`], [`http`] | small tools |

#![forbid(unsafe_code)]

pub mod bench;
pub mod betrayal;
pub mod browser;
pub mod cdp;
pub mod described;
pub mod fake_cdp;
pub mod fake_relay;
pub mod gallery;
pub mod hand_off;
pub mod helped_viewer;
pub mod http;
pub mod human;
pub mod lab;
pub mod loopback;
pub mod mallory;
pub mod mcp_client;
pub mod program;
pub mod proxy;
pub mod relay_program;
pub mod relay_view;
pub mod replay;
pub mod runtimes;
pub mod scene;
pub mod secrets;
pub mod simulator;
pub mod story;
pub mod stranger;
pub mod tap;
pub mod tls_client;
pub mod viewer;
pub mod wait;

//! A started relay, asked over real HTTP and real WebSockets.

mod http;
mod page;
mod program;
mod rest;
mod sealed;
mod sealed_slow;
mod slow;
mod socket;
mod streams;
mod tls;
mod world;

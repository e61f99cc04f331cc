//! The driver as its machine and its peers see it.

mod dialling;
mod ending;
mod http;
mod interleavings;
mod keeping_alive;
mod timing;
mod websocket;

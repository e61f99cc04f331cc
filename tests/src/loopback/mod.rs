//! The driver alone over real sockets: a scripted machine on one end, a foreign server on the other.

mod script;
mod server;

pub use self::{
    script::{Hearing, Script, connect, get},
    server::{Identity, accept, listen},
};

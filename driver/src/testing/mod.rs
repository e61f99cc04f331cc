//! A world without a runtime: hand-stepped time, in-memory connections, a scripted machine.

mod duplex;
mod script;
mod world;

pub(crate) use self::{
    duplex::{End, duplex},
    script::{Script, Seen},
    world::{Answers, World},
};

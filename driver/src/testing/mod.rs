//! A world without a runtime: hand-stepped time, in-memory connections, a scripted machine.

mod crowd;
mod duplex;
mod script;
mod stage;
mod world;

pub(crate) use self::{
    crowd::Crowd,
    duplex::{End, Mood, duplex},
    script::{Answer, Script, Seen},
    stage::{
        CONNECT_LIMIT, MAX_BODY, MAX_MESSAGE, Stage, connect, connect_as, peers, post, read_head,
        text,
    },
    world::{Answers, World},
};

//! The relay's room, the viewers and the input dispatcher.

use authloop_oracles::scenario::{dispatcher, relay, viewer};

use crate::runner;

#[test]
fn the_dispatcher_does_each_thing_once_in_its_turn() {
    runner::hold::<dispatcher::World>(|()| {});
}

#[test]
fn a_plain_room_sends_everyone_what_is_theirs() {
    runner::hold::<relay::World>(|start| start.sealed = false);
}

#[test]
fn a_sealed_room_sends_everyone_what_is_theirs() {
    runner::hold::<relay::World>(|start| start.sealed = true);
}

#[test]
fn a_plain_viewer_shows_and_sends_what_it_should() {
    runner::hold::<viewer::plain::World>(|_| {});
}

#[test]
fn a_sealed_viewer_shows_and_sends_what_it_should() {
    runner::hold::<viewer::sealed::World>(|_| {});
}

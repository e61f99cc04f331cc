//! That there is something to watch: stories in which all of it happens.

use authloop_core::agent::event::Outcome;

use super::{
    Deed, End, Step,
    world::{WORDS, World},
};

fn does(world: &mut World, deed: Deed) {
    world.does(false, &deed);
    world.settle();
}

/// The other tests prove nothing if nothing happens in their stories.
#[test]
fn with_an_honest_relay_all_that_is_done_and_painted_arrives() {
    let mut world = World::new(true);
    does(&mut world, Deed::Start);
    does(&mut world, Deed::Pin { right: true });
    for _ in 0..3 {
        world.take(Step::Paint);
        world.settle();
        world.pass(500, true);
        does(&mut world, Deed::Click);
        does(&mut world, Deed::Type);
        does(&mut world, Deed::Paste);
        world.pass(500, true);
    }
    let first = world.screens[0].as_ref().expect("started");
    assert_eq!(first.newest(), 3);
    assert_eq!(world.truth.done(), [3, 3, 3]);
    does(&mut world, Deed::Resolve);
    world.pass(1_000, true);
    assert_eq!(world.outcome, Some(Outcome::Resolved));
    world.end();
}

#[test]
fn a_relay_that_says_so_resolves_nothing() {
    let mut world = World::new(false);
    does(&mut world, Deed::Start);
    world.take(Step::Lie(1));
    for word in WORDS {
        world.say(End::First, word);
    }
    for word in WORDS {
        world.say(End::Agent, word);
    }
    world.end();
    assert_ne!(world.outcome, Some(Outcome::Resolved));
}

#[test]
fn a_challenger_who_is_let_in_sees_and_clicks() {
    let mut world = World::new(false);
    does(&mut world, Deed::Start);
    world.does(true, &Deed::Start);
    world.pass(4_000, true);
    does(&mut world, Deed::Answer { hand_over: true });
    world.pass(4_000, true);
    world.take(Step::Paint);
    world.settle();
    world.pass(500, true);
    world.does(true, &Deed::Click);
    world.settle();
    let second = world.screens[1].as_ref().expect("started");
    assert_eq!((second.newest(), world.truth.clicked()), (1, [0, 1]));
    world.end();
}

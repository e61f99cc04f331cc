//! What one step of each machine costs: one input, and all it makes the machine say.
//!
//! In processor time of this thread, so that what else the computer does costs nothing. Agreeing on keys and
//! pictures may take longer, and so may the most awkward of the longest texts; they are measured like
//! everything else, without a target.

mod party;
mod took;
mod world;

use authloop_core::input::{
    InputEvent,
    event::{Button, Composition, Key, MAX_PASTE_UNITS, Modifiers, Point},
};

use self::{took::Took, world::World};
use super::figure::Table;
use crate::story::Version;

/// How many hand-offs there are of each version, one after the other.
const HAND_OFFS: u8 = 12;

/// How often a human does each thing in a hand-off.
const ROUNDS: u32 = 60;

/// What lies between two things that a human does, in milliseconds. The agent spaces faster ones.
const PAUSE: u64 = 150;

/// How long a connection that was lost may take to come back, in milliseconds.
const COMES_BACK: u64 = 3_000;

/// Measures every kind of step.
pub fn measure(table: &mut Table) {
    for version in [Version::V1, Version::V2] {
        let mut took = Took::default();
        for seed in 1..=HAND_OFFS {
            took = hand_off(World::open(version, seed, took));
        }
        let name = match version {
            Version::V1 => "v1",
            Version::V2 => "v2",
        };
        took.report(name, table);
    }
}

fn hand_off(mut world: World) -> Took {
    world.pass(COMES_BACK);
    assert!(world.sees_the_page(), "a human is there");
    for round in 1..=ROUNDS {
        for event in events(round) {
            world.does(event);
            world.pass(PAUSE);
        }
        world.paints();
        world.pass(PAUSE);
        if round % 10 == 0 {
            world.navigates();
            world.loses_the_human();
            world.pass(COMES_BACK);
        }
    }
    let before = world.reached_the_page();
    world.does(click(1));
    world.pass(PAUSE);
    assert_eq!(
        world.reached_the_page(),
        before + 1,
        "all of it was acted on"
    );
    world.does(InputEvent::Resolved);
    world.pass(COMES_BACK);
    assert!(world.is_over(), "the human is done");
    world.into_took()
}

/// Everything a human does.
fn events(round: u32) -> [InputEvent; 12] {
    let key = |key: &str, code: &str| Key::new(key, code);
    [
        click(round),
        InputEvent::KeyDown(key("a", "KeyA")),
        InputEvent::KeyUp(key("a", "KeyA")),
        InputEvent::KeyDown(key("Enter", "Enter")),
        InputEvent::Scroll {
            at: place(round),
            delta_x: 0.0,
            delta_y: 120.0,
            modifiers: Modifiers::default(),
        },
        InputEvent::Paste("123456".into()),
        InputEvent::Paste("a".repeat(MAX_PASTE_UNITS)),
        // Long in bytes too, and every other character has to be escaped.
        InputEvent::Paste("\u{4e00}\n".repeat(MAX_PASTE_UNITS / 2)),
        InputEvent::Back,
        InputEvent::MouseMove {
            at: place(round),
            modifiers: Modifiers::default(),
        },
        InputEvent::Compose(Composition {
            text: "\u{4f60}".repeat(1_000),
            start: 0,
            end: 1_000,
        }),
        InputEvent::Commit("\u{4f60}".into()),
    ]
}

fn click(round: u32) -> InputEvent {
    InputEvent::Click {
        at: place(round),
        button: Button::Left,
        click_count: None,
    }
}

/// Another place each time, or it would be a double click.
fn place(round: u32) -> Point {
    Point {
        x: f64::from(round * 20),
        y: 300.0,
    }
}

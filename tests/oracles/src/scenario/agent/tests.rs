//! That there is something to watch: stories in which all of it happens.

use authloop_core::agent::event::Outcome;

use super::{Act, Page, Stage, Start, Step, Version, World};
use crate::scenario::{Scenario, twin::Company};

fn start(version: Version, stage: Stage) -> Start {
    Start {
        version,
        stage,
        company: Company::Late(7),
        pin: true,
        listed: false,
        paced: false,
    }
}

fn acts(world: &mut World, act: Act) {
    world.take(&Step::Acts { which: 255, act });
    world.check();
}

/// The other tests prove nothing if nothing happens in their stories.
#[test]
fn with_honest_peers_all_that_is_done_arrives_in_either_version() {
    for version in [Version::V1, Version::V2] {
        let mut world = World::begin(&start(version, Stage::Live));
        for _ in 0..3 {
            world.take(&Step::Page(Page::Paint));
            acts(&mut world, Act::Click { double: true });
            acts(&mut world, Act::Type);
            acts(&mut world, Act::Paste);
            world.pass(1_000);
        }
        assert_eq!(world.model.truth.done(), [3, 3, 3], "{version:?}");
        if version == Version::V2 {
            assert_eq!(world.viewers[0].newest(), 4);
        }
        acts(&mut world, Act::Finish(0));
        world.settle();
        assert_eq!(world.model.outcome, Some(Outcome::Resolved));
        world.end();
    }
}

#[test]
fn every_stage_is_reached_in_either_version() {
    for version in [Version::V1, Version::V2] {
        for listed in [false, true] {
            for stage in [
                Stage::Fresh,
                Stage::Attached,
                Stage::Created,
                Stage::Waiting,
                Stage::Live,
            ] {
                let mut world = World::begin(&Start {
                    listed,
                    ..start(version, stage)
                });
                assert_eq!(stage_of(&mut world), stage, "{version:?}, listed: {listed}");
                world.end();
            }
        }
    }
}

fn stage_of(world: &mut World) -> Stage {
    use super::world::Line;
    match (world.browser, world.stream) {
        (Line::Up, Line::Down) => Stage::Attached,
        (Line::Up, Line::Wanted) => Stage::Created,
        (Line::Up, Line::Up) if world.model.was_attended => Stage::Live,
        (Line::Up, Line::Up) => Stage::Waiting,
        _ => Stage::Fresh,
    }
}

//! That there is something to watch: stories in which all of it happens.

use authloop_core::agent::event::Outcome;

use super::{Act, Deed, Disk, Page, Question, Stage, Start, Step, Version, World};
use crate::scenario::{Scenario, twin::Company};

fn start(version: Version, stage: Stage) -> Start {
    Start {
        version,
        stage,
        company: Company::Late(7),
        pin: true,
        listed: false,
        paced: false,
        fields: true,
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

fn asks(world: &mut World, page: u8, what: Question) {
    world.take(&Step::Page(Page::Asks { page, what }));
    world.pass(1_000);
    world.check();
}

fn answers(world: &mut World, yes: bool, texts: bool) {
    let which = 0;
    acts(world, Act::Answer { which, yes, texts });
    world.pass(1_000);
}

#[test]
fn what_pages_ask_is_shown_and_answered_by_whom_it_was_asked() {
    let mut world = World::begin(&start(Version::V2, Stage::Live));
    world.pass(1_000);
    for kind in [1, 2] {
        asks(&mut world, 0, Question::Dialog(kind));
        assert_eq!(world.viewers[0].screen.sheets.len(), 1);
        answers(&mut world, true, true);
        assert!(world.viewers[0].screen.sheets.is_empty());
    }
    asks(&mut world, 0, Question::Auth { proxy: false });
    answers(&mut world, true, true);
    assert_eq!(world.model.asks.done(), [2, 1, 0]);
    asks(&mut world, 0, Question::Request);
    assert_eq!(world.model.asks.done(), [2, 1, 1]);
    world.end();
}

#[test]
fn in_version_1_dialogs_are_answered_at_once_and_nothing_is_held() {
    let mut world = World::begin(&start(Version::V1, Stage::Live));
    for kind in 0..4 {
        asks(&mut world, 0, Question::Dialog(kind));
    }
    asks(&mut world, 0, Question::Request);
    assert_eq!(world.model.asks.done(), [4, 0, 0]);
    world.end();
}

#[test]
fn a_pop_up_is_shown_and_equipped_and_the_page_behind_it_on_demand() {
    let mut world = World::begin(&start(Version::V2, Stage::Live));
    world.take(&Step::Page(Page::PopUp { opener: 1 }));
    world.pass(1_000);
    assert_eq!(world.viewers[0].screen.tabs.len(), 2);
    assert_eq!(world.chromium.sessions, ["S", "S101"]);
    assert_eq!(world.chromium.cast(), Some("S101"));
    asks(&mut world, 1, Question::Request);
    acts(&mut world, Act::Tab(0));
    world.pass(1_000);
    assert_eq!(world.chromium.cast(), Some("S"));
    world.take(&Step::Page(Page::PopUp { opener: 0 }));
    world.pass(1_000);
    assert_eq!(world.viewers[0].screen.tabs.len(), 2, "a stranger's pop-up");
    world.take(&Step::Page(Page::Closes(0)));
    world.pass(1_000);
    assert_eq!(world.viewers[0].screen.tabs.len(), 1);
    world.end();
}

/// Lets a viewer pick files for what a page opened, or drop them.
fn picks(world: &mut World, many: bool, files: u8, elsewhere: bool) {
    world.take(&Step::Disk(Disk::Elsewhere(elsewhere)));
    world.take(&Step::Page(Page::Chooser { page: 0, many }));
    world.pass(1_000);
    acts(world, Act::Pick { which: 0, files });
    world.pass(1_000);
    world.check();
    assert!(world.viewers[0].screen.choosers.is_empty());
}

#[test]
fn files_reach_the_page_that_wanted_them_whoever_owns_the_disk() {
    let mut world = World::begin(&start(Version::V2, Stage::Live));
    world.pass(1_000);
    for (number, elsewhere) in (0..24).zip([false, true].into_iter().cycle()) {
        // Every fourth is a folder, which takes many.
        let given = world.files.given;
        picks(&mut world, number % 3 != 0, number, elsewhere);
        let files = 1 + usize::from(number % 3);
        assert_eq!(world.files.given - given, files, "{number}");
    }
    world.end();
}

#[test]
fn files_that_are_dropped_reach_the_page_that_shares_the_disk() {
    let mut world = World::begin(&start(Version::V2, Stage::Live));
    world.pass(1_000);
    acts(&mut world, Act::Drop { files: 2 });
    world.pass(1_000);
    assert_eq!(
        world.files.given, 9,
        "three: they enter, are over it, are dropped"
    );
    world.end();
}

#[test]
fn what_was_picked_goes_on_when_its_viewer_comes_back() {
    let mut world = World::begin(&start(Version::V2, Stage::Live));
    world.pass(1_000);
    world.take(&Step::Page(Page::Chooser {
        page: 0,
        many: true,
    }));
    world.pass(1_000);
    world.take(&Step::Disk(Disk::Slow(true)));
    acts(&mut world, Act::Pick { which: 0, files: 2 });
    world.take(&Step::Disk(Disk::Next));
    world.does(false, &Deed::Disconnect);
    world.settle();
    world.pass(1_000);
    assert_eq!(world.files.given, 3);
    world.end();
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let mut world = World::begin(&start(Version::V2, Stage::Live));
    world.pass(1_000);
    world.take(&Step::Page(Page::Chooser {
        page: 0,
        many: true,
    }));
    world.pass(1_000);
    world.take(&Step::Disk(Disk::Slow(true)));
    acts(&mut world, Act::Pick { which: 0, files: 2 });
    world.take(&Step::Disk(Disk::Full));
    world.settle();
    assert!(world.viewers[0].screen.picking.is_none());
    assert_eq!(world.files.given, 0);
    world.end();
}

#[test]
fn fields_are_told_and_frames_within_are_looked_into() {
    let mut world = World::begin(&start(Version::V2, Stage::Live));
    world.pass(1_000);
    let reports = |world: &mut World, what| {
        let text = "one-time-code".into();
        let which = 0;
        world.take(&Step::Page(Page::Reports { which, what, text }));
        world.pass(1_000);
        world.check();
    };
    assert_eq!(world.scripts.awaited(), 1);
    reports(&mut world, 1);
    reports(&mut world, 2);
    assert_eq!(world.viewers[0].screen.pickers.len(), 1);
    reports(&mut world, 3);
    assert!(world.viewers[0].screen.pickers.is_empty());
    reports(&mut world, 4);
    assert_eq!(world.scripts.awaited(), 2, "the page, and the frame within");
    reports(&mut world, 7);
    world.settle();
    assert!(
        world.scripts.awaited() > 0,
        "what makes no sense is asked anew"
    );
    world.end();
}

#[test]
fn errands_end_whatever_the_script_says_and_pastes_arrive_once() {
    for manner in 0..8 {
        let mut world = World::begin(&start(Version::V2, Stage::Live));
        world.take(&Step::Page(Page::Manner(manner)));
        let text = String::new();
        let (which, what) = (0, 2);
        world.take(&Step::Page(Page::Reports { which, what, text }));
        for what in 0..5 {
            acts(&mut world, Act::Errand { what, which });
        }
        acts(&mut world, Act::Paste);
        acts(&mut world, Act::Type);
        world.pass(60_000);
        world.check();
        world.take(&Step::Page(Page::Paint));
        world.pass(1_000);
        acts(&mut world, Act::Click { double: false });
        world.pass(1_000);
        let [clicks, keys, _] = world.model.truth.done();
        assert_eq!(clicks, 1, "{manner}");
        assert!(keys > 0, "{manner}");
        acts(&mut world, Act::Finish(0));
        world.settle();
        assert_eq!(world.model.outcome, Some(Outcome::Resolved));
        world.end();
    }
}

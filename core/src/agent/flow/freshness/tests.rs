//! The rules for late and misdirected input, one by one.

use alloc::string::String;

use proptest::prelude::*;

use super::*;
use crate::{
    agent::flow::document::Documents,
    input::event::{Button, Composition, Finger, Key, Modifiers, Point},
};

const AT: Point = Point { x: 1.0, y: 1.0 };

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn click() -> InputEvent {
    InputEvent::Click {
        at: AT,
        button: Button::Left,
        click_count: Some(1),
    }
}

fn second_click() -> InputEvent {
    InputEvent::Click {
        at: AT,
        button: Button::Left,
        click_count: Some(2),
    }
}

fn scroll() -> InputEvent {
    InputEvent::Scroll {
        at: AT,
        delta_x: 0.0,
        delta_y: 1.0,
        modifiers: Modifiers::default(),
    }
}

fn down(key: &str) -> InputEvent {
    InputEvent::KeyDown(Key::new(key, ""))
}

fn up(key: &str) -> InputEvent {
    InputEvent::KeyUp(Key::new(key, ""))
}

fn press(button: Button) -> InputEvent {
    InputEvent::MouseDown {
        at: AT,
        button,
        click_count: Some(1),
        modifiers: Modifiers::default(),
    }
}

fn release(button: Button) -> InputEvent {
    InputEvent::MouseUp {
        at: AT,
        button,
        modifiers: Modifiers::default(),
    }
}

fn motion() -> InputEvent {
    InputEvent::MouseMove {
        at: AT,
        modifiers: Modifiers::default(),
    }
}

fn touch(fingers: u8) -> InputEvent {
    InputEvent::Touch((0..fingers).map(|id| Finger { id, at: AT }).collect())
}

fn compose(text: &str) -> InputEvent {
    InputEvent::Compose(Composition {
        text: String::from(text),
        start: 0,
        end: 0,
    })
}

fn commit() -> InputEvent {
    InputEvent::Commit(String::from("text"))
}

fn pointers() -> [InputEvent; 6] {
    [
        click(),
        InputEvent::DoubleClick { at: AT },
        scroll(),
        motion(),
        press(Button::Left),
        touch(1),
    ]
}

fn others() -> [InputEvent; 8] {
    [
        compose("text"),
        commit(),
        InputEvent::KeyPress(Key::new("a", "")),
        down("b"),
        InputEvent::Paste(String::from("text")),
        InputEvent::Back,
        InputEvent::Forward,
        InputEvent::Reload,
    ]
}

/// A judge beside the page whose frames it judges by.
struct Scene {
    judge: Judge,
    documents: Documents,
    rtt: Duration,
    sealed: u64,
}

impl Scene {
    /// Frame 0 came from Chromium and was sealed at 0.
    fn new() -> Self {
        let mut scene = Self {
            judge: Judge::new(),
            documents: Documents::new(),
            rtt: Duration::ZERO,
            sealed: 0,
        };
        scene.documents.on_shown(1);
        scene.documents.on_document(at(0), 1, "L0");
        scene.frame(0);
        scene.seal();
        scene
    }

    fn frame(&mut self, now: u64) {
        let document = self.documents.on_frame(at(now));
        self.judge.on_frame(at(now), document);
    }

    fn seal(&mut self) {
        self.judge.on_sealed(self.sealed);
        self.sealed += 1;
    }

    fn judge(
        &mut self,
        now: u64,
        seen: Option<u64>,
        made: Option<u32>,
        event: InputEvent,
    ) -> Verdict {
        let stamped = Stamped {
            event,
            seen,
            at: made,
        };
        let shown = self.documents.shown();
        self.judge.judge(at(now), self.rtt, shown, &stamped)
    }
}

const STALE: Verdict = Verdict::Drop(Why::Stale);
const NAVIGATED: Verdict = Verdict::Drop(Why::Navigated);

#[test]
fn a_pointer_event_older_than_3_seconds_is_dropped() {
    for event in pointers() {
        let mut scene = Scene::new();
        let young = scene.judge(3_000, Some(0), Some(0), event.clone());
        assert_eq!(young, Verdict::Take);
        let mut scene = Scene::new();
        assert_eq!(scene.judge(3_001, Some(0), Some(0), event), STALE);
    }
}

#[test]
fn a_long_way_gives_pointer_events_more_time_and_never_more_than_8_seconds() {
    for (rtt, most) in [
        (0, 3_000),
        (500, 3_000),
        (800, 3_600),
        (3_000, 8_000),
        (60_000, 8_000),
    ] {
        let mut scene = Scene::new();
        scene.rtt = Duration::from_millis(rtt);
        let young = scene.judge(most, Some(0), Some(0), scroll());
        assert_eq!(young, Verdict::Take, "{rtt}");
        assert_eq!(scene.judge(most + 1, Some(0), Some(0), scroll()), STALE);
    }
}

#[test]
fn other_events_older_than_10_seconds_are_dropped() {
    for event in others() {
        let mut scene = Scene::new();
        scene.rtt = Duration::from_secs(60);
        let young = scene.judge(10_000, Some(0), Some(0), event.clone());
        assert_eq!(young, Verdict::Take);
        let mut scene = Scene::new();
        assert_eq!(scene.judge(10_001, None, Some(0), event), STALE);
    }
}

#[test]
fn resolved_and_cancelled_are_never_dropped() {
    for event in [InputEvent::Resolved, InputEvent::Cancelled] {
        let mut scene = Scene::new();
        let verdict = scene.judge(600_000, None, None, event.clone());
        assert_eq!(verdict, Verdict::Take);
        let verdict = scene.judge(600_000, Some(9), Some(0), event);
        assert_eq!(verdict, Verdict::Take);
    }
}

#[test]
fn without_at_an_event_counts_as_too_old() {
    for event in pointers().into_iter().chain(others()) {
        assert_eq!(Scene::new().judge(0, Some(0), None, event), STALE);
    }
}

#[test]
fn a_viewer_s_clock_that_runs_ahead_makes_an_event_young_and_no_younger() {
    let mut scene = Scene::new();
    let verdict = scene.judge(1_000, Some(0), Some(5_000), click());
    assert_eq!(verdict, Verdict::Take);
}

#[test]
fn an_event_is_as_old_as_the_picture_it_was_made_on() {
    let mut scene = Scene::new();
    // The next picture came at 1 s, and is never sealed.
    scene.frame(1_000);
    scene.frame(3_900);
    assert_eq!(
        scene.judge(4_000, Some(0), Some(4_000), click()),
        Verdict::Take
    );
    assert_eq!(scene.judge(4_001, Some(0), Some(4_001), click()), STALE);
    let key = scene.judge(11_000, Some(0), Some(11_000), down("a"));
    assert_eq!(key, Verdict::Take);
    let key = scene.judge(11_001, Some(0), Some(11_001), down("b"));
    assert_eq!(key, STALE);
    scene.seal();
    // The picture it sees now is the newest, however long ago it came.
    let verdict = scene.judge(600_000, Some(1), Some(600_000), click());
    assert_eq!(verdict, Verdict::Take);
}

#[test]
fn a_picture_sealed_again_is_as_fresh_as_it_was() {
    let mut scene = Scene::new();
    scene.seal();
    assert_eq!(
        scene.judge(100_000, Some(1), Some(100_000), click()),
        Verdict::Take
    );
    assert_eq!(
        scene.judge(100_000, Some(0), Some(100_000), click()),
        Verdict::Take
    );
}

#[test]
fn a_pointer_event_of_another_document_is_always_dropped() {
    for event in pointers() {
        let mut scene = Scene::new();
        scene.documents.on_document(at(10), 1, "L1");
        assert_eq!(scene.judge(11, Some(0), Some(11), event.clone()), NAVIGATED);
        // Also when it is old besides.
        assert_eq!(
            scene.judge(9_000, Some(0), Some(0), event.clone()),
            NAVIGATED
        );
        scene.frame(200);
        scene.seal();
        let _ = scene.judge(9_000, None, None, InputEvent::ReleaseAll);
        assert_eq!(
            scene.judge(9_000, Some(1), Some(9_000), event),
            Verdict::Take
        );
    }
}

#[test]
fn a_delayed_click_across_a_navigation_is_dropped() {
    let mut scene = Scene::new();
    // Chromium commits the next page, and a picture of the old one was still on its way.
    scene.documents.on_document(at(1_000), 1, "L1");
    scene.frame(1_020);
    scene.seal();
    assert_eq!(scene.judge(1_200, Some(0), Some(1_190), click()), NAVIGATED);
    assert_eq!(scene.judge(1_200, Some(1), Some(1_190), click()), NAVIGATED);
    scene.frame(1_250);
    scene.seal();
    assert_eq!(
        scene.judge(1_300, Some(2), Some(1_290), click()),
        Verdict::Take
    );
}

#[test]
fn another_page_s_picture_is_no_picture_of_this_one() {
    let mut scene = Scene::new();
    scene.documents.on_shown(2);
    assert_eq!(scene.judge(10, Some(0), Some(10), click()), NAVIGATED);
    scene.frame(20);
    scene.seal();
    assert_eq!(scene.judge(30, Some(1), Some(30), click()), Verdict::Take);
    scene.documents.on_shown(1);
    assert_eq!(scene.judge(40, Some(1), Some(40), click()), NAVIGATED);
}

#[test]
fn what_goes_where_the_focus_is_may_cross_a_navigation() {
    for event in others() {
        let mut scene = Scene::new();
        scene.documents.on_document(at(10), 1, "L1");
        assert_eq!(scene.judge(20, Some(0), Some(20), event), Verdict::Take);
    }
}

#[test]
fn a_pointer_event_without_a_picture_or_with_one_never_sent_is_dropped_as_stale() {
    for event in pointers() {
        let mut scene = Scene::new();
        for seen in [None, Some(1), Some(u64::MAX)] {
            assert_eq!(
                scene.judge(1, seen, Some(1), event.clone()),
                STALE,
                "{seen:?}"
            );
        }
        scene.judge.on_epoch();
        assert_eq!(scene.judge(1, Some(0), Some(1), event), STALE);
    }
    for event in others() {
        let mut scene = Scene::new();
        assert_eq!(scene.judge(1, Some(7), Some(1), event), Verdict::Take);
    }
}

#[test]
fn a_frame_older_than_all_that_are_known_is_taken_for_those() {
    let mut scene = Scene::new();
    for millis in 1..=1_000 {
        scene.frame(millis);
        scene.seal();
    }
    assert_eq!(scene.judge.sights.len(), MAX_SIGHTS);
    let oldest = 1_001 - 256 + 1;
    let verdict = scene.judge(oldest + 3_000, Some(0), Some(4_000), scroll());
    assert_eq!(verdict, Verdict::Take);
    let verdict = scene.judge(oldest + 3_001, Some(0), Some(4_000), scroll());
    assert_eq!(verdict, STALE);
}

#[test]
fn a_release_whose_press_was_delivered_is_never_dropped() {
    let mut scene = Scene::new();
    let press = scene.judge(0, None, Some(0), down("a"));
    assert_eq!(press, Verdict::Take);
    // A repeat that comes too late doesn't change that.
    assert_eq!(scene.judge(60_000, None, Some(100), down("a")), STALE);
    assert_eq!(scene.judge(60_000, Some(77), None, up("A")), Verdict::Take);
    // It was released: another release is an event like any other.
    assert_eq!(scene.judge(60_000, None, Some(0), up("a")), STALE);
}

#[test]
fn a_release_whose_press_was_delivered_in_the_epoch_before_is_never_dropped() {
    let mut scene = Scene::new();
    scene.judge(0, None, Some(0), down("Shift"));
    scene.judge.on_epoch();
    assert_eq!(scene.judge(60_000, None, None, up("Shift")), Verdict::Take);
}

#[test]
fn what_was_dropped_in_the_epoch_before_has_no_sequel() {
    let mut scene = Scene::new();
    assert_eq!(scene.judge(10_500, None, Some(0), down("a")), STALE);
    assert_eq!(scene.judge(10_500, Some(0), Some(0), click()), STALE);
    scene.judge.on_epoch();
    scene.frame(10_500);
    scene.seal();
    let again = scene.judge(10_600, None, Some(900), down("a"));
    assert_eq!(again, Verdict::Take);
    let second = scene.judge(3_500, Some(1), Some(900), second_click());
    assert_eq!(second, Verdict::Take);
}

#[test]
fn a_key_whose_press_was_dropped_is_dropped_whole() {
    let mut scene = Scene::new();
    assert_eq!(scene.judge(10_500, None, Some(0), down("a")), STALE);
    // Held: its repeats are young enough by themselves.
    for made in [900, 1_800, 2_700] {
        assert_eq!(scene.judge(10_500, None, Some(made), down("a")), STALE);
    }
    let other = scene.judge(10_500, None, Some(900), down("b"));
    assert_eq!(other, Verdict::Take);
    assert_eq!(scene.judge(10_500, None, Some(2_800), up("a")), STALE);
    let anew = scene.judge(10_500, None, Some(2_900), down("a"));
    assert_eq!(anew, Verdict::Take);
}

#[test]
fn a_key_that_is_never_released_can_be_pressed_again() {
    let mut scene = Scene::new();
    assert_eq!(scene.judge(10_500, None, Some(0), down("a")), STALE);
    let anew = scene.judge(10_500, None, Some(1_001), down("a"));
    assert_eq!(anew, Verdict::Take);
    assert_eq!(scene.judge(99_000, None, None, up("a")), Verdict::Take);
}

#[test]
fn a_double_click_whose_first_click_was_dropped_is_dropped_whole() {
    for second in [second_click(), InputEvent::DoubleClick { at: AT }] {
        let mut scene = Scene::new();
        assert_eq!(scene.judge(3_100, Some(0), Some(0), click()), STALE);
        assert_eq!(
            scene.judge(3_100, Some(0), Some(200), second.clone()),
            STALE
        );
        let other = scene.judge(3_100, Some(0), Some(300), click());
        assert_eq!(other, Verdict::Take);
        let second = scene.judge(3_100, Some(0), Some(400), second);
        assert_eq!(second, Verdict::Take);
    }
    // One that comes later is no part of it.
    for (made, verdict) in [(1_000, STALE), (1_001, Verdict::Take)] {
        let mut scene = Scene::new();
        assert_eq!(scene.judge(3_100, Some(0), Some(0), click()), STALE);
        let second = scene.judge(3_100, Some(0), Some(made), second_click());
        assert_eq!(second, verdict, "{made}");
    }
    let mut scene = Scene::new();
    scene.documents.on_document(at(10), 1, "L1");
    assert_eq!(scene.judge(20, Some(0), Some(20), click()), NAVIGATED);
    scene.frame(200);
    scene.seal();
    let second = scene.judge(300, Some(1), Some(220), second_click());
    assert_eq!(second, NAVIGATED);
}

#[test]
fn keys_are_told_apart_by_where_they_are() {
    let mut scene = Scene::new();
    let left = |event: fn(Key) -> InputEvent| event(Key::new("Shift", "ShiftLeft"));
    let right = |event: fn(Key) -> InputEvent| event(Key::new("Shift", "ShiftRight"));
    assert_eq!(
        scene.judge(0, None, Some(0), left(InputEvent::KeyDown)),
        Verdict::Take
    );
    assert_eq!(scene.judge(0, None, None, right(InputEvent::KeyUp)), STALE);
    assert_eq!(
        scene.judge(0, None, None, left(InputEvent::KeyUp)),
        Verdict::Take
    );
}

#[test]
fn a_release_goes_through_with_its_press_however_late_and_wherever() {
    for (begin, step, end) in [
        (press(Button::Left), motion(), release(Button::Left)),
        (touch(2), touch(2), touch(0)),
    ] {
        let mut scene = Scene::new();
        assert_eq!(scene.judge(0, Some(0), Some(0), begin), Verdict::Take);
        assert_eq!(
            scene.judge(10, Some(0), Some(10), step.clone()),
            Verdict::Take
        );
        scene.documents.on_document(at(20), 1, "L1");
        // What is dragged stays with the page it was pressed on, and is let go.
        assert_eq!(scene.judge(30, Some(0), Some(30), step), NAVIGATED);
        assert_eq!(
            scene.judge(60_000, Some(0), Some(30), end.clone()),
            Verdict::Take
        );
        assert_eq!(scene.judge(60_001, Some(0), Some(30), end), NAVIGATED);
    }
}

#[test]
fn a_gesture_whose_press_was_dropped_is_dropped_whole() {
    for (begin, step, end) in [
        (press(Button::Left), motion(), release(Button::Left)),
        (touch(1), touch(1), touch(0)),
    ] {
        let mut scene = Scene::new();
        assert_eq!(scene.judge(9_000, Some(0), Some(0), begin), STALE);
        let young = |scene: &mut Scene, event| scene.judge(9_001, Some(0), Some(9_001), event);
        assert_eq!(young(&mut scene, step), STALE);
        assert_eq!(young(&mut scene, end), STALE);
        // The next one counts for itself.
        assert_eq!(young(&mut scene, motion()), Verdict::Take);
        assert_eq!(young(&mut scene, touch(1)), Verdict::Take);
    }
}

#[test]
fn one_button_that_was_dropped_takes_the_moves_of_another_with_it() {
    let mut scene = Scene::new();
    let young = |scene: &mut Scene, event| scene.judge(9_000, Some(0), Some(9_000), event);
    assert_eq!(young(&mut scene, press(Button::Left)), Verdict::Take);
    let late = scene.judge(9_000, Some(0), Some(0), press(Button::Right));
    assert_eq!(late, STALE);
    assert_eq!(young(&mut scene, motion()), STALE);
    assert_eq!(young(&mut scene, release(Button::Right)), STALE);
    assert_eq!(young(&mut scene, motion()), Verdict::Take);
    assert_eq!(young(&mut scene, release(Button::Left)), Verdict::Take);
}

#[test]
fn a_second_press_falls_with_the_first() {
    let second = InputEvent::MouseDown {
        at: AT,
        button: Button::Left,
        click_count: Some(2),
        modifiers: Modifiers::default(),
    };
    let mut scene = Scene::new();
    assert_eq!(
        scene.judge(3_001, Some(0), Some(0), press(Button::Left)),
        STALE
    );
    let _ = scene.judge(3_100, Some(0), Some(100), release(Button::Left));
    assert_eq!(scene.judge(3_150, Some(0), Some(200), second), STALE);
}

#[test]
fn a_finger_that_goes_is_told_also_when_others_stay() {
    let mut scene = Scene::new();
    assert_eq!(scene.judge(0, Some(0), Some(0), touch(3)), Verdict::Take);
    assert_eq!(scene.judge(60_000, Some(0), Some(0), touch(3)), STALE);
    assert_eq!(
        scene.judge(60_000, Some(0), Some(0), touch(2)),
        Verdict::Take
    );
    assert_eq!(scene.judge(60_000, Some(0), Some(0), touch(2)), STALE);
    assert_eq!(
        scene.judge(60_000, Some(0), Some(0), touch(0)),
        Verdict::Take
    );
}

#[test]
fn letting_go_is_never_too_late_and_ends_every_gesture() {
    let mut scene = Scene::new();
    for event in [press(Button::Left), touch(1), down("a")] {
        assert_ne!(scene.judge(60_000, Some(0), Some(0), event), Verdict::Take);
    }
    let let_go = scene.judge(60_000, None, None, InputEvent::ReleaseAll);
    assert_eq!(let_go, Verdict::Take);
    let young = |scene: &mut Scene, event| scene.judge(60_000, Some(0), Some(60_000), event);
    assert_eq!(young(&mut scene, motion()), Verdict::Take);
    assert_eq!(young(&mut scene, touch(1)), Verdict::Take);
    let cancelled = scene.judge(120_000, None, None, InputEvent::TouchCancel);
    assert_eq!(cancelled, Verdict::Take);
}

#[test]
fn the_end_of_a_composition_that_shows_in_the_page_is_never_dropped() {
    let mut scene = Scene::new();
    assert_eq!(
        scene.judge(0, Some(0), Some(0), compose("te")),
        Verdict::Take
    );
    assert_eq!(
        scene.judge(60_000, Some(0), Some(0), commit()),
        Verdict::Take
    );
    assert_eq!(scene.judge(60_000, Some(0), Some(0), commit()), STALE);
}

proptest! {
    #[test]
    fn pointer_events_land_only_on_the_document_they_were_aimed_at(
        steps in proptest::collection::vec((0_u8..6, 0_u64..400, 0_u64..12), 1..200),
    ) {
        let mut scene = Scene::new();
        let (mut now, mut loader) = (0, 0_u32);
        // What each sealed frame may show: the document at its arrival, by loader.
        let mut newest = 0;
        let mut sealed = alloc::vec![0];
        for (step, pause, pick) in steps {
            now += pause;
            match step {
                0 => {
                    loader += 1;
                    scene.documents.on_document(at(now), 1, &alloc::format!("L{loader}"));
                }
                1 | 2 => {
                    scene.frame(now);
                    newest = loader;
                }
                3 => {
                    scene.seal();
                    sealed.push(newest);
                }
                _ => {
                    let made = u32::try_from(now.saturating_sub(pick * 400)).expect("small");
                    let verdict = scene.judge(now, Some(pick), Some(made), scroll());
                    let aimed = usize::try_from(pick).ok().and_then(|seen| sealed.get(seen));
                    if verdict == Verdict::Take {
                        prop_assert_eq!(aimed, Some(&loader));
                        prop_assert!(now - u64::from(made) <= 3_000);
                    }
                    if aimed.is_none() {
                        prop_assert_eq!(verdict, STALE);
                    }
                }
            }
        }
    }

    #[test]
    fn every_delivered_press_gets_its_release(
        steps in proptest::collection::vec((0_u8..3, 0_usize..80, proptest::option::of(0_u32..60_000)), 1..300),
    ) {
        let mut scene = Scene::new();
        let mut down_keys = alloc::collections::BTreeSet::new();
        for (step, key, made) in steps {
            let name = alloc::format!("Key{}", key % 60);
            if step == 0 {
                let verdict = scene.judge(60_000, None, made, up(&name));
                let was_down = down_keys.remove(&name);
                prop_assert!(!was_down || verdict == Verdict::Take);
            } else if scene.judge(60_000, None, made, down(&name)) == Verdict::Take {
                down_keys.insert(name);
            }
        }
    }
}

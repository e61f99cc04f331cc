//! The ladder's steps, one by one.

use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A ladder with a cast whose frames take some time each.
struct Cast {
    ladder: Ladder,
    now: u64,
    counter: u64,
}

impl Cast {
    /// One to a viewer of whose link nothing is known.
    fn to_a_stranger() -> Self {
        Self {
            ladder: Ladder::new(),
            now: 0,
            counter: 0,
        }
    }

    /// One at the best step: the link has proved fast.
    fn new() -> Self {
        let mut cast = Self::to_a_stranger();
        assert_eq!(cast.frame(0), Some(100));
        cast
    }

    /// One frame from Chromium to the viewer. Returns the scale of a new cast.
    fn frame(&mut self, took: u64) -> Option<u8> {
        self.ladder.on_frame(at(self.now));
        self.ladder.on_sealed(self.counter);
        self.now += took;
        let transfer = (at(self.now), self.counter, millis(took));
        self.ladder.on_transfer(transfer.0, transfer.1, transfer.2);
        self.counter += 1;
        self.poll()
    }

    /// Shows fast pictures until it climbs. Returns after how many milliseconds it did.
    fn climb(&mut self) -> u64 {
        let since = self.now;
        while self.frame(100).is_none() {
            assert!(self.now - since < 200_000, "it never climbs");
        }
        self.now - since
    }

    fn poll(&mut self) -> Option<u8> {
        let quality = self.ladder.poll(at(self.now), true);
        quality.map(|quality| quality.scale)
    }
}

#[test]
fn the_first_picture_is_small_and_tells_what_the_link_carries() {
    assert_eq!(Ladder::new().quality(), STEPS[2].quality);
    for (took, scale) in [
        (0, Some(100)),
        // Times 100/16: 600 ms.
        (96, Some(100)),
        (97, Some(75)),
        // Times 41/16: 599.6 ms.
        (234, Some(75)),
        (235, None),
        (9_000, None),
    ] {
        assert_eq!(Cast::to_a_stranger().frame(took), scale, "{took} ms");
    }
}

#[test]
fn only_the_first_picture_makes_it_leap() {
    let mut cast = Cast::to_a_stranger();
    assert_eq!(cast.frame(900), None);
    assert_eq!(cast.frame(10), None);
    cast.ladder.on_epoch();
    assert_eq!(cast.frame(10), None);
}

#[test]
fn a_picture_that_takes_over_a_second_steps_down() {
    let mut cast = Cast::new();
    assert_eq!(cast.frame(1_000), None);
    assert_eq!(cast.frame(1_001), Some(75));
    assert_eq!(cast.frame(1_001), Some(50));
    // There is no lower step.
    assert_eq!(cast.frame(9_000), None);
}

#[test]
fn one_that_takes_over_two_seconds_steps_down_twice() {
    assert_eq!(Cast::new().frame(2_000), Some(75));
    assert_eq!(Cast::new().frame(2_001), Some(50));
}

#[test]
fn a_picture_of_the_cast_before_tells_nothing() {
    let mut cast = Cast::new();
    cast.ladder.on_frame(at(0));
    cast.ladder.on_sealed(0);
    cast.ladder.on_sealed(1);
    cast.ladder.on_transfer(at(1_100), 0, millis(1_100));
    assert_eq!(cast.ladder.poll(at(1_100), false), Some(STEPS[1].quality));
    cast.ladder.on_transfer(at(2_200), 1, millis(1_100));
    cast.ladder.on_sealed(2);
    cast.ladder.on_transfer(at(3_300), 2, millis(1_100));
    assert_eq!(cast.ladder.poll(at(3_300), false), None);
    cast.ladder.on_frame(at(3_300));
    cast.ladder.on_sealed(3);
    cast.ladder.on_transfer(at(4_400), 3, millis(1_100));
    assert_eq!(cast.ladder.poll(at(4_400), false), Some(STEPS[2].quality));
}

#[test]
fn repeated_stale_clicks_step_down_and_single_ones_do_not() {
    let mut ladder = Cast::new().ladder;
    ladder.on_stale(at(0));
    ladder.on_stale(at(10_000));
    assert_eq!(ladder.poll(at(10_000), false), None);
    ladder.on_stale(at(19_999));
    assert_eq!(ladder.poll(at(19_999), false), Some(STEPS[1].quality));
}

#[test]
fn stale_clicks_before_a_step_do_not_count_for_the_next() {
    let mut ladder = Cast::new().ladder;
    for (now, step) in [(1_000, None), (10_999, Some(1)), (11_000, None)] {
        ladder.on_stale(at(now));
        let quality = step.map(|step: usize| STEPS[step].quality);
        assert_eq!(ladder.poll(at(now), false), quality, "{now}");
    }
}

#[test]
fn loss_steps_down() {
    let mut ladder = Cast::new().ladder;
    ladder.on_lost(at(4_000));
    assert_eq!(ladder.poll(at(4_000), true), Some(STEPS[1].quality));
}

#[test]
fn it_climbs_when_the_link_was_fast_for_a_while_and_later_after_each_failure() {
    let mut cast = Cast::new();
    let mut climbs = [0; 4];
    for climb in &mut climbs {
        assert_eq!(cast.frame(1_100), Some(75));
        *climb = cast.climb();
    }
    assert!((5_000..6_000).contains(&climbs[0]), "{climbs:?}");
    assert!((10_000..11_000).contains(&climbs[1]), "{climbs:?}");
    assert!((20_000..21_000).contains(&climbs[2]), "{climbs:?}");
    assert!((40_000..41_000).contains(&climbs[3]), "{climbs:?}");
}

#[test]
fn a_climb_that_held_for_20_seconds_has_not_failed() {
    for (held, next) in [(19_999, 10_000), (20_000, 5_000)] {
        let mut cast = Cast::new();
        assert_eq!(cast.frame(1_100), Some(75));
        cast.climb();
        cast.now += held;
        cast.ladder.on_lost(at(cast.now));
        assert_eq!(cast.poll(), Some(75));
        let waited = cast.climb();
        assert!(
            (next..next + 1_000).contains(&waited),
            "{held}: {waited} ms"
        );
    }
}

#[test]
fn pictures_that_are_just_fast_enough_make_it_climb() {
    let mut cast = Cast::new();
    assert_eq!(cast.frame(1_100), Some(75));
    // Times 100/41: 600 ms.
    let climbs: Vec<_> = (0..30).filter_map(|_| cast.frame(246)).collect();
    assert_eq!(climbs, [100]);
}

#[test]
fn it_never_climbs_where_the_better_pictures_would_be_slow() {
    let mut cast = Cast::new();
    assert_eq!(cast.frame(1_100), Some(75));
    for _ in 0..1_000 {
        // Times 100/41: 610 ms.
        assert_eq!(cast.frame(250), None);
    }
}

#[test]
fn a_still_page_gets_its_sharp_picture_and_keeps_it_while_a_caret_blinks() {
    let mut cast = Cast::new();
    assert_eq!(cast.frame(1_100), Some(75));
    // Times 100/41: 976 ms. Too slow for motion, in time for a still picture.
    assert_eq!(cast.frame(400), None);
    let due = cast.now - 400 + 450;
    assert_eq!(cast.ladder.deadline(at(cast.now), true), Some(at(due)));
    assert_eq!(cast.ladder.deadline(at(cast.now), false), None);
    assert_eq!(cast.ladder.poll(at(due), false), None);
    cast.now = due;
    assert_eq!(cast.poll(), Some(100));
    for _ in 0..5 {
        assert_eq!(cast.frame(900), None);
        // The link rests as long as it was busy.
        assert!(!cast.ladder.allows(at(cast.now)));
        assert_eq!(
            cast.ladder.deadline(at(cast.now), true),
            Some(at(cast.now + 900))
        );
        cast.now += 900;
        assert!(cast.ladder.allows(at(cast.now)));
        assert_eq!(cast.ladder.deadline(at(cast.now), true), None);
    }
}

#[test]
fn what_moves_after_a_sharp_picture_is_shown_fast_again() {
    let still = || {
        let mut cast = Cast::new();
        cast.frame(1_100);
        cast.frame(400);
        cast.now += 100;
        assert_eq!(cast.poll(), Some(100));
        assert_eq!(cast.frame(900), None);
        cast
    };
    let mut typed = still();
    typed.ladder.on_motion(at(typed.now));
    assert_eq!(typed.poll(), Some(75));
    for (pause, scale) in [(149, Some(75)), (150, None)] {
        let mut moved = still();
        moved.ladder.on_frame(at(moved.now));
        assert_eq!(moved.poll(), None);
        moved.ladder.on_frame(at(moved.now + pause));
        assert_eq!(moved.poll(), scale, "{pause} ms");
    }
}

#[test]
fn another_epochs_frames_count_anew_and_need_no_rest() {
    let mut cast = Cast::new();
    cast.frame(1_100);
    cast.frame(400);
    cast.now += 100;
    assert_eq!(cast.poll(), Some(100));
    assert_eq!(cast.frame(900), None);
    cast.ladder.on_epoch();
    assert!(cast.ladder.allows(at(cast.now)));
    cast.ladder.on_motion(at(cast.now));
    assert_eq!(cast.poll(), Some(75));
    cast.ladder.on_frame(at(cast.now));
    cast.ladder.on_sealed(7);
    cast.ladder.on_epoch();
    cast.ladder.on_sealed(0);
    cast.ladder
        .on_transfer(at(cast.now + 1_100), 0, millis(1_100));
    cast.now += 1_100;
    assert_eq!(cast.poll(), Some(50));
}

#[test]
fn a_sharp_picture_that_was_fast_ends_the_low_quality() {
    let mut cast = Cast::new();
    cast.frame(1_100);
    cast.frame(400);
    cast.now += 100;
    assert_eq!(cast.poll(), Some(100));
    assert_eq!(cast.frame(300), None);
    cast.ladder.on_motion(at(cast.now));
    assert_eq!(cast.poll(), None);
}

#[test]
fn a_still_page_gets_no_better_picture_than_the_link_carries_in_time() {
    let mut cast = Cast::new();
    assert_eq!(cast.frame(2_500), Some(50));
    // Step 0: 500 ms times 100/16 is 3.1 s; step 1, times 41/16, 1.3 s.
    assert_eq!(cast.frame(500), Some(75));
    let mut hopeless = Cast::new();
    assert_eq!(hopeless.frame(2_500), Some(50));
    assert_eq!(hopeless.frame(900), None);
    assert_eq!(hopeless.poll(), None);
    assert_eq!(hopeless.ladder.deadline(at(hopeless.now), true), None);
}

proptest! {
    #[test]
    fn any_history_leaves_a_cast_of_a_known_step(
        events in proptest::collection::vec((0_u8..7, 0_u64..5_000), 1..300),
    ) {
        let mut cast = Cast::to_a_stranger();
        for (event, time) in events {
            cast.now += time / 4;
            let now = at(cast.now);
            match event {
                0 => drop(cast.frame(time)),
                1 => cast.ladder.on_frame(now),
                2 => cast.ladder.on_motion(now),
                3 => cast.ladder.on_stale(now),
                4 => cast.ladder.on_lost(now),
                5 => cast.ladder.on_epoch(),
                _ => drop(cast.poll()),
            }
            prop_assert!(cast.ladder.step < STEPS.len());
            prop_assert!(cast.ladder.cast <= cast.ladder.step);
            // Drained, it asks for no time that has come.
            cast.poll();
            prop_assert_eq!(cast.ladder.poll(now, true), None);
            if let Some(deadline) = cast.ladder.deadline(now, true) {
                prop_assert!(deadline > now);
            }
        }
    }
}

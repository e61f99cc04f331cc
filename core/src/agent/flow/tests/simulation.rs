//! How old the pictures are that a human sees on slow links, with the ladder in the loop.

extern crate std;

use alloc::{string::String, vec::Vec};

use super::link::{Scenario, Seen, World};

const MEGABIT: u64 = 125_000;

/// Bytes a second, in each millisecond.
type Rate = fn(u64) -> u64;

fn two_megabits(_: u64) -> u64 {
    2 * MEGABIT
}

fn one_megabit(_: u64) -> u64 {
    MEGABIT
}

fn half_a_megabit(_: u64) -> u64 {
    MEGABIT / 2
}

fn always(_: u64) -> bool {
    true
}

fn p95(mut ages: Vec<u64>) -> u64 {
    ages.sort_unstable();
    let place = ages.len() * 95 / 100;
    ages.get(place.min(ages.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0)
}

fn between(seen: &Seen, from: u64, to: u64) -> u64 {
    let ages = seen.drawn.iter().filter(|(at, ..)| (from..to).contains(at));
    p95(ages.map(|(_, age, _)| *age).collect())
}

fn dropped(seen: &Seen, from: u64) -> usize {
    let late = seen.clicks.iter().filter(|(at, _)| *at >= from);
    late.filter(|(_, taken)| !taken).count()
}

/// Watches two minutes of full motion, and checks that pictures stay young and clicks are obeyed.
fn watch(name: &str, rate: Rate, rtt: u64, jitter: u64, most: u64) {
    let scenario = Scenario {
        rate,
        rtt,
        jitter,
        moves: always,
        bytes: 100_000,
    };
    let seen = World::watch(scenario, 120);
    let (early, late) = (
        between(&seen, 10_000, 50_000),
        between(&seen, 80_000, 120_000),
    );
    let all = between(&seen, 0, 120_000);
    std::eprintln!(
        "{name}: frame age p95 {all} ms (10-50 s: {early} ms, 80-120 s: {late} ms), \
         {} frames, {} casts, {} of {} clicks dropped, {} lost",
        seen.drawn.len(),
        seen.casts,
        dropped(&seen, 0),
        seen.clicks.len(),
        seen.lost
    );
    assert!(all <= most, "{name}: {all} ms");
    assert!(late <= early * 5 / 4 + 100, "{name}: not flat");
    // Before there is a picture, and until the ladder has found its step, clicks may be too old.
    assert!(seen.clicks.len() >= 110, "{name}");
    assert!(dropped(&seen, 0) <= 5, "{name}");
    assert_eq!(dropped(&seen, 8_000), 0, "{name}");
    assert_eq!(seen.lost, 0, "{name}");
    assert!(seen.casts <= 10, "{name}: {} casts", seen.casts);
}

#[test]
fn pictures_stay_young_on_2_megabits() {
    watch("2 Mbit/s, 50 ms", two_megabits, 50, 5, 1_500);
}

#[test]
fn pictures_stay_young_on_2_megabits_far_away() {
    watch("2 Mbit/s, 800 ms", two_megabits, 800, 20, 2_500);
}

#[test]
fn pictures_stay_young_on_half_a_megabit() {
    watch("0.5 Mbit/s, 50 ms", half_a_megabit, 50, 5, 4_000);
}

#[test]
fn pictures_stay_young_on_half_a_megabit_far_away() {
    watch("0.5 Mbit/s, 800 ms", half_a_megabit, 800, 50, 4_000);
}

#[test]
fn pictures_are_many_on_a_fast_link() {
    let scenario = Scenario {
        rate: |_| 50 * MEGABIT,
        rtt: 20,
        jitter: 2,
        moves: always,
        bytes: 100_000,
    };
    let seen = World::watch(scenario, 30);
    std::eprintln!("50 Mbit/s, 20 ms: {} frames", seen.drawn.len());
    assert!(seen.drawn.len() >= 30 * 10);
    // The first one is small, and tells that the others needn't be.
    let mut drawn = seen.drawn.iter().skip_while(|(at, ..)| *at < 500);
    assert!(drawn.all(|(_, _, scale)| *scale == 100));
    assert!(between(&seen, 0, 30_000) <= 250);
    assert_eq!((seen.casts, dropped(&seen, 1_000)), (1, 0));
}

#[test]
fn the_first_picture_of_the_densest_page_comes_soon_on_a_slow_link() {
    let lines: [(Rate, _, _); 3] = [
        (two_megabits, 50, 1_500),
        (two_megabits, 800, 2_500),
        (half_a_megabit, 50, 4_000),
    ];
    for (rate, rtt, most) in lines {
        let scenario = Scenario {
            rate,
            rtt,
            jitter: 5,
            moves: always,
            bytes: 250_000,
        };
        let seen = World::watch(scenario, 60);
        let (first, ..) = *seen.drawn.first().expect("pictures come");
        let all = between(&seen, 0, 60_000);
        std::eprintln!("{rtt} ms: first after {first} ms, p95 {all} ms");
        assert!(first <= most, "{first} ms");
        assert!(all <= most, "{all} ms");
        assert_eq!((dropped(&seen, 8_000), seen.lost), (0, 0));
    }
}

#[test]
fn a_page_that_stops_moving_turns_sharp_soon() {
    // Moves for 10 s, stands for 10 s.
    fn by_turns(now: u64) -> bool {
        (now / 10_000).is_multiple_of(2)
    }
    let mut lines = String::new();
    for rtt in [50, 800] {
        let scenario = Scenario {
            rate: one_megabit,
            rtt,
            jitter: 5,
            moves: by_turns,
            bytes: 100_000,
        };
        let seen = World::watch(scenario, 60);
        let last = |from: u64, to| {
            let mut drawn = seen.drawn.iter().rev();
            drawn.find(|(at, ..)| (from..to).contains(at)).copied()
        };
        for stop in [10_000, 30_000, 50_000] {
            let moving = last(stop - 5_000, stop).expect("pictures of motion");
            let still = last(stop, stop + 4_500).expect("pictures of rest");
            lines += &std::format!("{moving:?} {still:?}; ");
            assert!(moving.2 < 100, "{lines}");
            assert_eq!(still.2, 100, "{lines}");
        }
        assert_eq!(seen.lost, 0);
        // Sharp once, then at rest.
        assert!(seen.casts <= 16, "{} casts", seen.casts);
    }
}

#[test]
fn pictures_are_young_again_soon_after_a_link_breaks_down() {
    let scenario = Scenario {
        rate: |now| {
            if now < 20_000 {
                20 * MEGABIT
            } else {
                MEGABIT / 2
            }
        },
        rtt: 400,
        jitter: 10,
        moves: always,
        bytes: 100_000,
    };
    let seen = World::watch(scenario, 60);
    let (before, after) = (between(&seen, 0, 20_000), between(&seen, 32_000, 60_000));
    std::eprintln!(
        "20, then 0.5 Mbit/s, 400 ms: {before} ms, then {after} ms; {} frames, {} casts, {} lost",
        seen.drawn.len(),
        seen.casts,
        seen.lost
    );
    assert!(before <= 600, "{before} ms");
    assert!(after <= 1_500, "{after} ms");
    assert_eq!(dropped(&seen, 32_000), 0);
    assert!(seen.lost <= 2, "{} lost", seen.lost);
}

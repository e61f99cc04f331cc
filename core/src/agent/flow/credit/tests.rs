//! The account's rules, one by one.

use proptest::prelude::*;

use super::*;

const RTT: Option<Duration> = Some(Duration::from_millis(800));

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn ack(frame: u64) -> Ack {
    Ack { frame, waiting: 0 }
}

/// 100 kB were 400 ms in the link: 250 kB/s, 250 kB under way at 800 ms.
fn measured() -> Credit {
    let mut credit = Credit::new();
    credit.sent(at(0), 0, 100_000);
    let transfer = credit.acknowledged(at(1_200), ack(0), Duration::from_millis(800));
    let took = Duration::from_millis(400);
    assert_eq!(transfer, Some(Transfer { counter: 0, took }));
    credit
}

#[test]
fn before_anything_is_measured_it_is_one_frame() {
    let mut credit = Credit::new();
    assert!(credit.allows(at(0), 8 << 20, None));
    credit.sent(at(0), 0, 10);
    assert!(!credit.allows(at(0), 1, None));
    assert!(!credit.allows(at(0), 1, RTT));
    credit.acknowledged(at(5), ack(0), Duration::ZERO);
    assert!(credit.allows(at(5), 8 << 20, None));
}

#[test]
fn unacknowledged_bytes_are_what_the_link_holds_and_a_quarter_more() {
    let mut credit = measured();
    credit.sent(at(1_200), 1, 125_000);
    assert!(credit.allows(at(1_200), 125_000, RTT));
    assert!(!credit.allows(at(1_200), 125_001, RTT));
    // A rate that is 4 s old is none.
    assert!(!credit.allows(at(5_300), 1, RTT));
}

#[test]
fn it_is_never_more_than_8_frames() {
    let mut credit = measured();
    for counter in 1..=8 {
        assert!(credit.allows(at(1_200), 1, RTT), "{counter}");
        credit.sent(at(1_200), counter, 1);
    }
    assert!(!credit.allows(at(1_200), 1, RTT));
}

#[test]
fn frames_that_were_replaced_on_the_way_never_raise_the_rate() {
    let mut credit = Credit::new();
    credit.sent(at(0), 0, 1_000_000);
    credit.sent(at(0), 1, 1_000_000);
    credit.sent(at(0), 2, 10_000);
    credit.acknowledged(at(900), ack(2), Duration::from_millis(800));
    credit.sent(at(900), 3, 10_000);
    // 10 kB in 100 ms.
    assert!(credit.allows(at(900), 90_000, RTT));
    assert!(!credit.allows(at(900), 90_001, RTT));
}

#[test]
fn pictures_in_a_row_are_told_apart_by_their_acknowledgements() {
    let mut credit = Credit::new();
    for counter in 0..3 {
        credit.sent(at(0), counter, 50_000);
    }
    let rtt = Duration::from_millis(100);
    for (now, frame) in [(300, 0), (500, 1), (700, 2)] {
        let took = credit.acknowledged(at(now), ack(frame), rtt);
        assert_eq!(took.map(|it| it.took), Some(Duration::from_millis(200)));
    }
}

#[test]
fn a_viewer_that_is_behind_gets_nothing_more() {
    let mut credit = measured();
    credit.sent(at(1_200), 1, 10);
    credit.sent(at(1_200), 2, 10);
    let waiting = Ack {
        frame: 1,
        waiting: 1,
    };
    credit.acknowledged(at(2_000), waiting, Duration::from_millis(800));
    assert!(!credit.allows(at(2_000), 1, RTT));
    credit.acknowledged(at(2_010), ack(2), Duration::from_millis(800));
    assert!(credit.allows(at(2_010), 1, RTT));
}

#[test]
fn a_viewer_that_keeps_up_gets_more_while_others_are_under_way() {
    let mut credit = measured();
    credit.sent(at(1_200), 1, 10_000);
    credit.sent(at(1_200), 2, 10_000);
    credit.acknowledged(at(2_050), ack(1), Duration::from_millis(800));
    assert!(credit.allows(at(2_050), 1, RTT));
    // What it hasn't got to came before it: nothing of ours is in its way.
    let waiting = Ack {
        frame: 2,
        waiting: 1,
    };
    credit.acknowledged(at(2_060), waiting, Duration::from_millis(800));
    credit.sent(at(2_060), 3, 1);
    assert!(credit.allows(at(2_060), 1, RTT));
}

#[test]
fn unacknowledged_for_4_seconds_or_4_round_trips_is_lost() {
    let mut credit = Credit::new();
    assert_eq!(credit.deadline(Duration::ZERO), None);
    credit.sent(at(100), 0, 10);
    credit.sent(at(200), 1, 10);
    assert_eq!(credit.deadline(Duration::from_secs(1)), Some(at(4_100)));
    assert_eq!(credit.deadline(Duration::from_secs(2)), Some(at(8_100)));
    // One that came shows that the link moves.
    credit.acknowledged(at(3_000), ack(0), Duration::ZERO);
    assert_eq!(credit.deadline(Duration::ZERO), Some(at(7_000)));
    credit.lose();
    assert_eq!(credit.deadline(Duration::ZERO), None);
    assert!(credit.is_idle() && !credit.is_quiet());
    credit.acknowledged(at(9_000), ack(1), Duration::ZERO);
    assert!(credit.is_quiet());
}

proptest! {
    #[test]
    fn under_way_is_never_more_than_the_limit(
        steps in proptest::collection::vec((0_u64..2_000, 1_usize..300_000, any::<u16>()), 1..200),
        rtt in 0_u64..3_000,
    ) {
        let mut credit = Credit::new();
        let rtt = Duration::from_millis(rtt);
        let (mut now, mut next) = (at(0), 0_u64);
        for (pause, bytes, pick) in steps {
            now = now + Duration::from_millis(pause);
            let under_way: u64 = credit.flight.iter().map(|sent| sent.bytes).sum();
            if pick % 2 == 0 && credit.allows(now, bytes, Some(rtt)) {
                credit.sent(now, next, bytes);
                next += 1;
                let most = credit.limit(now, Some(rtt)).max(length(bytes));
                prop_assert!(under_way + length(bytes) <= most);
                prop_assert!(credit.flight.len() <= MAX_FRAMES);
            } else if let Some(newest) = credit.newest() {
                let frame = credit.acknowledged.unwrap_or(0).max(u64::from(pick) % (newest + 1));
                credit.acknowledged(now, ack(frame), rtt);
            }
            // Whatever happens, acknowledging everything lets the next one go.
            if let (3, Some(newest)) = (pick % 7, credit.newest()) {
                credit.acknowledged(now, ack(newest), rtt);
                prop_assert!(credit.allows(now, usize::MAX, Some(rtt)));
            }
        }
    }
}

//! The agent's heartbeats, and what the viewer answers (§6).
//!
//! Due at once after READY, then every 2 s, every 15 s while the viewer is hidden; a little earlier
//! if that gives a quiet round trip. An answer is never answered.

use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use super::clock::{clock, elapsed};
use crate::{
    time::Timestamp,
    wire::v2::{Control, Malformed},
};

/// How often the agent is heard.
const INTERVAL: Duration = Duration::from_secs(2);

/// How often while the viewer is hidden.
const HIDDEN_INTERVAL: Duration = Duration::from_secs(15);

/// The least time between two heartbeats that aren't asked for.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// How many heartbeats may wait for their answers; the oldest is given up.
const MAX_UNANSWERED: usize = 32;

/// When which heartbeat is due, and what came back.
pub(super) struct Heart {
    last: Option<Timestamp>,
    /// The viewer became visible and waits for one.
    asked: bool,
    hidden: bool,
    unanswered: VecDeque<Beat>,
}

struct Beat {
    clock: u32,
    quiet: bool,
}

/// What a viewer's heartbeat told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// The round trip, and whether it was quiet; only of a heartbeat's first answer.
    pub(super) rtt: Option<(Duration, bool)>,
    /// The viewer was hidden, and is visible.
    pub(super) is_back: bool,
}

impl Heart {
    pub(super) fn new() -> Self {
        Self {
            last: None,
            asked: false,
            hidden: false,
            unanswered: VecDeque::new(),
        }
    }

    /// Whether the viewer's page is hidden.
    pub(super) const fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Reads the viewer's form: `{"type":"heartbeat","last_frame":n|null,"hidden":bool,"clock":u32}`.
    /// `clock` may be absent, in one that is no answer and comes before any.
    ///
    /// # Errors
    /// A known member of the wrong type, or no `hidden`: fatal.
    pub(super) fn read(
        &mut self,
        now: Timestamp,
        control: &Control<'_>,
    ) -> Result<Heard, Malformed> {
        let Answer {
            last_frame: _,
            hidden,
            clock,
        } = serde_json::from_slice(control.json).map_err(|_| Malformed::Body)?;
        let is_back = self.hidden && !hidden;
        self.hidden = hidden;
        self.asked |= is_back;
        let rtt = clock.and_then(|clock| {
            let place = self
                .unanswered
                .iter()
                .position(|beat| beat.clock == clock)?;
            // Those before it were answered before: the streams keep their order.
            let beat = self.unanswered.drain(..=place).next_back()?;
            Some((elapsed(now, clock), beat.quiet))
        });
        Ok(Heard { rtt, is_back })
    }

    /// Tells whether a heartbeat is due; `early` if now is a good moment for one.
    pub(super) fn is_due(&self, now: Timestamp, early: bool) -> bool {
        let early = early
            && self
                .last
                .is_some_and(|last| now.since(last) >= LEAST_INTERVAL);
        early || self.deadline().is_none_or(|at| at <= now)
    }

    /// Returns when the next heartbeat is due; `None` means now.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let interval = if self.hidden {
            HIDDEN_INTERVAL
        } else {
            INTERVAL
        };
        self.last
            .filter(|_| !self.asked)
            .map(|last| last + interval)
    }

    /// Writes one; `quiet` if no picture is under way.
    pub(super) fn beat(
        &mut self,
        now: Timestamp,
        last_frame: Option<u64>,
        got: u64,
        quiet: bool,
    ) -> Vec<u8> {
        #[derive(Serialize)]
        struct Heartbeat {
            r#type: &'static str,
            last_frame: Option<u64>,
            got: u64,
            clock: u32,
        }
        self.last = Some(now);
        self.asked = false;
        let clock = clock(now);
        if self.unanswered.len() >= MAX_UNANSWERED {
            self.unanswered.pop_front();
        }
        self.unanswered.push_back(Beat { clock, quiet });
        // Serialising plain members to a vector can't fail.
        serde_json::to_vec(&Heartbeat {
            r#type: "heartbeat",
            last_frame,
            got,
            clock,
        })
        .unwrap_or_default()
    }
}

/// Reads `{"type":"ping","n":u32}`, and returns the same object.
///
/// # Errors
/// `n` is absent or of the wrong type: fatal.
pub(super) fn echo(control: &Control<'_>) -> Result<Vec<u8>, Malformed> {
    #[derive(Deserialize)]
    struct Ping {
        n: u32,
    }
    #[derive(Serialize)]
    struct Echo {
        r#type: &'static str,
        n: u32,
    }
    let Ping { n } = serde_json::from_slice(control.json).map_err(|_| Malformed::Body)?;
    // Serialising plain members to a vector can't fail.
    Ok(serde_json::to_vec(&Echo { r#type: "ping", n }).unwrap_or_default())
}

#[derive(Deserialize)]
struct Answer {
    /// The newest frame on screen: read for its type only; what it is good for, ACK tells sooner.
    #[serde(default)]
    #[expect(dead_code, reason = "read for its type")]
    last_frame: Option<u64>,
    hidden: bool,
    #[serde(default, deserialize_with = "present")]
    clock: Option<u32>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    u32::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn read(heart: &mut Heart, now: u64, json: &str) -> Result<Heard, Malformed> {
        heart.read(at(now), &Control::parse(json.as_bytes())?)
    }

    fn answer(clock: u32, hidden: bool) -> String {
        format!(r#"{{"type":"heartbeat","last_frame":3,"hidden":{hidden},"clock":{clock}}}"#)
    }

    #[test]
    fn it_beats_at_once_then_every_2_seconds_and_every_15_while_hidden() {
        let mut heart = Heart::new();
        assert!(heart.is_due(at(0), false));
        heart.beat(at(0), None, 0, true);
        assert!(!heart.is_due(at(1_999), false));
        assert!(heart.is_due(at(2_000), false));
        heart.beat(at(2_000), None, 0, true);
        let heard = read(&mut heart, 2_010, &answer(2_000, true)).expect("well formed");
        assert!(!heard.is_back && heart.is_hidden());
        assert!(!heart.is_due(at(16_999), false));
        assert!(heart.is_due(at(17_000), false));
    }

    #[test]
    fn a_good_moment_brings_it_forward_by_a_second_at_most() {
        let mut heart = Heart::new();
        heart.beat(at(0), None, 0, false);
        assert!(!heart.is_due(at(999), true));
        assert!(heart.is_due(at(1_000), true));
    }

    #[test]
    fn it_says_what_was_sent_and_what_was_accepted() {
        let mut heart = Heart::new();
        assert_eq!(
            heart.beat(at(0x1_0000_0007), None, 1, true),
            br#"{"type":"heartbeat","last_frame":null,"got":1,"clock":7}"#
        );
        assert_eq!(
            heart.beat(at(8), Some(9), 2, true),
            br#"{"type":"heartbeat","last_frame":9,"got":2,"clock":8}"#
        );
    }

    #[test]
    fn an_answer_is_never_answered() {
        let mut heart = Heart::new();
        heart.beat(at(0), None, 0, true);
        read(&mut heart, 100, &answer(0, false)).expect("well formed");
        assert!(!heart.is_due(at(999), true));
        assert_eq!(heart.deadline(), Some(at(2_000)));
    }

    #[test]
    fn only_the_first_answer_measures_the_round_trip() {
        let mut heart = Heart::new();
        heart.beat(at(0), None, 0, true);
        heart.beat(at(2_000), None, 0, false);
        let rtt = |heart: &mut Heart, now, clock| {
            let heard = read(heart, now, &answer(clock, false)).expect("well formed");
            heard.rtt.map(|(rtt, quiet)| (rtt.as_millis(), quiet))
        };
        assert_eq!(rtt(&mut heart, 2_050, 0), Some((2_050, true)));
        assert_eq!(rtt(&mut heart, 2_060, 0), None);
        assert_eq!(rtt(&mut heart, 2_070, 1_999), None);
        assert_eq!(rtt(&mut heart, 2_090, 2_000), Some((90, false)));
    }

    #[test]
    fn a_viewer_that_is_visible_again_gets_a_heartbeat_at_once() {
        let mut heart = Heart::new();
        heart.beat(at(0), None, 0, true);
        read(&mut heart, 10, &answer(0, true)).expect("well formed");
        assert!(!heart.is_due(at(20), false));
        let heard = read(&mut heart, 30, &answer(0, false)).expect("well formed");
        assert!(heard.is_back);
        assert!(heart.is_due(at(30), false));
        heart.beat(at(30), None, 0, true);
        let again = read(&mut heart, 40, &answer(30, false)).expect("well formed");
        assert!(!again.is_back && !heart.is_due(at(40), false));
    }

    #[test]
    fn a_known_member_of_the_wrong_type_is_fatal() {
        for good in [
            r#"{"type":"heartbeat","last_frame":null,"hidden":true,"clock":5}"#,
            r#"{"type":"heartbeat","hidden":false,"more":[null]}"#,
        ] {
            assert!(read(&mut Heart::new(), 0, good).is_ok(), "{good}");
        }
        for bad in [
            r#"{"type":"heartbeat"}"#,
            r#"{"type":"heartbeat","hidden":null}"#,
            r#"{"type":"heartbeat","hidden":0}"#,
            r#"{"type":"heartbeat","hidden":true,"last_frame":"1"}"#,
            r#"{"type":"heartbeat","hidden":true,"last_frame":-1}"#,
            r#"{"type":"heartbeat","hidden":true,"clock":null}"#,
            r#"{"type":"heartbeat","hidden":true,"clock":4294967296}"#,
            r#"{"type":"heartbeat","hidden":true,"clock":1.5}"#,
            r#"{"type":"heartbeat","hidden":true,"hidden":true}"#,
        ] {
            let mut heart = Heart::new();
            assert_eq!(
                read(&mut heart, 0, bad).err(),
                Some(Malformed::Body),
                "{bad}"
            );
            assert!(!heart.is_hidden());
        }
    }

    #[test]
    fn a_ping_is_echoed_as_the_same_object() {
        let echoed = |json: &str| echo(&Control::parse(json.as_bytes())?);
        let ping = r#"{"type":"ping","n":4294967295}"#;
        assert_eq!(echoed(ping), Ok(ping.as_bytes().to_vec()));
        for bad in [
            r#"{"type":"ping"}"#,
            r#"{"type":"ping","n":null}"#,
            r#"{"type":"ping","n":-1}"#,
            r#"{"type":"ping","n":4294967296}"#,
            r#"{"type":"ping","n":"1"}"#,
        ] {
            assert_eq!(echoed(bad), Err(Malformed::Body), "{bad}");
        }
    }

    #[test]
    fn unanswered_heartbeats_are_bounded() {
        let mut heart = Heart::new();
        for second in 0..1_000 {
            heart.beat(at(second * 1_000), None, 0, true);
        }
        assert_eq!(heart.unanswered.len(), MAX_UNANSWERED);
    }
}

//! A hostile relay between the two ends of version 2. The oracle of the simulator judges each story on
//! the way: nothing lies open, nothing forged or stale is believed, nothing typed arrives twice.

use authloop_core::{
    agent::{
        event::{Failure, Outcome},
        io::Message,
    },
    input::InputEvent,
    viewer::v2::{Ended, Request},
};
use authloop_testkit::simulator::{
    Simulation,
    malice::{How, Towards, on_channel},
    relay::Party,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

const HELLO1: u8 = 0x01;
const HELLO2: u8 = 0x02;
const FRAME: u8 = 0x10;
const INPUT: u8 = 0x11;
const CONTROL: u8 = 0x12;

/// Lets a person work while the relay is at it, then gives everybody time to recover. Returns whether
/// the person has control again; else their viewer has ended with a reason.
fn recovers(simulation: &mut Simulation) -> bool {
    for _ in 0..10 {
        simulation.type_something(0);
        simulation.paint();
        simulation.pass(1_000);
    }
    simulation.relay.malice.relent();
    simulation.pass(60_000);
    let works = simulation.typing_arrives(0);
    let person = &simulation.people[0];
    assert!(
        works || person.ended.is_some(),
        "neither unharmed nor closed with a reason: {:?}",
        person.told
    );
    works
}

fn ways() -> [How; 10] {
    [
        How::Drop,
        How::Hold(3_000),
        How::Hold(12_000),
        How::Twice,
        How::Overtaken,
        How::Flip(200),
        How::Cut(20),
        How::Grow(1),
        How::Swap(3),
        How::Reflect,
    ]
}

fn harmed(towards: Towards, kind: Option<u8>) {
    for how in ways() {
        for times in [1, 3] {
            let mut simulation = Simulation::attended();
            simulation.attack(towards, kind, times, how.clone());
            assert!(recovers(&mut simulation), "{how:?} {times}");
        }
    }
}

#[test]
fn harmed_input_is_survived() {
    harmed(Towards::Agent, Some(INPUT));
}

#[test]
fn harmed_control_towards_the_agent_is_survived() {
    harmed(Towards::Agent, Some(CONTROL));
}

#[test]
fn harmed_acknowledgements_are_survived() {
    harmed(Towards::Agent, Some(0x13));
}

#[test]
fn harmed_control_towards_the_viewer_is_survived() {
    harmed(Towards::Viewers, Some(CONTROL));
}

#[test]
fn harmed_pictures_are_survived() {
    harmed(Towards::Viewers, Some(FRAME));
}

#[test]
fn harmed_handshakes_are_survived() {
    for (towards, kind) in [(Towards::Agent, HELLO1), (Towards::Viewers, HELLO2)] {
        for how in ways() {
            let mut simulation = Simulation::new();
            simulation.attack(towards, Some(kind), 1, how.clone());
            simulation.open_link();
            assert!(recovers(&mut simulation), "{how:?}");
        }
    }
}

#[test]
fn harm_without_end_ends_as_tampered_with() {
    let mut simulation = Simulation::attended();
    simulation.attack(Towards::Viewers, None, u32::MAX, How::Flip(300));
    simulation.pass(120_000);
    assert_eq!(simulation.people[0].ended, Some(Ended::Tampered));
}

#[test]
fn each_bit_of_an_input_record_flipped_never_reaches_the_browser() {
    for bit in (0..16 * 8).chain([16 * 8, 200 * 8, 287 * 8 + 7]) {
        let mut simulation = Simulation::attended();
        simulation.attack(Towards::Agent, Some(INPUT), 1, How::Flip(bit));
        let text = simulation.type_something(0).expect("it is taken");
        simulation.pass(3_000);
        // The hop is the relay's own field: it is overwritten on the way.
        let arrived = simulation.browser.inserted.contains(&text);
        assert_eq!(arrived, (16..32).contains(&bit), "{bit}");
    }
}

#[test]
fn a_foreign_session_url_ends_the_session_before_anybody_is_sent_there() {
    let simulation = Simulation::with(1, None, |relay| relay.foreign_url = true);
    assert_eq!(simulation.link, "");
    let failure = Failure::ForeignLink;
    assert_eq!(simulation.outcome, Some(Outcome::Failed(failure)));
}

#[test]
fn another_sessions_records_are_never_believed() {
    let mut other = Simulation::attended_from(2);
    other.type_something(0);
    other.paint();
    other.pass(3_000);
    for towards in [Towards::Agent, Towards::Viewers] {
        for place in 0..6 {
            let Some(Message::Binary(bytes)) = other.relay.malice.remembered(towards, place) else {
                panic!("a record");
            };
            let mut simulation = Simulation::attended();
            simulation.attack(towards, None, 1, How::Replace(bytes.to_vec()));
            assert!(recovers(&mut simulation));
        }
    }
}

#[test]
fn swapped_keys_never_make_an_epoch() {
    let mut other = Simulation::attended_from(2);
    other.lose_person(0);
    other.pass(3_000);
    for (towards, kind) in [(Towards::Agent, HELLO1), (Towards::Viewers, HELLO2)] {
        let foreign = (0..64)
            .filter_map(|place| other.relay.malice.remembered(towards, place))
            .find_map(|message| match message {
                Message::Binary(bytes) if bytes[1] == kind => Some(bytes.to_vec()),
                Message::Binary(_) | Message::Text(_) => None,
            })
            .expect("a handshake");
        let mut simulation = Simulation::new();
        simulation.attack(towards, Some(kind), u32::MAX, How::Replace(foreign));
        simulation.open_link();
        simulation.pass(120_000);
        assert_eq!(simulation.people[0].secured, None);
        let ended = simulation.people[0].ended;
        assert_eq!(ended, Some(Ended::Tampered));
    }
}

#[test]
fn a_link_with_another_agents_key_never_connects() {
    let other = Simulation::with(2, None, |_| {});
    let bytes = |link: &str| {
        let (_, digits) = link.split_once("#2.").expect("a link");
        URL_SAFE_NO_PAD.decode(digits).expect("base64url")
    };
    let mut simulation = Simulation::new();
    let mut mixed = bytes(&simulation.link);
    mixed[..33].copy_from_slice(&bytes(&other.link)[..33]);
    let (page, _) = simulation.link.split_once('#').expect("a link");
    let mixed = format!("{page}#2.{}", URL_SAFE_NO_PAD.encode(mixed));
    let place = simulation.open(&mixed, None);
    simulation.pass(60_000);
    assert_eq!(simulation.people[place].ended, Some(Ended::Tampered));
    let secret = simulation.open(&other.link, None);
    simulation.pass(1_000);
    let ended = simulation.people[secret].ended;
    assert_eq!(
        ended,
        Some(Ended::Refused(4401)),
        "nor one of another secret"
    );
}

#[test]
fn claims_of_version_1_change_nothing_at_either_end() {
    let mut simulation = Simulation::attended();
    for text in [
        r#"{"type":"viewer_connected"}"#,
        r#"{"type":"pubkey","key":"BAAA"}"#,
        r#"{"type":"encrypted","payload":{"iv":"AAAA","ciphertext":"AAAA","tag":"AAAA"}}"#,
        r#"{"type":"click","x":640,"y":360}"#,
        r#"{"type":"paste","text":"FORGED;"}"#,
        r#"{"type":"resolved"}"#,
        r#"{"type":"frame","deviceWidth":1,"deviceHeight":1,"offsetTop":0,"pageScaleFactor":1,"scrollOffsetX":0,"scrollOffsetY":0,"jpegSize":4}"#,
        r#"{"type":"notice","code":"confirm_dismissed"}"#,
    ] {
        simulation.forge(Party::Agent, Message::Text(text.into()));
        simulation.forge(Party::Person(0), Message::Text(text.into()));
    }
    simulation.pass(1_000);
    assert!(simulation.typing_arrives(0));
    assert_eq!(simulation.people[0].told, ["agent here", "secured 1"]);
}

#[test]
fn a_bare_picture_or_plain_input_in_binary_is_never_believed() {
    for (to, bytes) in [
        (
            Party::Person(0),
            b"\xFF\xD8\xFFPAINTED-00000099;".as_slice(),
        ),
        (Party::Person(0), b"PAINTED-00000099;................"),
        (Party::Agent, br#"{"type":"paste","text":"FORGED;"}"#),
    ] {
        let mut simulation = Simulation::attended();
        simulation.forge(to, Message::Binary(bytes.to_vec().into()));
        assert!(recovers(&mut simulation));
    }
}

#[test]
fn a_relay_never_makes_a_session_look_done_or_given_up() {
    for text in [
        r#"{"type":"session_resolved"}"#,
        r#"{"type":"session_cancelled"}"#,
        r#"{"type":"session_expired"}"#,
    ] {
        let mut simulation = Simulation::attended();
        simulation.forge(Party::Person(0), Message::Text(text.into()));
        simulation.forge(Party::Agent, Message::Text(text.into()));
        simulation.pass(60_000);
        let outcome = &simulation.outcome;
        let allowed = [None, Some(Outcome::Timeout)].contains(outcome)
            || matches!(outcome, Some(Outcome::Failed(_)));
        assert!(allowed, "{text}: {outcome:?}");
    }
}

// Handshakes and channels.

#[test]
fn a_late_hello2_is_dropped_and_the_next_attempt_counts() {
    let mut simulation = Simulation::new();
    simulation.attack(Towards::Viewers, Some(HELLO2), 1, How::Hold(7_000));
    simulation.open_link();
    simulation.pass(10_000);
    assert!(simulation.typing_arrives(0));
    assert_eq!(simulation.people[0].viewer.counters().outdated_answers, 1);
}

#[test]
fn a_replayed_hello1_takes_nothing() {
    let mut simulation = Simulation::attended();
    let hello = simulation
        .relay
        .malice
        .remembered(Towards::Agent, usize::MAX)
        .or_else(|| oldest(&simulation, HELLO1))
        .expect("a HELLO1");
    for chan in [1, 2, 7] {
        simulation.forge(Party::Agent, on_channel(hello.clone(), chan));
        simulation.pass(15_000);
        assert!(simulation.typing_arrives(0), "{chan}");
    }
}

fn oldest(simulation: &Simulation, kind: u8) -> Option<Message> {
    let remembered = |place| simulation.relay.malice.remembered(Towards::Agent, place);
    (0..64)
        .filter_map(remembered)
        .find(|message| matches!(message, Message::Binary(bytes) if bytes.get(1) == Some(&kind)))
}

#[test]
fn a_stockpiled_ready_does_not_take_over() {
    let mut simulation = Simulation::new();
    simulation.attack(Towards::Agent, Some(CONTROL), 1, How::Hold(4_000));
    let first = simulation.open_link();
    simulation.pass(1_000);
    let second = simulation.open_link();
    simulation.pass(1_000);
    assert!(simulation.typing_arrives(second));
    simulation.pass(10_000);
    assert!(simulation.typing_arrives(second));
    assert!(!simulation.people[first].is_in_control());
}

#[test]
fn one_viewers_records_on_anothers_channel_are_never_taken() {
    let mut simulation = Simulation::attended();
    let other = simulation.open_link();
    simulation.pass(1_000);
    simulation.type_something(0);
    simulation.pass(1_000);
    let input = oldest(&simulation, INPUT).expect("an input record");
    let before = simulation.browser.inserted.len();
    for chan in [1, 2, 3, 0, u16::MAX] {
        simulation.forge(Party::Agent, on_channel(input.clone(), chan));
    }
    simulation.pass(1_000);
    assert_eq!(simulation.browser.inserted.len(), before);
    simulation.pass(60_000);
    assert!(simulation.typing_arrives(0));
    assert!(!simulation.people[other].is_in_control());
}

#[test]
fn records_of_an_older_epoch_are_dropped() {
    let mut simulation = Simulation::attended();
    simulation.type_something(0);
    simulation.pass(1_000);
    let old = oldest(&simulation, INPUT).expect("an input record");
    simulation.lose_person(0);
    simulation.pass(3_000);
    assert!(simulation.typing_arrives(0));
    simulation.forge(Party::Agent, on_channel(old, 2));
    simulation.pass(1_000);
    assert!(simulation.typing_arrives(0));
}

#[test]
fn a_stranger_with_the_token_only_disturbs_nobody() {
    let mut simulation = Simulation::attended();
    let record = |kind: u8, length: usize| {
        let mut record = vec![0; length];
        record[0] = 2;
        record[1] = kind;
        record[7] = u8::from(kind > HELLO2);
        Message::Binary(record.into())
    };
    for kind in [HELLO1, HELLO2, FRAME, INPUT, CONTROL, 0x13, 0x1F, 0x7F] {
        simulation.stranger_sends(vec![record(kind, 32), record(kind, 300)]);
        simulation.pass(3_000);
    }
    simulation.stranger_sends(vec![
        Message::Text(r#"{"type":"resolved"}"#.into()),
        Message::Text(r#"{"type":"close_viewer","chan":1,"code":4408}"#.into()),
        Message::Binary(vec![0xFF; 100].into()),
    ]);
    simulation.pass(1_000);
    assert!(simulation.typing_arrives(0));
    assert_eq!(simulation.people[0].told, ["agent here", "secured 1"]);
}

#[test]
fn done_arrives_whatever_the_relay_does_to_it_at_first() {
    for how in ways() {
        let mut simulation = Simulation::attended();
        simulation.attack(Towards::Agent, Some(INPUT), 1, how.clone());
        simulation.request(0, Request::Send(InputEvent::Resolved));
        simulation.pass(60_000);
        // A relay that withholds it is only found out; the human sees that it isn't done.
        if simulation.outcome.is_none() {
            assert!(!simulation.people[0].sees_live(), "{how:?}");
            simulation.lose_person(0);
            simulation.pass(60_000);
        }
        assert_eq!(simulation.outcome, Some(Outcome::Resolved), "{how:?}");
    }
}

//! Hand-offs of protocol version 2 in virtual time, with an honest relay.

use authloop_core::{
    agent::event::Outcome,
    input::InputEvent,
    viewer::v2::{Answer, Ended, Frozen, Late, Request},
    wire::v2::CloseReason,
};
use authloop_testkit::simulator::{Simulation, TTL, click, link::Pace};

const RESOLVED: Ended = Ended::Closed(CloseReason::Resolved);
const TAKEN_OVER: Ended = Ended::Closed(CloseReason::TakenOver);

#[test]
fn a_human_sees_the_page_types_and_is_done() {
    let mut simulation = Simulation::attended();
    for _ in 0..10 {
        assert!(simulation.typing_arrives(0));
        simulation.paint();
        simulation.pass(500);
        let shown = simulation.people[0].screen.map(|(number, _)| number);
        assert_eq!(shown, Some(simulation.browser.painted));
    }
    simulation.request(0, Request::Send(InputEvent::Resolved));
    simulation.pass(2_000);
    assert_eq!(simulation.people[0].ended, Some(RESOLVED));
    assert_eq!(simulation.outcome, Some(Outcome::Resolved));
}

#[test]
fn an_hour_of_nothing_changes_nothing_but_the_keys() {
    let mut simulation = Simulation::attended();
    simulation.pass(3_700_000);
    assert!(simulation.typing_arrives(0));
    assert!(simulation.people[0].sees_live());
    let told = &simulation.people[0].told;
    assert_eq!(
        told,
        &["agent here", "secured 1", "lost", "agent here", "secured 2"]
    );
}

#[test]
fn the_sessions_end_is_told_by_the_agent() {
    let mut simulation = Simulation::attended();
    simulation.pass((TTL + 20) * 1_000);
    assert_eq!(simulation.outcome, Some(Outcome::Timeout));
    let ended = simulation.people[0].ended;
    let by_whom = [
        Some(Ended::Closed(CloseReason::Timeout)),
        Some(Ended::Refused(4410)),
    ];
    assert!(by_whom.contains(&ended), "{ended:?}");
}

#[test]
fn a_lost_connection_is_resumed() {
    let mut simulation = Simulation::attended();
    simulation.lose_person(0);
    simulation.pass(3_000);
    assert!(simulation.typing_arrives(0));
    simulation.lose_agent();
    simulation.pass(15_000);
    assert!(simulation.typing_arrives(0));
    assert!(simulation.people[0].sees_live());
}

#[test]
fn input_on_its_way_when_the_link_drops_is_lost_and_told_and_never_resent() {
    let mut simulation = Simulation::attended();
    let lost = simulation.type_something(0).expect("it is taken");
    simulation.lose_person(0);
    simulation.pass(3_000);
    assert!(simulation.typing_arrives(0));
    assert!(!simulation.browser.inserted.contains(&lost));
    let secured = simulation.people[0].secured.expect("keys");
    assert_eq!(secured.lost, Some(1));
}

#[test]
fn done_pressed_while_the_link_drops_arrives() {
    let mut simulation = Simulation::attended();
    simulation.request(0, Request::Send(InputEvent::Resolved));
    simulation.lose_person(0);
    simulation.pass(60_000);
    assert_eq!(simulation.outcome, Some(Outcome::Resolved));
    assert_eq!(simulation.people[0].ended, Some(RESOLVED));
}

#[test]
fn a_page_frozen_for_ten_minutes_is_blank_until_the_agent_answers() {
    let mut simulation = Simulation::attended();
    simulation.pass(1_000);
    simulation.sleep_person(0, 600_000);
    simulation.pass(2_000);
    let told = &simulation.people[0].told;
    let asleep = told.iter().position(|line| line == "frozen Asleep");
    let thawed = told.iter().position(|line| line == "thawed");
    assert!(asleep.is_some() && asleep < thawed, "{told:?}");
    assert!(simulation.typing_arrives(0));
}

#[test]
fn a_click_meant_for_another_document_is_dropped_and_told() {
    let mut simulation = Simulation::attended();
    simulation.people[0].down.stall(simulation.now + 1_000);
    simulation.browser.navigate(simulation.now);
    simulation.pass(100);
    simulation.request(0, Request::Send(click()));
    simulation.pass(2_000);
    assert_eq!(simulation.browser.presses, [0; 0]);
    let told = format!("dropped click {:?}", Late::Navigated);
    assert!(simulation.people[0].told.contains(&told));
    simulation.request(0, Request::Send(click()));
    simulation.pass(1_000);
    assert_eq!(simulation.browser.presses, [2]);
}

#[test]
fn a_hidden_page_gets_no_pictures_and_the_newest_when_it_is_looked_at() {
    let mut simulation = Simulation::attended();
    simulation.request(0, Request::Hide(true));
    simulation.pass(1_000);
    let before = simulation.people[0].screen;
    for _ in 0..20 {
        simulation.paint();
        simulation.pass(1_000);
    }
    assert_eq!(simulation.people[0].screen, before);
    simulation.request(0, Request::Hide(false));
    assert!(!simulation.people[0].sees_live());
    simulation.pass(500);
    assert!(simulation.people[0].sees_live());
    let shown = simulation.people[0].screen.map(|(number, _)| number);
    assert_eq!(shown, Some(simulation.browser.painted));
}

// Who controls.

#[test]
fn while_somebody_has_control_another_is_busy() {
    let mut simulation = Simulation::attended();
    let other = simulation.open_link();
    simulation.pass(10_000);
    assert!(!simulation.people[other].is_in_control());
    assert!(simulation.typing_arrives(0));
    simulation.pass(60_000);
    assert_eq!(simulation.people[other].ended, Some(Ended::Busy));
}

#[test]
fn control_is_handed_over_when_the_controller_says_so() {
    let mut simulation = Simulation::attended();
    let other = simulation.open_link();
    simulation.pass(2_000);
    let now = simulation.now;
    simulation.people[0].answer(now, Answer::HandOver);
    simulation.pass(10_000);
    assert_eq!(simulation.people[0].ended, Some(TAKEN_OVER));
    assert!(simulation.typing_arrives(other));
    assert!(simulation.told.contains(&"replaced"));
}

#[test]
fn control_is_kept_when_the_controller_says_so() {
    let mut simulation = Simulation::attended();
    let other = simulation.open_link();
    simulation.pass(2_000);
    let now = simulation.now;
    simulation.people[0].answer(now, Answer::Keep);
    simulation.pass(70_000);
    assert_eq!(simulation.people[other].ended, Some(Ended::Busy));
    assert!(simulation.typing_arrives(0));
}

#[test]
fn a_controller_that_left_is_followed_at_once() {
    let mut simulation = Simulation::attended();
    simulation.request(0, Request::Leave);
    simulation.pass(1_000);
    let other = simulation.open_link();
    simulation.pass(2_000);
    assert!(simulation.typing_arrives(other));
}

#[test]
fn silence_frees_control_only_after_two_minutes() {
    let mut simulation = Simulation::attended();
    // The phone shows the SMS app; the human is coming back.
    simulation.sleep_person(0, 60_000);
    let other = simulation.open_link();
    simulation.pass(1_000);
    assert!(!simulation.people[other].is_in_control());
    simulation.pass(5_000);
    assert!(simulation.typing_arrives(0), "they are back");
}

#[test]
fn after_two_minutes_of_silence_another_gets_control_without_a_proof() {
    let mut simulation = Simulation::attended();
    simulation.sleep_person(0, 110_000);
    simulation.people[0].asleep = true;
    let other = simulation.open_link();
    simulation.pass(5_000);
    assert!(!simulation.people[other].is_in_control());
    simulation.pass(12_000);
    assert!(simulation.typing_arrives(other));
}

#[test]
fn who_lost_control_by_silence_comes_back_by_its_proof_and_displaces_who_came_after() {
    let mut simulation = Simulation::attended();
    simulation.sleep_person(0, 110_000);
    let secret = simulation.people[0].viewer.resume_secret().cloned();
    simulation.people[0].asleep = true;
    let other = simulation.open_link();
    simulation.pass(20_000);
    assert!(simulation.typing_arrives(other));
    let link = simulation.link.clone();
    let back = simulation.open(&link, secret);
    simulation.pass(3_000);
    assert!(simulation.typing_arrives(back));
    assert_eq!(simulation.people[other].ended, Some(TAKEN_OVER));
    let displaced = simulation.open_link();
    simulation.pass(10_000);
    assert!(!simulation.people[displaced].is_in_control());
}

#[test]
fn another_tab_of_the_same_browser_takes_over_by_its_proof() {
    let mut simulation = Simulation::attended();
    let tab = simulation.open_tab_of(0);
    simulation.pass(3_000);
    assert_eq!(simulation.people[0].ended, Some(TAKEN_OVER));
    assert!(simulation.typing_arrives(tab));
    simulation.pass(300_000);
    assert_eq!(simulation.people.len(), 2, "nobody comes back by itself");
    assert!(simulation.typing_arrives(tab));
}

#[test]
fn a_displaced_controller_comes_back_only_by_its_proof() {
    let mut simulation = Simulation::attended();
    let first = simulation.people[0].viewer.resume_secret().cloned();
    let other = simulation.open_link();
    simulation.pass(2_000);
    let now = simulation.now;
    simulation.people[0].answer(now, Answer::HandOver);
    simulation.pass(5_000);
    assert!(simulation.typing_arrives(other));
    let link = simulation.link.clone();
    let back = simulation.open(&link, first);
    simulation.pass(10_000);
    assert!(
        !simulation.people[back].is_in_control(),
        "it gave control away"
    );
    assert!(simulation.typing_arrives(other));
}

#[test]
fn a_pin_is_asked_for_where_it_is_set_up() {
    use authloop_core::secret::Pin;
    let mut simulation = Simulation::with(1, Some("123456"), |_| {});
    simulation.open_link();
    simulation.pass(1_000);
    assert_eq!(
        simulation.people[0].told,
        ["agent here", "pin, wrong false"]
    );
    for (digits, told) in [("000000", "pin, wrong true"), ("123456", "secured 1")] {
        let pin = Pin::parse(digits).expect("6 digits");
        simulation.request(0, Request::Pin(pin));
        simulation.pass(1_000);
        assert_eq!(
            simulation.people[0].told.last().map(String::as_str),
            Some(told)
        );
    }
    assert!(simulation.typing_arrives(0));
}

#[test]
fn pins_tried_while_a_controller_works_are_busy_and_never_looked_at() {
    use authloop_core::secret::Pin;
    let mut simulation = Simulation::with(1, Some("123456"), |_| {});
    simulation.open_link();
    let right = || Pin::parse("123456").expect("6 digits");
    simulation.request(0, Request::Pin(right()));
    simulation.pass(2_000);
    let other = simulation.open_link();
    simulation.request(other, Request::Pin(right()));
    simulation.pass(10_000);
    assert!(simulation.people[other].told.contains(&"busy".into()));
    assert!(
        !simulation.people[other]
            .told
            .iter()
            .any(|line| line.starts_with("pin"))
    );
    assert!(simulation.typing_arrives(0));
}

#[test]
fn a_viewer_that_hears_nothing_freezes_and_thaws() {
    let mut simulation = Simulation::attended();
    let until = simulation.now + 10_000;
    simulation.people[0].down.stall(until);
    simulation.pass(9_999);
    assert_eq!(simulation.people[0].frozen, Some(Frozen::Silent));
    simulation.pass(3_000);
    assert!(simulation.people[0].sees_live());
    assert!(simulation.typing_arrives(0));
}

#[test]
fn on_a_slow_link_with_a_lively_page_the_picture_stays_recent_and_input_flows() {
    let mut simulation = Simulation::attended();
    // 2 Mbit/s, and pictures of 100 kB ten times a second.
    let pace = Pace {
        latency: 100,
        bytes_per_ms: 250,
    };
    simulation.pace(0, pace);
    simulation.browser.picture = 100_000;
    for tick in 0..300 {
        simulation.paint();
        simulation.pass(100);
        assert_eq!(simulation.people[0].frozen, None, "{tick}");
        let (shown, _) = simulation.people[0].screen.expect("a picture");
        let behind = simulation.browser.painted - shown;
        assert!(behind < 30, "{behind} pictures behind at {tick}");
        if tick % 20 == 19 {
            assert!(simulation.type_something(0).is_some());
        }
    }
    simulation.pass(2_000);
    assert_eq!(simulation.browser.inserted.len(), 15);
}

#[test]
fn a_relay_that_is_down_for_a_while_is_dialled_until_it_is_back() {
    let mut simulation = Simulation::attended();
    simulation.relay.is_down = true;
    simulation.lose_person(0);
    simulation.lose_agent();
    simulation.pass(15_000);
    assert!(!simulation.people[0].sees_live());
    simulation.relay.is_down = false;
    simulation.pass(15_000);
    assert!(simulation.typing_arrives(0));
}

#[test]
fn a_cancelled_session_is_told_to_the_viewer_by_the_agent() {
    let mut simulation = Simulation::attended();
    simulation.cancel();
    simulation.pass(2_000);
    assert_eq!(simulation.outcome, Some(Outcome::Cancelled));
    let ended = simulation.people[0].ended;
    assert_eq!(ended, Some(Ended::Closed(CloseReason::Cancelled)));
}

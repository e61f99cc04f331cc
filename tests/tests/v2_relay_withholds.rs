//! A hostile relay of version 2 that keeps things back: the human is never shown the past as live, and
//! hears of it within seconds.

use authloop_core::viewer::v2::Frozen;
use authloop_testkit::simulator::{
    Simulation,
    malice::{How, Towards},
};

const FRAME: u8 = 0x10;
const CONTROL: u8 = 0x12;

#[test]
fn a_withheld_uplink_is_noticed() {
    let mut simulation = Simulation::attended();
    simulation.attack(Towards::Agent, None, u32::MAX, How::Drop);
    simulation.type_something(0);
    simulation.pass(8_100);
    let person = &simulation.people[0];
    assert_eq!(person.frozen, Some(Frozen::Unheard), "{:?}", person.told);
    assert!(!person.is_in_control());
}

#[test]
fn withheld_control_is_noticed() {
    let mut simulation = Simulation::attended();
    simulation.attack(Towards::Viewers, Some(CONTROL), 1, How::Drop);
    simulation.pass(2_100);
    simulation.paint();
    simulation.pass(2_000);
    let told = &simulation.people[0].told;
    assert!(told.contains(&"lost".into()), "{told:?}");
    simulation.pass(20_000);
    assert!(simulation.typing_arrives(0));
}

#[test]
fn all_control_and_no_picture_withheld_freezes_or_closes() {
    let mut simulation = Simulation::attended();
    simulation.attack(Towards::Viewers, Some(CONTROL), u32::MAX, How::Drop);
    simulation.pass(6_100);
    assert!(!simulation.people[0].sees_live());
}

#[test]
fn withheld_pictures_are_noticed() {
    let mut simulation = Simulation::attended();
    simulation.attack(Towards::Viewers, Some(FRAME), u32::MAX, How::Drop);
    simulation.paint();
    simulation.pass(8_500);
    assert_eq!(simulation.people[0].frozen, Some(Frozen::Picture));
    simulation.relay.malice.relent();
    simulation.paint();
    simulation.pass(10_000);
    assert!(simulation.people[0].sees_live());
}

#[test]
fn all_frames_in_flight_lost_are_sealed_again() {
    let mut simulation = Simulation::attended();
    simulation.attack(Towards::Viewers, Some(FRAME), 2, How::Drop);
    simulation.paint();
    simulation.paint();
    simulation.pass(12_000);
    let person = &simulation.people[0];
    let shown = person.screen.map(|(number, _)| number);
    assert_eq!(shown, Some(simulation.browser.painted));
    assert!(person.sees_live());
}

#[test]
fn a_relay_that_is_late_for_good_never_shows_the_past_as_live() {
    for millis in [2_000, 7_000, 30_000] {
        for towards in [Towards::Agent, Towards::Viewers] {
            let mut simulation = Simulation::attended();
            simulation.attack(towards, None, u32::MAX, How::Hold(millis));
            for _ in 0..60 {
                simulation.paint();
                simulation.type_something(0);
                simulation.pass(1_000);
            }
        }
    }
}

//! What the types of the machines promise by themselves: they go to any thread, what they say is small,
//! and nothing that holds a secret can be printed.

use core::{fmt::Debug, marker::PhantomData};

use authloop_core::{
    agent,
    crypto::v2::{ResumeSecret, ViewerEpoch},
    generator::Generator,
    relay,
    secret::{ApiKey, Pin, Seed, StreamToken, ViewerToken},
    viewer,
};

const fn is_sent<T: Send + 'static>() {}

#[test]
fn machines_and_what_they_say_go_to_any_thread() {
    is_sent::<agent::Agent>();
    is_sent::<agent::io::Output>();
    is_sent::<viewer::v1::Viewer>();
    is_sent::<viewer::v1::Output>();
    is_sent::<viewer::v2::Viewer>();
    is_sent::<viewer::v2::Output>();
    is_sent::<relay::Room>();
    is_sent::<relay::Output>();
}

#[test]
fn what_a_machine_says_is_moved_cheaply() {
    assert!(size_of::<agent::io::Output>() <= 160);
    assert!(size_of::<viewer::v2::Output>() <= 160);
    assert!(size_of::<relay::Output>() <= 160);
}

/// Tells whether a type can be printed: its own constant stands before the trait's.
struct Printed<T>(PhantomData<T>);

trait Silent {
    const IS_SILENT: bool = true;
}

impl<T> Silent for Printed<T> {}

impl<T: Debug> Printed<T> {
    const IS_SILENT: bool = false;
}

macro_rules! are_silent {
    ($($name:ty),* $(,)?) => {
        $(assert!(Printed::<$name>::IS_SILENT, stringify!($name));)*
    };
}

#[test]
fn nothing_that_holds_a_secret_can_be_printed() {
    const { assert!(!Printed::<u8>::IS_SILENT, "what can be printed is found") };
    are_silent!(
        agent::Agent,
        agent::config::Config,
        agent::event::Event,
        agent::event::SessionInfo,
        agent::io::Input<'_>,
        agent::io::Output,
        agent::io::HttpRequest,
        agent::io::Connect,
        viewer::v2::Viewer,
        viewer::v2::Event,
        viewer::v2::Input<'_>,
        viewer::v2::Output,
        viewer::v2::Request,
        relay::Room,
        relay::Output,
        relay::Item,
        ViewerEpoch,
        ResumeSecret,
        Generator,
        ApiKey,
        Pin,
        Seed,
        StreamToken,
        ViewerToken,
    );
}

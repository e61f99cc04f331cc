//! Getting to a peer: names, addresses, time limits.

use std::{net::SocketAddr, time::Duration};

use async_tungstenite::accept_async;
use authloop_core::agent::io::{Closed, Connect, ConnectFailure, HostHeader, Output, Peer};

use crate::testing::{Answers, CONNECT_LIMIT, MAX_MESSAGE, Script, Seen, Stage, World, connect};

const MILLI: Duration = Duration::from_millis(1);

/// Dials the browser in a world; returns what the machine heard after this time.
fn dial(world: &World, after: Duration) -> Vec<Seen> {
    let script = Script::new(vec![connect(Peer::Browser)]);
    let mut stage = Stage::new(world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let _socket = accept_async(end).await.expect("an upgrade");
        std::future::pending::<()>().await;
    });
    stage.settle();
    stage.pass(after);
    script.seen()
}

fn failed(failure: ConnectFailure) -> [Seen; 1] {
    [Seen::Closed(Peer::Browser, Closed::Failed(failure))]
}

fn addresses(at: &[&str]) -> Vec<SocketAddr> {
    at.iter().map(|at| at.parse().expect("valid")).collect()
}

#[test]
fn a_name_that_does_not_resolve_is_told_from_one_nobody_answers_at() {
    let world = World::new();
    assert_eq!(
        dial(&world, Duration::ZERO),
        failed(ConnectFailure::Unresolved)
    );
    let world = World::new().name("browser", &[]);
    assert_eq!(
        dial(&world, Duration::ZERO),
        failed(ConnectFailure::Unresolved)
    );
    let world = World::new()
        .name("browser", &["10.0.0.1:9222"])
        .address("10.0.0.1:9222", Answers::Refuses);
    assert_eq!(
        dial(&world, Duration::ZERO),
        failed(ConnectFailure::Unreachable)
    );
}

#[test]
fn every_address_gets_its_chance() {
    let world = World::new()
        .name("browser", &["[2001:db8::1]:9222", "10.0.0.1:9222"])
        .address("[2001:db8::1]:9222", Answers::Refuses)
        .address("10.0.0.1:9222", Answers::Accepts(1_000));
    assert_eq!(dial(&world, Duration::ZERO), [Seen::Opened(Peer::Browser)]);
}

#[test]
fn a_silent_address_holds_the_next_one_up_for_a_moment_only() {
    let world = World::new()
        .name("browser", &["[2001:db8::1]:9222", "10.0.0.1:9222"])
        .address("[2001:db8::1]:9222", Answers::StaysSilent)
        .address("10.0.0.1:9222", Answers::Accepts(1_000));
    assert_eq!(dial(&world, 249 * MILLI), []);
    assert_eq!(world.tried(), addresses(&["[2001:db8::1]:9222"]));
    assert_eq!(dial(&world, 250 * MILLI), [Seen::Opened(Peer::Browser)]);
}

#[test]
fn silence_everywhere_ends_with_the_time_limit() {
    let world = World::new()
        .name("browser", &["10.0.0.1:9222", "10.0.0.2:9222"])
        .address("10.0.0.1:9222", Answers::StaysSilent)
        .address("10.0.0.2:9222", Answers::StaysSilent);
    assert_eq!(dial(&world, CONNECT_LIMIT - MILLI), []);
    assert_eq!(
        dial(&world, CONNECT_LIMIT),
        failed(ConnectFailure::TimedOut)
    );
}

#[test]
fn an_upgrade_that_never_comes_ends_with_the_time_limit() {
    let world = World::new()
        .name("browser", &["10.0.0.1:9222"])
        .address("10.0.0.1:9222", Answers::Accepts(1_000));
    let script = Script::new(vec![connect(Peer::Browser)]);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        let _silent = theirs.accept().await;
        std::future::pending::<()>().await;
    });
    stage.settle();
    stage.pass(CONNECT_LIMIT);
    assert_eq!(script.seen(), failed(ConnectFailure::TimedOut));
}

#[test]
fn a_browser_is_never_looked_for_where_clouds_keep_credentials() {
    let world = World::new()
        .name("browser", &["169.254.169.254:9222", "[fe80::1]:9222"])
        .address("169.254.169.254:9222", Answers::Accepts(1_000));
    assert_eq!(
        dial(&world, Duration::ZERO),
        failed(ConnectFailure::Forbidden)
    );
    assert_eq!(world.tried(), []);
}

#[test]
fn a_name_with_a_forbidden_address_among_others_uses_the_others() {
    let world = World::new()
        .name("browser", &["169.254.169.254:9222", "10.0.0.1:9222"])
        .address("169.254.169.254:9222", Answers::Accepts(1_000))
        .address("10.0.0.1:9222", Answers::Accepts(1_000));
    assert_eq!(dial(&world, Duration::ZERO), [Seen::Opened(Peer::Browser)]);
    assert_eq!(world.tried(), addresses(&["10.0.0.1:9222"]));
}

#[test]
fn ip_addresses_need_no_resolver_and_bad_urls_no_connection() {
    let world = World::new().address("[::1]:9222", Answers::Refuses);
    for (url, expected) in [
        ("ws://[::1]:9222/", ConnectFailure::Unreachable),
        ("ws://169.254.169.254/", ConnectFailure::Forbidden),
        ("http://[::1]:9222/", ConnectFailure::InvalidUrl),
        ("", ConnectFailure::InvalidUrl),
    ] {
        let script = Script::new(vec![Output::Connect(
            Peer::Browser,
            Connect {
                url: url.to_owned(),
                host: HostHeader::Name,
                max_message: MAX_MESSAGE,
                timeout: CONNECT_LIMIT,
            },
        )]);
        Stage::new(&world, &script).settle();
        assert_eq!(script.seen(), failed(expected), "{url}");
    }
    assert_eq!(world.tried(), addresses(&["[::1]:9222"]));
}

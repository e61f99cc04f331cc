//! A driver on a stage: everything runs until nothing can, then time passes.

use std::{cell::RefCell, rc::Rc, time::Duration};

use authloop_core::{
    agent::{
        event::Outcome,
        io::{Connect, HostHeader, HttpId, HttpRequest, Message, Method, Output, Peer},
    },
    secret::ApiKey,
};
use futures::{
    AsyncReadExt as _,
    executor::{LocalPool, LocalSpawner},
    task::LocalSpawnExt as _,
};

use crate::{
    handle::Handle,
    options::Options,
    run::drive,
    testing::{duplex::End, script::Script, world::World},
};

/// How long a connection may take to be made.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// The largest message accepted.
pub(crate) const MAX_MESSAGE: usize = 1_000;

/// The largest HTTP body accepted.
pub(crate) const MAX_BODY: usize = 100;

/// A driver, and whom it talks to.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) handle: Handle,
    pool: LocalPool,
    outcome: Rc<RefCell<Option<Outcome>>>,
}

impl Stage {
    /// Starts a driver; nothing runs before [`Stage::settle`].
    pub(crate) fn new(world: &World, script: &Script) -> Self {
        let (handle, driver) = drive(world.clone(), Options::default(), script.clone());
        let outcome = Rc::new(RefCell::new(None));
        let stage = Self {
            world: world.clone(),
            handle,
            pool: LocalPool::new(),
            outcome: Rc::clone(&outcome),
        };
        stage.spawn(async move {
            let ended = driver.await;
            outcome.replace(Some(ended));
        });
        stage
    }

    /// Adds a party to the stage.
    pub(crate) fn spawn(&self, party: impl Future<Output = ()> + 'static) {
        self.spawner()
            .spawn_local(party)
            .expect("the pool is there");
    }

    /// Runs everyone until nobody can go on.
    pub(crate) fn settle(&mut self) {
        self.pool.run_until_stalled();
    }

    /// Lets time pass, then runs everyone.
    pub(crate) fn pass(&mut self, duration: Duration) {
        self.world.pass(duration);
        self.settle();
    }

    /// Returns how the driver's future ended.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.outcome.borrow().clone()
    }

    fn spawner(&self) -> LocalSpawner {
        self.pool.spawner()
    }
}

/// Where a peer is found in these tests: `browser:9222` or `relay:9222`.
pub(crate) fn connect(peer: Peer) -> Output {
    connect_as(peer, HostHeader::Name)
}

/// The same, with a choice of `Host`.
pub(crate) fn connect_as(peer: Peer, host: HostHeader) -> Output {
    let name = match peer {
        Peer::Browser => "browser",
        Peer::Relay => "relay",
    };
    Output::Connect(
        peer,
        Connect {
            url: format!("ws://{name}:9222/stream?token=secret"),
            host,
            max_message: MAX_MESSAGE,
            timeout: CONNECT_LIMIT,
        },
    )
}

/// A text for a peer.
pub(crate) fn text(peer: Peer, text: &str) -> Output {
    Output::Send(peer, Message::Text(text.to_owned()))
}

/// An HTTP request to the relay, with a body and a key.
pub(crate) fn post(id: HttpId, path: &str) -> Output {
    Output::Http(
        id,
        HttpRequest {
            peer: Peer::Relay,
            method: Method::Post,
            url: format!("http://relay:9222{path}"),
            host: HostHeader::Name,
            bearer: Some(ApiKey::new("al_test_key")),
            body: Some("{}".to_owned()),
            max_body: MAX_BODY,
            timeout: CONNECT_LIMIT,
        },
    )
}

/// A world in which both peers accept connections of this capacity.
pub(crate) fn peers(capacity: usize) -> World {
    use crate::testing::world::Answers::Accepts;
    World::new()
        .name("browser", &["10.0.0.1:9222"])
        .name("relay", &["10.0.0.2:9222"])
        .address("10.0.0.1:9222", Accepts(capacity))
        .address("10.0.0.2:9222", Accepts(capacity))
}

/// Reads an HTTP request's head.
pub(crate) async fn read_head(end: &mut End) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match end.read(&mut byte).await {
            Ok(1) => head.extend(byte),
            _ => break,
        }
    }
    String::from_utf8(head).expect("an HTTP head is text")
}

//! Whoever comes, in whatever order, one viewer has control, and only what it says is heard.

mod handshakes;
mod limits;
mod pins;
mod properties;
mod resume;
mod slot;
mod takeover;

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use core::time::Duration;

use super::*;
use crate::{
    crypto::v2::{
        Accepted, Answered, FromAgent, Link, Offer, ResumeSecret, ViewerEpoch, ViewerHandshake,
    },
    secret::Seed,
    wire::v2::{CloseCode, FrameMeta, RefusalReason},
};

const START: Timestamp = Timestamp::from_millis(1_000_000);
const TTL: Duration = Duration::from_secs(24 * 60 * 60);
const PIN: &str = "012345";

/// An agent's arbiter, and what came of its orders.
struct Scene {
    arbiter: Arbiter,
    generator: Generator,
    link: Link,
    id: SessionId,
    now: Timestamp,
    /// Records that viewers haven't read yet.
    inboxes: BTreeMap<u16, Vec<Vec<u8>>>,
    closed: Vec<(u16, u16)>,
    news: Vec<News>,
}

/// A viewer on a channel.
struct Viewer {
    chan: u16,
    attempt: u64,
    epoch: Option<ViewerEpoch>,
    secret: Option<ResumeSecret>,
}

/// What a viewer brings besides the link.
#[derive(Clone, Copy, Default)]
struct Brings<'a> {
    pin: Option<&'a str>,
    secret: Option<&'a ResumeSecret>,
}

impl<'a> Brings<'a> {
    fn secret(of: &'a Viewer) -> Self {
        Self {
            secret: of.secret.as_ref(),
            ..Self::default()
        }
    }

    fn pin(pin: &'a str) -> Self {
        Self {
            pin: Some(pin),
            ..Self::default()
        }
    }
}

impl Scene {
    fn new() -> Self {
        Self::with(None)
    }

    fn with_pin() -> Self {
        Self::with(Pin::parse(PIN))
    }

    fn with(pin: Option<Pin>) -> Self {
        let mut generator = Generator::new(Seed::new([7; 32]));
        let identity = AgentIdentity::generate(&mut generator);
        let link = Link::parse(&identity.link().to_fragment()).expect("a link");
        let id = SessionId::parse("sess_1").expect("an id");
        Self {
            arbiter: Arbiter::new(identity, id.clone(), pin, START + TTL),
            generator,
            link,
            id,
            now: START,
            inboxes: BTreeMap::new(),
            closed: Vec::new(),
            news: Vec::new(),
        }
    }

    fn drain(&mut self) {
        while let Some(order) = self.arbiter.poll() {
            match order {
                Order::Send(record) => {
                    let chan = hop(&record).expect("a record");
                    self.inboxes.entry(chan).or_default().push(record);
                }
                Order::CloseViewer { chan, code } => self.closed.push((chan, code.get())),
                Order::News(news) => self.news.push(news),
            }
        }
    }

    fn wait(&mut self, seconds: u64) {
        self.wait_millis(seconds * 1_000);
    }

    fn wait_millis(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
        self.arbiter.tick(self.now);
        self.drain();
    }

    fn take_news(&mut self) -> Vec<News> {
        core::mem::take(&mut self.news)
    }

    fn take_closed(&mut self) -> Vec<(u16, u16)> {
        core::mem::take(&mut self.closed)
    }

    fn inbox(&mut self, chan: u16) -> Vec<Vec<u8>> {
        self.inboxes.remove(&chan).unwrap_or_default()
    }

    fn connect(&mut self, chan: u16) -> Viewer {
        self.arbiter.viewer_connected(chan);
        self.drain();
        Viewer::on(chan)
    }

    fn disconnect(&mut self, chan: u16) {
        self.arbiter.viewer_disconnected(chan);
        self.drain();
    }

    /// Gives a record to the agent as one of this channel. Returns the input it heard.
    fn deliver(&mut self, chan: u16, record: &[u8]) -> Option<String> {
        let mut record = record.to_vec();
        record[2..4].copy_from_slice(&chan.to_be_bytes());
        let said = self
            .arbiter
            .read(self.now, &mut self.generator, &mut record)
            .map(|said| match said.into_inner() {
                Said::Input(json) | Said::Control(Control { json, .. }) => {
                    String::from_utf8(json.to_vec()).expect("text")
                }
                Said::Ack(ack) => format!("{ack:?}"),
            });
        self.drain();
        said
    }

    /// Makes a HELLO1 without sending it.
    fn hello(&mut self, viewer: &mut Viewer, brings: Brings<'_>) -> (ViewerHandshake, Vec<u8>) {
        let offer = Offer {
            caps: Vec::new(),
            pin: brings.pin.and_then(Pin::parse),
            resume: brings.secret,
        };
        let attempt = viewer.attempt;
        viewer.attempt += 1;
        ViewerHandshake::start(&self.link, &self.id, attempt, offer, &mut self.generator)
            .expect("a small offer")
    }

    /// Sends a HELLO1 and reads the answer, if any.
    fn ask(&mut self, viewer: &mut Viewer, brings: Brings<'_>) -> Option<Answered> {
        let (handshake, hello1) = self.hello(viewer, brings);
        let before = self.inbox(viewer.chan);
        assert_eq!(self.deliver(viewer.chan, &hello1), None);
        let answer = self.inbox(viewer.chan).pop();
        self.inboxes.insert(viewer.chan, before);
        let read = |hello2: Vec<u8>| handshake.read(self.now, &hello2).expect("a good answer");
        answer.map(read)
    }

    /// Goes as far as the READY that a viewer is about to send.
    fn pend(&mut self, viewer: &mut Viewer, brings: Brings<'_>) -> Accepted {
        match self.ask(viewer, brings) {
            Some(Answered::Accepted(accepted)) => accepted,
            Some(Answered::Refused(reason)) => panic!("refused: {reason:?}"),
            Some(Answered::Outdated(_)) | None => panic!("no answer; closed: {:?}", self.closed),
        }
    }

    /// Sends READY, from when on the viewer has its own keys.
    fn ready(&mut self, viewer: &mut Viewer, accepted: Accepted) {
        self.deliver(viewer.chan, &accepted.ready);
        viewer.secret = Some(accepted.epoch.resume_secret().clone());
        viewer.epoch = Some(accepted.epoch);
    }

    /// Connects a viewer and gives it control.
    fn join(&mut self, chan: u16, brings: Brings<'_>) -> Viewer {
        let mut viewer = self.connect(chan);
        let accepted = self.pend(&mut viewer, brings);
        self.ready(&mut viewer, accepted);
        assert!(self.controls(&viewer));
        viewer
    }

    /// Connects a viewer that is turned down because somebody has control.
    fn challenge(&mut self, chan: u16) -> Viewer {
        let mut viewer = self.connect(chan);
        self.expect_refused(&mut viewer, Brings::default(), RefusalReason::Busy);
        viewer
    }

    fn expect_refused(&mut self, viewer: &mut Viewer, brings: Brings<'_>, why: RefusalReason) {
        match self.ask(viewer, brings) {
            Some(Answered::Refused(reason)) => assert_eq!(reason, why),
            Some(Answered::Accepted(_)) => panic!("accepted"),
            Some(Answered::Outdated(_)) | None => panic!("no answer; closed: {:?}", self.closed),
        }
    }

    fn controls(&self, viewer: &Viewer) -> bool {
        let live = self.arbiter.slot.live();
        live.is_some_and(|live| {
            live.chan == viewer.chan
                && viewer
                    .epoch
                    .as_ref()
                    .is_some_and(|epoch| epoch.epoch() == live.epoch.epoch())
        })
    }

    /// A viewer types. Returns what the agent heard.
    fn types(&mut self, viewer: &mut Viewer, json: &str) -> Option<String> {
        let record = viewer.input(self.now, json);
        self.deliver(viewer.chan, &record)
    }

    /// A viewer sends a control message. Returns what the session hears of it.
    fn tells(&mut self, viewer: &mut Viewer, json: &str) -> Option<String> {
        let epoch = viewer.epoch.as_mut().expect("keys");
        let record = epoch.seal_control(self.now, json.as_bytes()).expect("keys");
        self.deliver(viewer.chan, &record)
    }

    fn answers(&mut self, viewer: &mut Viewer, about: u16, answer: &str) {
        let json = format!(r#"{{"type":"takeover","id":{about},"answer":"{answer}"}}"#);
        assert_eq!(self.tells(viewer, &json), None);
    }

    /// A viewer leaves for good.
    fn leaves(&mut self, viewer: &mut Viewer) {
        let epoch = viewer.epoch.as_mut().expect("keys");
        let record = epoch.seal_left(self.now).expect("keys");
        assert_eq!(self.deliver(viewer.chan, &record), None);
    }

    /// Reads what came for a viewer in its epoch: control messages, or why it closed.
    fn hears(&mut self, viewer: &mut Viewer) -> Vec<String> {
        let now = self.now;
        let records = self.inbox(viewer.chan);
        let epoch = viewer.epoch.as_mut().expect("keys");
        let read = |mut record: Vec<u8>| match epoch.open(now, &mut record).ok()?.into_inner() {
            FromAgent::Control(control) => String::from_utf8(control.json.to_vec()).ok(),
            FromAgent::Close(reason) => Some(format!("{reason:?}")),
            FromAgent::Frame(frame) => Some(format!("frame {}", frame.counter)),
        };
        records.into_iter().filter_map(read).collect()
    }
}

impl Viewer {
    const fn on(chan: u16) -> Self {
        Self {
            chan,
            attempt: 0,
            epoch: None,
            secret: None,
        }
    }

    fn input(&mut self, now: Timestamp, json: &str) -> Vec<u8> {
        let epoch = self.epoch.as_mut().expect("keys");
        epoch.seal_input(now, json.as_bytes()).expect("keys")
    }
}

fn picture() -> FrameDraft {
    let meta = FrameMeta {
        repeat: false,
        page: 1,
        capture_ms: 0,
        device_width: 1.0,
        device_height: 1.0,
        offset_top: 0.0,
        page_scale_factor: 1.0,
        scroll_x: 0.0,
        scroll_y: 0.0,
    };
    let mut draft = FrameDraft::new(&meta, 4).expect("finite");
    draft.push(b"jpeg");
    draft
}

#[test]
fn a_viewer_that_is_let_in_is_heard_and_shown_everything() {
    let mut scene = Scene::new();
    let mut viewer = scene.connect(1);
    let accepted = scene.pend(&mut viewer, Brings::default());
    assert_eq!(u128::from(accepted.expires_in), TTL.as_millis());
    assert_eq!((accepted.got, accepted.got_epoch), (None, None));
    assert!(!scene.arbiter.is_controlled(), "not before READY");
    scene.ready(&mut viewer, accepted);
    assert!(scene.arbiter.is_controlled());
    assert_eq!(scene.take_news(), [News::Joined]);

    assert_eq!(scene.types(&mut viewer, "{}").as_deref(), Some("{}"));
    let heartbeat = r#"{"type":"heartbeat"}"#;
    assert_eq!(
        scene.tells(&mut viewer, heartbeat).as_deref(),
        Some(heartbeat)
    );
    assert_eq!(scene.arbiter.got(), 3);

    assert!(scene.arbiter.seal_control(scene.now, br#"{"type":"url"}"#));
    let (counter, length) = scene
        .arbiter
        .seal_frame(scene.now, picture())
        .expect("keys");
    scene.drain();
    assert_eq!(scene.inboxes[&1][1].len(), length);
    assert_eq!(counter, 0);
    let heard = scene.hears(&mut viewer);
    assert_eq!(
        heard,
        [r#"{"type":"url"}"#, "frame 0"],
        "in the order they were sealed"
    );
    let ack = viewer.epoch.as_mut().expect("keys").seal_ack(
        scene.now,
        Ack {
            frame: 0,
            waiting: 0,
        },
    );
    assert!(scene.deliver(1, &ack.expect("keys")).is_some());
    assert!(scene.closed.is_empty());
}

#[test]
fn the_end_is_told_to_the_viewer_in_control_only() {
    let mut scene = Scene::new();
    let mut viewer = scene.join(1, Brings::default());
    scene.challenge(2);
    scene.hears(&mut viewer);
    let Scene { arbiter, now, .. } = scene;
    let orders: Vec<Order> = arbiter.close(now, CloseReason::Resolved).collect();
    let [Order::Send(record)] = orders.as_slice() else {
        panic!("one record");
    };
    assert_eq!(hop(record), Some(1));
    let mut record = record.clone();
    let opened = viewer.epoch.as_mut().expect("keys").open(now, &mut record);
    let reason = opened.map(Opened::into_inner);
    assert!(matches!(
        reason,
        Ok(FromAgent::Close(CloseReason::Resolved))
    ));
}

#[test]
fn the_end_without_a_viewer_is_told_to_nobody() {
    let scene = Scene::new();
    assert_eq!(scene.arbiter.close(START, CloseReason::Timeout).count(), 0);
}

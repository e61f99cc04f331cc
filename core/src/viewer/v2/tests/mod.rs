//! What the viewer machine of version 2 promises, in virtual time.

mod alive;
mod dialling;
mod input;
mod joining;
mod pictures;
mod takeover;
mod tampering;

use alloc::{format, string::String, vec, vec::Vec};

use super::*;
use crate::{
    crypto::v2::{
        AgentEpoch, AgentIdentity, AgentPending, Confirmed, Epochs as Numbers, FrameDraft,
        FromViewer, ReceivedHello, SessionId, SessionUrl,
    },
    secret::Pin,
    wire::v2::{CloseReason, FrameMeta, RefusalReason},
};

const META: FrameMeta = FrameMeta {
    repeat: false,
    page: 1,
    capture_ms: 1_001,
    device_width: 1_280.0,
    device_height: 720.0,
    offset_top: 0.0,
    page_scale_factor: 1.0,
    scroll_x: 0.0,
    scroll_y: 0.0,
};

const AGENT_CONNECTED: &str = r#"{"type":"agent_connected"}"#;
const AGENT_DISCONNECTED: &str = r#"{"type":"agent_disconnected"}"#;

/// What is left of the session when a viewer joins.
const EXPIRES_IN: u64 = 600_000;

/// A viewer, and the agent's keys at the other end of its socket.
struct Bench {
    viewer: Viewer,
    identity: AgentIdentity,
    id: SessionId,
    numbers: Numbers,
    random: Generator,
    agent: Option<AgentEpoch>,
    now: u64,
    /// Records the viewer sent, in order, that the agent didn't read yet.
    sent: Vec<Vec<u8>>,
    dialled: usize,
    closes: Vec<u16>,
    events: Vec<Event>,
    deadline: Option<Timestamp>,
}

impl Bench {
    /// A viewer that was just made, and wants to dial.
    fn new() -> Self {
        Self::with(Acks::WhenTaken)
    }

    fn with(acks: Acks) -> Self {
        let mut random = Generator::new(Seed::new([2; 32]));
        let identity = AgentIdentity::generate(&mut random);
        let id = SessionId::parse("sess_1").expect("an id");
        let viewer = viewer(&identity, &id, acks, None);
        let mut bench = Self {
            viewer,
            identity,
            id,
            numbers: Numbers::default(),
            random,
            agent: None,
            now: 1_000,
            sent: vec![],
            dialled: 0,
            closes: vec![],
            events: vec![],
            deadline: None,
        };
        bench.drain();
        bench
    }

    /// A viewer whose socket is open.
    fn open() -> Self {
        let mut bench = Self::new();
        bench.connect();
        bench
    }

    /// A viewer that asked a present agent.
    fn asking() -> Self {
        let mut bench = Self::open();
        bench.text(AGENT_CONNECTED);
        bench
    }

    /// A viewer in control, that has heard one heartbeat. Everything so far is forgotten.
    fn joined() -> Self {
        Self::joined_with(Acks::WhenTaken)
    }

    fn joined_with(acks: Acks) -> Self {
        let mut bench = Self::with(acks);
        bench.connect();
        bench.text(AGENT_CONNECTED);
        bench.join();
        bench
    }

    fn connect(&mut self) {
        self.handle(Input::Connected(Some(PROTOCOL)));
    }

    /// Accepts the viewer's newest HELLO1, reads READY and sends a heartbeat.
    fn join(&mut self) {
        self.accept(None);
        self.beat(None);
        self.read();
        self.forget();
    }

    fn forget(&mut self) {
        self.sent.clear();
        self.closes.clear();
        self.events.clear();
        self.dialled = 0;
    }

    fn handle(&mut self, input: Input<'_>) {
        self.viewer.handle(Timestamp::from_millis(self.now), input);
        self.drain();
    }

    fn request(&mut self, request: Request) {
        self.handle(Input::Request(request));
    }

    fn send(&mut self, event: InputEvent) {
        self.request(Request::Send(event));
    }

    fn text(&mut self, text: &str) {
        self.handle(Input::Text(text));
    }

    fn record(&mut self, record: &[u8]) {
        self.handle(Input::Binary(record.to_vec()));
    }

    fn lose(&mut self, code: Option<u16>) {
        self.agent = None;
        self.sent.clear();
        self.handle(Input::Disconnected(code));
    }

    fn drain(&mut self) {
        for _ in 0..2_000 {
            match self.viewer.poll() {
                Output::Connect(connect) => {
                    assert_eq!(connect.url, "wss://relay.test/stream/sess_1");
                    self.dialled += 1;
                }
                Output::Send(record) => self.sent.push(record),
                Output::Close(code) => self.closes.push(code),
                Output::Event(event) => self.events.push(event),
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    return;
                }
            }
        }
        panic!("it never stops talking");
    }

    /// Lets time pass, stopping at every deadline on the way.
    fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        for _ in 0..10_000 {
            match self.deadline.map(Timestamp::as_millis) {
                Some(at) if at <= end => {
                    self.now = self.now.max(at);
                    self.handle(Input::Tick);
                    let next = self.deadline.map(Timestamp::as_millis);
                    assert!(next.is_none_or(|next| next > self.now), "it spins");
                }
                _ => {
                    self.now = end;
                    return self.handle(Input::Tick);
                }
            }
        }
        panic!("deadlines never end");
    }

    /// Lets time pass with a heartbeat every two seconds.
    fn pass_alive(&mut self, seconds: u64) {
        for _ in 0..seconds / 2 {
            self.pass(2_000);
            self.read();
            self.beat(None);
        }
    }

    // The agent.

    /// Reads the newest HELLO1, which has to be the newest record.
    fn hello(&mut self) -> ReceivedHello {
        let record = self.sent.pop().expect("a HELLO1");
        self.identity.read(&self.id, &record).expect("a good one")
    }

    /// Answers the newest HELLO1 without telling the viewer.
    fn answer(&mut self, got: Option<(u64, u32)>) -> (AgentPending, Vec<u8>) {
        let hello = self.hello();
        let now = Timestamp::from_millis(self.now);
        hello
            .accept(now, &mut self.numbers, EXPIRES_IN, got, &mut self.random)
            .expect("an epoch")
    }

    fn accept(&mut self, got: Option<(u64, u32)>) {
        let (pending, hello2) = self.answer(got);
        self.record(&hello2);
        self.confirm(pending);
    }

    /// Reads READY.
    fn confirm(&mut self, pending: AgentPending) {
        let mut ready = self.sent.remove(0);
        let now = Timestamp::from_millis(self.now);
        match pending.confirm(now, &mut ready) {
            Ok(Confirmed::Ready(epoch)) => self.agent = Some(epoch),
            Ok(Confirmed::NotYet(_)) => panic!("another epoch's record"),
            Err(error) => panic!("{error}"),
        }
    }

    fn refuse(&mut self, reason: RefusalReason) {
        let answer = self
            .hello()
            .refuse(reason, &mut self.random)
            .expect("small");
        self.record(&answer);
    }

    fn seal_control(&mut self, json: &str) -> Vec<u8> {
        let now = Timestamp::from_millis(self.now);
        let agent = self.agent.as_mut().expect("an epoch");
        agent.seal_control(now, json.as_bytes()).expect("keyed")
    }

    fn control(&mut self, json: &str) {
        let record = self.seal_control(json);
        self.record(&record);
    }

    fn seal_frame(&mut self, jpeg: &[u8]) -> (u64, Vec<u8>) {
        let now = Timestamp::from_millis(self.now);
        let mut draft = FrameDraft::new(&META, jpeg.len()).expect("finite");
        draft.push(jpeg);
        let agent = self.agent.as_mut().expect("an epoch");
        agent.seal_frame(now, draft).expect("keyed")
    }

    fn frame(&mut self, jpeg: &[u8]) -> u64 {
        let (counter, record) = self.seal_frame(jpeg);
        self.record(&record);
        counter
    }

    fn seal_beat(&mut self, last_frame: Option<u64>) -> Vec<u8> {
        let got = self.agent.as_ref().map_or(0, AgentEpoch::got);
        let last_frame = last_frame.map_or("null".into(), |frame| format!("{frame}"));
        let clock = self.now;
        self.seal_control(&format!(
            r#"{{"type":"heartbeat","last_frame":{last_frame},"got":{got},"clock":{clock}}}"#
        ))
    }

    /// Sends a heartbeat; the agent's clock is the test's.
    fn beat(&mut self, last_frame: Option<u64>) {
        let record = self.seal_beat(last_frame);
        self.record(&record);
    }

    /// Reads all the viewer sent, echoes its newest ping and sends a heartbeat.
    fn echo(&mut self) {
        let said = self.read();
        let ping = said.iter().rev().find(|line| line.contains(r#""ping""#));
        let ping = ping.and_then(|line| line.strip_prefix("control "));
        let ping: String = ping.expect("a ping").into();
        self.control(&ping);
        self.beat(None);
    }

    fn close(&mut self, reason: CloseReason) {
        let now = Timestamp::from_millis(self.now);
        let agent = self.agent.as_mut().expect("an epoch");
        let record = agent.seal_close(now, reason).expect("keyed");
        self.record(&record);
    }

    /// Reads all the viewer sent, in words.
    fn read(&mut self) -> Vec<String> {
        let now = Timestamp::from_millis(self.now);
        let mut lines = vec![];
        for mut record in core::mem::take(&mut self.sent) {
            let agent = self.agent.as_mut().expect("an epoch");
            let opened = agent.open(now, &mut record).expect("a good record");
            let text = |json: &[u8]| String::from_utf8(json.to_vec()).expect("UTF-8");
            lines.push(match opened.into_inner() {
                FromViewer::Input(json) => format!("input {}", text(json)),
                FromViewer::Control(control) => format!("control {}", text(control.json)),
                FromViewer::Ack(ack) => format!("ack {} {}", ack.frame, ack.waiting),
                FromViewer::Left => "left".into(),
            });
        }
        lines
    }

    /// Reads the input events the viewer sent.
    fn inputs(&mut self) -> Vec<String> {
        let mut lines = self.read();
        lines.retain(|line| line.starts_with("input "));
        lines
    }

    /// What was told since, in words.
    fn told(&mut self) -> Vec<String> {
        let events = core::mem::take(&mut self.events);
        events.iter().map(words).collect()
    }

    fn ended(&self) -> Option<Ended> {
        self.events.iter().find_map(|event| {
            let Event::Ended(how) = event else {
                return None;
            };
            Some(*how)
        })
    }
}

/// Makes a viewer of a session.
fn viewer(
    identity: &AgentIdentity,
    id: &SessionId,
    acks: Acks,
    resume: Option<ResumeSecret>,
) -> Viewer {
    let url = SessionUrl::new("https://relay.test", id).with(identity.link());
    let config = Config {
        link: ViewerLink::parse(&url).expect("a link"),
        resume,
        acks,
    };
    Viewer::new(config, Seed::new([1; 32]), Timestamp::from_millis(1_000))
}

fn words(event: &Event) -> String {
    match event {
        Event::AgentJoined => "agent here".into(),
        Event::AgentLeft => "agent gone".into(),
        Event::Secured(secured) => format!("secured {} lost {:?}", secured.epoch, secured.lost),
        Event::Frame(frame) => format!("frame {}", frame.id.counter),
        Event::Frozen(why) => format!("frozen {why:?}"),
        Event::Thawed => "thawed".into(),
        Event::Busy(until) => format!("busy until {}", until.as_millis()),
        Event::PinNeeded { wrong } => format!("pin, wrong {wrong}"),
        Event::Takeover(id) => format!("takeover {id}"),
        Event::TakeoverOver(id) => format!("takeover {id} over"),
        Event::Dropped(kind, why) => format!("dropped {kind} {why:?}"),
        Event::NotSent(inputs) => format!("not sent {inputs}"),
        Event::Told(kind, _) => format!("told {kind}"),
        Event::Lost(at) => format!("lost until {}", at.as_millis()),
        Event::Ended(how) => format!("ended {how:?}"),
    }
}

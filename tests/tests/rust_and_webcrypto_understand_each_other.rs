//! Both protocol versions, both roles: this project's Rust against Chromium's WebCrypto, behind the viewer
//! page's own modules and behind agents written for these tests from the descriptions.

use std::{net::Ipv4Addr, path::Path, time::Duration};

use authloop_core::{
    crypto::{
        v1::{AgentChannel, ViewerChannel},
        v2::{
            Accepted, AgentEpoch, AgentIdentity, Answered, Confirmed, Epochs, FrameDraft,
            FromAgent, FromViewer, Offer, ReceivedHello, SessionId, SessionUrl, ViewerHandshake,
            ViewerLink,
        },
    },
    generator::Generator,
    secret::{Pin, Seed},
    time::Timestamp,
    wire::{
        v1::Sealed,
        v2::{Ack, CloseReason, FrameMeta, Hello1, RefusalReason, pad_input},
    },
};
use authloop_testkit::{
    browser::{Page, browser},
    cdp::Cdp,
    wait::soon,
};
use axum::{Router, http::header::CONTENT_TYPE, response::IntoResponse as _, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const NOW: Timestamp = Timestamp::from_millis(5_000);

const META: FrameMeta = FrameMeta {
    repeat: true,
    page: 7,
    capture_ms: 4_000_000_000,
    device_width: 1_280.0,
    device_height: 720.5,
    offset_top: 0.0,
    page_scale_factor: 1.25,
    scroll_x: -3.0,
    scroll_y: 96.5,
};

/// A tab with WebCrypto's peers in it.
struct Tab {
    cdp: Cdp,
    _page: Page,
}

impl Tab {
    async fn open() -> Self {
        let origin = serve().await;
        let page = browser()
            .await
            .open(&format!("{origin}/webcrypto/index.html"))
            .await;
        let mut cdp = page.cdp().await;
        // A tab that is still on its way forgets what it promised: it is asked again and again.
        let loaded = async {
            while cdp.evaluate("globalThis.ready === true").await != true {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        soon("WebCrypto's peers", loaded).await;
        Self { cdp, _page: page }
    }

    /// Calls a peer's method by name, such as `agent.hello1`.
    async fn call(&mut self, method: &str, arguments: Value) -> Value {
        let arguments = arguments.as_array().expect("a list").iter();
        let list: Vec<String> = arguments.map(Value::to_string).collect();
        evaluate(&mut self.cdp, &format!("{method}({})", list.join(","))).await
    }

    /// Calls one that answers with bytes.
    async fn bytes(&mut self, method: &str, arguments: Value) -> Vec<u8> {
        unhex(self.call(method, arguments).await.as_str().expect("hex"))
    }

    /// Calls one that must refuse.
    async fn refuses(&mut self, method: &str, arguments: Value) {
        let answer = self.call(method, arguments).await;
        assert!(answer["refused"].is_string(), "{answer}");
    }
}

async fn evaluate(cdp: &mut Cdp, expression: &str) -> Value {
    let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
    let result = cdp.call("Runtime.evaluate", parameters).await;
    assert!(
        result["exceptionDetails"].is_null(),
        "{}",
        result["exceptionDetails"]
    );
    result["result"]["value"].clone()
}

/// Serves the page's own modules as they are in this tree, and the tests' beside them.
async fn serve() -> String {
    async fn file(folder: &'static str, path: String) -> axum::response::Response {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let bytes = std::fs::read(root.join(&path)).expect("it is in this tree");
        let kind = if path.ends_with(".js") {
            "text/javascript"
        } else {
            "text/html"
        };
        ([(CONTENT_TYPE, kind)], bytes).into_response()
    }
    let routes = [
        ("/viewer/{*path}", "../relay/viewer"),
        ("/webcrypto/{*path}", "webcrypto"),
    ];
    let router = routes
        .into_iter()
        .fold(Router::new(), |router, (route, folder)| {
            let serve = move |path: axum::extract::Path<String>| file(folder, path.0);
            router.route(route, get(serve))
        });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("hex");
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty());
    let byte =
        |[high, low]: &[u8; 2]| u8::try_from(digit(*high) * 16 + digit(*low)).expect("a byte");
    pairs.iter().map(byte).collect()
}

fn flipped(record: &[u8], bit: usize) -> String {
    let mut flipped = record.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    hex(&flipped)
}

fn random() -> Generator {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("random bytes");
    Generator::new(Seed::new(seed))
}

fn id() -> SessionId {
    SessionId::parse("sess_1").expect("an id")
}

/// A Rust agent, and the page's viewer in a tab that was given its link.
struct RustAgent {
    tab: Tab,
    random: Generator,
    identity: AgentIdentity,
    epochs: Epochs,
}

impl RustAgent {
    async fn start() -> Self {
        let mut random = random();
        let identity = AgentIdentity::generate(&mut random);
        let mut tab = Tab::open().await;
        let url = SessionUrl::new("https://relay.example", &id()).with(identity.link());
        let opened = tab.call("viewer.open", json!([*url])).await;
        assert_eq!(opened["token"], identity.link().admission_token().expose());
        assert_eq!(opened["stream"], "wss://relay.example/stream/sess_1");
        Self {
            tab,
            random,
            identity,
            epochs: Epochs::default(),
        }
    }

    async fn hello(&mut self, attempt: u64, pin: Option<&str>) -> ReceivedHello {
        let record = self.tab.bytes("viewer.hello1", json!([attempt, pin])).await;
        let bit = record.len() * 8 - 1;
        let bent = unhex(&flipped(&record, bit));
        assert!(self.identity.read(&id(), &bent).is_err());
        self.identity
            .read(&id(), &record)
            .expect("WebCrypto's hello")
    }

    async fn accept(&mut self, hello: ReceivedHello, got: Option<(u64, u32)>) -> AgentEpoch {
        let (pending, record) = hello
            .accept(NOW, &mut self.epochs, 600_000, got, &mut self.random)
            .expect("an epoch");
        let read = self.tab.call("viewer.hello2", json!([hex(&record)])).await;
        assert_eq!(read["epoch"], pending.epoch());
        assert_eq!(read["expiresIn"], 600_000);
        assert_eq!(read["got"].as_u64(), got.map(|(records, _)| records));
        let mut ready = self
            .tab
            .bytes("viewer.control", json!([r#"{"type":"ready"}"#]))
            .await;
        let confirmed = pending.confirm(NOW, &mut ready);
        let Ok(Confirmed::Ready(epoch)) = confirmed else {
            unreachable!("READY is confirmed");
        };
        assert_eq!(read["sas"], hex(epoch.short_auth_string().expose()));
        epoch
    }
}

#[tokio::test]
async fn the_pages_viewer_and_a_rust_agent_speak_version_2() {
    let mut story = RustAgent::start().await;
    let hello = story.hello(0, Some("012345")).await;
    assert!(
        hello
            .pin()
            .is_some_and(|pin| pin.matches(&Pin::parse("012345").expect("6 digits")))
    );
    let refusal = hello
        .refuse(RefusalReason::Busy, &mut story.random)
        .expect("short");
    let read = story
        .tab
        .call("viewer.hello2", json!([hex(&refusal)]))
        .await;
    assert_eq!(read["reason"], "busy");

    let hello = story.hello(1, None).await;
    let mut epoch = story.accept(hello, None).await;
    let tab = &mut story.tab;
    for length in [0, 240, 241, 1_008, 1_009, 4_080, 16_368, 65_520] {
        let json = format!(r#"{{"text":"{}"}}"#, "é".repeat(length / 2));
        let mut record = tab.bytes("viewer.input", json!([json])).await;
        let opened = epoch.open(NOW, &mut record).expect("WebCrypto's input");
        assert!(matches!(opened.get(), FromViewer::Input(read) if *read == json.as_bytes()));
    }
    let control = epoch.seal_control(NOW, br#"{"type":"notice","code":"confirm_dismissed"}"#);
    let read = tab
        .call("viewer.receive", json!([hex(&control.expect("keyed"))]))
        .await;
    assert_eq!(read["control"]["code"], "confirm_dismissed");
    for (counter, length) in [0, 1, 15, 16, 17, 100_000].into_iter().enumerate() {
        let jpeg = vec![0xD8; length];
        let mut draft = FrameDraft::new(&META, length).expect("finite");
        draft.push(&jpeg);
        let (sealed, record) = epoch.seal_frame(NOW, draft).expect("keyed");
        assert_eq!(usize::try_from(sealed), Ok(counter));
        tab.refuses("viewer.receive", json!([flipped(&record, 300)]))
            .await;
        let read = tab.call("viewer.receive", json!([hex(&record)])).await;
        assert_eq!(read["jpeg"], hex(&jpeg));
        assert_eq!((&read["ctlNext"], &read["missing"]), (&json!(1), &json!(0)));
        let meta = json!({"repeat": true, "page": 7, "captureMs": 4_000_000_000_u32,
            "deviceWidth": 1280, "deviceHeight": 720.5, "offsetTop": 0, "pageScaleFactor": 1.25,
            "scrollX": -3, "scrollY": 96.5});
        assert_eq!(
            read["meta"].as_object().map(numbers),
            meta.as_object().map(numbers)
        );
        tab.refuses("viewer.receive", json!([hex(&record)])).await;
    }
    let mut record = tab.bytes("viewer.ack", json!([5, 2])).await;
    let opened = epoch
        .open(NOW, &mut record)
        .expect("WebCrypto's acknowledgement");
    let ack = Ack {
        frame: 5,
        waiting: 2,
    };
    assert!(matches!(opened.get(), FromViewer::Ack(read) if *read == ack));

    // The same viewer comes back, and proves that it was there.
    let got = epoch.got();
    let hello = story.hello(0, None).await;
    assert!(hello.proves(epoch.resume_secret()));
    let mut second = story.accept(hello, Some((got, 1))).await;
    let close = second
        .seal_close(NOW, CloseReason::Resolved)
        .expect("keyed");
    let read = story.tab.call("viewer.receive", json!([hex(&close)])).await;
    assert_eq!(read["close"], "resolved");
}

#[tokio::test]
async fn the_pages_viewer_leaves_a_rust_agent() {
    let mut story = RustAgent::start().await;
    let hello = story.hello(0, None).await;
    let mut epoch = story.accept(hello, None).await;
    let mut record = story.tab.bytes("viewer.left", json!([])).await;
    let opened = epoch.open(NOW, &mut record).expect("WebCrypto's goodbye");
    assert!(matches!(opened.get(), FromViewer::Left));
}

/// Numbers as they compare: `1280` and `1280.0` are one.
fn numbers(members: &serde_json::Map<String, Value>) -> Vec<(String, Option<f64>, Option<bool>)> {
    let one = |(name, value): (&String, &Value)| (name.clone(), value.as_f64(), value.as_bool());
    members.iter().map(one).collect()
}

async fn join_webcrypto_agent(
    tab: &mut Tab,
    link: &ViewerLink,
    random: &mut Generator,
) -> Accepted {
    let offer = Offer {
        caps: vec!["x".into()],
        pin: Pin::parse("000001"),
        resume: None,
    };
    let started = ViewerHandshake::start(&link.link, &link.session, 3, offer, random);
    let (handshake, record) = started.expect("a small offer");
    let read = tab.call("agent.hello1", json!([hex(&record)])).await;
    assert_eq!(read["attempt"], 3);
    let payload: Value =
        serde_json::from_str(read["payload"].as_str().expect("a text")).expect("JSON");
    assert_eq!(payload, json!({"v": 2, "caps": ["x"], "pin": "000001"}));
    let answer = r#"{"ok":true,"epoch":9,"expires_in":77,"got":4,"got_epoch":8,"later":[]}"#;
    let answer = tab.call("agent.hello2", json!([answer, 9])).await;
    let record = unhex(answer["record"].as_str().expect("hex"));
    let Ok(Answered::Accepted(accepted)) = handshake.read(NOW, &record) else {
        unreachable!("WebCrypto's answer is accepted");
    };
    assert_eq!(
        answer["sas"],
        hex(accepted.epoch.short_auth_string().expose())
    );
    accepted
}

#[tokio::test]
async fn a_rust_viewer_and_a_webcrypto_agent_speak_version_2() {
    let (mut tab, mut random) = (Tab::open().await, random());
    let link = tab.call("agent.link", json!([])).await;
    let link = ViewerLink::parse(link.as_str().expect("a link")).expect("WebCrypto's link");
    let mut accepted = join_webcrypto_agent(&mut tab, &link, &mut random).await;
    assert_eq!(
        (accepted.expires_in, accepted.got, accepted.got_epoch),
        (77, Some(4), Some(8))
    );
    let read = tab.call("agent.open", json!([hex(&accepted.ready)])).await;
    assert_eq!(
        read,
        json!({"kind": 0x12, "plaintext": hex(br#"{"type":"ready"}"#)})
    );
    let epoch = &mut accepted.epoch;
    for length in [0, 254, 255, 1_023, 4_095, 16_383, 65_534] {
        let json = vec![b'x'; length];
        let record = epoch.seal_input(NOW, &json).expect("it fits");
        let read = tab.call("agent.open", json!([hex(&record)])).await;
        let mut padded = Vec::new();
        pad_input(&json, &mut padded).expect("it fits");
        assert_eq!(read, json!({"kind": 0x11, "plaintext": hex(&padded)}));
    }
    let mut record = tab
        .bytes(
            "agent.seal",
            json!(["a2v ctl", 0x12, hex(br#"{"type":"ping","n":5}"#)]),
        )
        .await;
    let opened = epoch.open(NOW, &mut record).expect("WebCrypto's control");
    assert!(matches!(opened.get(), FromAgent::Control(said) if said.kind == "ping"));
    for length in [0, 1, 100_000] {
        let jpeg = vec![7; length];
        let mut plaintext = META.to_bytes().expect("finite").to_vec();
        plaintext.extend_from_slice(&jpeg);
        let mut record = tab
            .bytes("agent.seal", json!(["a2v frm", 0x10, hex(&plaintext)]))
            .await;
        let opened = epoch.open(NOW, &mut record).expect("WebCrypto's picture");
        let FromAgent::Frame(received) = opened.get() else {
            unreachable!("a picture");
        };
        assert_eq!(
            (received.frame.meta, received.frame.jpeg),
            (META, &jpeg[..])
        );
    }

    // A proof made in Rust is the one that WebCrypto computes.
    let offer = Offer {
        resume: Some(epoch.resume_secret()),
        ..Offer::default()
    };
    let again = ViewerHandshake::start(&link.link, &link.session, 0, offer, &mut random);
    let (_, hello) = again.expect("a small offer");
    let read = tab.call("agent.hello1", json!([hex(&hello)])).await;
    let payload = read["payload"].as_str().expect("a text");
    let proof = tab.call("agent.proof", json!([read["ephemeral"]])).await;
    assert!(Hello1::parse(payload.as_bytes()).is_ok());
    assert_eq!(
        serde_json::from_str::<Value>(payload).expect("JSON")["resume"],
        proof
    );

    let mut record = tab
        .bytes(
            "agent.seal",
            json!(["a2v ctl", 0x1F, hex(br#"{"reason":"taken_over"}"#)]),
        )
        .await;
    let opened = epoch.open(NOW, &mut record).expect("WebCrypto's goodbye");
    assert!(matches!(
        opened.get(),
        FromAgent::Close(CloseReason::TakenOver)
    ));
}

#[tokio::test]
async fn the_pages_viewer_and_a_rust_agent_speak_version_1() {
    let (mut tab, mut random) = (Tab::open().await, random());
    let mut agent = AgentChannel::new(&mut random);
    let key = tab.call("viewer1.publicKey", json!([])).await;
    agent
        .accept_key(key.as_str().expect("a key"))
        .expect("WebCrypto's key");
    tab.call("viewer1.agree", json!([agent.public_key()])).await;
    for text in ["", "é 👩‍🚀", &"x".repeat(9_000)] {
        let event = json!({"type": "paste", "text": text});
        let sealed = tab.call("viewer1.seal", json!([event])).await.to_string();
        let sealed: Sealed<'_> = serde_json::from_str(&sealed).expect("three parts");
        let opened = agent.open(&sealed).expect("WebCrypto's message");
        assert_eq!(
            serde_json::from_slice::<Value>(opened.get()).expect("JSON"),
            event
        );
    }
}

#[tokio::test]
async fn a_rust_viewer_and_a_webcrypto_agent_speak_version_1() {
    let (mut tab, mut random) = (Tab::open().await, random());
    let mut viewer = ViewerChannel::new(&mut random);
    let key = tab.call("agent1.publicKey", json!([])).await;
    viewer
        .accept_key(key.as_str().expect("a key"))
        .expect("WebCrypto's key");
    for text in ["", "{}", &"x".repeat(9_000)] {
        let sealed = viewer
            .seal(&mut random, text.as_bytes())
            .expect("it has keys");
        let opened = tab
            .call("agent1.open", json!([viewer.public_key(), sealed]))
            .await;
        assert_eq!(opened, text);
    }
}

//! Version 2's plaintexts and headers (§5): what is read writes back as it was, and nothing is read that
//! the description doesn't allow.

use arbitrary::{Arbitrary as _, Unstructured};
use authloop_core::wire::v2::{
    Ack, Close, Control, Direction, Frame, HEADER, Header, Hello1, Hello2, TAG, pad_input,
    padded_input, unpad_input,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// Reads the bytes as each of them.
pub fn check(data: &[u8]) {
    let mut script = Unstructured::new(data);
    let way = u8::arbitrary(&mut script).unwrap_or_default();
    let bytes = script.take_rest();
    match way % 6 {
        0 => header(bytes),
        1 => frame(bytes),
        2 => hellos(bytes),
        3 => control(bytes),
        4 => input(bytes),
        _ => acks(bytes),
    }
}

fn header(bytes: &[u8]) {
    for direction in [Direction::ToAgent, Direction::ToViewer] {
        if let Ok(header) = Header::read(bytes, direction) {
            assert_eq!(
                header.to_bytes().as_slice(),
                bytes.get(..HEADER).unwrap_or_default()
            );
            assert!(header.kind.goes(direction));
            assert!((HEADER + TAG..=header.kind.max_record()).contains(&bytes.len()));
            let (front, rest) = (bytes.get(..2), bytes.get(4..HEADER));
            let vouched = [front.unwrap_or_default(), rest.unwrap_or_default()].concat();
            assert_eq!(header.vouched().as_slice(), vouched);
        }
    }
}

fn frame(bytes: &[u8]) {
    let Ok(frame) = Frame::parse(bytes) else {
        return;
    };
    let mut again = frame
        .meta
        .to_bytes()
        .expect("what is read is finite")
        .to_vec();
    again.extend_from_slice(frame.jpeg);
    let read = Frame::parse(&again).expect("what is written is read");
    assert!(read.meta == frame.meta && read.jpeg == frame.jpeg);
    assert!(bytes.ends_with(frame.jpeg));
}

fn hellos(bytes: &[u8]) {
    if let Ok(hello) = Hello1::parse(bytes) {
        allows_hello1(bytes, &hello);
        let json = hello.to_json().expect("what was read is as short");
        let again = Hello1::parse(&json).expect("what is written is read");
        assert_eq!(hello.caps, again.caps);
        assert_eq!(hello.resume, again.resume);
        let (pin, written) = (hello.pin.as_ref(), again.pin.as_ref());
        assert!(pin.map(|pin| pin.expose()) == written.map(|pin| pin.expose()));
    }
    if let Ok(hello) = Hello2::parse(bytes) {
        assert!(bytes.len() <= 1_024);
        let json = hello.to_json().expect("what was read is short");
        assert_eq!(Hello2::parse(&json), Ok(hello));
        if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
            let accepted = matches!(hello, Hello2::Accepted { .. });
            assert_eq!(value["ok"], Value::Bool(accepted));
            assert!(!accepted || value["epoch"].as_u64().is_some_and(|epoch| epoch > 0));
        }
    }
}

/// `{v:2, caps:[string…], pin?: 6 digits, resume?: base64url, 43 characters}`, at most 1 KiB.
fn allows_hello1(bytes: &[u8], hello: &Hello1) {
    assert!(bytes.len() <= 1_024);
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        // What isn't read may be nested deeper than this reader goes.
        return;
    };
    assert!(value.is_object());
    assert_eq!(value["v"], 2);
    let caps = value
        .get("caps")
        .map_or(0, |caps| caps.as_array().map_or(usize::MAX, Vec::len));
    assert_eq!(caps, hello.caps.len());
    let pin = value.get("pin").map(|pin| pin.as_str().expect("a text"));
    assert_eq!(pin, hello.pin.as_ref().map(|pin| pin.expose()));
    assert!(
        pin.is_none_or(|pin| pin.len() == 6 && pin.bytes().all(|digit| digit.is_ascii_digit()))
    );
    let resume = value
        .get("resume")
        .map(|proof| proof.as_str().expect("a text"));
    assert_eq!(
        resume.map(str::to_owned),
        hello.resume.map(|proof| URL_SAFE_NO_PAD.encode(proof))
    );
}

fn control(bytes: &[u8]) {
    if let Ok(control) = Control::parse(bytes) {
        assert!(core::str::from_utf8(bytes).is_ok());
        assert_eq!(control.json, bytes);
        if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
            assert!(value.is_object());
            assert_eq!(value["type"], *control.kind);
        }
    }
    if let Ok(close) = Close::parse(bytes) {
        assert_eq!(Close::parse(&close.to_bytes()), Ok(close));
    }
}

fn input(bytes: &[u8]) {
    if let Ok(json) = unpad_input(bytes) {
        let mut again = Vec::new();
        pad_input(json, &mut again).expect("it fitted");
        assert_eq!(again, bytes);
        assert!([256, 1_024, 4_096, 16_384, 65_536].contains(&bytes.len()));
    }
    let mut padded = Vec::new();
    let fits = pad_input(bytes, &mut padded).is_ok();
    assert_eq!(
        fits,
        padded_input(bytes.len()) == Ok(padded.len()) && !padded.is_empty()
    );
    assert_eq!(fits, bytes.len() <= 65_534);
    if fits {
        assert_eq!(unpad_input(&padded), Ok(bytes));
    }
}

fn acks(bytes: &[u8]) {
    match Ack::parse(bytes) {
        Ok(ack) => assert_eq!(ack.to_bytes().as_slice(), bytes),
        Err(_) => assert_ne!(bytes.len(), 10),
    }
}

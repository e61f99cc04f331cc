//! REST's bodies and dates: what is read writes back the same, and a server's text travels no further.

use authloop_core::{
    api::{CreateSession, SessionCreated, SessionRecord, error_code},
    time::WallTime,
};
use core::time::Duration;

/// Reads the bytes as each of them.
pub fn check(data: &[u8]) {
    if let Some(code) = error_code(data) {
        assert!((1..=64).contains(&code.len()));
        assert!(
            code.bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        );
    }
    if let Ok(create) = serde_json::from_slice::<CreateSession>(data) {
        let json = serde_json::to_vec(&create).expect("it serialises");
        let again: CreateSession = serde_json::from_slice(&json).expect("what is written is read");
        assert_eq!(again, create);
        if create.validate().is_ok() {
            assert!((1..=200).contains(&create.service.chars().count()));
            assert!(create.ttl.is_none_or(|ttl| (1..=86_400).contains(&ttl)));
        }
    }
    if let Ok(created) = serde_json::from_slice::<SessionCreated>(data) {
        let json = serde_json::to_vec(&created).expect("it serialises");
        assert!(
            serde_json::from_slice::<SessionCreated>(&json).is_ok_and(|again| again == created)
        );
    }
    if let Ok(record) = serde_json::from_slice::<SessionRecord>(data) {
        let json = serde_json::to_vec(&record).expect("it serialises");
        let again: SessionRecord = serde_json::from_slice(&json).expect("what is written is read");
        assert_eq!(again, record);
    }
    if let Ok(text) = core::str::from_utf8(data) {
        dates(text);
    }
}

fn dates(text: &str) {
    let read = [WallTime::from_rfc3339(text), WallTime::from_http_date(text)];
    for time in read.into_iter().flatten() {
        let again = WallTime::from_rfc3339(&time.to_rfc3339());
        assert_eq!(again, Some(time));
        assert!(time + Duration::MAX >= time);
        assert_eq!(time.since(time + Duration::from_secs(1)), Duration::ZERO);
    }
}

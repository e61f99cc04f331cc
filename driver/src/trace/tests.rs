//! What becomes of the file.

use std::{fs, io::ErrorKind, path::PathBuf};

use authloop_core::{
    agent::{
        Agent,
        config::{Config, Encryption},
        io::{Input, Output, Peer},
    },
    secret::{ApiKey, Seed},
    time::Timestamp,
};
use authloop_trace::MAX_BYTES;

use super::{Recorded, Recorder, TraceFile};
use crate::machine::Machine as _;

/// A path in a folder of the test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("authloop-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is the operating system's to clear away.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn config() -> Config {
    Config {
        cdp_url: "ws://browser.example/devtools/browser/secret".into(),
        relay_url: "https://relay.example".into(),
        api_key: ApiKey::new("al_live_secret"),
        service: "Harbour Bank".into(),
        context: None,
        ttl: None,
        max_frame_rate: None,
        encryption: Encryption::V1,
    }
}

fn recorded(file: TraceFile) -> Recorded {
    let start = Timestamp::default();
    let recorder = Recorder::begin(file, &config(), start);
    Recorded::new(Agent::new(config(), Seed::new([1; 32]), start), recorder)
}

fn drain(machine: &mut Recorded) {
    while !matches!(machine.poll(), Output::Idle(_)) {}
}

#[cfg(unix)]
#[test]
fn a_trace_is_its_owner_s_and_never_takes_another_file_s_place() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = Folder::new("trace-place");
    let path = folder.file("trace");
    TraceFile::create(&path).expect("nothing is there");
    let mode = fs::metadata(&path)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = TraceFile::create(&path).map(drop);
    assert_eq!(
        again.map_err(|error| error.kind()),
        Err(ErrorKind::AlreadyExists)
    );

    let (link, target) = (folder.file("link"), folder.file("target"));
    symlink(&target, &link).expect("a link");
    let linked = TraceFile::create(&link).map(drop);
    assert_eq!(
        linked.map_err(|error| error.kind()),
        Err(ErrorKind::AlreadyExists)
    );
    assert!(!target.exists());
}

#[test]
fn what_happened_is_in_the_file_as_soon_as_the_agent_rests() {
    let folder = Folder::new("trace-rest");
    let path = folder.file("trace");
    let mut machine = recorded(TraceFile::create(&path).expect("a new file"));
    drain(&mut machine);
    let text = fs::read_to_string(&path).expect("UTF-8");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[1].contains("connect browser"), "{text}");
    for secret in ["browser.example", "secret", "Harbour"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn a_trace_has_an_end() {
    let folder = Folder::new("trace-end");
    let path = folder.file("trace");
    let mut machine = recorded(TraceFile::create(&path).expect("a new file"));
    drain(&mut machine);
    let targets = r#"{"targetId":"T"},"#.repeat(2_000);
    let news = format!(r#"{{"method":"Target.none","params":{{"targetInfos":[{targets}1]}}}}"#);
    for _ in 0..MAX_BYTES / 20_000 {
        machine.handle(Timestamp::default(), Input::Text(Peer::Browser, &news));
        drain(&mut machine);
    }
    assert!(!machine.recorder.is_open());
    let text = fs::read_to_string(&path).expect("UTF-8");
    assert!(text.len() <= MAX_BYTES + 100, "{} bytes", text.len());
    let last = text.lines().last().expect("lines");
    assert_eq!(last, format!("{{\"cut\":{MAX_BYTES}}}"));
}

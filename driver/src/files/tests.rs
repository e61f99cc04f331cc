//! A human's files lie where nobody else may read them, and no longer than their session.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use authloop_core::agent::{
    file::{FileFailure, FileId, FileOp},
    io::Output,
};
use futures::{executor::block_on, future::poll_fn};

use super::{
    Files,
    folder::{Folder, sweep},
    store::{Done, Store},
};
use crate::testing::{Script, Seen};

const ID: FileId = FileId::new(1);

fn create(id: FileId, name: &str) -> FileOp {
    FileOp::Create {
        id,
        folder: 9,
        name: name.into(),
    }
}

fn append(bytes: &[u8]) -> FileOp {
    FileOp::Append {
        id: ID,
        bytes: bytes.to_vec().into(),
    }
}

fn created(store: &mut Store, id: FileId, name: &str) -> PathBuf {
    match store.perform(create(id, name)) {
        Some((_, Ok(Done::Created(path)))) => path.into(),
        other => panic!("a file, not {other:?}"),
    }
}

fn is_empty(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder).expect("a folder");
    entries.next().is_none()
}

#[test]
fn a_file_keeps_its_name_and_is_nobody_elses() {
    let parent = tempfile::tempdir().expect("a folder");
    let mut store = Store::under(parent.path().into());
    let path = created(&mut store, ID, "passport.jpg");
    assert!(path.is_absolute() && path.ends_with("9/passport.jpg"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        for folder in path.ancestors().skip(1).take(2) {
            assert_eq!(mode(folder), 0o700, "{folder:?}");
        }
    }
}

#[test]
fn what_is_written_in_parts_is_read_in_parts() {
    let parent = tempfile::tempdir().expect("a folder");
    let mut store = Store::under(parent.path().into());
    let path = created(&mut store, ID, "a.txt");
    for part in [b"one ".as_slice(), b"two ", b"three"] {
        assert_eq!(store.perform(append(part)), Some((ID, Ok(Done::Appended))));
    }
    assert_eq!(fs::read(&path).expect("a file"), b"one two three");
    let mut read = |from, most| store.perform(FileOp::Read { id: ID, from, most });
    assert_eq!(read(4, 4), Some((ID, Ok(Done::Read(b"two ".to_vec())))));
    assert_eq!(read(8, 99), Some((ID, Ok(Done::Read(b"three".to_vec())))));
    assert_eq!(read(99, 1), Some((ID, Ok(Done::Read(Vec::new())))));
}

#[test]
fn a_name_that_leads_elsewhere_makes_no_file() {
    let parent = tempfile::tempdir().expect("a folder");
    let mut store = Store::under(parent.path().into());
    for name in ["", ".", "..", "../x", "a/b", "/etc/x"] {
        let answer = store.perform(create(ID, name));
        assert_eq!(answer, Some((ID, Err(FileFailure::Broken))), "{name}");
    }
    assert_eq!(
        store.perform(append(b"x")),
        Some((ID, Err(FileFailure::Broken))),
        "there is no such file"
    );
}

#[test]
fn a_file_is_gone_once_it_is_removed_and_all_are_at_the_end() {
    let parent = tempfile::tempdir().expect("a folder");
    let mut store = Store::under(parent.path().into());
    let first = created(&mut store, ID, "first");
    let second = created(&mut store, FileId::new(2), "second");
    assert_eq!(store.perform(FileOp::Remove { id: ID }), None);
    assert!(!first.exists() && second.exists());
    assert_eq!(store.perform(FileOp::RemoveAll), None);
    assert!(is_empty(parent.path()));
    created(&mut store, ID, "third");
    drop(store);
    assert!(is_empty(parent.path()), "a future that is dropped");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_as_such() {
    let full = File::options().append(true).open("/dev/full");
    let error = std::io::Write::write_all(&mut full.expect("Linux has it"), b"x");
    let error = error.expect_err("it is always full");
    assert_eq!(super::store::failure(&error), FileFailure::NoRoom);
}

#[test]
fn what_a_crash_left_is_swept_and_what_is_in_use_is_not() {
    let parent = tempfile::tempdir().expect("a folder");
    let old = SystemTime::now() - Duration::from_secs(3_600);
    let age = |path: &Path| {
        let folder = File::open(path).expect("a folder");
        folder.set_modified(old).expect("its owner may");
    };
    let path_of = |folder: &Folder| {
        folder
            .inner(1)
            .expect("a folder")
            .parent()
            .map(Path::to_owned)
    };
    let used = Folder::create(parent.path()).expect("a folder");
    let used_path = path_of(&used).expect("it has one");
    age(&used_path);
    let left = Folder::create(parent.path()).expect("a folder");
    let left_path = path_of(&left).expect("it has one");
    fs::write(left_path.join("1/passport.jpg"), b"x").expect("a file");
    left.crash();
    let young = Folder::create(parent.path()).expect("a folder");
    let young_path = path_of(&young).expect("it has one");
    young.crash();
    let foreign = parent.path().join("authloop-other");
    fs::create_dir(&foreign).expect("a folder");
    for path in [&left_path, &foreign] {
        age(path);
    }
    sweep(parent.path());
    assert!(!left_path.exists());
    for kept in [&used_path, &young_path, &foreign] {
        assert!(kept.exists(), "{kept:?}");
    }
    drop(used);
    assert!(!used_path.exists());
}

#[test]
fn what_the_loop_is_asked_for_is_done_in_order_and_told() {
    let parent = tempfile::tempdir().expect("a folder");
    let mut files = Files::under(parent.path().into());
    let mut machine = Script::new(Vec::<Output>::new());
    files.begin(create(ID, "a.txt"));
    files.begin(append(b"abc"));
    files.begin(append(b"def"));
    files.begin(FileOp::Read {
        id: ID,
        from: 2,
        most: 3,
    });
    assert!(!files.is_idle());
    settle(&mut files, &mut machine);
    let seen = machine.seen();
    assert!(matches!(seen.as_slice(), [
        Seen::File(ID, Ok(path)),
        Seen::File(ID, Ok(nothing)),
        Seen::File(ID, Ok(_)),
        Seen::File(ID, Ok(read)),
    ] if path.ends_with(b"a.txt") && nothing.is_empty() && read == b"cde"));
    files.begin(append(b"never"));
    files.begin(FileOp::RemoveAll);
    settle(&mut files, &mut machine);
    assert_eq!(
        machine.seen().len(),
        4,
        "nobody waits for what the end overtakes"
    );
    assert!(is_empty(parent.path()));
}

#[test]
fn more_than_the_queue_takes_counts_as_a_broken_disk() {
    let parent = tempfile::tempdir().expect("a folder");
    let mut files = Files::under(parent.path().into());
    let mut machine = Script::new(Vec::<Output>::new());
    for _ in 0..super::MAX_WAITING {
        files.begin(FileOp::Remove { id: ID });
    }
    files.begin(create(ID, "one too many"));
    settle(&mut files, &mut machine);
    assert_eq!(machine.seen(), [Seen::File(ID, Err(FileFailure::Broken))]);
}

fn settle(files: &mut Files, machine: &mut Script) {
    block_on(poll_fn(|cx| {
        files.poll(cx, authloop_core::time::Timestamp::default(), machine);
        if files.is_idle() {
            return std::task::Poll::Ready(());
        }
        std::task::Poll::Pending
    }));
}

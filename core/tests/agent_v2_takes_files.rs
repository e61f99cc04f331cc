//! What a human picks reaches the page that asked, in bounded parts, and stays no longer than the session.

mod support;

use authloop_core::agent::{event::Outcome, file::FileFailure, io::Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use support::sealed::Sealed;

const CHUNK: usize = 12_000;
const INTERCEPT: &str = "Page.setInterceptFileChooserDialog";
const SET_FILES: &str = "DOM.setFileInputFiles";

/// A session with a viewer that can pick files, on channel 1.
fn picking() -> Sealed {
    let mut sealed = Sealed::waiting();
    sealed.joins_with(1, &["sheets", "files"]);
    sealed.forget();
    sealed
}

fn opens(sealed: &mut Sealed, mode: &str) {
    let opened = json!({"frameId": "F", "mode": mode, "backendNodeId": 5});
    sealed.story.page_says("Page.fileChooserOpened", &opened);
    sealed.deliver();
}

/// Lets the sheet settle, and returns it.
fn sheet(sealed: &mut Sealed, chan: u16) -> Value {
    sealed.pass(50);
    let told = sealed.guest(chan).told("files");
    Value::clone(told.last().expect("a sheet"))
}

/// A session in which the page has asked for files; with its sheet's number.
fn asked(mode: &str) -> (Sealed, Value) {
    let mut sealed = picking();
    opens(&mut sealed, mode);
    let id = sheet(&mut sealed, 1)["id"].clone();
    sealed.forget();
    (sealed, id)
}

fn file(id: &Value, n: usize, of: usize, name: &str, size: usize) -> Value {
    json!({"type": "file", "id": id, "n": n, "of": of, "choice": 77, "name": name,
        "mime": "image/jpeg", "size": size})
}

fn chunk(id: &Value, n: usize, offset: usize, bytes: &[u8]) -> Value {
    json!({"type": "file_chunk", "id": id, "n": n, "offset": offset, "data": STANDARD.encode(bytes)})
}

fn done(id: &Value) -> Value {
    json!({"type": "files_done", "id": id})
}

/// Sends a whole file.
fn sends(sealed: &mut Sealed, id: &Value, n: usize, of: usize, name: &str, bytes: &[u8]) {
    sealed.does(1, file(id, n, of, name, bytes.len()));
    for (place, part) in bytes.chunks(CHUNK).enumerate() {
        sealed.does(1, chunk(id, n, place * CHUNK, part));
    }
}

fn got(sealed: &mut Sealed) -> Vec<u64> {
    let told = sealed.guest(1).told("file_got");
    told.iter()
        .filter_map(|told| told["got"].as_u64())
        .collect()
}

fn refused(sealed: &mut Sealed) -> Vec<Value> {
    let told = sealed.guest(1).told("file_refused");
    told.iter().map(|told| told["why"].clone()).collect()
}

/// What the page's own `<input>` was given.
fn given(sealed: &Sealed) -> Vec<Value> {
    let told = sealed.story.told(SET_FILES);
    let told = told.iter().map(|command| &command["params"]);
    told.filter(|params| params["backendNodeId"] == 5)
        .map(|params| params["files"].clone())
        .collect()
}

#[test]
fn the_page_gets_what_the_human_picked_by_its_own_name() {
    let mut sealed = picking();
    sealed.story.disk.input = vec![
        "accept",
        "image/*, .pdf,",
        "capture",
        "user",
        "multiple",
        "",
    ];
    opens(&mut sealed, "selectMultiple");
    let sheet = sheet(&mut sealed, 1);
    assert_eq!(
        sheet,
        json!({"type": "files", "id": sheet["id"], "multiple": true, "folder": false,
            "accept": ["image/*", ".pdf"], "capture": "user", "limit": 26_214_400,
            "left": 104_857_600})
    );
    let id = sheet["id"].clone();
    let long = vec![7; 2 * CHUNK + 1];
    sends(&mut sealed, &id, 0, 3, "passport.jpg", &long);
    sends(&mut sealed, &id, 1, 3, "../passport.jpg", b"other");
    sends(&mut sealed, &id, 2, 3, "empty.txt", b"");
    assert_eq!(got(&mut sealed), [0, 12_000, 24_000, 24_001, 0, 5, 0]);
    assert!(given(&sealed).is_empty(), "the human isn't done");
    sealed.does(1, done(&id));
    let folder = format!("/tmp/authloop/{id}");
    let paths = ["passport.jpg", "passport (2).jpg", "empty.txt"];
    let paths = paths.map(|name| format!("{folder}/{name}"));
    assert_eq!(given(&sealed), [json!(paths)]);
    assert_eq!(sealed.guest(1).told("sheet_closed").len(), 1);
    assert_eq!(
        sealed.story.disk.contents().len(),
        3,
        "the page may read them late"
    );
    assert_eq!(sealed.story.disk.contents()[0].1, long);
}

#[test]
fn choosers_are_told_of_only_while_somebody_can_pick() {
    let mut sealed = Sealed::waiting();
    assert_eq!(sealed.story.count(INTERCEPT), 0);
    sealed.joins_with(1, &["sheets"]);
    opens(&mut sealed, "selectSingle");
    sealed.pass(1_000);
    assert_eq!(sealed.story.count(INTERCEPT), 0);
    assert!(sealed.guest(1).told("files").is_empty());
    sealed.leaves(1);
    sealed.joins_with(2, &["sheets", "files"]);
    let enabled = |sealed: &Sealed| {
        let told = sealed.story.told(INTERCEPT);
        told.iter()
            .map(|command| command["params"]["enabled"] == true)
            .collect::<Vec<_>>()
    };
    assert_eq!(enabled(&sealed), [true]);
    sealed.leaves(2);
    assert_eq!(enabled(&sealed), [true, false]);
}

#[test]
fn one_chunk_is_taken_at_a_time() {
    let (mut sealed, id) = asked("selectSingle");
    sealed.does(1, file(&id, 0, 1, "a", 3));
    sealed.story.disk.is_slow = true;
    sealed.does(1, chunk(&id, 0, 0, b"a"));
    assert_eq!(
        got(&mut sealed),
        [0],
        "what isn't written isn't acknowledged"
    );
    sealed.does(1, chunk(&id, 0, 1, b"b"));
    assert_eq!(refused(&mut sealed), ["broken"]);
}

#[test]
fn what_is_too_much_is_refused_before_a_byte_of_it_is_sent() {
    const LIMIT: usize = 26_214_400;
    for (mode, of, size, why) in [
        ("selectSingle", 1, LIMIT + 1, "too_large"),
        ("selectSingle", 2, 1, "too_many"),
        ("selectMultiple", 21, 1, "too_many"),
    ] {
        let (mut sealed, id) = asked(mode);
        sealed.does(1, file(&id, 0, of, "a", size));
        assert_eq!(refused(&mut sealed), [why]);
        assert!(sealed.story.disk.contents().is_empty());
        // Then the human picks another.
        let mut other = file(&id, 0, 1, "b", 0);
        other["choice"] = json!(78);
        sealed.does(1, other);
        assert_eq!(got(&mut sealed), [0]);
    }
}

#[test]
fn a_session_takes_so_much_and_no_more_and_says_how_much_is_left() {
    let (mut sealed, id) = asked("selectSingle");
    sends(&mut sealed, &id, 0, 1, "a", &[1; CHUNK]);
    sealed.does(1, done(&id));
    opens(&mut sealed, "selectMultiple");
    let second = sheet(&mut sealed, 1);
    assert_eq!(second["left"], 104_857_600 - 12_000);
    let id = second["id"].clone();
    sends(&mut sealed, &id, 0, 1, "b", &[1; CHUNK]);
    sealed.does(1, json!({"type": "files_cancel", "id": id}));
    opens(&mut sealed, "selectSingle");
    let third = sheet(&mut sealed, 1);
    assert_eq!(
        third["left"],
        104_857_600 - 12_000,
        "what was put away counts no more"
    );
}

#[test]
fn a_full_disk_is_told_and_a_broken_one_too() {
    for (failure, why) in [
        (FileFailure::NoRoom, "no_room"),
        (FileFailure::Broken, "broken"),
    ] {
        let (mut sealed, id) = asked("selectSingle");
        sealed.story.disk.fails = Some(failure);
        sealed.does(1, file(&id, 0, 1, "a", 3));
        assert_eq!(refused(&mut sealed), [why]);
        assert!(got(&mut sealed).is_empty());
    }
}

#[test]
fn what_doesnt_come_as_announced_is_refused_whole() {
    let (first, big) = (b"abc".as_slice(), vec![0; CHUNK + 1]);
    for (offset, bytes) in [(1, first), (0, b"abcdef"), (0, b""), (0, big.as_slice())] {
        let (mut sealed, id) = asked("selectSingle");
        sealed.does(1, file(&id, 0, 1, "a", 5));
        sealed.does(1, chunk(&id, 0, offset, bytes));
        assert_eq!(refused(&mut sealed), ["broken"]);
        assert!(sealed.story.disk.contents().is_empty());
        sealed.does(1, done(&id));
        assert!(given(&sealed).is_empty());
    }
    let (mut sealed, id) = asked("selectSingle");
    sealed.does(1, file(&id, 0, 1, "a", 5));
    sealed.does(1, done(&id));
    assert_eq!(refused(&mut sealed), ["broken"], "it isn't all there");
}

#[test]
fn a_lost_viewer_goes_on_where_it_was_and_another_begins_anew() {
    let (mut sealed, id) = asked("selectSingle");
    sealed.does(1, file(&id, 0, 1, "a", 5));
    sealed.does(1, chunk(&id, 0, 0, b"abc"));
    let secret = sealed.secret(1);
    sealed.disconnects(1);
    sealed.connects(2).caps = vec!["sheets".into(), "files".into()];
    sealed.asks(2, None, Some(&secret));
    assert_eq!(sheet(&mut sealed, 2)["id"], id, "the page waits still");
    sealed.does(2, file(&id, 0, 1, "a", 5));
    assert_eq!(sealed.guest(2).told("file_got")[0]["got"], 3);
    sealed.does(2, chunk(&id, 0, 3, b"de"));
    assert_eq!(sealed.story.disk.contents()[0].1, b"abcde");
    let mut other = file(&id, 0, 1, "b", 1);
    other["choice"] = json!(78);
    sealed.does(2, other);
    sealed.does(2, chunk(&id, 0, 0, b"x"));
    sealed.does(2, done(&id));
    assert_eq!(sealed.story.disk.contents().len(), 1);
    assert_eq!(given(&sealed), [json!([format!("/tmp/authloop/{id}/b")])]);
}

#[test]
fn a_page_that_goes_elsewhere_gets_nothing_and_nothing_of_it_stays() {
    let (mut sealed, id) = asked("selectSingle");
    sends(&mut sealed, &id, 0, 1, "a", b"abc");
    sealed.document("L2");
    assert!(sealed.story.disk.contents().is_empty());
    assert_eq!(sealed.guest(1).told("sheet_closed").len(), 1);
    sealed.does(1, done(&id));
    assert_eq!(refused(&mut sealed), ["gone"]);
    assert!(given(&sealed).is_empty());
}

#[test]
fn a_frame_that_goes_elsewhere_takes_its_chooser_along_and_no_others() {
    let navigates = |sealed: &mut Sealed, frame: &str| {
        let frame =
            json!({"frame": {"id": frame, "parentId": "T-page", "loaderId": "L9", "url": ""}});
        sealed.story.page_says("Page.frameNavigated", &frame);
        sealed.deliver();
    };
    let (mut sealed, _) = asked("selectSingle");
    navigates(&mut sealed, "other");
    assert!(sealed.guest(1).told("sheet_closed").is_empty());
    navigates(&mut sealed, "F");
    assert_eq!(sealed.guest(1).told("sheet_closed").len(), 1);
}

#[test]
fn the_end_deletes_all_of_it() {
    let (mut sealed, id) = asked("selectSingle");
    sends(&mut sealed, &id, 0, 1, "a", b"abc");
    sealed.does(1, done(&id));
    assert_eq!(sealed.story.disk.contents().len(), 1);
    sealed.story.request(Request::Cancel);
    sealed.story.answer(200, &support::record("CANCELLED"));
    assert_eq!(sealed.story.outcome(), Some(&Outcome::Cancelled));
    assert!(sealed.story.disk.contents().is_empty());
}

#[test]
fn without_a_shared_disk_the_bytes_go_through_the_browser() {
    let (mut sealed, id) = asked("selectSingle");
    sealed.story.disk.is_elsewhere = true;
    let bytes = vec![b'z'; 24 * 1024 + 5];
    sends(&mut sealed, &id, 0, 1, "a.jpg", &bytes);
    sealed.does(1, done(&id));
    assert!(given(&sealed).is_empty(), "a path would be an empty file");
    let calls = sealed.story.told("Runtime.callFunctionOn");
    let arguments = |place: usize| &calls[place]["params"]["arguments"];
    assert_eq!(calls.len(), 4, "sizes, two parts, the file");
    let mut carried = Vec::new();
    for place in [1, 2] {
        assert_eq!(arguments(place)[0], json!({"value": 0}));
        let part = arguments(place)[1]["value"].as_str().expect("base64");
        carried.extend(STANDARD.decode(part).expect("base64"));
    }
    assert_eq!(carried, bytes);
    assert_eq!(
        *arguments(3),
        json!([{"objectId": "input"}, {"value": [{"name": "a.jpg", "type": "image/jpeg"}]}])
    );
    assert_eq!(sealed.guest(1).told("sheet_closed").len(), 1);
}

#[test]
fn an_element_that_is_gone_is_told_as_such() {
    let (mut sealed, id) = asked("selectSingle");
    sealed.story.refused.insert(SET_FILES);
    sends(&mut sealed, &id, 0, 1, "a", b"abc");
    sealed.does(1, done(&id));
    assert_eq!(refused(&mut sealed), ["gone"]);
    assert!(sealed.story.disk.contents().is_empty());
}

#[test]
fn a_page_that_asks_something_as_soon_as_it_has_its_files_has_them() {
    let (mut sealed, id) = asked("selectSingle");
    sends(&mut sealed, &id, 0, 1, "a", b"abc");
    // The probe answers; the page's own input waits behind the dialog.
    sealed.story.silent.insert("Page.createIsolatedWorld");
    sealed.does(1, done(&id));
    sealed.pass(6_000);
    assert_eq!(
        refused(&mut sealed),
        ["gone"],
        "before that nothing has come of it"
    );

    let (mut sealed, id) = asked("selectSingle");
    sends(&mut sealed, &id, 0, 1, "a", b"abc");
    sealed.story.disk.gives_in_silence = true;
    sealed.does(1, done(&id));
    assert_eq!(given(&sealed).len(), 1);
    sealed.pass(6_000);
    assert!(refused(&mut sealed).is_empty());
    assert_eq!(sealed.guest(1).told("sheet_closed").len(), 1);
}

#[test]
fn files_are_dropped_where_the_human_let_them_go() {
    let mut sealed = picking();
    sealed.paints(b"first");
    sealed.pass(50);
    sealed.does(
        1,
        json!({"type": "files_drop", "choice": 77, "x": 40.0, "y": 30.0}),
    );
    let sheet = sheet(&mut sealed, 1);
    assert_eq!(
        (&sheet["choice"], &sheet["multiple"]),
        (&json!(77), &json!(true))
    );
    let id = sheet["id"].clone();
    sends(&mut sealed, &id, 0, 1, "a.pdf", b"abc");
    sealed.does(1, done(&id));
    let dragged = sealed.story.told("Input.dispatchDragEvent");
    let kinds: Vec<_> = dragged
        .iter()
        .map(|command| &command["params"]["type"])
        .collect();
    assert_eq!(kinds, ["dragEnter", "dragOver", "drop"]);
    assert_eq!(
        dragged[2]["params"]["data"],
        json!({"items": [], "files": [format!("/tmp/authloop/{id}/a.pdf")], "dragOperationsMask": 1})
    );
    assert_eq!(sealed.guest(1).told("sheet_closed").len(), 1);
}

#[test]
fn a_drop_is_meant_for_the_page_that_was_seen() {
    let mut sealed = picking();
    sealed.paints(b"first");
    sealed.pass(50);
    sealed.document("L2");
    sealed.does(
        1,
        json!({"type": "files_drop", "choice": 77, "x": 40.0, "y": 30.0}),
    );
    sealed.pass(1_000);
    assert!(sealed.guest(1).told("files").is_empty());
    assert_eq!(sealed.guest(1).told("dropped").len(), 1);
}

#[test]
fn what_was_dropped_cannot_get_to_another_computer() {
    let mut sealed = picking();
    sealed.story.disk.is_elsewhere = true;
    sealed.paints(b"first");
    sealed.pass(50);
    sealed.does(
        1,
        json!({"type": "files_drop", "choice": 77, "x": 40.0, "y": 30.0}),
    );
    let id = sheet(&mut sealed, 1)["id"].clone();
    sends(&mut sealed, &id, 0, 1, "a.pdf", b"abc");
    sealed.does(1, done(&id));
    assert_eq!(refused(&mut sealed), ["elsewhere"]);
    assert_eq!(sealed.story.count("Input.dispatchDragEvent"), 0);
}

#[test]
fn handing_over_waits_for_the_viewer_that_left_meanwhile() {
    let (mut sealed, id) = asked("selectSingle");
    sends(&mut sealed, &id, 0, 1, "a", b"abc");
    sealed.story.silent.insert("Page.createIsolatedWorld");
    sealed.does(1, done(&id));
    let secret = sealed.secret(1);
    sealed.disconnects(1);
    sealed.story.silent.clear();
    sealed.pass(6_000);
    assert!(given(&sealed).is_empty(), "nobody is there");
    sealed.connects(2).caps = vec!["sheets".into(), "files".into()];
    sealed.asks(2, None, Some(&secret));
    sealed.does(2, file(&id, 0, 1, "a", 3));
    sealed.does(2, done(&id));
    assert_eq!(given(&sealed).len(), 1);
}

#[test]
fn a_folder_is_given_as_one() {
    let mut sealed = picking();
    sealed.story.disk.input = vec!["webkitdirectory", ""];
    opens(&mut sealed, "selectSingle");
    let sheet = sheet(&mut sealed, 1);
    assert_eq!(
        (&sheet["folder"], &sheet["multiple"]),
        (&json!(true), &json!(true))
    );
    let id = sheet["id"].clone();
    sends(&mut sealed, &id, 0, 2, "a", b"abc");
    sends(&mut sealed, &id, 1, 2, "b", b"d");
    sealed.does(1, done(&id));
    assert_eq!(given(&sealed), [json!([format!("/tmp/authloop/{id}")])]);
}

/// A frame of another site has got a session.
fn attached(sealed: &mut Sealed, session: &str) {
    let info =
        json!({"targetId": "F-frame", "type": "iframe", "title": "", "url": "", "attached": true});
    let params = json!({"sessionId": session, "targetInfo": info, "waitingForDebugger": false});
    let event =
        json!({"method": "Target.attachedToTarget", "sessionId": "S-page", "params": params});
    sealed.story.browser_says(&event);
}

#[test]
fn a_frame_of_another_site_asks_and_gets_by_its_own_session() {
    let mut sealed = picking();
    attached(&mut sealed, "S-frame");
    let sessions = |sealed: &Sealed, method: &str| {
        let told = sealed.story.told(method);
        let told = told.iter().map(|command| command["sessionId"].clone());
        told.collect::<Vec<_>>()
    };
    assert_eq!(sessions(&sealed, INTERCEPT), ["S-frame"]);
    let opened = json!({"frameId": "F-frame", "mode": "selectSingle", "backendNodeId": 5});
    let event =
        json!({"method": "Page.fileChooserOpened", "sessionId": "S-frame", "params": opened});
    sealed.story.browser_says(&event);
    sealed.deliver();
    let id = sheet(&mut sealed, 1)["id"].clone();
    assert_eq!(sessions(&sealed, "DOM.describeNode"), ["S-frame"]);
    // Its session goes with the viewer, and the viewer that comes back finds another.
    let secret = sealed.secret(1);
    sealed.disconnects(1);
    sealed.connects(2).caps = vec!["sheets".into(), "files".into()];
    sealed.asks(2, None, Some(&secret));
    attached(&mut sealed, "S-again");
    sealed.forget();
    sealed.does(2, file(&id, 0, 1, "a", 1));
    sealed.does(2, chunk(&id, 0, 0, b"x"));
    sealed.does(2, done(&id));
    assert_eq!(sessions(&sealed, SET_FILES), ["S-again", "S-again"]);
    assert_eq!(given(&sealed).len(), 1);
}

#[test]
fn a_frame_that_is_gone_wants_nothing_more() {
    let mut sealed = picking();
    attached(&mut sealed, "S-frame");
    let opened = json!({"frameId": "F-frame", "mode": "selectSingle", "backendNodeId": 5});
    let event =
        json!({"method": "Page.fileChooserOpened", "sessionId": "S-frame", "params": opened});
    sealed.story.browser_says(&event);
    sealed.deliver();
    sheet(&mut sealed, 1);
    let gone = json!({"method": "Target.detachedFromTarget", "sessionId": "S-page",
        "params": {"sessionId": "S-frame"}});
    sealed.story.browser_says(&gone);
    sealed.deliver();
    assert_eq!(sealed.guest(1).told("sheet_closed").len(), 1);
}

//! What the page asks reaches the human, and their answer the page; nobody's else.

mod support;

use serde_json::{Value, json};
use support::sealed::Sealed;

const CLOSED: &str = "Page.javascriptDialogClosed";

fn opens(sealed: &mut Sealed, kind: &str, text: &str) {
    let opening = json!({
        "type": kind, "message": text, "url": "https://wall.test/a?b=c", "defaultPrompt": "Ann",
        "frameId": "F", "hasBrowserHandler": true,
    });
    sealed
        .story
        .page_says("Page.javascriptDialogOpening", &opening);
    sealed.deliver();
}

/// Lets the dialog settle, and returns what the viewer was told of it.
fn shown(sealed: &mut Sealed, chan: u16) -> Value {
    sealed.pass(50);
    let told = sealed.guest(chan).told("dialog");
    Value::clone(told.last().expect("a sheet"))
}

fn answers(sealed: &Sealed) -> Vec<Value> {
    let told = sealed.story.told("Page.handleJavaScriptDialog");
    told.iter()
        .map(|command| command["params"].clone())
        .collect()
}

#[test]
fn a_question_is_shown_and_answered_as_the_human_says() {
    let mut sealed = Sealed::sees_sheets();
    opens(&mut sealed, "confirm", "Sure?\u{202e}");
    let sheet = shown(&mut sealed, 1);
    assert_eq!(
        sheet,
        json!({"type": "dialog", "id": sheet["id"], "kind": "confirm",
            "origin": "https://wall.test", "text": "Sure?"}),
        "no path of the page's address, and nothing that turns text around"
    );
    assert!(answers(&sealed).is_empty(), "the human decides");
    sealed.does(
        1,
        json!({"type": "dialog_answer", "id": sheet["id"], "accept": true}),
    );
    assert_eq!(answers(&sealed), [json!({"accept": true})]);
    assert_eq!(sealed.guest(1).told("sheet_closed").len(), 1);
    sealed.story.page_says(CLOSED, &json!({"result": true}));
    sealed.pass(2_000);
    assert!(sealed.guest(1).told("notice").is_empty());
}

#[test]
fn a_prompt_takes_the_humans_text_or_what_it_began_with() {
    for (text, expected) in [(Some("Bea"), "Bea"), (Some(""), ""), (None, "Ann")] {
        let mut sealed = Sealed::sees_sheets();
        opens(&mut sealed, "prompt", "Name?");
        let sheet = shown(&mut sealed, 1);
        assert_eq!(sheet["default"], "Ann");
        let mut answer = json!({"type": "dialog_answer", "id": sheet["id"], "accept": true});
        if let Some(text) = text {
            answer["text"] = json!(text);
        }
        sealed.does(1, answer);
        assert_eq!(
            answers(&sealed),
            [json!({"accept": true, "promptText": expected})]
        );
    }
}

#[test]
fn an_answer_counts_once_and_only_for_its_own_dialog() {
    let mut sealed = Sealed::sees_sheets();
    opens(&mut sealed, "confirm", "first");
    let first = shown(&mut sealed, 1)["id"].clone();
    let answer = json!({"type": "dialog_answer", "id": first, "accept": true});
    sealed.does(1, answer.clone());
    sealed.does(1, answer.clone());
    assert_eq!(answers(&sealed).len(), 1);
    sealed.story.page_says(CLOSED, &json!({"result": true}));
    opens(&mut sealed, "confirm", "Delete everything?");
    let second = shown(&mut sealed, 1);
    assert_ne!(second["id"], first);
    sealed.does(1, answer);
    assert_eq!(answers(&sealed).len(), 1, "the second waits for its own");
}

#[test]
fn a_dialog_outlives_the_viewer_and_greets_the_next() {
    let mut sealed = Sealed::waiting();
    opens(&mut sealed, "confirm", "Sure?");
    sealed.pass(60_000);
    assert!(answers(&sealed).is_empty(), "the AI agent's own affair");
    sealed.joins_with(1, &["sheets"]);
    let sheet = shown(&mut sealed, 1);
    sealed.leaves(1);
    sealed.pass(1_000);
    sealed.joins_with(2, &["sheets"]);
    assert_eq!(shown(&mut sealed, 2), sheet);
    sealed.leaves(2);
    sealed.joins(3);
    assert_eq!(
        answers(&sealed),
        [json!({"accept": false})],
        "this viewer can't show it"
    );
    sealed.pass(1_000);
    assert_eq!(sealed.guest(3).told("notice").len(), 1);
    assert!(sealed.guest(3).told("dialog").is_empty());
}

#[test]
fn a_dialog_that_another_program_answers_at_once_is_not_shown_but_told_of() {
    let mut sealed = Sealed::sees_sheets();
    opens(&mut sealed, "confirm", "Sure?");
    sealed.pass(5);
    sealed.story.page_says(CLOSED, &json!({"result": false}));
    sealed.pass(1_000);
    assert!(sealed.guest(1).told("dialog").is_empty());
    assert!(sealed.guest(1).told("sheet_closed").is_empty());
    assert_eq!(
        sealed.guest(1).told("notice"),
        [&json!({"type": "notice", "code": "dialog_answered"})]
    );
    assert!(answers(&sealed).is_empty());
}

#[test]
fn a_page_that_opens_dialogs_without_end_does_not_flood_the_viewer() {
    let mut sealed = Sealed::sees_sheets();
    for _ in 0..1_000 {
        opens(&mut sealed, "alert", "again");
        sealed.story.page_says(CLOSED, &json!({"result": true}));
        sealed.pass(5);
    }
    let guest = sealed.guest(1);
    assert!(guest.told("dialog").len() <= 100, "at most 20 a second");
    assert!(sealed.closes.is_empty());
}

#[test]
fn no_dialog_that_was_shown_is_left_open_at_the_end() {
    for (kind, accept) in [("confirm", false), ("alert", true), ("beforeunload", true)] {
        let mut sealed = Sealed::sees_sheets();
        opens(&mut sealed, kind, "");
        shown(&mut sealed, 1);
        sealed.does(1, json!({"type": "resolved"}));
        assert_eq!(answers(&sealed), [json!({"accept": accept})], "{kind}");
    }
}

#[test]
fn a_sheet_goes_with_its_page() {
    let mut sealed = Sealed::sees_sheets();
    opens(&mut sealed, "alert", "");
    let sheet = shown(&mut sealed, 1);
    sealed
        .story
        .page_says("Inspector.targetCrashed", &json!({}));
    sealed.deliver();
    assert_eq!(
        sealed.guest(1).told("sheet_closed"),
        [&json!({"type": "sheet_closed", "id": sheet["id"]})]
    );
}

#[test]
fn an_answer_that_is_malformed_damages_the_channel() {
    for answer in [
        json!({"type": "dialog_answer", "accept": true}),
        json!({"type": "dialog_answer", "id": "1", "accept": true}),
        json!({"type": "dialog_answer", "id": 1}),
        json!({"type": "dialog_answer", "id": 1, "accept": 1}),
    ] {
        let mut sealed = Sealed::sees_sheets();
        sealed.does(1, answer);
        assert_eq!(sealed.closes, [(1, 4400)]);
    }
}

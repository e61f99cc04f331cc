//! What is to be seen in the page's worlds is told to a viewer that is helped with fields, and what it wants done
//! there is done in its turn.

mod support;

use serde_json::{Value, json};
use support::sealed::Sealed;

const WORLDS: [&str; 4] = [
    "Page.getFrameTree",
    "Page.createIsolatedWorld",
    "Runtime.evaluate",
    "DOM.describeNode",
];

/// A page whose worlds are answered by hand, and a viewer that is helped with it.
fn helped() -> Sealed {
    let mut sealed = Sealed::waiting();
    sealed.story.silent.extend(WORLDS);
    sealed.joins_with(1, &["sheets", "fields"]);
    sealed
}

/// The same, with a world that has told what it sees first.
fn watched(report: &Value) -> Sealed {
    let mut sealed = helped();
    makes_world(&mut sealed, "S-page", 7);
    reports(&mut sealed, report);
    sealed.pass(200);
    sealed.story.forget();
    sealed
}

/// Answers the newest call of a method.
fn answers(sealed: &mut Sealed, method: &str, result: &Value) {
    let id = asked(sealed, method)["id"].clone();
    sealed
        .story
        .browser_says(&json!({"id": id, "result": result}));
    sealed.deliver();
}

fn asked(sealed: &Sealed, method: &str) -> Value {
    let told = sealed.story.told_ever.iter();
    let last = told.rev().find(|command| command["method"] == method);
    last.expect(method).clone()
}

/// The newest evaluation whose expression begins so.
fn evaluated(sealed: &Sealed, expression: &str) -> Option<Value> {
    let told = sealed.story.told_ever.iter().rev();
    let mut told = told.filter(|command| command["method"] == "Runtime.evaluate");
    let begins = |command: &&Value| {
        let text = command["params"]["expression"].as_str();
        text.is_some_and(|text| text.starts_with(expression))
    };
    told.find(begins).cloned()
}

fn replies(sealed: &mut Sealed, expression: &str, value: &Value) {
    let id = evaluated(sealed, expression).expect(expression)["id"].clone();
    let result = json!({"result": {"type": "object", "value": value}});
    sealed
        .story
        .browser_says(&json!({"id": id, "result": result}));
    sealed.deliver();
}

fn makes_world(sealed: &mut Sealed, session: &str, context: i64) {
    if session == "S-page" {
        let frame =
            json!({"frame": {"id": "F-main", "loaderId": "L1", "url": "https://wall.test/"}});
        answers(sealed, "Page.getFrameTree", &json!({"frameTree": frame}));
    }
    assert_eq!(
        asked(sealed, "Page.createIsolatedWorld")["sessionId"],
        session
    );
    answers(
        sealed,
        "Page.createIsolatedWorld",
        &json!({"executionContextId": context}),
    );
}

/// The newest world says what is new in it.
fn reports(sealed: &mut Sealed, report: &Value) {
    let is_watch = |command: &&Value| {
        let text = command["params"]["expression"].as_str();
        text.is_some_and(|text| text.ends_with("authloop.next()"))
    };
    let told = sealed.story.told_ever.iter().rev();
    let id = told.clone().find(is_watch).expect("it is watched")["id"].clone();
    let result = json!({"result": {"type": "object", "value": report}});
    sealed
        .story
        .browser_says(&json!({"id": id, "result": result}));
    sealed.deliver();
}

fn nothing() -> Value {
    json!({"field": null, "frame": null, "cursor": "default", "touch": false,
        "view": {"x": 0, "y": 0, "scale": 1}, "happened": []})
}

fn field(kind: &str) -> Value {
    let mut report = nothing();
    report["field"] = json!({"kind": kind, "input_mode": "numeric", "enter_key": "", "autocomplete":
        "one-time-code", "max_length": 6, "multiple": false, "label": "Code", "x": 10, "y": 20, "width": 30,
        "height": 40});
    report
}

fn select() -> Value {
    let mut report = field("select");
    let option =
        |text: &str| json!({"text": text, "group": null, "disabled": false, "selected": false});
    report["picker"] = json!({"serial": 5, "kind": "select", "label": "Country", "multiple": false,
        "more": false, "options": [option("A"), option("B")], "value": "", "min": "", "max": "", "step": ""});
    report
}

fn told(sealed: &mut Sealed, kind: &str) -> Value {
    let told = sealed.guest(1).told(kind);
    told.last().map_or(Value::Null, |told| Value::clone(told))
}

fn keys(sealed: &Sealed) -> Vec<String> {
    let told = sealed.story.told("Input.dispatchKeyEvent");
    let word = |command: &&Value, name: &str| command["params"][name].as_str().map(str::to_owned);
    let one = |command| {
        Some(format!(
            "{} {}",
            word(&command, "type")?,
            word(&command, "key")?
        ))
    };
    told.into_iter().filter_map(one).collect()
}

#[test]
fn a_page_is_watched_while_somebody_is_helped_and_then_let_go() {
    let mut sealed = helped();
    makes_world(&mut sealed, "S-page", 7);
    let install = asked(&sealed, "Runtime.evaluate");
    assert_eq!(install["sessionId"], "S-page");
    let params = &install["params"];
    assert_eq!(
        (
            &params["contextId"],
            &params["awaitPromise"],
            &params["returnByValue"]
        ),
        (&json!(7), &json!(true), &json!(true))
    );
    reports(&mut sealed, &field("text"));
    sealed.pass(200);
    assert_eq!(
        told(&mut sealed, "field"),
        json!({"type": "field", "page": 0, "field": {"kind": "text", "input_mode": "numeric", "enter_key": "",
            "autocomplete": "one-time-code", "max_length": 6, "multiple": false, "label": "Code", "x": 10, "y": 20,
            "width": 30, "height": 40}})
    );
    sealed.pass(60_000);
    assert_eq!(
        sealed.story.agent.counters().unanswered_calls,
        0,
        "news may take for ever"
    );
    sealed.leaves(1);
    assert!(evaluated(&sealed, "authloop.stop()").is_some());
    sealed.story.forget();
    sealed.joins(2);
    sealed.pass(500);
    assert_eq!(sealed.story.count("Runtime.evaluate"), 0);
    assert_eq!(sealed.guest(2).told("field"), [&Value::Null; 0]);
}

#[test]
fn nobody_else_is_looked_at() {
    let mut sealed = Sealed::waiting();
    sealed.joins_with(1, &["sheets"]);
    sealed.pass(1_000);
    for method in &WORLDS[1..] {
        assert_eq!(sealed.story.count(method), 0, "{method}");
    }
}

#[test]
fn another_document_is_watched_anew_and_one_that_resists_less_and_less_often() {
    let mut sealed = watched(&field("text"));
    sealed.document("L2");
    sealed.pass(200);
    assert_eq!(told(&mut sealed, "field")["field"], Value::Null);
    assert_eq!(sealed.story.count("Page.getFrameTree"), 1);
    makes_world(&mut sealed, "S-page", 8);
    sealed.story.forget();
    let mut asked_at = Vec::new();
    for _ in 0..400 {
        if sealed.story.count("Page.getFrameTree") > 0 {
            asked_at.push(sealed.story.now);
            sealed.story.forget();
            answers(&mut sealed, "Page.getFrameTree", &json!({}));
        } else if asked_at.is_empty() {
            reports(&mut sealed, &Value::Null);
        }
        sealed.pass(50);
    }
    let waits: Vec<_> = asked_at
        .windows(2)
        .map(|pair| pair[1].since(pair[0]).as_millis())
        .collect();
    assert!(waits.is_sorted(), "{waits:?}");
    assert!((5..12).contains(&asked_at.len()), "{waits:?}");
}

#[test]
fn a_field_in_a_frame_of_another_site_is_told_where_it_is_in_the_picture() {
    let mut report = nothing();
    report["frame"] = json!({"serial": 1, "x": 100, "y": 200});
    report["view"] = json!({"x": 10, "y": 0, "scale": 2});
    let mut sealed = helped();
    let info = json!({"targetId": "F-inner", "type": "iframe", "url": "https://frame.test/"});
    let params = json!({"sessionId": "S-inner", "targetInfo": info, "waitingForDebugger": false});
    sealed.story.page_says("Target.attachedToTarget", &params);
    makes_world(&mut sealed, "S-page", 7);
    reports(&mut sealed, &report);
    let id = evaluated(&sealed, "authloop.frame()").expect("it is looked for")["id"].clone();
    let found = json!({"result": {"type": "object", "subtype": "node", "objectId": "O1"}});
    sealed
        .story
        .browser_says(&json!({"id": id, "result": found}));
    assert_eq!(
        asked(&sealed, "DOM.describeNode")["params"]["objectId"],
        "O1"
    );
    assert_eq!(sealed.story.count("Runtime.releaseObject"), 1);
    answers(
        &mut sealed,
        "DOM.describeNode",
        &json!({"node": {"nodeId": 0, "frameId": "F-inner"}}),
    );
    assert_eq!(
        asked(&sealed, "Page.createIsolatedWorld")["params"]["frameId"],
        "F-inner"
    );
    makes_world(&mut sealed, "S-inner", 3);
    reports(&mut sealed, &field("tel"));
    sealed.pass(200);
    let field = told(&mut sealed, "field")["field"].clone();
    assert_eq!((&field["x"], &field["y"]), (&json!(200), &json!(440)));
    assert_eq!(
        (&field["width"], &field["height"]),
        (&json!(60), &json!(80))
    );
    let params = json!({"sessionId": "S-inner"});
    sealed.story.page_says("Target.detachedFromTarget", &params);
    sealed.pass(200);
    assert_eq!(told(&mut sealed, "field")["field"], Value::Null);
}

#[test]
fn a_choice_is_made_with_keys_and_nothing_overtakes_it() {
    let mut sealed = watched(&select());
    let sheet = told(&mut sealed, "picker");
    assert_eq!(
        (&sheet["kind"], &sheet["options"]),
        (&json!("select"), &json!([{"text": "A"}, {"text": "B"}]))
    );
    sealed.does(
        1,
        json!({"type": "picker_answer", "id": sheet["id"], "chosen": [1]}),
    );
    sealed.does(1, json!({"type": "keypress", "key": "x"}));
    sealed.pass(100);
    assert_eq!(told(&mut sealed, "sheet_closed")["id"], sheet["id"]);
    assert_eq!(keys(&sealed), [""; 0], "the key waits");
    let steps = json!({"keys": [{"key": "Home", "times": 1}, {"key": "ArrowDown", "times": 2}, {"key": "a",
        "times": 1}, {"key": "Enter", "times": 1}]});
    assert!(evaluated(&sealed, "authloop.answer(5,").is_some());
    replies(&mut sealed, "authloop.answer(5,{\"chosen\":[1]})", &steps);
    let pressed = ["Home", "ArrowDown", "ArrowDown", "Enter"];
    let pressed = pressed.iter().flat_map(|key| {
        let down = if *key == "Enter" {
            "keyDown"
        } else {
            "rawKeyDown"
        };
        [format!("{down} {key}"), format!("keyUp {key}")]
    });
    assert_eq!(keys(&sealed), pressed.collect::<Vec<_>>());
    sealed.story.forget();
    replies(&mut sealed, "authloop.goOn()", &json!({"done": "chosen"}));
    sealed.pass(100);
    assert_eq!(keys(&sealed)[0], "keyDown x");
    assert_eq!(sealed.guest(1).told("notice"), [&Value::Null; 0]);
}

#[test]
fn an_answer_that_comes_to_nothing_is_told_and_one_to_no_sheet_is_not() {
    let mut sealed = watched(&select());
    let id = told(&mut sealed, "picker")["id"].clone();
    sealed.does(
        1,
        json!({"type": "picker_answer", "id": 999, "chosen": [1]}),
    );
    assert!(evaluated(&sealed, "authloop.answer").is_none());
    sealed.does(
        1,
        json!({"type": "picker_answer", "id": id, "value": "2026-11-23"}),
    );
    replies(
        &mut sealed,
        "authloop.answer(5,{\"value\":\"2026-11-23\"})",
        &json!({"done": "gone"}),
    );
    sealed.pass(100);
    assert_eq!(told(&mut sealed, "notice")["code"], "not_chosen");
    for wrong in [
        json!({"type": "picker_answer", "id": id, "chosen": vec![0; 1_001]}),
        json!({"type": "picker_answer", "id": id, "value": "x".repeat(101)}),
    ] {
        let before = sealed.story.agent.counters().invalid_events;
        sealed.does(1, wrong);
        assert_eq!(sealed.story.agent.counters().invalid_events, before + 1);
    }
}

#[test]
fn a_sheet_goes_with_its_page_and_input_goes_on() {
    let mut sealed = watched(&select());
    let id = told(&mut sealed, "picker")["id"].clone();
    sealed.does(1, json!({"type": "picker_answer", "id": id, "chosen": [0]}));
    sealed.does(1, json!({"type": "keypress", "key": "x"}));
    sealed.document("L2");
    sealed.pass(100);
    assert_eq!(keys(&sealed)[0], "keyDown x", "what it waited for is gone");
    makes_world(&mut sealed, "S-page", 8);
    reports(&mut sealed, &select());
    sealed.pass(200);
    let newer = told(&mut sealed, "picker")["id"].clone();
    assert_ne!(newer, id);
    reports(&mut sealed, &json!({"picker": null}));
    sealed.pass(200);
    assert_eq!(told(&mut sealed, "sheet_closed")["id"], newer);
}

#[test]
fn what_is_selected_is_copied_when_asked_for() {
    let mut sealed = watched(&field("text"));
    for (said, told_as) in [
        (
            json!({"done": "copied", "text": "hé\0llo"}),
            json!({"type": "copied", "text": "héllo"}),
        ),
        (
            json!({"done": "not_copied"}),
            json!({"type": "notice", "code": "not_copied"}),
        ),
        (
            json!({"done": "nothing_selected"}),
            json!({"type": "notice", "code": "nothing_selected"}),
        ),
    ] {
        sealed.does(1, json!({"type": "copy"}));
        replies(&mut sealed, "authloop.copy()", &said);
        sealed.pass(1_100);
        let kind = told_as["type"].as_str().expect("a type");
        assert_eq!(told(&mut sealed, kind), told_as);
    }
}

#[test]
fn a_paste_goes_as_the_page_takes_it_and_holds_its_place() {
    let mut sealed = watched(&field("rich"));
    sealed.does(1, json!({"type": "paste", "text": "one \"two\""}));
    sealed.does(1, json!({"type": "keypress", "key": "x"}));
    let keys_wanted = json!({"keys": [{"key": "Paste", "times": 1}]});
    replies(
        &mut sealed,
        "authloop.paste(\"one \\\"two\\\"\")",
        &keys_wanted,
    );
    assert_eq!(keys(&sealed), ["rawKeyDown v", "keyUp v"]);
    sealed.story.forget();
    replies(&mut sealed, "authloop.goOn()", &json!({"done": "pasted"}));
    sealed.pass(100);
    assert_eq!(keys(&sealed)[0], "keyDown x");
    sealed.story.forget();
    sealed.does(1, json!({"type": "paste", "text": "a\nb"}));
    sealed.does(1, json!({"type": "keypress", "key": "y"}));
    replies(
        &mut sealed,
        "authloop.paste(\"a\\nb\")",
        &json!({"done": "typed"}),
    );
    sealed.pass(100);
    assert_eq!(
        sealed.story.told("Input.insertText")[0]["params"]["text"],
        "a\nb"
    );
    assert_eq!(
        sealed
            .story
            .methods()
            .iter()
            .filter(|method| method.starts_with("Input."))
            .take(2)
            .collect::<Vec<_>>(),
        [&"Input.insertText", &"Input.dispatchKeyEvent"]
    );
}

#[test]
fn each_key_of_a_code_waits_for_the_pages_timers_but_not_for_ever() {
    let mut sealed = watched(&field("text"));
    sealed.does(1, json!({"type": "paste", "text": "42"}));
    replies(&mut sealed, "authloop.paste(", &json!({"done": "typed"}));
    sealed.pass(500);
    assert_eq!(
        keys(&sealed),
        ["keyDown 4", "keyUp 4"],
        "the timers have had no turn"
    );
    replies(&mut sealed, "authloop.turn()", &Value::Null);
    sealed.pass(25);
    assert_eq!(keys(&sealed).len(), 4);
    sealed.story.forget();
    sealed.does(1, json!({"type": "paste", "text": "67"}));
    replies(&mut sealed, "authloop.paste(", &json!({"done": "typed"}));
    sealed.pass(900);
    assert_eq!(keys(&sealed).len(), 2);
    sealed.pass(300);
    assert_eq!(keys(&sealed).len(), 4, "a page that never turns");
}

#[test]
fn what_the_page_has_the_browser_do_is_told() {
    let mut report = nothing();
    report["cursor"] = json!("pointer");
    report["touch"] = json!(true);
    report["happened"] = json!([{"kind": "print"}, {"kind": "menu", "x": 3, "y": 4, "selection": true,
        "editable": false}]);
    let mut sealed = watched(&report);
    assert_eq!(told(&mut sealed, "notice")["code"], "print");
    assert_eq!(told(&mut sealed, "cursor")["cursor"], "pointer");
    assert_eq!(
        told(&mut sealed, "menu"),
        json!({"type": "menu", "x": 3, "y": 4, "selection": true, "editable": false})
    );
    assert_eq!(told(&mut sealed, "page")["touch"], true);
}

#[test]
fn a_permission_that_the_browser_refuses_is_told() {
    let mut report = nothing();
    report["happened"] = json!([{"kind": "refused"}]);
    let mut sealed = watched(&report);
    let notice = told(&mut sealed, "notice");
    assert_eq!(
        notice,
        json!({"type": "notice", "code": "permission_refused"})
    );
}

#[test]
fn one_notice_after_another_is_told() {
    let mut report = nothing();
    report["happened"] = json!([{"kind": "print"}]);
    let mut sealed = watched(&report);
    report["happened"] = json!([{"kind": "refused"}]);
    reports(&mut sealed, &report);
    sealed.pass(10);
    let codes: Vec<Value> = (sealed.guest(1).told("notice").into_iter())
        .map(|notice| notice["code"].clone())
        .collect();
    assert_eq!(codes, ["print", "permission_refused"]);
}

#[test]
fn a_document_is_listened_to_from_its_beginning_for_who_is_helped() {
    let listens = "Page.addScriptToEvaluateOnNewDocument";
    let mut sealed = helped();
    let script = asked(&sealed, listens);
    let world = &asked(&sealed, "Page.getFrameTree")["sessionId"];
    assert_eq!(&script["sessionId"], world);
    makes_world(&mut sealed, "S-page", 7);
    let made = asked(&sealed, "Page.createIsolatedWorld");
    assert_eq!(script["params"]["worldName"], made["params"]["worldName"]);
    let source = script["params"]["source"].as_str().expect("a script");
    assert!(
        evaluated(&sealed, source).is_some(),
        "what is there already is listened to as well"
    );
    sealed.leaves(1);
    sealed.joins_with(2, &["sheets", "fields"]);
    assert_eq!(sealed.story.count(listens), 1, "it lasts");

    let mut sealed = Sealed::waiting();
    sealed.joins_with(1, &["sheets"]);
    assert_eq!(sealed.story.count(listens), 0);
}

#[test]
fn a_frame_that_goes_takes_its_errand_with_it_and_typing_goes_on() {
    let mut sealed = watched(&select());
    sealed.does(1, json!({"type": "copy"}));
    sealed.does(1, json!({"type": "keypress", "key": "x"}));
    sealed.pass(100);
    assert_eq!(keys(&sealed), [""; 0]);
    sealed.pass(5_000);
    assert_eq!(keys(&sealed)[0], "keyDown x", "a page that never answers");
    sealed.story.forget();
    sealed.does(1, json!({"type": "paste", "text": "42"}));
    replies(&mut sealed, "authloop.paste(", &json!({"done": "typed"}));
    sealed.pass(100);
    sealed.document("L2");
    sealed.pass(1_500);
    assert_eq!(keys(&sealed).len(), 4, "whose timers are gone with it");
}

fn types(sealed: &mut Sealed, keys: usize) -> usize {
    for _ in 0..keys {
        sealed.does(1, json!({"type": "keypress", "key": "x"}));
        sealed.pass(300);
    }
    let told = sealed.guest(1).told("notice");
    told.iter()
        .filter(|notice| notice["code"] == "keys_lost")
        .count()
}

#[test]
fn keys_that_arrive_nowhere_are_told_of() {
    let mut sealed = watched(&field("text"));
    assert_eq!(types(&mut sealed, 5), 0);
    assert_eq!(types(&mut sealed, 1), 1);
    assert_eq!(types(&mut sealed, 5), 1);
    assert_eq!(types(&mut sealed, 1), 2, "it is said again");

    let mut quick = watched(&field("text"));
    for _ in 0..20 {
        quick.does(1, json!({"type": "keydown", "key": "x", "code": "KeyX"}));
    }
    assert_eq!(types(&mut quick, 0), 0, "the news may still come");
    for _ in 0..9 {
        quick.does(1, json!({"type": "keydown", "key": "Tab", "code": "Tab"}));
        quick.pass(300);
    }
    assert_eq!(types(&mut quick, 0), 0, "they type nothing");
}

#[test]
fn keys_that_arrive_or_may_arrive_elsewhere_are_no_news() {
    let mut report = field("text");
    report["happened"] = json!([{"kind": "typed"}]);
    assert_eq!(types(&mut watched(&report), 20), 0);
    assert_eq!(types(&mut watched(&select()), 20), 0, "a list takes them");
    let mut report = nothing();
    report["frame"] = json!({"serial": 1, "x": 0, "y": 0});
    assert_eq!(types(&mut watched(&report), 20), 0, "a frame takes them");
}

//! Whose the page is, which others there are, and what its server asks, told to the human alone.

mod support;

use serde_json::{Value, json};
use support::sealed::Sealed;

fn navigates(sealed: &mut Sealed, session: &str, url: &str, domain: &str) {
    let frame =
        json!({"frame": {"id": "F", "loaderId": url, "url": url, "domainAndRegistry": domain}});
    let event = json!({"method": "Page.frameNavigated", "sessionId": session, "params": frame});
    sealed.story.browser_says(&event);
    sealed.pass(200);
}

fn opens(sealed: &mut Sealed, target: &str) {
    let info = json!({"targetId": target, "type": "page", "url": "", "openerId": "T-page"});
    let event = json!({"method": "Target.targetCreated", "params": {"targetInfo": info}});
    sealed.story.browser_says(&event);
    sealed.pass(200);
}

fn page(sealed: &mut Sealed) -> Value {
    let told = sealed.guest(1).told("page");
    Value::clone(told.last().expect("it is told"))
}

fn tabs(sealed: &mut Sealed) -> Vec<(u64, String, bool)> {
    let told = sealed.guest(1).told("tabs");
    let tabs = told.last().expect("they are told")["tabs"].as_array();
    let tab = |tab: &Value| {
        let shown = tab["shown"].as_bool().expect("a flag");
        let origin = tab["origin"].as_str().expect("a text").to_owned();
        (tab["page"].as_u64().expect("a number"), origin, shown)
    };
    tabs.expect("a list").iter().map(tab).collect()
}

fn asks(sealed: &mut Sealed, request: &str) -> Value {
    let challenge = json!({"requestId": request, "request": {"url": "https://wall.test/"}, "frameId": "F",
        "resourceType": "Document", "authChallenge":
        {"source": "Server", "origin": "https://wall.test", "scheme": "basic", "realm": "Staff\u{202e} only"}});
    sealed.story.page_says("Fetch.authRequired", &challenge);
    sealed.pass(200);
    let told = sealed.guest(1).told("auth");
    Value::clone(told.last().expect("it is asked"))
}

fn answered(sealed: &Sealed) -> Vec<Value> {
    let told = sealed.story.told("Fetch.continueWithAuth");
    told.iter()
        .map(|command| command["params"].clone())
        .collect()
}

#[test]
fn the_page_is_named_by_the_document_that_is_there() {
    let mut sealed = Sealed::sees_sheets();
    navigates(
        &mut sealed,
        "S-page",
        "https://login.wall.test/a?token=b",
        "wall.test",
    );
    assert_eq!(
        page(&mut sealed),
        json!({"type": "page", "page": 0, "origin": "https://login.wall.test", "site": "wall.test",
            "began": "wall.test", "security": "unknown", "title": ""})
    );
    let state =
        json!({"visibleSecurityState": {"securityState": "secure", "securityStateIssueIds": []}});
    sealed
        .story
        .page_says("Security.visibleSecurityStateChanged", &state);
    let info = json!({"targetId": "T-page", "type": "page", "title": "Sign\u{202e} in", "url": "https://bank.test/"});
    let event = json!({"method": "Target.targetInfoChanged", "params": {"targetInfo": info}});
    sealed.story.browser_says(&event);
    sealed.pass(200);
    let told = page(&mut sealed);
    assert_eq!(told["security"], "secure");
    assert_eq!(told["title"], "Sign in");
    assert_eq!(
        told["origin"], "https://login.wall.test",
        "not where it may be going"
    );
    navigates(
        &mut sealed,
        "S-page",
        "https://wall.evil.test/",
        "evil.test",
    );
    let told = page(&mut sealed);
    assert_eq!(
        (&told["site"], &told["began"]),
        (&json!("evil.test"), &json!("wall.test"))
    );
}

#[test]
fn how_a_page_came_is_told_by_its_address_and_the_browsers_judgement() {
    for (url, state, security) in [
        ("https://wall.test/", "secure", "secure"),
        ("https://wall.test/", "insecure-broken", "broken"),
        ("https://wall.test/", "neutral", "unknown"),
        ("http://wall.test/", "secure", "insecure"),
        ("http://localhost:8080/", "neutral", "local"),
        ("http://127.0.0.1/", "neutral", "local"),
        ("http://[::1]/", "neutral", "local"),
        ("http://localhost.evil.test/", "neutral", "insecure"),
        ("data:text/html,hello", "secure", "unknown"),
        ("about:blank", "neutral", "unknown"),
        ("no address", "secure", "unknown"),
    ] {
        let mut sealed = Sealed::waiting();
        sealed.joins_with(1, &["sheets"]);
        let state =
            json!({"visibleSecurityState": {"securityState": state, "securityStateIssueIds": []}});
        sealed
            .story
            .page_says("Security.visibleSecurityStateChanged", &state);
        navigates(&mut sealed, "S-page", url, "");
        assert_eq!(page(&mut sealed)["security"], security, "{url}");
    }
}

#[test]
fn pop_ups_become_tabs_between_which_the_human_switches() {
    let mut sealed = Sealed::sees_sheets();
    navigates(&mut sealed, "S-page", "https://wall.test/", "wall.test");
    opens(&mut sealed, "T-oauth");
    navigates(&mut sealed, "S-oauth", "https://id.test/", "id.test");
    let both = |shown: u64| {
        [
            (0, "https://wall.test".to_owned(), shown == 0),
            (1, "https://id.test".to_owned(), shown == 1),
        ]
    };
    assert_eq!(tabs(&mut sealed), both(1));
    assert_eq!(page(&mut sealed)["site"], "id.test");
    sealed.forget();
    sealed.does(1, json!({"type": "tab", "page": 0}));
    sealed.pass(200);
    assert_eq!(tabs(&mut sealed), both(0));
    assert_eq!(page(&mut sealed)["site"], "wall.test");
    let cast = sealed.story.told("Page.startScreencast");
    assert_eq!(cast.last().expect("a cast")["sessionId"], "S-page");
    sealed.forget();
    for page in [0, 7] {
        sealed.does(1, json!({"type": "tab", "page": page}));
        sealed.pass(200);
    }
    assert_eq!(
        sealed.story.count("Page.startScreencast"),
        0,
        "nothing to switch to"
    );
    let gone = json!({"method": "Target.targetDestroyed", "params": {"targetId": "T-oauth"}});
    sealed.story.browser_says(&gone);
    sealed.pass(200);
    assert_eq!(tabs(&mut sealed).len(), 1);
}

#[test]
fn a_viewer_that_shows_no_sheets_is_told_nothing_of_it() {
    let mut sealed = Sealed::watched();
    navigates(&mut sealed, "S-page", "https://wall.test/", "wall.test");
    assert!(sealed.guest(1).told("page").is_empty());
    assert_eq!(sealed.story.count("Fetch.enable"), 0);
}

#[test]
fn a_request_for_a_document_goes_on_at_once() {
    let mut sealed = Sealed::sees_sheets();
    sealed.story.page_says(
        "Fetch.requestPaused",
        &json!({"requestId": "R-1", "resourceType": "Document"}),
    );
    let told = sealed.story.told("Fetch.continueRequest");
    assert_eq!(told[0]["params"], json!({"requestId": "R-1"}));
}

#[test]
fn a_server_s_question_is_answered_as_the_human_says() {
    let mut sealed = Sealed::sees_sheets();
    let sheet = asks(&mut sealed, "R-1");
    assert_eq!(
        sheet,
        json!({"type": "auth", "id": sheet["id"], "origin": "https://wall.test", "realm": "Staff only", "proxy": false})
    );
    let answer =
        json!({"type": "auth_answer", "id": sheet["id"], "username": "ann", "password": "s3cret"});
    sealed.does(1, answer.clone());
    sealed.does(1, answer);
    assert_eq!(
        answered(&sealed),
        [json!({"requestId": "R-1", "authChallengeResponse":
            {"response": "ProvideCredentials", "username": "ann", "password": "s3cret"}})],
        "once"
    );
    let again = asks(&mut sealed, "R-2");
    assert_ne!(again["id"], sheet["id"]);
    sealed.does(1, json!({"type": "auth_answer", "id": again["id"]}));
    assert_eq!(
        answered(&sealed)[1],
        json!({"requestId": "R-2", "authChallengeResponse": {"response": "CancelAuth"}})
    );
}

#[test]
fn a_server_s_question_goes_with_its_document_and_waits_for_a_viewer_that_comes_back() {
    let mut sealed = Sealed::sees_sheets();
    let sheet = asks(&mut sealed, "R-1");
    sealed.disconnects(1);
    sealed.pass(5_000);
    let secret = sealed.secret(1);
    sealed.connects(1).caps = vec!["sheets".into()];
    sealed.asks(1, None, Some(&secret));
    sealed.pass(200);
    assert_eq!(sealed.guest(1).told("auth").len(), 1, "it is told again");
    assert_eq!(sealed.story.count("Fetch.disable"), 0);
    navigates(&mut sealed, "S-page", "https://wall.test/", "wall.test");
    sealed.does(
        1,
        json!({"type": "auth_answer", "id": sheet["id"], "username": "a", "password": "b"}),
    );
    assert!(answered(&sealed).is_empty());
}

#[test]
fn a_server_that_asks_without_end_is_told_no() {
    let mut sealed = Sealed::sees_sheets();
    for number in 0..20 {
        asks(&mut sealed, &format!("R-{number}"));
    }
    assert_eq!(answered(&sealed).len(), 12);
    assert_eq!(sealed.guest(1).told("auth").len(), 8);
}

#[test]
fn an_answer_that_is_malformed_damages_the_channel() {
    for answer in [
        json!({"type": "auth_answer"}),
        json!({"type": "auth_answer", "id": 1, "username": "a"}),
        json!({"type": "auth_answer", "id": 1, "password": "b"}),
        json!({"type": "auth_answer", "id": 1, "username": 1, "password": "b"}),
        json!({"type": "tab"}),
        json!({"type": "tab", "page": -1}),
    ] {
        let mut sealed = Sealed::sees_sheets();
        sealed.does(1, answer);
        assert_eq!(sealed.closes, [(1, 4400)]);
    }
}

#[test]
fn a_download_is_told_to_who_shows_sheets() {
    let download = json!({"frameId": "F", "guid": "G", "url": "https://wall.test/f", "suggestedFilename": "f"});
    for (mut sealed, notices) in [(Sealed::sees_sheets(), 1), (Sealed::watched(), 0)] {
        sealed.story.page_says("Page.downloadWillBegin", &download);
        sealed.pass(200);
        let told = sealed.guest(1).told("notice");
        assert_eq!(
            told,
            vec![&json!({"type": "notice", "code": "download"}); notices]
        );
    }
}

//! Lines that drop, lag and come back, with real browsers on both ends: nothing is done twice, nothing
//! lands where it wasn't meant to, and what the human says in the end is heard.

use authloop_testkit::{betrayal::Betrayal, mallory::Ear, wait::eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn a_click_that_lags_behind_a_navigation_never_lands() {
    let story = Betrayal::begin().await;
    story.mallory.holds(story.session(), Ear::Agent);
    story.human.click(story.at.of("plain")).await;
    story.human.types("b").await;
    eventually("the click on its way", async || {
        let inputs = story.mallory.heard(story.session(), Ear::Agent).len();
        (inputs > 4).then_some(())
    })
    .await;
    let second = story.lab.url("/lab/second");
    let script = format!("location = '{second}'");
    story.page.cdp().await.evaluate(&script).await;
    story.lab.shown("/lab/second").await;
    story.mallory.lets_go(story.session(), Ear::Agent);
    story
        .human
        .is_told("the page had changed in the meantime")
        .await;
    story.human.state_is("live").await;
    // What is typed has no place on a picture: it goes to the page that is there. Then nothing is left.
    story
        .lab
        .until("the key", |events| {
            let key = |event: &&authloop_testkit::lab::Event| {
                event.kind == "keypress" && event.page == "/lab/second"
            };
            events.iter().find(key).map(drop)
        })
        .await;
    let clicks = story.lab.events_of(&["mousedown", "mouseup", "click"]);
    let landed = clicks.iter().find(|event| event.target != "user");
    assert_eq!(landed, None, "the click landed");
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn a_click_that_lags_for_long_never_lands() {
    let story = Betrayal::begin().await;
    story.mallory.holds(story.session(), Ear::Agent);
    story.human.click(story.at.of("plain")).await;
    // Grey after six seconds without word that it arrived.
    story.human.state_is("frozen").await;
    story.mallory.lets_go(story.session(), Ear::Agent);
    story
        .human
        .is_told("it came too late for what you saw")
        .await;
    story.human.state_is("live").await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn done_pressed_while_the_line_is_down_is_heard_once_it_is_back() {
    let story = Betrayal::begin().await;
    story.mallory.keeps_out(story.session(), Ear::Viewer);
    story.human.state_is("reconnecting").await;
    story.human.press("#done").await;
    story.human.is_told("Telling the agent").await;
    assert_eq!(story.status().await.data["status"], "pending");
    story.mallory.is_honest();
    assert_eq!(story.human.outcome().await, "resolved");
    assert_eq!(story.end().await.data["status"], "resolved");
    story.only("a");
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn done_that_is_lost_with_the_line_is_said_again() {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Viewer);
    // It has left the page and not reached the agent when the line breaks.
    story.mallory.holds(story.session(), Ear::Agent);
    let on_its_way = story.mallory.heard(story.session(), Ear::Agent).len();
    story.human.press("#done").await;
    eventually("the word on its way", async || {
        let heard = story.mallory.heard(story.session(), Ear::Agent).len();
        (heard > on_its_way).then_some(())
    })
    .await;
    story.mallory.forgets(story.session(), Ear::Agent);
    story.mallory.cuts(story.session(), Ear::Viewer);
    assert_eq!(story.human.outcome().await, "resolved");
    assert_eq!(story.end().await.data["status"], "resolved");
    assert!(story.connections(Ear::Viewer) > before);
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn an_agent_that_loses_its_relay_comes_back_and_so_does_the_human() {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Agent);
    story.mallory.keeps_out(story.session(), Ear::Agent);
    story.human.state_is("waiting").await;
    story.human.is_told("The agent’s computer is away").await;
    story.human.types("b").await;
    story.mallory.is_honest();
    eventually("the agent", async || {
        (story.connections(Ear::Agent) > before).then_some(())
    })
    .await;
    story.human.state_is("live").await;
    let status = story.status().await;
    assert_eq!(
        status.data["viewers_replaced"],
        Value::Null,
        "{}",
        status.text
    );
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_relay_that_restarts_and_forgets_ends_it_for_both_in_words() {
    let story = Betrayal::begin().await;
    story.mallory.restarts_the_relay().await;
    let end = story.end().await;
    let status = end.data["status"].as_str().unwrap_or_default();
    assert!(matches!(status, "error" | "timeout"), "{}", end.text);
    let outcome = story.human.outcome().await;
    assert!(matches!(outcome.as_str(), "error" | "expired"), "{outcome}");
    assert_ne!(story.human.words().await, "");
    story.only("a");
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn a_page_that_was_away_shows_nothing_until_the_agent_has_answered() {
    let story = Betrayal::begin().await;
    let shown = story.human.pictures().await;
    story.human.opens_a_tab().await;
    story.mallory.holds(story.session(), Ear::Viewer);
    story.human.closes_the_tab().await;
    story.human.goes_to_tab(0).await;
    story.human.state_is("frozen").await;
    story.human.is_told("Welcome back").await;
    assert_eq!(story.human.picture_is().await, "hidden");
    story.human.types("b").await;
    story.only("a");
    story.mallory.lets_go(story.session(), Ear::Viewer);
    story.human.state_is("live").await;
    story.human.sees_more_than(shown).await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_hidden_page_gets_no_pictures() {
    let story = Betrayal::begin().await;
    let busy = "window.painted = 0; requestAnimationFrame(function paint() {
        painted += 1;
        document.body.style.background = `rgb(250, 250, ${painted % 200})`;
        requestAnimationFrame(paint);
    })";
    story.page.cdp().await.evaluate(busy).await;
    let shown = story.human.pictures().await;
    story.human.sees_more_than(shown + 3).await;
    story.human.opens_a_tab().await;
    // What was on its way arrives; from then on nothing does.
    eventually("silence", async || {
        let before = story.pictures_sent();
        paints(&story, 60).await;
        (story.pictures_sent() == before).then_some(())
    })
    .await;
    story.human.closes_the_tab().await;
    story.human.goes_to_tab(0).await;
    story.human.state_is("live").await;
    let shown = story.human.pictures().await;
    story.human.sees_more_than(shown + 3).await;
    story.ends_well("a").await;
}

/// Waits until the agent's page has painted so many more frames.
async fn paints(story: &Betrayal, more: u64) {
    let script = format!(
        "new Promise((tell) => {{
            const goal = painted + {more};
            const look = () => painted >= goal ? tell(painted) : requestAnimationFrame(look);
            look();
        }})"
    );
    let parameters = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
    let mut clock = story.page.cdp().await;
    clock.call("Runtime.evaluate", parameters).await;
}

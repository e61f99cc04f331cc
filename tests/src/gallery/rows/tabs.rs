//! Frames of other sites, pop-ups, new tabs, pages that crash, and other sites.

use super::{
    Row,
    Way::{self, Passes},
};
use crate::gallery::Visit;

const BOX: Way = Passes(|visit| Box::pin(ticks_a_captcha(visit)));
const NESTED: Way = Passes(|visit| Box::pin(types_into_a_nested_frame(visit)));
const OAUTH: Way = Passes(|visit| Box::pin(signs_in_by_a_pop_up(visit)));
const TAB: Way = Passes(|visit| Box::pin(reads_a_code_in_a_tab(visit)));
const CRASH: Way = Passes(|visit| Box::pin(uses_a_page_that_crashed(visit)));
const SITE: Way = Passes(|visit| Box::pin(goes_to_another_site(visit)));

pub(super) const ROWS: &[Row] = &[
    Row::of("captcha-frame", BOX, BOX),
    Row::of("captcha-nested", NESTED, NESTED),
    Row::of("oauth", OAUTH, OAUTH).alone(),
    Row::of("blank-tab", TAB, TAB).alone(),
    Row::of("crash", CRASH, CRASH).alone(),
    Row::of("origin-change", SITE, SITE),
];

async fn ticks_a_captcha(visit: &Visit<'_>) {
    let tick = visit.point("#frame", 0.15, 0.67).await;
    visit.human().click(tick).await;
    let log = visit.passes().await;
    log.has_in_order(&["pointerdown", "mousedown", "mouseup", "click"]);
    assert!(log.0.iter().all(|event| event.origin.contains("localhost")));
}

async fn types_into_a_nested_frame(visit: &Visit<'_>) {
    let field = visit.point("#frame", 0.35, 0.63).await;
    visit.human().click(field).await;
    visit.human().types_quickly("kelp 42").await;
    let log = visit.passes().await;
    log.has_in_order(&["pointerdown", "mousedown", "keydown", "input"]);
}

async fn signs_in_by_a_pop_up(visit: &Visit<'_>) {
    visit.clicks("#sign-in").await;
    let consent = visit.at_new_page("/walls/oauth-consent").await;
    consent.clicks("#allow").await;
    let log = visit.passes().await;
    log.has_in_order(&["click", "pointerdown", "click"]);
}

async fn reads_a_code_in_a_tab(visit: &Visit<'_>) {
    visit.clicks("#link").await;
    let code = visit.at_new_page("/walls/blank-tab-code").await;
    code.clicks("#close").await;
    visit.sees_itself_again().await;
    visit.goes_into("#code").await;
    visit.human().types_quickly("7734").await;
    visit.passes().await;
}

/// The agent's side reloads it, once; the human finds it as new.
async fn uses_a_page_that_crashed(visit: &Visit<'_>) {
    visit.crashes().await;
    visit.sees_fresh_wall().await;
    visit.clicks("#back").await;
    visit.passes().await.has_in_order(&["click"]);
}

async fn goes_to_another_site(visit: &Visit<'_>) {
    visit.clicks("#go").await;
    visit
        .comes_true("location.hostname === 'localhost' && document.readyState === 'complete'")
        .await;
    visit.sees_fresh_wall().await;
    visit.human().reads_where("localhost").await;
    visit.clicks("#here").await;
    let log = visit.passes().await;
    log.has_in_order(&["pointerdown", "mousedown", "mouseup", "click"]);
}

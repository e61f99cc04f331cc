//! Text in and out by copying.

use super::{
    Row,
    Way::{self, Passes},
};
use crate::gallery::Visit;

const COPY: Way = Passes(|visit| Box::pin(copies_but_no_password(visit)));
const MENU: Way = Passes(|visit| Box::pin(pastes_by_the_menu(visit)));

pub(super) const ROWS: &[Row] = &[
    Row::of(
        "paste",
        Passes(|visit| Box::pin(pastes(visit))),
        Passes(|visit| Box::pin(pastes(visit))),
    ),
    Row::of(
        "paste-long",
        Passes(|visit| Box::pin(pastes_much(visit))),
        Passes(|visit| Box::pin(pastes_much(visit))),
    ),
    Row::of("copy-out", COPY, COPY),
    Row::of("context-menu", MENU, MENU),
];

async fn pastes(visit: &Visit<'_>) {
    visit.human().copies("kelp-42-harbour").await;
    visit.goes_into("#frame").await;
    visit.human().pastes().await;
    visit
        .passes()
        .await
        .has_in_order(&["mousedown", "focus", "paste"]);
}

async fn pastes_much(visit: &Visit<'_>) {
    let key = "ssh-ed25519 ".to_owned() + &"AAAAC3Nza".repeat(40);
    visit.human().copies(&key).await;
    visit.goes_into("#key").await;
    visit.human().pastes().await;
    let log = visit.passes().await;
    let newest = log.of("input").last().and_then(|input| input.value.clone());
    assert_eq!(newest, Some(key));
}

async fn copies_but_no_password(visit: &Visit<'_>) {
    let human = visit.human();
    human.copies("something older").await;
    human.triple_click(visit.middle("#secret").await).await;
    visit.comes_true("byId('secret').selectionEnd > 0").await;
    human.copies_out().await;
    human.is_told("password field").await;
    assert_eq!(human.has_on_clipboard().await, "something older");
    human.triple_click(visit.middle("#code").await).await;
    visit.comes_true("byId('code').selectionEnd > 0").await;
    human.copies_out().await;
    human.is_told("Copied.").await;
    assert_eq!(human.has_on_clipboard().await, "RX7-19K-PPQ");
    visit.clicks("#kept").await;
    visit.passes().await;
}

async fn pastes_by_the_menu(visit: &Visit<'_>) {
    visit.human().copies("kelp").await;
    visit
        .human()
        .right_click(visit.middle("#field").await)
        .await;
    visit.human().pastes_by_menu().await;
    visit.passes().await.has_in_order(&["contextmenu", "input"]);
}

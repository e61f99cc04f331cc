//! Text in and out by copying.

use super::{
    Row,
    Way::{Missing, Passes},
};
use crate::gallery::Visit;

const NO_COPY: &str = "no row copies out yet";
const NO_MENU: &str = "no row opens the viewer's menu yet";

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
    Row::of("copy-out", Missing(NO_COPY), Missing(NO_COPY)),
    Row::of("context-menu", Missing(NO_MENU), Missing(NO_MENU)),
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

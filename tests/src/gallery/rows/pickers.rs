//! Drop-down lists and the fields for which browsers bring pickers of their own.
//!
//! None of these pickers is in the picture. Until the viewer draws its own, the keyboard does what it can.

use fantoccini::key::Key;

use super::{
    Row,
    Way::{Missing, Passes},
};
use crate::gallery::Visit;

const NO_LIST: &str = "the viewer draws no list yet, and a phone has no Tab to reach it by";
const NO_PICKER: &str = "the viewer draws no picker yet";

pub(super) const ROWS: &[Row] = &[
    Row::of(
        "select-one",
        Passes(|visit| Box::pin(chooses_by_keys(visit, "#country", "Norway"))),
        Missing(NO_LIST),
    ),
    Row::of(
        "select-groups",
        Passes(|visit| Box::pin(chooses_by_keys(visit, "#branch", "Bergen"))),
        Missing(NO_LIST),
    ),
    Row::of(
        "select-many",
        Missing("clicks carry no Ctrl yet"),
        Missing(NO_LIST),
    ),
    Row::of(
        "date",
        Passes(|visit| Box::pin(types_into_a_picker(visit, "12101815"))),
        Passes(|visit| Box::pin(types_into_a_picker(visit, "12101815"))),
    ),
    Row::of(
        "time",
        Passes(|visit| Box::pin(types_into_a_picker(visit, "0245PM"))),
        Passes(|visit| Box::pin(types_into_a_picker(visit, "0245PM"))),
    ),
    Row::of(
        "month",
        Passes(|visit| Box::pin(types_into_a_picker(visit, "Apr\t2031"))),
        Passes(|visit| Box::pin(types_into_a_picker(visit, "Apr\t2031"))),
    ),
    Row::of(
        "week",
        Passes(|visit| Box::pin(types_into_a_picker(visit, "072030"))),
        Passes(|visit| Box::pin(types_into_a_picker(visit, "072030"))),
    ),
    Row::of("colour", Missing(NO_PICKER), Missing(NO_PICKER)),
    Row::of(
        "datalist",
        Passes(|visit| Box::pin(types_an_offer(visit))),
        Passes(|visit| Box::pin(types_an_offer(visit))),
    ),
];

/// By Tab and the first letter: a click would open the browser's own list, which nobody sees.
async fn chooses_by_keys(visit: &Visit<'_>, list: &str, wanted: &str) {
    // Nothing has the focus yet, so the click goes where nothing is.
    visit.clicks("main p, main label").await;
    visit.tabs_to(list.trim_start_matches('#')).await;
    visit.human().types_quickly(wanted).await;
    let log = visit.passes().await;
    log.has_in_order(&["keydown", "input", "change"]);
}

async fn types_into_a_picker(visit: &Visit<'_>, keys: &str) {
    // At its first part, where typing begins.
    let field = visit.point("#field", 0.06, 0.5).await;
    visit.human().click(field).await;
    visit
        .comes_true("document.activeElement.id === 'field'")
        .await;
    let mut parts = keys.split('\t');
    visit
        .human()
        .types_quickly(parts.next().unwrap_or_default())
        .await;
    for part in parts {
        visit.human().tabs_on().await;
        visit.human().types_quickly(part).await;
    }
    let log = visit.passes().await;
    log.has_in_order(&["mousedown", "keydown", "input"]);
}

async fn types_an_offer(visit: &Visit<'_>) {
    visit.goes_into("#city").await;
    visit.human().types_quickly("Trondheim").await;
    visit.human().key(Key::Escape).await;
    visit.passes().await;
}

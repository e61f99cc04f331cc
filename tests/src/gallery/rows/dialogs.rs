//! What browsers ask by boxes of their own.

use super::{
    Row,
    Way::{Missing, Passes, Tried},
};
use crate::gallery::Visit;

const NOT_ASKED: &str = "the agent answers it by itself, with no, and the human is only told";
const NO_BOX: &str = "the browser's box isn't shown";

pub(super) const ROWS: &[Row] = &[
    Row::of(
        "alert",
        Passes(|visit| Box::pin(is_told(visit))),
        Passes(|visit| Box::pin(is_told(visit))),
    ),
    Row::of("confirm", Missing(NOT_ASKED), Missing(NOT_ASKED)),
    Row::of("prompt", Missing(NOT_ASKED), Missing(NOT_ASKED)),
    Row::of("beforeunload", Missing(NOT_ASKED), Missing(NOT_ASKED)),
    Row::of("basic-auth", Missing(NO_BOX), Missing(NO_BOX)),
    Row::of("permission", Missing(NO_BOX), Missing(NO_BOX)),
    Row::of(
        "print",
        Passes(|visit| Box::pin(prints(visit))),
        Passes(|visit| Box::pin(prints(visit))),
    ),
    Row::of(
        "passkey",
        Tried(
            "the browser's box takes the keyboard; reloading frees it",
            |visit| Box::pin(refuses_a_passkey(visit)),
        ),
        Tried(
            "the browser's box takes the keyboard; reloading frees it",
            |visit| Box::pin(refuses_a_passkey(visit)),
        ),
    )
    .alone(),
];

async fn is_told(visit: &Visit<'_>) {
    visit.clicks("#say").await;
    visit.clicks("#went-on").await;
    visit.passes().await;
}

async fn prints(visit: &Visit<'_>) {
    visit.clicks("#print").await;
    visit.clicks("#on").await;
    visit.passes().await;
}

async fn refuses_a_passkey(visit: &Visit<'_>) {
    visit.clicks("#passkey").await;
    visit
        .comes_true("wall.log.some(({ type }) => type === 'refused')")
        .await;
    visit.goes_into("#word").await;
    visit.human().types_quickly("instead").await;
    visit.passes().await;
}

//! What browsers ask by boxes of their own.

use super::{
    Row,
    Way::{self, Passes},
};
use crate::gallery::Visit;

const ALERT: Way = Passes(|visit| Box::pin(is_told(visit)));
const CONFIRM: Way = Passes(|visit| Box::pin(agrees(visit)));
const PROMPT: Way = Passes(|visit| Box::pin(says_who(visit)));
const BEFOREUNLOAD: Way = Passes(|visit| Box::pin(leaves_a_draft(visit)));
const BASIC_AUTH: Way = Passes(|visit| Box::pin(signs_in_at_the_server(visit)));

const PERMISSION: Way = Passes(|visit| Box::pin(hears_of_a_refusal(visit)));
const PERMISSION_EARLY: Way = Passes(|visit| Box::pin(hears_of_an_early_refusal(visit)));

pub(super) const ROWS: &[Row] = &[
    Row::of("alert", ALERT, ALERT),
    Row::of("confirm", CONFIRM, CONFIRM),
    Row::of("prompt", PROMPT, PROMPT),
    Row::of("beforeunload", BEFOREUNLOAD, BEFOREUNLOAD),
    // The browser asks once for each site.
    Row::of("basic-auth", BASIC_AUTH, BASIC_AUTH).alone(),
    Row::of("permission", PERMISSION, PERMISSION).alone(),
    Row::of("permission-early", PERMISSION_EARLY, PERMISSION_EARLY).alone(),
    Row::of(
        "print",
        Passes(|visit| Box::pin(prints(visit))),
        Passes(|visit| Box::pin(prints(visit))),
    ),
    Row::of(
        "passkey",
        Passes(|visit| Box::pin(refuses_a_passkey(visit))),
        Passes(|visit| Box::pin(refuses_a_passkey(visit))),
    )
    .alone(),
];

async fn is_told(visit: &Visit<'_>) {
    visit.clicks("#say").await;
    visit.human().answers("#ask-yes").await;
    visit.clicks("#went-on").await;
    visit.passes().await;
}

async fn agrees(visit: &Visit<'_>) {
    visit.clicks("#ask").await;
    visit.human().answers("#ask-yes").await;
    visit.passes().await.has_in_order(&["click", "answer"]);
}

async fn says_who(visit: &Visit<'_>) {
    visit.clicks("#ask").await;
    // What the page offers is selected, so that it is typed over.
    visit.human().reads_in("#ask-text", "nobody").await;
    visit.human().types_into_sheet("Ada").await;
    visit.human().answers("#ask-yes").await;
    visit.passes().await.has_in_order(&["click", "answer"]);
}

async fn leaves_a_draft(visit: &Visit<'_>) {
    visit.fills("#draft", "dear").await;
    visit.clicks("#leave").await;
    visit.human().answers("#ask-yes").await;
    visit.passes().await;
}

async fn signs_in_at_the_server(visit: &Visit<'_>) {
    visit.clicks("#enter").await;
    let human = visit.human();
    human.enters("#ask-user", "ada").await;
    human.enters("#ask-password", "correct horse").await;
    human.answers("#ask-yes").await;
    visit.passes().await;
}

async fn hears_of_a_refusal(visit: &Visit<'_>) {
    visit.clicks("#ask").await;
    visit.human().is_told("refused it").await;
    visit.passes().await;
}

async fn hears_of_an_early_refusal(visit: &Visit<'_>) {
    visit.human().is_told("refused it").await;
    visit.clicks("#on").await;
    visit.passes().await.has_in_order(&["answer", "click"]);
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

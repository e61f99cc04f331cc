//! Drop-down lists and the fields for which browsers bring pickers of their own.
//!
//! None of these pickers is in the picture: the viewer page shows its own.

use fantoccini::key::Key;

use super::{
    Row,
    Way::{self, Passes},
};
use crate::{gallery::Visit, human::Device};

const COUNTRY: Way = Passes(|visit| Box::pin(picks(visit, "#country", "Norway")));
const BRANCH: Way = Passes(|visit| Box::pin(picks(visit, "#branch", "Bergen")));
const DAYS: Way = Passes(|visit| Box::pin(picks_days(visit)));
const DATE: Way = Passes(|visit| Box::pin(sets(visit, "12101815", "1815-12-10")));
const TIME: Way = Passes(|visit| Box::pin(sets(visit, "0245PM", "14:45")));
const MONTH: Way = Passes(|visit| Box::pin(sets(visit, "Apr\t2031", "2031-04")));
const WEEK: Way = Passes(|visit| Box::pin(sets(visit, "072030", "2030-W07")));
const COLOUR: Way = Passes(|visit| Box::pin(sets_a_colour(visit)));
const OFFER: Way = Passes(|visit| Box::pin(types_an_offer(visit)));

pub(super) const ROWS: &[Row] = &[
    Row::of("select-one", COUNTRY, COUNTRY),
    Row::of("select-groups", BRANCH, BRANCH),
    Row::of("select-many", DAYS, DAYS),
    Row::of("date", DATE, DATE),
    Row::of("time", TIME, TIME),
    Row::of("month", MONTH, MONTH),
    Row::of("week", WEEK, WEEK),
    Row::of("colour", COLOUR, COLOUR),
    Row::of("datalist", OFFER, OFFER),
];

async fn picks(visit: &Visit<'_>, list: &str, wanted: &str) {
    visit.clicks(list).await;
    visit.human().takes_option(wanted).await;
    let log = visit.passes().await;
    log.has_in_order(&["mousedown", "input", "change"]);
}

/// At a desk with Ctrl, as everywhere; a finger has the viewer page's list.
async fn picks_days(visit: &Visit<'_>) {
    if visit.device() == Device::Desktop {
        let day = async |number: f64| visit.point("#days", 0.5, (number + 0.5) / 5.0).await;
        visit.human().click(day(1.0).await).await;
        let friday = day(4.0).await;
        visit.human().click_holding(Key::Control, friday).await;
        visit.passes().await;
    } else {
        visit.clicks("#days").await;
        visit.human().press("#field-open").await;
        let days = ["Tuesday", "Friday"];
        visit.human().takes_options(&days).await;
        visit.passes_somehow().await;
    }
}

/// By the digits at a desk; a phone's own picker, which no test can turn, gives the value at once.
async fn sets(visit: &Visit<'_>, keys: &str, value: &str) {
    visit.clicks("#field").await;
    match visit.device() {
        Device::Desktop => visit.human().sets(keys).await,
        Device::Phone => visit.human().sets_at_once(value).await,
    }
    let log = visit.passes().await;
    log.has_in_order(&["mousedown", "input"]);
}

async fn sets_a_colour(visit: &Visit<'_>) {
    visit.clicks("#field").await;
    visit.human().sets_at_once("#ff8000").await;
    visit.passes_somehow().await;
}

async fn types_an_offer(visit: &Visit<'_>) {
    visit.goes_into("#city").await;
    visit.human().types_quickly("Trondheim").await;
    visit.human().key(Key::Escape).await;
    visit.passes().await;
}

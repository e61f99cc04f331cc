//! Mouse and finger: clicks of all kinds, drags, the wheel.

use fantoccini::key::Key;

use super::{
    Row,
    Way::{self, Nothing, Passes},
};
use crate::{gallery::Visit, human::Device, wait::eventually};

const BY_POINTER: Way = Passes(|visit| Box::pin(slides(visit, "pointer")));
const BY_MOUSE: Way = Passes(|visit| Box::pin(slides(visit, "mouse")));
const RANGE: Way = Passes(|visit| Box::pin(sets_a_range(visit)));
const SELECTION: Way = Passes(|visit| Box::pin(selects(visit)));
const DROP: Way = Passes(|visit| Box::pin(drags_and_drops(visit)));
const DRAWING: Way = Passes(|visit| Box::pin(draws(visit)));

pub(super) const ROWS: &[Row] = &[
    Row::of("slider-pointer", BY_POINTER, BY_POINTER),
    Row::of("slider-mouse", BY_MOUSE, BY_MOUSE),
    Row::of(
        "touch",
        Nothing("a mouse has no fingers"),
        Passes(|visit| Box::pin(swipes(visit))),
    ),
    Row::of("range", RANGE, RANGE),
    Row::of("selection", SELECTION, SELECTION),
    Row::of("drag-and-drop", DROP, DROP),
    Row::of("drawing", DRAWING, DRAWING),
    Row::of(
        "right-click",
        Passes(|visit| Box::pin(right_clicks(visit))),
        Passes(|visit| Box::pin(right_clicks(visit))),
    ),
    Row::of(
        "middle-click",
        Passes(|visit| Box::pin(middle_clicks(visit))),
        Nothing("a finger has no middle button"),
    ),
    Row::of(
        "triple-click",
        Passes(|visit| Box::pin(triple_clicks(visit))),
        Passes(|visit| Box::pin(triple_clicks(visit))),
    ),
    Row::of(
        "wheel",
        Passes(|visit| Box::pin(scrolls(visit))),
        Passes(|visit| Box::pin(scrolls(visit))),
    ),
    Row::of(
        "wheel-modifiers",
        Passes(|visit| Box::pin(scrolls_with_keys(visit))),
        Nothing("a finger holds no key"),
    ),
    Row::of(
        "hover-menu",
        Passes(|visit| Box::pin(hovers(visit))),
        Passes(|visit| Box::pin(taps_a_menu(visit))),
    ),
];

async fn swipes(visit: &Visit<'_>) {
    visit.is_made_for_fingers().await;
    let card = visit.middle("#card").await;
    let aside = (card.0 - 400.0, card.1);
    // Until the viewer page knows, a finger is a mouse.
    eventually("a swipe", async || {
        visit.human().drag(card, aside).await;
        (visit.evaluate("wall.passed").await == true).then_some(())
    })
    .await;
    let log = visit.passes().await;
    log.has_in_order(&["touchstart", "touchmove", "touchmove", "touchend"]);
    assert!(log.of("touchcancel").is_empty());
}

async fn slides(visit: &Visit<'_>, events: &str) {
    let (knob, gap) = (visit.middle("#knob").await, visit.middle("#gap").await);
    visit.human().drags(knob, gap).await;
    let log = visit.passes().await;
    let kinds = ["down", "move", "move", "move", "up"].map(|kind| format!("{events}{kind}"));
    log.has_in_order(&kinds.each_ref().map(String::as_str));
}

async fn sets_a_range(visit: &Visit<'_>) {
    // The thumb is 16 pixels wide, and stays within the track.
    let from = visit.point("#range", 0.11, 0.5).await;
    let to = visit.point("#range", 0.795, 0.5).await;
    visit.human().drags(from, to).await;
    let log = visit.passes().await;
    log.has_in_order(&["pointerdown", "input", "input", "input", "change"]);
}

async fn selects(visit: &Visit<'_>) {
    let from = visit.point("#from", 0.0, 0.5).await;
    let to = visit.point("#to", 1.0, 0.5).await;
    visit.human().drags(from, to).await;
    let log = visit.passes().await;
    log.has_in_order(&["mousedown", "selectionchange", "mouseup"]);
}

async fn drags_and_drops(visit: &Visit<'_>) {
    let (parcel, place) = (visit.middle("#parcel").await, visit.middle("#box").await);
    visit.human().drags(parcel, place).await;
    let log = visit.passes().await;
    log.has_in_order(&["dragstart", "dragenter", "dragover", "drop", "dragend"]);
}

async fn draws(visit: &Visit<'_>) {
    let from = visit.point("#pad", 0.05, 0.3).await;
    let to = visit.point("#pad", 0.95, 0.7).await;
    visit.human().drags(from, to).await;
    let log = visit.passes().await;
    log.has_in_order(&["pointerdown", "pointermove", "pointermove", "pointerup"]);
}

async fn right_clicks(visit: &Visit<'_>) {
    let tile = visit.middle("#tile").await;
    visit.human().right_click(tile).await;
    visit.clicks("#open").await;
    let log = visit.passes().await;
    log.has_in_order(&["mousedown", "contextmenu", "mouseup", "click"]);
}

async fn middle_clicks(visit: &Visit<'_>) {
    let tile = visit.middle("#tile").await;
    visit.human().middle_click(tile).await;
    let log = visit.passes().await;
    log.has_in_order(&["pointerdown", "mousedown", "mouseup", "auxclick"]);
}

async fn triple_clicks(visit: &Visit<'_>) {
    let text = visit.point("#paragraph", 0.2, 0.5).await;
    visit.human().triple_click(text).await;
    let log = visit.passes().await;
    let counts: Vec<_> = log.of("click").iter().map(|click| click.detail).collect();
    assert_eq!(counts, [1, 2, 3]);
    assert_eq!(log.of("dblclick").len(), 1);
}

async fn scrolls(visit: &Visit<'_>) {
    let terms = visit.middle("#terms").await;
    let down = (terms.0, visit.point("#terms", 0.5, 0.9).await.1);
    let up = (terms.0, visit.point("#terms", 0.5, 0.1).await.1);
    let is_read = "!document.querySelector('#accept').disabled";
    for _ in 0..12 {
        match visit.device() {
            Device::Desktop => visit.human().scroll(terms, 400).await,
            Device::Phone => visit.human().drag(down, up).await,
        }
        if visit.evaluate(is_read).await == true {
            break;
        }
    }
    visit.comes_true(is_read).await;
    visit.clicks("#accept").await;
    let log = visit.passes().await;
    assert!(log.of("wheel").iter().all(|wheel| wheel.delta_y >= 0.0));
    log.has_in_order(&["wheel", "click"]);
}

async fn scrolls_with_keys(visit: &Visit<'_>) {
    let map = visit.middle("#map").await;
    for held in [Key::Alt, Key::Shift] {
        visit.human().scroll_holding(held, map, 120).await;
    }
    visit.passes().await;
}

async fn hovers(visit: &Visit<'_>) {
    let menu = visit.middle("#menu").await;
    visit.human().hover(menu).await;
    let entry = visit.middle("#settings").await;
    visit.human().hover(entry).await;
    visit.human().click(entry).await;
    let log = visit.passes().await;
    let pressed: Vec<_> = log.of("mousedown").iter().map(|press| &press.on).collect();
    assert_eq!(pressed, ["settings"], "the menu opened by hovering");
}

async fn taps_a_menu(visit: &Visit<'_>) {
    visit.clicks("#menu").await;
    visit.clicks("#settings").await;
    visit.passes().await.has_in_order(&["mouseenter", "click"]);
}

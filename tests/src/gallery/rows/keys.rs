//! Keyboards: codes, text, input methods, shortcuts.

use fantoccini::key::Key;

use super::{
    Row,
    Way::{self, Nothing, Passes},
};
use crate::{gallery::Visit, human::Device};

/// CDP's bits of the modifiers that are held for AltGr's characters.
const ALT_GR: u32 = 3;

const CODE: Way = Passes(|visit| Box::pin(types_a_code(visit)));
const WATCHED: Way = Passes(|visit| Box::pin(types_a_code_watching(visit)));
const PASTED: Way = Passes(|visit| Box::pin(pastes_a_code(visit)));
const LETTER: Way = Passes(|visit| Box::pin(writes_a_letter(visit)));

pub(super) const ROWS: &[Row] = &[
    Row::of("six-keydown", CODE, CODE),
    Row::of("six-keyup", CODE, CODE),
    Row::of("six-input", CODE, CODE),
    Row::of("six-keycode", WATCHED, WATCHED),
    Row::of("six-pasted", PASTED, PASTED).at("six-input"),
    Row::of("react-field", REACT, REACT),
    Row::of("vue-field", VUE, VUE),
    Row::of("textarea", LETTER, LETTER),
    Row::of("contenteditable", LETTER, LETTER),
    Row::of("ime-name", NAME, NAME),
    Row::of("emoji", EMOJI, EMOJI),
    Row::of(
        "dead-keys",
        Passes(|visit| Box::pin(types_by_layout(visit))),
        Nothing("a phone's keyboard has the letters themselves"),
    ),
    Row::of("shortcuts", SHORTCUTS, SHORTCUTS),
    Row::of(
        "auto-repeat",
        Passes(|visit| Box::pin(holds_a_key(visit))),
        Nothing("a phone's keyboard offers accents instead"),
    ),
    Row::of("one-time-code", OTP, OTP),
    Row::of("password", PASSWORD, PASSWORD),
];

const REACT: Way = Passes(|visit| Box::pin(fills_react(visit)));
const VUE: Way = Passes(|visit| Box::pin(fills_vue(visit)));
const NAME: Way = Passes(|visit| Box::pin(composes_a_name(visit)));
const EMOJI: Way = Passes(|visit| Box::pin(picks_emoji(visit)));
const SHORTCUTS: Way = Passes(|visit| Box::pin(uses_shortcuts(visit)));
const OTP: Way = Passes(|visit| Box::pin(types_an_otp(visit)));
const PASSWORD: Way = Passes(|visit| Box::pin(signs_in(visit)));

async fn types_a_code(visit: &Visit<'_>) {
    visit.goes_into("#box1").await;
    visit.human().types_a_code("314159").await;
    sees_a_typed_code(visit).await;
}

/// Looks after each digit: a page that goes by its timers is as fast as its computer has time for them.
async fn types_a_code_watching(visit: &Visit<'_>) {
    visit.goes_into("#box1").await;
    for (next, digit) in (2..).zip("314159".chars()) {
        visit.human().types_a_code(&digit.to_string()).await;
        let went_on = format!("document.activeElement.id === 'box{}'", next.min(6));
        visit.comes_true(&went_on).await;
    }
    sees_a_typed_code(visit).await;
}

async fn sees_a_typed_code(visit: &Visit<'_>) {
    let log = visit.passes().await;
    let digits: String = log
        .of("keydown")
        .iter()
        .map(|key| key.key.as_str())
        .collect();
    assert_eq!(digits, "314159");
    let numbers: Vec<_> = log.of("keydown").iter().map(|key| key.key_code).collect();
    assert_eq!(numbers, [51, 49, 52, 49, 53, 57]);
    let boxes: Vec<_> = log.of("keydown").iter().map(|key| &key.on).collect();
    assert_eq!(boxes, ["box1", "box2", "box3", "box4", "box5", "box6"]);
}

async fn pastes_a_code(visit: &Visit<'_>) {
    visit.human().copies("314159").await;
    visit.goes_into("#box1").await;
    visit.human().pastes().await;
    visit.passes().await;
}

async fn fills_react(visit: &Visit<'_>) {
    visit.goes_into("#name").await;
    visit.human().types_quickly("ab-1815").await;
    let log = visit.passes().await;
    log.has_in_order(&["keydown", "keypress", "beforeinput", "input", "keyup"]);
}

async fn fills_vue(visit: &Visit<'_>) {
    visit.goes_into("#town").await;
    visit.human().types_quickly("Ålesund").await;
    let log = visit.passes().await;
    let newest = log.of("input").last().and_then(|input| input.value.clone());
    assert_eq!(newest.as_deref(), Some("Ålesund"));
}

async fn writes_a_letter(visit: &Visit<'_>) {
    visit.goes_into("#letter").await;
    visit.human().types_quickly("Dear bank,").await;
    visit.human().key(Key::Return).await;
    visit.human().types_quickly("it is me.").await;
    let log = visit.passes().await;
    let enters = log.of("keydown");
    let enters = enters.iter().filter(|key| key.key == "Enter");
    assert_eq!(enters.count(), 1);
}

async fn composes_a_name(visit: &Visit<'_>) {
    visit.goes_into("#name").await;
    visit.human().shows_keyboard().await;
    for (steps, chosen) in [
        (["と", "とう", "とうきょう"], "東京"),
        (["た", "たろ", "たろう"], "太郎"),
    ] {
        for step in steps {
            visit.human().composes(step).await;
        }
        visit.human().chooses(chosen).await;
    }
    let log = visit.passes().await;
    log.has_in_order(&["compositionstart", "compositionupdate", "compositionend"]);
}

async fn picks_emoji(visit: &Visit<'_>) {
    visit.goes_into("#mood").await;
    for sign in ["👍", "🇳🇴", "👩‍👩‍👧"] {
        visit.human().inserts(sign).await;
    }
    visit.passes().await;
}

async fn types_by_layout(visit: &Visit<'_>) {
    visit.goes_into("#mail").await;
    let human = visit.human();
    human.presses_layout_key("Dead", "Equal", 187, 0).await;
    human.presses_layout_key("é", "KeyE", 69, 0).await;
    human.types_quickly("va").await;
    human.presses_layout_key("@", "KeyQ", 81, ALT_GR).await;
    human.presses_layout_key("ß", "Minus", 189, 0).await;
    let log = visit.passes().await;
    let typed: String = log
        .of("keypress")
        .iter()
        .map(|key| key.key.as_str())
        .collect();
    assert_eq!(typed, "éva@ß");
}

async fn uses_shortcuts(visit: &Visit<'_>) {
    let human = visit.human();
    visit.goes_into("#from").await;
    human.shortcut('a').await;
    human.shortcut('c').await;
    visit.goes_into("#to").await;
    human.shortcut('v').await;
    visit
        .comes_true("document.querySelector('#to').value === 'keep me'")
        .await;
    human.shortcut('a').await;
    human.types_quickly("x").await;
    human.shortcut('z').await;
    visit
        .passes()
        .await
        .has_in_order(&["copy", "input", "input"]);
}

async fn holds_a_key(visit: &Visit<'_>) {
    visit.goes_into("#line").await;
    visit.human().holds('o', 7).await;
    let log = visit.passes().await;
    let repeats: Vec<_> = log.of("keydown").iter().map(|key| key.repeat).collect();
    assert_eq!(repeats, [false, true, true, true, true, true, true]);
    assert_eq!(log.of("keyup").len(), 1);
}

async fn types_an_otp(visit: &Visit<'_>) {
    visit.fills("#otp", "271828").await;
    visit.passes().await;
}

async fn signs_in(visit: &Visit<'_>) {
    visit.fills("#user", "ada").await;
    visit.fills("#password", "correct horse").await;
    match visit.device() {
        Device::Desktop => visit.human().key(Key::Tab).await,
        Device::Phone => visit.human().hides_keyboard().await,
    }
    visit.clicks("#in").await;
    visit.passes().await;
}

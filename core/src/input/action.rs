//! What the browser is told: the parameters of CDP's `Input` domain, ready to serialise.

use alloc::{string::String, vec::Vec};

use serde::Serialize;

use crate::input::{errand::Errand, event::Button};

/// One thing to do, in order.
///
/// No `Debug`: it holds what a human typed.
#[derive(Clone, PartialEq)]
pub enum Action {
    /// `Input.dispatchKeyEvent`.
    Key(KeyEvent),
    /// `Input.dispatchMouseEvent`.
    Mouse(MouseEvent),
    /// `Input.dispatchTouchEvent`.
    Touch(TouchEvent),
    /// `Input.imeSetComposition`.
    Compose(Composing),
    /// `Input.insertText`. Never a lone line end, which would submit a form.
    InsertText(String),
    /// The turn of what takes more than events. Nothing may follow before it is done.
    Errand(Errand),
    /// One entry back in the page's history.
    Back,
    /// One entry forward in the page's history.
    Forward,
    /// Load the page again.
    Reload,
    /// The human ends the session.
    Finish(Finish),
}

/// How the human ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Done.
    Resolved,
    /// Given up.
    Cancelled,
}

/// The parameters of `Input.dispatchKeyEvent`. Absent and zero members are left out.
///
/// No `Debug`: it holds what a human typed.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyEvent {
    /// What happens to the key.
    #[serde(rename = "type")]
    pub kind: KeyEventKind,
    /// Alt 1, Ctrl 2, Meta 4, Shift 8.
    #[serde(skip_serializing_if = "is_zero_u8")]
    pub modifiers: u8,
    /// What the key types, at most 3 UTF-16 units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// DOM's `key`.
    pub key: String,
    /// DOM's `code`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// DOM's `keyCode`, which is what Chromium's editing commands go by.
    #[serde(skip_serializing_if = "is_zero_u16")]
    pub windows_virtual_key_code: u16,
    /// Whether the key has been down for a while.
    #[serde(skip_serializing_if = "is_false")]
    pub auto_repeat: bool,
    /// Whether the key is on the numeric pad.
    #[serde(skip_serializing_if = "is_false")]
    pub is_keypad: bool,
    /// DOM's `location`: 0 anywhere, 1 left, 2 right, 3 numeric pad.
    #[serde(skip_serializing_if = "is_zero_u8")]
    pub location: u8,
    /// Editing commands, for browsers on macOS.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub commands: &'static [&'static str],
}

/// What happens to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyEventKind {
    /// Pressed; types its text.
    KeyDown,
    /// Pressed; types nothing.
    RawKeyDown,
    /// Released.
    KeyUp,
}

/// The parameters of `Input.dispatchMouseEvent`. Absent members are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MouseEvent {
    /// What the mouse does.
    #[serde(rename = "type")]
    pub kind: MouseEventKind,
    /// CSS pixels from the visual viewport's left edge.
    pub x: f64,
    /// CSS pixels from the visual viewport's top edge.
    pub y: f64,
    /// Alt 1, Ctrl 2, Meta 4, Shift 8.
    #[serde(skip_serializing_if = "is_zero_u8")]
    pub modifiers: u8,
    /// The button that changed; of a move, one that is down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub button: Option<Button>,
    /// The buttons that are down: left 1, right 2, middle 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buttons: Option<u8>,
    /// 1 for a click, 2 for the second of a double click, and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_count: Option<u8>,
    /// The pressure while a button is down: 0.5, as a real mouse has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force: Option<f64>,
    /// The wheel's way, in CSS pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta_x: Option<f64>,
    /// The wheel's way, in CSS pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta_y: Option<f64>,
}

/// What the mouse does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum MouseEventKind {
    MouseMoved,
    MousePressed,
    MouseReleased,
    MouseWheel,
}

/// The parameters of `Input.dispatchTouchEvent`: the fingers that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TouchEvent {
    /// What the fingers do.
    #[serde(rename = "type")]
    pub kind: TouchEventKind,
    /// Those that do it; none when all are taken away.
    pub touch_points: Vec<TouchPoint>,
}

/// A finger on the page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TouchPoint {
    /// Tells it from the others while it is down.
    pub id: u8,
    /// CSS pixels from the visual viewport's left edge.
    pub x: f64,
    /// CSS pixels from the visual viewport's top edge.
    pub y: f64,
}

/// What fingers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TouchEventKind {
    TouchStart,
    TouchMove,
    TouchEnd,
    TouchCancel,
}

/// The parameters of `Input.imeSetComposition`; an empty text ends the composition without any.
///
/// No `Debug`: it holds what a human typed.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Composing {
    /// The text as it stands.
    pub text: String,
    /// Where the selection in it begins, in UTF-16 units.
    pub selection_start: u32,
    /// Where it ends.
    pub selection_end: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero_u8(number: &u8) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero_u16(number: &u16) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

//! What a page tells of one event.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One DOM event as the page's own listener saw it, or a page's word on itself (`ready`).
///
/// Members that the type of event doesn't have hold their defaults.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    /// Which load of a page tells this.
    pub load: String,
    /// How many events this load of the page has told, with this one.
    pub count: u64,
    /// The page's path.
    pub page: String,
    /// The event's type, such as `keydown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether the browser made it, and no script.
    pub trusted: bool,
    /// The id of the element it was sent to.
    pub target: String,
    /// A key event's key.
    pub key: String,
    /// A key event's code.
    pub code: String,
    /// A key event's old-fashioned number.
    pub key_code: u32,
    /// Whether Alt was held.
    pub alt: bool,
    /// Whether Ctrl was held.
    pub ctrl: bool,
    /// Whether Meta was held.
    pub meta: bool,
    /// Whether Shift was held.
    pub shift: bool,
    /// A mouse event's place, in CSS pixels of the viewport.
    pub x: f64,
    /// A mouse event's place, in CSS pixels of the viewport.
    pub y: f64,
    /// A mouse event's button: 0 left, 1 middle, 2 right.
    pub button: i32,
    /// A click's count.
    pub detail: u32,
    /// A wheel event's distance.
    pub delta_y: f64,
    /// The field's value after the event; `on` or `off` for a checkbox.
    pub value: Option<String>,
    /// The text selected in the page after the event.
    pub selection: String,
    /// What a dialog answered, in an event `answer`.
    pub answer: Option<bool>,
    /// Where the page's named elements are, in an event `ready`.
    pub places: BTreeMap<String, (f64, f64)>,
}

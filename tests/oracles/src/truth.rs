//! What really happened at both ends, against which all that comes out is held: the reference model of
//! the stories about a hand-off.

use std::collections::BTreeMap;

use authloop_core::agent::event::Outcome;
use serde_json::Value;

use crate::scenario::invariants::{no_plaintext_leaves, releases_all};

/// What every picture holds, and no wire.
pub(crate) const PICTURE: &[u8] = b"secret picture";

/// What every pasted text holds, and no wire.
pub(crate) const WORDS: &str = "secret words";

/// What people did and what pages painted.
#[derive(Default)]
pub(crate) struct Truth {
    /// How many clicks, keys and texts were asked for. Each click has its number for a place, and
    /// each text for its content.
    pub(crate) clicks: u16,
    pub(crate) keys: u32,
    pub(crate) texts: u32,
    /// Which of the two viewers asked for each click, and how many presses it may still make.
    clicked_by: BTreeMap<u16, (bool, u8)>,
    pasted_by: BTreeMap<u32, bool>,
    pub(crate) painted: u32,
    /// Whether what is done late may come out of order: version 1 promises only that it comes once.
    is_unordered: bool,
    pub(crate) asked_to_resolve: bool,
    pub(crate) asked_to_cancel: bool,
    pressed: [u16; 2],
    inserted: [u32; 2],
    typed: u32,
    down: i32,
    mouse_down: bool,
}

impl Truth {
    /// Of a protocol that promises of what is done only that it comes once.
    pub(crate) fn unordered() -> Self {
        Self {
            is_unordered: true,
            ..Self::default()
        }
    }

    /// Notes a click, and returns its place.
    pub(crate) fn click(&mut self, second: bool) -> u16 {
        self.presses(second, 1)
    }

    /// Notes a click of so many presses, and returns its place.
    pub(crate) fn presses(&mut self, second: bool, presses: u8) -> u16 {
        self.clicks += 1;
        self.clicked_by.insert(self.clicks, (second, presses));
        self.clicks
    }

    /// Notes a text, and returns it: of two lines, so that it is inserted as one.
    pub(crate) fn paste(&mut self, second: bool) -> String {
        self.texts += 1;
        self.pasted_by.insert(self.texts, second);
        format!("{WORDS}\n{}", self.texts)
    }

    /// Paints a picture, and returns it.
    pub(crate) fn paint(&mut self) -> Vec<u8> {
        self.painted += 1;
        [&self.painted.to_be_bytes(), PICTURE].concat()
    }

    /// Reads which picture this is; it has to be one that was painted.
    pub(crate) fn picture(&self, jpeg: &[u8]) -> u32 {
        let (number, rest) = jpeg.split_first_chunk::<4>().expect("a picture");
        assert_eq!(rest, PICTURE, "a picture that was never painted");
        let number = u32::from_be_bytes(*number);
        assert!(
            (1..=self.painted).contains(&number),
            "a picture that was never painted"
        );
        number
    }

    /// The browser was told to do something.
    pub(crate) fn told(&mut self, method: &str, params: &Value) {
        match method {
            "Input.dispatchMouseEvent" => self.mouse(params),
            "Input.dispatchKeyEvent" => match params["type"].as_str() {
                Some("keyUp") => self.down -= 1,
                _ => {
                    self.down += i32::from(params["autoRepeat"] != true);
                    self.typed += 1;
                    assert!(self.typed <= self.keys, "a key that nobody pressed");
                }
            },
            "Input.insertText" => {
                let text = params["text"].as_str().expect("a text");
                let number = text.strip_prefix(WORDS).expect("a text that was pasted");
                let number = number.trim().parse().expect("a number");
                let by = self
                    .pasted_by
                    .remove(&number)
                    .expect("pasted by nobody, or twice");
                let last = &mut self.inserted[usize::from(by)];
                assert!(self.is_unordered || number > *last, "out of order");
                *last = number;
            }
            _ => {}
        }
        assert!(self.down >= 0, "a key was released that was not down");
    }

    fn mouse(&mut self, params: &Value) {
        match params["type"].as_str() {
            Some("mousePressed") => {
                let x = params["x"].as_f64().expect("a place");
                let clicks = 1..=self.clicks;
                let number = clicks.into_iter().find(|number| f64::from(*number) == x);
                let allowed = number.and_then(|number| self.clicked_by.get_mut(&number));
                let (Some(number), Some((by, presses @ 1..))) = (number, allowed) else {
                    unreachable!("clicked by nobody, or too often: {x}");
                };
                *presses -= 1;
                let last = &mut self.pressed[usize::from(*by)];
                assert!(self.is_unordered || number >= *last, "out of order");
                *last = number;
                assert!(!self.mouse_down, "two presses");
                self.mouse_down = true;
            }
            Some("mouseReleased") => {
                assert!(self.mouse_down, "a release without a press");
                self.mouse_down = false;
            }
            _ => assert!(!self.mouse_down, "something between press and release"),
        }
    }

    /// Returns how many clicks, keys and texts reached the browser, if the last of each did.
    #[cfg(test)]
    pub(crate) fn done(&self) -> [u32; 3] {
        [u32::from(self.pressed[0]), self.typed, self.inserted[0]]
    }

    /// Returns the last click of each viewer that reached the browser.
    #[cfg(test)]
    pub(crate) const fn clicked(&self) -> [u16; 2] {
        self.pressed
    }

    /// The session is over.
    pub(crate) fn ended(&self, outcome: &Outcome, browser_stayed: bool) {
        match outcome {
            Outcome::Resolved => assert!(self.asked_to_resolve, "resolved by nobody"),
            Outcome::Cancelled => assert!(self.asked_to_cancel, "cancelled by nobody"),
            Outcome::Timeout => {}
            // A page that is gone can't be told to let go.
            Outcome::Failed(_) => return,
        }
        if browser_stayed {
            releases_all(self.down, self.mouse_down);
        }
    }

    /// Something crossed a wire that the relay reads.
    pub(crate) fn crossed(&self, bytes: &[u8], secret: &str) {
        no_plaintext_leaves(bytes, &[PICTURE, WORDS.as_bytes(), secret.as_bytes()]);
    }
}

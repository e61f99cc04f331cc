//! What can happen to a dispatcher: what a human does, what the page and the session do, and time.

use arbitrary::Arbitrary;
use authloop_core::input::{
    InputEvent,
    event::{Button, Key, Modifiers, Point},
};

use crate::script;

/// Keys that differ in what matters: text, names, codes that two share, and none.
const KEYS: [(&str, &str); 22] = [
    ("a", "KeyA"),
    ("a", ""),
    ("A", "KeyA"),
    ("b", "KeyB"),
    ("1", "Digit1"),
    ("@", "KeyQ"),
    ("é", ""),
    ("👩‍🚀", ""),
    ("Enter", "Enter"),
    ("Enter", "NumpadEnter"),
    ("Enter", ""),
    ("Shift", "ShiftLeft"),
    ("Shift", ""),
    ("Control", "ControlLeft"),
    ("Control", ""),
    ("Meta", "MetaLeft"),
    ("Meta", ""),
    ("Alt", "AltRight"),
    ("Backspace", "Backspace"),
    ("ArrowLeft", "ArrowLeft"),
    ("F13", ""),
    ("Tab", "Tab"),
];

/// One thing that happens. What happens often has a variant of its own here.
#[derive(Arbitrary, Clone, Debug)]
pub enum Step {
    /// A key, with what is held, if that is much.
    Key(Stroke, u8, u8),
    /// Something else that a human does.
    Do(Deed),
    /// So many times three milliseconds pass, and nobody pops.
    Wait(u8),
    /// The driver pops at most so often.
    Pop(u8),
    /// The driver pops whenever it is asked to, for so many times four milliseconds.
    Run(u8),
    /// What happens less often.
    Rarely(Rare),
}

/// What a human does besides typing.
#[derive(Arbitrary, Clone, Debug)]
pub enum Deed {
    /// A click, somewhere, of a button, which claims a count.
    Click(Place, u8, u8),
    /// A double click.
    DoubleClick(Place),
    /// The wheel turns.
    Scroll(Place, i32, i16),
    /// A text is pasted.
    Paste(String),
    /// A text of so many characters is pasted.
    PasteLong(u16),
    /// A code as people paste it.
    PasteCode(u32),
    /// One entry back, one forward, or the page loaded again.
    Navigate(u8),
    /// An event as a viewer of another make may write it.
    Raw(Vec<u8>),
}

/// What happens less often.
#[derive(Arbitrary, Clone, Debug)]
pub enum Rare {
    /// The newest event arrives so many times more.
    Again(Times),
    /// So many other keys go down, one after the other.
    ManyKeys(Times),
    /// The clock goes back by so many milliseconds.
    Back(u16),
    /// The page was sent something it hasn't answered.
    Busy,
    /// The page has answered everything.
    Rest,
    /// What waits is discarded.
    Clear,
    /// Another viewer has control.
    ChangeHands,
    /// Everything goes up.
    ReleaseAll,
    /// The browser's platform is learnt.
    Mac(bool),
    /// A frame lies differently over the page.
    Geometry {
        /// In the frame's pixels.
        offset: i8,
        /// In quarters; 0 is none.
        zoom: u8,
    },
    /// The human is done.
    Resolve,
    /// The human gives up.
    Cancel,
}

/// What happens to a key.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Stroke {
    /// `keypress`.
    Press,
    /// `keydown`.
    Down,
    /// `keyup`.
    Up,
}

/// How often: mostly a few times.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Times(u8);

impl Times {
    /// Returns how often.
    pub(in crate::scenario) const fn count(self) -> u8 {
        match self.0 {
            many @ 0xE0.. => many,
            few => few % 8,
        }
    }
}

/// A place in the frame, mostly near another.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Place(u8, u8);

impl Place {
    fn point(self) -> Point {
        // The upper half lies far from the lower one and from itself.
        let far = |at: u8| f64::from(at & 0x7F) * if at < 0x80 { 1.0 } else { 70.0 };
        Point {
            x: far(self.0),
            y: far(self.1),
        }
    }
}

impl Deed {
    /// Returns the event, if there is one.
    pub(in crate::scenario) fn event(&self) -> Option<InputEvent> {
        Some(match self {
            Self::Click(place, button, claimed) => InputEvent::Click {
                at: place.point(),
                button: *script::pick(&[Button::Left, Button::Middle, Button::Right], *button)?,
                click_count: Some(claimed % 8).filter(|claimed| (1..=3).contains(claimed)),
            },
            Self::DoubleClick(place) => InputEvent::DoubleClick { at: place.point() },
            Self::Scroll(place, delta_x, delta_y) => InputEvent::Scroll {
                at: place.point(),
                delta_x: f64::from(delta_x % 100_001),
                delta_y: f64::from(*delta_y),
                modifiers: Modifiers::default(),
            },
            Self::Paste(text) => InputEvent::Paste(text.chars().take(5_000).collect()),
            Self::PasteLong(length) => InputEvent::Paste("x".repeat(usize::from(*length % 10_001))),
            Self::PasteCode(code) => InputEvent::Paste(format!("{:06}\n", code % 1_000_000)),
            Self::Navigate(way) => {
                let ways = [InputEvent::Back, InputEvent::Forward, InputEvent::Reload];
                script::pick(&ways, *way)?.clone()
            }
            Self::Raw(json) => InputEvent::parse(json).ok()?,
        })
    }
}

impl Stroke {
    /// Returns the event of a key, and of what is held with it.
    pub(in crate::scenario) fn event(self, key: u8, modifiers: u8) -> Option<InputEvent> {
        let (key, code) = *script::pick(&KEYS, key)?;
        let key = Key::new(key, code).with(held(modifiers));
        Some(match self {
            Self::Press => InputEvent::KeyPress(key),
            Self::Down => InputEvent::KeyDown(key),
            Self::Up => InputEvent::KeyUp(key),
        })
    }
}

/// Most keys are struck with nothing held.
const fn held(bits: u8) -> Modifiers {
    let bits = if bits < 0xA0 { 0 } else { bits };
    Modifiers {
        alt: bits & 1 != 0,
        ctrl: bits & 2 != 0,
        meta: bits & 4 != 0,
        shift: bits & 8 != 0,
    }
}

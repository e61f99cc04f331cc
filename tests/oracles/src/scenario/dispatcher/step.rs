//! What can happen to a dispatcher: what a human does, what the page and the session do, and time.

use arbitrary::Arbitrary;
use authloop_core::input::{
    InputEvent, Stamped,
    event::{Button, Composition, Finger, Key, Modifiers, Point},
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

const BUTTONS: [Button; 3] = [Button::Left, Button::Middle, Button::Right];

/// How many fingers a hand has here.
const FINGERS: u8 = 4;

/// The longest text of an input method, in characters that may be two UTF-16 units each.
const MOST_COMPOSED: usize = 500;

/// One thing that happens. What happens often has a variant of its own here.
#[derive(Arbitrary, Clone, Debug)]
pub enum Step {
    /// A key, with what is held, if that is much.
    Key(Stroke, u8, u8),
    /// The mouse, somewhere, with what is held, if that is much.
    Mouse(Mouse, Place, u8),
    /// The fingers that touch by the bits of a number, those of another's elsewhere than the others.
    Touch(u8, u8, Place),
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
    /// The wheel turns, with what is held, if that is much.
    Scroll(Place, i32, i16, u8),
    /// A text is pasted.
    Paste(String),
    /// A text of so many characters is pasted.
    PasteLong(u16),
    /// A code as people paste it.
    PasteCode(u32),
    /// An input method's text as it stands, with its selection.
    Compose {
        /// The text.
        text: String,
        /// Where the selection may begin.
        start: u8,
        /// How long it may be.
        length: u8,
    },
    /// What an input method's text became.
    Commit(String),
    /// The system takes the fingers away.
    TouchCancel,
    /// The human can't be heard letting go.
    LetGo,
    /// One entry back, one forward, or the page loaded again.
    Navigate(u8),
    /// An event as a viewer of another make may write it.
    Raw(Vec<u8>),
}

/// What the mouse does.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Mouse {
    /// Moves there.
    Move,
    /// Presses a button, and claims a count.
    Down(u8, u8),
    /// Releases a button.
    Up(u8),
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
    /// `keydown` that is no repeat.
    DownAnew,
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
                button: *script::pick(&BUTTONS, *button)?,
                click_count: claims(*claimed),
            },
            Self::DoubleClick(place) => InputEvent::DoubleClick { at: place.point() },
            Self::Scroll(place, delta_x, delta_y, modifiers) => InputEvent::Scroll {
                at: place.point(),
                delta_x: f64::from(delta_x % 100_001),
                delta_y: f64::from(*delta_y),
                modifiers: held(*modifiers),
            },
            Self::Paste(text) => InputEvent::Paste(text.chars().take(5_000).collect()),
            Self::PasteLong(length) => InputEvent::Paste("x".repeat(usize::from(*length % 10_001))),
            Self::PasteCode(code) => InputEvent::Paste(format!("{:06}\n", code % 1_000_000)),
            Self::Navigate(way) => {
                let ways = [InputEvent::Back, InputEvent::Forward, InputEvent::Reload];
                script::pick(&ways, *way)?.clone()
            }
            Self::Compose {
                text,
                start,
                length,
            } => {
                let text: String = text.chars().take(MOST_COMPOSED).collect();
                let end = u32::try_from(text.encode_utf16().count()).ok()?;
                let start = u32::from(*start).min(end);
                let end = (start + u32::from(*length)).min(end);
                InputEvent::Compose(Composition { text, start, end })
            }
            Self::Commit(text) => InputEvent::Commit(text.chars().take(MOST_COMPOSED).collect()),
            Self::TouchCancel => InputEvent::TouchCancel,
            Self::LetGo => InputEvent::ReleaseAll,
            Self::Raw(json) => Stamped::parse(json).ok()?.event,
        })
    }
}

impl Mouse {
    /// Returns the event, with what is held.
    pub(in crate::scenario) fn event(self, place: Place, modifiers: u8) -> Option<InputEvent> {
        let (at, modifiers) = (place.point(), held(modifiers));
        Some(match self {
            Self::Move => InputEvent::MouseMove { at, modifiers },
            Self::Down(button, claimed) => InputEvent::MouseDown {
                at,
                button: *script::pick(&BUTTONS, button)?,
                click_count: claims(claimed),
                modifiers,
            },
            Self::Up(button) => InputEvent::MouseUp {
                at,
                button: *script::pick(&BUTTONS, button)?,
                modifiers,
            },
        })
    }
}

/// Returns the event of fingers: which are down, and which of them are elsewhere.
pub(in crate::scenario) fn touch(down: u8, elsewhere: u8, place: Place) -> InputEvent {
    let is_one = |bits: u8, id: u8| bits & (1 << id) != 0;
    let fingers = (0..FINGERS).filter(|id| is_one(down, *id));
    let finger = |id| Finger {
        id,
        at: if is_one(elsewhere, id) {
            place.point()
        } else {
            Point { x: 5.0, y: 5.0 }
        },
    };
    InputEvent::Touch(fingers.map(finger).collect())
}

fn claims(count: u8) -> Option<u8> {
    Some(count % 8).filter(|claimed| (1..=3).contains(claimed))
}

impl Stroke {
    /// Returns the event of a key, and of what is held with it.
    pub(in crate::scenario) fn event(self, key: u8, modifiers: u8) -> Option<InputEvent> {
        let (key, code) = *script::pick(&KEYS, key)?;
        let key = Key::new(key, code).with(held(modifiers));
        Some(match self {
            Self::Press => InputEvent::KeyPress(key),
            Self::Down => InputEvent::KeyDown(key),
            Self::DownAnew => InputEvent::KeyDown(Key {
                repeats: Some(false),
                ..key
            }),
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

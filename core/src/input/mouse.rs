//! The mouse: which buttons are held, as the viewer's events say on arrival and as the browser has been
//! told, and what the browser is told of it.
//!
//! Between the two lies the queue. INVARIANT: a button the browser is told is down is not pressed again
//! before it is released, and `buttons` always says which are down.

use alloc::vec::Vec;

use crate::input::{
    action::{MouseEvent, MouseEventKind},
    event::{Button, Point},
    limits::FIRST_STEP,
    queue::Queue,
};

/// The pressure a real mouse has while a button is down.
const PRESSURE: f64 = 0.5;

/// In the order in which they are let go.
const BUTTONS: [Button; 3] = [Button::Left, Button::Right, Button::Middle];

/// A set of buttons, in CDP's bits.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Buttons(u8);

/// The mouse of one browser.
#[derive(Default)]
pub(super) struct Mouse {
    /// Held at the viewer: their release has not arrived.
    held: Buttons,
    /// Held at the viewer, and the press found no room.
    missed: Buttons,
    /// Down in the browser.
    down: Buttons,
    /// Down in the browser, and to be released next.
    due: Buttons,
    /// With which count each was pressed; the order is that of [`BUTTONS`].
    counts: [u8; 3],
    /// Where the browser was last told the pointer is.
    at: Option<Point>,
    way: Way,
}

/// How far the pointer has come since the last press.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Way {
    /// Nowhere.
    Pressed,
    /// One move.
    Begun,
    /// Further, or there was no press.
    #[default]
    Gone,
}

impl Mouse {
    // What arrives.

    /// Notes that a press arrived. Returns whether the button was held already.
    pub(super) fn arrive(&mut self, button: Button) -> bool {
        let was_held = self.held.has(button);
        self.held.add(button);
        self.missed.remove(button);
        was_held
    }

    /// Notes that a press found no room: what is moved with it isn't to be told either.
    pub(super) fn miss(&mut self, button: Button) {
        self.missed.add(button);
    }

    /// Tells whether a button is held whose press found no room.
    pub(super) fn missed_any(&self) -> bool {
        self.missed != Buttons::default()
    }

    /// Notes that a release arrived. Returns whether the button was held.
    pub(super) fn depart(&mut self, button: Button) -> bool {
        let was_held = self.held.has(button);
        self.held.remove(button);
        self.missed.remove(button);
        was_held
    }

    /// Counts every release as arrived that is awaited.
    pub(super) fn depart_all(&mut self) -> impl Iterator<Item = Button> + use<> {
        self.missed = Buttons::default();
        let held = core::mem::take(&mut self.held);
        BUTTONS.into_iter().filter(move |button| held.has(*button))
    }

    /// Tells whether the viewer holds a button.
    pub(super) fn is_held(&self) -> bool {
        self.held != Buttons::default()
    }

    /// Forgets the presses that waited, and lets those go up next whose release waited.
    pub(super) fn discard_waiting(&mut self) {
        self.held = Buttons(self.held.0 & self.down.0);
        self.due = Buttons(self.down.0 & !self.held.0);
    }

    // What the browser is told.

    /// Moves the pointer to a place where the browser doesn't know it yet: what listens for hovering
    /// hears of it before a press.
    pub(super) fn aimed(&mut self, at: Point, modifiers: u8) -> Option<MouseEvent> {
        (self.at != Some(at)).then(|| self.moved(at, modifiers))
    }

    /// Returns where the pointer goes next on its way to a place: there, unless it drags with the left
    /// button, whose first move is a small step.
    pub(super) fn next_on_the_way(&self, to: Point) -> Point {
        let step = |from: f64, to: f64| from + (to - from).clamp(-FIRST_STEP, FIRST_STEP);
        match self.at {
            Some(from) if self.is_down(Button::Left) && self.way == Way::Pressed => Point {
                x: step(from.x, to.x),
                y: step(from.y, to.y),
            },
            Some(_) | None => to,
        }
    }

    /// Tells whether the left button is down and was moved once.
    pub(super) fn begins_drag(&self) -> bool {
        self.is_down(Button::Left) && self.way == Way::Begun
    }

    /// Moves the pointer.
    pub(super) fn moved(&mut self, at: Point, modifiers: u8) -> MouseEvent {
        self.at = Some(at);
        self.way = match self.way {
            Way::Pressed => Way::Begun,
            Way::Begun | Way::Gone => Way::Gone,
        };
        MouseEvent {
            button: BUTTONS.into_iter().find(|button| self.down.has(*button)),
            buttons: Some(self.down.0),
            force: self.is_any_down().then_some(PRESSURE),
            ..event(MouseEventKind::MouseMoved, at, modifiers)
        }
    }

    /// Presses a button. `None` if it is down: then it is released next.
    pub(super) fn pressed(
        &mut self,
        at: Point,
        button: Button,
        count: u8,
        modifiers: u8,
    ) -> Option<MouseEvent> {
        if self.down.has(button) {
            self.due.add(button);
            return None;
        }
        self.at = Some(at);
        self.way = Way::Pressed;
        self.down.add(button);
        if let Some(place) = self.counts.get_mut(button.place()) {
            *place = count;
        }
        Some(MouseEvent {
            button: Some(button),
            buttons: Some(self.down.0),
            click_count: Some(count),
            force: Some(PRESSURE),
            ..event(MouseEventKind::MousePressed, at, modifiers)
        })
    }

    /// Has a button released next.
    pub(super) fn release_next(&mut self, button: Button) {
        self.due.add(button);
    }

    /// Releases a button, here or where the pointer is; `None` if it is up.
    pub(super) fn released(
        &mut self,
        at: Option<Point>,
        button: Button,
        modifiers: u8,
    ) -> Option<MouseEvent> {
        if !self.down.has(button) {
            return None;
        }
        self.down.remove(button);
        self.due.remove(button);
        self.at = at.or(self.at);
        let count = self.counts.get(button.place()).copied();
        Some(MouseEvent {
            button: Some(button),
            buttons: Some(self.down.0),
            click_count: count,
            ..event(MouseEventKind::MouseReleased, self.at?, modifiers)
        })
    }

    /// Tells whether the browser was told that a button is down.
    pub(super) fn is_down(&self, button: Button) -> bool {
        self.down.has(button)
    }

    /// Tells whether the browser was told that any is down.
    pub(super) fn is_any_down(&self) -> bool {
        self.down != Buttons::default()
    }

    /// Turns the wheel.
    pub(super) fn wheel(
        &mut self,
        at: Point,
        (delta_x, delta_y): (f64, f64),
        modifiers: u8,
    ) -> MouseEvent {
        MouseEvent {
            buttons: Some(self.down.0).filter(|buttons| *buttons != 0),
            delta_x: Some(delta_x),
            delta_y: Some(delta_y),
            ..event(MouseEventKind::MouseWheel, at, modifiers)
        }
    }

    /// Tells whether a button is to be released next.
    pub(super) fn is_due(&self) -> bool {
        self.due != Buttons::default()
    }

    /// Releases one that is to be released next.
    pub(super) fn release_due(&mut self) -> Option<MouseEvent> {
        let due = self.due;
        let button = BUTTONS.into_iter().find(|button| due.has(*button))?;
        self.released(None, button, 0)
    }

    /// Releases everything that is down. What is pressed only by what waits is held on.
    pub(super) fn release_all(&mut self, waits: &Queue) -> Vec<MouseEvent> {
        let release = |button| {
            if !waits.presses(button) {
                self.held.remove(button);
            }
            self.released(None, button, 0)
        };
        BUTTONS.into_iter().filter_map(release).collect()
    }
}

impl Buttons {
    fn has(self, button: Button) -> bool {
        self.0 & button.bit() != 0
    }

    fn add(&mut self, button: Button) {
        self.0 |= button.bit();
    }

    fn remove(&mut self, button: Button) {
        self.0 &= !button.bit();
    }
}

impl Button {
    const fn bit(self) -> u8 {
        match self {
            Self::Left => 1,
            Self::Right => 2,
            Self::Middle => 4,
        }
    }

    const fn place(self) -> usize {
        match self {
            Self::Left => 0,
            Self::Right => 1,
            Self::Middle => 2,
        }
    }
}

const fn event(kind: MouseEventKind, at: Point, modifiers: u8) -> MouseEvent {
    MouseEvent {
        kind,
        x: at.x,
        y: at.y,
        modifiers,
        button: None,
        buttons: None,
        click_count: None,
        force: None,
        delta_x: None,
        delta_y: None,
    }
}

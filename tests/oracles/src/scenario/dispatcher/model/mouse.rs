//! The mouse: clicks that count on, buttons held at the viewer and down in the browser, hovering and the
//! wheel. Of each event that the browser is told every member is known.

use std::time::Duration;

use authloop_core::{
    input::{
        Dropped, MouseEvent, MouseEventKind,
        event::{Button, MAX_WHEEL_DELTA, Modifiers, Point},
        limits,
    },
    time::Timestamp,
};

use super::{
    Model,
    due::{Aimed, Due},
};
use crate::scenario::dispatcher::keys;

/// How near and how soon another click has to be to count on.
const NEAR: f64 = 4.0;
const SOON: Duration = Duration::from_millis(500);

/// In the order in which they are named where only one can be, and let go.
const BUTTONS: [Button; 3] = [Button::Left, Button::Right, Button::Middle];

/// The click before.
struct Click {
    time: Timestamp,
    at: Point,
    button: Button,
    count: u8,
}

/// The mouse.
#[derive(Default)]
pub(super) struct Mouse {
    held: Vec<Button>,
    /// Held, and there was no room for the press.
    missed: Vec<Button>,
    /// Down in the browser, each with its count.
    down: Vec<(Button, u8)>,
    /// Goes up next.
    next_up: Vec<Button>,
    /// Where the browser takes the pointer to be.
    at: Option<Point>,
    /// How often it was moved since the last press.
    moves: u32,
    last_click: Option<Click>,
}

impl Mouse {
    pub(super) const fn is_down(&self) -> bool {
        !self.down.is_empty()
    }

    pub(super) const fn goes_up_next(&self) -> bool {
        !self.next_up.is_empty()
    }

    pub(super) fn forget_clicks(&mut self) {
        self.last_click = None;
    }

    /// What waited is forgotten: a button goes up next whose press was told and whose release waited.
    pub(super) fn forget_waiting(&mut self) {
        let down = &self.down;
        self.held
            .retain(|held| down.iter().any(|(button, _)| button == held));
        let held = &self.held;
        let buttons = down.iter().map(|(button, _)| *button);
        self.next_up = buttons.filter(|button| !held.contains(button)).collect();
    }

    /// Tells whether a due release of this button has nothing to release.
    pub(super) fn is_up(&self, button: Button) -> bool {
        self.down.iter().all(|(down, _)| *down != button)
    }

    /// Takes the release of what has to go up next.
    pub(super) fn next_is_up(&mut self, event: &MouseEvent) {
        let next = |button: &&Button| self.next_up.contains(button);
        let button = *BUTTONS.iter().find(next).expect("something goes up");
        self.up(None, button, 0, event);
    }

    /// Takes a release that nothing waited for, of any button that is down. Returns which.
    pub(super) fn any_up(&mut self, event: &MouseEvent) -> Button {
        let button = event.button.expect("of a button");
        self.up(None, button, 0, event);
        button
    }

    /// A button isn't held any more that nobody presses again.
    pub(super) fn is_let_go(&mut self, button: Button) {
        self.held.retain(|held| *held != button);
    }

    pub(super) fn moved(&mut self, at: Point, modifiers: u8, event: &MouseEvent) {
        self.at = Some(at);
        self.moves = self.moves.saturating_add(1);
        let mask = self.mask();
        let expected = MouseEvent {
            button: BUTTONS.into_iter().find(|button| !self.is_up(*button)),
            buttons: Some(mask),
            force: (mask != 0).then_some(0.5),
            ..bare(MouseEventKind::MouseMoved, at, modifiers)
        };
        assert_eq!(*event, expected);
    }

    fn down(&mut self, press: Aimed, event: &MouseEvent) {
        assert!(self.is_up(press.button), "two presses, and no release");
        self.at = Some(press.at);
        self.moves = 0;
        self.down.push((press.button, press.count));
        let expected = MouseEvent {
            button: Some(press.button),
            buttons: Some(self.mask()),
            click_count: Some(press.count),
            force: Some(0.5),
            ..bare(MouseEventKind::MousePressed, press.at, press.modifiers)
        };
        assert_eq!(*event, expected);
    }

    pub(super) fn up(
        &mut self,
        at: Option<Point>,
        button: Button,
        modifiers: u8,
        event: &MouseEvent,
    ) {
        let place = self.down.iter().position(|(down, _)| *down == button);
        let (_, count) = self.down.remove(place.expect("a release without a press"));
        self.next_up.retain(|next| *next != button);
        self.at = at.or(self.at);
        let at = self.at.expect("what is down was pressed somewhere");
        let expected = MouseEvent {
            button: Some(button),
            buttons: Some(self.mask()),
            click_count: Some(count),
            ..bare(MouseEventKind::MouseReleased, at, modifiers)
        };
        assert_eq!(*event, expected);
    }

    pub(super) fn turned(&self, at: Point, by: (f64, f64), modifiers: u8, event: &MouseEvent) {
        let expected = MouseEvent {
            buttons: Some(self.mask()).filter(|mask| *mask != 0),
            delta_x: Some(by.0),
            delta_y: Some(by.1),
            ..bare(MouseEventKind::MouseWheel, at, modifiers)
        };
        assert_eq!(*event, expected);
    }

    fn mask(&self) -> u8 {
        let bits = self.down.iter().map(|(button, _)| match button {
            Button::Left => 1,
            Button::Right => 2,
            Button::Middle => 4,
        });
        bits.sum()
    }

    /// The click before, if another here and now counts with it.
    fn near(&self, now: Timestamp, at: Point) -> Option<&Click> {
        self.last_click.as_ref().filter(|last| {
            let is_near = (at.x - last.at.x).hypot(at.y - last.at.y) <= NEAR;
            is_near && now.since(last.time) <= SOON
        })
    }

    /// Counts a click: by the ones before, or as the viewer does if that is more.
    fn count(&mut self, now: Timestamp, at: Point, button: Button, claimed: Option<u8>) -> u8 {
        let before = self.near(now, at).filter(|last| last.button == button);
        let counted = before.map_or(1, |last| last.count + 1);
        let count = counted.max(claimed.unwrap_or(1)).min(3);
        self.last_click = Some(Click {
            time: now,
            at,
            button,
            count,
        });
        count
    }
}

impl Model {
    pub(super) fn click(
        &mut self,
        at: Point,
        button: Button,
        claimed: Option<u8>,
    ) -> Result<(), Dropped> {
        self.room_for_clicks(1)?;
        self.release_was_lost(button);
        let count = self.mouse.count(self.now, at, button, claimed);
        self.push_click(at, button, count);
        Ok(())
    }

    pub(super) fn double_click(&mut self, at: Point) -> Result<(), Dropped> {
        let before = self.mouse.near(self.now, at);
        if before.is_some_and(|last| last.count >= 2) {
            return Err(Dropped::Repeated);
        }
        self.room_for_clicks(2)?;
        self.mouse.last_click = None;
        self.release_was_lost(Button::Left);
        self.push_click(at, Button::Left, 1);
        self.push_click(at, Button::Left, 2);
        Ok(())
    }

    fn room_for_clicks(&self, more: usize) -> Result<(), Dropped> {
        let fits = self.due.waits.clicks + more <= limits::MAX_CLICKS;
        fits.then_some(()).ok_or(Dropped::Clicks)
    }

    fn push_click(&mut self, at: Point, button: Button, count: u8) {
        self.due.push(Due::Click(Aimed {
            at: self.place(at),
            button,
            count,
            modifiers: 0,
            is_there: false,
        }));
    }

    /// A button goes down, or is clicked: it was let go before, whoever heard of that.
    fn release_was_lost(&mut self, button: Button) {
        if self.mouse.held.contains(&button) {
            self.due.push(Due::ButtonUp(None, button, 0));
        }
        self.mouse.held.retain(|held| *held != button);
        self.mouse.missed.retain(|missed| *missed != button);
    }

    pub(super) fn move_mouse(&mut self, at: Point, modifiers: Modifiers) -> Result<(), Dropped> {
        if !self.mouse.missed.is_empty() {
            return Err(Dropped::Pointer);
        }
        let (at, modifiers) = (self.place(at), self.pointer_modifiers(modifiers));
        let is_full = self.due.waits.moves >= limits::MAX_MOVES;
        let hovers = self.mouse.held.is_empty();
        match self.due.newest() {
            Some(newest @ Due::Move(..)) if hovers || is_full => {
                *newest = Due::Move(at, modifiers);
            }
            _ if is_full => return Err(Dropped::Pointer),
            _ => self.due.push(Due::Move(at, modifiers)),
        }
        Ok(())
    }

    pub(super) fn button_down(
        &mut self,
        at: Point,
        button: Button,
        claimed: Option<u8>,
        modifiers: Modifiers,
    ) -> Result<(), Dropped> {
        if self.due.waits.presses >= limits::MAX_PRESSES {
            if !self.mouse.missed.contains(&button) {
                self.mouse.missed.push(button);
            }
            return Err(Dropped::Pointer);
        }
        self.release_was_lost(button);
        self.mouse.held.push(button);
        let counted = self.mouse.count(self.now, at, button, claimed);
        self.due.push(Due::ButtonDown(Aimed {
            at: self.place(at),
            button,
            count: claimed.unwrap_or(counted),
            modifiers: self.pointer_modifiers(modifiers),
            is_there: false,
        }));
        Ok(())
    }

    pub(super) fn button_up(
        &mut self,
        at: Point,
        button: Button,
        modifiers: Modifiers,
    ) -> Result<(), Dropped> {
        let was_held = self.mouse.held.contains(&button);
        self.mouse.held.retain(|held| *held != button);
        self.mouse.missed.retain(|missed| *missed != button);
        if !was_held {
            return Err(Dropped::NotDown);
        }
        let (at, modifiers) = (self.place(at), self.pointer_modifiers(modifiers));
        self.due.push(Due::ButtonUp(Some(at), button, modifiers));
        Ok(())
    }

    /// Lets go of every button that is held, in its turn.
    pub(super) fn lets_go_of_buttons(&mut self) {
        for button in BUTTONS {
            self.release_was_lost(button);
        }
    }

    pub(super) fn turn(
        &mut self,
        at: Point,
        (x, y): (f64, f64),
        modifiers: Modifiers,
    ) -> Result<(), Dropped> {
        let (at, held) = (self.place(at), self.pointer_modifiers(modifiers));
        if let Some(Due::Scroll {
            at: place,
            by,
            modifiers,
        }) = self.due.newest()
            && *modifiers == held
        {
            let add = |sum: f64, way: f64| (sum + way).clamp(-MAX_WHEEL_DELTA, MAX_WHEEL_DELTA);
            *place = at;
            *by = (add(by.0, x), add(by.1, y));
        } else if self.due.waits.scrolls >= limits::MAX_SCROLLS {
            return Err(Dropped::Pointer);
        } else {
            self.due.push(Due::Scroll {
                at,
                by: (x, y),
                modifiers: held,
            });
        }
        Ok(())
    }

    fn pointer_modifiers(&self, held: Modifiers) -> u8 {
        keys::swapped(held.bits(), self.platform)
    }

    /// Tells whether a drag may go on now that waits for the page.
    pub(super) fn may_drag(&self) -> bool {
        !self.busy || self.earliest.drag <= self.now
    }

    /// Takes a move: of a drag a small one first, and the rest once the page may know of that.
    pub(super) fn moves_mouse(&mut self, at: Point, modifiers: u8, event: &MouseEvent) {
        let mut next = at;
        if !self.mouse.is_up(Button::Left) {
            match (self.mouse.moves, self.mouse.at) {
                (0, Some(from)) => {
                    let step = |way: f64| way.signum() * way.abs().min(limits::FIRST_STEP);
                    next.x = from.x + step(at.x - from.x);
                    next.y = from.y + step(at.y - from.y);
                }
                (1, _) => assert!(
                    self.may_drag(),
                    "a drag begins that the page hasn't heard of"
                ),
                _ => {}
            }
        }
        if self.mouse.is_down() {
            self.earliest.drag = self.now + limits::ANSWER_WAIT;
        }
        self.mouse.moved(next, modifiers, event);
        if next != at {
            self.due.put_back(Due::Move(at, modifiers));
        }
    }

    /// Takes the next of a click: there, down, and up next.
    pub(super) fn clicks(&mut self, click: Aimed, event: &MouseEvent) {
        if !click.is_there {
            self.mouse.moved(click.at, 0, event);
            return self.due.put_back(Due::Click(Aimed {
                is_there: true,
                ..click
            }));
        }
        self.composes = false;
        self.moves_focus();
        self.mouse.down(click, event);
        self.mouse.next_up.push(click.button);
        let earliest = &mut self.earliest.click;
        assert!(*earliest <= self.now, "clicks go too fast");
        *earliest = self.now + limits::CLICK_PACE;
    }

    /// Takes the next of a press: there, if the pointer is elsewhere, and down.
    pub(super) fn presses(&mut self, press: Aimed, event: &MouseEvent) {
        if self.mouse.at != Some(press.at) {
            self.mouse.moved(press.at, press.modifiers, event);
            return self.due.put_back(Due::ButtonDown(press));
        }
        self.composes = false;
        self.moves_focus();
        self.mouse.down(press, event);
    }
}

const fn bare(kind: MouseEventKind, at: Point, modifiers: u8) -> MouseEvent {
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

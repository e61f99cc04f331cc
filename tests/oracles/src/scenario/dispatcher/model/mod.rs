//! What a dispatcher has to do, told in the protocol's words (version 1, §4; version 2, §6): a list of
//! what was accepted, what the human holds, and what is down in the browser.
//!
//! It says of each event whether it is dropped and why, and of each action whether it is the next one.

mod due;
mod keyboard;
mod mouse;
mod text;
mod touch;

use std::time::Duration;

use authloop_core::{
    input::{
        Action, Dropped, Drops, Finish, Geometry, InputEvent, KeyEventKind, Platform, event::Point,
        limits,
    },
    time::Timestamp,
};

use self::{
    due::{Due, List},
    keyboard::Keyboard,
    mouse::Mouse,
    touch::Fingers,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Resolving,
    Cancelling,
    Finished,
}

/// When each kind may go on.
#[derive(Default)]
struct Earliest {
    key: Timestamp,
    click: Timestamp,
    scroll: Timestamp,
    moves: Timestamp,
    /// A drag's second move, and its end, as long as the page hasn't answered.
    drag: Timestamp,
    /// Whatever goes to the focus, once the page has answered what moved that.
    focus: Timestamp,
}

/// The reference.
pub(super) struct Model {
    pub(super) now: Timestamp,
    pub(super) platform: Platform,
    pub(super) geometry: Geometry,
    pub(super) drops: Drops,
    phase: Phase,
    due: List,
    keyboard: Keyboard,
    mouse: Mouse,
    fingers: Fingers,
    /// The page shows a text that an input method works on.
    composes: bool,
    earliest: Earliest,
    busy: bool,
    /// Until when the page may answer what moved the focus.
    focus_moves: Option<Timestamp>,
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            now: Timestamp::default(),
            platform: Platform::default(),
            geometry: Geometry::default(),
            drops: Drops::default(),
            phase: Phase::Open,
            due: List::default(),
            keyboard: Keyboard::default(),
            mouse: Mouse::default(),
            fingers: Fingers::default(),
            composes: false,
            earliest: Earliest::default(),
            busy: false,
            focus_moves: None,
        }
    }

    // What happens.

    /// Takes an event, or says why it is dropped.
    pub(super) fn push(&mut self, event: &InputEvent) -> Result<(), Dropped> {
        let taken = self.accept(event);
        if let Err(why) = taken {
            *counter(&mut self.drops, why) += 1;
        }
        self.forget_spent();
        taken
    }

    pub(super) fn set_busy(&mut self, busy: bool) {
        self.busy = busy;
        if !busy && self.focus_moves.take().is_some() {
            self.earliest.focus = self.now + limits::FOCUS_PAUSE;
        }
    }

    /// What the browser was told may move the focus.
    fn moves_focus(&mut self) {
        self.focus_moves = Some(self.now + limits::ANSWER_WAIT);
    }

    /// Something goes to what has the focus.
    fn goes_to_focus(&self) {
        let earliest = match self.focus_moves {
            Some(until) if self.busy => until,
            _ => self.earliest.focus,
        };
        assert!(earliest <= self.now, "nobody knows where the focus is");
    }

    /// Forgets what waits. What is half-done is completed: what is down and nobody holds.
    pub(super) fn clear(&mut self) {
        self.due.clear();
        self.keyboard.forget_waiting();
        self.mouse.forget_waiting();
        self.mouse.forget_clicks();
        self.fingers.forget_waiting();
        if self.phase == Phase::Resolving {
            self.phase = Phase::Open;
        }
    }

    /// Lets go of all the viewer before held, in its turn.
    pub(super) fn change_hands(&mut self) {
        self.lets_go();
        self.mouse.forget_clicks();
    }

    fn lets_go(&mut self) {
        self.lets_go_of_fingers();
        self.lets_go_of_buttons();
        while let Some(number) = self.keyboard.lets_go() {
            self.due.push(Due::Up(number, 0));
        }
    }

    /// Takes what [`Dispatcher::release_all`] returned: nothing may be down after it. What waits, waits on.
    ///
    /// [`Dispatcher::release_all`]: authloop_core::input::Dispatcher::release_all
    pub(super) fn released_all(&mut self, actions: &[Action]) {
        let waits_for_fingers = self.due.any(|due| matches!(due, Due::Fingers { .. }));
        if !waits_for_fingers {
            self.fingers.are_let_go();
        }
        for action in actions {
            match action {
                Action::Mouse(event) => {
                    let released = self.mouse.any_up(event);
                    let waits = |due: &Due| matches!(due, Due::ButtonDown(press) if press.button == released);
                    if !self.due.any(waits) {
                        self.mouse.is_let_go(released);
                    }
                }
                Action::Touch(event) => self.fingers.gone(event),
                Action::Compose(told) => self.composition_ends(told),
                Action::Key(event) => {
                    let newest = self.keyboard.newest_up(event);
                    self.due.retain(|due| {
                        !matches!(due, Due::Up(number, _) | Due::Repeat(number) if *number == newest)
                    });
                }
                Action::InsertText(_)
                | Action::Errand(_)
                | Action::Back
                | Action::Forward
                | Action::Reload
                | Action::Finish(_) => unreachable!("nothing new is done at the end"),
            }
        }
        assert!(!self.keyboard.is_down(), "a key is still down");
        assert!(!self.mouse.is_down(), "a button is still down");
        assert!(!self.fingers.is_down(), "a finger is still down");
        assert!(!self.composes, "a composition is still open");
        self.forget_spent();
    }

    // What it says.

    /// Tells whether everything accepted is done, and nothing is half-done.
    pub(super) fn is_done(&self) -> bool {
        self.due.is_empty()
            && !self.keyboard.is_half_done()
            && !self.mouse.goes_up_next()
            && !self.fingers.go_next()
            && self.phase != Phase::Cancelling
    }

    /// Tells whether what waits can only go on once the page has come to rest.
    pub(super) fn waits_for_the_page(&self) -> bool {
        self.busy && matches!(self.due.front(), Some(Due::Type(_)))
    }

    /// Takes an action, which has to be the next one.
    pub(super) fn did(&mut self, action: &Action) {
        if self.phase == Phase::Cancelling {
            assert!(matches!(action, Action::Finish(Finish::Cancelled)));
            self.phase = Phase::Finished;
            return;
        }
        if self.mouse.goes_up_next() {
            let Action::Mouse(event) = action else {
                unreachable!("something between press and release");
            };
            return self.mouse.next_is_up(event);
        }
        if self.fingers.go_next() {
            let Action::Touch(event) = action else {
                unreachable!("fingers that nobody holds are taken away next");
            };
            return self.fingers.gone(event);
        }
        if let Action::Key(event) = action
            && event.kind == KeyEventKind::KeyUp
            && self.keyboard.up_by_itself(self.now, event)
        {
            return;
        }
        self.keyboard.is_whole();
        let due = self.due.next().expect("nothing was left to do");
        self.is_next(due, action);
        self.forget_spent();
    }

    fn is_next(&mut self, due: Due, action: &Action) {
        match (due, action) {
            (Due::Press(press), Action::Key(event)) => {
                self.composes = false;
                self.keyboard.pressed(self.now, press, event);
                self.paced_key(limits::KEY_PACE);
                if event.key == "Tab" {
                    self.moves_focus();
                }
            }
            (Due::Repeat(number), Action::Key(event)) => {
                self.keyboard.repeated(number, event);
                self.paced_key(limits::KEY_PACE);
            }
            (Due::Up(number, modifiers), Action::Key(event)) => {
                self.keyboard.up(number, modifiers, event);
            }
            (Due::Character(text), Action::InsertText(told)) => {
                self.composes = false;
                assert!(text == *told, "another text");
                self.paced_key(limits::KEY_PACE);
            }
            (Due::Insert(text), Action::InsertText(told)) => {
                self.composes = false;
                assert!(text == *told, "a text has to arrive whole");
                self.goes_to_focus();
                // It doesn't wait for its turn in time, but the next key does.
                self.earliest.key = self.now + limits::KEY_PACE;
            }
            (Due::Type(typed), action) => {
                self.composes = false;
                self.types(typed, action);
            }
            (Due::Compose(composition), Action::Compose(told)) => {
                self.composes(&composition, told);
            }
            (Due::Click(click), Action::Mouse(event)) => self.clicks(click, event),
            (Due::ButtonDown(press), Action::Mouse(event)) => self.presses(press, event),
            (Due::ButtonUp(at, button, modifiers), Action::Mouse(event)) => {
                assert!(self.may_drag(), "a drag ends that the page hasn't heard of");
                self.mouse.up(at, button, modifiers, event);
            }
            (Due::Move(at, modifiers), Action::Mouse(event)) => {
                self.moves_mouse(at, modifiers, event);
                assert!(self.earliest.moves <= self.now, "the mouse moves too fast");
                self.earliest.moves = self.now + limits::MOVE_PACE;
            }
            (Due::Scroll { at, by, modifiers }, Action::Mouse(event)) => {
                self.mouse.turned(at, by, modifiers, event);
                assert!(self.earliest.scroll <= self.now, "the wheel turns too fast");
                self.earliest.scroll = self.now + limits::SCROLL_PACE;
            }
            (Due::Fingers { fingers, moved }, Action::Touch(event)) => {
                self.touches(fingers, moved, event);
            }
            (Due::FingersGone, Action::Touch(event)) => self.fingers.gone(event),
            (Due::Navigate(expected), action) => {
                self.composes = false;
                assert!(expected == *action, "another way");
            }
            (Due::Resolved, Action::Finish(finish)) => {
                assert_eq!(*finish, Finish::Resolved);
                self.phase = Phase::Finished;
            }
            _ => unreachable!("it isn't its turn"),
        }
    }

    fn paced_key(&mut self, pace: Duration) {
        assert!(self.earliest.key <= self.now, "keys go too fast");
        self.goes_to_focus();
        self.earliest.key = self.now + pace;
    }

    /// Forgets what comes next and has happened: the release of what is up, fingers that are there.
    fn forget_spent(&mut self) {
        while self.due.front().is_some_and(|due| self.is_spent(due)) {
            self.due.next();
        }
    }

    fn is_spent(&self, due: &Due) -> bool {
        if let Due::ButtonUp(_, button, _) = due {
            self.mouse.is_up(*button)
        } else if let Due::Fingers { fingers, .. } = due {
            self.fingers.are(fingers)
        } else {
            matches!(due, Due::FingersGone) && !self.fingers.is_down()
        }
    }

    // What is accepted.

    fn accept(&mut self, event: &InputEvent) -> Result<(), Dropped> {
        match self.phase {
            Phase::Open => {}
            Phase::Resolving if *event == InputEvent::Cancelled => {}
            Phase::Resolving | Phase::Cancelling | Phase::Finished => {
                return Err(Dropped::Finished);
            }
        }
        match event {
            InputEvent::KeyPress(key) => self.press(key, true),
            InputEvent::KeyDown(key) => self.press(key, false),
            InputEvent::KeyUp(key) => self.key_up(key),
            InputEvent::Click {
                at,
                button,
                click_count,
            } => self.click(*at, *button, *click_count),
            InputEvent::DoubleClick { at } => self.double_click(*at),
            InputEvent::Scroll {
                at,
                delta_x,
                delta_y,
                modifiers,
            } => self.turn(*at, (*delta_x, *delta_y), *modifiers),
            InputEvent::MouseMove { at, modifiers } => self.move_mouse(*at, *modifiers),
            InputEvent::MouseDown {
                at,
                button,
                click_count,
                modifiers,
            } => self.button_down(*at, *button, *click_count, *modifiers),
            InputEvent::MouseUp {
                at,
                button,
                modifiers,
            } => self.button_up(*at, *button, *modifiers),
            InputEvent::Touch(fingers) => self.touch(fingers),
            InputEvent::TouchCancel => self.touch_cancel(),
            InputEvent::Compose(composition) => self.compose(composition),
            InputEvent::Commit(text) => self.commit(text),
            InputEvent::ReleaseAll => {
                self.lets_go();
                Ok(())
            }
            InputEvent::Paste(text) => self.paste(text),
            InputEvent::Back => self.navigate(Action::Back),
            InputEvent::Forward => self.navigate(Action::Forward),
            InputEvent::Reload => self.navigate(Action::Reload),
            InputEvent::Resolved => {
                self.phase = Phase::Resolving;
                self.due.push(Due::Resolved);
                Ok(())
            }
            InputEvent::Cancelled => {
                self.clear();
                self.phase = Phase::Cancelling;
                Ok(())
            }
            _ => unreachable!("an event that nobody said anything about"),
        }
    }

    fn navigate(&mut self, way: Action) -> Result<(), Dropped> {
        if self.due.waits.navigations >= limits::MAX_NAVIGATIONS {
            return Err(Dropped::Navigations);
        }
        self.due.push(Due::Navigate(way));
        Ok(())
    }

    /// Where a place in the frame lies in the page.
    fn place(&self, at: Point) -> Point {
        let zoom = self.geometry.page_scale_factor;
        let zoom = if zoom > 0.0 { zoom } else { 1.0 };
        Point {
            x: at.x / zoom,
            y: (at.y - self.geometry.offset_top) / zoom,
        }
    }
}

fn counter(drops: &mut Drops, why: Dropped) -> &mut u64 {
    match why {
        Dropped::Keys => &mut drops.keys,
        Dropped::Clicks => &mut drops.clicks,
        Dropped::Pointer => &mut drops.pointer,
        Dropped::Paste => &mut drops.paste,
        Dropped::Navigations => &mut drops.navigations,
        Dropped::NotDown => &mut drops.not_down,
        Dropped::Repeated => &mut drops.repeated,
        Dropped::Finished => &mut drops.finished,
        _ => unreachable!("a reason that nobody said anything about"),
    }
}

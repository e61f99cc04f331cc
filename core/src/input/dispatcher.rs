//! The one serial path from the viewer's events to the browser: order, pace and bounds.
//!
//! It must never reorder, never lose what isn't over a bound, and never leave a key or button down.
//!
//! ```text
//! Open ──Resolved pushed──▶ Resolving ──its turn──▶ Finished
//!   └────────────┬─────────────┘
//!        Cancelled pushed ──▶ Cancelling ──next pop──▶ Finished
//! ```

mod intake;

use alloc::{string::String, vec::Vec};

use crate::{
    crypto::Opened,
    input::{
        action::{Action, Composing, Finish},
        errand::Errand,
        event::{Button, InputEvent, Point},
        focus::Focus,
        held::Held,
        keyboard::{Platform, Press},
        limits::{
            ANSWER_WAIT, CLICK_PACE, Dropped, Drops, KEY_PACE, KEY_UP_AFTER, LONGEST_TYPE_PACE,
            MOVE_PACE, SCROLL_PACE, TYPE_PACE,
        },
        mouse::Mouse,
        pointer::{ClickCounter, Geometry},
        queue::{Item, Navigation, Queue},
        touch::Touches,
    },
    time::Timestamp,
};

/// Of keys that nobody holds any more.
const NO_MODIFIERS: u8 = 0;

/// Turns opened input events into actions, one at a time.
///
/// Feed it with [`push`](Self::push), drain it with [`pop`](Self::pop), again no later than
/// [`deadline`](Self::deadline). When the viewer or the session goes, [`release_all`](Self::release_all)
/// says what has to come up. No `Debug`: it holds what a human typed.
pub struct Dispatcher {
    platform: Platform,
    geometry: Geometry,
    now: Timestamp,
    phase: Phase,
    queue: Queue,
    held: Held,
    clicks: ClickCounter,
    mouse: Mouse,
    touches: Touches,
    focus: Focus,
    /// The browser was told of a composition, and of nothing since that ends one.
    composes: bool,
    pace: Pace,
    /// Since when the page works on what it was sent.
    busy_since: Option<Timestamp>,
    drops: Drops,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Resolving,
    Cancelling,
    Finished,
}

/// When the next of each kind may go on.
#[derive(Default)]
struct Pace {
    key: Timestamp,
    click: Timestamp,
    scroll: Timestamp,
    moves: Timestamp,
    /// Until when a drag waits for the page to answer.
    drag: Timestamp,
}

impl Dispatcher {
    /// Makes one for a browser on this platform, with no frame seen yet.
    pub fn new(platform: Platform) -> Self {
        Self {
            platform,
            geometry: Geometry::default(),
            now: Timestamp::default(),
            phase: Phase::Open,
            queue: Queue::default(),
            held: Held::default(),
            clicks: ClickCounter::default(),
            mouse: Mouse::default(),
            touches: Touches::default(),
            focus: Focus::default(),
            composes: false,
            pace: Pace::default(),
            busy_since: None,
            drops: Drops::default(),
        }
    }

    /// Says what the browser runs on; holds for events pushed from now on.
    pub fn set_platform(&mut self, platform: Platform) {
        self.platform = platform;
    }

    /// Says how the last frame lies over the page; holds for events pushed from now on.
    pub fn set_geometry(&mut self, geometry: Geometry) {
        self.geometry = geometry;
    }

    /// Returns where a place in the last frame lies in the page, in CSS pixels of its viewport.
    pub fn place(&self, at: Point) -> Point {
        self.geometry.place(at)
    }

    /// Queues an event.
    ///
    /// # Errors
    /// Drops and counts what is over a bound, and what has nothing left to do.
    pub fn push(&mut self, now: Timestamp, event: Opened<InputEvent>) -> Result<(), Dropped> {
        self.now = self.now.max(now);
        let pushed = self.enqueue(event.into_inner());
        self.skip_spent();
        pushed.inspect_err(|reason| self.drops.count(*reason))
    }

    /// Queues what takes more than events.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_errand(&mut self, now: Timestamp, errand: Opened<Errand>) -> Result<(), Dropped> {
        self.now = self.now.max(now);
        let pushed = self.enqueue_errand(errand.into_inner());
        pushed.inspect_err(|reason| self.drops.count(*reason))
    }

    /// A paste had its turn as an errand, and is typed or inserted after all: before what waits.
    pub fn paste_first(&mut self, text: &str) {
        if let Some(item) = intake::pasted(text) {
            self.queue.push_front(item);
        }
    }

    /// Tells whether a text is being typed and waits for the page.
    pub fn is_typing(&self) -> bool {
        matches!(self.queue.front(), Some(Item::Type(_))) && self.busy_since.is_some()
    }

    /// Says that the page has answered everything, and that its own timers have had their turn since:
    /// what passes the focus on has done so.
    pub fn page_has_turned(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.busy_since = None;
        self.focus.is_answered(self.now);
        self.pace.key = self.now + TYPE_PACE;
    }

    /// Says that the page was sent something it hasn't answered. Pasted keys wait for that: fields
    /// for codes move the focus a moment after each key, and a page under load takes keys first.
    pub fn page_is_busy(&mut self) {
        self.busy_since.get_or_insert(self.now);
    }

    /// Says that the page has answered everything. A slow one gets more time for the next key.
    pub fn page_is_at_rest(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        let since = self.busy_since.take();
        self.focus.is_answered(self.now);
        if let (Some(since), Some(Item::Type(typing))) = (since, self.queue.front()) {
            let pause = (self.now.since(since) * 2).clamp(typing.pace(), LONGEST_TYPE_PACE);
            self.pace.key = self.pace.key.max(self.now + pause);
        }
    }

    /// Returns how many events were dropped, by reason.
    pub const fn dropped(&self) -> &Drops {
        &self.drops
    }

    /// Returns the next action that is due, in order.
    ///
    /// `None`: nothing is due before [`deadline`](Self::deadline).
    pub fn pop(&mut self, now: Timestamp) -> Option<Action> {
        self.now = self.now.max(now);
        if self.phase == Phase::Cancelling {
            self.phase = Phase::Finished;
            return Some(Action::Finish(Finish::Cancelled));
        }
        if let Some(release) = self.mouse.release_due() {
            return Some(Action::Mouse(release));
        }
        if self.touches.is_due()
            && let Some(cancel) = self.touches.cancel()
        {
            return Some(Action::Touch(cancel));
        }
        if let Some(release) = self.held.due(self.now) {
            return Some(Action::Key(release));
        }
        while self.gate(self.queue.front()?)? <= self.now {
            let item = self.queue.pop()?;
            let action = self.start(item);
            self.skip_spent();
            if action.is_some() {
                return action;
            }
        }
        None
    }

    /// Returns when [`pop`](Self::pop) has something; a time that has come means now.
    pub fn deadline(&self) -> Option<Timestamp> {
        if self.phase == Phase::Cancelling || self.mouse.is_due() || self.touches.is_due() {
            return Some(self.now);
        }
        let key_up = self.held.next_due(self.now);
        let next = self.queue.front().and_then(|item| self.gate(item));
        key_up.into_iter().chain(next).min()
    }

    /// Tells whether nothing waits and nothing is half-done. What the human holds may be down.
    pub fn is_idle(&self) -> bool {
        self.deadline().is_none() && self.queue.front().is_none()
    }

    /// Tells whether the human is done, and that waits for its turn.
    pub fn is_resolving(&self) -> bool {
        self.phase == Phase::Resolving
    }

    /// Discards what waits. What is half-done is still completed by [`pop`](Self::pop).
    pub fn clear(&mut self) {
        self.queue.clear();
        self.held.discard_waiting();
        self.mouse.discard_waiting();
        self.touches.discard_waiting();
        self.clicks.reset();
        if self.phase == Phase::Resolving {
            self.phase = Phase::Open;
        }
    }

    /// Somebody else's input follows: what the viewer before held goes up in its turn, behind all that
    /// it did, and no click of its counts towards a double click.
    pub fn change_hands(&mut self) {
        self.let_go();
        self.clicks.reset();
    }

    /// Has everything that the viewer holds go up in its turn.
    fn let_go(&mut self) {
        if self.touches.arrive(&[]) {
            self.queue.push(Item::TouchCancel);
        }
        for button in self.mouse.depart_all() {
            self.queue.push(Item::ButtonUp(None, button, NO_MODIFIERS));
        }
        for id in self.held.depart_all() {
            self.queue.push(Item::Release(id, NO_MODIFIERS));
        }
    }

    /// Returns what ends everything half-done: the releases of every finger, button and key that is
    /// down, modifiers last, and of a composition. What waits, waits on.
    pub fn release_all(&mut self) -> Vec<Action> {
        let queue = &mut self.queue;
        let keys = self.held.release_all(|released| queue.forget(released));
        let touch = self.touches.release_all(queue).map(Action::Touch);
        let buttons = self.mouse.release_all(queue).into_iter().map(Action::Mouse);
        let composition = core::mem::take(&mut self.composes).then(no_composition);
        let released = composition
            .into_iter()
            .chain(touch)
            .chain(buttons)
            .chain(keys.into_iter().map(Action::Key))
            .collect();
        self.skip_spent();
        released
    }

    /// Forgets what comes next and has nothing left to do: the release of what is up already.
    fn skip_spent(&mut self) {
        while self.queue.front().is_some_and(|item| self.is_spent(item)) {
            self.queue.pop();
        }
    }

    fn is_spent(&self, item: &Item) -> bool {
        if let Item::ButtonUp(_, button, _) = item {
            !self.mouse.is_down(*button)
        } else if let Item::Touch { fingers, .. } = item {
            self.touches.are(fingers)
        } else {
            matches!(item, Item::TouchCancel) && self.touches.are(&[])
        }
    }

    /// Returns when an item may start; `None` as long as the page has to come to rest first.
    fn gate(&self, item: &Item) -> Option<Timestamp> {
        let is_busy = self.busy_since.is_some();
        let focused = self.focus.settles(is_busy);
        Some(match item {
            Item::Type(_) | Item::Errand(_) if is_busy => return None,
            Item::Press(..)
            | Item::Repeat(..)
            | Item::Character(_)
            | Item::Compose(_)
            | Item::Type(_) => self.pace.key.max(focused),
            Item::Insert(_) | Item::Errand(_) => focused,
            Item::Click { .. } => self.pace.click,
            Item::Scroll { .. } => self.pace.scroll,
            // Chromium gives a drag of the page's own up if the move that begins it is the first since
            // the press, and unanswered.
            Item::Move(..) if is_busy && self.mouse.begins_drag() => {
                self.pace.drag.max(self.pace.moves)
            }
            Item::Move(..) | Item::Touch { moved: true, .. } => self.pace.moves,
            // Chromium begins a drag of the page's own a moment after the move that asks for one, and a
            // release that comes sooner ends nothing.
            Item::ButtonUp(..) if is_busy => self.pace.drag,
            Item::Release(..)
            | Item::ButtonDown { .. }
            | Item::ButtonUp(..)
            | Item::Touch { moved: false, .. }
            | Item::TouchCancel
            | Item::Navigate(_)
            | Item::Resolved => self.now,
        })
    }

    /// Does one step of an item, and puts it back if that wasn't the last.
    fn start(&mut self, item: Item) -> Option<Action> {
        // A key, a click or inserted text ends a composition in the browser, too.
        self.composes &= !item.ends_composition();
        match item {
            Item::Press(id, event, release) => {
                self.pace.key = self.now + KEY_PACE;
                if event.key == "Tab" {
                    self.focus.moves(self.now);
                }
                self.held
                    .pressed(id, &event, release, self.now + KEY_UP_AFTER);
                Some(Action::Key(event))
            }
            Item::Repeat(id, event) => {
                let repeated = self.held.repeated(id, event)?;
                self.pace.key = self.now + KEY_PACE;
                Some(Action::Key(repeated))
            }
            Item::Release(id, modifiers) => self.held.released(id, modifiers).map(Action::Key),
            Item::Character(text) | Item::Insert(text) => {
                self.pace.key = self.now + KEY_PACE;
                Some(Action::InsertText(text))
            }
            Item::Click {
                at,
                button,
                count,
                aimed,
            } => self.click(at, button, count, aimed),
            Item::Scroll {
                at,
                delta_x,
                delta_y,
                modifiers,
            } => {
                self.pace.scroll = self.now + SCROLL_PACE;
                let delta = (delta_x, delta_y);
                Some(Action::Mouse(self.mouse.wheel(at, delta, modifiers)))
            }
            Item::Move(at, modifiers) => {
                self.pace.moves = self.now + MOVE_PACE;
                if self.mouse.is_any_down() {
                    self.pace.drag = self.now + ANSWER_WAIT;
                }
                let next = self.mouse.next_on_the_way(at);
                if next != at {
                    self.queue.push_front(item);
                }
                Some(Action::Mouse(self.mouse.moved(next, modifiers)))
            }
            Item::ButtonDown {
                at,
                button,
                count,
                modifiers,
            } => {
                let aimed = self.mouse.aimed(at, modifiers);
                let event = match aimed {
                    None => {
                        self.composes = false;
                        self.focus.moves(self.now);
                        self.mouse.pressed(at, button, count, modifiers)
                    }
                    Some(aimed) => {
                        self.queue.push_front(item);
                        Some(aimed)
                    }
                };
                event.map(Action::Mouse)
            }
            Item::ButtonUp(at, button, modifiers) => {
                (self.mouse.released(at, button, modifiers)).map(Action::Mouse)
            }
            Item::Touch { fingers, moved } => {
                let event = self.touches.towards(&fingers)?;
                self.pace.moves = self.now + MOVE_PACE;
                self.focus.moves(self.now);
                // There may be more to it than one event.
                self.queue.push_front(Item::Touch { fingers, moved });
                Some(Action::Touch(event))
            }
            Item::TouchCancel => self.touches.cancel().map(Action::Touch),
            Item::Compose(composition) => {
                self.pace.key = self.now + KEY_PACE;
                self.composes = !composition.text.is_empty();
                Some(Action::Compose(Composing {
                    text: composition.text,
                    selection_start: composition.start,
                    selection_end: composition.end,
                }))
            }
            Item::Type(mut typing) => {
                let press = typing.next()?;
                self.pace.key = self.now + typing.pace();
                if !typing.is_done() {
                    self.queue.push_front(Item::Type(typing));
                }
                Some(match press {
                    Press::Key(event) => {
                        self.held.tapped(&event);
                        Action::Key(event)
                    }
                    Press::Text(text) => Action::InsertText(text),
                })
            }
            Item::Errand(errand) => Some(Action::Errand(errand)),
            Item::Navigate(Navigation::Back) => Some(Action::Back),
            Item::Navigate(Navigation::Forward) => Some(Action::Forward),
            Item::Navigate(Navigation::Reload) => Some(Action::Reload),
            Item::Resolved => {
                self.phase = Phase::Finished;
                Some(Action::Finish(Finish::Resolved))
            }
        }
    }
    /// Clicks: moves there, presses, and has the release follow at once.
    fn click(&mut self, at: Point, button: Button, count: u8, aimed: bool) -> Option<Action> {
        if !aimed {
            self.queue.push_front(Item::Click {
                at,
                button,
                count,
                aimed: true,
            });
            return Some(Action::Mouse(self.mouse.moved(at, NO_MODIFIERS)));
        }
        self.pace.click = self.now + CLICK_PACE;
        self.focus.moves(self.now);
        let pressed = self.mouse.pressed(at, button, count, NO_MODIFIERS)?;
        self.mouse.release_next(button);
        Some(Action::Mouse(pressed))
    }
}

fn no_composition() -> Action {
    Action::Compose(Composing {
        text: String::new(),
        selection_start: 0,
        selection_end: 0,
    })
}

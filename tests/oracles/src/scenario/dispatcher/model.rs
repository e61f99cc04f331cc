//! What a dispatcher has to do, told in the protocol's words (protocol version 1, §4): a list of what was
//! accepted, the keys the human holds, and the keys and the button that are down in the browser.
//!
//! It says of each event whether it is dropped and why, and of each action whether it is the next one.

use std::{collections::VecDeque, time::Duration};

use authloop_core::{
    input::{
        Action, Dropped, Drops, Geometry, InputEvent, KeyEvent, KeyEventKind, MouseEvent,
        MouseEventKind, Platform,
        event::{Button, Key, Point},
        limits,
    },
    time::Timestamp,
};

use super::keys::{self, Pressed};

/// How near and how soon another click has to be to count on.
const NEAR: f64 = 4.0;
const SOON: Duration = Duration::from_millis(500);

/// One thing that was accepted, and what is left of it.
enum Due {
    Press(Press),
    Repeat(u64),
    Up(u64, u8),
    Character(String),
    Click {
        at: Point,
        button: Button,
        count: u8,
        aimed: bool,
    },
    Scroll(Point, f64, f64),
    Type {
        rest: String,
        length: usize,
    },
    Insert(String),
    Navigate(Action),
    Resolved,
}

impl Due {
    /// How many bytes of pasted text it holds until it is done.
    fn pasted(&self) -> usize {
        if let Self::Type { length, .. } = self {
            *length
        } else if let Self::Insert(text) = self {
            text.len()
        } else {
            0
        }
    }
}

/// A key that is to go down.
struct Press {
    number: u64,
    told: Pressed,
    goes_up: GoesUp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GoesUp {
    AtOnce,
    OrAfter,
    OnKeyUp,
}

/// A key the human holds.
struct Held {
    number: u64,
    key: Key,
    goes_up: GoesUp,
}

/// A key that is down in the browser.
struct Down {
    number: u64,
    told: Pressed,
    /// When it goes up by itself.
    by_itself: Option<Timestamp>,
}

struct Click {
    time: Timestamp,
    at: Point,
    button: Button,
    count: u8,
}

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
}

/// The reference.
pub(super) struct Model {
    pub(super) now: Timestamp,
    pub(super) platform: Platform,
    pub(super) geometry: Geometry,
    pub(super) drops: Drops,
    phase: Phase,
    due: VecDeque<Due>,
    held: Vec<Held>,
    down: Vec<Down>,
    /// The button that is down, and where.
    button: Option<(Button, Point, u8)>,
    last_click: Option<Click>,
    earliest: Earliest,
    busy: bool,
    numbers: u64,
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            now: Timestamp::default(),
            platform: Platform::default(),
            geometry: Geometry::default(),
            drops: Drops::default(),
            phase: Phase::Open,
            due: VecDeque::new(),
            held: Vec::new(),
            down: Vec::new(),
            button: None,
            last_click: None,
            earliest: Earliest::default(),
            busy: false,
            numbers: 0,
        }
    }

    // What happens.

    /// Takes an event, or says why it is dropped.
    pub(super) fn push(&mut self, event: &InputEvent) -> Result<(), Dropped> {
        let taken = self.accept(event);
        if let Err(why) = taken {
            *counter(&mut self.drops, why) += 1;
        }
        taken
    }

    pub(super) fn set_busy(&mut self, busy: bool) {
        self.busy = busy;
    }

    /// Forgets what waits. What is half-done is completed: the key and the button that are down.
    pub(super) fn clear(&mut self) {
        self.due.clear();
        self.last_click = None;
        let down = &self.down;
        self.held
            .retain(|held| down.iter().any(|down| down.number == held.number));
        for down in &mut self.down {
            if self.held.iter().all(|held| held.number != down.number) {
                down.by_itself = Some(Timestamp::default());
            }
        }
        if self.phase == Phase::Resolving {
            self.phase = Phase::Open;
        }
    }

    /// Lets go of all the viewer before held, in its turn.
    pub(super) fn change_hands(&mut self) {
        while let Some(held) = self.held.pop() {
            self.keyup_arrived(held.number);
            self.due.push_back(Due::Up(held.number, 0));
        }
        self.last_click = None;
    }

    /// Takes what [`Dispatcher::release_all`] returned: nothing may be down after it.
    ///
    /// [`Dispatcher::release_all`]: authloop_core::input::Dispatcher::release_all
    pub(super) fn released_all(&mut self, actions: &[Action]) {
        for action in actions {
            if let Action::Mouse(event) = action {
                self.button_up(event);
                continue;
            }
            let Action::Key(event) = action else {
                unreachable!("only keys and buttons can be down");
            };
            let newest = self.down.pop().expect("a release without a press");
            keys::released(&newest.told, event, newest.told.modifiers_after());
            self.held.retain(|held| held.number != newest.number);
            self.due.retain(|due| {
                let (Due::Up(number, _) | Due::Repeat(number)) = due else {
                    return true;
                };
                *number != newest.number
            });
        }
        self.nothing_is_down();
    }

    /// Nothing is down: neither key nor button.
    pub(super) fn nothing_is_down(&self) {
        assert!(self.down.is_empty(), "a key is still down");
        assert!(self.button.is_none(), "a button is still down");
    }

    // What it says.

    /// Tells whether everything accepted is done, and nothing is half-done.
    pub(super) fn is_done(&self) -> bool {
        let half_done = self.down.iter().any(|down| down.by_itself.is_some());
        self.due.is_empty() && !half_done && self.button.is_none() && !self.is_cancelling()
    }

    /// Tells whether what waits can only go on once the page has come to rest.
    pub(super) fn waits_for_the_page(&self) -> bool {
        self.busy && matches!(self.due.front(), Some(Due::Type { .. }))
    }

    fn is_cancelling(&self) -> bool {
        self.phase == Phase::Cancelling
    }

    /// Takes an action, which has to be the next one.
    pub(super) fn did(&mut self, action: &Action) {
        if self.is_cancelling() {
            assert!(matches!(action, Action::Finish(finish) if is_cancel(*finish)));
            self.phase = Phase::Finished;
            return;
        }
        if self.button.is_some() {
            let Action::Mouse(event) = action else {
                unreachable!("something between press and release");
            };
            return self.button_up(event);
        }
        if let Action::Key(event) = action
            && event.kind == KeyEventKind::KeyUp
            && self.went_up_by_itself(event)
        {
            return;
        }
        let torn = self
            .down
            .iter()
            .any(|down| down.by_itself == Some(Timestamp::default()));
        assert!(!torn, "something between a key's press and its release");
        let due = self.due.pop_front().expect("nothing was left to do");
        self.is_next(due, action);
    }

    fn is_next(&mut self, due: Due, action: &Action) {
        match (due, action) {
            (Due::Press(press), Action::Key(event)) => {
                keys::pressed(&press.told, event);
                self.paced_key(limits::KEY_PACE);
                self.went_down(press.number, press.told, press.goes_up);
            }
            (Due::Repeat(number), Action::Key(event)) => {
                let down = self.down.iter().find(|down| down.number == number);
                keys::repeated(&down.expect("a repeat without a press").told, event);
                self.paced_key(limits::KEY_PACE);
            }
            (Due::Up(number, modifiers), Action::Key(event)) => {
                let place = self.down.iter().position(|down| down.number == number);
                let down = self.down.remove(place.expect("a release without a press"));
                keys::released(&down.told, event, modifiers);
            }
            (Due::Character(text), Action::InsertText(told)) => {
                assert!(text == *told, "another text");
                self.paced_key(limits::KEY_PACE);
            }
            (Due::Insert(text), Action::InsertText(told)) => {
                assert!(text == *told, "a paste has to arrive whole");
                // It doesn't wait for its turn in time, but the next key does.
                self.earliest.key = self.now + limits::KEY_PACE;
            }
            (Due::Type { rest, length }, action) => self.typed(&rest, length, action),
            (
                Due::Click {
                    at,
                    button,
                    count,
                    aimed,
                },
                Action::Mouse(event),
            ) => self.clicked(at, button, count, aimed, event),
            (Due::Scroll(at, x, y), Action::Mouse(event)) => {
                assert!(event.kind == MouseEventKind::MouseWheel && is_at(event, at));
                assert_eq!((event.delta_x, event.delta_y), (Some(x), Some(y)));
                assert!(self.earliest.scroll <= self.now, "the wheel turns too fast");
                self.earliest.scroll = self.now + limits::SCROLL_PACE;
            }
            (Due::Navigate(expected), action) => assert!(expected == *action, "another way"),
            (Due::Resolved, Action::Finish(finish)) => {
                assert!(!is_cancel(*finish), "another end");
                self.phase = Phase::Finished;
            }
            _ => unreachable!("it isn't its turn"),
        }
    }

    // Keys.

    fn went_down(&mut self, number: u64, told: Pressed, goes_up: GoesUp) {
        let is_held = self.held.iter().any(|held| held.number == number);
        let by_itself = match goes_up {
            GoesUp::AtOnce => Some(Timestamp::default()),
            // Its keyup may have arrived already, and comes in its turn.
            GoesUp::OrAfter if is_held => Some(self.now + limits::KEY_UP_AFTER),
            GoesUp::OrAfter | GoesUp::OnKeyUp => None,
        };
        self.down.push(Down {
            number,
            told,
            by_itself,
        });
    }

    /// Takes the release of a key whose time has come, if there is one.
    fn went_up_by_itself(&mut self, event: &KeyEvent) -> bool {
        let now = self.now;
        let is_due = |down: &Down| down.by_itself.is_some_and(|at| at <= now);
        let Some(place) = self.down.iter().position(is_due) else {
            return false;
        };
        let down = self.down.remove(place);
        keys::released(&down.told, event, down.told.modifiers_after());
        self.held.retain(|held| held.number != down.number);
        true
    }

    /// A key whose keyup has arrived goes up in its turn.
    fn keyup_arrived(&mut self, number: u64) {
        let down = self.down.iter_mut().find(|down| down.number == number);
        if let Some(down) = down {
            down.by_itself = None;
        }
    }

    fn typed(&mut self, rest: &str, length: usize, action: &Action) {
        assert!(!self.busy, "the page isn't at rest");
        let text = if let Action::Key(event) = action {
            let told = keys::typed(event);
            self.numbers += 1;
            self.went_down(self.numbers, told, GoesUp::AtOnce);
            event.text.as_deref().expect("a typed key has a text")
        } else {
            let Action::InsertText(text) = action else {
                unreachable!("a paste is typed or inserted");
            };
            text
        };
        assert!(self.earliest.key <= self.now, "keys are typed too fast");
        let is_code = length <= limits::LONGEST_CODE;
        self.earliest.key = self.now
            + if is_code {
                limits::CODE_PACE
            } else {
                limits::TYPE_PACE
            };
        let rest = rest.strip_prefix(text).expect("a paste arrives in order");
        if !rest.is_empty() {
            let rest = rest.into();
            self.due.push_front(Due::Type { rest, length });
        }
    }

    fn paced_key(&mut self, pace: Duration) {
        assert!(self.earliest.key <= self.now, "keys go too fast");
        self.earliest.key = self.now + pace;
    }

    // The pointer.

    fn clicked(&mut self, at: Point, button: Button, count: u8, aimed: bool, event: &MouseEvent) {
        assert!(is_at(event, at), "another place");
        if !aimed {
            assert!(event.kind == MouseEventKind::MouseMoved && event.buttons == Some(0));
            let aimed = true;
            return self.due.push_front(Due::Click {
                at,
                button,
                count,
                aimed,
            });
        }
        assert_eq!(event.kind, MouseEventKind::MousePressed);
        assert_eq!(
            (event.button, event.click_count),
            (Some(button), Some(count))
        );
        let mask = match button {
            Button::Left => 1,
            Button::Right => 2,
            Button::Middle => 4,
        };
        assert_eq!(event.buttons, Some(mask), "the mask shows what is down");
        assert!(self.earliest.click <= self.now, "clicks go too fast");
        self.earliest.click = self.now + limits::CLICK_PACE;
        self.button = Some((button, at, count));
    }

    fn button_up(&mut self, event: &MouseEvent) {
        let (button, at, count) = self.button.take().expect("a release without a press");
        assert_eq!(event.kind, MouseEventKind::MouseReleased);
        assert_eq!(
            (event.button, event.click_count),
            (Some(button), Some(count))
        );
        assert_eq!(event.buttons, Some(0), "the mask shows what is down");
        assert!(is_at(event, at), "another place");
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
            InputEvent::KeyPress(key) => self.press(key, true)?,
            InputEvent::KeyDown(key) => self.press(key, false)?,
            InputEvent::KeyUp(key) => self.key_up(key)?,
            InputEvent::Click {
                at,
                button,
                click_count,
            } => self.click(*at, *button, click_count.unwrap_or(1))?,
            InputEvent::DoubleClick { at } => self.double_click(*at)?,
            InputEvent::Scroll {
                at,
                delta_x,
                delta_y,
                ..
            } => self.scroll(*at, *delta_x, *delta_y),
            InputEvent::Paste(text) => self.paste(text)?,
            InputEvent::Back => self.navigate(Action::Back)?,
            InputEvent::Forward => self.navigate(Action::Forward)?,
            InputEvent::Reload => self.navigate(Action::Reload)?,
            InputEvent::Resolved => {
                self.phase = Phase::Resolving;
                self.due.push_back(Due::Resolved);
            }
            InputEvent::Cancelled => {
                self.clear();
                self.phase = Phase::Cancelling;
            }
            InputEvent::MouseMove { .. }
            | InputEvent::MouseDown { .. }
            | InputEvent::MouseUp { .. }
            | InputEvent::Touch(_)
            | InputEvent::TouchCancel
            | InputEvent::Compose(_)
            | InputEvent::Commit(_)
            | InputEvent::ReleaseAll
            | _ => unreachable!("no step of this scenario makes it"),
        }
        Ok(())
    }

    fn press(&mut self, key: &Key, is_keypress: bool) -> Result<(), Dropped> {
        let Some(told) = Pressed::of(key, self.platform) else {
            self.room_for_keys(1)?;
            self.due.push_back(Due::Character(key.key.clone()));
            return Ok(());
        };
        let goes_up = match &key.code {
            _ if key.modifiers.meta && !keys::is_modifier(&key.key) => GoesUp::AtOnce,
            None if is_keypress || keys::is_text(key) => GoesUp::AtOnce,
            Some(_) if is_keypress => GoesUp::OrAfter,
            Some(_) | None => GoesUp::OnKeyUp,
        };
        let held = self.held.iter().position(|held| {
            held.key.code.is_some() == key.code.is_some() && keys::are_one(&held.key, key)
        });
        if let Some(place) = held
            && self.held[place].goes_up == GoesUp::OnKeyUp
            && goes_up == GoesUp::OnKeyUp
        {
            self.room_for_keys(1)?;
            self.due.push_back(Due::Repeat(self.held[place].number));
            return Ok(());
        }
        self.room_for_keys(2)?;
        if let Some(place) = held {
            let before = self.held.remove(place);
            self.keyup_arrived(before.number);
            let modifiers = keys::modifiers(key, self.platform);
            self.due.push_back(Due::Up(before.number, modifiers));
        } else if self.held.len() >= limits::MAX_HELD_KEYS {
            return Err(Dropped::Keys);
        }
        self.numbers += 1;
        let number = self.numbers;
        if goes_up != GoesUp::AtOnce {
            self.held.push(Held {
                number,
                key: key.clone(),
                goes_up,
            });
        }
        self.due.push_back(Due::Press(Press {
            number,
            told,
            goes_up,
        }));
        Ok(())
    }

    fn key_up(&mut self, key: &Key) -> Result<(), Dropped> {
        let place = self
            .held
            .iter()
            .position(|held| keys::are_one(&held.key, key));
        let held = self.held.remove(place.ok_or(Dropped::NotDown)?);
        self.keyup_arrived(held.number);
        let modifiers = keys::modifiers(key, self.platform);
        self.due.push_back(Due::Up(held.number, modifiers));
        Ok(())
    }

    fn room_for_keys(&self, more: usize) -> Result<(), Dropped> {
        let waiting = self.waiting(|due| {
            matches!(
                due,
                Due::Press(_) | Due::Repeat(_) | Due::Up(..) | Due::Character(_)
            )
        });
        let fits = waiting + self.held.len() + more <= limits::MAX_KEY_EVENTS;
        fits.then_some(()).ok_or(Dropped::Keys)
    }

    fn click(&mut self, at: Point, button: Button, claimed: u8) -> Result<(), Dropped> {
        self.room_for_clicks(1)?;
        let before = self.near(at).filter(|last| last.button == button);
        let counted = before.map_or(1, |last| last.count + 1);
        let count = counted.max(claimed).min(3);
        self.last_click = Some(Click {
            time: self.now,
            at,
            button,
            count,
        });
        self.push_click(at, button, count);
        Ok(())
    }

    fn double_click(&mut self, at: Point) -> Result<(), Dropped> {
        if self.near(at).is_some_and(|last| last.count >= 2) {
            return Err(Dropped::Repeated);
        }
        self.room_for_clicks(2)?;
        self.last_click = None;
        self.push_click(at, Button::Left, 1);
        self.push_click(at, Button::Left, 2);
        Ok(())
    }

    fn room_for_clicks(&self, more: usize) -> Result<(), Dropped> {
        let waiting = self.waiting(|due| matches!(due, Due::Click { .. }));
        let fits = waiting + more <= limits::MAX_CLICKS;
        fits.then_some(()).ok_or(Dropped::Clicks)
    }

    fn push_click(&mut self, at: Point, button: Button, count: u8) {
        self.due.push_back(Due::Click {
            at: self.place(at),
            button,
            count,
            aimed: false,
        });
    }

    /// The click before, if another here and now counts with it.
    fn near(&self, at: Point) -> Option<&Click> {
        self.last_click.as_ref().filter(|last| {
            let is_near = (at.x - last.at.x).hypot(at.y - last.at.y) <= NEAR;
            is_near && self.now.since(last.time) <= SOON
        })
    }

    fn scroll(&mut self, at: Point, x: f64, y: f64) {
        let at = self.place(at);
        let most = authloop_core::input::event::MAX_WHEEL_DELTA;
        if let Some(Due::Scroll(place, sum_x, sum_y)) = self.due.back_mut() {
            *place = at;
            *sum_x = (*sum_x + x).clamp(-most, most);
            *sum_y = (*sum_y + y).clamp(-most, most);
        } else {
            self.due.push_back(Due::Scroll(at, x, y));
        }
    }

    fn paste(&mut self, text: &str) -> Result<(), Dropped> {
        let pastes = self.waiting(|due| matches!(due, Due::Type { .. } | Due::Insert(_)));
        let lengths = self.due.iter().map(Due::pasted);
        let bytes: usize = lengths.sum();
        if pastes >= limits::MAX_PASTES || bytes + text.len() > limits::MAX_PASTE_BYTES {
            return Err(Dropped::Paste);
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "");
        let text = text.trim_matches('\n');
        let is_plain = !text.contains(['\n', '\t', '\u{2028}', '\u{2029}']);
        match text.len() {
            0 => {}
            length if is_plain && text.chars().count() <= 64 => self.due.push_back(Due::Type {
                rest: text.into(),
                length,
            }),
            _ => self.due.push_back(Due::Insert(text.into())),
        }
        Ok(())
    }

    fn navigate(&mut self, way: Action) -> Result<(), Dropped> {
        let waiting = self.waiting(|due| matches!(due, Due::Navigate(_)));
        if waiting >= limits::MAX_NAVIGATIONS {
            return Err(Dropped::Navigations);
        }
        self.due.push_back(Due::Navigate(way));
        Ok(())
    }

    fn waiting(&self, is: impl Fn(&Due) -> bool) -> usize {
        self.due.iter().filter(|due| is(due)).count()
    }

    fn place(&self, at: Point) -> Point {
        let zoom = self.geometry.page_scale_factor;
        let zoom = if zoom > 0.0 { zoom } else { 1.0 };
        Point {
            x: at.x / zoom,
            y: (at.y - self.geometry.offset_top) / zoom,
        }
    }
}

fn is_at(event: &MouseEvent, at: Point) -> bool {
    (event.x, event.y) == (at.x, at.y)
}

fn is_cancel(finish: authloop_core::input::Finish) -> bool {
    finish == authloop_core::input::Finish::Cancelled
}

fn counter(drops: &mut Drops, why: Dropped) -> &mut u64 {
    match why {
        Dropped::Keys => &mut drops.keys,
        Dropped::Clicks => &mut drops.clicks,
        Dropped::Paste => &mut drops.paste,
        Dropped::Navigations => &mut drops.navigations,
        Dropped::NotDown => &mut drops.not_down,
        Dropped::Repeated => &mut drops.repeated,
        Dropped::Finished => &mut drops.finished,
        Dropped::Pointer | _ => unreachable!("no step of this scenario brings it about"),
    }
}

//! The agent's eyes in the page: a JavaScript world of its own in the page's frame, and in each frame on the way to
//! what has the focus.
//!
//! Only while a viewer is there who is helped with fields: nothing is looked at for anybody else, and nothing is
//! left behind but what hears of refused permissions, which goes with the CDP session and tells nobody meanwhile.
//! What is seen there is told by the page's words at most, never believed.
//!
//! ```text
//! the page's frame ─▶ world ─▶ watched ◀──▶ told by `next`      one call, answered when something has changed
//!                                │ a frame within has the focus
//!                                └─▶ that frame ─▶ world ─▶ watched …
//! lost: navigated, crashed, closed ─▶ after a while, again from the last that is left
//! ```

mod chain;
mod errands;
mod field;
mod keys;
mod picker;
mod place;
mod report;
mod words;

use alloc::format;
use core::time::Duration;

pub(super) use self::chain::Worlds;
use self::{
    chain::World,
    errands::Running,
    field::FieldMessage,
    keys::Keys,
    picker::Picker,
    report::{CursorMessage, Happened, MenuMessage, Report},
};
use super::{Browser, ErrandEnd, News, Purpose};
use crate::{
    agent::{
        board::{SheetId, Topic},
        context::{Context, Timer},
        io::Peer,
    },
    cdp::{
        codec::{NoParams, command},
        runtime::{AddScript, CreateIsolatedWorld, Evaluate, Evaluated, ObjectRef},
        vocabulary::{Answer, Method},
    },
    input::Platform,
    time::Timestamp,
    wire::v2::Cap,
};

/// What the worlds are called in the browser's own tools.
const NAME: &str = "authloop";

/// What runs in them while somebody watches.
const SCRIPT: &str = include_str!("watch.js");

/// What hears of refused permissions, which a page may ask for before it can be watched.
const REFUSALS: &str = concat!(
    "globalThis.authloopRefusals ??= ",
    include_str!("refusals.js"),
    "();"
);

/// Has that run in each document from its beginning, in the same world.
pub(super) const HEAR_REFUSALS: AddScript = AddScript {
    source: REFUSALS,
    world_name: NAME,
};

/// How many frames may be on the way to what has the focus.
const MAX_WORLDS: usize = 16;

/// When what was lost is looked for again; twice as late each time that it is in vain.
const RETRY: Duration = Duration::from_millis(100);
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// How long a page's timers may take to have their turn.
const LONGEST_TURN: Duration = Duration::from_secs(1);

/// What a call is for that makes a world or keeps it, by the world's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent) enum Step {
    /// Which frame is the page's own.
    Root(u32),
    /// The world itself.
    Make(u32),
    /// What is new in it.
    Watch(u32),
    /// The element of the frame within that has the focus.
    Find(u32),
    /// Which frame stands in that element.
    Within(u32),
}

/// A picker that the viewer was shown.
struct Offered {
    sheet: SheetId,
    world: u32,
    serial: u32,
}

impl Browser {
    /// Watches the shown page, if somebody is helped by that, and no other.
    pub(super) fn watch(&mut self, cx: &mut Context) {
        let helped = self.reach.has(Cap::Fields);
        let shown = self.pages.last().filter(|_| helped);
        let shown = shown.map(|page| page.number);
        if self.worlds.page != shown {
            self.leave_worlds(cx, 0);
            self.worlds.page = shown;
            self.resume(cx);
            self.post_focus(cx);
        }
    }

    /// The page shows another document: its worlds are gone.
    pub(super) fn watch_anew(&mut self, cx: &mut Context, page: u16) {
        if self.worlds.page == Some(page) {
            self.leave_worlds(cx, 0);
            self.resume(cx);
        }
    }

    /// A frame's session is gone, and the worlds behind it.
    pub(super) fn lose_session(&mut self, cx: &mut Context, session: &str) -> News<'static> {
        let is_it = |world: &World| world.session.as_ref().is_some_and(|each| each.0 == session);
        match self.worlds.chain.iter().position(is_it) {
            Some(place) => self.lose_from(cx, place),
            None => News::Nothing,
        }
    }

    /// Goes on from the last world that is left.
    fn resume(&mut self, cx: &mut Context) {
        self.worlds.retry = None;
        if self.worlds.page.is_none() {
            return self.arm_worlds(cx);
        }
        match self.worlds.chain.last() {
            None => {
                let session = self.pages.last().and_then(|page| page.session.clone());
                let number = self.worlds.add(session.clone());
                let purpose = Some(Purpose::World(Step::Root(number)));
                let method = Method::PageGetFrameTree;
                self.call(cx, session.as_ref(), method, &NoParams {}, purpose);
            }
            Some(world) if world.inner.is_some() && self.worlds.chain.len() < MAX_WORLDS => {
                let number = world.number;
                let purpose = Purpose::World(Step::Find(number));
                self.evaluate(cx, number, "authloop.frame()", Wanted::Name, purpose);
            }
            Some(_) => {}
        }
        self.arm_worlds(cx);
    }

    /// A call was answered that makes a world or keeps it.
    pub(super) fn on_step(
        &mut self,
        cx: &mut Context,
        step: Step,
        answer: Option<Answer<'_>>,
    ) -> News<'static> {
        match (step, answer) {
            (Step::Root(number), Some(Answer::PageGetFrameTree(tree))) => {
                self.make_world(cx, number, tree.frame_id());
            }
            (Step::Make(number), Some(Answer::PageCreateIsolatedWorld(made))) => {
                if let Some(world) = self.worlds.find(number) {
                    world.context = Some(made.execution_context_id);
                    let is_mac = self.platform == Platform::Mac;
                    let install = format!(
                        "{REFUSALS}globalThis.authloop?.stop();globalThis.authloop={SCRIPT}({is_mac},authloopRefusals);authloop.next()"
                    );
                    self.await_news(cx, number, &install);
                }
            }
            (Step::Watch(number), Some(Answer::RuntimeEvaluate(evaluated))) => {
                return self.on_report(cx, number, evaluated);
            }
            (Step::Find(number), Some(Answer::RuntimeEvaluate(evaluated))) => {
                // Without one the focus is elsewhere by now, of which there will be news.
                if let Some(object_id) = evaluated.object_id() {
                    self.ask_within(cx, number, &object_id);
                }
            }
            (Step::Within(number), Some(Answer::DomDescribeNode(described))) => {
                match described.frame_id() {
                    Some(frame) => self.enter_frame(cx, number, frame),
                    None => self.retry_later(cx),
                }
            }
            (Step::Find(_) | Step::Within(_), _) => self.retry_later(cx),
            (Step::Root(number) | Step::Make(number) | Step::Watch(number), _) => {
                return self.lose_world(cx, number);
            }
        }
        News::Nothing
    }

    fn make_world(&mut self, cx: &mut Context, number: u32, frame_id: &str) {
        let Some(world) = self.worlds.find(number) else {
            return;
        };
        let session = world.session.clone();
        let world = CreateIsolatedWorld {
            frame_id,
            world_name: NAME,
        };
        let purpose = Some(Purpose::World(Step::Make(number)));
        let method = Method::PageCreateIsolatedWorld;
        self.call(cx, session.as_ref(), method, &world, purpose);
    }

    fn ask_within(&mut self, cx: &mut Context, number: u32, object_id: &str) {
        let Some(world) = self.worlds.find(number) else {
            return;
        };
        let (session, element) = (world.session.clone(), ObjectRef { object_id });
        let purpose = Some(Purpose::World(Step::Within(number)));
        let session = session.as_ref();
        self.call(cx, session, Method::DomDescribeNode, &element, purpose);
        self.call(cx, session, Method::RuntimeReleaseObject, &element, None);
    }

    /// The frame that has the focus in a world is known: it gets a world, too.
    fn enter_frame(&mut self, cx: &mut Context, number: u32, frame: &str) {
        let is_last = |world: &&World| world.number == number && world.inner.is_some();
        let Some(outer) = self.worlds.chain.last().filter(is_last) else {
            return;
        };
        // One of another site has a session of its own.
        let session = self.session_of_frame(frame).or(outer.session.clone());
        let number = self.worlds.add(session);
        self.make_world(cx, number, frame);
    }

    fn on_report(
        &mut self,
        cx: &mut Context,
        number: u32,
        evaluated: Evaluated<'_>,
    ) -> News<'static> {
        let report = evaluated.value().map(serde_json::from_value::<Report>);
        let Some(Ok(mut report)) = report else {
            return self.lose_world(cx, number);
        };
        let Some(place) = self.worlds.place(number) else {
            return News::Nothing;
        };
        self.await_news(cx, number, "authloop.next()");
        self.worlds.failures = 0;
        let (picker, happened) = (report.picker.take(), core::mem::take(&mut report.happened));
        let inner = report.frame.map(|frame| frame.serial);
        let had = self.worlds.see(place, report, inner);
        if had != inner {
            self.leave_worlds(cx, place + 1);
            self.resume(cx);
        }
        match picker {
            Some(Some(picker)) => self.offer(cx, number, &picker),
            Some(None) => self.withdraw_offer(cx, |offered| offered.world == number),
            None => {}
        }
        self.post_focus(cx);
        let mut news = News::Nothing;
        for happened in happened {
            match happened {
                Happened::Menu {
                    x,
                    y,
                    selection,
                    editable,
                } => {
                    let at = self.worlds.lies(place);
                    cx.board
                        .tell(&MenuMessage::at(at, x, y, selection, editable));
                }
                Happened::Print => news = News::Notice("print"),
                Happened::Typed => self.worlds.keys.hear(),
                Happened::Refused => news = News::Notice("permission_refused"),
            }
        }
        news
    }

    fn lose_world(&mut self, cx: &mut Context, number: u32) -> News<'static> {
        match self.worlds.place(number) {
            Some(place) => self.lose_from(cx, place),
            None => News::Nothing,
        }
    }

    /// Lets go of the worlds from this place on, and looks for them again.
    fn lose_from(&mut self, cx: &mut Context, place: usize) -> News<'static> {
        let was_on_errand = self.is_on_errand();
        self.leave_worlds(cx, place);
        self.retry_later(cx);
        if was_on_errand && !self.is_on_errand() {
            return News::Errand(ErrandEnd::Quiet);
        }
        News::Nothing
    }

    fn retry_later(&mut self, cx: &mut Context) {
        let doublings = self.worlds.failures.min(10);
        self.worlds.failures += 1;
        let wait = RETRY.saturating_mul(1 << doublings).min(LONGEST_RETRY);
        self.worlds.retry = Some(cx.now + wait);
        self.arm_worlds(cx);
    }

    /// Lets go of the worlds from this place on.
    fn leave_worlds(&mut self, cx: &mut Context, place: usize) {
        let left = self
            .worlds
            .chain
            .split_off(place.min(self.worlds.chain.len()));
        for world in left {
            let number = world.number;
            self.withdraw_offer(cx, |offered| offered.world == number);
            let is_its = |running: &Running| running.is_in(number);
            if self.worlds.errand.as_ref().is_some_and(is_its) {
                self.worlds.errand = None;
                self.calls
                    .forget(|&(_, purpose)| matches!(purpose, Purpose::Errand | Purpose::Press));
            }
            self.calls.forget(
                |&(_, purpose)| matches!(purpose, Purpose::World(step) if step.number() == number),
            );
            if let Some(context_id) = world.context {
                let stop = evaluation(context_id, "authloop.stop()", Wanted::Nothing);
                let method = Method::RuntimeEvaluate;
                self.call(cx, world.session.as_ref(), method, &stop, None);
            }
        }
        if self.worlds.chain.is_empty() {
            self.worlds.retry = None;
            self.worlds.keys = Keys::default();
        }
        self.post_focus(cx);
        self.arm_worlds(cx);
    }

    /// [`Timer::World`] fired.
    pub(in crate::agent) fn on_world_timer(&mut self, cx: &mut Context) -> News<'static> {
        let now = cx.now;
        let is_due = |at: &Timestamp| *at <= now;
        if self.worlds.retry.filter(is_due).is_some() {
            self.resume(cx);
        }
        if self.worlds.turn.filter(is_due).is_some() {
            self.calls.forget(|&(_, purpose)| purpose == Purpose::Turn);
            return self.on_turned(cx);
        }
        self.arm_worlds(cx);
        News::Nothing
    }

    fn arm_worlds(&self, cx: &mut Context) {
        let deadlines = [self.worlds.retry, self.worlds.turn];
        match deadlines.into_iter().flatten().min() {
            Some(at) => cx.timers.set(Timer::World, at),
            None => cx.timers.clear(Timer::World),
        }
        self.arm(cx);
    }

    /// Has the page's own timers take their turn, where typed text goes. Returns whether that is
    /// waited for.
    pub(in crate::agent) fn turn(&mut self, cx: &mut Context) -> bool {
        if self.worlds.turn.is_some() {
            return true;
        }
        let Some(number) = self.worlds.focused() else {
            return false;
        };
        let (turn, wanted) = (Purpose::Turn, Wanted::Nothing);
        if !self.evaluate(cx, number, "authloop.turn()", wanted, turn) {
            return false;
        }
        self.worlds.turn = Some(cx.now + LONGEST_TURN);
        self.arm_worlds(cx);
        true
    }

    pub(super) fn on_turned(&mut self, cx: &mut Context) -> News<'static> {
        self.worlds.turn = None;
        self.arm_worlds(cx);
        News::Turned
    }

    /// Tells whether the page is one for fingers.
    pub(super) fn is_touched(&self) -> bool {
        let seen = self
            .worlds
            .chain
            .first()
            .and_then(|world| world.seen.as_ref());
        seen.is_some_and(|seen| seen.touch)
    }

    // What is told.

    /// Tells where typed text goes, and what the pointer looks like.
    fn post_focus(&self, cx: &mut Context) {
        let Some(page) = self.worlds.page else {
            cx.board.withdraw(Topic::Field);
            return cx.board.withdraw(Topic::Cursor);
        };
        let worlds = &self.worlds;
        let place = worlds.chain.len().saturating_sub(1);
        let seen = worlds.chain.last().and_then(|world| world.seen.as_ref());
        let seen = seen.filter(|seen| seen.frame.is_none());
        let field = seen.and_then(|seen| seen.field.as_ref());
        let field = field.map(|field| (field, worlds.lies(place)));
        cx.board
            .post(cx.now, Topic::Field, &FieldMessage::of(page, field));
        cx.board
            .post(cx.now, Topic::Cursor, &CursorMessage::of(&worlds.cursor));
        self.post_pages(cx);
    }

    fn offer(&mut self, cx: &mut Context, world: u32, picker: &Picker) {
        let serial = picker.serial;
        let is_it = |offered: &Offered| (offered.world, offered.serial) == (world, serial);
        if !self.worlds.offered.as_ref().is_some_and(is_it) {
            self.withdraw_offer(cx, |_| true);
        }
        let offered = self.worlds.offered.get_or_insert_with(|| Offered {
            sheet: cx.board.new_sheet(),
            world,
            serial,
        });
        let sheet = offered.sheet;
        cx.board
            .post(cx.now, Topic::Sheet(sheet), &picker.message(sheet));
    }

    fn withdraw_offer(&mut self, cx: &mut Context, is: impl Fn(&Offered) -> bool) {
        if let Some(offered) = self.worlds.offered.take_if(|offered| is(offered)) {
            cx.board.close_sheet(offered.sheet);
        }
    }

    // Calls.

    /// Waits for what is new in a world, as long as it takes.
    fn await_news(&mut self, cx: &mut Context, number: u32, expression: &str) {
        let world = self.worlds.find(number);
        let place = world.and_then(|world| Some((world.context?, world.session.clone())));
        let Some((context, session)) = place else {
            return;
        };
        let params = evaluation(context, expression, Wanted::Value);
        let method = Method::RuntimeEvaluate;
        let id = self
            .calls
            .hold((method, Purpose::World(Step::Watch(number))));
        let text = command(id, session.as_ref(), method, &params);
        cx.send_text(Peer::Browser, text);
    }

    /// Evaluates something in a world. Returns whether there was one.
    fn evaluate(
        &mut self,
        cx: &mut Context,
        number: u32,
        expression: &str,
        wanted: Wanted,
        purpose: Purpose,
    ) -> bool {
        let world = self.worlds.find(number);
        let place = world.and_then(|world| Some((world.context?, world.session.clone())));
        let Some((context, session)) = place else {
            return false;
        };
        let params = evaluation(context, expression, wanted);
        let (method, purpose) = (Method::RuntimeEvaluate, Some(purpose));
        self.call(cx, session.as_ref(), method, &params, purpose);
        true
    }
}

/// What is wanted of an evaluation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// What it makes.
    Value,
    /// The same, of something that counts as done by the human.
    Deed,
    /// A name for what it finds.
    Name,
    /// That it is over.
    Nothing,
}

const fn evaluation(context_id: i64, expression: &str, wanted: Wanted) -> Evaluate<'_> {
    Evaluate {
        expression,
        context_id,
        return_by_value: !matches!(wanted, Wanted::Name),
        await_promise: !matches!(wanted, Wanted::Name),
        user_gesture: matches!(wanted, Wanted::Deed),
    }
}

impl Step {
    const fn number(self) -> u32 {
        match self {
            Self::Root(number)
            | Self::Make(number)
            | Self::Watch(number)
            | Self::Find(number)
            | Self::Within(number) => number,
        }
    }
}

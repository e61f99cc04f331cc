//! Handing files to the page, once all are there.
//!
//! ```text
//! World ─▶ Probe ─▶ Fill ─▶ Look ─ all there ──┬─▶ Give                       trusted events
//!                            │                 └─▶ Drag: enter, over, drop    the same
//!                            └─ they aren't ─▶ Find ─▶ Carry … ─▶ Make        untrusted ones
//! ```
//!
//! A path that isn't on the browser's disk makes an empty file without a word of an error. So it is tried
//! first on an `<input>` of a world beside the page's, which the page can't see. Where browser and agent
//! share no disk, the bytes go through that world instead, and the events are a script's.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;

use super::{
    Browser, News, Purpose,
    choosers::{Chooser, Place},
};
use crate::{
    agent::{
        context::Context,
        file::FileOp,
        upload::{Refusal, tell_refused},
    },
    cdp::{
        file::{DragData, DragEvent, DragEventKind, SetFileInputFiles},
        runtime::{Argument, CallFunctionOn, CreateIsolatedWorld, Evaluate, ResolveNode},
        vocabulary::{Answer, Method},
    },
};

/// What the world beside the page's is called, which the page doesn't learn.
const WORLD: &str = "authloop files";

/// Makes the `<input>` that is tried first; it is nowhere in the page.
const PROBE: &str = include_str!("handing/probe.js");

/// Tells what it holds.
const SIZES: &str = include_str!("handing/sizes.js");

/// Keeps a part of a file with it.
const KEEP: &str = include_str!("handing/keep.js");

/// Makes files of what was kept, and gives them to the page's `<input>`.
const GIVE: &str = include_str!("handing/give.js");

/// How much of a file is carried at a time, in bytes: no more than is encoded in a moment.
const PART: usize = 24 * 1024;

/// How far handing over has come: what the browser, or the disk, was asked last.
pub(super) enum Hand {
    World,
    Probe { world: i64 },
    Fill { world: i64, probe: String },
    Look { world: i64, probe: String },
    Give,
    Drag(DragEventKind),
    Find { probe: String },
    Carry(Carry),
    Make,
}

/// Files on their way through the browser's socket.
pub(super) struct Carry {
    probe: String,
    /// The page's `<input>`, as that world knows it.
    input: String,
    /// Which file, and how much of it is there.
    file: usize,
    from: u64,
}

/// What is told of a file that is made in the page.
#[derive(Serialize)]
struct Made<'a> {
    name: &'a str,
    r#type: &'a str,
}

impl Browser {
    /// All files of a chooser are there: the page gets them.
    pub(super) fn hand_over(&mut self, cx: &mut Context, serial: u32) {
        let Some(chooser) = self.chooser(serial) else {
            return;
        };
        let frame = chooser.frame.clone();
        self.renew_session(serial);
        let world = CreateIsolatedWorld {
            frame_id: &frame,
            world_name: WORLD,
        };
        let method = Method::PageCreateIsolatedWorld;
        self.step(cx, serial, Hand::World, method, &world);
    }

    /// The browser answered a step.
    pub(super) fn on_handing(
        &mut self,
        cx: &mut Context,
        serial: u32,
        answer: Option<Answer<'_>>,
    ) -> News<'static> {
        let taken = self.chooser(serial).and_then(|chooser| chooser.hand.take());
        if let Some(hand) = taken
            && self.go_on(cx, serial, hand, answer).is_none()
        {
            self.fail(cx, serial, Refusal::Gone);
        }
        News::Nothing
    }

    /// The browser didn't answer a step in time. A page that asks something as soon as it gets its files
    /// doesn't answer before it was answered itself.
    pub(super) fn on_handing_late(&mut self, cx: &mut Context, serial: u32) -> News<'static> {
        let hand = self.chooser(serial).and_then(|chooser| chooser.hand.take());
        match hand {
            Some(Hand::Give | Hand::Make | Hand::Drag(DragEventKind::Drop)) => {
                self.handed_over(cx, serial);
            }
            Some(_) => self.fail(cx, serial, Refusal::Gone),
            None => {}
        }
        News::Nothing
    }

    /// Takes the next step; `None` if there is none after such an answer.
    fn go_on(
        &mut self,
        cx: &mut Context,
        serial: u32,
        hand: Hand,
        answer: Option<Answer<'_>>,
    ) -> Option<()> {
        match (hand, answer?) {
            (Hand::World, Answer::PageCreateIsolatedWorld(made)) => {
                let world = made.execution_context_id;
                let evaluate = Evaluate {
                    expression: PROBE,
                    context_id: world,
                    return_by_value: false,
                    await_promise: false,
                    user_gesture: false,
                };
                let method = Method::RuntimeEvaluate;
                self.step(cx, serial, Hand::Probe { world }, method, &evaluate);
            }
            (Hand::Probe { world }, Answer::RuntimeEvaluate(made)) => {
                let probe = made.object_id()?.to_string();
                let paths = self.chooser(serial)?.upload.paths();
                let object = probe.clone();
                let fill = SetFileInputFiles {
                    files: &paths,
                    backend_node_id: None,
                    object_id: Some(&object),
                };
                let method = Method::DomSetFileInputFiles;
                self.step(cx, serial, Hand::Fill { world, probe }, method, &fill);
            }
            (Hand::Fill { world, probe }, _) => {
                let nothing: [(); 0] = [];
                let object = probe.clone();
                let look = function(SIZES, &object, nothing);
                let method = Method::RuntimeCallFunctionOn;
                self.step(cx, serial, Hand::Look { world, probe }, method, &look);
            }
            (Hand::Look { world, probe }, Answer::RuntimeCallFunctionOn(told)) => {
                let sizes: Vec<u64> = serde_json::from_value(told.value()?).ok()?;
                self.on_sizes(cx, serial, world, probe, &sizes)?;
            }
            (Hand::Give | Hand::Make | Hand::Drag(DragEventKind::Drop), _) => {
                self.handed_over(cx, serial);
            }
            (Hand::Drag(DragEventKind::DragEnter), _) => {
                self.drag(cx, serial, DragEventKind::DragOver)?;
            }
            (Hand::Drag(DragEventKind::DragOver), _) => {
                self.drag(cx, serial, DragEventKind::Drop)?;
            }
            (Hand::Find { probe }, Answer::DomResolveNode(found)) => {
                let input = found.object_id()?.to_string();
                let carry = Carry {
                    probe,
                    input,
                    file: 0,
                    from: 0,
                };
                self.carry(cx, serial, carry)?;
            }
            (Hand::Carry(carry), Answer::RuntimeCallFunctionOn(kept)) if kept.is_done() => {
                self.carry(cx, serial, carry)?;
            }
            _ => return None,
        }
        Some(())
    }

    /// The browser's disk holds files of these sizes at our paths.
    fn on_sizes(
        &mut self,
        cx: &mut Context,
        serial: u32,
        world: i64,
        probe: String,
        sizes: &[u64],
    ) -> Option<()> {
        let chooser = self.chooser(serial)?;
        let files = chooser.upload.files();
        let is_shared = files.iter().map(|file| file.size).eq(sizes.iter().copied());
        match chooser.place {
            Place::Input(node) if is_shared => {
                let files = chooser.files_for_input();
                let give = SetFileInputFiles {
                    files: &files,
                    backend_node_id: Some(node),
                    object_id: None,
                };
                self.step(cx, serial, Hand::Give, Method::DomSetFileInputFiles, &give);
            }
            Place::Input(node) => {
                let find = ResolveNode {
                    backend_node_id: node,
                    execution_context_id: world,
                };
                let method = Method::DomResolveNode;
                self.step(cx, serial, Hand::Find { probe }, method, &find);
            }
            Place::Point(_) if is_shared => self.drag(cx, serial, DragEventKind::DragEnter)?,
            Place::Point(_) => self.fail(cx, serial, Refusal::Elsewhere),
        }
        Some(())
    }

    /// Drags the files over the page, and drops them there. Only what is shown is dropped onto.
    fn drag(&mut self, cx: &mut Context, serial: u32, kind: DragEventKind) -> Option<()> {
        let shown = self.shown_page();
        let chooser = self
            .chooser(serial)
            .filter(|chooser| chooser.page == shown)?;
        let Place::Point(at) = chooser.place else {
            return None;
        };
        let files = chooser.upload.paths();
        let event = DragEvent {
            r#type: kind,
            x: at.x,
            y: at.y,
            data: DragData::files(&files),
        };
        let method = Method::InputDispatchDragEvent;
        self.step(cx, serial, Hand::Drag(kind), method, &event);
        Some(())
    }

    /// Asks the disk for the next part, or has the page's files made once there is none.
    fn carry(&mut self, cx: &mut Context, serial: u32, mut carry: Carry) -> Option<()> {
        let chooser = self.chooser(serial)?;
        let files = chooser.upload.files();
        while files
            .get(carry.file)
            .is_some_and(|file| carry.from >= file.size)
        {
            (carry.file, carry.from) = (carry.file + 1, 0);
        }
        if let Some(file) = files.get(carry.file) {
            let (id, from) = (file.id, carry.from);
            chooser.hand = Some(Hand::Carry(carry));
            cx.file(FileOp::Read {
                id,
                from,
                most: PART,
            });
            return Some(());
        }
        let described = files.iter().map(|file| Made {
            name: &file.name,
            r#type: &file.media_type,
        });
        let described = serde_json::value::to_raw_value(&described.collect::<Vec<_>>()).ok()?;
        let Carry { probe, input, .. } = carry;
        let arguments = (Argument::<()>::ObjectId(&input), Argument::Value(described));
        let give = function(GIVE, &probe, arguments);
        self.step(cx, serial, Hand::Make, Method::RuntimeCallFunctionOn, &give);
        Some(())
    }

    /// The disk brought the part that was asked for.
    pub(super) fn on_read(&mut self, cx: &mut Context, serial: u32, bytes: &[u8]) {
        let taken = self.chooser(serial).and_then(|chooser| chooser.hand.take());
        let Some(Hand::Carry(mut carry)) = taken else {
            return;
        };
        // A file that has become shorter would never end.
        let Some(length) = u64::try_from(bytes.len()).ok().filter(|length| *length > 0) else {
            self.fail(cx, serial, Refusal::Broken);
            return;
        };
        carry.from = carry.from.saturating_add(length);
        let part = STANDARD.encode(bytes);
        let probe = carry.probe.clone();
        let arguments = (Argument::Value(carry.file), Argument::Value(part));
        let keep = function(KEEP, &probe, arguments);
        let method = Method::RuntimeCallFunctionOn;
        self.step(cx, serial, Hand::Carry(carry), method, &keep);
    }

    /// The page has its files. They stay until the session ends: it reads them when it wants to.
    fn handed_over(&mut self, cx: &mut Context, serial: u32) {
        let Some(place) = self.choosers.iter().position(|each| each.serial == serial) else {
            return;
        };
        let chooser = self.choosers.remove(place);
        self.handed = self.handed.saturating_add(chooser.upload.weight());
        cx.board.close_sheet(chooser.upload.sheet());
    }

    /// The page can't be given its files.
    fn fail(&mut self, cx: &mut Context, serial: u32, why: Refusal) {
        if let Some(chooser) = self.chooser(serial) {
            tell_refused(cx, chooser.upload.sheet(), 0, why);
        }
        self.drop_choosers(cx, |chooser| chooser.serial == serial);
    }

    fn step(
        &mut self,
        cx: &mut Context,
        serial: u32,
        hand: Hand,
        method: Method,
        params: &impl Serialize,
    ) {
        let Some(chooser) = self.chooser(serial) else {
            return;
        };
        chooser.hand = Some(hand);
        let session = chooser.session.clone();
        let purpose = Some(Purpose::Handing(serial));
        self.call(cx, session.as_ref(), method, params, purpose);
    }
}

impl Chooser {
    /// Returns what an `<input>` is given: the files, or the folder that they lie in.
    fn files_for_input(&self) -> Vec<String> {
        let paths = self.upload.paths();
        if !self.is_folder {
            return paths;
        }
        let folder = paths.first().zip(self.upload.files().first());
        let folder = folder.and_then(|(path, file)| path.strip_suffix(&file.name));
        let folder = folder.map(|folder| folder.trim_end_matches(['/', '\\']));
        folder.map(ToString::to_string).into_iter().collect()
    }
}

fn function<'a, A: Serialize>(
    function_declaration: &'a str,
    object_id: &'a str,
    arguments: A,
) -> CallFunctionOn<'a, A> {
    CallFunctionOn {
        function_declaration,
        object_id,
        arguments,
        return_by_value: true,
    }
}

//! The disk that files lie on, and what pages are given of it.
//!
//! Each choice has a number, which its files hold, and each place for files one, which its sheet names. So it
//! is known whether a page is given what was picked for it: whole, in order, and nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use authloop_core::agent::{
    file::{FileDone, FileFailure, FileId, FileOp},
    io::Input,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Disk, picking::Choice, world::World};
use crate::{
    chromium::Command,
    scenario::invariants::{memory_is_bounded, no_file_is_left, only_what_was_picked},
};

/// How many files a page may wait for.
const MOST_OF_A_PAGE: usize = 20;

/// Where they lie.
const ROOT: &str = "/disk";

#[derive(Default)]
pub(super) struct Files {
    /// What lies on the disk.
    stored: BTreeMap<FileId, Stored>,
    /// What the agent wants done with it, and the disk hasn't done.
    waiting: VecDeque<FileOp>,
    /// The disk does nothing by itself.
    is_slow: bool,
    /// The browser has another disk.
    is_elsewhere: bool,
    /// The CDP sessions whose choosers the agent hears of.
    intercepted: BTreeSet<String>,
    /// The number of the place that asked last.
    places: i64,
    /// The number of the choice that was made last.
    choices: u32,
    /// The `<input>`s of the agent's own, by their names.
    probes: BTreeMap<String, Probe>,
    /// How many files pages were given, each time.
    pub(super) given: usize,
}

struct Stored {
    folder: u32,
    name: String,
    bytes: Vec<u8>,
}

impl Stored {
    fn path(&self) -> String {
        format!("{ROOT}/{}/{}", self.folder, self.name)
    }
}

#[derive(Default)]
struct Probe {
    /// The paths it was filled with.
    paths: Vec<String>,
    /// What was carried to it.
    kept: BTreeMap<u64, Vec<u8>>,
}

/// What a page is given, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// An `<input>`.
    Input(i64),
    /// A point that files were dropped onto.
    Point,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call<'a> {
    function_declaration: std::borrow::Cow<'a, str>,
    object_id: &'a str,
    #[serde(default)]
    arguments: Vec<Value>,
}

/// The scripts that the agent runs in a world of its own.
enum Script {
    Sizes,
    Keep,
    Give,
    Other,
}

impl Call<'_> {
    fn script(&self) -> Script {
        let is = |part| self.function_declaration.contains(part);
        if is("file.size") {
            Script::Sizes
        } else if is("kept ??=") {
            Script::Keep
        } else if is("DataTransfer") {
            Script::Give
        } else {
            Script::Other
        }
    }
}

impl Files {
    /// The browser is dialled anew: nothing of ours is left in it.
    pub(super) fn browser_dialled(&mut self) {
        self.intercepted.clear();
        self.probes.clear();
    }

    /// The page is gone.
    pub(super) fn gone(&mut self, session: &str) {
        self.intercepted.remove(session);
    }

    /// The agent hears of choosers. Returns the number of the place that asks next.
    pub(super) fn asks(&mut self, session: &str) -> Option<i64> {
        let hears = self.intercepted.contains(session);
        hears.then(|| {
            self.places += 1;
            self.places
        })
    }

    /// A human picks files.
    pub(super) fn next_choice(&mut self, files: u8) -> Choice {
        self.choices += 1;
        Choice::new(self.choices, files)
    }

    /// The agent wants something done with files.
    pub(super) fn wants(&mut self, op: FileOp) {
        if let Some(id) = op.awaited() {
            let waits = |other: &FileOp| other.awaited() == Some(id);
            assert!(!self.waiting.iter().any(waits), "one thing at a time");
        }
        self.waiting.push_back(op);
    }

    /// The disk does what was wanted first, as long as something was: what is answered, or nothing.
    fn does_next(&mut self) -> Option<Option<(FileId, Result<Done, FileFailure>)>> {
        let op = self.waiting.pop_front()?;
        Some(match op {
            FileOp::Create { id, folder, name } => {
                let done = self.create(id, folder, name);
                Some((id, Ok(Done::Created(done))))
            }
            FileOp::Append { id, bytes } => {
                let stored = self.stored.get_mut(&id).expect("a file that is there");
                stored.bytes.extend_from_slice(&bytes);
                Some((id, Ok(Done::Appended)))
            }
            FileOp::Read { id, from, most } => {
                let stored = self.stored.get(&id).expect("a file that is there");
                let from = usize::try_from(from).expect("a place in it");
                let bytes = stored.bytes.get(from..).expect("a place in it");
                let bytes = bytes.get(..most).unwrap_or(bytes).to_vec();
                Some((id, Ok(Done::Read(bytes))))
            }
            FileOp::Remove { id } => {
                self.stored.remove(&id);
                None
            }
            FileOp::RemoveAll => {
                self.stored.clear();
                None
            }
        })
    }

    /// A file's name can't lead anywhere else, and is nobody else's.
    fn create(&mut self, id: FileId, folder: u32, name: String) -> String {
        let is_plain = |each: char| !matches!(each, '/' | '\\' | ':') && !each.is_control();
        let is_name = !name.is_empty() && !name.starts_with("..") && name.chars().all(is_plain);
        assert!(is_name, "no name: {name:?}");
        let is_taken =
            |other: &Stored| other.folder == folder && other.name.eq_ignore_ascii_case(&name);
        assert!(!self.stored.values().any(is_taken), "taken: {name:?}");
        let bytes = Vec::new();
        let stored = Stored {
            folder,
            name,
            bytes,
        };
        let path = stored.path();
        let before = self.stored.insert(id, stored);
        assert!(before.is_none(), "each file has another number");
        path
    }

    /// The browser is told to do something.
    pub(super) fn told<'a>(
        &mut self,
        finished: impl Fn(&Place) -> Vec<&'a Choice>,
        command: &Command<'_>,
    ) {
        match &*command.method {
            "Page.setInterceptFileChooserDialog" => self.intercepts(command),
            "DOM.setFileInputFiles" => {
                let params = command.params();
                if let Some(node) = params["backendNodeId"].as_i64() {
                    let files = self.lie_at(&params["files"]);
                    self.gives(&finished(&Place::Input(node)), &files);
                }
            }
            "Input.dispatchDragEvent" => {
                let files = self.lie_at(&command.params()["data"]["files"]);
                self.gives(&finished(&Place::Point), &files);
            }
            "Runtime.callFunctionOn" => {
                let call: Call<'_> = command.read();
                if let Script::Give = call.script() {
                    let input = call.arguments.first().expect("an input");
                    let node = input["objectId"].as_str().and_then(node_of);
                    let place = Place::Input(node.expect("as it was resolved"));
                    let files = self.carried(call.object_id, &call.arguments[1]);
                    self.gives(&finished(&place), &files);
                }
            }
            _ => {}
        }
    }

    fn intercepts(&mut self, command: &Command<'_>) {
        let session = command.session.as_deref().unwrap_or_default();
        if command.params()["enabled"] == true {
            self.intercepted.insert(session.to_owned());
        } else {
            self.intercepted.remove(session);
        }
    }

    /// What lies at these paths; a folder is all that lies in it, in the order in which it came.
    fn lie_at(&self, paths: &Value) -> Vec<Vec<u8>> {
        let paths = paths.as_array().expect("paths");
        let mut files = Vec::new();
        for path in paths.iter().filter_map(Value::as_str) {
            let is_it =
                |file: &&Stored| file.path() == path || format!("{ROOT}/{}", file.folder) == path;
            let here = self.stored.values().filter(is_it);
            let before = files.len();
            files.extend(here.map(|file| file.bytes.clone()));
            assert!(files.len() > before, "nothing lies at {path}");
        }
        files
    }

    /// What was carried to a browser that has another disk.
    fn carried(&self, probe: &str, described: &Value) -> Vec<Vec<u8>> {
        let described = described["value"].as_array().expect("names");
        let kept = self.probes.get(probe).map(|probe| &probe.kept);
        let bytes = |number| kept.and_then(|kept| kept.get(&number)).cloned();
        (0..)
            .zip(described)
            .map(|(number, _)| bytes(number).unwrap_or_default())
            .collect()
    }

    /// A page is given what a human picked for this place, whole and in order.
    fn gives(&mut self, finished: &[&Choice], files: &[Vec<u8>]) {
        only_what_was_picked(finished.iter().any(|choice| choice.is_made_of(files)));
        self.given += files.len();
    }

    /// What a browser answers; `None` if it has nothing to do with files.
    pub(super) fn answer(&mut self, command: &Command<'_>) -> Option<Value> {
        Some(match &*command.method {
            "Page.createIsolatedWorld" => json!({"executionContextId": 7}),
            "Runtime.evaluate" if command.params()["expression"].as_str()?.contains("'file'") => {
                let probe = format!("probe{}", self.probes.len());
                self.probes.insert(probe.clone(), Probe::default());
                json!({"result": {"type": "object", "objectId": probe}})
            }
            "DOM.describeNode" => {
                let node = command.params()["backendNodeId"].as_i64()?;
                let accept = format!("n{node}");
                let mut attributes = vec!["accept", &accept];
                if node % 4 == 0 {
                    attributes.extend(["webkitdirectory", ""]);
                }
                json!({"node": {"attributes": attributes}})
            }
            "DOM.resolveNode" => {
                let node = command.params()["backendNodeId"].as_i64()?;
                json!({"object": {"objectId": format!("node{node}")}})
            }
            "DOM.setFileInputFiles" => {
                let params = command.params();
                let probe = self.probes.get_mut(params["objectId"].as_str()?)?;
                let paths = params["files"].as_array()?;
                let paths = paths.iter().filter_map(Value::as_str);
                probe.paths = paths.map(str::to_owned).collect();
                json!({})
            }
            "Runtime.callFunctionOn" => self.runs(&command.read())?,
            _ => return None,
        })
    }

    fn runs(&mut self, call: &Call<'_>) -> Option<Value> {
        let size_at = |path: &String| {
            let file = self.stored.values().find(|file| file.path() == *path);
            file.filter(|_| !self.is_elsewhere)
                .map_or(0, |file| file.bytes.len())
        };
        match call.script() {
            Script::Sizes => {
                let probe = self.probes.get(call.object_id)?;
                let sizes: Vec<_> = probe.paths.iter().map(size_at).collect();
                Some(json!({"result": {"type": "object", "value": sizes}}))
            }
            Script::Keep => {
                let probe = self.probes.get_mut(call.object_id)?;
                let number = call.arguments[0]["value"].as_u64()?;
                let part = call.arguments[1]["value"].as_str()?;
                let part = STANDARD.decode(part).expect("base64");
                probe.kept.entry(number).or_default().extend(part);
                Some(json!({"result": {"type": "undefined"}}))
            }
            Script::Give => Some(json!({"result": {"type": "undefined"}})),
            Script::Other => None,
        }
    }

    /// Checks what holds after every step.
    pub(super) fn hold(&self, pages: usize) {
        if self.waiting.is_empty() {
            // What a page was given lies there for as long as it may read it.
            let most = self.given + MOST_OF_A_PAGE * pages;
            memory_is_bounded("files", self.stored.len(), most);
        }
    }

    /// The session is over: nothing of a human's is left.
    pub(super) fn at_the_end(&mut self) {
        while self.does_next().is_some() {}
        no_file_is_left(self.stored.len());
    }
}

/// What the disk did.
enum Done {
    Created(String),
    Appended,
    Read(Vec<u8>),
}

impl World {
    /// Something becomes of what the disk is to do.
    pub(super) fn disk(&mut self, does: Disk) {
        match does {
            Disk::Slow(slow) => self.files.is_slow = slow,
            Disk::Elsewhere(elsewhere) => self.files.is_elsewhere = elsewhere,
            Disk::Next => drop(self.disk_does(None)),
            Disk::Full => drop(self.disk_does(Some(FileFailure::NoRoom))),
            Disk::Broken => drop(self.disk_does(Some(FileFailure::Broken))),
        }
        self.work();
    }

    /// The disk does all that was wanted, unless it is slow; tells whether there was something.
    pub(super) fn serve_files(&mut self) -> bool {
        !self.files.is_slow && self.disk_does(None)
    }

    /// The disk is quick from now on.
    pub(super) const fn disk_is_quick(&mut self) {
        self.files.is_slow = false;
    }

    fn disk_does(&mut self, fails: Option<FileFailure>) -> bool {
        // What couldn't be made isn't there, and what couldn't be written is cut.
        let awaited = self.files.waiting.front().and_then(FileOp::awaited);
        let (id, done) = if let (Some(id), Some(failure)) = (awaited, fails) {
            self.files.waiting.pop_front();
            (id, Err(failure))
        } else {
            match self.files.does_next() {
                None => return false,
                Some(None) => return true,
                Some(Some(answer)) => answer,
            }
        };
        self.tell(|agent, now| {
            let done = match &done {
                Ok(Done::Created(path)) => Ok(FileDone::Created(path)),
                Ok(Done::Appended) => Ok(FileDone::Appended),
                Ok(Done::Read(bytes)) => Ok(FileDone::Read(bytes)),
                Err(failure) => Err(*failure),
            };
            agent.handle(now, Input::File(id, done));
        });
        true
    }
}

/// Returns the number of the node with this name.
fn node_of(object: &str) -> Option<i64> {
    object.strip_prefix("node")?.parse().ok()
}

//! The agent's disk, in memory: what it was asked, what lies on it, and when it answers.

use std::collections::{BTreeMap, VecDeque};

use authloop_core::agent::{
    file::{FileDone, FileFailure, FileId, FileOp},
    io::Input,
};

/// The agent's disk.
#[derive(Default)]
pub struct Disk {
    /// Paths and contents, in the order in which they were made.
    pub files: BTreeMap<u32, (String, Vec<u8>)>,
    /// It takes its time: nothing is answered.
    pub is_slow: bool,
    /// Nothing works, for this reason.
    pub fails: Option<FileFailure>,
    /// The browser runs on another computer.
    pub is_elsewhere: bool,
    /// The page's own `<input>` is given files, and the browser doesn't say so.
    pub gives_in_silence: bool,
    /// The attributes of the page's `<input>`, names and values in turn.
    pub input: Vec<&'static str>,
    waiting: VecDeque<Answer>,
}

/// What the disk has done.
pub struct Answer {
    id: FileId,
    done: Result<Done, FileFailure>,
}

enum Done {
    Created(String),
    Appended,
    Read(Vec<u8>),
}

impl Disk {
    pub fn asked(&mut self, op: FileOp) {
        let (id, done) = match op {
            FileOp::Create { id, folder, name } => {
                let path = format!("/tmp/authloop/{folder}/{name}");
                self.files.insert(id.get(), (path.clone(), Vec::new()));
                (id, Done::Created(path))
            }
            FileOp::Append { id, bytes } => {
                self.file(id).extend_from_slice(&bytes);
                (id, Done::Appended)
            }
            FileOp::Read { id, from, most } => {
                let from = usize::try_from(from).expect("small");
                let rest = self.file(id)[from..].iter();
                (id, Done::Read(rest.take(most).copied().collect()))
            }
            FileOp::Remove { id } => {
                self.files.remove(&id.get());
                return;
            }
            FileOp::RemoveAll => {
                self.files.clear();
                return;
            }
        };
        let done = self.fails.map_or(Ok(done), Err);
        self.waiting.push_back(Answer { id, done });
    }

    pub fn answers(&mut self) -> Option<Answer> {
        if self.is_slow {
            return None;
        }
        self.waiting.pop_front()
    }

    /// The sizes that the browser finds at the paths it was told.
    pub fn seen_by_browser(&self) -> Vec<usize> {
        let sizes = self.files.values().map(|(_, bytes)| bytes.len());
        sizes
            .map(|size| if self.is_elsewhere { 0 } else { size })
            .collect()
    }

    pub fn contents(&self) -> Vec<(&str, &[u8])> {
        let files = self.files.values();
        files
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
            .collect()
    }

    fn file(&mut self, id: FileId) -> &mut Vec<u8> {
        &mut self.files.get_mut(&id.get()).expect("it was made").1
    }
}

impl Answer {
    pub fn input(&self) -> Input<'_> {
        let done = match &self.done {
            Ok(Done::Created(path)) => Ok(FileDone::Created(path)),
            Ok(Done::Appended) => Ok(FileDone::Appended),
            Ok(Done::Read(bytes)) => Ok(FileDone::Read(bytes)),
            Err(why) => Err(*why),
        };
        Input::File(self.id, done)
    }
}

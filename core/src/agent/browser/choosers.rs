//! Where the page waits for files: its choosers, and places that the human dropped files onto.
//!
//! Choosers are told of instead of shown while a viewer is there that can pick files, and only then. A page
//! has one at a time: another one takes the place of the one before. What was picked is handed over in
//! [`handing`](super::handing). What isn't answered does no harm: a page goes on, as if its human took time.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use serde::Serialize;

use super::{Audience, Browser, News, Purpose, handing::Hand};
use crate::{
    agent::{
        board::{SheetId, Topic},
        context::Context,
        file::{FileDone, FileFailure, FileId},
        page_text::page_text,
        upload::{FileDeed, MAX_FILE, MAX_FILES, MAX_SESSION, Refusal, Upload, tell_refused},
    },
    cdp::{
        codec::CdpSession,
        file::{DescribeNode, FileChooserOpened, InterceptFileChooser},
        runtime::NodeDescribed,
        vocabulary::{Answer, Method},
    },
    input::event::Point,
    wire::v2::Cap,
};

/// How many kinds of files are told, and the longest, in characters.
const MAX_KINDS: usize = 32;
const MAX_KIND: usize = 100;

/// Where a page waits for files.
pub(super) struct Chooser {
    /// Tells it from the others, and what was begun for it from what began anew.
    pub(super) serial: u32,
    pub(super) page: u16,
    pub(super) session: Option<CdpSession>,
    pub(super) frame: String,
    pub(super) place: Place,
    /// The page wants a folder.
    pub(super) is_folder: bool,
    pub(super) upload: Upload,
    /// How far handing over has come.
    pub(super) hand: Option<Hand>,
}

/// What files go to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// An `<input>`, by its backend node.
    Input(i64),
    /// A place in the page, in CSS pixels of its viewport.
    Point(Point),
}

/// The message that asks for files, or takes those that were dropped (§7).
#[derive(Serialize)]
struct FilesSheet<'a> {
    r#type: &'static str,
    id: SheetId,
    multiple: bool,
    folder: bool,
    accept: Vec<String>,
    capture: &'a str,
    limit: u64,
    left: u64,
    /// Of files that were dropped: the viewer's number for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<u32>,
}

impl Chooser {
    /// Tells whether it is in a frame that has this session.
    pub(super) fn has_session(&self, session: &str) -> bool {
        self.session.as_ref().is_some_and(|own| own.0 == session)
    }

    /// Tells whether it is in this frame.
    pub(super) fn is_in(&self, frame: &str) -> bool {
        self.frame == frame
    }
}

impl Browser {
    /// Has a page and its frames tell of choosers instead of showing them, or not any more.
    pub(super) fn intercept_choosers(
        &mut self,
        cx: &mut Context,
        page: u16,
        session: Option<&CdpSession>,
        enabled: bool,
    ) {
        let method = Method::PageSetInterceptFileChooserDialog;
        let intercept = InterceptFileChooser { enabled };
        self.call(cx, session, method, &intercept, None);
        for frame in self.sessions_of_frames(page) {
            self.call(cx, Some(&frame), method, &intercept, None);
        }
    }

    /// A frame has got a session.
    pub(super) fn intercept_choosers_of_frame(&mut self, cx: &mut Context, session: &CdpSession) {
        if self.reach.has(Cap::Files) {
            let method = Method::PageSetInterceptFileChooserDialog;
            let intercept = InterceptFileChooser { enabled: true };
            self.call(cx, Some(session), method, &intercept, None);
        }
    }

    /// The page wants files.
    pub(super) fn on_chooser(
        &mut self,
        cx: &mut Context,
        session: Option<&str>,
        opened: &FileChooserOpened<'_>,
    ) {
        let page = self.page_that_holds(session);
        // Without an element, nothing can be handed over.
        let (Some(page), Some(node)) = (page, opened.backend_node_id) else {
            return;
        };
        if !self.reach.has(Cap::Files) {
            return;
        }
        let most = if opened.mode == "selectMultiple" {
            MAX_FILES
        } else {
            1
        };
        let session = session.map(|session| CdpSession(session.into()));
        let frame = opened.frame_id.to_string();
        let serial = self.open_chooser(cx, page, session, frame, Place::Input(node), most);
        let Some(chooser) = self.chooser(serial) else {
            return;
        };
        let session = chooser.session.clone();
        let describe = DescribeNode {
            backend_node_id: node,
        };
        let purpose = Some(Purpose::Chooser(serial));
        self.call(
            cx,
            session.as_ref(),
            Method::DomDescribeNode,
            &describe,
            purpose,
        );
    }

    /// The browser told what a chooser takes, or won't: then anything.
    pub(super) fn on_chooser_known(
        &mut self,
        cx: &mut Context,
        serial: u32,
        answer: Option<Answer<'_>>,
    ) -> News<'static> {
        let left = self.left();
        let Some(chooser) = self.choosers.iter_mut().find(|each| each.serial == serial) else {
            return News::Nothing;
        };
        let node = match &answer {
            Some(Answer::DomDescribeNode(node)) => Some(node),
            _ => None,
        };
        let attribute = |name| node.and_then(|node: &NodeDescribed<'_>| node.attribute(name));
        chooser.is_folder = attribute("webkitdirectory").is_some();
        if chooser.is_folder {
            chooser.upload = Upload::new(chooser.upload.sheet(), MAX_FILES);
        }
        let kinds = attribute("accept").unwrap_or_default().split(',');
        let kinds = kinds.map(str::trim).filter(|kind| !kind.is_empty());
        let id = chooser.upload.sheet();
        let sheet = FilesSheet {
            r#type: "files",
            id,
            multiple: chooser.upload.takes_many(),
            folder: chooser.is_folder,
            accept: kinds
                .take(MAX_KINDS)
                .map(|kind| page_text(kind, MAX_KIND))
                .collect(),
            capture: match attribute("capture") {
                Some("user") => "user",
                Some(_) => "environment",
                None => "",
            },
            limit: MAX_FILE,
            left,
            choice: None,
        };
        cx.board.post(cx.now, Topic::Sheet(id), &sheet);
        News::Nothing
    }

    /// The human dropped files onto the page: the viewer may send them.
    pub(in crate::agent) fn on_drop(&mut self, cx: &mut Context, choice: u32, at: Point) {
        let Some(page) = self.pages.last() else {
            return;
        };
        // A page's main frame has the number of its target.
        let (number, session) = (page.number, page.session.clone());
        let frame = page.target.clone();
        let place = Place::Point(at);
        let serial = self.open_chooser(cx, number, session, frame, place, MAX_FILES);
        let left = self.left();
        let Some(chooser) = self.chooser(serial) else {
            return;
        };
        let id = chooser.upload.sheet();
        let sheet = FilesSheet {
            r#type: "files",
            id,
            multiple: true,
            folder: false,
            accept: Vec::new(),
            capture: "",
            limit: MAX_FILE,
            left,
            choice: Some(choice),
        };
        cx.board.post(cx.now, Topic::Sheet(id), &sheet);
    }

    /// Begins to wait for files, instead of what that page waited for before. Returns its serial number.
    fn open_chooser(
        &mut self,
        cx: &mut Context,
        page: u16,
        session: Option<CdpSession>,
        frame: String,
        place: Place,
        most: usize,
    ) -> u32 {
        self.drop_choosers(cx, |chooser| chooser.page == page);
        let serial = self.new_chooser_serial();
        self.choosers.push(Chooser {
            serial,
            page,
            session,
            frame,
            place,
            is_folder: false,
            upload: Upload::new(cx.board.new_sheet(), most),
            hand: None,
        });
        serial
    }

    /// Who is there has changed. What is picked but not handed over waits for the same viewer, which may
    /// load its page again; for one that can't pick, it is over.
    pub(super) fn attend_choosers(&mut self, cx: &mut Context) {
        for place in 0..self.choosers.len() {
            let serial = self.new_chooser_serial();
            let chooser = self.choosers.get_mut(place);
            if let Some(chooser) = chooser.filter(|chooser| chooser.hand.is_some()) {
                // What is answered from here on of that is nobody's.
                (chooser.serial, chooser.hand) = (serial, None);
            }
        }
        if self.audience != Audience::Nobody && !self.reach.has(Cap::Files) {
            self.drop_choosers(cx, |_| true);
        }
    }

    fn new_chooser_serial(&mut self) -> u32 {
        self.chooser_serial = self.chooser_serial.wrapping_add(1);
        self.chooser_serial
    }

    /// The human picks, or picks none. What isn't asked for any more is answered so.
    pub(in crate::agent) fn on_file_deed(&mut self, cx: &mut Context, deed: &FileDeed) {
        let Some(sheet) = deed.sheet() else {
            return;
        };
        let left = self.left();
        let is_it = |chooser: &&mut Chooser| chooser.upload.sheet() == sheet;
        let Some(chooser) = self.choosers.iter_mut().find(is_it) else {
            if let FileDeed::Announced(_) | FileDeed::Done(_) = deed {
                tell_refused(cx, sheet, 0, Refusal::Gone);
            }
            return;
        };
        // What is being handed over is the page's already.
        if chooser.hand.is_some() {
            return;
        }
        let upload = &mut chooser.upload;
        let serial = chooser.serial;
        match deed {
            FileDeed::Announced(said) => {
                let left = left.saturating_add(upload.weight());
                upload.announce(cx, said, left);
            }
            FileDeed::Chunk(chunk) => upload.append(cx, chunk),
            FileDeed::Done(_) if upload.is_complete() => self.hand_over(cx, serial),
            FileDeed::Done(_) => upload.refuse(cx, 0, Refusal::Broken),
            FileDeed::Cancel(_) => self.drop_choosers(cx, |chooser| chooser.serial == serial),
            FileDeed::Dropped(_) => {}
        }
    }

    /// The disk did something for one of the files.
    pub(in crate::agent) fn on_file(
        &mut self,
        cx: &mut Context,
        id: FileId,
        answer: &Result<FileDone<'_>, FileFailure>,
    ) {
        let mut choosers = self.choosers.iter_mut();
        let serial = choosers.find_map(|chooser| {
            let is_it = chooser.upload.on_disk(cx, id, answer);
            is_it.then_some(chooser.serial)
        });
        if let (Some(serial), Ok(FileDone::Read(bytes))) = (serial, answer) {
            self.on_read(cx, serial, bytes);
        }
    }

    /// The page doesn't wait any more: it shows something else, or has its files.
    pub(super) fn drop_choosers(&mut self, cx: &mut Context, is_it: impl Fn(&Chooser) -> bool) {
        let (over, waiting): (Vec<_>, Vec<_>) = core::mem::take(&mut self.choosers)
            .into_iter()
            .partition(is_it);
        self.choosers = waiting;
        for mut chooser in over {
            chooser.upload.discard(cx);
            cx.board.close_sheet(chooser.upload.sheet());
        }
    }

    /// Returns how many bytes the session has left for files.
    fn left(&self) -> u64 {
        let waiting: u64 = self.choosers.iter().map(|each| each.upload.weight()).sum();
        MAX_SESSION.saturating_sub(self.handed.saturating_add(waiting))
    }

    /// Frames of other sites lose their sessions while nobody is there, and get others.
    pub(super) fn renew_session(&mut self, serial: u32) {
        let frame = self.chooser(serial).map(|chooser| chooser.frame.clone());
        let session = frame.and_then(|frame| self.session_of_frame(&frame));
        if let (Some(session), Some(chooser)) = (session, self.chooser(serial)) {
            chooser.session = Some(session);
        }
    }

    pub(super) fn chooser(&mut self, serial: u32) -> Option<&mut Chooser> {
        self.choosers.iter_mut().find(|each| each.serial == serial)
    }
}

//! A viewer that picks files for the page, and sends them as the viewer page does: in parts, of which one is
//! un-acknowledged.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::files::Place;
use crate::truth::WORDS;

/// How large files are, in bytes.
const SIZES: [usize; 4] = [40, 0, 12_000, 25_000];

/// The largest part, in bytes.
const PART: usize = 12_000;

/// What files are called. Some are called alike, and some are no names.
const NAMES: [&str; 4] = ["a.pdf", "A.PDF", "../..", "C:\\b\n.txt"];

/// A sheet that wants files.
#[derive(Deserialize)]
pub(super) struct Chooser {
    pub(super) id: u32,
    accept: Vec<String>,
    /// The viewer's own number, if it dropped them.
    pub(super) choice: Option<u32>,
}

impl Chooser {
    /// What it is for; `None` if nobody could tell the agent.
    fn place(&self) -> Option<Place> {
        if self.choice.is_some() {
            return Some(Place::Point);
        }
        let node = self.accept.first()?.strip_prefix('n')?;
        node.parse().ok().map(Place::Input)
    }
}

/// What was picked.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) number: u32,
    sizes: Vec<usize>,
    /// For what it was picked, if that is known.
    place: Option<Place>,
}

impl Choice {
    pub(super) fn new(number: u32, files: u8) -> Self {
        let of = 1 + usize::from(files % 3);
        let sizes = SIZES.iter().cycle().skip(usize::from(files / 3));
        Self {
            number,
            sizes: sizes.copied().take(of).collect(),
            place: None,
        }
    }

    /// Tells whether it may have been picked for this place.
    pub(super) fn is_for(&self, place: &Place) -> bool {
        self.place.is_none_or(|own| own == *place)
    }

    /// Tells whether these are its files.
    pub(super) fn is_made_of(&self, files: &[Vec<u8>]) -> bool {
        let own = (0..self.sizes.len()).map(|n| self.content(n));
        own.eq(files.iter().cloned())
    }

    fn content(&self, n: usize) -> Vec<u8> {
        let words = format!("{WORDS} {}.{n} ", self.number);
        let size = self.sizes.get(n).copied().unwrap_or_default();
        words.into_bytes().into_iter().cycle().take(size).collect()
    }
}

/// A choice on its way.
pub(super) struct Picking {
    pub(super) choice: Choice,
    /// The sheet, once there is one.
    sheet: Option<u32>,
    /// Which file is being sent.
    n: usize,
}

/// So many bytes of a file have arrived.
#[derive(Deserialize)]
pub(super) struct Got {
    id: u32,
    n: usize,
    got: usize,
}

impl Picking {
    pub(super) const fn new(choice: Choice) -> Self {
        Self {
            choice,
            sheet: None,
            n: 0,
        }
    }

    /// Tells whether it is this sheet's.
    pub(super) fn is_of(&self, sheet: u32) -> bool {
        self.sheet == Some(sheet)
    }

    /// Tells whether a sheet is the answer to files that were dropped.
    pub(super) fn awaits(&self, chooser: &Chooser) -> bool {
        self.sheet.is_none() && chooser.choice == Some(self.choice.number)
    }

    /// Begins, or goes on after the line was lost. Returns what is said.
    pub(super) fn begins(&mut self, chooser: &Chooser) -> String {
        self.sheet = Some(chooser.id);
        self.choice.place = chooser.place();
        self.says_next()
    }

    /// Says what the next file is, or that all are there.
    pub(super) fn says_next(&self) -> String {
        let sheet = self.sheet.unwrap_or_default();
        let Some(size) = self.choice.sizes.get(self.n) else {
            return format!(r#"{{"type":"files_done","id":{sheet}}}"#);
        };
        let (n, of, choice) = (self.n, self.choice.sizes.len(), self.choice.number);
        let name = NAMES[n % NAMES.len()]
            .replace('\\', r"\\")
            .replace('\n', r"\n");
        format!(
            r#"{{"type":"file","id":{sheet},"n":{n},"of":{of},"choice":{choice},"name":"{name}","mime":"text/plain","size":{size}}}"#
        )
    }

    /// Tells whether all was sent.
    pub(super) fn is_sent(&self) -> bool {
        self.n >= self.choice.sizes.len()
    }

    /// Something arrived. Returns what is said next.
    pub(super) fn goes_on(&mut self, got: &Got) -> Option<String> {
        let size = *self.choice.sizes.get(self.n)?;
        if !self.is_of(got.id) || got.n != self.n {
            return None;
        }
        assert!(got.got <= size, "more arrived than there is");
        if got.got < size {
            return Some(self.part(got.got));
        }
        self.n += 1;
        Some(self.says_next())
    }

    /// What isn't due, or was said before.
    pub(super) fn mistake(&self, number: u8) -> String {
        let (sheet, choice) = (self.sheet.unwrap_or_default(), self.choice.number);
        match number % 6 {
            0 => self.says_next(),
            1 => format!(r#"{{"type":"files_done","id":{sheet}}}"#),
            2 => format!(r#"{{"type":"files_cancel","id":{sheet}}}"#),
            3 => self.part(usize::from(number)),
            4 => format!(
                r#"{{"type":"file","id":{sheet},"n":0,"of":21,"choice":{choice},"name":"","mime":"","size":1}}"#
            ),
            _ => format!(
                r#"{{"type":"file","id":{sheet},"n":0,"of":1,"choice":{},"name":"","mime":"","size":26214401}}"#,
                u32::MAX
            ),
        }
    }

    /// A part of the file that is being sent.
    fn part(&self, offset: usize) -> String {
        let content = self.choice.content(self.n);
        let rest = content.get(offset..).unwrap_or_default();
        let data = STANDARD.encode(rest.get(..PART).unwrap_or(rest));
        let (sheet, n) = (self.sheet.unwrap_or_default(), self.n);
        format!(r#"{{"type":"file_chunk","id":{sheet},"n":{n},"offset":{offset},"data":"{data}"}}"#)
    }
}

//! What a viewer says of files (§6). No `Debug`: it holds names and contents.

use alloc::{borrow::Cow, string::String, vec::Vec};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::MAX_CHUNK;
use crate::{
    agent::board::SheetId,
    input::{
        InputEvent, InvalidEvent, Stamped,
        event::{Button, MAX_COORDINATE, Point},
    },
};

/// The longest name, in UTF-16 units.
const MAX_NAME_UNITS: usize = 1_000;

/// The longest chunk in base64, in characters.
const MAX_BASE64: usize = MAX_CHUNK.div_ceil(3) * 4;

/// Something said of files.
pub(in crate::agent) enum FileDeed {
    /// What the next file of a choice is.
    Announced(Announced),
    /// A part of it.
    Chunk(Chunk),
    /// All are there: the page may have them.
    Done(SheetId),
    /// The human picks none.
    Cancel(SheetId),
    /// Files were dropped onto the picture.
    Dropped(Dropped),
}

/// What the next file of a choice is.
pub(in crate::agent) struct Announced {
    pub(in crate::agent) sheet: SheetId,
    /// Its place in the choice, from 0.
    pub(in crate::agent) n: u16,
    /// How many files the choice has.
    pub(in crate::agent) of: u16,
    /// The viewer's number for the choice: another one begins anew.
    pub(in crate::agent) choice: u32,
    pub(in crate::agent) name: String,
    pub(in crate::agent) media_type: String,
    /// In bytes.
    pub(in crate::agent) size: u64,
}

/// A part of a file.
pub(in crate::agent) struct Chunk {
    pub(in crate::agent) sheet: SheetId,
    pub(in crate::agent) n: u16,
    /// Behind so many bytes.
    pub(in crate::agent) offset: u64,
    /// `None` if they can't be read.
    pub(in crate::agent) bytes: Option<Zeroizing<Vec<u8>>>,
}

/// Files were dropped onto the picture.
pub(in crate::agent) struct Dropped {
    /// The viewer's number for the choice.
    pub(in crate::agent) choice: u32,
    /// Where, as a click there would have been: what it is judged by.
    pub(in crate::agent) click: Stamped,
    pub(in crate::agent) at: Point,
}

impl FileDeed {
    /// Reads what is said under a name.
    ///
    /// # Errors
    /// As those of [`Deed::parse`](crate::agent::deed::Deed::parse).
    pub(in crate::agent) fn parse(kind: &str, json: &[u8]) -> Result<Self, InvalidEvent> {
        match kind {
            "file" => announced(json).map(Self::Announced),
            "file_chunk" => chunk(json).map(Self::Chunk),
            "files_done" => sheet(json).map(Self::Done),
            "files_cancel" => sheet(json).map(Self::Cancel),
            "files_drop" => dropped(json).map(Self::Dropped),
            _ => Err(InvalidEvent::UnknownType),
        }
    }

    /// Returns the sheet that it is about, if there is one yet.
    pub(in crate::agent) const fn sheet(&self) -> Option<SheetId> {
        match self {
            Self::Announced(Announced { sheet, .. })
            | Self::Chunk(Chunk { sheet, .. })
            | Self::Done(sheet)
            | Self::Cancel(sheet) => Some(*sheet),
            Self::Dropped(_) => None,
        }
    }
}

fn announced(json: &[u8]) -> Result<Announced, InvalidEvent> {
    #[derive(Deserialize)]
    struct File {
        id: SheetId,
        n: u16,
        of: u16,
        choice: u32,
        name: String,
        mime: String,
        size: u64,
    }
    let said: File = read(json)?;
    if said.name.encode_utf16().count() > MAX_NAME_UNITS {
        return Err(InvalidEvent::Text);
    }
    Ok(Announced {
        sheet: said.id,
        n: said.n,
        of: said.of,
        choice: said.choice,
        name: said.name,
        media_type: said.mime,
        size: said.size,
    })
}

fn chunk(json: &[u8]) -> Result<Chunk, InvalidEvent> {
    #[derive(Deserialize)]
    struct FileChunk<'a> {
        id: SheetId,
        n: u16,
        offset: u64,
        #[serde(borrow)]
        data: Cow<'a, str>,
    }
    let said: FileChunk<'_> = read(json)?;
    let data = Some(said.data).filter(|data| data.len() <= MAX_BASE64);
    Ok(Chunk {
        sheet: said.id,
        n: said.n,
        offset: said.offset,
        bytes: data.and_then(|data| STANDARD.decode(data.as_bytes()).ok().map(Zeroizing::new)),
    })
}

fn sheet(json: &[u8]) -> Result<SheetId, InvalidEvent> {
    #[derive(Deserialize)]
    struct Files {
        id: SheetId,
    }
    let Files { id } = read(json)?;
    Ok(id)
}

fn dropped(json: &[u8]) -> Result<Dropped, InvalidEvent> {
    #[derive(Deserialize)]
    struct FilesDrop {
        choice: u32,
        x: f64,
        y: f64,
        #[serde(default)]
        seen: Option<u64>,
        #[serde(default)]
        at: Option<u32>,
    }
    let said: FilesDrop = read(json)?;
    let is_inside = |number: f64| (0.0..=MAX_COORDINATE).contains(&number);
    if !is_inside(said.x) || !is_inside(said.y) {
        return Err(InvalidEvent::Coordinates);
    }
    let at = Point {
        x: said.x,
        y: said.y,
    };
    let event = InputEvent::Click {
        at,
        button: Button::Left,
        click_count: None,
    };
    Ok(Dropped {
        choice: said.choice,
        click: Stamped {
            event,
            seen: said.seen,
            at: said.at,
        },
        at,
    })
}

fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, InvalidEvent> {
    serde_json::from_slice(json).map_err(|_| InvalidEvent::Json)
}

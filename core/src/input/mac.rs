//! A Mac's editing keys: on macOS, where the system, not Chromium, turns keys into commands, and
//! elsewhere, for hands that are used to a Mac.
//!
//! Without a name in `commands`, Cmd+C or an arrow key does nothing on macOS.

use alloc::string::String;

use crate::input::{
    action::KeyEvent,
    event::{Key, Modifiers},
};

const ALT: u8 = 1;
const META: u8 = 4;
const SHIFT: u8 = 8;

/// Returns the commands that belong to a key on macOS, by its key code and modifiers.
pub(super) fn commands(event: &KeyEvent) -> &'static [&'static str] {
    let shift = event.modifiers & SHIFT != 0;
    match (event.modifiers & !SHIFT, event.key.as_str()) {
        (META, key) if key.len() == 1 => shortcut(event.windows_virtual_key_code, shift),
        (0, key) => plain(key, shift),
        (ALT, key) => by_word(key, shift),
        (META, key) => to_the_end(key, shift),
        _ => &[],
    }
}

/// Returns what moves and deletes elsewhere as this key with Cmd or Option does on a Mac, with the
/// commands it needs for that; `None` if it is the same there. No other keyboard has Meta here, and Alt
/// with these keys does nothing in other systems' fields.
pub(super) fn elsewhere(key: &Key) -> Option<(Key, &'static [&'static str])> {
    let Modifiers {
        alt, ctrl, meta, ..
    } = key.modifiers;
    let (name, by_ctrl, commands): (_, _, &[_]) = match (meta, alt, key.key.as_str()) {
        _ if ctrl => return None,
        (true, false, "ArrowLeft") => ("Home", false, &[]),
        (true, false, "ArrowRight") => ("End", false, &[]),
        (true, false, "ArrowUp") => ("Home", true, &[]),
        (true, false, "ArrowDown") => ("End", true, &[]),
        (true, false, "Backspace") => ("Backspace", false, &["deleteToBeginningOfLine"]),
        (false, true, name @ ("ArrowLeft" | "ArrowRight" | "Backspace" | "Delete")) => {
            (name, true, &[])
        }
        _ => return None,
    };
    let translated = Key {
        key: String::from(name),
        code: Some(String::from(name)),
        modifiers: Modifiers {
            ctrl: by_ctrl,
            shift: key.modifiers.shift,
            ..Modifiers::default()
        },
        ..key.clone()
    };
    Some((translated, commands))
}

fn shortcut(virtual_key_code: u16, shift: bool) -> &'static [&'static str] {
    match (virtual_key_code, shift) {
        (65, false) => &["selectAll"],
        (67, false) => &["copy"],
        (86, _) => &["paste"],
        (88, false) => &["cut"],
        (89, false) | (90, true) => &["redo"],
        (90, false) => &["undo"],
        _ => &[],
    }
}

fn plain(key: &str, shift: bool) -> &'static [&'static str] {
    match (key, shift) {
        ("ArrowLeft", false) => &["moveLeft"],
        ("ArrowLeft", true) => &["moveLeftAndModifySelection"],
        ("ArrowRight", false) => &["moveRight"],
        ("ArrowRight", true) => &["moveRightAndModifySelection"],
        ("ArrowUp", false) => &["moveUp"],
        ("ArrowUp", true) => &["moveUpAndModifySelection"],
        ("ArrowDown", false) => &["moveDown"],
        ("ArrowDown", true) => &["moveDownAndModifySelection"],
        ("Backspace", _) => &["deleteBackward"],
        ("Delete", _) => &["deleteForward"],
        ("Home", false) => &["scrollToBeginningOfDocument"],
        ("Home", true) => &["moveToBeginningOfDocumentAndModifySelection"],
        ("End", false) => &["scrollToEndOfDocument"],
        ("End", true) => &["moveToEndOfDocumentAndModifySelection"],
        ("PageUp", false) => &["scrollPageUp"],
        ("PageUp", true) => &["pageUpAndModifySelection"],
        ("PageDown", false) => &["scrollPageDown"],
        ("PageDown", true) => &["pageDownAndModifySelection"],
        _ => &[],
    }
}

fn by_word(key: &str, shift: bool) -> &'static [&'static str] {
    match (key, shift) {
        ("ArrowLeft", false) => &["moveWordLeft"],
        ("ArrowLeft", true) => &["moveWordLeftAndModifySelection"],
        ("ArrowRight", false) => &["moveWordRight"],
        ("ArrowRight", true) => &["moveWordRightAndModifySelection"],
        ("Backspace", _) => &["deleteWordBackward"],
        ("Delete", _) => &["deleteWordForward"],
        _ => &[],
    }
}

fn to_the_end(key: &str, shift: bool) -> &'static [&'static str] {
    match (key, shift) {
        ("ArrowLeft", false) => &["moveToLeftEndOfLine"],
        ("ArrowLeft", true) => &["moveToLeftEndOfLineAndModifySelection"],
        ("ArrowRight", false) => &["moveToRightEndOfLine"],
        ("ArrowRight", true) => &["moveToRightEndOfLineAndModifySelection"],
        ("ArrowUp", false) => &["moveToBeginningOfDocument"],
        ("ArrowUp", true) => &["moveToBeginningOfDocumentAndModifySelection"],
        ("ArrowDown", false) => &["moveToEndOfDocument"],
        ("ArrowDown", true) => &["moveToEndOfDocumentAndModifySelection"],
        ("Backspace", _) => &["deleteToBeginningOfLine"],
        _ => &[],
    }
}

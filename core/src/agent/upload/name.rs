//! What a human's file is called on the agent's disk, and what the page is told it is.
//!
//! The viewer names it, so nothing of it is believed: it can't lead out of its folder, hide, or turn the text
//! around it. What is left is the human's own name for it, which pages show and servers keep.

use alloc::{format, string::String};

use crate::agent::page_text::page_text;

/// The longest name, in bytes: file systems take 255.
const MAX_NAME: usize = 200;

/// The longest ending that is kept when a name is cut, in bytes, with its dot.
const MAX_ENDING: usize = 20;

/// The longest media type, in bytes.
const MAX_MEDIA_TYPE: usize = 100;

/// What a file is called that has no name.
const NAMELESS: &str = "file";

/// Returns a name that is nothing but a name.
pub(super) fn file_name(said: &str) -> String {
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = page_text(last, said.len());
    let plain: String = shown
        .chars()
        .map(|character| match character {
            ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\n' => '_',
            other => other,
        })
        .collect();
    let name = plain.trim().trim_end_matches(['.', ' ']);
    if name.is_empty() {
        return NAMELESS.into();
    }
    let (stem, ending) = parts(name);
    format!("{}{ending}", cut(stem, MAX_NAME - ending.len()))
}

/// Returns the name, or one like it that isn't taken.
pub(super) fn unused(name: String, is_taken: impl Fn(&str) -> bool) -> String {
    let (stem, ending) = parts(&name);
    let others = (2_u32..).map(|number| {
        let number = format!(" ({number})");
        let stem = cut(stem, MAX_NAME - ending.len() - number.len());
        format!("{stem}{number}{ending}")
    });
    core::iter::once(name.clone())
        .chain(others)
        .find(|name| !is_taken(name))
        .unwrap_or_default()
}

/// Returns a media type if it looks like one, and else none.
pub(super) fn media_type(said: &str) -> &str {
    let is_word = |word: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte);
        !word.is_empty() && word.bytes().all(is_plain)
    };
    match said.split_once('/') {
        Some((kind, sub)) if said.len() <= MAX_MEDIA_TYPE && is_word(kind) && is_word(sub) => said,
        _ => "",
    }
}

/// Splits a name before its ending, if it has a short one.
fn parts(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= MAX_ENDING => {
            name.split_at_checked(dot).unwrap_or((name, ""))
        }
        _ => (name, ""),
    }
}

/// Cuts a text to so many bytes, between characters.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else_and_hides_nothing() {
        for (said, is) in [
            ("passport.jpg", "passport.jpg"),
            ("Reisepaß März 🛂.pdf", "Reisepaß März 🛂.pdf"),
            ("/etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("..", "file"),
            ("a/..", "file"),
            ("", "file"),
            (" . ", "file"),
            ("a\0b\n.txt", "ab_.txt"),
            ("gpj\u{202e}.exe", "gpj.exe"),
            ("C:evil|name?.txt", "C_evil_name_.txt"),
            (".env", ".env"),
            ("trailing. .", "trailing"),
        ] {
            assert_eq!(file_name(said), is, "{said:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_and_keeps_its_ending() {
        let name = file_name(&format!("{}.jpeg", "ä".repeat(500)));
        assert!(name.len() <= MAX_NAME && name.ends_with("ä.jpeg"), "{name}");
        let name = file_name(&format!("a.{}", "b".repeat(500)));
        assert_eq!(name.len(), MAX_NAME);
    }

    #[test]
    fn two_files_of_one_name_get_two() {
        let taken = ["scan.pdf", "scan (2).pdf"];
        let is_taken = |name: &str| taken.contains(&name);
        assert_eq!(unused("scan.pdf".into(), is_taken), "scan (3).pdf");
        assert_eq!(unused("other.pdf".into(), is_taken), "other.pdf");
        let long = file_name(&"x".repeat(300));
        let second = unused(long.clone(), |name| name == long);
        assert!(
            second.len() <= MAX_NAME && second.ends_with("x (2)"),
            "{second}"
        );
    }

    #[test]
    fn a_media_type_is_one_or_none() {
        for said in ["image/jpeg", "application/vnd.ms-excel", "image/svg+xml"] {
            assert_eq!(media_type(said), said);
        }
        for said in [
            "",
            "image",
            "/",
            "image/",
            "text/html; charset=x",
            "a/b/c",
            "a/\u{e4}",
        ] {
            assert_eq!(media_type(said), "", "{said:?}");
        }
    }
}

//! Text that comes from the page and is shown to a human: bounded, and without what could make it
//! look like something else.

use alloc::string::String;

/// What is left of longer text, in characters, ends with this.
const CUT: char = '…';

/// Takes at most `most` characters of a page's text. Control characters but the line end, and those
/// that change the direction of what follows, are left out.
pub(super) fn page_text(text: &str, most: usize) -> String {
    let mut shown = text.chars().filter(|character| is_shown(*character));
    let mut taken: String = shown.by_ref().take(most).collect();
    if shown.next().is_some() {
        taken.pop();
        taken.push(CUT);
    }
    taken
}

const fn is_shown(character: char) -> bool {
    !matches!(
        character,
        '\0'..='\x09' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}'
            // Unicode's directional formatting characters (UAX #9, §2).
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Separators that a viewer might break lines at, interlinear annotations, and the byte order mark.
            | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_and_shows_it() {
        assert_eq!(page_text("abc", 3), "abc");
        assert_eq!(page_text("abcd", 3), "ab…");
        assert_eq!(page_text("äöüß", 3), "äö…");
        assert_eq!(page_text("abc", 0), "…");
        assert_eq!(page_text("", 0), "");
    }

    #[test]
    fn nothing_turns_the_text_around() {
        assert_eq!(
            page_text("a\u{202e}b\u{2066}c\u{200f}\0\x1b[31m\u{85}", 99),
            "abc[31m"
        );
        assert_eq!(page_text("one\r\ntwo", 99), "one\ntwo");
    }

    #[test]
    fn joined_emoji_stay_whole() {
        assert_eq!(
            page_text("👩\u{200d}👩\u{200d}👧", 99),
            "👩\u{200d}👩\u{200d}👧"
        );
    }
}

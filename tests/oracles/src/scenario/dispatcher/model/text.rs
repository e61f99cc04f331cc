//! Texts: what is pasted, and what an input method composes and commits. None of them ends a line of its
//! own, which would submit a form.

use authloop_core::input::{Composing, Dropped, event::Composition, limits};

use super::{
    Model,
    due::{Due, Typed},
};

/// The longest text that is typed, in characters.
const LONGEST_TYPED: usize = 64;

impl Model {
    pub(super) fn paste(&mut self, text: &str) -> Result<(), Dropped> {
        self.room_for_text(text.len())?;
        let text = cleaned(text);
        let is_typed = text.chars().nth(LONGEST_TYPED).is_none()
            && !text.contains(['\n', '\t', '\u{2028}', '\u{2029}']);
        if text.is_empty() {
            // Nothing is left to do.
        } else if is_typed {
            self.due.push(Due::Type(Typed { text, done: 0 }));
        } else {
            self.due.push(Due::Insert(text));
        }
        Ok(())
    }

    pub(super) fn compose(&mut self, composition: &Composition) -> Result<(), Dropped> {
        self.room_for_text(composition.text.len())?;
        let text = cleaned(&composition.text);
        let end = u32::try_from(text.encode_utf16().count()).expect("short");
        let (start, end) = if text == composition.text {
            (composition.start, composition.end)
        } else {
            // What was selected isn't there any more.
            (end, end)
        };
        // Only how it stands now is shown.
        if let Some(Due::Compose(_)) = self.due.newest() {
            self.due.take_newest();
        }
        self.due
            .push(Due::Compose(Composition { text, start, end }));
        Ok(())
    }

    pub(super) fn commit(&mut self, text: &str) -> Result<(), Dropped> {
        let text = cleaned(text);
        if text.is_empty() {
            return self.compose(&Composition {
                text,
                start: 0,
                end: 0,
            });
        }
        self.room_for_text(text.len())?;
        self.due.push(Due::Insert(text));
        Ok(())
    }

    fn room_for_text(&self, bytes: usize) -> Result<(), Dropped> {
        let waits = &self.due.waits;
        let fits =
            waits.texts < limits::MAX_PASTES && waits.bytes + bytes <= limits::MAX_PASTE_BYTES;
        fits.then_some(()).ok_or(Dropped::Paste)
    }

    /// Takes what the browser is told of a composition.
    pub(super) fn composes(&mut self, composition: &Composition, told: &Composing) {
        let selection = (told.selection_start, told.selection_end);
        assert_eq!(selection, (composition.start, composition.end));
        assert!(composition.text == told.text, "another text");
        self.composes = !told.text.is_empty();
        self.paced_key(limits::KEY_PACE);
    }

    /// Takes what ends a composition that nobody ended.
    pub(super) fn composition_ends(&mut self, told: &Composing) {
        assert!(self.composes, "nothing was composed");
        assert!(told.text.is_empty() && told.selection_start == 0 && told.selection_end == 0);
        self.composes = false;
    }
}

/// Ends lines as pages do, leaves no other control characters but tabs, and no line end outside.
fn cleaned(text: &str) -> String {
    let is_clean = |byte: u8| (b' '..0x7F).contains(&byte);
    if text.bytes().all(is_clean) {
        return text.to_owned();
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "");
    text.trim_matches('\n').to_owned()
}

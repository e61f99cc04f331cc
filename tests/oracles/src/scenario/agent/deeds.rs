//! What viewers do: each event noted as done before it is sealed, with what was seen and when.

use authloop_core::wire::{v1::Outgoing, v2::Cap};

use super::{Act, Deed, Version, picking::Picking, sheets::Sheet, world::World};
use crate::{script, truth::WORDS};

/// Keys that are held.
const KEYS: [[&str; 2]; 4] = [
    ["Shift", "ShiftLeft"],
    ["a", "KeyA"],
    ["Enter", "Enter"],
    ["Control", "ControlLeft"],
];

/// Events that are no press.
const OTHERS: [&str; 5] = [
    r#"{"type":"scroll","x":1,"y":1,"deltaX":0,"deltaY":9}"#,
    r#"{"type":"back"}"#,
    r#"{"type":"forward"}"#,
    r#"{"type":"reload"}"#,
    r#"{"type":"keyup","key":"q","code":"KeyQ"}"#,
];

/// What may be said besides input; the rest of the object is anything.
const CONTROLS: [&str; 6] = ["heartbeat", "takeover", "ping", "refresh", "ready", "x"];

impl World {
    /// A viewer does something besides input.
    pub(super) fn does(&mut self, second: bool, deed: &Deed) {
        let now = self.at();
        let viewer = &mut self.viewers[usize::from(second)];
        match deed {
            Deed::Join {
                pin,
                resume,
                sheets,
                files,
                fields,
            } => {
                let caps = [
                    (Cap::Sheets, sheets),
                    (Cap::Files, files),
                    (Cap::Fields, fields),
                ];
                let caps = caps.iter().filter_map(|(cap, has)| has.then_some(*cap));
                let caps: Vec<_> = caps.collect();
                return self.join(second, *pin, *resume, &caps);
            }
            Deed::Disconnect => return self.disconnect(second),
            Deed::Control(bytes) => {
                let (kind, rest) = bytes.split_first().unwrap_or((&0, &[]));
                let kind = script::pick(&CONTROLS, *kind).copied().unwrap_or_default();
                let rest = String::from_utf8_lossy(rest);
                viewer.controls(now, format!(r#"{{"type":"{kind}"{rest}}}"#).as_bytes());
            }
            Deed::Ack { frame, waiting } => {
                viewer.acks(now, u64::from(*frame), u16::from(*waiting));
            }
            Deed::Hide(hidden) => {
                viewer.is_hidden = *hidden;
                viewer.beats(now);
            }
            Deed::Diligent(diligent) => viewer.is_diligent = *diligent,
            Deed::Leave => {
                let epoch = viewer.epoch.as_mut();
                let left = epoch.and_then(|epoch| epoch.seal_left(now).ok());
                viewer.outbox.extend(left);
            }
            Deed::Nonsense(bytes) => {
                // What has no type is no event, however it is spelt.
                if !bytes.contains(&b'\\') && memchr::memmem::find(bytes, b"type").is_none() {
                    self.seal(second, bytes);
                }
            }
        }
        self.work();
    }

    /// An event, noted as done before it is sealed.
    pub(super) fn acts(&mut self, second: bool, act: Act) {
        if !self.viewers[usize::from(second)].can_seal(self.version) {
            return;
        }
        let Some(mut event) = self.json_of(second, act) else {
            return;
        };
        // It is an object, and its stamps come last.
        event.pop();
        let now = self.at();
        let viewer = &self.viewers[usize::from(second)];
        if let Some(seen) = viewer.seen {
            event.push_str(&format!(r#","seen":{seen}"#));
        }
        if let Some((clock, then)) = viewer.clock {
            let since = u32::try_from(now.since(then).as_millis()).unwrap_or(u32::MAX);
            let at = clock.wrapping_add(since);
            event.push_str(&format!(r#","at":{at}"#));
        }
        event.push('}');
        self.seal(second, event.as_bytes());
        self.work();
    }

    /// The event's JSON, without its stamps.
    fn json_of(&mut self, second: bool, act: Act) -> Option<String> {
        let truth = &mut self.model.truth;
        Some(match act {
            Act::Click { double } => {
                let x = truth.presses(second, 1 + u8::from(double));
                let kind = if double { "dblclick" } else { "click" };
                format!(r#"{{"type":"{kind}","x":{x},"y":5}}"#)
            }
            Act::Type => {
                truth.keys += 1;
                r#"{"type":"keypress","key":"a","code":"KeyA"}"#.into()
            }
            Act::Hold { key, down } => {
                let [key, code] = script::pick(&KEYS, key).copied().unwrap_or_default();
                truth.keys += u32::from(down);
                let kind = if down { "keydown" } else { "keyup" };
                format!(r#"{{"type":"{kind}","key":"{key}","code":"{code}"}}"#)
            }
            Act::Paste => {
                let text = truth.paste(second).replace('\n', r"\n");
                format!(r#"{{"type":"paste","text":"{text}"}}"#)
            }
            Act::Other(number) => (*script::pick(&OTHERS, number)?).into(),
            Act::Answer { which, yes, texts } => self.answer_to_page(second, which, yes, texts),
            Act::Tab(which) => {
                let tabs = &self.viewers[usize::from(second)].screen.tabs;
                let page = script::pick(tabs, which).copied();
                let page = page.unwrap_or_else(|| which.into());
                format!(r#"{{"type":"tab","page":{page}}}"#)
            }
            Act::Pick { which, files } => self.picks(second, which, files)?,
            Act::Drop { files } => self.drops(second, files),
            Act::Mispick(number) => self.mispicks(second, number)?,
            Act::Errand { what, which } => self.errand(second, what, which),
            Act::Finish(0..16) => {
                truth.asked_to_resolve = true;
                r#"{"type":"resolved"}"#.into()
            }
            Act::Finish(16..32) => {
                truth.asked_to_cancel = true;
                r#"{"type":"cancelled"}"#.into()
            }
            Act::Finish(_) => return None,
        })
    }

    /// The answer to a sheet that is shown; without any, to one that may be.
    fn answer_to_page(&mut self, second: bool, which: u8, yes: bool, texts: bool) -> String {
        let shown = script::pick(&self.viewers[usize::from(second)].screen.sheets, which);
        let (id, to) = shown.map_or((which.into(), None), |sheet| (sheet.id, sheet.question()));
        let asks = &mut self.model.asks;
        if shown.map_or(which.is_multiple_of(2), Sheet::is_auth) {
            if !yes {
                return format!(r#"{{"type":"auth_answer","id":{id}}}"#);
            }
            let number = asks.proves(to);
            return format!(
                r#"{{"type":"auth_answer","id":{id},"username":"U{number}","password":"{WORDS}{number}"}}"#
            );
        }
        let text = asks.answers(to, yes, texts);
        let text = text.map_or(String::new(), |text| format!(r#","text":"{text}""#));
        format!(r#"{{"type":"dialog_answer","id":{id},"accept":{yes}{text}}}"#)
    }

    /// Picks files for a page that waits for some, instead of what was picked before.
    fn picks(&mut self, second: bool, which: u8, files: u8) -> Option<String> {
        let viewer = &mut self.viewers[usize::from(second)];
        let chooser = script::pick(&viewer.screen.choosers, which)?;
        let mut picking = Picking::new(self.files.next_choice(files));
        let said = picking.begins(chooser);
        viewer.screen.picking = Some(picking);
        Some(said)
    }

    /// Drops files onto the picture.
    fn drops(&mut self, second: bool, files: u8) -> String {
        let choice = self.files.next_choice(files);
        let said = format!(
            r#"{{"type":"files_drop","choice":{},"x":1,"y":5}}"#,
            choice.number
        );
        self.viewers[usize::from(second)].screen.picking = Some(Picking::new(choice));
        said
    }

    /// What takes more than events.
    fn errand(&self, second: bool, what: u8, which: u8) -> String {
        let pickers = &self.viewers[usize::from(second)].screen.pickers;
        let id = script::pick(pickers, which).copied();
        let id = id.unwrap_or_else(|| which.into());
        match what % 5 {
            0 => r#"{"type":"open_picker"}"#.into(),
            1 => r#"{"type":"copy"}"#.into(),
            2 => format!(r#"{{"type":"picker_answer","id":{id},"chosen":[0,7]}}"#),
            3 => format!(r#"{{"type":"picker_answer","id":{id},"value":"2026-11-24"}}"#),
            _ => format!(r#"{{"type":"picker_answer","id":{id}}}"#),
        }
    }

    /// Says of what it picked what isn't due, or what it said before.
    fn mispicks(&mut self, second: bool, number: u8) -> Option<String> {
        let viewer = &mut self.viewers[usize::from(second)];
        let picking = viewer.screen.picking.as_ref()?;
        let said = picking.mistake(number);
        if said.contains("files_done") {
            viewer.screen.finishes();
        }
        Some(said)
    }

    /// Seals a viewer's words as input, and sends them.
    fn seal(&mut self, second: bool, json: &[u8]) {
        let now = self.at();
        let viewer = &mut self.viewers[usize::from(second)];
        match self.version {
            Version::V1 => {
                let random = &mut viewer.random;
                let sealer = viewer.sealer.as_ref();
                let Some(payload) = sealer.and_then(|sealer| sealer.seal(random, json).ok()) else {
                    return;
                };
                if viewer.chan.is_some() {
                    let text = Outgoing::Encrypted { payload }.to_text();
                    self.remember(text.as_bytes());
                    self.stream_says(&text);
                }
            }
            Version::V2 => {
                let epoch = viewer.epoch.as_mut();
                let sealed = epoch.and_then(|epoch| epoch.seal_input(now, json).ok());
                viewer.outbox.extend(sealed);
            }
        }
    }
}

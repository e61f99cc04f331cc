//! The browser: what its page does, how calls end, and what no browser would say.

use authloop_core::agent::io::{Input, Peer};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Answer, Page,
    world::{Line, World},
};
use crate::{
    chromium::{Command, EVENTS},
    scenario::invariants::a_second_answer_says_nothing,
    script,
};

/// What a message may be shaped like, around what stands for its parameters.
const SHAPES: [[&str; 2]; 8] = [
    [
        r#"{"method":"Page.screencastFrame","sessionId":"S","params":"#,
        "}",
    ],
    [
        r#"{"method":"Page.screencastFrame","sessionId":"S","params":{"data":"PICTURE","sessionId":1,"metadata":"#,
        "}}",
    ],
    [
        r#"{"method":"Page.frameNavigated","sessionId":"S","params":"#,
        "}",
    ],
    [
        r#"{"method":"Target.targetCreated","params":{"targetInfo":"#,
        "}}",
    ],
    [
        r#"{"method":"Page.javascriptDialogOpening","sessionId":"S","params":"#,
        "}",
    ],
    [r#"{"method":"Inspector.detached","params":"#, "}"],
    [r#"{"id":4,"result":"#, "}"],
    [r#"{"id":"#, r#","result":{}}"#],
];

impl World {
    pub(super) fn page(&mut self, page: &Page) {
        match page {
            Page::Paint => {
                let truth = &mut self.model.truth;
                if let Some(event) = self.chromium.paint(|| truth.paint()) {
                    self.browser_says(&event);
                }
            }
            Page::Navigate => {
                let event = self.chromium.navigate();
                self.browser_says(&event);
            }
            Page::Event(number) => self.happens(*number),
            Page::Silent(silent) => {
                self.is_silent = *silent;
                self.work();
            }
            Page::Answer { which, how } => self.ends_call(*which, *how),
            // Only what was painted is a picture here, and only what happens opens a page.
            Page::Text(text) if text.contains("screencast") || text.contains("opener") => {}
            Page::Text(text) => {
                self.model.lost_browser |= may_lose(text);
                self.browser_says(text);
            }
            Page::Shaped { shape, text } => self.says_shaped(*shape, text),
            Page::Binary(bytes) => {
                if self.browser == Line::Up {
                    self.hear(|agent, now| agent.handle(now, Input::Binary(Peer::Browser, bytes)));
                }
            }
        }
    }

    fn happens(&mut self, number: u8) {
        let event = script::pick(&EVENTS, number).copied().unwrap_or_default();
        if event.contains(r#""targetId":"T2","type""#) {
            self.model.opened("T2", "T");
        } else if event.contains(r#""targetId":"T4""#) {
            self.model.opened("T4", "T2");
        }
        self.model.lost_browser |= may_lose(event);
        self.browser_says(event);
    }

    fn says_shaped(&mut self, shape: u8, text: &str) {
        let [before, after] = script::pick(&SHAPES, shape).copied().unwrap_or_default();
        let claims = ["data", "opener", "\\"];
        if claims.iter().any(|word| text.contains(word)) {
            return;
        }
        let picture = before.contains("PICTURE").then(|| self.model.truth.paint());
        let picture = STANDARD.encode(picture.unwrap_or_default());
        let before = before.replace("PICTURE", &picture);
        self.model.lost_browser |= may_lose(&before);
        self.browser_says(&format!("{before}{text}{after}"));
    }

    pub(super) fn browser_says(&mut self, text: &str) {
        if self.browser == Line::Up {
            self.hear(|agent, now| agent.handle(now, Input::Text(Peer::Browser, text)));
        }
    }

    pub(super) fn answer_to(&mut self, command: &str) -> String {
        self.chromium.answer(&Command::parse(command))
    }

    fn ends_call(&mut self, which: u8, how: Answer) {
        if self.browser != Line::Up {
            return;
        }
        let place = usize::from(which).checked_rem(self.unanswered.len());
        let Some(command) = place.and_then(|place| self.unanswered.remove(place)) else {
            return;
        };
        let id = Command::parse(&command).id;
        match how {
            Answer::Well => {
                let answer = self.answer_to(&command);
                self.browser_says(&answer);
            }
            Answer::Twice => {
                let answer = self.answer_to(&command);
                self.browser_says(&answer);
                self.says_again(&answer);
            }
            Answer::Refused => {
                self.browser_says(&format!(
                    r#"{{"id":{id},"error":{{"code":-32000,"message":"no"}}}}"#
                ));
            }
            Answer::Strange => {
                let result = r#"{"targetInfo":{"targetId":"X","type":"other"},"frameTree":7}"#;
                self.browser_says(&format!(r#"{{"id":{id},"result":{result}}}"#));
            }
            Answer::Never => {}
        }
    }

    /// An answer that was given is given once more.
    fn says_again(&mut self, answer: &str) {
        self.input(|| Input::Tick);
        let at = self.at();
        self.agent
            .tell(|agent| agent.handle(at, Input::Text(Peer::Browser, answer)));
        a_second_answer_says_nothing(self.deadline, &self.agent.drain());
    }
}

/// Tells whether a message may say that a page is gone: what is gone can't be told to let go.
fn may_lose(text: &str) -> bool {
    ["Destroyed", "Crashed", "etached", "\\"]
        .iter()
        .any(|word| text.contains(word))
}

//! The browser: what its page does, how calls end, and what no browser would say.

use authloop_core::agent::io::{Input, Peer};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Answer, Page, Question,
    asks::DEFAULT,
    world::{Line, World},
};
use crate::{
    chromium::{Command, EVENTS, PAGE},
    scenario::invariants::a_second_answer_says_nothing,
    script,
    truth::WORDS,
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
            Page::Asks { page, what } => self.asks(*page, *what),
            Page::Chooser { page, many } => self.opens_chooser(*page, *many),
            Page::Reports { which, what, text } => self.reports(*which, *what, text),
            Page::Manner(manner) => self.goes_about(*manner),
            Page::PopUp { opener } => self.opens(*opener),
            Page::Closes(which) => self.closes(*which),
            Page::Silent(silent) => {
                self.is_silent = *silent;
                self.work();
            }
            Page::Answer { which, how } => self.ends_call(*which, *how),
            // Only what was painted is a picture here, and only what happens opens a page.
            Page::Text(text) if text.contains("screencast") || text.contains("opener") => {}
            Page::Text(text) => {
                self.model.asks.is_wild |= may_ask(text);
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
        // What pages ask has steps of its own.
        if event.contains("Dialog") {
            return;
        }
        self.model.lost_browser |= may_lose(event);
        let target = ["T2", "T4"].into_iter().find(|target| {
            let told = format!(r#""targetId":"{target}","type""#);
            event.contains(&told)
        });
        if let Some(target) = target {
            // A target is told of once, and no other is ever called so.
            if !self.told_of.insert(target) {
                return;
            }
            self.model
                .opened(target, if target == "T2" { PAGE } else { "T2" });
            self.pages.push(target.into());
        } else if event.contains("targetDestroyed") || event.contains("detachedFromTarget") {
            self.is_gone(if event.contains('2') { "T2" } else { PAGE });
        }
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
        self.model.asks.is_wild |= may_ask(&before);
        self.model.lost_browser |= may_lose(&before);
        self.browser_says(&format!("{before}{text}{after}"));
    }

    /// A page asks something, or what it asked was answered by somebody else.
    fn asks(&mut self, page: u8, what: Question) {
        let sessions = &self.chromium.sessions;
        let Some(session) = script::pick(sessions, page).cloned() else {
            return;
        };
        if self.browser != Line::Up {
            return;
        }
        let asks = &mut self.model.asks;
        match what {
            Question::Dialog(kind) => {
                if let Some((number, kind)) = asks.opens(&session, kind) {
                    self.browser_says(&format!(
                        r#"{{"method":"Page.javascriptDialogOpening","sessionId":"{session}","params":{{"type":"{kind}","url":"https://wall.test/","message":"{WORDS} {number}","defaultPrompt":"{DEFAULT}"}}}}"#
                    ));
                }
            }
            Question::Answered => self.dialog_closes(&session),
            Question::Auth { proxy } => {
                let number = asks.wants(&session);
                let source = if proxy { "Proxy" } else { "Server" };
                self.browser_says(&format!(
                    r#"{{"method":"Fetch.authRequired","sessionId":"{session}","params":{{"requestId":"R{number}","authChallenge":{{"source":"{source}","origin":"https://wall.test","scheme":"basic","realm":"R{number}"}}}}}}"#
                ));
            }
            Question::Request => {
                if let Some(number) = asks.waits(&session) {
                    self.browser_says(&format!(
                        r#"{{"method":"Fetch.requestPaused","sessionId":"{session}","params":{{"requestId":"R{number}"}}}}"#
                    ));
                    if self.may_be_told() {
                        self.model.asks.let_all_go_on();
                    }
                }
            }
        }
    }

    /// Tells whether the agent still leads the browser.
    fn may_be_told(&self) -> bool {
        self.browser == Line::Up && self.model.outcome.is_none() && !self.model.lost_browser
    }

    /// A page's dialog is open no more.
    fn dialog_closes(&mut self, session: &str) {
        if self.model.asks.closes(session) {
            self.browser_says(&format!(
                r#"{{"method":"Page.javascriptDialogClosed","sessionId":"{session}","params":{{}}}}"#
            ));
        }
    }

    /// A page opens a file chooser, if the agent wants to hear of it.
    fn opens_chooser(&mut self, page: u8, many: bool) {
        let sessions = &self.chromium.sessions;
        let Some(session) = script::pick(sessions, page).cloned() else {
            return;
        };
        if let Some(node) = self.files.asks(&session) {
            let mode = if many {
                "selectMultiple"
            } else {
                "selectSingle"
            };
            self.browser_says(&format!(
                r#"{{"method":"Page.fileChooserOpened","sessionId":"{session}","params":{{"frameId":"F","mode":"{mode}","backendNodeId":{node}}}}}"#
            ));
        }
    }

    /// A page opens another; the last number is a stranger's.
    fn opens(&mut self, opener: u8) {
        let opener = script::pick(&self.pages, opener).map_or("X", String::as_str);
        self.opened += 1;
        let target = format!("T{}", self.opened);
        let event = format!(
            r#"{{"method":"Target.targetCreated","params":{{"targetInfo":{{"targetId":"{target}","type":"page","title":"","url":"","openerId":"{opener}"}}}}}}"#
        );
        self.model.opened(&target, opener);
        self.pages.push(target);
        self.browser_says(&event);
    }

    /// A page is gone, and what it asked.
    fn is_gone(&mut self, target: &str) {
        if target != PAGE {
            self.pages.retain(|page| page != target);
        }
        for session in self.chromium.is_gone(target) {
            self.model.asks.gone(&session);
            self.files.gone(&session);
        }
    }

    /// A page that another opened is closed.
    fn closes(&mut self, which: u8) {
        let closable = self.pages.len() - 2;
        let Some(place) = usize::from(which).checked_rem(closable) else {
            return;
        };
        let target = self.pages[place + 2].clone();
        self.is_gone(&target);
        self.browser_says(&format!(
            r#"{{"method":"Target.targetDestroyed","params":{{"targetId":"{target}"}}}}"#
        ));
    }

    pub(super) fn browser_says(&mut self, text: &str) {
        if self.browser == Line::Up {
            self.hear(|agent, now| agent.handle(now, Input::Text(Peer::Browser, text)));
        }
    }

    /// Does what a command says, and answers it, if it can be answered at once.
    pub(super) fn answer_to(&mut self, command: &str) -> Option<String> {
        let command = Command::parse(command);
        if command.method == "Page.handleJavaScriptDialog" {
            let session = command.session.as_deref().unwrap_or_default();
            self.dialog_closes(session);
        }
        let truth = &mut self.model.truth;
        let result = match self.scripts.answer(truth, &command) {
            Some(said) => Some(said?),
            None => self.files.answer(&command),
        };
        Some(match result {
            Some(result) => format!(r#"{{"id":{},"result":{result}}}"#, command.id),
            None => self.chromium.answer(&command),
        })
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
                if let Some(answer) = self.answer_to(&command) {
                    self.browser_says(&answer);
                }
            }
            Answer::Twice => {
                if let Some(answer) = self.answer_to(&command) {
                    self.browser_says(&answer);
                    self.says_again(&answer);
                }
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

/// Tells whether a message may be about what pages ask.
fn may_ask(text: &str) -> bool {
    ["ialog", "Fetch", "Target", "Inspector", "\\"]
        .iter()
        .any(|word| text.contains(word))
}

/// Tells whether a message may say that a page is gone: what is gone can't be told to let go.
fn may_lose(text: &str) -> bool {
    ["Destroyed", "Crashed", "etached", "\\"]
        .iter()
        .any(|word| text.contains(word))
}

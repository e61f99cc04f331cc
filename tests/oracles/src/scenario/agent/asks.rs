//! What pages ask beside their pictures, and what they are answered: dialogs, servers that want a name and a
//! password, and requests for documents, which wait until the agent lets them go on.
//!
//! Each question has a number, which stands in its words and so on a viewer's sheet; each answer has one,
//! too. So it is known which answer may reach which question, and that none does twice.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{chromium::Command, truth::WORDS};

/// What dialogs ask.
pub(super) const KINDS: [&str; 4] = ["alert", "confirm", "prompt", "beforeunload"];

/// What a prompt begins with.
pub(super) const DEFAULT: &str = "secret words 0";

/// Everything that was asked, and what viewers said to it.
#[derive(Default)]
pub(super) struct Asks {
    questions: u32,
    /// The open dialog of each CDP session.
    dialogs: BTreeMap<String, Dialog>,
    /// The requests that a server wants proof for, and their CDP sessions.
    challenges: BTreeMap<u32, String>,
    /// The requests that wait to go on.
    held: BTreeMap<u32, String>,
    /// The CDP sessions whose requests are held.
    holds: BTreeSet<String>,
    /// The CDP sessions on which passkeys are answered for.
    passkeys: BTreeSet<String>,
    answers: u32,
    said: Vec<Said>,
    /// How many dialogs, servers and requests were answered.
    done: [u32; 3],
    /// A browser said something about questions that none would.
    pub(super) is_wild: bool,
}

struct Dialog {
    number: u32,
    kind: &'static str,
    is_answered: bool,
}

/// What a viewer said to a question, if it was one that it saw.
struct Said {
    to: Option<u32>,
    what: What,
}

#[derive(PartialEq, Eq)]
enum What {
    Dialog { accept: bool, text: Option<String> },
    Credentials(u32),
}

impl Asks {
    /// Another connection: nothing is known of what was asked before.
    pub(super) fn browser_dialled(&mut self) {
        *self = Self {
            questions: self.questions,
            answers: self.answers,
            is_wild: self.is_wild,
            ..Self::default()
        };
    }

    // What pages do.

    /// A page opens a dialog, unless one is open. Returns its number and its kind.
    pub(super) fn opens(&mut self, session: &str, kind: u8) -> Option<(u32, &'static str)> {
        if self.dialogs.contains_key(session) {
            return None;
        }
        self.questions += 1;
        let kind = crate::script::pick(&KINDS, kind)?;
        let dialog = Dialog {
            number: self.questions,
            kind,
            is_answered: false,
        };
        self.dialogs.insert(session.to_owned(), dialog);
        Some((self.questions, kind))
    }

    /// A page's dialog closes. Tells whether one was open.
    pub(super) fn closes(&mut self, session: &str) -> bool {
        self.dialogs.remove(session).is_some()
    }

    /// A server wants a name and a password. Returns the question's number.
    pub(super) fn wants(&mut self, session: &str) -> u32 {
        self.questions += 1;
        self.challenges.insert(self.questions, session.to_owned());
        self.questions
    }

    /// A request for a document waits, where requests are held. Returns its number.
    pub(super) fn waits(&mut self, session: &str) -> Option<u32> {
        if !self.holds.contains(session) {
            return None;
        }
        self.questions += 1;
        self.held.insert(self.questions, session.to_owned());
        Some(self.questions)
    }

    /// No request waits any longer, if the agent is there to let it go on.
    pub(super) fn let_all_go_on(&mut self) {
        assert!(self.held.is_empty(), "a request for a document hangs");
    }

    /// The page is gone, and what it asked.
    pub(super) fn gone(&mut self, session: &str) {
        self.dialogs.remove(session);
        self.challenges.retain(|_, other| other != session);
        self.held.retain(|_, other| other != session);
        self.holds.remove(session);
        self.passkeys.remove(session);
    }

    // What viewers say.

    /// A viewer answers a dialog. Returns the text that goes with it.
    pub(super) fn answers(&mut self, to: Option<u32>, accept: bool, texts: bool) -> Option<String> {
        self.answers += 1;
        let text = texts.then(|| format!("{WORDS} {}", self.answers));
        let what = What::Dialog {
            accept,
            text: text.clone(),
        };
        self.said.push(Said { to, what });
        text
    }

    /// A viewer gives a name and a password; returns what tells them from others.
    pub(super) fn proves(&mut self, to: Option<u32>) -> u32 {
        self.answers += 1;
        let what = What::Credentials(self.answers);
        self.said.push(Said { to, what });
        self.answers
    }

    // What the agent does.

    /// The browser is told to do something about a question.
    pub(super) fn told(&mut self, command: &Command<'_>) {
        let session = command.session.as_deref().unwrap_or_default();
        match &*command.method {
            "WebAuthn.enable" => {
                let is_new = self.passkeys.insert(session.to_owned());
                assert!(is_new, "passkeys are answered for once");
            }
            "Fetch.enable" => {
                let is_new = self.holds.insert(session.to_owned());
                assert!(is_new, "requests are held already");
            }
            "Fetch.disable" => {
                assert!(self.holds.remove(session), "no requests are held");
                // The browser lets them all go, and asks nobody.
                self.challenges.retain(|_, other| other != session);
                self.held.retain(|_, other| other != session);
            }
            "Fetch.continueRequest" => self.goes_on(session, command),
            "Fetch.continueWithAuth" => self.proven(session, command),
            "Page.handleJavaScriptDialog" => self.handled(session, command),
            _ => {}
        }
    }

    fn goes_on(&mut self, session: &str, command: &Command<'_>) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Params<'a> {
            request_id: &'a str,
        }
        let number = number(command.read::<Params<'_>>().request_id);
        let of = self.held.remove(&number);
        let is_it = of.is_some_and(|of| of == session);
        assert!(is_it || self.is_wild, "nobody waits, or elsewhere");
        self.done[2] += 1;
    }

    fn proven(&mut self, session: &str, command: &Command<'_>) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Params<'a> {
            request_id: &'a str,
            #[serde(borrow)]
            auth_challenge_response: Response<'a>,
        }
        #[derive(Deserialize)]
        #[serde(tag = "response", deny_unknown_fields)]
        enum Response<'a> {
            CancelAuth,
            ProvideCredentials {
                username: &'a str,
                password: &'a str,
            },
        }
        let params = command.read::<Params<'_>>();
        let question = number(params.request_id);
        let of = self.challenges.remove(&question);
        let is_it = of.is_some_and(|of| of == session);
        assert!(
            is_it || self.is_wild,
            "asked by nobody, twice, or elsewhere"
        );
        self.done[1] += 1;
        if let Response::ProvideCredentials { username, password } = params.auth_challenge_response
        {
            let proof = What::Credentials(number(username));
            assert!(
                password.strip_prefix(WORDS) == username.strip_prefix('U'),
                "mixed up"
            );
            self.said_once(question, &proof);
        }
    }

    fn handled(&mut self, session: &str, command: &Command<'_>) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Params {
            accept: bool,
            prompt_text: Option<String>,
        }
        if self.is_wild {
            return;
        }
        let Params {
            accept,
            prompt_text,
        } = command.read();
        let dialog = self.dialogs.get_mut(session);
        let dialog = dialog.expect("no dialog is open");
        assert!(!dialog.is_answered, "a dialog is answered once");
        dialog.is_answered = true;
        let (question, kind) = (dialog.number, dialog.kind);
        self.done[0] += 1;
        assert_eq!(prompt_text.is_some(), accept && kind == "prompt");
        let is_harmless = accept == matches!(kind, "alert" | "beforeunload");
        if is_harmless && prompt_text.is_none() {
            return;
        }
        // What a prompt begins with is the answer of who accepts it as it is; others don't say a text.
        let is_it = |said: &Said| {
            let What::Dialog { accept: yes, text } = &said.what else {
                return false;
            };
            let text = text.as_deref().unwrap_or(DEFAULT);
            said.to.is_none_or(|to| to == question)
                && *yes == accept
                && prompt_text.as_deref().is_none_or(|told| told == text)
        };
        assert!(self.said.iter().any(is_it), "answered by nobody");
    }

    /// Returns how many dialogs, servers and requests were answered.
    #[cfg(test)]
    pub(super) const fn done(&self) -> [u32; 3] {
        self.done
    }

    /// An answer reaches the question that it was given to, and no other.
    fn said_once(&mut self, question: u32, what: &What) {
        let is_it = |said: &Said| said.what == *what && said.to.is_none_or(|to| to == question);
        let place = self.said.iter().position(is_it);
        self.said
            .remove(place.expect("said by nobody, or to another question"));
    }
}

/// Reads the number behind a letter.
fn number(text: &str) -> u32 {
    let digits = text.get(1..).unwrap_or_default();
    digits.parse().expect("what the page or a viewer named")
}

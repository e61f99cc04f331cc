//! What the demo says, in plain words and in order.
//!
//! Decides every sentence and what was told already; does nothing else. A line that can't be
//! written is an error: nobody is there any more to tell it to.

use std::{
    io::{self, Write},
    time::Duration,
};

use authloop_core::agent::event::{Outcome, Status};

use super::{
    qr,
    site::{PASSWORD, Stage, USER},
};
use crate::{backend::Reach, settings::Protocol, texts};

/// The demo's voice.
pub(super) struct Story<W> {
    out: W,
    /// Whether `out` is a terminal, where a drawn code can be scanned.
    is_terminal: bool,
    stage: Stage,
    is_viewer_here: bool,
    viewers_replaced: u32,
    tampered: bool,
}

/// What the human is asked to do.
pub(super) struct Invitation<'a> {
    pub(super) url: &'a str,
    pub(super) reach: Reach,
    /// Seconds until the link is dead.
    pub(super) ttl: u64,
    pub(super) protocol: &'a Protocol,
}

impl<W: Write> Story<W> {
    pub(super) fn new(out: W, is_terminal: bool) -> Self {
        Self {
            out,
            is_terminal,
            stage: Stage::Password,
            is_viewer_here: false,
            viewers_replaced: 0,
            tampered: false,
        }
    }

    /// Says what this is.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        self.say(
            "
AuthLoop demo

An AI agent works in a browser of its own, and has come to a door: the sign-in page of
Harbour Bank, a small site on this computer. It must not know the password, so it hands
you its browser tab.

Starting the agent's browser ...",
        )
    }

    /// Shows the link and what there is to do.
    pub(super) fn link(&mut self, invitation: &Invitation<'_>) -> io::Result<()> {
        let Invitation {
            url,
            reach,
            ttl,
            protocol,
        } = *invitation;
        let is_private = reach == Reach::ThisComputer;
        let (place, code) = if is_private {
            ("in a browser on this computer", None)
        } else {
            let code = self.is_terminal.then(|| qr::draw(url)).flatten();
            ("on a phone or a computer", code)
        };
        self.say(&format!("\n1. Open this link {place}:\n\n   {url}\n"))?;
        if let Some(code) = code {
            self.say(&code)?;
        }
        if url.starts_with("https://") && !is_private {
            self.say(
                "   The certificate may be one that this program has just made: if the browser \
                 warns,\n   go on.\n",
            )?;
        }
        if is_private {
            self.say(
                "   For a phone in your network, stop this and begin again with\n   \
                 AUTHLOOP_LISTEN=0.0.0.0:8443 AUTHLOOP_TLS=self-signed\n",
            )?;
        }
        let pin = if protocol.pin_command().is_some() {
            ", type the PIN that AUTHLOOP_PIN_COMMAND has told you"
        } else {
            ""
        };
        self.say(&format!(
            "2. Press Start{pin}, and sign in there:

   user name  {USER}
   password   {PASSWORD}

3. A text message with a code will come. It shows up here. Type it in, and press Done.

{}

Waiting for you, {} at most. Ctrl-C stops.\n",
            privacy(protocol),
            texts::time_left(Duration::from_secs(ttl)),
        ))
    }

    /// Tells how far the visitor has come, if that is news.
    pub(super) fn stage(&mut self, at: Duration, stage: &Stage) -> io::Result<()> {
        if self.stage == *stage {
            return Ok(());
        }
        self.stage = stage.clone();
        match stage {
            Stage::Password => Ok(()),
            Stage::Code(code) => self.note(
                at,
                &format!(
                    "The password was right. A text message comes in:\n\n        \
                     Your Harbour Bank code is {code}\n"
                ),
            ),
            Stage::SignedIn => self.note(at, "The code was right: you are signed in. Press Done."),
        }
    }

    /// Tells who is at the page, if that is news.
    pub(super) fn viewer(&mut self, at: Duration, status: &Status) -> io::Result<()> {
        if status.viewers_replaced > self.viewers_replaced {
            self.viewers_replaced = status.viewers_replaced;
            self.note(at, "Another device or window has taken your place.")?;
        }
        if status.tampered && !self.tampered {
            self.tampered = true;
            self.note(
                at,
                "What came over the relay was damaged or tampered with. Nothing of it was obeyed.",
            )?;
        }
        let is_here = status.viewer_present;
        if self.is_viewer_here == is_here || status.outcome.is_some() {
            return Ok(());
        }
        self.is_viewer_here = is_here;
        self.note(
            at,
            if is_here {
                "You are in the agent's tab."
            } else {
                "You left the page. The link still works."
            },
        )
    }

    /// Tells how it ended.
    pub(super) fn end(&mut self, at: Duration, outcome: &Outcome) -> io::Result<()> {
        let is_signed_in = self.stage == Stage::SignedIn;
        match outcome {
            Outcome::Resolved if is_signed_in => self.note(
                at,
                "Done. The agent has its tab back, signed in, and goes on. It never saw the\n        \
                 password or the code.",
            ),
            Outcome::Resolved => self.note(
                at,
                "Done, you say, but nobody is signed in: the agent would find its way still\n        \
                 barred, and ask you.",
            ),
            Outcome::Cancelled => self.note(
                at,
                "You gave up. The agent is told so, and would ask you what to do.",
            ),
            Outcome::Timeout => self.note(at, "Time ran out. The link is dead now."),
            Outcome::Failed(failure) => self.note(
                at,
                &format!("The hand-off broke off: {}", texts::failure(failure)),
            ),
        }
    }

    /// Tells that it was stopped from outside.
    pub(super) fn stopped(&mut self) -> io::Result<()> {
        self.say("\nStopped. The link is dead, and the agent's browser is gone.")
    }

    /// Tells why there is no demo.
    pub(super) fn sorry(&mut self, why: &str) -> io::Result<()> {
        self.say(&format!("\nThe demo can't go on: {why}"))
    }

    fn note(&mut self, at: Duration, text: &str) -> io::Result<()> {
        let seconds = at.as_secs();
        self.say(&format!("{:>3}:{:02}  {text}", seconds / 60, seconds % 60))
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }
}

/// Says who can see what.
fn privacy(protocol: &Protocol) -> &'static str {
    match protocol {
        Protocol::V1 => {
            "Protocol version 1: what you type is encrypted up to the agent's process. The picture
is not: the relay between you could look at it."
        }
        Protocol::V2(_) => {
            "Protocol version 2, end-to-end encrypted: between the page you open and the agent's
process nobody, the relay included, can see the picture or what you type."
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{pin::PinCommand, settings::EndToEnd};

    use super::*;

    const LINK: &str = "https://192.168.1.20:8443/s/sess_1#1.token";

    const INVITATION: Invitation<'_> = Invitation {
        url: LINK,
        reach: Reach::AnyDevice,
        ttl: 600,
        protocol: &Protocol::V1,
    };

    fn told(is_terminal: bool, tell: impl FnOnce(&mut Story<&mut Vec<u8>>)) -> String {
        let mut out = Vec::new();
        tell(&mut Story::new(&mut out, is_terminal));
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_link_comes_with_what_to_type() {
        let text = told(false, |story| {
            story
                .link(&Invitation {
                    url: "http://127.0.0.1:1/s/1#1.t",
                    reach: Reach::ThisComputer,
                    ..INVITATION
                })
                .expect("written");
        });
        for part in [
            "\n   http://127.0.0.1:1/s/1#1.t\n",
            USER,
            PASSWORD,
            "10 min",
            "AUTHLOOP_LISTEN",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_link_for_any_device_is_drawn_where_it_can_be_scanned() {
        let in_terminal = told(true, |story| {
            story.link(&INVITATION).expect("written");
        });
        assert!(in_terminal.contains('█') && in_terminal.contains("certificate"));
        assert!(!in_terminal.contains("AUTHLOOP_LISTEN"));
        let in_a_file = told(false, |story| {
            story.link(&INVITATION).expect("written");
        });
        assert!(in_a_file.contains(LINK) && !in_a_file.contains('█'));
    }

    #[test]
    fn who_can_see_what_is_said() {
        let invited = |protocol: &Protocol| {
            told(false, |story| {
                let invitation = Invitation {
                    protocol,
                    ..INVITATION
                };
                story.link(&invitation).expect("written");
            })
        };
        let version_1 = invited(&Protocol::V1);
        assert!(version_1.contains("version 1") && version_1.contains("could look at it"));
        let version_2 = invited(&Protocol::V2(EndToEnd::default()));
        assert!(version_2.contains("version 2, end-to-end"));
        assert!(!version_2.contains("PIN"));
        let with_pin = invited(&Protocol::V2(EndToEnd {
            pin_command: PinCommand::parse("notify"),
            ..EndToEnd::default()
        }));
        assert!(with_pin.contains("type the PIN"));
    }

    #[test]
    fn news_is_told_once() {
        let at = Duration::from_secs(75);
        let text = told(false, |story| {
            for _ in 0..3 {
                let code = Stage::Code("042042".into());
                story.stage(at, &code).expect("written");
                let status = Status {
                    viewer_present: true,
                    viewers_replaced: 1,
                    tampered: true,
                    ..Status::default()
                };
                story.viewer(at, &status).expect("written");
            }
        });
        assert_eq!(text.matches("042042").count(), 1);
        assert_eq!(text.matches("1:15").count(), 4);
    }

    #[test]
    fn done_too_early_is_not_praised() {
        let at = Duration::ZERO;
        let early = told(false, |story| {
            story.end(at, &Outcome::Resolved).expect("written");
        });
        assert!(early.contains("nobody is signed in"));
        let done = told(false, |story| {
            story.stage(at, &Stage::SignedIn).expect("written");
            story.end(at, &Outcome::Resolved).expect("written");
        });
        assert!(done.contains("signed in, and goes on"));
    }
}

//! Every sentence a model reads.
//!
//! The texts are fixed: what comes from a page, a person or a relay never gets into them, except
//! the session's link and the page's origin. A PIN never does.

use std::time::Duration;

use authloop_core::agent::{
    event::{Failure, Outcome, Status},
    io::ConnectFailure,
};

use crate::{backend::Reach, pin::PinError};

/// Tells the model how to use the server.
pub(crate) const INSTRUCTIONS: &str = "\
AuthLoop hands the browser tab you drive to a human, who passes what you can't or must not pass \
yourself: a login, a password, a one-time code, a CAPTCHA, a security question, a passkey.
1. When such a wall blocks you, call authloop_to_human. Stop acting on that tab.
2. Show the session_url to the user at once, in full and unchanged, and say what there is to do.
3. Call authloop_status and wait. People take minutes. If the call times out or answers pending, \
call authloop_status again; the session stays open.
4. On resolved, look at the page again before you go on.
Never ask for passwords, codes or other secrets in the chat, and never type them yourself.";

/// Describes `authloop_to_human`.
pub(crate) const TO_HUMAN: &str = "\
Hands the browser tab to a human, who sees it live and passes the wall that blocks you: a login, \
a password, a one-time code, a CAPTCHA. Answers at once with a session_url. Show that link to \
the user right away, in full, then call authloop_status to wait. Don't act on the tab meanwhile. \
Never ask for passwords or codes in the chat.";

/// Describes `authloop_status`.
pub(crate) const STATUS: &str = "\
Waits until the human is done with a hand-off, and tells how it ended: resolved, cancelled, error \
or timeout. Takes minutes: show the session_url to the user before you call it. If this call \
times out, or answers pending, call authloop_status again; the session stays open. Several calls \
may wait for one session.";

/// Describes `authloop_cancel`.
pub(crate) const CANCEL: &str = "\
Ends a hand-off that is not needed any more. The human's page closes. A finished one is left as \
it is.";

/// There is no browser's address.
pub(crate) const NO_CDP_URL: &str = "\
No browser to hand over: give cdp_url, or have AUTHLOOP_CDP_URL set in this server's environment. \
Either is the address of the browser's DevTools endpoint, such as http://127.0.0.1:9222 (start \
Chromium with --remote-debugging-port=9222).";

/// The process is on its way out.
pub(crate) const STOPPING: &str = "This server is stopping; its hand-offs are ended.";

/// No session is known.
pub(crate) const NO_SESSION: &str = "\
There is no hand-off yet. Call authloop_to_human first.";

/// The session's id is unknown.
pub(crate) const UNKNOWN_SESSION: &str = "\
No hand-off with this session_id is known here. Leave session_id out to mean the latest one; if \
there is none, call authloop_to_human.";

/// Browser and relay took too long.
pub(crate) const NOT_READY: &str = "\
The hand-off was given up: browser and relay did not answer in time. Try again once.";

/// The human is asked for a PIN, which the model must not know.
const ASKS_FOR_PIN: &str = "\
The page will ask the user for a PIN of 6 digits. It has reached them another way, as whoever set \
up this server chose, and you don't know it: tell the user to look there, and never ask for it in \
the chat.";

/// Tells that there is no link, because the human doesn't know the PIN.
pub(crate) fn pin_not_told(error: PinError) -> String {
    format!(
        "The hand-off was cancelled: the PIN could not be delivered to the user ({error}). The \
         command of AUTHLOOP_PIN_COMMAND in this server's environment has to read it from its \
         standard input and end with exit code 0. Tell the user; don't hand over again before it \
         works."
    )
}

/// What there is to tell of a session that is open.
pub(crate) struct Handed<'a> {
    /// The link for the human.
    pub(crate) session_url: &'a str,
    /// The origin of the page that was handed over, if known.
    pub(crate) origin: Option<&'a str>,
    /// The origin that was asked for, if any.
    pub(crate) asked_origin: Option<&'a str>,
    /// Where the link opens.
    pub(crate) reach: Reach,
    /// Whether the human is asked for a PIN.
    pub(crate) asks_for_pin: bool,
    /// Whether the session was open before.
    pub(crate) is_existing: bool,
}

/// Tells that a session is open.
pub(crate) fn handed_over(handed: &Handed<'_>) -> String {
    let mut text = String::with_capacity(1_024);
    text.push_str(if handed.is_existing {
        "This page is handed over already; the session is still open.\n"
    } else {
        "The page is handed over.\n"
    });
    text.push_str("Show this link to the user now, in full and unchanged:\n\n");
    text.push_str(handed.session_url);
    text.push_str("\n\n");
    if handed.asks_for_pin {
        text.push_str(ASKS_FOR_PIN);
        text.push('\n');
    }
    match handed.origin {
        Some("null") | None => text.push_str("The page handed over has no origin of its own."),
        Some(origin) => {
            text.push_str("The page handed over is on ");
            text.push_str(origin);
            text.push('.');
        }
    }
    match (handed.origin, handed.asked_origin) {
        (origin, Some(asked)) if origin != Some(asked) => {
            text.push_str(" That is not the origin of context.url, ");
            text.push_str(asked);
            text.push_str(": if it is the wrong tab, call authloop_cancel.");
        }
        (_, Some(_)) => {}
        (_, None) => text.push_str(
            " If that is the wrong tab, call authloop_cancel and hand over again with context.url.",
        ),
    }
    match handed.reach {
        Reach::ThisComputer => text.push_str(
            "\nThe link opens on this computer only. To open it on a phone, AUTHLOOP_LISTEN (such \
             as 0.0.0.0:8443) and AUTHLOOP_TLS=self-signed have to be set in this server's \
             environment, or AUTHLOOP_PUBLIC_URL for a tunnel.",
        ),
        Reach::AnyDevice if handed.session_url.starts_with("http://") => text.push_str(
            "\nThe link is plain http, and browsers on other devices refuse to encrypt there: set \
             AUTHLOOP_TLS=self-signed in this server's environment if it doesn't work.",
        ),
        Reach::AnyDevice => {}
    }
    text.push_str("\nThen call authloop_status to wait for the human.");
    text
}

/// Tells the model what to do about a status.
pub(crate) fn guidance(outcome: Option<&Outcome>) -> &'static str {
    match outcome {
        None => {
            "The human is not done yet. Make sure that the user has the link, and call \
             authloop_status again; the session stays open."
        }
        Some(Outcome::Resolved) => {
            "The human is done. Look at the page again, check that the wall is gone, and go on."
        }
        Some(Outcome::Cancelled) => {
            "The hand-off was cancelled. Ask the user how to go on before you hand over again."
        }
        Some(Outcome::Timeout) => {
            "Time ran out before the human was done. Ask the user whether they are there, then \
             call authloop_to_human again."
        }
        Some(Outcome::Failed(_)) => {
            "The hand-off broke off. Tell the user why, and call authloop_to_human again if the \
             cause is gone."
        }
    }
}

/// Tells whether somebody is there.
pub(crate) fn viewer(status: &Status) -> &'static str {
    match (status.viewer_seen, status.viewer_present) {
        (false, _) => "Nobody has opened the link yet.",
        (true, true) => "The human has the page open.",
        (true, false) => "The human opened the link and left; it can be opened again.",
    }
}

/// Tells what the user should know besides, now and at the end.
pub(crate) fn warnings(status: &Status) -> impl Iterator<Item = String> {
    let replaced = match status.viewers_replaced {
        0 => None,
        1 => Some("once".to_owned()),
        count => Some(format!("{count} times")),
    };
    let replaced = replaced.map(|times| {
        format!(
            "Another viewer took over {times}: a second device or window of the user's, or \
             somebody else who has the link. Tell the user, and call authloop_cancel if it was \
             not them."
        )
    });
    let tampered = status.tampered.then(|| {
        "What came over the relay was damaged or tampered with, again and again. Nothing of it \
         was obeyed. Tell the user; another network or relay may help."
            .to_owned()
    });
    replaced.into_iter().chain(tampered)
}

/// One sign of life, for a person's eyes. Never with the link: it belongs into a tool's answer alone.
pub(crate) fn progress(status: &Status, remaining: Duration) -> String {
    let left = time_left(remaining);
    match (&status.session, status.viewer_seen) {
        (None, _) => "Connecting to the browser and the relay".to_owned(),
        (Some(_), false) => format!("Waiting for a human to open the link ({left} left)"),
        (Some(_), true) => format!("{} ({left} left)", viewer(status).trim_end_matches('.')),
    }
}

/// A time in words, rounded up.
pub(crate) fn time_left(remaining: Duration) -> String {
    let seconds = remaining.as_secs();
    if seconds < 60 {
        format!("{seconds} s")
    } else {
        format!("{} min", seconds.div_ceil(60))
    }
}

/// Tells what a failure is and what can be done about it.
pub(crate) fn failure(failure: &Failure) -> String {
    match advice(failure) {
        Some(advice) => format!("{failure}. {advice}"),
        None => format!("{failure}."),
    }
}

fn advice(failure: &Failure) -> Option<&'static str> {
    const NOT_CDP: &str = "cdp_url has to be a DevTools endpoint, such as http://127.0.0.1:9222 of \
                           a Chromium started with --remote-debugging-port=9222. The wsEndpoint() \
                           of Playwright's launchServer() is not one: it speaks Playwright's own \
                           protocol.";
    match failure {
        Failure::BrowserAddress(_)
        | Failure::NotCdp(_)
        | Failure::BrowserUnreachable(ConnectFailure::Protocol | ConnectFailure::Status(_)) => {
            Some(NOT_CDP)
        }
        Failure::BrowserUnreachable(_) => Some(
            "Check that the browser runs, that it was started with --remote-debugging-port, and \
             that cdp_url (or AUTHLOOP_CDP_URL) is its address.",
        ),
        Failure::NoPage => Some("Open the page to hand over, then try again."),
        Failure::Unauthorized => Some("Check AUTHLOOP_API_KEY in this server's environment."),
        Failure::RelayUnreachable(_) => {
            Some("Check the network, and AUTHLOOP_BASE_URL if it is set.")
        }
        Failure::RelayAnswer(_) => Some(
            "Check AUTHLOOP_BASE_URL in this server's environment, and set AUTHLOOP_VIEWER_URL if \
             people reach that relay by another address.",
        ),
        Failure::WrongPins => Some(
            "Ask the user whether it was them. If not, somebody else has the link: show the next \
             one to the user alone. authloop_to_human makes a new link and a new PIN.",
        ),
        Failure::PageUnresponsive
        | Failure::PageClosed
        | Failure::PageCrashed
        | Failure::BrowserLost
        | Failure::QuotaUsedUp
        | Failure::RateLimited { .. }
        | Failure::RelayRefused { .. }
        | Failure::RelayLost
        | Failure::Replaced
        | Failure::EndedByRelay
        | Failure::InputExhausted
        | _ => None,
    }
}

#[cfg(test)]
mod tests {
    use authloop_core::{agent::event::SessionInfo, time::Timestamp};

    use super::*;

    const HANDED: Handed<'_> = Handed {
        session_url: "https://x/s/1#2.t",
        origin: Some("https://github.com"),
        asked_origin: None,
        reach: Reach::AnyDevice,
        asks_for_pin: false,
        is_existing: false,
    };

    #[test]
    fn a_loopback_link_says_where_it_opens_and_how_to_change_that() {
        let url = "http://127.0.0.1:4000/s/sess_1#1.t";
        let text = handed_over(&Handed {
            session_url: url,
            reach: Reach::ThisComputer,
            ..HANDED
        });
        for part in [
            url,
            "https://github.com",
            "this computer only",
            "AUTHLOOP_LISTEN",
            "AUTHLOOP_TLS",
            "AUTHLOOP_PUBLIC_URL",
        ] {
            assert!(text.contains(part), "{part}");
        }
        assert!(!handed_over(&HANDED).contains("AUTHLOOP_LISTEN"));
    }

    #[test]
    fn a_page_of_another_origin_is_pointed_out() {
        let text = handed_over(&Handed {
            origin: Some("https://mail.example"),
            asked_origin: Some("https://github.com"),
            ..HANDED
        });
        assert!(text.contains("not the origin of context.url"));
    }

    #[test]
    fn a_pin_is_announced_and_never_to_be_asked_for_in_the_chat() {
        let text = handed_over(&Handed {
            asks_for_pin: true,
            ..HANDED
        });
        assert!(text.contains("PIN") && text.contains("never ask for it"));
        assert!(!handed_over(&HANDED).contains("PIN"));
        assert!(failure(&Failure::WrongPins).contains("Ask the user"));
    }

    #[test]
    fn a_viewer_that_took_over_and_tampering_are_told() {
        let told = |viewers_replaced, tampered| {
            let status = Status {
                viewers_replaced,
                tampered,
                ..Status::default()
            };
            warnings(&status).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(0, false), "");
        assert!(told(1, false).contains("took over once"));
        assert!(told(3, false).contains("took over 3 times"));
        assert!(told(0, true).contains("tampered with"));
    }

    #[test]
    fn progress_never_holds_the_link() {
        let status = Status {
            session: Some(SessionInfo {
                session_id: "sess_1".into(),
                session_url: HANDED.session_url.into(),
                expires_at: Timestamp::default(),
            }),
            ..Status::default()
        };
        let text = progress(&status, Duration::from_secs(90));
        assert_eq!(text, "Waiting for a human to open the link (2 min left)");
    }

    #[test]
    fn what_does_not_speak_cdp_is_explained() {
        assert!(failure(&Failure::NotCdp("no answer")).contains("Playwright"));
        assert!(
            failure(&Failure::BrowserUnreachable(ConnectFailure::Unreachable))
                .contains("--remote-debugging-port")
        );
    }

    #[test]
    fn time_is_told_in_whole_minutes() {
        assert_eq!(time_left(Duration::from_secs(541)), "10 min");
        assert_eq!(time_left(Duration::from_secs(59)), "59 s");
    }
}

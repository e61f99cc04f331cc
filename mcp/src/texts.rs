//! Every sentence a model reads.
//!
//! The texts are fixed: what comes from a page, a person or a relay never gets into them, except
//! the session's link and the page's origin.

use std::time::Duration;

use authloop_core::agent::{
    event::{Failure, Outcome, Status},
    io::ConnectFailure,
};

use crate::backend::Reach;

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

/// Tells that a session is open.
pub(crate) fn handed_over(
    session_url: &str,
    origin: Option<&str>,
    asked_origin: Option<&str>,
    reach: Reach,
    is_existing: bool,
) -> String {
    let mut text = String::with_capacity(768);
    text.push_str(if is_existing {
        "This page is handed over already; the session is still open.\n"
    } else {
        "The page is handed over.\n"
    });
    text.push_str("Show this link to the user now, in full and unchanged:\n\n");
    text.push_str(session_url);
    text.push_str("\n\n");
    match origin {
        Some("null") | None => text.push_str("The page handed over has no origin of its own."),
        Some(origin) => {
            text.push_str("The page handed over is on ");
            text.push_str(origin);
            text.push('.');
        }
    }
    match (origin, asked_origin) {
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
    match reach {
        Reach::ThisComputer => text.push_str(
            "\nThe link opens on this computer only. To open it on a phone, AUTHLOOP_LISTEN (such \
             as 0.0.0.0:8443) and AUTHLOOP_TLS=self-signed have to be set in this server's \
             environment, or AUTHLOOP_PUBLIC_URL for a tunnel.",
        ),
        Reach::AnyDevice if session_url.starts_with("http://") => text.push_str(
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

/// One sign of life, for a person's eyes.
pub(crate) fn progress(status: &Status, remaining: Duration) -> String {
    let left = time_left(remaining);
    match (&status.session, status.viewer_seen) {
        (None, _) => "Connecting to the browser and the relay".to_owned(),
        (Some(session), false) => format!(
            "Waiting for a human to open {} ({left} left)",
            session.session_url
        ),
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
        Failure::RelayAnswer(_) => Some("Check AUTHLOOP_BASE_URL in this server's environment."),
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
    use super::*;

    #[test]
    fn a_loopback_link_says_where_it_opens_and_how_to_change_that() {
        let url = "http://127.0.0.1:4000/s/sess_1#1.t";
        let text = handed_over(
            url,
            Some("https://github.com"),
            None,
            Reach::ThisComputer,
            false,
        );
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
        let text = handed_over(
            "https://x/s/1",
            Some("https://github.com"),
            None,
            Reach::AnyDevice,
            false,
        );
        assert!(!text.contains("AUTHLOOP_LISTEN"));
    }

    #[test]
    fn a_page_of_another_origin_is_pointed_out() {
        let text = handed_over(
            "https://x/s/1",
            Some("https://mail.example"),
            Some("https://github.com"),
            Reach::AnyDevice,
            false,
        );
        assert!(text.contains("not the origin of context.url"));
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

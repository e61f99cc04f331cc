//! `authloop-mcp demo`: the whole hand-off, told in the terminal as it happens.
//!
//! Decides what is said when. The hand-off itself is the server's own: the same settings, the same
//! relay inside the process. Nothing is left behind, whichever way it ends.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use authloop_core::{
    agent::{
        event::{Outcome, Status},
        io::Request,
    },
    api::{BlockerType, Context},
};
use qrcode::{QrCode, render::unicode::Dense1x2};

use super::{
    chromium::{Chromium, ChromiumError, Launch},
    site::{PASSWORD, Site, Stage},
};
use crate::{
    backend::{Backend as _, HandOff, Order, Reach, StartError},
    live::Live,
    settings::{InvalidSetting, Settings, process_environment},
};

/// How long the relay may take to hear that the demo was stopped.
const GRACE: Duration = Duration::from_secs(2);

/// Runs the demo until the human is done.
///
/// The exit code is 0 when the human pressed Done, 1 when the hand-off ended in another way, and 2
/// when it couldn't begin.
pub fn run() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(demo()),
        Err(error) => Err(DemoError::Site(error)),
    };
    match ended {
        Ok(Outcome::Resolved) => ExitCode::SUCCESS,
        Ok(Outcome::Cancelled | Outcome::Timeout | Outcome::Failed(_)) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("The demo can't begin: {error}."));
            ExitCode::from(2)
        }
    }
}

/// Why the demo couldn't begin.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error("its web site does not start: {0}")]
    Site(io::Error),
    #[error(transparent)]
    Chromium(#[from] ChromiumError),
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    #[error(transparent)]
    HandOff(#[from] StartError),
}

async fn demo() -> Result<Outcome, DemoError> {
    let settings = Settings::read(&process_environment)?;
    say("AuthLoop demo: an AI agent meets a login, and you help it out.\n");
    let site = Site::start().await.map_err(DemoError::Site)?;
    let launch = Launch {
        url: site.url("/"),
        ..Launch::default()
    };
    let chromium = Chromium::start(&launch).await?;
    say("1. The agent's browser, a headless Chromium, stands at Harbour Bank's login.");
    say("   The agent has no password, so it hands its tab to a human.\n");

    let live = Live::default();
    let order = Order {
        place: settings.place,
        cdp_url: chromium.http_url(),
        service: "Harbour Bank".into(),
        context: Some(Context {
            url: Some(launch.url),
            blocker_type: Some(BlockerType::Password),
            hint: Some(format!("Sign in. The password is: {PASSWORD}")),
            ..Context::default()
        }),
        ttl: settings.ttl,
    };
    let started = live.start(order).await?;
    let outcome = tell(started.hand_off.as_ref(), started.reach, &site).await;
    started.hand_off.finished().await;
    live.close().await;
    say(ending(&outcome));
    if let Outcome::Failed(failure) = &outcome {
        say(&format!("   {failure}."));
    }
    Ok(outcome)
}

/// Tells what happens until the hand-off ends. Ctrl-C ends it.
async fn tell(hand_off: &dyn HandOff, reach: Reach, site: &Site) -> Outcome {
    let mut stage = site.stage();
    let mut status = Status::default();
    loop {
        tokio::select! {
            now = hand_off.changed(status.clone()) => {
                report(&status, &now, reach);
                if let Some(outcome) = now.outcome {
                    return outcome;
                }
                status = now;
            }
            Ok(()) = stage.changed() => {
                say(&words(&stage.borrow_and_update()));
            }
            Ok(()) = tokio::signal::ctrl_c() => {
                hand_off.request(Request::Shutdown { grace: GRACE });
            }
        }
    }
}

/// Tells what is new in the hand-off.
fn report(before: &Status, now: &Status, reach: Reach) {
    if let (None, Some(session)) = (&before.session, &now.session) {
        say("2. That human is you. Open this link and press Start:\n");
        say(&format!("   {}\n", session.session_url));
        match reach {
            Reach::ThisComputer => {
                say("   It opens on this computer only. To try it on a phone in the same network:");
                say("   AUTHLOOP_LISTEN=0.0.0.0:8443 AUTHLOOP_TLS=self-signed authloop-mcp demo\n");
            }
            Reach::AnyDevice => say(&qr_code(&session.session_url)),
        }
    }
    match (before.viewer_present, now.viewer_present) {
        (false, true) => {
            say("3. You are looking at the agent's tab. Click into it and type.");
            say(&format!("   The password is: {PASSWORD}\n"));
        }
        (true, false) if now.outcome.is_none() => {
            say("   You left. The link still works.\n");
        }
        _ => {}
    }
}

/// Tells how far the web site's visitor has come.
fn words(stage: &Stage) -> String {
    match stage {
        Stage::Password => "   Harbour Bank asks for the password again.\n".into(),
        Stage::Code(code) => format!(
            "4. The password was right. Harbour Bank sends a text message to the phone:\n\n   \
             ┌──────────────────────────┐\n   \
             │  Harbour Bank            │\n   \
             │  Your code is {code}     │\n   \
             └──────────────────────────┘\n"
        ),
        Stage::SignedIn => "5. Signed in! Press Done to give the tab back to the agent.\n".into(),
    }
}

fn ending(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Resolved => {
            "6. Done. The agent has its tab back, signed in, and goes on with its work.\n   \
             Neither password nor code went through a chat or a model."
        }
        Outcome::Cancelled => "The hand-off was cancelled. The agent would look for another way.",
        Outcome::Timeout => "Time ran out. The agent would ask again.",
        Outcome::Failed(_) => "Something broke:",
    }
}

/// Draws a link for a phone's camera. Too long a link, which ours never is, draws nothing.
fn qr_code(url: &str) -> String {
    QrCode::new(url).map_or_else(
        |_| String::new(),
        |code| {
            // A terminal is dark: its light blocks are the code's light ones.
            code.render::<Dense1x2>()
                .dark_color(Dense1x2::Light)
                .light_color(Dense1x2::Dark)
                .build()
        },
    )
}

/// Prints a line. Nobody reading it is no reason to stop.
fn say(line: &str) {
    let mut output = io::stdout().lock();
    let _unread = writeln!(output, "{line}").and_then(|()| output.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_message_shows_the_code_in_a_straight_frame() {
        let text = words(&Stage::Code("012345".into()));
        assert!(text.contains("Your code is 012345"));
        let frame = text.lines().filter(|line| line.contains(['│', '─']));
        let widths: Vec<_> = frame.map(|line| line.chars().count()).collect();
        assert_eq!(widths.len(), 4);
        assert!(
            widths.iter().all(|width| Some(width) == widths.first()),
            "{text}"
        );
    }

    #[test]
    fn a_link_becomes_a_qr_code() {
        let link =
            "https://192.0.2.7:8443/s/sess_q6RWwfBszPZUhB8ST_9CUw#1.4G_MdNcbicbrPfIzuM4Y0QJL7V";
        assert!(qr_code(link).lines().count() > 15);
    }
}

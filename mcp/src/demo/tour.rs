//! The demo: a browser at a wall, handed over for real, from the first word to the last.
//!
//! Decides what is started and in which order it ends. The hand-off is the one the tools start, with
//! the same settings from the environment; only who drives the browser is made up.
//!
//! ```text
//! site, browser at the wall ──▶ hand-off ──▶ link ──▶ the human's doings ──▶ outcome
//!        └────────────┴── Ctrl-C, SIGTERM, dead output: the session ends, the browser goes
//! ```

use std::{
    io::{self, IsTerminal as _, Write},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use authloop_core::{
    agent::{
        event::{Outcome, Status},
        io::Request,
    },
    api::{BlockerType, Context},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    chromium::{Chromium, ChromiumError, Launch},
    site::{Site, Stage},
    story::{Invitation, Story},
};
use crate::{
    backend::{Backend, HandOff, Order, Reach, StartError, Started},
    live::Live,
    pin::{PinError, PinNotice},
    serve::told_to_end,
    settings::{InvalidSetting, Protocol, Settings, process_environment},
};

/// How long the relay may take to hear that the session has ended.
const GRACE: Duration = Duration::from_millis(1_500);
/// How long the browser may take to ask the site for its page.
const FIRST_PAGE: Duration = Duration::from_secs(60);
/// What a shell expects of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Runs the demo on standard output. The exit code is 0 if the human got through and said so.
pub fn run() -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return ExitCode::FAILURE;
    };
    runtime.block_on(async {
        let is_terminal = io::stdout().is_terminal();
        let mut story = Story::new(io::stdout(), is_terminal);
        tell(&mut story).await
    })
}

/// Tells the whole story, whatever happens.
async fn tell(story: &mut Story<impl Write>) -> ExitCode {
    let live = Live::default();
    let mut props = None;
    let ended = tokio::select! {
        ended = play(&live, &mut props, story) => ended,
        () = told_to_end() => Err(Stop::Told),
    };
    if let Some(props) = props {
        props.clear().await;
    }
    live.close().await;
    let (code, said) = match ended {
        Ok(true) => (ExitCode::SUCCESS, Ok(())),
        Ok(false) => (ExitCode::FAILURE, Ok(())),
        Err(Stop::Told) => (ExitCode::from(INTERRUPTED), story.stopped()),
        Err(why @ Stop::Chromium(ChromiumError::NotInstalled)) => {
            let why = format!("{why}.\nOn Debian and Ubuntu: apt install chromium");
            (ExitCode::FAILURE, story.sorry(&why))
        }
        Err(why) => (ExitCode::FAILURE, story.sorry(&format!("{why}."))),
    };
    // If it can't be said, nobody is there to hear it.
    drop(said);
    code
}

/// Why there is no end to tell.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("it was told to end")]
    Told,
    #[error("its words can't be written")]
    Output(#[from] io::Error),
    #[error("{0}")]
    Setting(#[from] InvalidSetting),
    #[error("its web site can't listen on 127.0.0.1 ({})", .0.kind())]
    Site(#[source] io::Error),
    #[error("{0}")]
    Chromium(#[from] ChromiumError),
    #[error("the browser did not open the page in time")]
    NoPage,
    #[error("{0}")]
    Start(#[from] StartError),
    #[error("the PIN of AUTHLOOP_PIN_COMMAND did not reach you: {0}")]
    Pin(#[from] PinError),
}

/// What is there while the story goes on.
struct Props {
    site: Site,
    hand_off: Arc<dyn HandOff>,
    reach: Reach,
    ttl: u64,
    protocol: Protocol,
    /// The PIN that the human has to be told, if there is one.
    notice: Option<PinNotice>,
    /// The agent's browser, gone with this.
    _chromium: Chromium,
}

impl Props {
    /// Ends what goes on. Nothing happens to a hand-off that has ended.
    async fn clear(self) {
        self.hand_off.request(Request::Shutdown { grace: GRACE });
        // An unreachable relay is not waited for.
        let _in_time = timeout(GRACE * 2, self.hand_off.finished()).await;
    }
}

/// Plays the demo to its end: whether the human got through and said so.
///
/// What has to be cleared away is left in `props`, also when this future is dropped.
async fn play(
    live: &Live,
    props: &mut Option<Props>,
    story: &mut Story<impl Write>,
) -> Result<bool, Stop> {
    let settings = Settings::read(&process_environment)?;
    let protocol = settings.protocol;
    let notice = match protocol.pin_command() {
        Some(command) => Some(PinNotice::new(command.clone())?),
        None => None,
    };
    story.begin()?;
    let site = Site::start().await.map_err(Stop::Site)?;
    let wall = site.url("/login");
    let launch = Launch {
        url: wall.clone(),
        ..Launch::default()
    };
    let chromium = Chromium::start(&launch).await?;
    timeout(FIRST_PAGE, site.visited())
        .await
        .map_err(|_| Stop::NoPage)?;
    let Started { hand_off, reach } = live
        .start(Order {
            place: settings.place,
            cdp_url: chromium.http_url(),
            service: "Harbour Bank".to_owned(),
            context: Some(Context {
                url: Some(wall),
                blocker_type: Some(BlockerType::Password),
                wall_type: None,
                hint: Some(
                    "Please sign in. User name, password and the code are in the terminal in \
                     which the demo runs."
                        .to_owned(),
                ),
            }),
            ttl: settings.ttl,
            protocol: protocol.clone(),
            pin: notice.as_ref().map(PinNotice::pin),
            trace: settings.trace,
        })
        .await?;
    let props = props.insert(Props {
        site,
        hand_off,
        reach,
        ttl: settings.ttl,
        protocol,
        notice,
        _chromium: chromium,
    });
    follow(props, story).await
}

/// Follows human and hand-off to the end.
async fn follow(props: &Props, story: &mut Story<impl Write>) -> Result<bool, Stop> {
    let mut stage: watch::Receiver<Stage> = props.site.stage();
    let mut status = Status::default();
    let mut handed_over: Option<Instant> = None;
    loop {
        tokio::select! {
            news = props.hand_off.changed(status.clone()) => status = news,
            // The site is in `props`, so it stays.
            _ = stage.changed() => {}
        }
        if let (None, Some(session)) = (handed_over, &status.session) {
            // A link is of no use to somebody who doesn't know the PIN.
            if let Some(notice) = &props.notice {
                notice.send().await?;
            }
            story.link(&Invitation {
                url: &session.session_url,
                reach: props.reach,
                ttl: props.ttl,
                protocol: &props.protocol,
            })?;
            handed_over = Some(Instant::now());
        }
        let at = handed_over.map_or(Duration::ZERO, |at| at.elapsed());
        story.viewer(at, &status)?;
        let reached = stage.borrow_and_update().clone();
        story.stage(at, &reached)?;
        if let Some(outcome) = &status.outcome {
            story.end(at, outcome)?;
            return Ok(*outcome == Outcome::Resolved && reached == Stage::SignedIn);
        }
    }
}

//! The `authloop-relay` program: a relay by itself, for agents and humans elsewhere.

mod cli;
mod logging;

use std::{
    error::Error,
    io::{self, Write as _},
    process::ExitCode,
};

use authloop_relay::{generate_api_key, start};
use clap::Parser as _;

use crate::cli::{Options, Plan};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut words = format!("authloop-relay: {error}");
            let mut source = error.source();
            while let Some(error) = source {
                words.push_str(&format!(": {error}"));
                source = error.source();
            }
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(io::stderr(), "{words}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    match Options::parse().plan()? {
        Plan::GenerateKey => {
            writeln!(io::stdout(), "{}", generate_api_key()?.expose())?;
            Ok(())
        }
        Plan::Serve { config, drain } => {
            logging::start(&std::env::var("DEBUG").unwrap_or_default());
            tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?
                .block_on(async {
                    // Before the relay says that it listens, so that no signal is missed.
                    let stop = Stop::listen()?;
                    let relay = start(*config).await?;
                    tracing::info!(
                        target: "authloop::relay",
                        public_url = relay.public_url(),
                        "ready"
                    );
                    stop.asked().await;
                    relay.shutdown(drain).await;
                    Ok(())
                })
        }
    }
}

/// SIGTERM or SIGINT; Ctrl-C where there are no signals.
#[cfg(unix)]
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn asked(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// SIGTERM or SIGINT; Ctrl-C where there are no signals.
#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn asked(self) {
        // Without a handler the system ends the process itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

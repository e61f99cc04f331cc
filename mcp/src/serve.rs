//! The life of the server process, from the first byte in to the last session's end.
//!
//! ```text
//! serving ──(end of input, dead output, SIGTERM, SIGINT)──▶ every session is shut down
//!         ──(done, or after 1.5 s)──▶ exit code 0
//! ```
//!
//! Nothing here writes to standard output except the protocol.

use std::{future::pending, process::ExitCode, sync::Arc, time::Duration};

use rmcp::{ServiceExt as _, transport::stdio_pipes};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

use crate::{live::Live, server::Server, settings::process_environment, transport::Watched};

/// How long relays may take to hear that the sessions have ended.
const GRACE: Duration = Duration::from_millis(1_500);
/// How long answers that are on their way may take.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// Serves MCP on standard input and output until the client is gone or a signal comes.
pub fn stdio() -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return ExitCode::FAILURE;
    };
    runtime.block_on(async {
        let server = Server::new(Arc::new(Live::default()), Arc::new(process_environment));
        let (reader, writer) = stdio_pipes();
        serve(server, reader, writer, told_to_end()).await;
    });
    // A blocked read of standard input must not keep the process.
    runtime.shutdown_background();
    ExitCode::SUCCESS
}

/// Serves MCP on any reader and writer until either ends or `told_to_end` completes, then ends
/// every session.
pub async fn serve<R, W>(
    server: Server,
    reader: R,
    writer: W,
    told_to_end: impl Future<Output = ()>,
) where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let gone = server.gone().clone();
    let transport = Watched::new(reader, writer, gone.clone());
    let stop = tokio_util::sync::CancellationToken::new();
    let serving = async {
        // A failure means that the client left before it said hello, which is its good right.
        if let Ok(running) = server.clone().serve_with_ct(transport, stop.clone()).await {
            let _reason = running.waiting().await;
        }
    };
    tokio::pin!(serving);
    let is_serving = tokio::select! {
        () = &mut serving => false,
        () = gone.cancelled() => true,
        () = told_to_end => {
            stop.cancel();
            true
        }
    };
    let last_answers = async {
        if is_serving {
            let _in_time = timeout(LAST_ANSWERS, serving).await;
        }
    };
    futures::join!(server.shutdown(GRACE), last_answers);
}

/// Completes when the process is told to end, or its output can't be read any more.
pub(crate) async fn told_to_end() {
    tokio::select! {
        () = terminated() => {}
        _ = tokio::signal::ctrl_c() => {}
        () = output_closed() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};

    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    pending().await
}

/// Completes when standard output is a pipe that nobody holds the other end of any more.
///
/// A client that closes only that end would otherwise be noticed at the next write, and a blocked
/// call writes nothing.
#[cfg(target_os = "linux")]
async fn output_closed() {
    use tokio::{io::Interest, net::unix::pipe};

    if let Ok(output) = pipe::OpenOptions::new().open_sender("/proc/self/fd/1")
        && output.ready(Interest::ERROR).await.is_ok()
    {
        return;
    }
    pending().await
}

#[cfg(not(target_os = "linux"))]
async fn output_closed() {
    pending().await
}

//! Waiting for what must come: conditions that are polled, never sleeps that hope.
//!
//! The limit is generous, because a busy machine is no bug; reaching it fails the test with words.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep, timeout};

/// How long anything in a test may take before it counts as never.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Polls `look` until it finds something, and returns it.
///
/// # Panics
///
/// Fails the test after [`LIMIT`], naming `what` it waited for.
pub async fn eventually<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + LIMIT;
    let mut found = look().await;
    while found.is_none() && Instant::now() < deadline {
        sleep(Duration::from_millis(15)).await;
        found = look().await;
    }
    found.unwrap_or_else(|| never(what))
}

/// Waits for `future`, and returns what it brings.
///
/// # Panics
///
/// Fails the test after [`LIMIT`], naming `what` it waited for.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(LIMIT, future).await.unwrap_or_else(|_| never(what))
}

#[expect(clippy::panic, reason = "this is how a test fails")]
fn never(what: &str) -> ! {
    panic!("waited in vain for {what}")
}

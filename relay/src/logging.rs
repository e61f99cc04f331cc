//! Logs go to standard error: life-cycle events always, details by `DEBUG=authloop:relay` or
//! `DEBUG=authloop:*`. Only this program's own words; libraries stay silent.

use std::io;

use tracing::Level;
use tracing_subscriber::{
    filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

pub(crate) fn start(debug: &str) {
    let filter = Targets::new().with_target("authloop::relay", level(debug));
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false);
    tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .init();
}

/// Reads `DEBUG`: comma-separated namespaces, `-name` excludes.
fn level(debug: &str) -> Level {
    let matches = |pattern: &str| matches!(pattern, "authloop:relay" | "authloop:*" | "*");
    let mut parts = debug.split(',').map(str::trim);
    let excluded = parts
        .clone()
        .filter_map(|part| part.strip_prefix('-'))
        .any(matches);
    if !excluded && parts.any(matches) {
        Level::DEBUG
    } else {
        Level::INFO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_come_only_when_asked_for() {
        assert_eq!(level(""), Level::INFO);
        assert_eq!(level("authloop:mcp"), Level::INFO);
        assert_eq!(level("authloop:mcp, authloop:relay"), Level::DEBUG);
        assert_eq!(level("authloop:*"), Level::DEBUG);
        assert_eq!(level("authloop:*,-authloop:relay"), Level::INFO);
    }
}

//! What goes to standard error, which is the only place for words besides the protocol.
//!
//! Warnings always; more by `DEBUG`, read as the `debug` package of JavaScript reads it:
//! `authloop:*`, `authloop:mcp,authloop:stream`, `authloop:*,-authloop:cdp`. Libraries are never
//! listened to: their debug output holds whole messages.

use std::{
    io::{self, Write as _},
    panic,
};

use tracing::{Level, Metadata};
use tracing_subscriber::{filter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Sends logs to standard error, as `debug` (the value of `DEBUG`) says.
pub fn start(debug: &str) {
    let namespaces = Namespaces::parse(debug);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false);
    let filter = filter::filter_fn(move |metadata| namespaces.enable(metadata));
    // It fails if a test or an embedding program listens already, which is fine.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .try_init();
}

/// Reports a panic's place, never its message: that could hold anything.
pub fn report_panics_by_place() {
    panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|at| format!("{}:{}", at.file(), at.line()));
        let place = place.as_deref().unwrap_or("an unknown place");
        // Standard error may be closed; there is nobody left to tell.
        let _ = writeln!(io::stderr(), "authloop-mcp: internal error at {place}");
    }));
}

/// Patterns of namespaces, wanted and unwanted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Namespaces {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Namespaces {
    fn parse(debug: &str) -> Self {
        let mut namespaces = Self::default();
        for pattern in debug
            .split([',', ' ', '\t', '\n'])
            .filter(|part| !part.is_empty())
        {
            match pattern.strip_prefix('-') {
                Some(pattern) => namespaces.unwanted.push(pattern.to_owned()),
                None => namespaces.wanted.push(pattern.to_owned()),
            }
        }
        namespaces
    }

    fn enable(&self, metadata: &Metadata<'_>) -> bool {
        self.enable_target(metadata.target(), *metadata.level())
    }

    fn enable_target(&self, target: &str, level: Level) -> bool {
        if !target.starts_with("authloop") {
            return false;
        }
        let namespace = target.replace("::", ":");
        let is_in =
            |patterns: &[String]| patterns.iter().any(|pattern| covers(pattern, &namespace));
        if is_in(&self.unwanted) {
            false
        } else {
            level <= Level::WARN || (level <= Level::DEBUG && is_in(&self.wanted))
        }
    }
}

/// Tells whether a pattern, in which `*` stands for any text, covers a namespace or one above it.
fn covers(pattern: &str, namespace: &str) -> bool {
    let above = namespace
        .char_indices()
        .filter(|(_, character)| *character == ':')
        .filter_map(|(at, _)| namespace.get(..at));
    above
        .chain([namespace])
        .any(|candidate| matches(pattern, candidate))
}

fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enabled(debug: &str, target: &str, level: Level) -> bool {
        Namespaces::parse(debug).enable_target(target, level)
    }

    #[test]
    fn quiet_by_default_except_for_warnings() {
        assert!(enabled("", "authloop::mcp", Level::WARN));
        assert!(!enabled("", "authloop::mcp", Level::INFO));
    }

    #[test]
    fn debug_selects_and_excludes_namespaces() {
        let debug = "authloop:mcp,authloop:sdk*";
        assert!(enabled(debug, "authloop::mcp", Level::DEBUG));
        assert!(enabled(debug, "authloop::sdk::http", Level::DEBUG));
        assert!(!enabled(debug, "authloop::cdp", Level::DEBUG));
        let debug = "authloop:*, -authloop:cdp";
        assert!(enabled(debug, "authloop::stream", Level::DEBUG));
        assert!(enabled("*", "authloop::stream", Level::DEBUG));
        assert!(!enabled(debug, "authloop::cdp", Level::DEBUG));
        assert!(!enabled(debug, "authloop::cdp::codec", Level::WARN));
    }

    #[test]
    fn libraries_are_never_listened_to() {
        for debug in ["*", "authloop:*", "rmcp:*", "rmcp::*"] {
            assert!(!enabled(debug, "rmcp::service", Level::ERROR), "{debug}");
            assert!(!enabled(debug, "hyper", Level::WARN), "{debug}");
        }
    }

    #[test]
    fn stars_stand_for_any_text() {
        assert!(matches("a*c*e", "abcde"));
        assert!(matches("*", ""));
        assert!(matches("a", "a"));
        assert!(!matches("a", "ab"));
        assert!(!matches("a*b", "a"));
        assert!(!matches("a*c*e", "abde"));
    }
}

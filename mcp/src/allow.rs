//! Which browser addresses a tool call may name.
//!
//! The address comes from a model that reads hostile pages, and CDP is full control of what
//! answers. Whatever can't be read without doubt is refused; the address is never repeated in an
//! error, because its query can hold a token. (Link-local addresses are refused after name
//! resolution, by the connection itself.)

use url::Url;

/// Host names and patterns such as `*.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowList(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Any,
    Host(String),
    /// Everything below a domain, with its leading dot.
    Below(String),
}

impl AllowList {
    /// Reads patterns separated by commas or blanks: `host`, `*.domain` (everything below it) or
    /// `*`. `None` if one of them is something else.
    pub fn parse(text: &str) -> Option<Self> {
        text.split([',', ' ', '\t', '\n'])
            .filter(|pattern| !pattern.is_empty())
            .map(Pattern::parse)
            .collect::<Option<Vec<_>>>()
            .filter(|patterns| !patterns.is_empty())
            .map(Self)
    }

    fn allows(&self, host: &str) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::Any => true,
            Pattern::Host(allowed) => allowed == host,
            Pattern::Below(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
        })
    }
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        if text == "*" {
            return Some(Self::Any);
        }
        let (is_below, name) = match text.strip_prefix("*.") {
            Some(domain) => (true, domain),
            None => (false, text.as_str()),
        };
        let name = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
            .unwrap_or(name);
        let is_host = !name.is_empty()
            && name.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':')
            });
        let is_port_given = name.matches(':').count() == 1;
        if !is_host || is_port_given {
            None
        } else if is_below {
            Some(Self::Below(format!(".{name}")))
        } else {
            Some(Self::Host(name.to_owned()))
        }
    }
}

/// Why a browser's address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RefusedAddress {
    /// It can't be read.
    #[error(
        "cdp_url: expected ws://, wss://, http:// or https:// with a host, or host:port, such as \
         http://127.0.0.1:9222"
    )]
    Invalid,
    /// Its host is not on the list.
    #[error("cdp_url: its host is not one that AUTHLOOP_CDP_ALLOW allows")]
    NotAllowed,
}

/// Checks a browser's address that a tool call gave.
pub(crate) fn check(cdp_url: &str, allow: Option<&AllowList>) -> Result<(), RefusedAddress> {
    let host = host(cdp_url).ok_or(RefusedAddress::Invalid)?;
    if allow.is_none_or(|allow| allow.allows(&host)) {
        Ok(())
    } else {
        Err(RefusedAddress::NotAllowed)
    }
}

fn host(cdp_url: &str) -> Option<String> {
    let is_doubtful = cdp_url.len() > 4_096
        || cdp_url
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    if is_doubtful {
        return None;
    }
    let url = if cdp_url.contains("://") {
        Url::parse(cdp_url)
    } else {
        Url::parse(&format!("http://{cdp_url}"))
    }
    .ok()?;
    if !matches!(url.scheme(), "ws" | "wss" | "http" | "https") {
        return None;
    }
    let host = url.host_str()?;
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    Some(host.trim_end_matches('.').to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> AllowList {
        AllowList::parse(text).expect("patterns")
    }

    #[test]
    fn without_a_list_any_readable_address_will_do() {
        for address in [
            "http://127.0.0.1:9222",
            "127.0.0.1:9222",
            "localhost:9222/",
            "wss://browser.example.com/?token=x",
            "ws://[::1]:9222/devtools/browser/abc",
        ] {
            assert_eq!(check(address, None), Ok(()), "{address}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for address in [
            "",
            "file:///etc/passwd",
            "http://",
            "http:/\tevil.example",
            "http://a b/",
            "http:\\\\x",
        ] {
            assert_eq!(
                check(address, None),
                Err(RefusedAddress::Invalid),
                "{address}"
            );
        }
    }

    #[test]
    fn only_listed_hosts_pass() {
        let list = list("localhost, *.example.com,::1");
        for address in [
            "localhost:9222",
            "wss://eu.EXAMPLE.com/x",
            "ws://[::1]:9222",
            "http://localhost.:9222",
        ] {
            assert_eq!(check(address, Some(&list)), Ok(()), "{address}");
        }
        for address in [
            "http://127.0.0.1:9222",
            "wss://example.com",
            "wss://badexample.com",
            "http://localhost@evil.test/",
            "http://evil.test/?localhost",
            "http://localhost.evil.test",
        ] {
            assert_eq!(
                check(address, Some(&list)),
                Err(RefusedAddress::NotAllowed),
                "{address}"
            );
        }
    }

    #[test]
    fn a_pattern_is_a_host_and_nothing_else() {
        for text in ["http://x", "x:9222", "x/y", "*.", "a*b", ","] {
            assert_eq!(AllowList::parse(text), None, "{text}");
        }
        assert!(list("*").allows("anything"));
    }
}

//! How sessions are encrypted, decided here and by nobody else.
//!
//! No relay's and no caller's word is asked. What the chosen version can't do is refused, never left
//! out in silence: a setting that protects must not be without effect.

use url::{Host, Url};

use super::{InvalidSetting, Place, Reader, place::base_url};
use crate::pin::PinCommand;

/// The protocol version that sessions speak, with its settings.
#[derive(Clone)]
pub enum Protocol {
    /// Version 1: what is typed is encrypted, the picture is not.
    V1,
    /// Version 2: end to end, against the relay too.
    V2(EndToEnd),
}

/// What may be set for version 2.
#[derive(Clone, Default)]
pub struct EndToEnd {
    /// The base of the links, without a slash at the end; the relay's own address if absent.
    pub viewer_url: Option<String>,
    /// What tells the human a PIN; nobody is asked for one if absent.
    pub pin_command: Option<PinCommand>,
}

impl Protocol {
    /// What tells the human a PIN, if they are asked for one.
    pub fn pin_command(&self) -> Option<&PinCommand> {
        match self {
            Self::V1 => None,
            Self::V2(settings) => settings.pin_command.as_ref(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

impl Reader<'_> {
    pub(super) fn protocol(&self, place: &Place) -> Result<Protocol, InvalidSetting> {
        let named = self.parse("AUTHLOOP_E2EE", "v1 or v2", version)?;
        let settings = EndToEnd {
            viewer_url: self.parse(
                "AUTHLOOP_VIEWER_URL",
                "an https URL without query, such as https://viewer.example.com (http only on \
                 this computer)",
                viewer_url,
            )?,
            pin_command: self.parse(
                "AUTHLOOP_PIN_COMMAND",
                "a program and its arguments, quoted as in a shell",
                PinCommand::parse,
            )?,
        };
        let refuse = |variable, expected| Err(InvalidSetting { variable, expected });
        match (named.unwrap_or(default(place)), settings) {
            (Version::V2, _) if is_hosted(place) => refuse(
                "AUTHLOOP_E2EE",
                "v1, because the hosted service speaks no other version (unset AUTHLOOP_API_KEY \
                 to use the relay inside this process, or name one of your own in \
                 AUTHLOOP_BASE_URL)",
            ),
            (Version::V2, settings) => Ok(Protocol::V2(settings)),
            (
                Version::V1,
                EndToEnd {
                    pin_command: Some(_),
                    ..
                },
            ) => refuse(
                "AUTHLOOP_PIN_COMMAND",
                "no value, because protocol version 1, which is spoken here, has no PIN",
            ),
            (
                Version::V1,
                EndToEnd {
                    viewer_url: Some(_),
                    ..
                },
            ) => refuse(
                "AUTHLOOP_VIEWER_URL",
                "no value, because in protocol version 1, which is spoken here, the relay makes \
                 the link",
            ),
            (Version::V1, _) => Ok(Protocol::V1),
        }
    }
}

/// What is spoken where nothing is said.
fn default(place: &Place) -> Version {
    if is_hosted(place) {
        Version::V1
    } else {
        Version::V2
    }
}

fn is_hosted(place: &Place) -> bool {
    match place {
        Place::Embedded(_) => false,
        Place::Remote(remote) => remote.is_hosted(),
    }
}

fn version(text: &str) -> Option<Version> {
    match text {
        "v1" | "V1" => Some(Version::V1),
        "v2" | "V2" => Some(Version::V2),
        _ => None,
    }
}

/// A base URL on which browsers encrypt: https, or http on this computer.
fn viewer_url(text: &str) -> Option<String> {
    let base = base_url(text)?;
    let url = Url::parse(&base).ok()?;
    let is_here = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    (url.scheme() == "https" || is_here).then_some(base)
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{read, refused},
        *,
    };

    const HOSTED: (&str, &str) = ("AUTHLOOP_API_KEY", "al_live_x");

    fn end_to_end(variables: &[(&str, &str)]) -> Option<EndToEnd> {
        match read(variables).expect("usable").protocol {
            Protocol::V1 => None,
            Protocol::V2(settings) => Some(settings),
        }
    }

    #[test]
    fn a_version_that_is_named_is_spoken() {
        assert!(end_to_end(&[("AUTHLOOP_E2EE", "v1")]).is_none());
        assert!(end_to_end(&[("AUTHLOOP_E2EE", "v2")]).is_some());
        assert!(end_to_end(&[("AUTHLOOP_E2EE", "V2")]).is_some());
        let own_relay = &[
            HOSTED,
            ("AUTHLOOP_BASE_URL", "https://relay.example"),
            ("AUTHLOOP_E2EE", "v2"),
        ];
        assert!(end_to_end(own_relay).is_some());
        let own_relay = &[HOSTED, ("AUTHLOOP_BASE_URL", "https://relay.example")];
        assert!(end_to_end(own_relay).is_some(), "by itself");
        assert!(end_to_end(&[]).is_some(), "by itself");
        for other in ["v3", "2", "on", "off", "v1,v2"] {
            let variables = [("AUTHLOOP_E2EE", other)];
            assert_eq!(refused(&variables), "AUTHLOOP_E2EE");
        }
    }

    #[test]
    fn the_hosted_service_speaks_version_1_only() {
        assert!(end_to_end(&[HOSTED]).is_none());
        for address in [
            "https://api.authloop.ai",
            "https://API.authloop.ai:443/",
            "http://api.authloop.ai/v1",
        ] {
            let variables = [
                HOSTED,
                ("AUTHLOOP_BASE_URL", address),
                ("AUTHLOOP_E2EE", "v2"),
            ];
            let error = read(&variables).err().expect("refused");
            assert_eq!(error.variable, "AUTHLOOP_E2EE");
            assert!(error.to_string().contains("the hosted service"), "{error}");
        }
    }

    #[test]
    fn a_setting_of_version_2_is_never_ignored_in_version_1() {
        for place in [("AUTHLOOP_E2EE", "v1"), HOSTED] {
            for setting in [
                ("AUTHLOOP_PIN_COMMAND", "notify"),
                ("AUTHLOOP_VIEWER_URL", "https://viewer.example"),
            ] {
                let variables = [place, setting];
                let error = read(&variables).err().expect("refused");
                assert_eq!(error.variable, setting.0);
                assert!(error.to_string().contains("version 1"), "{error}");
            }
        }
    }

    #[test]
    fn links_are_https_unless_they_stay_on_this_computer() {
        for (text, base) in [
            ("https://viewer.example/", "https://viewer.example"),
            ("https://viewer.example/a/", "https://viewer.example/a"),
            ("http://127.0.0.1:8420", "http://127.0.0.1:8420"),
            ("http://[::1]:8420", "http://[::1]:8420"),
            ("http://localhost:8420", "http://localhost:8420"),
        ] {
            assert_eq!(viewer_url(text).as_deref(), Some(base));
        }
        for text in [
            "http://viewer.example",
            "http://192.168.1.7:8420",
            "http://localhost.example",
            "https://viewer.example/?q",
            "https://viewer.example/#x",
            "https://u@viewer.example",
            "wss://viewer.example",
            "viewer.example",
        ] {
            assert_eq!(viewer_url(text), None, "{text}");
        }
    }

    #[test]
    fn a_pin_command_is_a_program_and_its_arguments() {
        for broken in ["notify 'me", "''", "# nothing"] {
            let variables = [("AUTHLOOP_E2EE", "v2"), ("AUTHLOOP_PIN_COMMAND", broken)];
            assert_eq!(refused(&variables), "AUTHLOOP_PIN_COMMAND");
        }
        let settings = end_to_end(&[
            ("AUTHLOOP_E2EE", "v2"),
            ("AUTHLOOP_PIN_COMMAND", "notify 'to me'"),
        ]);
        assert!(settings.expect("version 2").pin_command.is_some());
    }
}

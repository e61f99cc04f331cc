//! The environment, read into a typed configuration.
//!
//! Read when a tool is called, never at the start: a wrong value is a tool error that names the
//! variable and what it expects, so that the client shows it instead of "failed to connect". An
//! empty value counts as unset. An error never holds the value: it may be a secret.

use std::{env, net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use authloop_core::{
    api::{DEFAULT_TTL_SECONDS, MAX_TTL_SECONDS},
    secret::ApiKey,
};
use url::Url;

use crate::allow::AllowList;

/// Where the environment comes from: a name in, its value out.
pub type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Looks a variable up in the process's environment.
///
/// Bytes that are not UTF-8 come out as replacement characters, which no setting accepts.
pub fn process_environment(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// The hosted relay, used when there is a key and no base URL.
pub const HOSTED_BASE_URL: &str = "https://api.authloop.ai";

/// Most frames a second through the hosted relay, which queues what it can't forward.
const HOSTED_FRAME_RATE: NonZeroU32 = NonZeroU32::new(15).expect("not zero");

/// What the environment says.
///
/// No `Debug`: it holds the API key, and a browser address that can hold a token.
pub struct Settings {
    /// Where sessions live.
    pub place: Place,
    /// The browser's address, when a call gives none.
    pub cdp_url: Option<String>,
    /// The hosts a call may name as its browser; any if absent.
    pub cdp_allow: Option<AllowList>,
    /// Seconds a session may last, 60 to 86,400.
    pub ttl: u64,
    /// The longest one status call may wait; as long as the session if absent.
    pub status_wait: Option<Duration>,
    /// How long a session outlives a cancelled wait.
    pub cancel_grace: Duration,
}

/// Where sessions live.
#[derive(Clone)]
pub enum Place {
    /// In a relay inside this process.
    Embedded(Embedded),
    /// At a relay elsewhere.
    Remote(Remote),
}

/// How the relay inside this process is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address humans use, when a tunnel or proxy stands in front.
    pub public_url: Option<String>,
    /// Whether it speaks TLS.
    pub tls: TlsSetting,
}

/// Whether the relay inside this process speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSetting {
    /// Plain HTTP.
    Off,
    /// TLS with a certificate made at the start.
    SelfSigned,
    /// TLS with a certificate from files.
    Files {
        /// The certificate chain, PEM.
        certificate: PathBuf,
        /// Its private key, PEM.
        key: PathBuf,
    },
}

/// A relay elsewhere.
#[derive(Clone)]
pub struct Remote {
    /// Its REST base URL, without a slash at the end.
    pub base_url: String,
    /// The key it knows us by.
    pub api_key: ApiKey,
    /// Most frames a second, if it queues what it can't forward.
    pub max_frame_rate: Option<NonZeroU32>,
}

/// A variable whose value can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {variable} is not usable: expected {expected}")]
pub struct InvalidSetting {
    /// Its name.
    pub variable: &'static str,
    /// What it should hold.
    pub expected: &'static str,
}

impl Settings {
    /// Reads every variable.
    pub fn read(environment: &Environment) -> Result<Self, InvalidSetting> {
        let reader = Reader(environment);
        reader.parse("AUTHLOOP_E2EE", "v1 (v2 is not available yet)", |text| {
            text.eq_ignore_ascii_case("v1").then_some(())
        })?;
        Ok(Self {
            place: reader.place()?,
            cdp_url: reader.get("AUTHLOOP_CDP_URL"),
            cdp_allow: reader.parse(
                "AUTHLOOP_CDP_ALLOW",
                "host names separated by commas, such as localhost,*.example.com",
                AllowList::parse,
            )?,
            ttl: reader
                .seconds(
                    "AUTHLOOP_TTL",
                    60,
                    "a whole number of seconds from 60 to 86400",
                )?
                .unwrap_or(DEFAULT_TTL_SECONDS),
            status_wait: reader
                .seconds(
                    "AUTHLOOP_STATUS_WAIT",
                    1,
                    "a whole number of seconds from 1 to 86400",
                )?
                .map(Duration::from_secs),
            cancel_grace: reader
                .seconds(
                    "AUTHLOOP_CANCEL_GRACE",
                    0,
                    "a whole number of seconds from 0 to 86400",
                )?
                .map_or(Duration::from_secs(60), Duration::from_secs),
        })
    }
}

struct Reader<'a>(&'a Environment);

impl Reader<'_> {
    fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    fn parse<T>(
        &self,
        variable: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, InvalidSetting> {
        let Some(text) = self.get(variable) else {
            return Ok(None);
        };
        parse(&text)
            .map(Some)
            .ok_or(InvalidSetting { variable, expected })
    }

    fn seconds(
        &self,
        variable: &'static str,
        least: u64,
        expected: &'static str,
    ) -> Result<Option<u64>, InvalidSetting> {
        self.parse(variable, expected, |text| {
            let seconds = text.parse().ok()?;
            (least..=MAX_TTL_SECONDS)
                .contains(&seconds)
                .then_some(seconds)
        })
    }

    fn place(&self) -> Result<Place, InvalidSetting> {
        let base_url = self.parse(
            "AUTHLOOP_BASE_URL",
            "an http or https URL without query, such as https://relay.example.com",
            base_url,
        )?;
        let api_key = self.parse(
            "AUTHLOOP_API_KEY",
            "a key of letters, digits and the signs - _ . ~ + / =",
            api_key,
        )?;
        match (base_url, api_key) {
            (None, None) => self.embedded().map(Place::Embedded),
            (Some(_), None) => Err(InvalidSetting {
                variable: "AUTHLOOP_API_KEY",
                expected: "the relay's API key, because AUTHLOOP_BASE_URL is set (unset both to \
                           use the relay inside this process)",
            }),
            (base_url, Some(api_key)) => {
                let base_url = base_url.unwrap_or_else(|| HOSTED_BASE_URL.to_owned());
                let max_frame_rate = (base_url == HOSTED_BASE_URL).then_some(HOSTED_FRAME_RATE);
                Ok(Place::Remote(Remote {
                    base_url,
                    api_key,
                    max_frame_rate,
                }))
            }
        }
    }

    fn embedded(&self) -> Result<Embedded, InvalidSetting> {
        let listen = self
            .parse(
                "AUTHLOOP_LISTEN",
                "an IP address and a port, such as 127.0.0.1:0 or 0.0.0.0:8443",
                |text| text.parse().ok(),
            )?
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let public_url = self.parse(
            "AUTHLOOP_PUBLIC_URL",
            "an http or https URL without path and query, such as https://mybox.example.com",
            |text| base_url(text).filter(|url| url.matches('/').count() == 2),
        )?;
        let tls = self
            .parse(
                "AUTHLOOP_TLS",
                "self-signed, or the paths of a certificate and its key: cert.pem,key.pem",
                tls,
            )?
            .unwrap_or(TlsSetting::Off);
        Ok(Embedded {
            listen,
            public_url,
            tls,
        })
    }
}

fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    usable.then(|| url.as_str().trim_end_matches('/').to_owned())
}

fn api_key(text: &str) -> Option<ApiKey> {
    let usable = text.len() <= 512
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=')
        });
    usable.then(|| ApiKey::new(text))
}

fn tls(text: &str) -> Option<TlsSetting> {
    if text.eq_ignore_ascii_case("self-signed") {
        return Some(TlsSetting::SelfSigned);
    }
    let (certificate, key) = text.split_once(',')?;
    let (certificate, key) = (certificate.trim(), key.trim());
    let usable = !certificate.is_empty() && !key.is_empty() && !key.contains(',');
    usable.then(|| TlsSetting::Files {
        certificate: certificate.into(),
        key: key.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &'static [(&str, &str)]) -> Result<Settings, InvalidSetting> {
        Settings::read(&move |name: &str| {
            variables
                .iter()
                .find(|(variable, _)| *variable == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    fn refused(variables: &'static [(&str, &str)]) -> &'static str {
        read(variables).err().expect("refused").variable
    }

    #[test]
    fn an_empty_environment_means_a_relay_on_this_computer() {
        let settings = read(&[("AUTHLOOP_API_KEY", " ")]).expect("usable");
        let Place::Embedded(embedded) = settings.place else {
            unreachable!("no key is set");
        };
        assert!(embedded.listen.ip().is_loopback());
        assert_eq!(embedded.tls, TlsSetting::Off);
        assert_eq!(settings.ttl, 600);
        assert_eq!(settings.cancel_grace, Duration::from_secs(60));
        assert_eq!(settings.status_wait, None);
    }

    #[test]
    fn a_key_alone_means_the_hosted_relay_at_15_frames_a_second() {
        let settings = read(&[("AUTHLOOP_API_KEY", "al_live_x")]).expect("usable");
        let Place::Remote(remote) = settings.place else {
            unreachable!("a key is set");
        };
        assert_eq!(remote.base_url, HOSTED_BASE_URL);
        assert_eq!(remote.max_frame_rate.map(NonZeroU32::get), Some(15));
    }

    #[test]
    fn a_key_and_a_base_url_mean_a_relay_of_ones_own() {
        let settings = read(&[
            ("AUTHLOOP_API_KEY", "al_live_x"),
            ("AUTHLOOP_BASE_URL", "https://relay.example.com/authloop/"),
        ])
        .expect("usable");
        let Place::Remote(remote) = settings.place else {
            unreachable!("a key is set");
        };
        assert_eq!(remote.base_url, "https://relay.example.com/authloop");
        assert_eq!(remote.max_frame_rate, None);
    }

    #[test]
    fn a_base_url_without_a_key_names_the_key() {
        assert_eq!(
            refused(&[("AUTHLOOP_BASE_URL", "https://relay.example.com")]),
            "AUTHLOOP_API_KEY"
        );
    }

    #[test]
    fn every_wrong_value_names_its_variable() {
        assert_eq!(
            refused(&[("AUTHLOOP_API_KEY", "${AUTHLOOP_API_KEY}")]),
            "AUTHLOOP_API_KEY"
        );
        assert_eq!(
            refused(&[
                ("AUTHLOOP_API_KEY", "k"),
                ("AUTHLOOP_BASE_URL", "relay.example.com")
            ]),
            "AUTHLOOP_BASE_URL"
        );
        assert_eq!(
            refused(&[("AUTHLOOP_LISTEN", "localhost")]),
            "AUTHLOOP_LISTEN"
        );
        assert_eq!(
            refused(&[("AUTHLOOP_PUBLIC_URL", "https://x/?y")]),
            "AUTHLOOP_PUBLIC_URL"
        );
        assert_eq!(
            refused(&[("AUTHLOOP_PUBLIC_URL", "https://x/y")]),
            "AUTHLOOP_PUBLIC_URL"
        );
        assert_eq!(refused(&[("AUTHLOOP_TLS", "yes")]), "AUTHLOOP_TLS");
        assert_eq!(refused(&[("AUTHLOOP_TLS", "a,b,c")]), "AUTHLOOP_TLS");
        assert_eq!(refused(&[("AUTHLOOP_TTL", "59")]), "AUTHLOOP_TTL");
        assert_eq!(refused(&[("AUTHLOOP_TTL", "86401")]), "AUTHLOOP_TTL");
        assert_eq!(refused(&[("AUTHLOOP_TTL", "ten")]), "AUTHLOOP_TTL");
        assert_eq!(
            refused(&[("AUTHLOOP_STATUS_WAIT", "0")]),
            "AUTHLOOP_STATUS_WAIT"
        );
        assert_eq!(
            refused(&[("AUTHLOOP_CANCEL_GRACE", "-1")]),
            "AUTHLOOP_CANCEL_GRACE"
        );
        assert_eq!(
            refused(&[("AUTHLOOP_CDP_ALLOW", "http://x")]),
            "AUTHLOOP_CDP_ALLOW"
        );
        assert_eq!(refused(&[("AUTHLOOP_E2EE", "v2")]), "AUTHLOOP_E2EE");
    }

    #[test]
    fn an_error_never_repeats_the_value() {
        let error = read(&[("AUTHLOOP_API_KEY", "s3cret with blanks")])
            .err()
            .expect("refused");
        assert!(!error.to_string().contains("s3cret"));
    }

    #[test]
    fn certificate_files_are_two_paths() {
        assert_eq!(
            tls("cert.pem, key.pem"),
            Some(TlsSetting::Files {
                certificate: "cert.pem".into(),
                key: "key.pem".into(),
            })
        );
    }
}

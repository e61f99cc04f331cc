//! The environment, read into a typed configuration.
//!
//! Read when a tool is called, never at the start: a wrong value is a tool error that names the
//! variable and what it expects, so that the client shows it instead of "failed to connect". An
//! empty value counts as unset. An error never holds the value: it may be a secret.

mod place;
mod protocol;

use std::{env, path::PathBuf, time::Duration};

use authloop_core::api::{DEFAULT_TTL_SECONDS, MAX_TTL_SECONDS};

use crate::allow::AllowList;

pub use self::{
    place::{Embedded, HOSTED_BASE_URL, Place, Remote, TlsSetting},
    protocol::{EndToEnd, Protocol},
};

/// Where the environment comes from: a name in, its value out.
pub type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Looks a variable up in the process's environment.
///
/// Bytes that are not UTF-8 come out as replacement characters, which no setting accepts.
pub fn process_environment(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// What the environment says.
///
/// No `Debug`: it holds the API key, and a browser address that can hold a token.
pub struct Settings {
    /// Where sessions live.
    pub place: Place,
    /// How they are encrypted.
    pub protocol: Protocol,
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
    /// Where hand-offs are written down for a bug report; nowhere if absent.
    pub trace: Option<PathBuf>,
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
        let place = reader.place()?;
        Ok(Self {
            protocol: reader.protocol(&place)?,
            place,
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
            trace: reader.get("AUTHLOOP_TRACE").map(PathBuf::from),
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
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn read(variables: &[(&str, &str)]) -> Result<Settings, InvalidSetting> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: Vec<_> = variables.iter().map(owned).collect();
        Settings::read(&move |name: &str| {
            let variable = variables.iter().find(|(variable, _)| variable == name);
            variable.map(|(_, value)| value.clone())
        })
    }

    pub(super) fn refused(variables: &[(&str, &str)]) -> &'static str {
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
        assert_eq!(settings.trace, None);
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
    }

    #[test]
    fn an_error_never_repeats_the_value() {
        let error = read(&[("AUTHLOOP_API_KEY", "s3cret with blanks")])
            .err()
            .expect("refused");
        assert!(!error.to_string().contains("s3cret"));
    }
}

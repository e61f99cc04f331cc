//! The program's options, and what they amount to.

use std::{fs, io, net::SocketAddr, path::PathBuf, time::Duration};

use authloop_core::secret::ApiKey;
use authloop_relay::{ApiKeys, RelayConfig, Tls};
use clap::Parser;

/// Lets humans take over AI agents' browser tabs: REST API, stream sockets and the viewer page.
#[derive(Parser)]
#[command(name = "authloop-relay", version, about)]
pub(crate) struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "AUTHLOOP_RELAY_LISTEN",
        default_value = "127.0.0.1:8420"
    )]
    listen: SocketAddr,

    /// Where humans and agents reach the relay, such as https://relay.example
    #[arg(long, value_name = "URL", env = "AUTHLOOP_RELAY_PUBLIC_URL")]
    public_url: Option<String>,

    /// An API key; give it again for more, or separate several by commas
    #[arg(
        long,
        value_name = "KEY",
        env = "AUTHLOOP_RELAY_API_KEY",
        hide_env_values = true,
        value_delimiter = ','
    )]
    api_key: Vec<String>,

    /// A file with one API key a line; lines that begin with # are comments
    #[arg(long, value_name = "FILE", env = "AUTHLOOP_RELAY_API_KEY_FILE")]
    api_key_file: Option<PathBuf>,

    /// Print a new API key and exit
    #[arg(long)]
    generate_key: bool,

    /// The TLS certificate chain, PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "AUTHLOOP_RELAY_TLS_CERT",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,

    /// The TLS private key, PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "AUTHLOOP_RELAY_TLS_KEY",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,

    /// Serve TLS with a certificate made at start: browsers warn, then encrypt
    #[arg(
        long,
        env = "AUTHLOOP_RELAY_TLS_SELF_SIGNED",
        conflicts_with = "tls_cert"
    )]
    tls_self_signed: bool,

    /// Answer only to IP addresses, localhost and the public URL's host
    #[arg(long, env = "AUTHLOOP_RELAY_CHECK_HOST")]
    check_host: bool,

    /// Sessions one key may create in a minute
    #[arg(
        long,
        value_name = "NUMBER",
        env = "AUTHLOOP_RELAY_CREATIONS_PER_MINUTE",
        default_value_t = 60
    )]
    creations_per_minute: u32,

    /// How long open sockets may take to leave when the relay is asked to stop
    #[arg(
        long,
        value_name = "SECONDS",
        env = "AUTHLOOP_RELAY_DRAIN_SECONDS",
        default_value_t = 10
    )]
    drain_seconds: u64,
}

/// What the options amount to.
pub(crate) enum Plan {
    /// Print a new key.
    GenerateKey,
    /// Run a relay.
    Serve {
        /// As this.
        config: Box<RelayConfig>,
        /// How long a stop may take.
        drain: Duration,
    },
}

/// Why the options don't amount to anything.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnusableOptions {
    #[error(
        "no API key: give --api-key or --api-key-file (or AUTHLOOP_RELAY_API_KEY, \
         AUTHLOOP_RELAY_API_KEY_FILE); --generate-key prints a new one"
    )]
    NoApiKey,
    #[error("can't read the API keys in {path}")]
    ApiKeyFile { path: PathBuf, source: io::Error },
}

impl Options {
    pub(crate) fn plan(self) -> Result<Plan, UnusableOptions> {
        if self.generate_key {
            return Ok(Plan::GenerateKey);
        }
        let api_keys = self.api_keys()?;
        let mut config = RelayConfig::new(self.listen, api_keys);
        config.public_url = self.public_url;
        config.check_host = self.check_host;
        config.limits.creations_per_minute = self.creations_per_minute;
        config.tls = match (self.tls_cert, self.tls_key) {
            (Some(cert), Some(key)) => Tls::Files { cert, key },
            _ if self.tls_self_signed => Tls::SelfSigned,
            _ => Tls::None,
        };
        Ok(Plan::Serve {
            config: Box::new(config),
            drain: Duration::from_secs(self.drain_seconds),
        })
    }

    fn api_keys(&self) -> Result<ApiKeys, UnusableOptions> {
        let mut keys: Vec<ApiKey> = self
            .api_key
            .iter()
            .filter_map(|key| read_key(key))
            .collect();
        if let Some(path) = &self.api_key_file {
            let file = fs::read_to_string(path).map_err(|source| UnusableOptions::ApiKeyFile {
                path: path.clone(),
                source,
            })?;
            let lines = file.lines().filter(|line| !line.starts_with('#'));
            keys.extend(lines.filter_map(read_key));
        }
        if keys.is_empty() {
            return Err(UnusableOptions::NoApiKey);
        }
        Ok(ApiKeys::new(&keys))
    }
}

fn read_key(text: &str) -> Option<ApiKey> {
    let text = text.trim();
    (!text.is_empty()).then(|| ApiKey::new(text))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn plan(arguments: &[&str]) -> Result<Plan, UnusableOptions> {
        Options::try_parse_from([&["authloop-relay"], arguments].concat())
            .expect("options that parse")
            .plan()
    }

    #[test]
    fn the_options_do_not_contradict_each_other() {
        Options::command().debug_assert();
    }

    #[test]
    fn every_value_has_its_variable() {
        for argument in Options::command().get_arguments() {
            let name = argument.get_id().as_str();
            let expected = format!("AUTHLOOP_RELAY_{}", name.to_uppercase());
            let variable = argument.get_env().and_then(|name| name.to_str());
            assert!(
                name == "generate_key" || variable == Some(expected.as_str()),
                "{name}"
            );
        }
    }

    #[test]
    fn no_key_is_refused_in_words() {
        let Err(error) = plan(&["--api-key", " "]) else {
            unreachable!("a blank key is none");
        };
        assert!(error.to_string().contains("--generate-key"));
    }

    #[test]
    fn certificate_files_and_self_signed_exclude_each_other() {
        let both = Options::try_parse_from([
            "authloop-relay",
            "--tls-cert=c",
            "--tls-key=k",
            "--tls-self-signed",
        ]);
        assert!(both.is_err());
        assert!(Options::try_parse_from(["authloop-relay", "--tls-cert=c"]).is_err());
    }

    #[test]
    fn options_become_a_configuration() {
        let Ok(Plan::Serve { config, drain }) = plan(&[
            "--listen=0.0.0.0:8443",
            "--public-url=https://relay.example",
            "--api-key=one,two",
            "--tls-self-signed",
            "--check-host",
            "--drain-seconds=3",
        ]) else {
            unreachable!("a plan to serve");
        };
        assert_eq!(config.listen.port(), 8443);
        assert_eq!(config.public_url.as_deref(), Some("https://relay.example"));
        assert_eq!(config.tls, Tls::SelfSigned);
        assert!(config.check_host);
        assert!(!config.api_keys.is_empty());
        assert_eq!(drain, Duration::from_secs(3));
    }
}

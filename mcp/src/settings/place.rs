//! Where sessions live: in the relay inside this process, or at one elsewhere.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf};

use authloop_core::secret::ApiKey;
use url::Url;

use super::{InvalidSetting, Reader};

/// The hosted relay, used when there is a key and no base URL.
pub const HOSTED_BASE_URL: &str = "https://api.authloop.ai";

/// Most frames a second through the hosted relay, which queues what it can't forward.
const HOSTED_FRAME_RATE: NonZeroU32 = NonZeroU32::new(15).expect("not zero");

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

impl Remote {
    /// Tells whether this is the hosted relay, however its address is written.
    pub fn is_hosted(&self) -> bool {
        is_hosted(&self.base_url)
    }
}

impl Reader<'_> {
    pub(super) fn place(&self) -> Result<Place, InvalidSetting> {
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
                let max_frame_rate = is_hosted(&base_url).then_some(HOSTED_FRAME_RATE);
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

pub(super) fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    usable.then(|| url.as_str().trim_end_matches('/').to_owned())
}

fn is_hosted(base_url: &str) -> bool {
    let host = |url| Url::parse(url).ok()?.host_str().map(str::to_owned);
    host(base_url) == host(HOSTED_BASE_URL)
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
    use super::{
        super::tests::{read, refused},
        *,
    };

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

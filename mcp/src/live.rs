//! Real hand-offs: the agent on tokio, and the relay inside this process when there is no other.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use authloop_core::{
    agent::{
        config::{Config, Encryption, EndToEnd},
        event::Status,
        io::Request,
    },
    secret::ApiKey,
};
use authloop_relay::{ApiKeys, RelayConfig, RunningRelay, StreamBase, Tls, generate_api_key};
use authloop_tokio::{CertificateDer, Handle, Options, TraceFile, hand_off};
use futures::{FutureExt as _, future::BoxFuture};
use tokio::sync::Mutex;

use crate::{
    backend::{Backend, HandOff, Order, Reach, StartError, Started},
    settings::{Embedded, Place, Protocol, TlsSetting},
};

/// How long the embedded relay may take to close its sockets, once its sessions have ended.
const RELAY_GRACE: Duration = Duration::from_millis(100);

/// Starts real hand-offs. The embedded relay starts with the first one that needs it.
#[derive(Default)]
pub struct Live {
    relay: Mutex<Option<OwnRelay>>,
    /// How many hand-offs were written down.
    traces: AtomicU32,
}

/// The relay inside this process.
struct OwnRelay {
    running: RunningRelay,
    key: ApiKey,
}

impl Backend for Live {
    fn start(&self, order: Order) -> BoxFuture<'_, Result<Started, StartError>> {
        self.hand_over(order).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async {
            if let Some(relay) = self.relay.lock().await.take() {
                relay.running.shutdown(RELAY_GRACE).await;
            }
        }
        .boxed()
    }
}

impl Live {
    async fn hand_over(&self, order: Order) -> Result<Started, StartError> {
        let mut config = Config {
            cdp_url: order.cdp_url,
            relay_url: String::new(),
            api_key: ApiKey::new(""),
            service: order.service,
            context: order.context,
            ttl: Some(order.ttl),
            max_frame_rate: None,
            encryption: Encryption::V1,
        };
        let mut options = Options::default();
        let public_url;
        let reach = match order.place {
            Place::Remote(remote) => {
                public_url = remote.base_url.clone();
                config.relay_url = remote.base_url;
                config.api_key = remote.api_key;
                config.max_frame_rate = remote.max_frame_rate;
                Reach::AnyDevice
            }
            Place::Embedded(embedded) => {
                let mut relay = self.relay.lock().await;
                let relay = match &mut *relay {
                    Some(relay) => relay,
                    none => none.insert(OwnRelay::start(embedded).await?),
                };
                public_url = relay.running.public_url().to_owned();
                config.relay_url = relay.running.base_url().to_owned();
                config.api_key = relay.key.clone();
                if let Some(certificate) = relay.running.certificate_der() {
                    let certificate = CertificateDer::from(certificate.to_vec());
                    options = options.with_extra_roots(vec![certificate]);
                }
                if relay.running.is_loopback_only() {
                    Reach::ThisComputer
                } else {
                    Reach::AnyDevice
                }
            }
        };
        if let Protocol::V2(settings) = order.protocol {
            config.encryption = Encryption::V2(EndToEnd {
                viewer_url: settings.viewer_url.unwrap_or(public_url),
                pin: order.pin,
            });
        }
        if let Some(path) = order.trace {
            options = options.with_trace(self.trace(path)?);
        }
        Ok(Started {
            hand_off: Arc::new(Running(hand_off(options, config))),
            reach,
        })
    }

    /// Makes the file for the next trace: at this path for the first, with a number behind it for others.
    fn trace(&self, mut path: PathBuf) -> Result<TraceFile, StartError> {
        let before = self.traces.fetch_add(1, Ordering::Relaxed);
        if before > 0 {
            path.as_mut_os_string().push(format!(".{}", before + 1));
        }
        TraceFile::create(path).map_err(|error| StartError::Trace(error.kind()))
    }
}

impl OwnRelay {
    async fn start(embedded: Embedded) -> Result<Self, StartError> {
        let key = generate_api_key().map_err(|_| StartError::Relay)?;
        let mut config = RelayConfig::new(embedded.listen, ApiKeys::new([&key]));
        config.public_url = embedded.public_url;
        config.stream_base = StreamBase::Local;
        config.check_host = true;
        config.tls = match embedded.tls {
            TlsSetting::Off => Tls::None,
            TlsSetting::SelfSigned => Tls::SelfSigned,
            TlsSetting::Files { certificate, key } => Tls::Files {
                cert: certificate,
                key,
            },
        };
        let running = authloop_relay::start(config).await.map_err(start_error)?;
        tracing::info!(target: "authloop::mcp", "the relay inside this process runs");
        Ok(Self { running, key })
    }
}

fn start_error(error: authloop_relay::StartError) -> StartError {
    use authloop_relay::StartError as Cause;

    match error {
        Cause::Listen { source, .. } => StartError::Listen(source.kind()),
        Cause::Url { .. } => StartError::PublicUrl,
        Cause::ReadPem { .. } | Cause::Certificate(_) => StartError::Tls,
        Cause::NoApiKey | Cause::Random(_) | _ => StartError::Relay,
    }
}

struct Running(Handle);

impl HandOff for Running {
    fn changed(&self, since: Status) -> BoxFuture<'_, Status> {
        async move { self.0.wait_until(|status| *status != since).await }.boxed()
    }

    fn request(&self, request: Request) {
        // Refused means that it has ended, or that the same was asked for many times already.
        let _ = self.0.request(request);
    }

    fn finished(&self) -> BoxFuture<'_, ()> {
        async {
            self.0.finished().await;
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn every_hand_off_has_a_trace_of_its_own_and_none_takes_another_file_s_place() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("trace");
        let live = Live::default();
        live.trace(path.clone()).expect("nothing is there");
        live.trace(path.clone()).expect("nothing is there");
        assert!(path.exists() && folder.path().join("trace.2").exists());
        let again = Live::default().trace(path).map(drop);
        assert_eq!(again, Err(StartError::Trace(ErrorKind::AlreadyExists)));
    }
}

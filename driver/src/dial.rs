//! Gets a byte stream to a host: name resolution, TCP to whichever address answers, TLS.
//!
//! Every resolved address gets its chance, none can use up the others' (RFC 8305 in small). The
//! time limit is the caller's: dropping the future gives up.

use std::{
    net::{IpAddr, SocketAddr},
    pin::pin,
    task::{Poll, ready},
    time::Duration,
};

use authloop_core::agent::io::{ConnectFailure, HostHeader, Peer};
use futures::{StreamExt as _, future::poll_fn, stream::FuturesUnordered};

use crate::{
    address::{Address, is_forbidden},
    runtime::Runtime,
    tls::Tls,
    transport::Transport,
};

/// How long an address may stay silent before the next one is tried beside it (RFC 8305 §5).
const STAGGER: Duration = Duration::from_millis(250);

/// The most addresses of one name that are tried.
const MAX_ADDRESSES: usize = 16;

/// A byte stream, and what the `Host` header of a request on it should say.
pub(crate) struct Dialled<S> {
    pub(crate) transport: Transport<S>,
    pub(crate) host: String,
}

/// Connects to an address.
pub(crate) async fn dial<R: Runtime>(
    runtime: &R,
    tls: &Tls,
    peer: Peer,
    address: &Address,
    host: HostHeader,
) -> Result<Dialled<R::Stream>, ConnectFailure> {
    let candidates = resolve(runtime, peer, address).await?;
    let (stream, at) = connect_any(runtime, candidates).await?;
    let transport = if address.secure {
        Transport::tls(tls.handshake(&address.host, stream).await?)
    } else {
        Transport::plain(stream)
    };
    let host = match host {
        HostHeader::Name => address.host_and_port.clone(),
        HostHeader::Address => at.to_string(),
    };
    Ok(Dialled { transport, host })
}

async fn resolve<R: Runtime>(
    runtime: &R,
    peer: Peer,
    address: &Address,
) -> Result<Vec<SocketAddr>, ConnectFailure> {
    let mut found = match address.host.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, address.port)],
        Err(_) => runtime
            .resolve(&address.host, address.port)
            .await
            .map_err(|_| ConnectFailure::Unresolved)?,
    };
    if found.is_empty() {
        return Err(ConnectFailure::Unresolved);
    }
    found.retain(|at| !is_forbidden(peer, at.ip()));
    if found.is_empty() {
        return Err(ConnectFailure::Forbidden);
    }
    found.truncate(MAX_ADDRESSES);
    Ok(found)
}

/// Returns the first connection that comes to be. Addresses start in order: the next one when one
/// before it failed, or has been silent for [`STAGGER`].
async fn connect_any<R: Runtime>(
    runtime: &R,
    candidates: Vec<SocketAddr>,
) -> Result<(R::Stream, SocketAddr), ConnectFailure> {
    let mut waiting = candidates.into_iter();
    let mut attempts = FuturesUnordered::new();
    let pause = || runtime.sleep_until(runtime.now() + STAGGER);
    let mut patience = pin!(pause());
    poll_fn(|cx| {
        loop {
            match attempts.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(connected))) => return Poll::Ready(Ok(connected)),
                Poll::Ready(Some(Err(_)) | None) => {}
                Poll::Pending => {
                    if waiting.len() == 0 {
                        return Poll::Pending;
                    }
                    ready!(patience.as_mut().poll(cx));
                }
            }
            if let Some(at) = waiting.next() {
                attempts.push(async move {
                    let connected = runtime.connect(at).await;
                    connected.map(|stream| (stream, at))
                });
                patience.set(pause());
            } else if attempts.is_empty() {
                return Poll::Ready(Err(ConnectFailure::Unreachable));
            }
        }
    })
    .await
}

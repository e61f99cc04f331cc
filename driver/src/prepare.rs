//! The socket options of every connection, on whatever runtime.

use std::io;
#[cfg(unix)]
use std::os::fd::AsFd as AsSocket;
#[cfg(windows)]
use std::os::windows::io::AsSocket;

use socket2::SockRef;

/// Sets up a TCP connection as [`crate::Runtime::Stream`] should be: small writes leave at once, and
/// little is held that isn't on its way yet.
///
/// Fails if the socket is of no use already.
pub fn prepare(stream: &impl AsSocket) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_tcp_nodelay(true)?;
    limit_unsent(&socket);
    Ok(())
}

/// Keeps the kernel from buffering megabytes ahead of a slow link: what is flushed is then on its
/// way but for these bytes. A kernel that refuses is no reason not to connect.
#[cfg(any(target_os = "android", target_os = "linux"))]
fn limit_unsent(socket: &SockRef<'_>) {
    const UNSENT_BYTES: u32 = 64 << 10;
    let _ = socket.set_tcp_notsent_lowat(UNSENT_BYTES);
}

#[cfg(not(any(target_os = "android", target_os = "linux")))]
fn limit_unsent(_: &SockRef<'_>) {}

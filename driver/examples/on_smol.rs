//! A hand-off on a runtime that has no adapter: twenty lines for smol's reactor.
//!
//! The crate page shows it word for word; a test runs it.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a program with a terminal")]

use std::{
    env,
    error::Error,
    io,
    net::{SocketAddr, TcpStream, ToSocketAddrs as _},
    time::Instant,
};

use async_io::{Async, Timer, block_on};
use authloop_core::{
    agent::{
        config::{Config, Encryption, EndToEnd},
        event::Outcome,
    },
    secret::ApiKey,
};
use authloop_driver::{Options, Runtime, prepare, start};
use futures::{FutureExt as _, future::join};

/// smol's reactor. It needs no executor: nothing here spawns.
struct Smol;

impl Runtime for Smol {
    type Stream = Async<TcpStream>;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let name = (host.to_owned(), port);
        blocking::unblock(move || Ok(name.to_socket_addrs()?.collect())).await
    }

    async fn connect(&self, at: SocketAddr) -> io::Result<Self::Stream> {
        let stream = Async::<TcpStream>::connect(at).await?;
        prepare(&stream)?;
        Ok(stream)
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send + 'static {
        Timer::at(at).map(|_| ())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut given = env::args().skip(1);
    let cdp_url = given.next();
    let cdp_url = cdp_url.unwrap_or_else(|| "http://127.0.0.1:9222".to_owned());
    let relay_url = given.next();
    let relay_url = relay_url.unwrap_or_else(|| "http://127.0.0.1:8420".to_owned());

    let (handle, session) = start(
        Smol,
        Options::default(),
        Config {
            cdp_url,
            relay_url: relay_url.clone(),
            api_key: ApiKey::new(env::var("AUTHLOOP_API_KEY")?),
            service: "GitHub".to_owned(),
            context: None,
            ttl: Some(600),
            max_frame_rate: None,
            encryption: Encryption::V2(EndToEnd {
                viewer_url: relay_url,
                pin: None,
            }),
        },
    );
    let tell = async {
        let status = handle.wait_until(|status| status.session.is_some()).await;
        if let Some(session) = status.session {
            println!("Please open {}", session.session_url);
        }
    };

    // The session runs as long as its future does: here beside what tells of it, in one thread.
    let (outcome, ()) = block_on(join(session, tell));
    match outcome {
        Outcome::Resolved => println!("Thank you, going on."),
        Outcome::Cancelled => println!("Not today, then."),
        Outcome::Timeout => println!("Nobody came in time."),
        Outcome::Failed(failure) => println!("That went wrong: {failure}"),
    }
    Ok(())
}

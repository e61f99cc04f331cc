//! A whole hand-off on tokio, with a relay inside the program.
//!
//! The crate page shows it word for word; a test runs it.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a program with a terminal")]

use std::{env, error::Error};

use authloop_relay::{ApiKeys, RelayConfig, generate_api_key};
use authloop_tokio::{Config, Encryption, EndToEnd, Options, Outcome, hand_off};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let given = env::args().nth(1);
    let cdp_url = given.unwrap_or_else(|| "http://127.0.0.1:9222".to_owned());

    // A relay inside this program: its links open on this computer.
    let api_key = generate_api_key()?;
    let config = RelayConfig::new("127.0.0.1:0".parse()?, ApiKeys::new([&api_key]));
    let relay = authloop_relay::start(config).await?;

    let handle = hand_off(
        Options::default(),
        Config {
            cdp_url,
            relay_url: relay.base_url().to_owned(),
            api_key,
            service: "GitHub".to_owned(),
            context: None,
            ttl: Some(600),
            max_frame_rate: None,
            encryption: Encryption::V2(EndToEnd {
                viewer_url: relay.base_url().to_owned(),
                pin: None,
            }),
        },
    );

    let status = handle.wait_until(|status| status.session.is_some()).await;
    if let Some(session) = status.session {
        println!("Please open {}", session.session_url);
    }

    match handle.finished().await {
        Outcome::Resolved => println!("Thank you, going on."),
        Outcome::Cancelled => println!("Not today, then."),
        Outcome::Timeout => println!("Nobody came in time."),
        Outcome::Failed(failure) => println!("That went wrong: {failure}"),
    }
    Ok(())
}

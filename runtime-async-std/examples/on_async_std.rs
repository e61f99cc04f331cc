//! A whole hand-off on async-std.
//!
//! The crate page shows it word for word; a test runs it.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a program with a terminal")]

use std::{env, error::Error};

use authloop_async_std::{ApiKey, Config, Encryption, EndToEnd, Options, Outcome, hand_off};

#[async_std::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut given = env::args().skip(1);
    let cdp_url = given.next();
    let cdp_url = cdp_url.unwrap_or_else(|| "http://127.0.0.1:9222".to_owned());
    let relay_url = given.next();
    let relay_url = relay_url.unwrap_or_else(|| "http://127.0.0.1:8420".to_owned());

    let handle = hand_off(
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

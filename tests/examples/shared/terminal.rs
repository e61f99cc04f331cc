//! What a loop of one's own has beside the loop: a command line, and a terminal that tells the story.

use std::{env, process::ExitCode};

use authloop_core::{
    agent::{
        config::{Config, Encryption, EndToEnd},
        event::{Event, Outcome},
    },
    secret::ApiKey,
};

/// Reads `CDP_URL RELAY_URL SERVICE` and the key; says what it expected if they aren't there.
pub(crate) fn configuration() -> Option<Config> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let ([cdp_url, relay_url, service], Ok(key)) =
        (arguments.as_slice(), env::var("AUTHLOOP_API_KEY"))
    else {
        println!("expected: AUTHLOOP_API_KEY=… and the arguments CDP_URL RELAY_URL SERVICE");
        return None;
    };
    Some(Config {
        cdp_url: cdp_url.clone(),
        relay_url: relay_url.clone(),
        api_key: ApiKey::new(key),
        service: service.clone(),
        context: None,
        ttl: None,
        max_frame_rate: None,
        encryption: Encryption::V2(EndToEnd {
            viewer_url: relay_url.clone(),
            pin: None,
        }),
    })
}

/// Tells what happens on the way.
pub(crate) fn show(event: &Event) {
    match event {
        Event::Attached { origin } => println!("Found a page of {origin}."),
        Event::Created(session) => println!("Please open {}", session.session_url),
        Event::ViewerJoined => println!("Somebody is looking."),
        Event::ViewerLeft => println!("Nobody is looking."),
        Event::Ended(_) | _ => {}
    }
}

/// Tells how it ended.
pub(crate) fn end(outcome: &Outcome) -> ExitCode {
    match outcome {
        Outcome::Resolved => println!("Thank you, going on."),
        Outcome::Cancelled => println!("Not today, then."),
        Outcome::Timeout => println!("Nobody came in time."),
        Outcome::Failed(failure) => {
            println!("That went wrong: {failure}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

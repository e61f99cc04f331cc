//! `make demo AUTO=1`: the whole hand-off without anybody at a keyboard, step by step with times.

use std::{
    io::{self, Write as _},
    time::Instant,
};

use authloop_testkit::{
    human::Device,
    mcp_client::server_binary,
    story::{Version, whole_hand_off},
};
use clap::Parser;

/// The whole hand-off, with a robot for a human. The exit code is 0 if all went as it should.
#[derive(Parser)]
struct Cli {
    /// The robot holds a phone instead of sitting at a desk.
    #[arg(long)]
    phone: bool,
    /// Protocol version 1, as with the hosted service, instead of what is spoken by itself.
    #[arg(long)]
    v1: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let cli = Cli::parse();
    let chosen = cli.v1.then_some(Version::V1);
    let device = if cli.phone {
        Device::Phone
    } else {
        Device::Desktop
    };
    // Not part of the story: building what isn't built yet.
    server_binary().await;
    let start = Instant::now();
    let mut last = start;
    let mut output = io::stdout().lock();
    writeln!(
        output,
        "AuthLoop demo: an AI agent meets a login, and a robot plays the human.\n"
    )?;
    let mut result = Ok(());
    let version = whole_hand_off(device, chosen, |step| {
        let took = last.elapsed().as_millis();
        last = Instant::now();
        let step = step.replace('\n', "\n           ");
        let line = writeln!(output, "{took:6} ms  {step}").and_then(|()| output.flush());
        result = std::mem::replace(&mut result, Ok(())).and(line);
    })
    .await;
    result?;
    writeln!(
        output,
        "\nDone in {:.1} s. {}",
        start.elapsed().as_secs_f64(),
        match version {
            Version::V1 => "Protocol version 1: input encrypted up to the agent; the picture not.",
            Version::V2 => "Protocol version 2: picture and input end-to-end encrypted.",
        }
    )
}

//! `make demo AUTO=1`: the whole hand-off without anybody at a keyboard, step by step with times.

use std::{
    io::{self, Write as _},
    time::Instant,
};

use authloop_testkit::{human::Device, mcp_client::server_binary, story::whole_hand_off};
use clap::Parser;

/// The whole hand-off, with a robot for a human. The exit code is 0 if all went as it should.
#[derive(Parser)]
struct Cli {
    /// The robot holds a phone instead of sitting at a desk.
    #[arg(long)]
    phone: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let device = if Cli::parse().phone {
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
    whole_hand_off(device, |step| {
        let took = last.elapsed().as_millis();
        last = Instant::now();
        let line = writeln!(output, "{took:6} ms  {step}").and_then(|()| output.flush());
        result = std::mem::replace(&mut result, Ok(())).and(line);
    })
    .await;
    result?;
    writeln!(
        output,
        "\nDone in {:.1} s. Protocol: input end-to-end encrypted (v1); picture not.",
        start.elapsed().as_secs_f64()
    )
}

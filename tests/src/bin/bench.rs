//! Prints what a hand-off costs, in some five minutes: build it and `authloop-mcp` in release mode.

use std::io::{self, Write as _};

use authloop_testkit::bench::{self, Part};
use clap::Parser;

/// What a hand-off costs.
#[derive(Parser)]
struct Arguments {
    /// What to measure; the usual if nothing is said.
    parts: Vec<Part>,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let Arguments { parts } = Arguments::parse();
    let parts = if parts.is_empty() {
        &Part::USUAL[..]
    } else {
        &parts
    };
    let table = bench::run(&bench::server::binary(), parts).await;
    io::stdout().write_all(table.to_string().as_bytes())
}

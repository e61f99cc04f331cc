//! Prints what a hand-off costs, in some 90 seconds: build it and `authloop-mcp` in release mode.

use std::io::{self, Write as _};

use authloop_testkit::bench;

#[tokio::main]
async fn main() -> io::Result<()> {
    let table = bench::run(&bench::server::binary()).await;
    io::stdout().write_all(table.to_string().as_bytes())
}

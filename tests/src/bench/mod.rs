//! What a hand-off costs: the figures of the real server, measured from outside.
//!
//! | module | plays |
//! | --- | --- |
//! | [`server`], [`process`] | the real `authloop-mcp`, and what the system says it uses |
//! | [`page`], [`camera`] | a browser that paints when told, so that only the server's work is measured |
//! | [`real_page`] | a Chromium that really paints |
//! | [`watcher`], [`human`] | who looks at it, with a viewer of either version |
//! | [`mod@line`] | a slow line to them |
//! | [`start`], [`seal`], [`steps`], [`chain`], [`pixels`], [`typing`], [`slow`] | the measurements |
//! | [`figure`] | the table they end in |
//!
//! A slow figure is printed and never fails: the machine may be busy. Only what breaks fails.

pub mod camera;
pub mod chain;
pub mod figure;
pub mod human;
pub mod line;
pub mod page;
pub mod pixels;
pub mod process;
pub mod real_page;
pub mod seal;
pub mod server;
pub mod slow;
pub mod start;
pub mod steps;
pub mod typing;
pub mod watcher;

use std::path::Path;

use clap::ValueEnum;

use self::{figure::Table, start::Start};

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Starting the server.
    Start,
    /// Version 2's cryptography.
    Seal,
    /// Every kind of step of the machines.
    Steps,
    /// The whole chain on this computer, both versions.
    Chain,
    /// From a click or a key to the changed picture, with a real Chromium.
    Pixels,
    /// Slow lines.
    Slow,
    /// Slow lines again, with a real Chromium: five minutes more.
    Chromium,
    /// Somebody who types fast for four minutes, into a real Chromium.
    Typing,
}

impl Part {
    /// What is measured if nothing is said, in order.
    pub const USUAL: [Self; 6] = [
        Self::Start,
        Self::Seal,
        Self::Steps,
        Self::Chain,
        Self::Pixels,
        Self::Slow,
    ];
}

/// Measures the server at `binary` and returns the figures.
///
/// # Panics
///
/// Fails if the server doesn't do what it is for.
pub async fn run(binary: &Path, parts: &[Part]) -> Table {
    let mut table = Table::default();
    for part in parts {
        match part {
            Part::Start => Start::measure(binary).await.report(&mut table),
            Part::Seal => seal::measure(&mut table),
            Part::Steps => steps::measure(&mut table),
            Part::Chain => chain::measure(binary, &mut table).await,
            Part::Chromium => slow::measure_chromium(binary, &mut table).await,
            Part::Pixels => pixels::measure(binary, &mut table).await,
            Part::Typing => typing::measure(binary, &mut table).await,
            Part::Slow => slow::measure(binary, &mut table).await,
        }
    }
    table
}

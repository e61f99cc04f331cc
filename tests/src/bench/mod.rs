//! What a hand-off costs: the figures of the real server, measured from outside.
//!
//! | module | plays |
//! | --- | --- |
//! | [`server`], [`process`] | the real `authloop-mcp`, and what the system says it uses |
//! | [`page`] | a browser that paints when told, so that only the server's work is measured |
//! | [`start`], [`stream`], [`clicks`] | the measurements |
//! | [`figure`] | the table they end in |
//!
//! A slow figure is printed and never fails: the machine may be busy. Only what breaks fails.

pub mod clicks;
pub mod figure;
pub mod page;
pub mod process;
pub mod server;
pub mod start;
pub mod stream;

use std::path::Path;

use self::{
    clicks::Clicks,
    figure::Table,
    page::{Page, Painting},
    server::Server,
    start::Start,
    stream::Stream,
};
use crate::viewer::Viewer;

/// Measures the server at `binary` and returns the figures.
///
/// # Panics
///
/// Fails if the server doesn't do what it is for.
pub async fn run(binary: &Path) -> Table {
    let mut table = Table::default();
    Start::measure(binary).await.report(&mut table);

    let mut page = Page::open().await;
    let mut server = Server::greeted(binary).await;
    let stream_url = server.hand_over(&page.ws_url()).await;
    let viewer = Viewer::connect(&stream_url).await;
    viewer.exchange_keys().await;
    viewer
        .until("the first picture", |seen| seen.frames > 0)
        .await;

    Clicks::measure(&mut page, &viewer)
        .await
        .report("page still", &mut table);
    page.paint(Painting::Moving);
    Stream::measure(server.process(), &viewer)
        .await
        .report(&mut table);
    Clicks::measure(&mut page, &viewer)
        .await
        .report("page moving", &mut table);

    viewer.leave().await;
    server.hang_up().await;
    table
}

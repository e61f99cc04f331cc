//! From the viewer's socket to the browser's: how long a click is on its way.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use super::{
    figure::{Sorted, Table},
    page::Page,
};
use crate::viewer::Viewer;

/// How many clicks.
const TIMES: u32 = 200;

/// How far they are apart. The agent itself spaces clicks that come faster.
const PAUSE: Duration = Duration::from_millis(120);

/// How long clicks take.
pub struct Clicks(Sorted);

impl Clicks {
    /// Clicks, each time in another place.
    pub async fn measure(page: &mut Page, viewer: &Viewer) -> Self {
        let mut took = Vec::new();
        for number in 1..=TIMES {
            sleep(PAUSE).await;
            let x = f64::from(number * 5);
            let click = viewer.seal(&json!({"type": "click", "x": x, "y": 300, "button": "left"}));
            let started = Instant::now();
            viewer.send_text(click).await;
            let press = page.press().await;
            assert_eq!(press.x, x, "the click that was sent");
            took.push(press.at - started);
        }
        Self(Sorted::new(took))
    }

    /// Adds the figure.
    pub fn report(&self, while_what: &str, table: &mut Table) {
        let name = format!("click, viewer to browser ({while_what})");
        table.add(name, "< 1.00 ms", self.0.to_string());
    }
}

//! Somebody who types as fast as anybody can: what the page has in the end, against what was typed.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use tokio::time::{sleep, sleep_until};

use super::{
    figure::Table,
    server::{Server, Version, relay_of},
    watcher::Watcher,
};
use crate::{browser::Browser, cdp::Cdp};

const HTML: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Typing</title>
<textarea id="typed" rows="30" cols="120" autofocus></textarea>
</html>"#;

/// How many characters, and how far apart: 20 a second.
const CHARACTERS: u32 = 5_000;
const EVERY: Duration = Duration::from_millis(50);

/// How long the last of them may take.
const LATE: Duration = Duration::from_secs(10);

/// Types, and compares.
pub async fn measure(binary: &Path, table: &mut Table) {
    let browser = Browser::start().await;
    let tab = browser.open("about:blank").await;
    let mut behind = tab.cdp().await;
    let url = format!("data:text/html;base64,{}", STANDARD.encode(HTML));
    behind.call("Page.navigate", json!({ "url": url })).await;
    behind.call("Page.bringToFront", json!({})).await;
    let mut server = Server::greeted(binary, Version::V2).await;
    let link = server.hand_over(&tab.ws_url()).await;
    let watcher = Watcher::open(&link, relay_of(&link), Instant::now(), Duration::ZERO);
    watcher.next_frame().await;

    let text: String = (0..CHARACTERS).map(character).collect();
    let started = Instant::now();
    for (number, character) in (0..).zip(text.chars()) {
        sleep_until((started + EVERY * number).into()).await;
        watcher.types(character);
    }
    let typed = typed(&mut behind, text.len()).await;
    let right = typed.chars().zip(text.chars()).take_while(|(a, b)| a == b);
    let right = right.count();
    let verdict = if typed == text {
        "none lost, none swapped".to_owned()
    } else {
        format!("{} arrived, the first {right} in order", typed.len())
    };
    let name = format!("{CHARACTERS} characters typed at 20/s");
    table.add(name, "none lost or swapped", verdict);
    watcher.leave().await;
    server.hang_up().await;
}

/// Returns what the page has, once it has as much or won't get more.
async fn typed(behind: &mut Cdp, length: usize) -> String {
    let ended = Instant::now();
    loop {
        let value = behind
            .evaluate("document.getElementById('typed').value")
            .await;
        let value = value.as_str().unwrap_or_default().to_owned();
        if value.len() >= length || ended.elapsed() > LATE {
            return value;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Letters and digits in which every neighbour differs, so that a swap shows.
fn character(number: u32) -> char {
    char::from_digit(number * 7 % 36, 36).expect("below 36")
}

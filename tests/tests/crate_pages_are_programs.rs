//! What a crate page shows is a whole program, and it runs.

use authloop_core::secret::ApiKey;
use authloop_relay::RunningRelay;
use authloop_testkit::{
    browser::Browser,
    hand_off::start_relay,
    human::{Device, Human},
    lab::Lab,
    program::Program,
};

#[tokio::test]
async fn on_tokio() {
    let page = include_str!("../../runtime-tokio/README.md");
    let program = include_str!("../../runtime-tokio/examples/on_tokio.rs");
    shows_and_runs("on_tokio", page, program).await;
}

#[tokio::test]
async fn on_async_std() {
    let page = include_str!("../../runtime-async-std/README.md");
    let program = include_str!("../../runtime-async-std/examples/on_async_std.rs");
    shows_and_runs("on_async_std", page, program).await;
}

#[tokio::test]
async fn on_smol() {
    let page = include_str!("../../driver/README.md");
    let program = include_str!("../../driver/examples/on_smol.rs");
    shows_and_runs("on_smol", page, program).await;
}

async fn shows_and_runs(name: &str, page: &str, source: &str) {
    // All but the head, which says what it is and forbids what the workspace forbids.
    let (_, program) = source.split_once("\n\n").expect("a head");
    assert_eq!(shown(page), program, "the page of {name}");

    let (relay, key): (RunningRelay, ApiKey) = start_relay().await;
    let lab = Lab::start().await;
    let browser = Browser::start().await;
    let _page = browser.open(&lab.url("/lab")).await;
    let at = lab.shown("/lab").await;
    let arguments = [&browser.http_url(), relay.base_url()];
    let mut program = Program::example(name, &arguments, key.expose()).await;
    let link = program.says("Please open ").await;
    let human = Human::with(Device::Desktop).await;
    human.open(&link).await;
    human.start().await;
    human.click(at.of("user")).await;
    human.types("open sesame").await;
    lab.value_is("user", "open sesame").await;
    human.press("#done").await;
    program.says("Thank you, going on.").await;
    assert!(program.ends_well().await);
}

/// Returns the program that a page shows.
fn shown(page: &str) -> &str {
    let (_, rest) = page.split_once("```rust,no_run\n").expect("a program");
    let (program, _) = rest.split_once("```").expect("its end");
    program
}

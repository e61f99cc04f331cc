//! The example programs, run as they are, each in a whole hand-off with a real browser and relay.

use std::time::Duration;

use authloop_relay::RunningRelay;
use authloop_testkit::{
    browser::{Browser, Page},
    hand_off::start_relay,
    human::{Device, Human},
    lab::{Lab, Places},
    program::Program,
};

#[tokio::test]
async fn a_blocking_loop_passes_the_wall() {
    passes_the_wall("blocking_loop").await;
}

#[tokio::test]
async fn a_blocking_loop_hears_that_the_human_gives_up() {
    hears_that_the_human_gives_up("blocking_loop").await;
}

#[tokio::test]
async fn a_blocking_loop_says_what_cannot_work() {
    says_what_cannot_work("blocking_loop").await;
}

#[tokio::test]
async fn a_readiness_loop_passes_the_wall() {
    passes_the_wall("readiness_loop").await;
}

#[tokio::test]
async fn a_readiness_loop_hears_that_the_human_gives_up() {
    hears_that_the_human_gives_up("readiness_loop").await;
}

#[tokio::test]
async fn a_readiness_loop_says_what_cannot_work() {
    says_what_cannot_work("readiness_loop").await;
}

async fn passes_the_wall(example: &str) {
    let mut story = Story::with(example).await;
    let link = story.program.says("Please open ").await;
    let human = story.human_types_at(&link).await;
    human.press("#done").await;
    story.program.says("Thank you, going on.").await;
    story.ends(true).await;
}

async fn hears_that_the_human_gives_up(example: &str) {
    let mut story = Story::with(example).await;
    let link = story.program.says("Please open ").await;
    let human = story.human_at(&link).await;
    story.program.says("Somebody is looking.").await;
    human.press("#cancel").await;
    human.press("#confirm-cancel").await;
    story.program.says("Not today, then.").await;
    story.ends(true).await;
}

async fn says_what_cannot_work(example: &str) {
    let (relay, key) = start_relay().await;
    let arguments = ["http://127.0.0.1:1", relay.base_url(), "Lab"];
    let mut program = Program::example(example, &arguments, key.expose()).await;
    let why = program.says("That went wrong: ").await;
    assert!(why.starts_with("the browser can't be reached"), "{why}");
    assert!(!program.ends_well().await);
}

#[tokio::test]
async fn a_program_with_an_approval_of_its_own_passes_the_wall() {
    let mut story = Story::with("own_approval").await;
    story.program.says("Lab wants a human.").await;
    story.program.types("yes").await;
    let link = story.program.says("Please open ").await;
    let human = story.human_types_at(&link).await;
    human.press("#done").await;
    story.program.says("Thank you, going on.").await;
    story.ends(true).await;
}

#[tokio::test]
async fn a_program_takes_the_tab_back_when_its_user_says_so() {
    let mut story = Story::with("own_approval").await;
    story.program.types("yes").await;
    let link = story.program.says("Please open ").await;
    let human = story.human_at(&link).await;
    story.program.says("Somebody is looking.").await;
    story.program.types("back").await;
    assert_eq!(human.outcome().await, "cancelled");
    story.program.says("Not today, then.").await;
    story.ends(false).await;
}

#[tokio::test]
async fn a_program_makes_no_link_without_approval() {
    let mut story = Story::with("own_approval").await;
    story.program.types("no").await;
    story.program.says("The tab stays where it is.").await;
    story.ends(false).await;
}

/// A lab page in a browser of its own, since the examples take the page that was used last; a
/// relay; and an example program that hands the page over.
struct Story {
    program: Program,
    relay: RunningRelay,
    lab: Lab,
    at: Places,
    _page: Page,
    _browser: Browser,
}

impl Story {
    async fn with(example: &str) -> Self {
        let (relay, key) = start_relay().await;
        let lab = Lab::start().await;
        let browser = Browser::start().await;
        let page = browser.open(&lab.url("/lab")).await;
        let at = lab.shown("/lab").await;
        let arguments = [&browser.http_url(), relay.base_url(), "Lab"];
        let program = Program::example(example, &arguments, key.expose()).await;
        Self {
            program,
            relay,
            lab,
            at,
            _page: page,
            _browser: browser,
        }
    }

    /// Somebody opens the link and waits for the picture.
    async fn human_at(&self, link: &str) -> Human {
        let human = Human::with(Device::Desktop).await;
        human.open(link).await;
        human.start().await;
        human
    }

    /// Somebody opens the link and types into the page; returns once the page has it.
    async fn human_types_at(&self, link: &str) -> Human {
        let human = self.human_at(link).await;
        human.click(self.at.of("user")).await;
        human.types("open sesame").await;
        self.lab.value_is("user", "open sesame").await;
        human
    }

    async fn ends(mut self, well: bool) {
        assert_eq!(self.program.ends_well().await, well);
        self.relay.shutdown(Duration::from_secs(2)).await;
    }
}

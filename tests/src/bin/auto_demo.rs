//! The whole chain, once, with nobody at the keyboard: an AI agent's client at the real
//! `authloop-mcp`, a browser at a wall, and a scripted human who opens the link in a browser of
//! their own. Prints each step with its time; ends with an error if anything differs.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use authloop_mcp::demo::site::{PASSWORD, Site, Stage, USER};
use authloop_testkit::{
    browser::{Browser, Page},
    human::{Device, Human},
    mcp_client::{McpClient, ToolResult},
    wait::{eventually, soon},
};
use clap::Parser;
use serde_json::json;

/// Shows a whole hand-off with a scripted human.
#[derive(Parser)]
struct Cli {
    /// The human holds a phone instead of sitting at a desk.
    #[arg(long)]
    phone: bool,
    /// A folder for pictures of what the human sees.
    #[arg(long, value_name = "FOLDER")]
    screenshots: Option<PathBuf>,
    /// Prints the texts that the AI agent's model reads, too.
    #[arg(long)]
    texts: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let log = Log::new(cli.texts);
    log.step(
        "",
        "starting the bank's site, the agent's browser and authloop-mcp",
    );
    let site = Site::start().await.expect("a free port");
    let browser = Browser::start().await;
    let wall = site.url("/login");
    let page = browser.open(&wall).await;
    eventually("the agent's browser at the wall", async || {
        browser.pages().await.contains(&wall).then_some(())
    })
    .await;
    let address = browser.http_url();
    let client = McpClient::start(&[("AUTHLOOP_CDP_URL", &address)]).await;
    let agent = Agent {
        client: &client,
        log: &log,
    };

    let session_url = agent.hands_over(&site).await;
    let human = async {
        let device = if cli.phone {
            Device::Phone
        } else {
            Device::Desktop
        };
        let visitor = Visitor {
            human: Human::with(device).await,
            device,
            screenshots: cli.screenshots,
            log: &log,
        };
        visitor.passes_the_wall(&session_url, &site, &page).await;
    };
    let (told, ()) = tokio::join!(agent.waits(), human);

    let (_, version) = session_url.split_once('#').expect("a link's secret part");
    assert!(version.starts_with("1."), "a link of protocol version 1");
    let Stage::SignedIn = *site.stage().borrow() else {
        unreachable!("the human went on only once signed in")
    };
    let title = sees(&page, "document.querySelector('h1').textContent").await;
    assert_eq!(title, "You are signed in");
    let place = sees(&page, "location.href").await;
    let place = place.as_str().unwrap_or_default();
    assert_eq!(place, site.url("/account"));
    log.step("agent", &format!("finds its browser signed in, at {place}"));
    for secret in [PASSWORD, "#1."] {
        assert!(!told.contains(secret), "a result tells a secret");
    }
    assert!(client.hang_up().await, "authloop-mcp ends well");
    log.step(
        "",
        "done; protocol: input end-to-end encrypted (v1); picture not",
    );
    ExitCode::SUCCESS
}

/// The AI agent, as far as it has a part here.
struct Agent<'a> {
    client: &'a McpClient,
    log: &'a Log,
}

impl Agent<'_> {
    /// Hands its tab over and returns the link.
    async fn hands_over(&self, site: &Site) -> String {
        let arguments = json!({
            "service": "Harbour Bank",
            "context": {
                "url": site.url("/login"),
                "blocker_type": "password",
                "hint": "Please sign in as ada; the bank will text a code to your phone.",
            },
        });
        self.log.step(
            "agent",
            "stands at a sign-in page and calls authloop_to_human",
        );
        let result = self.call("authloop_to_human", arguments).await;
        let origin = result.data["page_origin"].as_str().unwrap_or_default();
        assert_eq!(format!("{origin}/login"), site.url("/login"));
        assert_eq!(result.data["opens_on"], "this_computer");
        let url = result.data["session_url"].as_str().expect("a link");
        assert!(result.text.contains(url), "the model is given the link");
        self.log.step("agent", &format!("shows the link {url}"));
        url.to_owned()
    }

    /// Waits for the human, and returns the text that says that they are done.
    async fn waits(&self) -> String {
        self.log.step("agent", "calls authloop_status and waits");
        loop {
            // Asks again on pending, as it is told to; a slow machine may need that.
            let result = self
                .call("authloop_status", json!({ "wait_seconds": 45 }))
                .await;
            match result.data["status"].as_str() {
                Some("pending") => self.log.step("agent", "goes on waiting"),
                Some("resolved") => {
                    self.log.step("agent", "is told: resolved");
                    return result.text;
                }
                other => unreachable!("not an end as it should be: {other:?}, {}", result.text),
            }
        }
    }

    async fn call(&self, tool: &str, arguments: serde_json::Value) -> ToolResult {
        let result = self.client.call(tool, arguments).await;
        assert!(!result.is_error, "{tool}: {}", result.text);
        self.log.text(&result.text);
        result
    }
}

/// The human and what they hold.
struct Visitor<'a> {
    human: Human,
    device: Device,
    screenshots: Option<PathBuf>,
    log: &'a Log,
}

impl Visitor<'_> {
    async fn passes_the_wall(&self, session_url: &str, site: &Site, page: &Page) {
        let human = &self.human;
        human.open(session_url).await;
        human.state_is("card").await;
        let card = (
            human.reads("#service").await,
            human.reads("#headline").await,
        );
        assert_eq!(card, ("Harbour Bank".into(), "Enter your password".into()));
        assert!(human.reads("#hint").await.contains("sign in as ada"));
        self.log.step(
            "human",
            &format!("opens it and reads \"{}: {}\"", card.0, card.1),
        );
        self.picture("1-card").await;

        human.start().await;
        self.log
            .step("human", "presses Start and sees the agent's tab live");
        self.picture("2-live").await;

        self.fills(page, "#user", USER).await;
        self.fills(page, "#password", PASSWORD).await;
        self.picture("3-typed").await;
        self.clicks(page, "#sign-in").await;
        let Stage::Code(code) = self.stage(site, |stage| *stage != Stage::Password).await else {
            unreachable!("no code was typed yet")
        };
        self.log.step(
            "human",
            "has typed user name and password and pressed Sign in",
        );

        let shown = "location.pathname === '/code' && document.readyState === 'complete'";
        eventually("the code's page", async || {
            (sees(page, shown).await == true).then_some(())
        })
        .await;
        self.log.step("human", "gets a text message with a code");
        self.picture("4-code").await;
        self.fills(page, "#code", &code).await;
        self.clicks(page, "#verify").await;
        self.stage(site, |stage| *stage == Stage::SignedIn).await;
        self.log
            .step("human", "has typed the code and is signed in");

        let shown = "location.pathname === '/account' && document.readyState === 'complete'";
        eventually("the account", async || {
            (sees(page, shown).await == true).then_some(())
        })
        .await;
        self.picture("5-account").await;
        human.press("#done").await;
        assert_eq!(human.outcome().await, "resolved");
        let goodbye = human.reads("#ended-title").await;
        assert_eq!(goodbye, "Done. Thank you!");
        self.log
            .step("human", &format!("presses Done and reads \"{goodbye}\""));
        self.picture("6-ended").await;
    }

    /// Clicks into a field and types.
    async fn fills(&self, page: &Page, selector: &str, text: &str) {
        self.clicks(page, selector).await;
        if self.device == Device::Phone {
            self.keyboard("true").await;
        }
        self.human.types(text).await;
        // What was typed is on its way; the next click is behind it in the same queue.
        if self.device == Device::Phone {
            self.keyboard("false").await;
        }
    }

    /// Opens or closes the keyboard of a touch screen.
    async fn keyboard(&self, wanted: &str) {
        if self.human.attribute("#keyboard", "aria-expanded").await != wanted {
            self.human.press("#keyboard").await;
        }
    }

    /// Clicks the middle of one of the page's elements, where the human sees it.
    async fn clicks(&self, page: &Page, selector: &str) {
        let script = format!(
            "(() => {{ const box = document.querySelector('{selector}').getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        );
        let middle = sees(page, &script).await;
        let x = middle[0].as_f64().expect("the page has it");
        let y = middle[1].as_f64().expect("the page has it");
        self.human.click((x, y)).await;
    }

    async fn stage(&self, site: &Site, mut wanted: impl FnMut(&Stage) -> bool) -> Stage {
        let mut stage = site.stage();
        soon("the bank", stage.wait_for(|stage| wanted(stage)))
            .await
            .expect("the site is up")
            .clone()
    }

    /// Keeps a picture of what the human sees, if that is wanted.
    async fn picture(&self, name: &str) {
        if let Some(folder) = &self.screenshots {
            // Only for people to look at, so that the last picture of the page may settle.
            tokio::time::sleep(Duration::from_millis(700)).await;
            fs::create_dir_all(folder).expect("a folder");
            let png = self.human.screenshot().await;
            fs::write(folder.join(format!("{name}.png")), png).expect("room for a picture");
        }
    }
}

/// Looks at the agent's page from behind, where a human would use their eyes.
async fn sees(page: &Page, expression: &str) -> serde_json::Value {
    page.cdp().await.evaluate(expression).await
}

/// Standard output, with the time since the start.
struct Log {
    start: Instant,
    texts: bool,
}

impl Log {
    fn new(texts: bool) -> Self {
        Self {
            start: Instant::now(),
            texts,
        }
    }

    fn step(&self, who: &str, what: &str) {
        let seconds = self.start.elapsed().as_secs_f64();
        self.line(&format!("{seconds:7.2} s  {who:<6} {what}"));
    }

    /// Shows what a model reads.
    fn text(&self, text: &str) {
        if self.texts {
            for line in text.lines() {
                self.line(&format!("                  | {line}"));
            }
        }
    }

    fn line(&self, line: &str) {
        writeln!(io::stdout().lock(), "{line}").expect("somebody reads");
    }
}

//! How stories with a relay that has turned against its users begin and end.
//!
//! The page under control is the first witness: it tells every event that reached it, and whether the
//! browser made it. The agent is the second, by what its tool answers, and the human's own screen the
//! third. What the relay may achieve is that nothing works; it must never achieve anything else.

use std::sync::Arc;

use authloop_core::wire::v2::Kind;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    browser::{Page, browser},
    human::{Device, Human},
    lab::{Lab, Places},
    mallory::{Ear, Mallory, Trick, kind_of, tricks},
    mcp_client::{McpClient, ToolResult},
    secrets,
    story::{Version, order, session_url},
    wait::eventually,
};

/// A lab page that a real agent has handed over, and a human who looks at it, by way of Mallory.
pub struct Betrayal {
    /// The web site.
    pub lab: Lab,
    /// The tab.
    pub page: Page,
    /// Where the page's elements are.
    pub at: Places,
    /// Who sits at the relay.
    pub mallory: Arc<Mallory>,
    /// The human, at the viewer page.
    pub human: Human,
    agent: McpClient,
    link: String,
    session: String,
}

impl Betrayal {
    /// Hands the lab's first page over; the human sees it, has clicked into the first field and typed an
    /// `a`. Nothing bad has happened.
    pub async fn begin() -> Self {
        let human = Human::with(Device::Desktop).await;
        let betrayal = Self::waiting(Arc::new(Mallory::start().await), human, "/lab").await;
        betrayal.human.start().await;
        betrayal.human_clicks_the_field().await;
        betrayal.human_types("a", "a").await;
        betrayal
    }

    /// Two of them by way of one relay: the first as ever, the second with another page.
    pub async fn two(path: &str) -> (Self, Self) {
        let mallory = Arc::new(Mallory::start().await);
        let (one, other) = Human::two(Device::Desktop, Device::Desktop).await;
        let one = Self::waiting(Arc::clone(&mallory), one, "/lab").await;
        one.human.start().await;
        one.human_clicks_the_field().await;
        one.human_types("a", "a").await;
        let other = Self::waiting(mallory, other, path).await;
        other.human.start().await;
        (one, other)
    }

    /// Hands a page of the lab over by way of a relay that others may use, too; the human has the card
    /// before them.
    pub async fn waiting(mallory: Arc<Mallory>, human: Human, path: &str) -> Self {
        let lab = Lab::start().await;
        let page = browser().await.open(&lab.url(path)).await;
        let at = lab.shown(path).await;
        let agent = agent(&mallory, &page, &[]).await;
        let handed = agent.call("authloop_to_human", order(page.url())).await;
        let link = session_url(&handed);
        assert_eq!(Version::of(&link), Version::V2);
        let session = handed.data["session_id"]
            .as_str()
            .expect("an id")
            .to_owned();
        human.open(&link).await;
        human.state_is("card").await;
        Self {
            lab,
            page,
            at,
            mallory,
            human,
            agent,
            link,
            session,
        }
    }

    /// Returns the relay's name of the session.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// Returns the link.
    pub fn link(&self) -> &str {
        &self.link
    }

    // What Mallory does.

    /// Plays a trick on all that a side is told from now on.
    pub fn plays(&self, ear: Ear, trick: Trick) {
        self.mallory.plays(&self.session, ear, trick);
    }

    /// Does something to the next record of a kind.
    pub fn once(
        &self,
        ear: Ear,
        kind: Kind,
        trick: impl FnOnce(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static,
    ) {
        self.plays(ear, tricks::once(kind, trick));
    }

    /// Does something to each record of a kind.
    pub fn each(
        &self,
        ear: Ear,
        kind: Kind,
        trick: impl FnMut(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static,
    ) {
        self.plays(ear, tricks::each(kind, trick));
    }

    /// Lets the next two records of a kind change places.
    pub fn swaps(&self, ear: Ear, kind: Kind) {
        self.plays(ear, tricks::swap(kind));
    }

    /// Lets no records of these kinds pass.
    pub fn withholds(&self, ear: Ear, kinds: &'static [Kind]) {
        self.plays(ear, tricks::without(kinds));
    }

    /// Returns the newest record of a kind that came for a side.
    pub fn newest(&self, ear: Ear, kind: Kind) -> Option<Vec<u8>> {
        let heard = self.mallory.heard(&self.session, ear);
        let mut of_kind = heard
            .into_iter()
            .rev()
            .filter(|message| kind_of(message) == Some(kind));
        of_kind.next().map(|message| message.into_data().to_vec())
    }

    /// Returns how many pictures the agent has sent.
    pub fn pictures_sent(&self) -> usize {
        let heard = self.mallory.heard(&self.session, Ear::Viewer);
        let is_picture = |message: &&_| kind_of(message) == Some(Kind::Frame);
        heard.iter().filter(is_picture).count()
    }

    /// Returns how many connections a side has made.
    pub fn connections(&self, ear: Ear) -> usize {
        self.mallory.connections(&self.session, ear)
    }

    // What the human does.

    /// Clicks into the page's first field.
    pub async fn human_clicks_the_field(&self) {
        self.human.click(self.at.of("user")).await;
        self.lab
            .until("the click", |events| {
                let clicked = events
                    .iter()
                    .any(|event| event.kind == "click" && event.target == "user");
                clicked.then_some(())
            })
            .await;
    }

    /// Types letters, and waits until the page has heard all there should be, and that each key is up again:
    /// nothing that was done is still on its way.
    pub async fn human_types(&self, letters: &str, all: &str) {
        self.human.types(letters).await;
        eventually(&format!("the letters {all}"), async || {
            let (down, up) = (
                self.lab.events_of(&["keydown"]),
                self.lab.events_of(&["keyup"]),
            );
            (self.letters() == all && down.len() == up.len()).then_some(())
        })
        .await;
    }

    /// Waits until the human's page has connected anew after `before` connections, and sees the
    /// agent's page.
    pub async fn is_back_after(&self, before: usize) {
        eventually("a new connection", async || {
            (self.connections(Ear::Viewer) > before).then_some(())
        })
        .await;
        self.human.state_is("live").await;
    }

    // What came of it.

    /// Returns the letters the page heard, in order.
    pub fn letters(&self) -> String {
        let keys = self.lab.events_of(&["keypress"]);
        keys.into_iter().map(|event| event.key).collect()
    }

    /// Asks the agent how it stands, without waiting.
    pub async fn status(&self) -> ToolResult {
        let arguments = json!({ "wait_seconds": 0 });
        self.agent.call("authloop_status", arguments).await
    }

    /// Waits until the agent's answer is no longer `pending`, and returns it.
    pub async fn end(&self) -> ToolResult {
        self.agent.call("authloop_status", json!({})).await
    }

    /// Waits until the agent says that what came was tampered with.
    pub async fn agent_notices(&self) {
        eventually("the agent's warning", async || {
            (self.status().await.data["tampered"] == true).then_some(())
        })
        .await;
    }

    /// The page has heard of one load, the human's one click, and these letters; nothing else.
    pub fn only(&self, letters: &str) {
        assert_eq!(self.letters(), letters);
        for event in self.lab.events() {
            let is_expected = match event.kind.as_str() {
                "ready" => true,
                "keydown" | "keyup" | "keypress" => letters.contains(&event.key),
                "input" | "change" => event.target == "user",
                "mousedown" | "mouseup" | "click" => event.target == "user" && event.trusted,
                _ => false,
            };
            assert!(is_expected, "nobody did this: {event:?}");
        }
        for (kind, most) in [("ready", 1), ("click", 1), ("mousedown", 1)] {
            let count = self.lab.events_of(&[kind]).len();
            assert!(count <= most, "{count} × {kind}");
        }
    }

    /// All is well in the end: the session was unharmed, what the human types arrives, and that they are
    /// done is heard. Until now it wasn't over.
    pub async fn ends_well(self, letters: &str) {
        let status = self.status().await;
        assert_eq!(status.data["status"], "pending", "{}", status.text);
        self.mallory.is_honest();
        self.human.state_is("live").await;
        let all = format!("{letters}z");
        self.human_types("z", &all).await;
        self.only(&all);
        self.human.press("#done").await;
        assert_eq!(self.human.outcome().await, "resolved");
        assert_eq!(self.end().await.data["status"], "resolved");
        self.leaves_no_trace().await;
    }

    /// The session has ended otherwise than by the human's word, for both: as an error or by time.
    pub async fn has_failed(self) {
        let end = self.end().await;
        let status = end.data["status"].as_str().unwrap_or_default();
        assert!(matches!(status, "error" | "timeout"), "{}", end.text);
        assert_ne!(self.human.outcome().await, "resolved");
        self.leaves_no_trace().await;
    }

    /// Ends the hand-off, and looks into the agent's log.
    pub async fn leaves_no_trace(self) {
        let Self { agent, link, .. } = self;
        let log = agent.hang_up().await;
        let of_link = secrets::of_link(&link);
        secrets::are_absent(&log, of_link.iter().map(String::as_str));
    }
}

/// Starts the real agent, with Mallory's relay as its own.
pub async fn agent(mallory: &Mallory, page: &Page, more: &[(&str, &str)]) -> McpClient {
    let (cdp_url, url) = (page.browser_http_url(), mallory.url());
    let mut variables = vec![
        ("AUTHLOOP_CDP_URL", cdp_url.as_str()),
        ("AUTHLOOP_BASE_URL", url.as_str()),
        ("AUTHLOOP_API_KEY", mallory.key().expose()),
        ("DEBUG", "authloop:*"),
    ];
    variables.extend(more);
    McpClient::start(&variables).await
}

/// Makes a picture in one colour, as JPEG: what a relay would like the human to see.
pub async fn forged_picture([red, green, blue]: [u8; 3]) -> Vec<u8> {
    let style = format!("background:rgb({red},{green},{blue})");
    let address = format!("data:text/html,%3Cbody%20style={style}%3E");
    let page = browser().await.open(&address).await;
    let shot = json!({ "format": "jpeg", "quality": 90 });
    let shot = page.cdp().await.call("Page.captureScreenshot", shot).await;
    let data = shot["data"].as_str().expect("a picture");
    STANDARD.decode(data).expect("base64")
}

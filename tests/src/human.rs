//! The human: opens the link in a browser of their own and works the real viewer page.
//!
//! Everything they do goes through WebDriver, as a hand on a mouse, a keyboard or a touch screen
//! would: no script reaches into the page, scripts only look.

mod hand;
mod lists;
mod papers;

use std::io::{BufRead as _, BufReader};

use authloop_mcp::demo::{chromium, guard::Guarded};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{
        Actions, InputSource as _, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions,
        PointerAction, TouchActions, WheelAction, WheelActions,
    },
    key::Key,
    wd::WebDriverCompatibleCommand,
};
use hyper::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use url::{ParseError, Url};

pub use self::papers::Papers;

use crate::{
    tap::Tap,
    wait::{LIMIT, eventually, soon},
};

/// What the human holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// A window of 1280 × 860, a mouse and a keyboard.
    Desktop,
    /// A touch screen of 360 × 640 points, three pixels each.
    Phone,
}

/// A human with a browser; dropped, the browser is gone.
pub struct Human {
    client: Client,
    device: Device,
    _driver: Guarded,
    // Declared last: the browser is gone before the next one starts.
    _seat: SemaphorePermit<'static>,
}

/// How many humans there are at the same time, in one process: a machine has only so many cores.
static SEATS: Semaphore = Semaphore::const_new(2);

impl Human {
    /// Opens a fresh browser; at most two humans are at it at the same time.
    pub async fn with(device: Device) -> Self {
        let seat = SEATS.acquire().await.expect("never closed");
        Self::connected(device, None, seat).await
    }

    /// Opens a fresh browser whose connections, those to this computer too, go through a tap.
    pub async fn tapped(device: Device, tap: &Tap) -> Self {
        let seat = SEATS.acquire().await.expect("never closed");
        Self::connected(device, Some(tap), seat).await
    }

    /// Two humans, each with a browser of their own. Two stories with two humans each never wait
    /// for each other's second.
    pub async fn two(one: Device, other: Device) -> (Self, Self) {
        let mut seats = SEATS.acquire_many(2).await.expect("never closed");
        let seat = seats.split(1).expect("there are two");
        futures::join!(
            Self::connected(one, None, seat),
            Self::connected(other, None, seats),
        )
    }

    async fn connected(device: Device, tap: Option<&Tap>, seat: SemaphorePermit<'static>) -> Self {
        let (driver, port) = start_chromedriver().await;
        let address = format!("http://127.0.0.1:{port}");
        let mut client = ClientBuilder::new(HttpConnector::new());
        client.capabilities(capabilities(device, tap));
        let client = soon("the human's browser", client.connect(&address))
            .await
            .expect("chromedriver fits Chromium");
        Self {
            client,
            device,
            _driver: driver,
            _seat: seat,
        }
    }

    /// Opens a hand-off's link and waits for the card.
    pub async fn open(&self, session_url: &str) {
        self.client.goto(session_url).await.expect("the link opens");
    }

    /// Presses Start on the card, and waits until the page's picture is there; on a phone, makes
    /// it fit the screen.
    pub async fn start(&self) {
        self.state_is("card").await;
        self.press("#start").await;
        self.is_shown_the_page().await;
    }

    /// Waits until the page's picture is there; on a phone, makes it fit the screen.
    pub async fn is_shown_the_page(&self) {
        self.state_is("live").await;
        self.sees_more_than(0).await;
        if self.device == Device::Phone {
            self.press("#zoom-fit").await;
        }
    }

    /// Returns the viewer page's state, such as `live`.
    pub async fn state(&self) -> String {
        self.look("return document.body.dataset.state").await
    }

    /// Waits until the viewer page's state is `wanted`.
    ///
    /// # Panics
    ///
    /// Fails the test if it never is, and tells what the page says instead.
    pub async fn state_is(&self, wanted: &str) {
        let arrived = eventually(wanted, async || {
            (self.state().await == wanted).then_some(())
        });
        let in_time = timeout(LIMIT / 2, arrived).await.is_ok();
        assert!(
            in_time,
            "the page is {} instead of {wanted}, and says: {}",
            self.state().await,
            self.words().await
        );
    }

    /// Waits until the viewer page has ended, and returns how, such as `resolved`.
    pub async fn outcome(&self) -> String {
        self.state_is("ended").await;
        self.look("return document.body.dataset.outcome").await
    }

    /// Returns how many pictures have been drawn.
    pub async fn pictures(&self) -> u64 {
        let count = self
            .look("return document.getElementById('screen').dataset.frames ?? '0'")
            .await;
        count.parse().unwrap_or(0)
    }

    /// Waits until more than `count` pictures have been drawn.
    pub async fn sees_more_than(&self, count: u64) {
        eventually("a picture of the page", async || {
            (self.pictures().await > count).then_some(())
        })
        .await;
    }

    /// Returns the text of one of the viewer page's elements.
    pub async fn reads(&self, selector: &str) -> String {
        let element = self.client.find(Locator::Css(selector)).await;
        let text = element.expect("the page has it").text().await;
        text.expect("the page is there")
    }

    /// Presses one of the viewer page's own buttons, when it can be pressed.
    pub async fn press(&self, selector: &str) {
        eventually(selector, async || {
            let element = self.client.find(Locator::Css(selector)).await.ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// Clicks or taps a point of the agent's page, in its CSS pixels.
    pub async fn click(&self, point: (f64, f64)) {
        self.click_times(point, 1).await;
    }

    /// Double-clicks or double-taps a point of the agent's page.
    pub async fn double_click(&self, point: (f64, f64)) {
        self.click_times(point, 2).await;
    }

    /// Turns the wheel over a point of the agent's page, by CSS pixels of the viewer page.
    pub async fn scroll(&self, point: (f64, f64), delta_y: i64) {
        let (x, y) = self.on_screen(point).await;
        let wheel = WheelActions::new("wheel".into()).then(WheelAction::Scroll {
            duration: None,
            x: whole(x),
            y: whole(y),
            delta_x: 0,
            delta_y,
        });
        self.act(wheel.into()).await;
    }

    /// Types text as a hand on a keyboard does, key by key; on a phone, shows the keyboard first.
    pub async fn types(&self, text: &str) {
        self.shows_keyboard().await;
        let mut keys = KeyActions::new("keyboard".into());
        for value in text.chars() {
            keys = keys
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        self.act(keys.into()).await;
    }

    /// Presses a special key.
    pub async fn key(&self, key: Key) {
        self.types(&char::from(key).to_string()).await;
    }

    /// Presses a key while another is held.
    pub async fn chord(&self, held: Key, value: char) {
        let held = char::from(held);
        let keys = KeyActions::new("keyboard".into())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: held });
        self.act(keys.into()).await;
    }

    /// Reloads the viewer page, as an impatient human does.
    pub async fn reload_viewer(&self) {
        self.client.refresh().await.expect("the page reloads");
    }

    /// Opens an empty tab in front of all others; those are hidden then.
    pub async fn opens_a_tab(&self) {
        let tab = self.client.new_window(true).await.expect("a tab");
        self.client
            .switch_to_window(tab.handle)
            .await
            .expect("it is there");
    }

    /// Brings the tab to the front that was opened as number `number`, from 0.
    pub async fn goes_to_tab(&self, number: usize) {
        let tabs = self.client.windows().await.expect("the browser is there");
        let tab = tabs.into_iter().nth(number).expect("there are as many");
        self.client
            .switch_to_window(tab)
            .await
            .expect("it is there");
        self.devtools("Page.bringToFront", json!({})).await;
    }

    /// Closes the tab that is in front.
    pub async fn closes_the_tab(&self) {
        self.client.close_window().await.expect("it is there");
    }

    /// Types into one of the viewer page's own fields, once it is there.
    pub async fn enters(&self, selector: &str, text: &str) {
        eventually(selector, async || {
            let element = self.client.find(Locator::Css(selector)).await.ok()?;
            element.send_keys(text).await.ok()
        })
        .await;
    }

    /// Tells whether one of the viewer page's own buttons is there to be pressed.
    pub async fn can_press(&self, selector: &str) -> bool {
        let Ok(element) = self.client.find(Locator::Css(selector)).await else {
            return false;
        };
        let is_shown = element.is_displayed().await.unwrap_or(false);
        is_shown && element.is_enabled().await.unwrap_or(false)
    }

    /// Returns what the viewer page says of its state, in all places where it does.
    pub async fn words(&self) -> String {
        let script = "
            const ids = ['state', 'veil-title', 'veil-text', 'ended-title', 'ended-text', 'toast'];
            return ids.map((id) => document.getElementById(id))
                .filter((element) => element.checkVisibility())
                .map((element) => element.textContent).join(' | ');";
        self.look(script).await
    }

    /// Waits until the viewer page says this.
    pub async fn is_told(&self, words: &str) {
        eventually(&format!("the words {words}"), async || {
            self.words().await.contains(words).then_some(())
        })
        .await;
    }

    /// Tells how the picture is shown: `live`, `grey`, `hidden`, or as another style says.
    pub async fn picture_is(&self) -> String {
        let script = "
            const style = getComputedStyle(document.getElementById('screen'));
            if (style.visibility === 'hidden') return 'hidden';
            if (style.filter.includes('grayscale(1)')) return 'grey';
            return style.filter === 'none' ? 'live' : style.filter;";
        self.look(script).await
    }

    /// Waits until the middle of the picture has this colour.
    pub async fn sees(&self, colour: [u8; 3]) {
        let script = format!("{LOOK_FOR} return look();");
        eventually(&format!("the colour {colour:?}"), async || {
            let seen = self.client.execute(&script, vec![json!(colour)]).await;
            (seen.expect("the page is there") == true).then_some(())
        })
        .await;
    }

    /// Keeps an eye on the middle of the picture, at every repaint, for this colour. It isn't there now.
    pub async fn watches_for(&self, colour: [u8; 3]) {
        let script = format!(
            "{LOOK_FOR}
            document.body.dataset.saw = '';
            const watch = () => {{
                if (look()) document.body.dataset.saw = 'it';
                requestAnimationFrame(watch);
            }};
            watch();"
        );
        let started = self.client.execute(&script, vec![json!(colour)]).await;
        started.expect("the page is there");
        assert!(!self.has_seen_it().await, "the colour is there already");
    }

    /// Tells whether the picture ever had the colour that the human watches for.
    ///
    /// # Panics
    ///
    /// Fails the test if the human doesn't watch, or not any more.
    pub async fn has_seen_it(&self) -> bool {
        let saw = self.look("return document.body.dataset.saw ?? 'nothing'");
        match saw.await.as_str() {
            "it" => true,
            "" => false,
            _ => unreachable!("the human watches"),
        }
    }

    /// Returns the address of the tab in front.
    pub async fn address(&self) -> String {
        self.look("return location.href").await
    }

    /// Returns a screenshot of what the human sees, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("a screenshot")
    }

    async fn click_times(&self, point: (f64, f64), times: usize) {
        let (x, y) = self.on_screen(point).await;
        let duration = None;
        let mut steps = vec![PointerAction::MoveTo { duration, x, y }];
        for _ in 0..times {
            let button = MOUSE_BUTTON_LEFT;
            steps.push(PointerAction::Down { button });
            steps.push(PointerAction::Up { button });
        }
        let hand = match self.device {
            Device::Desktop => steps
                .into_iter()
                .fold(MouseActions::new("mouse".into()), MouseActions::then)
                .into(),
            Device::Phone => steps
                .into_iter()
                .fold(TouchActions::new("finger".into()), TouchActions::then)
                .into(),
        };
        self.act(hand).await;
    }

    async fn devtools(&self, method: &'static str, parameters: Value) {
        let done = self.client.issue_cmd(DevTools { method, parameters }).await;
        done.expect("the browser is there");
    }

    async fn act(&self, actions: Actions) {
        self.client
            .perform_actions(actions)
            .await
            .expect("the hand is free");
    }

    /// Finds a point of the agent's page on the human's screen: where it is painted, which after a change
    /// of the layout is one frame after the script could have measured it, and none that moves any more.
    async fn on_screen(&self, (x, y): (f64, f64)) -> (f64, f64) {
        const SCRIPT: &str = "
            const [x, y, tell] = arguments;
            const screen = document.getElementById('screen');
            const place = () => {
                const box = screen.getBoundingClientRect();
                const { deviceWidth, deviceHeight } = screen.dataset;
                return [box.x + x * box.width / deviceWidth, box.y + y * box.height / deviceHeight];
            };
            const settle = (before) => requestAnimationFrame(() => requestAnimationFrame(() => {
                const now = place();
                if (String(now) === String(before)) tell(now);
                else settle(now);
            }));
            settle(null);";
        let point = vec![json!(x), json!(y)];
        let place = self.client.execute_async(SCRIPT, point).await;
        let place = place.expect("the page is there");
        let number = |value: &Value| value.as_f64().expect("a picture is shown");
        (number(&place[0]), number(&place[1]))
    }

    async fn look(&self, script: &str) -> String {
        let seen = self.client.execute(script, Vec::new()).await;
        let seen = seen.expect("the page is there");
        seen.as_str().unwrap_or_default().to_owned()
    }
}

/// Tells whether the middle of the picture has the colour that is given.
const LOOK_FOR: &str = "
    const [colour] = arguments;
    const screen = document.getElementById('screen');
    const context = screen.getContext('2d');
    const look = () => {
        const [x, y] = [screen.width / 2, screen.height / 2];
        const { data } = context.getImageData(x, y, 1, 1);
        return colour.every((value, index) => Math.abs(value - data[index]) < 24);
    };";

/// What a hand does that WebDriver has no word for: it picks a tab, holds a key, composes a word.
#[derive(Debug)]
struct DevTools {
    method: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let call = json!({ "cmd": self.method, "params": self.parameters });
        (Method::POST, Some(call.to_string()))
    }
}

fn capabilities(device: Device, tap: Option<&Tap>) -> fantoccini::wd::Capabilities {
    let mut flags: Vec<String> = chromium::quiet_flags()
        .iter()
        .map(|flag| (*flag).to_owned())
        .collect();
    flags.push("--window-size=1280,860".into());
    if let Some(tap) = tap {
        flags.push(format!("--proxy-server=http://{}", tap.address()));
        flags.push("--proxy-bypass-list=<-loopback>".into());
    }
    let mut options = json!({ "args": flags, "binary": chromium::find() });
    if device == Device::Phone {
        options["mobileEmulation"] = json!({
            "deviceMetrics": { "width": 360, "height": 640, "pixelRatio": 3.0, "touch": true },
        });
    }
    // A relay may have a certificate of its own making, and people go past the warning.
    let capabilities = json!({ "goog:chromeOptions": options, "acceptInsecureCerts": true });
    let Value::Object(capabilities) = capabilities else {
        unreachable!("an object is written above")
    };
    capabilities
}

/// Starts chromedriver, `$CHROMEDRIVER` or the one on the path, and reads its port.
///
/// It takes a free port of IPv4 and gives up if that one is taken in IPv6: then it is started again.
async fn start_chromedriver() -> (Guarded, u16) {
    let starting = tokio::task::spawn_blocking(|| {
        (0..5)
            .find_map(|_| try_chromedriver())
            .expect("chromedriver tells its port")
    });
    soon("chromedriver", starting)
        .await
        .expect("chromedriver is installed")
}

fn try_chromedriver() -> Option<(Guarded, u16)> {
    let program = std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
    let (driver, output) =
        Guarded::spawn_piped(program, |_| vec!["--port=0"]).expect("chromedriver is installed");
    let mut lines = BufReader::new(output).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        line.split_once("successfully on port ")?
            .1
            .trim_end_matches('.')
            .parse()
            .ok()
    })?;
    // A full pipe would stop it.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Some((driver, port))
}

#[expect(
    clippy::as_conversions,
    reason = "WebDriver wants whole pixels of a screen"
)]
fn whole(pixels: f64) -> i64 {
    pixels.round() as i64
}

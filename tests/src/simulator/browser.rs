//! A scripted Chromium with one page: it answers what an agent asks, paints, navigates, and keeps what
//! it was told to do.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// How many pictures Chromium sends before it waits for an acknowledgement.
const MAX_IN_FLIGHT: u32 = 2;

/// Stands in every picture, so that one that lies open is found.
pub const IN_EVERY_PICTURE: &str = "PAINTED-";

/// Stands in every address of the page, so that one that lies open is found.
pub const IN_EVERY_ADDRESS: &str = "secretPath";

/// A Chromium.
pub struct Browser {
    /// The newest picture's number.
    pub painted: u64,
    /// When each picture was painted, by its number.
    pub painted_at: Vec<u64>,
    /// The texts typed and inserted, in order.
    pub inserted: Vec<String>,
    /// The mouse's presses, in order: the document each hit.
    pub presses: Vec<u64>,
    /// How many documents the page has shown.
    pub document: u64,
    /// How large a picture is, in bytes.
    pub picture: usize,
    field: String,
    casting: bool,
    in_flight: u32,
    waiting: bool,
    said: Vec<Value>,
}

impl Default for Browser {
    fn default() -> Self {
        Self {
            painted: 0,
            painted_at: vec![0],
            inserted: Vec::new(),
            presses: Vec::new(),
            document: 1,
            picture: 2_000,
            field: String::new(),
            casting: false,
            in_flight: 0,
            waiting: false,
            said: Vec::new(),
        }
    }
}

impl Browser {
    /// Takes one command.
    pub fn told(&mut self, now: u64, command: &str) {
        let command: Value = serde_json::from_str(command).expect("commands are JSON");
        let method = command["method"].as_str().expect("commands name a method");
        let params = &command["params"];
        let result = match method {
            "Target.getTargetInfo" => {
                json!({"targetInfo": {"targetId": "B", "type": "browser", "url": ""}})
            }
            "Target.getTargets" => json!({"targetInfos": [
                {"targetId": "T-page", "type": "page", "url": self.address()},
            ]}),
            "Target.attachToTarget" => json!({"sessionId": "S-page"}),
            "Browser.getVersion" => json!({"userAgent": "Mozilla/5.0 (X11; Linux x86_64)"}),
            "Page.getLayoutMetrics" => json!({"cssLayoutViewport":
                {"pageX": 0, "pageY": 0, "clientWidth": 1280, "clientHeight": 720}}),
            "Page.getNavigationHistory" => json!({"currentIndex": 0, "entries": [
                {"id": 11, "url": self.address()}]}),
            "Page.getFrameTree" => json!({"frameTree": {"frame": self.frame()}}),
            "Page.startScreencast" => {
                self.casting = true;
                self.in_flight = 0;
                self.cast(now);
                json!({})
            }
            "Page.stopScreencast" => {
                self.casting = false;
                json!({})
            }
            "Page.screencastFrameAck" => {
                self.in_flight = self.in_flight.saturating_sub(1);
                if core::mem::take(&mut self.waiting) {
                    self.cast(now);
                }
                json!({})
            }
            "Input.insertText" => {
                self.take(params["text"].as_str().expect("text"));
                json!({})
            }
            "Input.dispatchKeyEvent" => {
                self.take(params["text"].as_str().unwrap_or_default());
                json!({})
            }
            "Input.dispatchMouseEvent" => {
                if params["type"] == "mousePressed" {
                    self.presses.push(self.document);
                }
                json!({})
            }
            _ => json!({}),
        };
        self.said
            .push(json!({"id": command["id"], "result": result}));
    }

    /// Takes text into the focused field, which ends texts at their semicolon.
    fn take(&mut self, text: &str) {
        for character in text.chars() {
            self.field.push(character);
            if character == ';' {
                self.inserted.push(core::mem::take(&mut self.field));
            }
        }
    }

    /// Changes what the page looks like.
    pub fn paint(&mut self, now: u64) {
        self.painted += 1;
        self.painted_at.push(now);
        if self.casting {
            self.cast(now);
        }
    }

    /// Shows another document.
    pub fn navigate(&mut self, now: u64) {
        self.document += 1;
        let frame = self.frame();
        self.page_says(
            "Page.frameNavigated",
            &json!({"frame": frame, "type": "Navigation"}),
        );
        self.paint(now);
    }

    /// Returns what it has to say.
    pub fn says(&mut self) -> Vec<String> {
        let said = core::mem::take(&mut self.said);
        said.iter().map(Value::to_string).collect()
    }

    fn cast(&mut self, now: u64) {
        if self.in_flight >= MAX_IN_FLIGHT {
            self.waiting = true;
            return;
        }
        self.in_flight += 1;
        let mut jpeg = picture(self.painted).into_bytes();
        jpeg.resize(self.picture.max(jpeg.len()), b'.');
        self.page_says(
            "Page.screencastFrame",
            &json!({
                "data": STANDARD.encode(jpeg),
                "metadata": {"offsetTop": 0, "pageScaleFactor": 1, "deviceWidth": 1280,
                    "deviceHeight": 720, "scrollOffsetX": 0, "scrollOffsetY": 0,
                    "timestamp": now},
                "sessionId": 1,
            }),
        );
    }

    fn page_says(&mut self, method: &str, params: &Value) {
        self.said
            .push(json!({"method": method, "params": params, "sessionId": "S-page"}));
    }

    fn frame(&self) -> Value {
        json!({
            "id": "T-page",
            "loaderId": format!("L{}", self.document),
            "url": self.address(),
            "securityOrigin": "https://wall.test",
            "mimeType": "text/html",
        })
    }

    fn address(&self) -> String {
        format!("https://wall.test/{IN_EVERY_ADDRESS}/{}", self.document)
    }
}

/// Returns how a picture begins.
fn picture(number: u64) -> String {
    format!("{IN_EVERY_PICTURE}{number:08};")
}

/// Returns the number of a picture, if it is one of this browser's.
pub fn number(jpeg: &[u8]) -> Option<u64> {
    let text = jpeg.strip_prefix(IN_EVERY_PICTURE.as_bytes())?;
    let digits = text.get(..8).filter(|_| text.get(8) == Some(&b';'))?;
    let number = core::str::from_utf8(digits).ok()?;
    let rest = text.get(9..)?;
    number
        .parse()
        .ok()
        .filter(|_| rest.iter().all(|byte| *byte == b'.'))
}

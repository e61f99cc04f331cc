//! A scripted Chromium: answers what it is asked at once, with one page that paints when it is cast.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// What else happens in a browser.
pub(super) const EVENTS: [&str; 9] = [
    r#"{"method":"Target.targetCreated","params":{"targetInfo":{"targetId":"T2","type":"page","url":"","openerId":"T"}}}"#,
    r#"{"method":"Target.targetDestroyed","params":{"targetId":"T2"}}"#,
    r#"{"method":"Target.targetDestroyed","params":{"targetId":"T"}}"#,
    r#"{"method":"Target.targetCrashed","params":{"targetId":"T"}}"#,
    r#"{"method":"Target.detachedFromTarget","params":{"sessionId":"S2"}}"#,
    r#"{"method":"Inspector.detached","params":{"reason":"target_closed"}}"#,
    r#"{"method":"Page.javascriptDialogOpening","sessionId":"S","params":{"type":"confirm"}}"#,
    r#"{"method":"Page.javascriptDialogClosed","sessionId":"S","params":{}}"#,
    r#"{"id":3,"error":{}}"#,
];

/// The page's side of CDP.
#[derive(Default)]
pub(super) struct Browser {
    /// The CDP session of the page whose pictures are asked for.
    cast: Option<String>,
    documents: u32,
}

impl Browser {
    /// Answers a command.
    pub(super) fn answer(&mut self, command: &Value) -> Value {
        let result = match command["method"].as_str().expect("a method") {
            "Target.getTargetInfo" => {
                json!({"targetInfo": {"targetId": "B", "type": "browser", "url": ""}})
            }
            "Target.getTargets" => json!({"targetInfos": [
                {"targetId": "T", "type": "page", "url": "https://wall.test/login"}]}),
            "Target.attachToTarget" if command["params"]["targetId"] == "T" => {
                json!({"sessionId": "S"})
            }
            "Target.attachToTarget" => json!({"sessionId": "S2"}),
            "Browser.getVersion" => json!({"userAgent": "Mozilla/5.0 (X11; Linux x86_64)"}),
            "Page.getLayoutMetrics" => json!({"cssLayoutViewport": {
                "pageX": 0, "pageY": 0, "clientWidth": 1280, "clientHeight": 720}}),
            "Page.getFrameTree" => json!({"frameTree": {"frame": self.frame()}}),
            "Page.getNavigationHistory" => json!({"currentIndex": 1, "entries": [
                {"id": 11, "url": "a"}, {"id": 12, "url": "b"}]}),
            "Page.startScreencast" => {
                self.cast = command["sessionId"].as_str().map(str::to_owned);
                json!({})
            }
            "Page.stopScreencast" => {
                self.cast = None;
                json!({})
            }
            _ => json!({}),
        };
        json!({"id": command["id"], "result": result})
    }

    /// The event of a picture, if pictures are asked for.
    pub(super) fn paint(&self, jpeg: impl FnOnce() -> Vec<u8>) -> Option<String> {
        let event = |session: &String| {
            json!({"method": "Page.screencastFrame", "sessionId": session, "params": {
                "data": STANDARD.encode(jpeg()),
                "metadata": {"offsetTop": 0, "pageScaleFactor": 1, "deviceWidth": 1280,
                    "deviceHeight": 720, "scrollOffsetX": 0, "scrollOffsetY": 0},
                "sessionId": 1}})
        };
        self.cast.as_ref().map(|session| event(session).to_string())
    }

    /// The event of another document.
    pub(super) fn navigate(&mut self) -> String {
        self.documents += 1;
        json!({"method": "Page.frameNavigated", "sessionId": "S", "params": {
            "frame": self.frame(), "type": "Navigation"}})
        .to_string()
    }

    fn frame(&self) -> Value {
        json!({"id": "F", "loaderId": format!("L{}", self.documents), "url": "https://wall.test/"})
    }
}

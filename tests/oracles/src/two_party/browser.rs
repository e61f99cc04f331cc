//! A scripted Chromium: answers what it is asked at once, with one page that paints when it is cast.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// The page's side of CDP.
#[derive(Default)]
pub(super) struct Browser {
    is_cast: bool,
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
            "Target.attachToTarget" => json!({"sessionId": "S"}),
            "Browser.getVersion" => json!({"userAgent": "Mozilla/5.0 (X11; Linux x86_64)"}),
            "Page.getLayoutMetrics" => json!({"cssLayoutViewport": {
                "pageX": 0, "pageY": 0, "clientWidth": 1280, "clientHeight": 720}}),
            "Page.getFrameTree" => json!({"frameTree": {"frame": self.frame()}}),
            "Page.startScreencast" => {
                self.is_cast = true;
                json!({})
            }
            "Page.stopScreencast" => {
                self.is_cast = false;
                json!({})
            }
            _ => json!({}),
        };
        json!({"id": command["id"], "result": result})
    }

    /// The event of a picture, if pictures are asked for.
    pub(super) fn paint(&self, jpeg: impl FnOnce() -> Vec<u8>) -> Option<String> {
        let event = |jpeg: Vec<u8>| {
            json!({"method": "Page.screencastFrame", "sessionId": "S", "params": {
                "data": STANDARD.encode(jpeg),
                "metadata": {"offsetTop": 0, "pageScaleFactor": 1, "deviceWidth": 1280,
                    "deviceHeight": 720, "scrollOffsetX": 0, "scrollOffsetY": 0},
                "sessionId": 1}})
        };
        self.is_cast.then(|| event(jpeg()).to_string())
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

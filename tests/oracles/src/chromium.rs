//! A scripted Chromium: answers what it is asked, with one page that paints when it is cast.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// The page handed over. The CDP session that leads to a page is named like it, with an S for the T, and an
/// x more for each that is there already.
pub(crate) const PAGE: &str = "T";

/// What else happens in a browser.
pub(crate) const EVENTS: [&str; 12] = [
    r#"{"method":"Target.targetCreated","params":{"targetInfo":{"targetId":"T2","type":"page","url":"","openerId":"T"}}}"#,
    r#"{"method":"Target.targetDestroyed","params":{"targetId":"T2"}}"#,
    r#"{"method":"Target.targetDestroyed","params":{"targetId":"T"}}"#,
    r#"{"method":"Target.targetCrashed","params":{"targetId":"T"}}"#,
    r#"{"method":"Target.detachedFromTarget","params":{"sessionId":"S2"}}"#,
    r#"{"method":"Inspector.detached","params":{"reason":"target_closed"}}"#,
    r#"{"method":"Page.javascriptDialogOpening","sessionId":"S","params":{"type":"confirm","url":"https://wall.test/","message":"secret words"}}"#,
    r#"{"method":"Page.javascriptDialogClosed","sessionId":"S","params":{}}"#,
    r#"{"id":3,"error":{}}"#,
    r#"{"method":"Target.targetCreated","params":{"targetInfo":{"targetId":"T3","type":"page","url":"https://mail.test/"}}}"#,
    r#"{"method":"Target.targetCreated","params":{"targetInfo":{"targetId":"T4","type":"page","url":"","openerId":"T2"}}}"#,
    r#"{"method":"Page.javascriptDialogOpening","sessionId":"S2","params":{"type":"prompt","url":"https://wall.test/","message":"?","defaultPrompt":"secret words"}}"#,
];

/// A command, as a browser reads it.
#[derive(Deserialize)]
pub(crate) struct Command<'a> {
    pub(crate) id: u64,
    #[serde(borrow)]
    pub(crate) method: Cow<'a, str>,
    #[serde(rename = "sessionId", borrow)]
    pub(crate) session: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

impl<'a> Command<'a> {
    /// Reads what an agent sent, which has to be a command.
    pub(crate) fn parse(text: &'a str) -> Self {
        serde_json::from_str(text).expect("commands are JSON, with a number and a method")
    }

    /// Reads the parameters.
    pub(crate) fn params(&self) -> Value {
        self.params.map_or(Value::Null, |params| {
            serde_json::from_str(params.get()).expect("JSON")
        })
    }

    /// Reads the parameters as what they have to be.
    pub(crate) fn read<T: Deserialize<'a>>(&self) -> T {
        let params = self.params.expect("it has parameters");
        serde_json::from_str(params.get()).expect("as the protocol describes them")
    }

    /// The CDP session that leads to the target it names.
    fn session_of_target(&self) -> String {
        let params = self.params();
        let target = params["targetId"].as_str().unwrap_or_default();
        target.replacen('T', "S", 1)
    }
}

/// The page's side of CDP.
#[derive(Default)]
pub(crate) struct Chromium {
    /// The CDP session of the page whose pictures are asked for.
    cast: Option<String>,
    documents: u32,
    /// The CDP sessions that lead to pages.
    pub(crate) sessions: Vec<String>,
}

impl Chromium {
    /// Answers a command.
    pub(crate) fn answer(&mut self, command: &Command<'_>) -> String {
        let result: Cow<'_, str> = match &*command.method {
            "Target.getTargetInfo" => {
                r#"{"targetInfo":{"targetId":"B","type":"browser","url":""}}"#.into()
            }
            "Target.getTargets" => r#"{"targetInfos":[
                {"targetId":"T","type":"page","url":"https://wall.test/login"}]}"#
                .into(),
            "Target.attachToTarget" => {
                let mut session = command.session_of_target();
                while self.sessions.contains(&session) {
                    session.push('x');
                }
                let answer = format!(r#"{{"sessionId":"{session}"}}"#);
                self.sessions.push(session);
                answer.into()
            }
            "Browser.getVersion" => r#"{"userAgent":"Mozilla/5.0 (X11; Linux x86_64)"}"#.into(),
            "Page.getLayoutMetrics" => {
                r#"{"cssLayoutViewport":{"pageX":0,"pageY":0,"clientWidth":1280,"clientHeight":720}}"#
                    .into()
            }
            "Page.getFrameTree" => format!(r#"{{"frameTree":{{"frame":{}}}}}"#, self.frame()).into(),
            "Page.getNavigationHistory" => {
                r#"{"currentIndex":1,"entries":[{"id":11,"url":"a"},{"id":12,"url":"b"}]}"#.into()
            }
            "Page.startScreencast" => {
                self.cast = command.session.as_deref().map(str::to_owned);
                "{}".into()
            }
            "Page.stopScreencast" => {
                self.cast = None;
                "{}".into()
            }
            _ => "{}".into(),
        };
        format!(r#"{{"id":{},"result":{result}}}"#, command.id)
    }

    /// The event of a picture, if pictures are asked for.
    pub(crate) fn paint(&self, jpeg: impl FnOnce() -> Vec<u8>) -> Option<String> {
        let session = self.cast.as_ref()?;
        let jpeg = STANDARD.encode(jpeg());
        Some(format!(
            r#"{{"method":"Page.screencastFrame","sessionId":"{session}","params":{{"data":"{jpeg}","metadata":{{"offsetTop":0,"pageScaleFactor":1,"deviceWidth":1280,"deviceHeight":720,"scrollOffsetX":0,"scrollOffsetY":0}},"sessionId":1}}}}"#
        ))
    }

    /// The event of another document.
    pub(crate) fn navigate(&mut self) -> String {
        self.documents += 1;
        format!(
            r#"{{"method":"Page.frameNavigated","sessionId":"S","params":{{"frame":{},"type":"Navigation"}}}}"#,
            self.frame()
        )
    }

    /// A target is gone, and the CDP sessions that led to it. Returns them.
    pub(crate) fn is_gone(&mut self, target: &str) -> Vec<String> {
        let session = target.replacen('T', "S", 1);
        let is_its = |other: &mut String| other.trim_end_matches('x') == session;
        self.sessions.extract_if(.., is_its).collect()
    }

    /// The CDP session of the page whose pictures are asked for.
    #[cfg(test)]
    pub(crate) fn cast(&self) -> Option<&str> {
        self.cast.as_deref()
    }

    fn frame(&self) -> String {
        format!(
            r#"{{"id":"F","loaderId":"L{}","url":"https://wall.test/"}}"#,
            self.documents
        )
    }
}

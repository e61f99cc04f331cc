//! A headless Chromium of our own, with a DevTools port.
//!
//! Decides which program to run and with which flags; learns the port from the file Chromium writes.
//! It never touches a profile or a browser that somebody else uses.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::guard::Guarded;

/// How Chromium is started.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The first page.
    pub url: String,
    /// The window's inner width and height, in pixels.
    pub window: (u32, u32),
}

impl Default for Launch {
    fn default() -> Self {
        Self {
            url: "about:blank".into(),
            window: (1280, 720),
        }
    }
}

/// A running headless Chromium; dropped, it is gone with all its processes and its profile.
#[derive(Debug)]
pub struct Chromium {
    _process: Guarded,
    port: u16,
    browser_path: String,
}

impl Chromium {
    /// Starts Chromium and waits until its DevTools port is open, 60 s at most.
    ///
    /// The program is `$CHROMIUM` if set, else the first of the usual names on the path.
    pub async fn start(launch: &Launch) -> Result<Self, ChromiumError> {
        let program = find().ok_or(ChromiumError::NotInstalled)?;
        let process = Guarded::spawn(program, |profile| arguments(launch, profile))
            .map_err(ChromiumError::Start)?;
        let (port, browser_path) = devtools_port(process.folder()).await?;
        Ok(Self {
            _process: process,
            port,
            browser_path,
        })
    }

    /// Returns the DevTools port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the DevTools HTTP address, such as `http://127.0.0.1:9222`.
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the browser's own WebSocket address, as Puppeteer's `wsEndpoint()` gives it.
    pub fn browser_url(&self) -> String {
        format!("ws://127.0.0.1:{}{}", self.port, self.browser_path)
    }
}

/// Why Chromium didn't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChromiumError {
    /// There is none on the path.
    #[error("no Chromium or Chrome found; install one, or name its program in CHROMIUM")]
    NotInstalled,
    /// It can't be started.
    #[error("chromium can't be started")]
    Start(#[source] std::io::Error),
    /// It never opened its DevTools port.
    #[error("chromium did not open its DevTools port in time")]
    NoPort,
}

/// Returns the program to start: `$CHROMIUM`, or the first of the usual names on the path.
pub fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
        "chrome",
    ];
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    on_path.or_else(|| {
        let bundle = Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
        bundle.is_file().then(|| bundle.into())
    })
}

/// Returns the flags every Chromium of ours gets: quiet, offline for itself, at home in containers.
pub fn quiet_flags() -> &'static [&'static str] {
    &[
        "--headless=new",
        // Containers rarely allow Chromium's own sandbox, and root never does. We show it our own
        // pages only.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--password-store=basic",
        "--use-mock-keychain",
    ]
}

fn arguments(launch: &Launch, profile: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = quiet_flags().iter().map(OsString::from).collect();
    let (width, height) = launch.window;
    arguments.push(format!("--window-size={width},{height}").into());
    arguments.push("--remote-debugging-port=0".into());
    let mut folder = OsString::from("--user-data-dir=");
    folder.push(profile);
    arguments.push(folder);
    arguments.push(OsString::from(&launch.url));
    arguments
}

/// Waits for the file in which Chromium notes its port and its own WebSocket path.
async fn devtools_port(profile: &Path) -> Result<(u16, String), ChromiumError> {
    let file = profile.join("DevToolsActivePort");
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        // Absent or half-written at first.
        if let Some(found) = fs::read_to_string(&file)
            .ok()
            .as_deref()
            .and_then(parse_port_file)
        {
            return Ok(found);
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err(ChromiumError::NoPort)
}

fn parse_port_file(text: &str) -> Option<(u16, String)> {
    let (port, path) = text.split_once('\n')?;
    let path = path.trim_end();
    let complete = path.starts_with("/devtools/browser/") && path.len() >= 54;
    complete.then_some((port.parse().ok()?, path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_written_port_file_is_not_believed() {
        let whole = "37813\n/devtools/browser/0b8d6b3d-5a93-4b6c-9ad8-2f8e6c3f3a10";
        assert_eq!(parse_port_file(whole).map(|(port, _)| port), Some(37_813));
        for end in 0..whole.len() {
            let part: String = whole.chars().take(end).collect();
            assert_eq!(parse_port_file(&part), None, "{part}");
        }
    }
}

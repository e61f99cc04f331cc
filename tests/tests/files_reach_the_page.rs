//! A human's files in a real Chromium: the page gets them as if they had been picked beside it, by the browser's
//! own events wherever that is possible, and nothing of them stays.

use std::{fs, path::Path};

use authloop_testkit::{
    browser::{Page, browser},
    hand_off::HandOff,
    helped_viewer::HelpedViewer,
    lab::{Lab, Places},
    wait::eventually,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

const CHUNK: usize = 12_000;

/// A page that takes files, handed over; with where the agent keeps them.
struct Desk {
    lab: Lab,
    page: Page,
    at: Places,
    hand_off: HandOff,
    viewer: HelpedViewer,
}

impl Desk {
    async fn keeping_files_in(folder: &Path) -> Self {
        let lab = Lab::start().await;
        let page = browser().await.open(&lab.url("/lab/files")).await;
        let at = lab.shown("/lab/files").await;
        let hand_off = HandOff::keeping_files_in(folder, &page).await;
        let viewer = HelpedViewer::join(hand_off.session_url()).await;
        Self {
            lab,
            page,
            at,
            hand_off,
            viewer,
        }
    }

    /// Clicks somewhere, and waits until the page asks for files. Returns what it asks for.
    async fn asks(&mut self, place: (f64, f64)) -> Value {
        let before = self.viewer.told().len();
        self.viewer.clicks(place).await;
        self.viewer.hears("files", before, |_| true).await
    }

    /// Sends files, one after the other, and lets the page have them.
    async fn sends(&mut self, sheet: &Value, files: &[(&str, &[u8])]) {
        let id = &sheet["id"];
        for (n, (name, bytes)) in files.iter().enumerate() {
            self.says(
                n,
                0,
                json!({"type": "file", "id": id, "n": n, "of": files.len(), "choice": 1, "name": name,
                    "mime": "text/plain", "size": bytes.len()}),
            )
            .await;
            for (place, part) in bytes.chunks(CHUNK).enumerate() {
                let offset = place * CHUNK;
                let chunk = json!({"type": "file_chunk", "id": id, "n": n, "offset": offset,
                    "data": STANDARD.encode(part)});
                self.says(n, offset + part.len(), chunk).await;
            }
        }
        let done = json!({"type": "files_done", "id": id});
        self.viewer.does(done).await;
        let is_it = |told: &Value| told["id"] == sheet["id"];
        self.viewer.hears("sheet_closed", 0, is_it).await;
    }

    /// Says something of a file, and waits until so much of it has arrived.
    async fn says(&mut self, n: usize, arrives: usize, event: Value) {
        let before = self.viewer.told().len();
        self.viewer.does(event).await;
        let has_arrived = |told: &Value| told["n"] == n && told["got"] == arrives;
        self.viewer.hears("file_got", before, has_arrived).await;
    }

    /// Waits until the page has read the files that an element brought. Returns whether their event was
    /// trusted, and what they were.
    async fn reads(&self, target: &str) -> (bool, String) {
        self.lab
            .until(target, |events| {
                let mut read = events.iter().filter(|event| event.kind == "files");
                let read = read.rfind(|event| event.target == target)?;
                Some((read.trusted, read.value.clone().unwrap_or_default()))
            })
            .await
    }
}

fn kept_in(folder: &TempDir) -> usize {
    fs::read_dir(folder.path()).expect("a folder").count()
}

#[tokio::test]
async fn picked_files_are_the_pages_by_trusted_events_and_gone_at_the_end() {
    let folder = tempfile::tempdir().expect("a disk");
    let mut desk = Desk::keeping_files_in(folder.path()).await;
    let long = [b"abc".as_slice(), &[b'.'; 30_000], b"xyz"].concat();
    let sheet = desk.asks(desk.at.of("one")).await;
    assert_eq!(sheet["multiple"], false);
    desk.sends(&sheet, &[("Reisepaß.txt", &long)]).await;
    let read = desk.reads("one").await;
    assert_eq!(
        read,
        (true, "Reisepaß.txt text/plain 30006 abc…xyz".to_owned())
    );
    let sheet = desk.asks(desk.at.of("many")).await;
    assert_eq!(
        (&sheet["multiple"], &sheet["accept"]),
        (&json!(true), &json!(["image/*", ".pdf"]))
    );
    desk.sends(&sheet, &[("a.txt", b"first"), ("a.txt", b"second")])
        .await;
    let read = desk.reads("many").await;
    let both = "a.txt text/plain 5 fir…rst\na (2).txt text/plain 6 sec…ond";
    assert_eq!(read, (true, both.to_owned()));
    for trigger in ["label", "button"] {
        desk.lab.forget();
        let sheet = desk.asks(desk.at.of(trigger)).await;
        desk.sends(&sheet, &[("b.txt", trigger.as_bytes())]).await;
        assert!(desk.reads("hidden").await.0, "{trigger}");
    }
    assert_eq!(kept_in(&folder), 1);
    desk.hand_off.finish().await;
    eventually("an empty folder", async || {
        (kept_in(&folder) == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_frame_of_another_site_gets_its_files_too() {
    let folder = tempfile::tempdir().expect("a disk");
    let mut desk = Desk::keeping_files_in(folder.path()).await;
    let within = desk.lab.shown("/lab/files-within").await;
    let script =
        "(() => { const box = frame.getBoundingClientRect(); return [box.x + 8, box.y + 8]; })()";
    let origin = desk.page.cdp().await.evaluate(script).await;
    let number = |value: &Value| value.as_f64().expect("a place");
    let (x, y) = within.of("within");
    let place = (x + number(&origin[0]), y + number(&origin[1]));
    let sheet = desk.asks(place).await;
    desk.sends(&sheet, &[("c.txt", b"in a frame")]).await;
    let read = desk.reads("within").await;
    assert_eq!(read, (true, "c.txt text/plain 10 in …ame".to_owned()));
    desk.hand_off.finish().await;
}

#[tokio::test]
async fn files_that_are_dropped_land_where_the_human_let_them_go() {
    let folder = tempfile::tempdir().expect("a disk");
    let mut desk = Desk::keeping_files_in(folder.path()).await;
    let (x, y) = desk.at.of("tile");
    let before = desk.viewer.told().len();
    let drop = json!({"type": "files_drop", "choice": 1, "x": x, "y": y});
    desk.viewer.does(drop).await;
    let sheet = desk.viewer.hears("files", before, |_| true).await;
    assert_eq!(sheet["choice"], 1);
    desk.sends(&sheet, &[("d.txt", b"dropped")]).await;
    let read = desk.reads("tile").await;
    assert_eq!(read, (true, "d.txt text/plain 7 dro…ped".to_owned()));
    desk.hand_off.finish().await;
}

/// A path that leads somewhere in this process only: to the browser, the agent's disk is another computer's.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_browser_that_cannot_read_the_disk_gets_the_bytes() {
    use std::os::fd::AsRawFd as _;

    let folder = tempfile::tempdir().expect("a disk");
    let open = fs::File::open(folder.path()).expect("a folder");
    let ours_alone = format!("/proc/self/fd/{}", open.as_raw_fd());
    let mut desk = Desk::keeping_files_in(Path::new(&ours_alone)).await;
    let long = [b"abc".as_slice(), &[b'.'; 300_000], b"xyz"].concat();
    let sheet = desk.asks(desk.at.of("many")).await;
    desk.sends(&sheet, &[("e.txt", &long), ("empty.txt", b"")])
        .await;
    let read = desk.reads("many").await;
    let both = "e.txt text/plain 300006 abc…xyz\nempty.txt text/plain 0 …";
    assert_eq!(read, (false, both.to_owned()), "a script's event");
    desk.lab.forget();
    let (x, y) = desk.at.of("tile");
    let before = desk.viewer.told().len();
    let drop = json!({"type": "files_drop", "choice": 2, "x": x, "y": y});
    desk.viewer.does(drop).await;
    let sheet = desk.viewer.hears("files", before, |_| true).await;
    let id = &sheet["id"];
    let file = json!({"type": "file", "id": id, "n": 0, "of": 1, "choice": 2, "name": "f", "mime": "", "size": 1});
    desk.says(0, 0, file).await;
    let chunk =
        json!({"type": "file_chunk", "id": id, "n": 0, "offset": 0, "data": STANDARD.encode("f")});
    desk.says(0, 1, chunk).await;
    desk.viewer
        .does(json!({"type": "files_done", "id": id}))
        .await;
    let is_told = |told: &Value| told["why"] == "elsewhere";
    desk.viewer.hears("file_refused", before, is_told).await;
    desk.hand_off.finish().await;
}

//! What a human has on their own device: documents and photos, picked in the viewer page or dragged onto it.

use std::path::{Path, PathBuf};

use fantoccini::Locator;
use serde_json::json;
use tempfile::TempDir;

use super::Human;
use crate::wait::eventually;

/// Files on a human's own device.
pub struct Papers {
    folder: TempDir,
}

impl Papers {
    /// Has none yet.
    pub fn none() -> Self {
        let folder = tempfile::tempdir().expect("a disk");
        Self { folder }
    }

    /// Has one more, and returns where it lies.
    pub fn with(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a disk");
        path
    }
}

impl Human {
    /// Waits until the viewer page asks for files, and picks these with one of its own inputs.
    pub async fn picks(&self, selector: &str, files: &[&Path]) {
        self.is_asked_for_files().await;
        let paths: Vec<_> = files.iter().map(|path| path.to_string_lossy()).collect();
        self.enters(selector, &paths.join("\n")).await;
    }

    /// Waits until the viewer page asks for files.
    pub async fn is_asked_for_files(&self) {
        self.sheet_of_files(true).await;
    }

    /// Waits until the viewer page's sheet for files is gone.
    pub async fn is_done_with_files(&self) {
        self.sheet_of_files(false).await;
    }

    async fn sheet_of_files(&self, open: bool) {
        eventually("the sheet for files", async || {
            let sheet = self.client.find(Locator::Css("#files-sheet")).await.ok()?;
            (sheet.is_displayed().await.ok()? == open).then_some(())
        })
        .await;
    }

    /// Drags files from the desktop onto a point of the agent's page.
    pub async fn drops(&self, files: &[&Path], point: (f64, f64)) {
        let (x, y) = self.on_screen(point).await;
        let data = json!({"items": [], "files": files, "dragOperationsMask": 1});
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({"type": kind, "x": x, "y": y, "data": data});
            self.devtools("Input.dispatchDragEvent", event).await;
        }
    }
}

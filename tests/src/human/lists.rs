//! The human at the viewer page's own lists and pickers.

use fantoccini::{Locator, key::Key};

use super::Human;
use crate::wait::eventually;

impl Human {
    /// Chooses an option from the list that the viewer page shows instead of the browser's own. A press that
    /// came too soon to be meant isn't taken, so it is made until it is.
    pub async fn takes_option(&self, text: &str) {
        let path = option(text);
        eventually(text, async || {
            let row = self.client.find(Locator::XPath(&path)).await.ok()?;
            row.click().await.ok()
        })
        .await;
        eventually("the list's end", async || {
            let is_open = "return String(document.getElementById('choose-sheet').open)";
            if self.look(is_open).await == "false" {
                return Some(());
            }
            if let Ok(row) = self.client.find(Locator::XPath(&path)).await {
                // It may be gone by now, with its list.
                let _gone = row.click().await;
            }
            None
        })
        .await;
    }

    /// Presses options of that list until these are marked and no others, and takes them.
    pub async fn takes_options(&self, texts: &[&str]) {
        eventually("the marks", async || {
            let rows = Locator::Css("#choose-sheet[open] [role=option]");
            let rows = self.client.find_all(rows).await.ok()?;
            let mut is_right = !rows.is_empty();
            for row in rows {
                let is_wanted = texts.contains(&row.text().await.ok()?.trim());
                let is_marked = row.attr("aria-selected").await.ok()?? == "true";
                if is_wanted != is_marked {
                    is_right = false;
                    row.click().await.ok()?;
                }
            }
            is_right.then_some(())
        })
        .await;
        self.press("#choose-ok").await;
    }

    /// Types into the field that the viewer page shows instead of the browser's own picker, its parts with
    /// Tab between them, and says OK.
    pub async fn sets(&self, keys: &str) {
        let focused = "return document.activeElement.id";
        eventually("the picker", async || {
            (self.look(focused).await == "value-field").then_some(())
        })
        .await;
        let keys: String = keys
            .chars()
            .map(|key| if key == '\t' { Key::Tab.into() } else { key })
            .collect();
        self.types_into_sheet(&keys).await;
        self.answers("#value-ok").await;
    }

    /// Sets that field to a value that can't be typed.
    pub async fn sets_at_once(&self, value: &str) {
        let set = format!(
            "const field = document.getElementById('value-field');
            if (!field.closest('dialog').open) return '';
            field.value = '{value}';
            return field.value;"
        );
        eventually(value, async || {
            (self.look(&set).await == value).then_some(())
        })
        .await;
        self.answers("#value-ok").await;
    }
}

/// Where an option of the viewer page's list is.
fn option(text: &str) -> String {
    format!("//dialog[@id='choose-sheet'][@open]//*[@role='option'][normalize-space()='{text}']")
}

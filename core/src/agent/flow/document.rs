//! Which document a picture shows, so that a click on one never lands in the next.
//!
//! A picture that comes from Chromium right after a navigation may still show the page before (28 ms
//! after, measured): it counts as that page's. If none follows, a new cast brings one that surely
//! shows the new page: before that page's first paint it sends none.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use crate::time::Timestamp;

/// How long after a navigation a picture may have been on its way from the page before.
const UNSETTLED: Duration = Duration::from_millis(150);

/// How many pages are remembered; of more, the one not shown for longest is forgotten.
const MAX_PAGES: usize = 32;

/// One document of one page, as long as it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Document(u32);

/// The documents of the pages shown, as the browser tells of them.
pub(super) struct Documents {
    /// The shown one last.
    pages: Vec<Page>,
    next: u32,
    /// The document that the shown page left, and when.
    left: Option<(Document, Timestamp)>,
    /// Whether the newest picture came too soon after that.
    is_doubtful: bool,
}

struct Page {
    number: u16,
    document: Document,
    /// Unknown until the browser tells.
    loader: Option<String>,
}

impl Documents {
    pub(super) fn new() -> Self {
        Self {
            pages: Vec::new(),
            next: 0,
            left: None,
            is_doubtful: false,
        }
    }

    /// Another page is shown, or the first one. One that was shown before is where it was.
    pub(super) fn on_shown(&mut self, number: u16) {
        let page = match self.place(number) {
            Some(place) => self.pages.remove(place),
            None => Page {
                number,
                document: self.another(),
                loader: None,
            },
        };
        if self.pages.len() >= MAX_PAGES {
            self.pages.remove(0);
        }
        self.pages.push(page);
        // Its pictures come from a cast of its own.
        (self.left, self.is_doubtful) = (None, false);
    }

    /// The browser told which document a page shows. Returns whether the shown page has another now.
    pub(super) fn on_document(&mut self, now: Timestamp, number: u16, loader: &str) -> bool {
        let Some(place) = self.place(number) else {
            return false;
        };
        let is_shown = place + 1 == self.pages.len();
        let another = self.another();
        let Some(page) = self.pages.get_mut(place) else {
            return false;
        };
        match &page.loader {
            Some(known) if known == loader => return false,
            // Its name was told late; the document was there.
            None => {
                page.loader = Some(loader.into());
                return false;
            }
            Some(_) => {}
        }
        page.loader = Some(loader.into());
        let left = core::mem::replace(&mut page.document, another);
        if is_shown {
            self.left = Some((left, now));
        }
        is_shown
    }

    /// A picture came from Chromium. Returns which document it shows.
    pub(super) fn on_frame(&mut self, now: Timestamp) -> Option<Document> {
        self.left
            .take_if(|(_, since)| now.since(*since) >= UNSETTLED);
        self.is_doubtful = self.left.is_some();
        self.left
            .map(|(document, _)| document)
            .or_else(|| self.shown())
    }

    /// Returns the document that is shown now.
    pub(super) fn shown(&self) -> Option<Document> {
        self.pages.last().map(|page| page.document)
    }

    /// Returns when a new cast is needed, if no picture comes until then.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let (_, since) = self.left.filter(|_| self.is_doubtful)?;
        Some(since + UNSETTLED)
    }

    /// Tells, once, that a new cast is needed.
    pub(super) fn needs_cast(&mut self, now: Timestamp) -> bool {
        let is_due = self.deadline().is_some_and(|at| at <= now);
        if is_due {
            (self.left, self.is_doubtful) = (None, false);
        }
        is_due
    }

    fn place(&self, number: u16) -> Option<usize> {
        self.pages.iter().position(|page| page.number == number)
    }

    fn another(&mut self) -> Document {
        self.next = self.next.wrapping_add(1);
        Document(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn on_a_page() -> Documents {
        let mut documents = Documents::new();
        documents.on_shown(1);
        assert!(!documents.on_document(at(0), 1, "L1"));
        documents
    }

    #[test]
    fn another_loader_is_another_document_and_the_same_is_not() {
        let mut documents = on_a_page();
        let first = documents.on_frame(at(10));
        assert!(!documents.on_document(at(20), 1, "L1"));
        assert_eq!(documents.on_frame(at(30)), first);
        assert!(documents.on_document(at(1_000), 1, "L2"));
        assert_ne!(documents.shown(), first);
        assert_eq!(documents.on_frame(at(1_150)), documents.shown());
    }

    #[test]
    fn a_document_s_name_told_late_changes_nothing() {
        let mut documents = Documents::new();
        assert_eq!(documents.on_frame(at(0)), None);
        documents.on_shown(1);
        let nameless = documents.on_frame(at(0));
        assert!(!documents.on_document(at(5), 1, "L1"));
        assert_eq!(documents.shown(), nameless);
    }

    #[test]
    fn a_picture_right_after_a_navigation_counts_as_the_page_before() {
        let mut documents = on_a_page();
        let first = documents.shown();
        documents.on_document(at(1_000), 1, "L2");
        assert_eq!(documents.deadline(), None);
        assert_eq!(documents.on_frame(at(1_149)), first);
        // If none follows, a new cast shows what is there.
        assert_eq!(documents.deadline(), Some(at(1_150)));
        assert!(!documents.needs_cast(at(1_149)));
        assert!(documents.needs_cast(at(1_150)));
        assert!(!documents.needs_cast(at(1_150)));
        assert_eq!(documents.on_frame(at(1_151)), documents.shown());
        assert_eq!(documents.deadline(), None);
    }

    #[test]
    fn a_picture_that_follows_spares_the_new_cast() {
        let mut documents = on_a_page();
        documents.on_document(at(1_000), 1, "L2");
        documents.on_frame(at(1_010));
        documents.on_frame(at(1_200));
        assert_eq!(documents.deadline(), None);
        assert!(!documents.needs_cast(at(9_000)));
    }

    #[test]
    fn pages_have_documents_of_their_own_and_the_opener_comes_back_as_it_was() {
        let mut documents = on_a_page();
        let opener = documents.shown();
        documents.on_shown(2);
        assert!(!documents.on_document(at(5), 2, "L1"));
        assert_ne!(documents.shown(), opener);
        // A page that is covered may navigate without a picture of it being judged by that.
        assert!(!documents.on_document(at(6), 1, "L1"));
        documents.on_shown(1);
        assert_eq!(documents.shown(), opener);
        documents.on_shown(3);
        assert!(!documents.on_document(at(7), 1, "L9"));
        documents.on_shown(1);
        assert_ne!(documents.shown(), opener);
        assert!(!documents.on_document(at(8), 77, "L1"));
    }

    #[test]
    fn pages_are_bounded() {
        let mut documents = Documents::new();
        for page in 0..1_000 {
            documents.on_shown(page);
        }
        assert_eq!(documents.pages.len(), MAX_PAGES);
    }
}

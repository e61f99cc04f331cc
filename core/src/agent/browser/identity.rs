//! Whose a page is, by the browser's own data: what an origin bar shows, and the strip of tabs.
//!
//! The address is that of the document that is there, never of one that is on its way: a page could
//! name any. What the page calls itself is the page's word.

use alloc::{string::String, vec::Vec};

use serde::Serialize;
use url::{Host, Url};

use super::{Audience, Browser, News};
use crate::{
    agent::{board::Topic, context::Context, page_text::page_text},
    cdp::{navigation::MainFrame, target::TargetInfo},
};

/// The longest origin and the longest title that are told, in characters.
const MAX_ORIGIN: usize = 300;
const MAX_TITLE: usize = 200;

/// A page's identity.
#[derive(Default)]
pub(super) struct Identity {
    origin: String,
    /// The registrable domain, or the host that has none.
    site: String,
    title: String,
    way: Way,
    judgement: Judgement,
}

/// How the page's address says that it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Other,
    Encrypted,
    Plain,
    Local,
}

/// What the browser said last of how the page came; it may say so before it names the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Judgement {
    #[default]
    None,
    Secure,
    Broken,
}

/// How the page came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Security {
    /// Neither, or the browser hasn't said.
    Unknown,
    /// Encrypted, with a certificate that the browser accepts.
    Secure,
    /// Readable by whoever carries it.
    Insecure,
    /// Encrypted, with a certificate that the browser doesn't accept.
    Broken,
    /// From the browser's own machine.
    Local,
}

/// The message about the page that is shown (§7).
#[derive(Serialize)]
struct Shown<'a> {
    r#type: &'static str,
    page: u16,
    origin: &'a str,
    site: &'a str,
    /// The site that the hand-off began at.
    began: &'a str,
    security: Security,
    title: &'a str,
    /// It is one for fingers.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    touch: bool,
}

/// The message about all pages (§7).
#[derive(Serialize)]
struct Tabs<'a> {
    r#type: &'static str,
    tabs: Vec<Tab<'a>>,
}

#[derive(Serialize)]
struct Tab<'a> {
    page: u16,
    origin: &'a str,
    title: &'a str,
    shown: bool,
}

impl Browser {
    /// A page shows this document.
    pub(in crate::agent) fn identify(
        &mut self,
        cx: &mut Context,
        page: u16,
        document: &MainFrame<'_>,
    ) {
        let Some(page) = self.page_numbered(page) else {
            return;
        };
        let identity = &mut page.identity;
        let url = Url::parse(document.url).ok();
        let origin = url.as_ref().map(Url::origin).filter(url::Origin::is_tuple);
        identity.origin = origin
            .map(|origin| page_text(&origin.unicode_serialization(), MAX_ORIGIN))
            .unwrap_or_default();
        identity.site = match document.registrable_domain {
            "" => url
                .as_ref()
                .and_then(|url| url.host_str())
                .unwrap_or_default(),
            domain => domain,
        }
        .into();
        identity.way = url.as_ref().map(Way::of).unwrap_or_default();
        if self.began.is_empty() {
            self.began = self.shown_site().into();
        }
        self.post_pages(cx);
    }

    /// The browser judges how a page came.
    pub(super) fn on_security(&mut self, cx: &mut Context, session: Option<&str>, state: &str) {
        let Some(page) = self.page_of(session) else {
            return;
        };
        page.identity.judgement = match state {
            "secure" => Judgement::Secure,
            "insecure-broken" => Judgement::Broken,
            _ => Judgement::None,
        };
        self.post_pages(cx);
    }

    /// The browser told what a page calls itself.
    pub(super) fn on_title(&mut self, cx: &mut Context, target: &TargetInfo<'_>) {
        let is_it = |page: &&mut super::Page| page.target == target.target_id;
        if let Some(page) = self.pages.iter_mut().find(is_it) {
            page.identity.title = page_text(&target.title, MAX_TITLE);
            self.post_pages(cx);
        }
    }

    /// Another of the pages shall be shown.
    pub(in crate::agent) fn show(&mut self, cx: &mut Context, number: u16) -> News<'static> {
        let place = self.pages.iter().position(|page| page.number == number);
        let Some(place) = place.filter(|place| place + 1 < self.pages.len()) else {
            return News::Nothing;
        };
        let page = self.pages.remove(place);
        self.pages.push(page);
        self.watch(cx);
        self.post_pages(cx);
        News::Switched
    }

    /// Says which pages there are, to whoever can show it.
    pub(super) fn post_pages(&self, cx: &mut Context) {
        if self.audience != Audience::Sees {
            return;
        }
        let Some(shown) = self.pages.last() else {
            return;
        };
        let identity = &shown.identity;
        let message = Shown {
            r#type: "page",
            page: shown.number,
            origin: &identity.origin,
            site: &identity.site,
            began: &self.began,
            security: identity.security(),
            title: &identity.title,
            touch: self.is_touched(),
        };
        cx.board.post(cx.now, Topic::Page, &message);
        let mut tabs: Vec<_> = self
            .pages
            .iter()
            .map(|page| Tab {
                page: page.number,
                origin: &page.identity.origin,
                title: &page.identity.title,
                shown: page.number == shown.number,
            })
            .collect();
        tabs.sort_by_key(|tab| tab.page);
        let message = Tabs {
            r#type: "tabs",
            tabs,
        };
        cx.board.post(cx.now, Topic::Tabs, &message);
    }

    fn shown_site(&self) -> &str {
        self.pages.last().map_or("", |page| &page.identity.site)
    }
}

impl Identity {
    const fn security(&self) -> Security {
        match (self.way, self.judgement) {
            (Way::Local, _) => Security::Local,
            (Way::Plain, _) => Security::Insecure,
            (Way::Encrypted, Judgement::Secure) => Security::Secure,
            (Way::Encrypted, Judgement::Broken) => Security::Broken,
            (Way::Encrypted, Judgement::None) | (Way::Other, _) => Security::Unknown,
        }
    }
}

impl Way {
    fn of(url: &Url) -> Self {
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" if !is_loopback => Self::Encrypted,
            "http" if !is_loopback => Self::Plain,
            "http" | "https" | "file" => Self::Local,
            _ => Self::Other,
        }
    }
}

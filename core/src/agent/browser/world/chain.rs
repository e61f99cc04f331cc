//! The worlds from the page's own frame to that which has the focus, and what is known of them.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use super::{Offered, errands::Running, keys::Keys, place::Place, report::Report};
use crate::{cdp::codec::CdpSession, time::Timestamp};

/// What is watched.
#[derive(Default)]
pub(in crate::agent::browser) struct Worlds {
    /// The page that is watched.
    pub(super) page: Option<u16>,
    /// From the page's own frame to that which has the focus.
    pub(super) chain: Vec<World>,
    pub(super) last: u32,
    pub(super) cursor: String,
    /// What the page has to be asked for again, and how often that was in vain.
    pub(super) retry: Option<Timestamp>,
    pub(super) failures: u32,
    /// Until when the page's timers may take their turn.
    pub(super) turn: Option<Timestamp>,
    pub(super) keys: Keys,
    pub(super) offered: Option<Offered>,
    pub(super) errand: Option<Running>,
}

/// The script in one frame.
pub(super) struct World {
    pub(super) number: u32,
    pub(super) session: Option<CdpSession>,
    /// Where the script runs, once it does.
    pub(super) context: Option<i64>,
    pub(super) seen: Option<Report>,
    /// The frame within that has the focus, by its number in the script.
    pub(super) inner: Option<u32>,
}

impl Worlds {
    pub(super) fn add(&mut self, session: Option<CdpSession>) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.chain.push(World {
            number: self.last,
            session,
            context: None,
            seen: None,
            inner: None,
        });
        self.last
    }

    pub(super) fn find(&mut self, number: u32) -> Option<&mut World> {
        self.chain.iter_mut().find(|world| world.number == number)
    }

    pub(super) fn place(&self, number: u32) -> Option<usize> {
        self.chain.iter().position(|world| world.number == number)
    }

    /// Takes in what was seen. Returns which frame within had the focus before.
    pub(super) fn see(&mut self, place: usize, report: Report, inner: Option<u32>) -> Option<u32> {
        let world = self.chain.get_mut(place)?;
        let cursor = world.seen.as_ref().map(|seen| seen.cursor.as_str());
        if cursor != Some(&report.cursor) {
            self.cursor = report.cursor.to_string();
        }
        world.seen = Some(report);
        core::mem::replace(&mut world.inner, inner)
    }

    /// The world of the frame that has the focus itself, if it is watched.
    pub(super) fn focused(&self) -> Option<u32> {
        let world = self.chain.last()?;
        let seen = world.seen.as_ref()?;
        seen.frame.is_none().then_some(world.number)
    }

    /// Where the pixels of a world's frame are in the picture.
    pub(super) fn lies(&self, place: usize) -> Place {
        let seen = |world: &World| world.seen.as_ref().map(|seen| (seen.view, seen.frame));
        let views: Vec<_> = self.chain.iter().map_while(seen).collect();
        let outermost = views
            .first()
            .map_or(Place::PLAIN, |(view, _)| Place::of(*view));
        let frames = views.iter().take(place).filter_map(|(_, frame)| *frame);
        frames.fold(outermost, Place::within)
    }
}

//! Fingers: those the viewer's newest event named, and those the browser takes to be down.

use authloop_core::input::{
    Dropped, TouchEvent, TouchEventKind,
    event::{Finger, Point},
    limits,
};

use super::{Model, due::Due};

/// The fingers.
#[derive(Default)]
pub(super) struct Fingers {
    held: Vec<u8>,
    /// There was no room for the first of those that touch now.
    missed: bool,
    down: Vec<Finger>,
    /// They are taken away next.
    gone_next: bool,
}

impl Fingers {
    pub(super) const fn is_down(&self) -> bool {
        !self.down.is_empty()
    }

    pub(super) const fn go_next(&self) -> bool {
        self.gone_next
    }

    /// What waited is forgotten: what is down is taken away next.
    pub(super) fn forget_waiting(&mut self) {
        self.held.clear();
        self.gone_next = self.is_down();
    }

    /// Tells whether these are down, where they are, and no other.
    pub(super) fn are(&self, fingers: &[Finger]) -> bool {
        !self.gone_next
            && fingers.len() == self.down.len()
            && fingers.iter().all(|finger| self.down.contains(finger))
    }

    /// All are taken away.
    pub(super) fn gone(&mut self, event: &TouchEvent) {
        assert_eq!(event.kind, TouchEventKind::TouchCancel);
        assert!(event.touch_points.is_empty(), "all go at once");
        assert!(self.is_down(), "nothing is taken away");
        self.down.clear();
        self.gone_next = false;
    }

    /// None is held any more that nobody puts down again.
    pub(super) fn are_let_go(&mut self) {
        self.held.clear();
    }

    /// Takes the next step on the way to these: who is lifted, who comes, and who has moved.
    fn told(&mut self, fingers: &[Finger], event: &TouchEvent) {
        let is_one_of = |list: &[Finger], id: u8| list.iter().any(|finger| finger.id == id);
        let lifted = self.down.iter().any(|down| !is_one_of(fingers, down.id));
        let comes = fingers
            .iter()
            .any(|finger| !is_one_of(&self.down, finger.id));
        let (kind, told): (_, Vec<Finger>) = if lifted {
            let (stay, lifted) = core::mem::take(&mut self.down)
                .into_iter()
                .partition(|down| is_one_of(fingers, down.id));
            self.down = stay;
            (TouchEventKind::TouchEnd, lifted)
        } else if comes {
            let is_new = |finger: &&Finger| !is_one_of(&self.down, finger.id);
            let new: Vec<Finger> = fingers.iter().filter(is_new).copied().collect();
            self.down.extend(&new);
            (TouchEventKind::TouchStart, new)
        } else {
            let has_moved = |finger: &&Finger| !self.down.contains(finger);
            let moved = fingers.iter().filter(has_moved).copied().collect();
            self.down = fingers.to_vec();
            (TouchEventKind::TouchMove, moved)
        };
        assert_eq!(event.kind, kind);
        let points = event.touch_points.iter().map(|point| Finger {
            id: point.id,
            at: Point {
                x: point.x,
                y: point.y,
            },
        });
        assert!(
            points.eq(told.iter().copied()),
            "other fingers, or elsewhere"
        );
        assert!(!told.is_empty(), "a touch of nobody");
    }
}

impl Model {
    pub(super) fn touch(&mut self, fingers: &[Finger]) -> Result<(), Dropped> {
        let hand = &mut self.fingers;
        hand.missed &= !fingers.is_empty();
        let comes = fingers.iter().any(|finger| !hand.held.contains(&finger.id));
        let is_full = comes && self.due.waits.presses >= limits::MAX_PRESSES;
        if hand.missed || is_full {
            hand.missed |= hand.held.is_empty();
            return Err(Dropped::Pointer);
        }
        let moved = !comes && fingers.len() == hand.held.len();
        if moved && fingers.is_empty() {
            return Err(Dropped::NotDown);
        }
        hand.held = fingers.iter().map(|finger| finger.id).collect();
        let place = |finger: &Finger| Finger {
            at: self.place(finger.at),
            ..*finger
        };
        let fingers = fingers.iter().map(place).collect();
        let is_full = moved && self.due.waits.moves >= limits::MAX_MOVES;
        match self.due.newest() {
            Some(newest @ Due::Fingers { moved: true, .. }) if is_full => {
                *newest = Due::Fingers { fingers, moved };
            }
            _ if is_full => return Err(Dropped::Pointer),
            _ => self.due.push(Due::Fingers { fingers, moved }),
        }
        Ok(())
    }

    pub(super) fn touch_cancel(&mut self) -> Result<(), Dropped> {
        let was_held = self.lets_go_of_fingers();
        was_held.then_some(()).ok_or(Dropped::NotDown)
    }

    /// Lets go of every finger that is down, in its turn. Tells whether one was.
    pub(super) fn lets_go_of_fingers(&mut self) -> bool {
        let hand = &mut self.fingers;
        hand.missed = false;
        let was_held = !hand.held.is_empty();
        hand.held.clear();
        if was_held {
            self.due.push(Due::FingersGone);
        }
        was_held
    }

    pub(super) fn touches(&mut self, fingers: Vec<Finger>, moved: bool, event: &TouchEvent) {
        if moved {
            assert!(self.earliest.moves <= self.now, "fingers move too fast");
        } else {
            self.composes = false;
        }
        self.earliest.moves = self.now + limits::MOVE_PACE;
        self.moves_focus();
        self.fingers.told(&fingers, event);
        // There may be more to it.
        self.due.put_back(Due::Fingers { fingers, moved });
    }
}

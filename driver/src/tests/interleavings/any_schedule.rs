//! One hand-over of messages under any schedule: who is polled when, woken or not, how much a socket
//! moves at a time, who is listened to, and when time passes.

use std::{cell::RefCell, rc::Rc, time::Duration};

use async_tungstenite::{accept_async, tungstenite};
use authloop_core::{agent::io::Peer, time::Timestamp};
use futures::{StreamExt as _, channel::oneshot, future::pending};
use proptest::{collection::vec, prelude::*};

use super::{DRIVER, start};
use crate::testing::{End, MAX_MESSAGE, Mood, Script, Seen, connect, peers, text};

const DEADLINE: Duration = Duration::from_millis(50);
const PEERS: [Peer; 2] = [Peer::Browser, Peer::Relay];

/// What the test does before it lets everybody come to rest.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Polls somebody, woken or not.
    Poll(usize),
    /// The machine wants to hear a peer, or doesn't.
    Listen(Peer, bool),
    Pass(Duration),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let peer = prop::sample::select(PEERS.as_slice());
    let step = prop_oneof![
        8 => (0..4_usize).prop_map(Step::Poll),
        1 => (peer, any::<bool>()).prop_map(|(peer, listen)| Step::Listen(peer, listen)),
        1 => (0..20_u64).prop_map(|millis| Step::Pass(Duration::from_millis(millis))),
    ];
    vec(step, 0..200)
}

/// Smaller pieces than of 8 bytes would be an attack: servers give up on an upgrade that dribbles in.
fn moods() -> impl Strategy<Value = Vec<Mood>> {
    let mood = prop_oneof![(8..60_usize).prop_map(Mood::AtMost), Just(Mood::NotNow)];
    vec(mood, 0..400)
}

/// What somebody says: numbered, of any length below the longest.
fn sayings(longest: usize) -> impl Strategy<Value = Vec<String>> {
    let lengths = vec(0..longest, 0..12);
    lengths.prop_map(|lengths| {
        let numbered = lengths.into_iter().enumerate();
        let saying = |(number, length)| format!("{number} {}", "x".repeat(length));
        numbered.map(saying).collect()
    })
}

type Heard = Rc<RefCell<Vec<String>>>;

/// A peer that says all it has to say and then listens.
async fn peer(end: oneshot::Receiver<End>, says: Vec<String>, heard: Heard) {
    let end = end.await.expect("somebody connects");
    let mut socket = accept_async(end).await.expect("an upgrade");
    for saying in says {
        let message = tungstenite::Message::text(saying);
        socket.send(message).await.expect("connected");
    }
    while let Some(Ok(message)) = socket.next().await {
        heard.borrow_mut().push(message.to_string());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        max_shrink_iters: 500,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_schedule_has_the_same_outcome(
        steps in steps(),
        moods in moods(),
        capacity in 8..400_usize,
        ours in sayings(6_000),
        theirs in sayings(MAX_MESSAGE - 10),
    ) {
        let world = peers(capacity).moods(&moods);
        let first = ours.clone();
        let script = Script::new(PEERS.map(connect).into())
            .react(move |seen| {
                if let Seen::Opened(peer) = seen {
                    first.iter().map(|saying| text(*peer, saying)).collect()
                } else if let Seen::Text(peer, heard) = seen {
                    vec![text(*peer, &answer(heard))]
                } else {
                    Vec::new()
                }
            })
            .wake_at(Timestamp::default() + DEADLINE);
        let mut crowd = start(&world, &script);
        let heard = PEERS.map(|_| Heard::default());
        let (doors, ends): (Vec<_>, Vec<_>) = PEERS.map(|_| oneshot::channel()).into_iter().unzip();
        for (end, heard) in ends.into_iter().zip(&heard) {
            crowd.join(peer(end, theirs.clone(), Rc::clone(heard)));
        }
        let entrance = world.clone();
        crowd.join(async move {
            for door in doors {
                // The browser is dialled first.
                let (_, end) = entrance.accept().await;
                assert!(door.send(end).is_ok(), "the peer waits");
            }
            pending::<()>().await;
        });

        for step in steps {
            match step {
                Step::Poll(place) => crowd.poll(place),
                Step::Listen(peer, listen) => script.listen_to(peer, listen),
                Step::Pass(time) => world.pass(time),
            }
        }
        for peer in PEERS {
            script.listen_to(peer, true);
        }
        world.pass(DEADLINE);
        crowd.poll(DRIVER);
        prop_assert!(crowd.settle(20_000), "somebody finds no rest");

        let seen = script.seen();
        let expected: Vec<_> = ours.iter().cloned().chain(theirs.iter().map(|heard| answer(heard))).collect();
        for (peer, heard) in PEERS.into_iter().zip(&heard) {
            let from_them = |seen: &&Seen| matches!(seen, Seen::Text(from, _) | Seen::Opened(from) if *from == peer);
            let texts = theirs.iter().map(|text| Seen::Text(peer, text.clone()));
            let all = std::iter::once(Seen::Opened(peer)).chain(texts);
            let came = seen.iter().filter(from_them).cloned();
            prop_assert!(came.eq(all), "what {peer:?} said came whole, once, in order");
            prop_assert_eq!(&*heard.borrow(), &expected, "what {:?} heard", peer);
            let last = seen.iter().rposition(|seen| from_them(&seen));
            let drained = seen.iter().rposition(|seen| *seen == Seen::Drained(peer));
            prop_assert!(expected.is_empty() || drained > last, "{peer:?} drained in the end");
        }
        let ticks = seen.iter().filter(|seen| **seen == Seen::Tick).count();
        prop_assert_eq!(ticks, 1);
        prop_assert!(script.when(&Seen::Tick) >= Some(Timestamp::default() + DEADLINE));

        // No idle turns: each one moved something, or was the last of its poll.
        let moved = seen.len() + 2 * PEERS.len() * expected.len();
        let (turns, dialling) = (world.looks(), 8);
        prop_assert!(turns <= crowd.polls(DRIVER) + moved + dialling, "{turns} turns");
        let rested = world.looks();
        crowd.poll(DRIVER);
        prop_assert_eq!(world.looks(), rested + 1);
        prop_assert!(crowd.settle(1_000), "there is rest again");
    }
}

fn answer(heard: &str) -> String {
    format!("{} bytes", heard.len())
}

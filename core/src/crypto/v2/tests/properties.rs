//! What holds for any record, and any bytes at all.

use alloc::{collections::BTreeSet, string::String};

use proptest::prelude::*;

use super::{
    super::{
        draft::Draft,
        stream::{Rule, Stream},
    },
    *,
};
use crate::wire::v2::{Direction, HEADER, Header, Kind};

/// What an adversary makes of a record, given another one of the same stream.
#[derive(Clone, Debug)]
enum Mutation {
    Flip(Vec<prop::sample::Index>),
    Cut(prop::sample::Index),
    Extend(Vec<u8>),
    /// This record's header and start, the other's rest.
    Splice(prop::sample::Index),
    /// Another header on this ciphertext.
    Renumber(u64),
}

impl Mutation {
    fn of(&self, record: &[u8], other: &[u8]) -> Vec<u8> {
        match self {
            Self::Flip(bits) => bits.iter().fold(record.to_vec(), |record, bit| {
                flipped(&record, bit.index(record.len() * 8))
            }),
            Self::Cut(at) => record[..at.index(record.len())].to_vec(),
            Self::Extend(more) => [record, more].concat(),
            Self::Splice(at) => {
                let at = at.index(record.len());
                let rest = other.get(at..).unwrap_or_default();
                [&record[..at], rest].concat()
            }
            Self::Renumber(counter) => {
                let mut record = record.to_vec();
                record[8..16].copy_from_slice(&counter.to_be_bytes());
                record
            }
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        prop::collection::vec(any::<prop::sample::Index>(), 1..4).prop_map(Mutation::Flip),
        any::<prop::sample::Index>().prop_map(Mutation::Cut),
        prop::collection::vec(any::<u8>(), 1..40).prop_map(Mutation::Extend),
        any::<prop::sample::Index>().prop_map(Mutation::Splice),
        prop_oneof![0..8_u64, any::<u64>()].prop_map(Mutation::Renumber),
    ]
}

/// Tells whether two records differ in more than their hops.
fn differs(one: &[u8], other: &[u8]) -> bool {
    let rest = |record: &[u8]| {
        let mut record = record.to_vec();
        record.iter_mut().skip(2).take(2).for_each(|byte| *byte = 0);
        record
    };
    rest(one) != rest(other)
}

fn stream() -> Stream {
    ends_of_streams().control_to_agent
}

fn ends_of_streams() -> EpochSecrets {
    let agreed = Agreed {
        hash: [3; 32],
        keys: Zeroizing::new([4; 64]),
    };
    EpochSecrets::derive(&agreed, 1, NOW)
}

fn plaintexts() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 2..6)
}

proptest! {
    #[test]
    fn a_mutated_record_never_opens_and_never_moves_a_counter(
        plaintexts in plaintexts(),
        place in any::<prop::sample::Index>(),
        mutation in mutation(),
        later in any::<bool>(),
    ) {
        let mut sealer = stream();
        let records: Vec<Vec<u8>> = plaintexts
            .iter()
            .map(|text| sealer.seal(NOW, Kind::Control, Draft::of(text)).expect("keyed"))
            .collect();
        let place = place.index(records.len());
        let mut opener = stream();
        let mut open = |record: &[u8]| {
            let mut record = record.to_vec();
            let before = opener.next();
            let rule = if later { Rule::Later } else { Rule::Next };
            let opened = Header::read(&record, Direction::ToAgent)
                .map_err(OpenError::from)
                .and_then(|header| opener.open(NOW, header, rule, &mut record))
                .map(|(text, _)| text.to_vec());
            (opened, opener.next() - before)
        };
        for (record, text) in records.iter().zip(&plaintexts).take(place) {
            prop_assert_eq!(open(record), (Ok(text.clone()), 1));
        }
        let other = &records[(place + 1) % records.len()];
        let mutated = mutation.of(&records[place], other);
        let authentic = records[place..].iter().any(|record| !differs(record, &mutated));
        if !authentic {
            let (opened, moved) = open(&mutated);
            prop_assert!(opened.is_err());
            prop_assert_eq!(moved, 0);
        }
        if !authentic || !differs(&records[place], &mutated) {
            prop_assert_eq!(open(&records[place]), (Ok(plaintexts[place].clone()), 1));
        }
    }

    #[test]
    fn a_mutated_record_ends_its_epoch_or_is_of_another(
        json in prop::collection::vec(any::<u8>(), 0..300),
        mutation in mutation(),
    ) {
        let (mut viewer, mut agent) = ends(1, 1);
        let record = viewer.seal_input(NOW, &json).expect("fits");
        let other = viewer.seal_input(NOW, b"{}").expect("fits");
        let mut mutated = mutation.of(&record, &other);
        if differs(&record, &mutated) {
            let why = agent.open(NOW, &mut mutated).err();
            prop_assert!(why.is_some());
            prop_assert_eq!(agent.is_live(), why == Some(OpenError::OtherEpoch));
            prop_assert_eq!(agent.got(), 0);
        }
    }

    #[test]
    fn no_nonce_is_used_twice_under_one_key(
        kinds in prop::collection::vec((0..6_u8, prop_oneof![19 => 0..300_usize, 1 => Just(90_000)]), 1..40),
    ) {
        let (mut viewer, mut agent) = ends(1, 1);
        let mut used = BTreeSet::new();
        for (kind, length) in kinds {
            let text = "x".repeat(length);
            let json = alloc::format!(r#"{{"type":"{text}"}}"#);
            // Some are too long, and refused: those mustn't use a nonce up, or use one twice.
            let (key, sealed) = match kind {
                0 => (0, viewer.seal_input(NOW, json.as_bytes())),
                1 => (0, viewer.seal_control(NOW, json.as_bytes())),
                2 => (0, viewer.seal_ack(NOW, crate::wire::v2::Ack { frame: 0, waiting: 0 })),
                3 => (1, agent.seal_control(NOW, json.as_bytes())),
                4 => (2, agent.seal_frame(NOW, picture(text.as_bytes())).map(|sealed| sealed.1)),
                _ => (2, agent.seal_frame(NOW, picture(b"")).map(|sealed| sealed.1)),
            };
            if let Ok(record) = sealed {
                let counter: [u8; 8] = record[8..HEADER].try_into().expect("8 bytes");
                let counter = u64::from_be_bytes(counter);
                let earlier = used.iter().filter(|(of, _)| *of == key).count();
                prop_assert_eq!(usize::try_from(counter), Ok(earlier), "none is skipped");
                prop_assert!(used.insert((key, counter)));
            }
        }
    }

    #[test]
    fn what_a_viewer_says_reaches_the_agent_as_it_was(
        texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..1_500), 1..6),
        hop in any::<u16>(),
    ) {
        let (mut viewer, mut agent) = ends(1, 1);
        for text in texts {
            let mut record = viewer.seal_input(NOW, &text).expect("fits");
            record[2..4].copy_from_slice(&hop.to_be_bytes());
            let opened = agent.open(NOW, &mut record).expect("good");
            prop_assert!(matches!(opened.get(), FromViewer::Input(read) if *read == text));
        }
    }

    #[test]
    fn any_picture_some_of_which_are_dropped_reaches_the_viewer_as_it_was(
        frames in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..3_000), any::<bool>()),
            1..10,
        ),
    ) {
        let (mut viewer, mut agent) = ends(1, 1);
        let mut dropped = 0;
        for (jpeg, drops) in frames {
            let (counter, mut record) = agent.seal_frame(NOW, picture(&jpeg)).expect("fits");
            if drops {
                dropped += 1;
                continue;
            }
            let opened = viewer.open(NOW, &mut record).expect("good");
            let FromAgent::Frame(received) = opened.get() else {
                panic!("a frame");
            };
            prop_assert_eq!((received.counter, received.missing), (counter, dropped));
            prop_assert_eq!(received.frame.jpeg, jpeg.as_slice());
            dropped = 0;
        }
    }

    #[test]
    fn any_bytes_at_all_are_refused_in_peace(
        start in prop_oneof![
            Just(Vec::new()),
            Just([2, 1].to_vec()),
            (0..0x20_u8, 0..3_u32).prop_map(|(kind, epoch)| {
                [&[2, kind, 0, 0][..], &epoch.to_be_bytes(), &[0; 8]].concat()
            }),
        ],
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let bytes = [start, rest].concat();
        let session = Session::new(1);
        prop_assert!(session.read(&bytes).is_err());
        let (mut viewer, mut agent) = ends(1, 1);
        prop_assert!(viewer.open(NOW, &mut bytes.clone()).is_err());
        prop_assert!(agent.open(NOW, &mut bytes.clone()).is_err());
        let (_, agent) = ends(1, 1);
        let confirmed = AgentPending(agent).confirm(NOW, &mut bytes.clone());
        prop_assert!(!matches!(confirmed, Ok(Confirmed::Ready(_))));
    }

    #[test]
    fn any_text_is_a_link_or_a_bad_one(
        text in prop_oneof![any::<String>(), "2\\.[A-Za-z0-9_-]{60,70}", "[0-9]{0,3}\\..*"],
    ) {
        if let Ok(link) = Link::parse(&text) {
            prop_assert_eq!(&*link.to_fragment(), &text);
        }
        let whole = alloc::format!("https://relay.example/s/x#{text}");
        for url in [text, whole] {
            if let Ok(read) = ViewerLink::parse(&url) {
                prop_assert!(read.stream_url.ends_with("/stream/x"));
            }
        }
    }
}

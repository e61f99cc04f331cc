//! What can be done to a message on its way: each trick takes one and returns what arrives instead.

use authloop_core::wire::v2::{Direction, Header, Kind};
use tokio_tungstenite::tungstenite::Message;

/// Takes a message that is due and returns those that arrive instead, none or many.
pub type Trick = Box<dyn FnMut(Message) -> Vec<Message> + Send>;

/// Returns what a record is, by its outside; `None` for a text and for what isn't one.
pub fn kind_of(message: &Message) -> Option<Kind> {
    let Message::Binary(record) = message else {
        return None;
    };
    [Direction::ToAgent, Direction::ToViewer]
        .into_iter()
        .find_map(|way| Header::read(record, way).ok())
        .map(|header| header.kind)
}

/// Does something to the first record of a kind, and lets everything else pass.
pub(crate) fn once(
    kind: Kind,
    trick: impl FnOnce(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static,
) -> Trick {
    let mut trick = Some(trick);
    Box::new(move |message| {
        if kind_of(&message) != Some(kind) {
            return vec![message];
        }
        match trick.take() {
            Some(trick) => records(trick(message.into_data().to_vec())),
            None => vec![message],
        }
    })
}

/// Does something to each record of a kind, and lets everything else pass.
pub(crate) fn each(
    kind: Kind,
    mut trick: impl FnMut(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static,
) -> Trick {
    Box::new(move |message| {
        if kind_of(&message) == Some(kind) {
            records(trick(message.into_data().to_vec()))
        } else {
            vec![message]
        }
    })
}

/// Lets the first two records of a kind change places; everything else passes.
pub(crate) fn swap(kind: Kind) -> Trick {
    let mut first = None;
    let mut is_done = false;
    Box::new(move |message| {
        if is_done || kind_of(&message) != Some(kind) {
            return vec![message];
        }
        match first.take() {
            None => {
                first = Some(message);
                Vec::new()
            }
            Some(first) => {
                is_done = true;
                vec![message, first]
            }
        }
    })
}

/// Lets nothing of these kinds pass; texts and everything else do.
pub(crate) fn without(kinds: &'static [Kind]) -> Trick {
    Box::new(move |message| match kind_of(&message) {
        Some(kind) if kinds.contains(&kind) => Vec::new(),
        Some(_) | None => vec![message],
    })
}

fn records(records: Vec<Vec<u8>>) -> Vec<Message> {
    records.into_iter().map(Message::binary).collect()
}

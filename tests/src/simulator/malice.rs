//! What a hostile relay does to what it forwards.
//!
//! It has no key, but everything else: it may drop, hold, repeat, reorder, splice, change, cut and
//! make up messages in both directions, and lie in its own words.

use std::collections::VecDeque;

use authloop_core::agent::io::Message;

/// How many messages of each side it remembers.
const MEMORY: usize = 64;

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// To the agent.
    Agent,
    /// To the viewers.
    Viewers,
}

/// One thing a hostile relay does.
#[derive(Clone, Debug)]
pub struct Attack {
    /// To which messages: those that go this way,
    pub towards: Towards,
    /// of this kind; texts have none, and are spared,
    pub kind: Option<u8>,
    /// so many times.
    pub times: u32,
    /// What happens to them.
    pub how: How,
}

/// What happens to a message.
#[derive(Clone, Debug)]
pub enum How {
    /// It never arrives.
    Drop,
    /// It arrives so many milliseconds later; what follows doesn't wait.
    Hold(u64),
    /// It arrives twice.
    Twice,
    /// The next message overtakes it.
    Overtaken,
    /// One bit of it is another, counted from its start, modulo its length.
    Flip(usize),
    /// Only so many bytes of it arrive.
    Cut(usize),
    /// So many bytes more of it arrive.
    Grow(usize),
    /// Another message of this direction arrives instead, counted from the oldest remembered.
    Swap(usize),
    /// Its sender gets it instead.
    Reflect,
    /// This arrives instead.
    Replace(Vec<u8>),
}

/// What became of a message.
pub struct Fate {
    /// What goes on at once, in order.
    pub forward: Vec<Message>,
    /// What goes on later: milliseconds from now.
    pub later: Vec<(u64, Message)>,
    /// What goes back.
    pub back: Vec<Message>,
}

/// A relay's malice.
#[derive(Default)]
pub struct Malice {
    attacks: Vec<Attack>,
    memory: [VecDeque<Message>; 2],
    overtaken: [Option<Message>; 2],
    /// How many messages it has harmed.
    pub done: u32,
}

impl Malice {
    /// Begins an attack.
    pub fn begin(&mut self, attack: Attack) {
        self.attacks.push(attack);
    }

    /// Ends every attack; what was overtaken arrives with the next message.
    pub fn relent(&mut self) {
        self.attacks.clear();
    }

    /// Returns a message it remembers, the newest first.
    pub fn remembered(&self, towards: Towards, place: usize) -> Option<Message> {
        let memory = &self.memory[index(towards)];
        memory.iter().rev().nth(place).cloned()
    }

    /// Decides a message's fate.
    pub fn judge(&mut self, towards: Towards, message: Message) -> Fate {
        let mut fate = Fate {
            forward: Vec::new(),
            later: Vec::new(),
            back: Vec::new(),
        };
        let attack = self.attack(towards, &message);
        self.remember(towards, &message);
        let waiting = self.overtaken[index(towards)].take();
        match (attack, message) {
            (None, message) => fate.forward.push(message),
            (Some(How::Drop), _) => {}
            (Some(How::Hold(millis)), message) => fate.later.push((millis, message)),
            (Some(How::Twice), message) => fate.forward.extend([message.clone(), message]),
            (Some(How::Overtaken), message) => {
                self.overtaken[index(towards)] = Some(message);
            }
            (Some(How::Reflect), message) => fate.back.push(message),
            (Some(How::Replace(bytes)), _) => fate.forward.push(Message::Binary(bytes.into())),
            (Some(How::Swap(place)), message) => {
                let memory = &self.memory[index(towards)];
                let other = memory.get(place % memory.len().max(1)).cloned();
                fate.forward.push(other.unwrap_or(message));
            }
            (Some(how), message) => fate.forward.push(changed(&how, message)),
        }
        fate.forward.extend(waiting);
        fate
    }

    fn attack(&mut self, towards: Towards, message: &Message) -> Option<How> {
        let Message::Binary(record) = message else {
            return None;
        };
        let kind = record.get(1).copied();
        let attack = self.attacks.iter_mut().find(|attack| {
            attack.towards == towards
                && attack.times > 0
                && (attack.kind.is_none() || attack.kind == kind)
        })?;
        attack.times -= 1;
        self.done += 1;
        Some(attack.how.clone())
    }

    fn remember(&mut self, towards: Towards, message: &Message) {
        let memory = &mut self.memory[index(towards)];
        if matches!(message, Message::Binary(_)) {
            if memory.len() >= MEMORY {
                memory.pop_front();
            }
            memory.push_back(message.clone());
        }
    }
}

/// Writes another channel into a record.
pub fn on_channel(message: Message, chan: u16) -> Message {
    let Message::Binary(bytes) = message else {
        return message;
    };
    let mut bytes = bytes.to_vec();
    for (place, byte) in bytes.iter_mut().skip(2).zip(chan.to_be_bytes()) {
        *place = byte;
    }
    Message::Binary(bytes.into())
}

fn changed(how: &How, message: Message) -> Message {
    let Message::Binary(bytes) = message else {
        return message;
    };
    let mut bytes = bytes.to_vec();
    match how {
        How::Flip(bit) => {
            let bit = bit % (bytes.len() * 8).max(1);
            if let Some(byte) = bytes.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
        }
        How::Cut(length) => bytes.truncate(*length),
        How::Grow(more) => bytes.resize(bytes.len() + more.max(&1), 0),
        How::Drop
        | How::Hold(_)
        | How::Twice
        | How::Overtaken
        | How::Swap(_)
        | How::Reflect
        | How::Replace(_) => {}
    }
    Message::Binary(bytes.into())
}

const fn index(towards: Towards) -> usize {
    match towards {
        Towards::Agent => 0,
        Towards::Viewers => 1,
    }
}

//! The socket and the handshakes on it: opened, lost, damaged, given up, and what the timers do.
//!
//! One path leads out of every fatal error. It must never keep a key longer than its socket.

use super::{
    ANSWER_WITHIN, Ended, Event, PROTOCOL, Phase, Socket, Timer, Viewer, count, dial::Next,
};

impl Viewer {
    pub(super) fn on_connected(&mut self, protocol: Option<&str>) {
        if self.socket != Socket::Dialling {
            return;
        }
        if protocol == Some(PROTOCOL) {
            self.socket = Socket::Open;
        } else {
            self.shut(1000);
            self.end(Ended::OtherProtocol);
        }
    }

    pub(super) fn on_disconnected(&mut self, code: Option<u16>) {
        if matches!(self.socket, Socket::Open | Socket::Dialling) {
            let jitter = self.jitter();
            let next = self.dialler.after(self.now, code, jitter);
            if code == Some(4400) {
                count(&mut self.counters.damages);
            }
            self.hang_up(next);
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer) {
        match timer {
            Timer::Dial => self.socket = Socket::Wanted,
            Timer::Answer if self.knock.may_retry() => self.ask(),
            Timer::Answer => {
                self.shut(1000);
                self.end(Ended::Unanswered);
            }
            Timer::Ask => self.ask(),
            // Only `notice_sleep` looks at it.
            Timer::Pulse => {}
            Timer::Ping => self.ping_again(),
            Timer::Prompt => self.drop_prompt(),
            Timer::Keys => self.renew_keys(),
            Timer::Expiry => {
                self.shut(1000);
                self.end(Ended::Expired);
            }
        }
    }

    /// Sends HELLO1, if the agent is there.
    pub(super) fn ask(&mut self) {
        self.timers.clear(Timer::Ask);
        self.timers.clear(Timer::Answer);
        let resume = self.resume.as_ref();
        if let Some(hello) = self.knock.ask(&self.link, resume, &mut self.generator) {
            self.outbox.hello(hello);
            self.timers.set(Timer::Answer, self.now + ANSWER_WITHIN);
        }
    }

    /// Gives up keys that were used as long as they may be, and comes back for new ones.
    pub(super) fn renew_keys(&mut self) {
        self.shut(1000);
        self.hang_up(Next::Dial(self.now));
    }

    /// Ends a connection that was damaged or tampered with: one path for every cause.
    pub(super) fn damaged(&mut self) {
        count(&mut self.counters.damages);
        self.shut(4400);
        let jitter = self.jitter();
        let next = self.dialler.damaged(self.now, jitter);
        self.hang_up(next);
    }

    /// Closes the socket with this code, if there is one: what it was closed for first, stands.
    pub(super) const fn shut(&mut self, code: u16) {
        match self.socket {
            Socket::Open | Socket::Dialling => self.close = Some(code),
            Socket::Offline | Socket::Wanted => {}
        }
    }

    /// Forgets the socket and its keys.
    fn hang_up(&mut self, next: Next) {
        self.wipe();
        match next {
            Next::Dial(at) => {
                self.timers.set(Timer::Dial, at);
                self.tell(Event::Lost(at));
            }
            Next::Never(how) => self.end(how),
        }
    }

    fn wipe(&mut self) {
        self.socket = Socket::Offline;
        self.epochs.wipe();
        self.knock.disconnected();
        let dropped = self.outbox.clear();
        self.not_sent(dropped);
        self.drop_prompt();
        for timer in [
            Timer::Answer,
            Timer::Ask,
            Timer::Pulse,
            Timer::Ping,
            Timer::Keys,
        ] {
            self.timers.clear(timer);
        }
    }

    pub(super) fn end(&mut self, how: Ended) {
        self.wipe();
        self.timers.clear_all();
        self.phase = Phase::Ending(how);
        self.finishing = None;
        self.frame = None;
        if matches!(how, Ended::Closed(_)) {
            self.resume = None;
        }
    }
}

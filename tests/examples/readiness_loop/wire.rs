//! One TCP connection that never waits.
//!
//! The operating system says once that a socket has become ready, so the wire remembers it until a
//! read or a write finds otherwise. Whoever speaks a protocol over it may try at any time: a try
//! that can't succeed costs nothing, not even a system call.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    rc::Rc,
};

use mio::{Interest, Registry, Token, event::Event, net::TcpStream};

/// A TCP connection, made or being made.
pub(crate) struct Wire {
    stream: TcpStream,
    token: Token,
    registry: Rc<Registry>,
    connected: bool,
    /// There may be something to read.
    readable: bool,
    /// There is something to write and no room for it. Only then are we told when there is.
    stuck: bool,
}

impl Wire {
    /// Starts to connect. A connection that has come to be is told like any other room to write.
    pub(crate) fn dial(registry: &Rc<Registry>, token: Token, at: SocketAddr) -> io::Result<Self> {
        let mut stream = TcpStream::connect(at)?;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self {
            stream,
            token,
            registry: Rc::clone(registry),
            connected: false,
            readable: false,
            stuck: true,
        })
    }

    /// Notes what the operating system says, if it is about this wire.
    pub(crate) fn note(&mut self, event: &Event) -> io::Result<()> {
        if event.token() != self.token {
            return Ok(());
        }
        // What went wrong is told by the next read or write.
        let broken = event.is_error();
        self.readable |= broken || event.is_readable() || event.is_read_closed();
        if self.stuck && (broken || event.is_writable() || event.is_write_closed()) {
            self.stuck = false;
            return self.listen_for(Interest::READABLE);
        }
        Ok(())
    }

    fn get_stuck(&mut self) -> io::Result<()> {
        self.stuck = true;
        self.listen_for(Interest::READABLE | Interest::WRITABLE)
    }

    fn listen_for(&mut self, interest: Interest) -> io::Result<()> {
        self.registry
            .reregister(&mut self.stream, self.token, interest)
    }

    /// Finds out what became of the attempt to connect.
    fn connect(&mut self) -> io::Result<()> {
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        match self.stream.peer_addr() {
            Ok(_) => {
                self.connected = true;
                self.stream.set_nodelay(true)
            }
            Err(error) if error.kind() == ErrorKind::NotConnected => {
                self.get_stuck()?;
                Err(ErrorKind::WouldBlock.into())
            }
            Err(error) => Err(error),
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.readable {
            return Err(ErrorKind::WouldBlock.into());
        }
        let read = self.stream.read(buffer);
        self.readable = !read.as_ref().is_err_and(would_block);
        read
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stuck {
            return Err(ErrorKind::WouldBlock.into());
        }
        if !self.connected {
            self.connect()?;
        }
        let written = self.stream.write(bytes);
        if written.as_ref().is_err_and(would_block) {
            self.get_stuck()?;
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Turns "not now" into nothing.
pub(crate) fn unless_blocked<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(error) if would_block(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tells whether there was nothing to read, or no room to write.
pub(crate) fn would_block(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}

//! The viewer machine: the other end of the wire, for tests, bots and native viewers.

//! From the start of the process to its first answer, and what it holds then.

use std::{path::Path, time::Instant};

use super::{
    figure::{Sorted, Table, megabytes},
    server::{Server, Version},
};

/// How often it is started.
const TIMES: usize = 30;

/// What starting costs.
pub struct Start {
    answered: Sorted,
    /// Right after `tools/list`, the largest seen.
    resident_kibibytes: u64,
}

impl Start {
    /// Starts the server again and again.
    pub async fn measure(binary: &Path) -> Self {
        let mut answered = Vec::with_capacity(TIMES);
        let mut resident_kibibytes = 0;
        for _ in 0..TIMES {
            let started = Instant::now();
            let mut server = Server::spawn(binary, Version::V2);
            server.initialize().await;
            answered.push(started.elapsed());
            server.list_tools().await;
            resident_kibibytes = resident_kibibytes.max(server.process().resident_kibibytes());
            server.hang_up().await;
        }
        Self {
            answered: Sorted::new(answered),
            resident_kibibytes,
        }
    }

    /// Adds the figures.
    pub fn report(&self, table: &mut Table) {
        let measured = self.answered.to_string();
        table.add("start to `initialize` answered", "< 20 ms", measured);
        let measured = megabytes(self.resident_kibibytes);
        table.add("memory after `tools/list`", "", measured);
    }
}

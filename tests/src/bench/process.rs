//! What Linux says a process uses.

use std::{fs, time::Duration};

/// A process of this machine, by its id.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

/// The unit of processor time in `/proc`: Linux shows 100 ticks a second, whatever it uses itself.
const TICK: Duration = Duration::from_millis(10);

impl Process {
    /// Returns the memory that is resident now, in KiB.
    ///
    /// # Panics
    ///
    /// Fails if the process is gone, or this isn't Linux.
    pub fn resident_kibibytes(self) -> u64 {
        self.kibibytes("VmRSS:")
    }

    /// Returns the most memory that was ever resident, in KiB.
    ///
    /// # Panics
    ///
    /// Fails if the process is gone, or this isn't Linux.
    pub fn peak_kibibytes(self) -> u64 {
        self.kibibytes("VmHWM:")
    }

    fn kibibytes(self, name: &str) -> u64 {
        let status = self.read("status");
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next());
        number
            .and_then(|number| number.parse().ok())
            .expect("the process runs")
    }

    /// Returns the processor time it has used so far, its own and the system's for it.
    ///
    /// # Panics
    ///
    /// Fails if the process is gone, or this isn't Linux.
    pub fn processor_time(self) -> Duration {
        let stat = self.read("stat");
        // The name in parentheses may hold blanks; what follows it starts with field 3.
        let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
        let ticks: u32 = fields
            .split_whitespace()
            .skip(14 - 3)
            .take(2)
            .map(|field| field.parse::<u32>().expect("a number"))
            .sum();
        TICK * ticks
    }

    fn read(self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.0);
        fs::read_to_string(path).expect("Linux shows its processes in /proc")
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{hint::black_box, process};

    use super::*;

    #[test]
    fn our_own_memory_and_time_are_seen() {
        let ourselves = Process(process::id());
        let before = ourselves.resident_kibibytes();
        let touched = black_box(vec![1_u8; 64 << 20]);
        assert!(ourselves.resident_kibibytes() >= before + (32 << 10));
        drop(touched);
        assert!(ourselves.peak_kibibytes() >= before + (32 << 10));
        while ourselves.processor_time() < TICK * 3 {
            black_box((0..1_000_000_u64).fold(0, |sum, number| sum ^ black_box(number)));
        }
    }
}

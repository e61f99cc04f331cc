//! What streaming costs the process that holds the agent and the relay together.

use std::time::{Duration, Instant};

use tokio::time::interval;

use super::{
    figure::{Table, megabytes, millis},
    page::{PICTURE, RATE},
    process::Process,
};
use crate::viewer::Viewer;

/// How often memory is looked at, once a second.
const SAMPLES: usize = 31;

/// What streaming costs.
pub struct Stream {
    took: Duration,
    frames: u32,
    processor_time: Duration,
    resident_kibibytes: Vec<u64>,
    peak_kibibytes: u64,
}

impl Stream {
    /// Watches a page that moves.
    pub async fn measure(process: Process, viewer: &Viewer) -> Self {
        viewer.next_frame().await;
        let started = Instant::now();
        let frames_before = viewer.seen().frames;
        let time_before = process.processor_time();
        let mut resident_kibibytes = Vec::with_capacity(SAMPLES);
        let mut seconds = interval(Duration::from_secs(1));
        for _ in 0..SAMPLES {
            seconds.tick().await;
            resident_kibibytes.push(process.resident_kibibytes());
        }
        let processor_time = process.processor_time() - time_before;
        let frames = viewer.seen().frames - frames_before;
        assert!(frames > 0, "pictures flow");
        Self {
            took: started.elapsed(),
            frames: u32::try_from(frames).expect("30 a second"),
            processor_time,
            resident_kibibytes,
            peak_kibibytes: process.peak_kibibytes(),
        }
    }

    /// Adds the figures.
    pub fn report(&self, table: &mut Table) {
        let kilobytes = PICTURE / 1_000;
        let rate = f64::from(self.frames) / self.took.as_secs_f64();
        table.add(
            format!("frames of {kilobytes} kB shown"),
            format!("{RATE}/s"),
            format!("{rate:.1}/s"),
        );
        table.add("memory while streaming", "< 20 MB, flat", self.memory());
        table.add(
            format!("processor time per {kilobytes} kB frame"),
            "< 0.50 ms",
            millis(self.processor_time / self.frames),
        );
    }

    fn memory(&self) -> String {
        let samples = &self.resident_kibibytes;
        let middle = samples.get(samples.len() / 2);
        let [first, middle, last] = [samples.first(), middle, samples.last()]
            .map(|sample| megabytes(sample.copied().unwrap_or_default()));
        let peak = megabytes(self.peak_kibibytes);
        format!("{first}, {middle}, {last} (first, middle, last; peak {peak})")
    }
}

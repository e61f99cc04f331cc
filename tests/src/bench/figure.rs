//! The table of figures, and the little arithmetic behind it.

use std::{fmt, time::Duration};

/// Figures beside what they should be, in order.
#[derive(Debug, Default)]
pub struct Table(Vec<Figure>);

#[derive(Debug)]
struct Figure {
    name: String,
    target: String,
    measured: String,
}

impl Table {
    /// Adds a figure; `target` is empty for one that only helps to read the others.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        target: impl Into<String>,
        measured: impl Into<String>,
    ) {
        self.0.push(Figure {
            name: name.into(),
            target: target.into(),
            measured: measured.into(),
        });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |of: fn(&Figure) -> &str, head: &str| {
            let cells = self.0.iter().map(|figure| of(figure).chars().count());
            cells.chain([head.len()]).max().unwrap_or_default()
        };
        let (head, target_head) = ("figure", "target");
        let name = width(|figure| &figure.name, head);
        let target = width(|figure| &figure.target, target_head);
        writeln!(f, "{head:name$}  {target_head:target$}  measured")?;
        for figure in &self.0 {
            writeln!(
                f,
                "{:name$}  {:target$}  {}",
                figure.name, figure.target, figure.measured
            )?;
        }
        Ok(())
    }
}

/// Durations in ascending order.
#[derive(Debug)]
pub struct Sorted(Vec<Duration>);

impl Sorted {
    /// Sorts durations.
    pub fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self(durations)
    }

    /// Returns how many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Returns the duration below which lies this percentage of all; zero if there are none.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0
            .get(last * percent.min(100) / 100)
            .copied()
            .unwrap_or_default()
    }
}

impl fmt::Display for Sorted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, p95] = [50, 95].map(|percent| millis(self.percentile(percent)));
        write!(f, "{median} (p95 {p95}, {} times)", self.0.len())
    }
}

/// What was counted a second, several times.
#[derive(Debug)]
pub struct Rates(Vec<f64>);

impl Rates {
    /// Sorts rates.
    pub fn new(rates: &[f64]) -> Self {
        let mut rates = rates.to_vec();
        rates.sort_unstable_by(f64::total_cmp);
        Self(rates)
    }

    /// Returns the median; zero if there are none.
    pub fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }

    /// Returns the medians' ratio.
    pub fn over(&self, other: &Self) -> f64 {
        self.median() / other.median()
    }
}

impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}/s", self.median())
    }
}

/// Writes a duration in milliseconds.
pub fn millis(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1_000.0)
}

/// Writes kibibytes in decimal megabytes.
pub fn megabytes(kibibytes: u64) -> String {
    let kilobytes = kibibytes * 1_024 / 1_000;
    format!("{}.{} MB", kilobytes / 1_000, kilobytes % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_from_what_was_measured() {
        let sorted = Sorted::new((0..=200).rev().map(Duration::from_millis).collect());
        assert_eq!(sorted.percentile(50), Duration::from_millis(100));
        assert_eq!(sorted.percentile(95), Duration::from_millis(190));
        assert_eq!(sorted.percentile(100), Duration::from_millis(200));
        assert_eq!(Sorted::new(Vec::new()).percentile(50), Duration::ZERO);
    }

    #[test]
    fn the_columns_of_the_table_line_up() {
        let mut table = Table::default();
        table.add("a", "< 1 ms", "2 ms");
        table.add("long name", "", megabytes(20_000));
        assert_eq!(
            table.to_string(),
            "figure     target  measured\n\
             a          < 1 ms  2 ms\n\
             long name          20.4 MB\n"
        );
    }
}

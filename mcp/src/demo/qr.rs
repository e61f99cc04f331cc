//! A link as a picture that a phone's camera reads from the terminal.

use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

/// Draws `link`, two modules a character; nothing if it is too long for any code.
///
/// Colours are set on every line: a code must be dark on light, whatever the terminal is.
pub(super) fn draw(link: &str) -> Option<String> {
    const DARK_ON_LIGHT: &str = "\x1b[38;5;16;48;5;231m";
    const AS_BEFORE: &str = "\x1b[0m";

    // Nothing covers a screen, so the least redundancy makes the smallest code.
    let code = QrCode::with_error_correction_level(link, EcLevel::L).ok()?;
    let modules = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Dark)
        .light_color(Dense1x2::Light)
        .build();
    let lines = modules
        .lines()
        .map(|line| format!("   {DARK_ON_LIGHT}{line}{AS_BEFORE}\n"));
    Some(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_links_code_is_square_and_framed_in_light() {
        let link = format!("https://192.168.1.20:8443/s/sess_{0}#1.{0}", "x".repeat(32));
        let drawn = draw(&link).expect("short enough");
        let rows: Vec<Vec<char>> = drawn
            .lines()
            .map(|line| {
                let modules = line.split_once('m').expect("colours").1;
                let modules = modules.split_once('\x1b').expect("colours").0;
                modules.chars().collect()
            })
            .collect();
        let width = rows.first().expect("lines").len();
        assert!(rows.iter().all(|row| row.len() == width));
        assert_eq!(rows.len(), width.div_ceil(2));
        assert!(width < 70, "fits into a terminal");
        let is_frame = |row: &[char]| row.iter().all(|character| *character == ' ');
        assert!(is_frame(rows.first().expect("lines")));
    }

    #[test]
    fn what_no_code_can_hold_is_left_out() {
        assert_eq!(draw(&"x".repeat(8_000)), None);
    }
}

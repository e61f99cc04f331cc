//! A FRAME's plaintext: two bytes of length, the metadata, the JPEG (§5).

use super::json::Malformed;

/// The metadata's length in bytes, as this version writes it.
const META: usize = 36;

/// The longest metadata that is read over.
const MAX_META: u16 = 1_024;

/// Where in the plaintext the sealer writes how many control records went before.
pub(crate) const CTL_NEXT: core::ops::Range<usize> = 10..14;

/// What a picture says of itself. Lengths are CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameMeta {
    /// This picture was sealed before.
    pub repeat: bool,
    /// Changes with the tab shown.
    pub page: u16,
    /// When it was captured: the agent's clock in milliseconds, modulo 2³².
    pub capture_ms: u32,
    /// The viewport's width.
    pub device_width: f32,
    /// The viewport's height.
    pub device_height: f32,
    /// How far the page's top lies below the picture's.
    pub offset_top: f32,
    /// The page's pinch zoom.
    pub page_scale_factor: f32,
    /// How far the page is scrolled to the right.
    pub scroll_x: f32,
    /// How far the page is scrolled down.
    pub scroll_y: f32,
}

/// A FRAME's plaintext, read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame<'a> {
    /// What the picture says of itself.
    pub meta: FrameMeta,
    /// How many control records the agent had sealed before it.
    pub ctl_next: u32,
    /// The picture.
    pub jpeg: &'a [u8],
}

impl FrameMeta {
    /// How many bytes of a FRAME's plaintext go before the picture.
    pub const LENGTH: usize = 2 + META;

    fn geometry(&self) -> [f32; 6] {
        [
            self.device_width,
            self.device_height,
            self.offset_top,
            self.page_scale_factor,
            self.scroll_x,
            self.scroll_y,
        ]
    }

    /// Returns the plaintext's start: length and metadata, without the control records' count.
    ///
    /// # Errors
    /// Numbers that aren't finite.
    pub fn to_bytes(&self) -> Result<[u8; Self::LENGTH], Malformed> {
        if !self.geometry().iter().all(|number| number.is_finite()) {
            return Err(Malformed::Body);
        }
        let mut bytes = [0; Self::LENGTH];
        let fields = [0, 36, 1, u8::from(self.repeat)]
            .into_iter()
            .chain(self.page.to_be_bytes())
            .chain(self.capture_ms.to_be_bytes())
            .chain([0; 4])
            .chain(self.geometry().into_iter().flat_map(f32::to_be_bytes));
        for (place, byte) in bytes.iter_mut().zip(fields) {
            *place = byte;
        }
        Ok(bytes)
    }
}

impl<'a> Frame<'a> {
    /// Reads a FRAME's plaintext. Longer or newer metadata is read by its first 36 bytes.
    ///
    /// # Errors
    /// Metadata shorter than 36 bytes, longer than 1,024 or than the plaintext, of version 0, or
    /// with numbers that aren't finite.
    pub fn parse(plaintext: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader(plaintext);
        let length = u16::from_be_bytes(reader.take()?);
        if length > MAX_META {
            return Err(Malformed::Body);
        }
        let (meta, jpeg) = reader
            .0
            .split_at_checked(usize::from(length))
            .ok_or(Malformed::Body)?;
        let mut reader = Reader(meta);
        let [version, flags] = reader.take()?;
        if version == 0 {
            return Err(Malformed::Body);
        }
        let page = u16::from_be_bytes(reader.take()?);
        let capture_ms = u32::from_be_bytes(reader.take()?);
        let ctl_next = u32::from_be_bytes(reader.take()?);
        let meta = FrameMeta {
            repeat: flags & 1 == 1,
            page,
            capture_ms,
            device_width: reader.finite()?,
            device_height: reader.finite()?,
            offset_top: reader.finite()?,
            page_scale_factor: reader.finite()?,
            scroll_x: reader.finite()?,
            scroll_y: reader.finite()?,
        };
        Ok(Self {
            meta,
            ctl_next,
            jpeg,
        })
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(Malformed::Body)?;
        self.0 = rest;
        Ok(*head)
    }

    fn finite(&mut self) -> Result<f32, Malformed> {
        Some(f32::from_be_bytes(self.take()?))
            .filter(|number| number.is_finite())
            .ok_or(Malformed::Body)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const META_OF_A_PAGE: FrameMeta = FrameMeta {
        repeat: true,
        page: 7,
        capture_ms: 1_001,
        device_width: 1_280.0,
        device_height: 720.0,
        offset_top: 0.0,
        page_scale_factor: 1.0,
        scroll_x: 0.0,
        scroll_y: 96.5,
    };

    fn plaintext(length: u16, version: u8) -> Vec<u8> {
        let written = META_OF_A_PAGE.to_bytes().expect("finite");
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.push(version);
        bytes.extend_from_slice(&written[3..]);
        bytes.resize(2 + usize::from(length).max(36), 0xEE);
        bytes.extend_from_slice(b"jpeg");
        bytes
    }

    #[test]
    fn a_picture_reads_back_as_it_was_written() {
        let bytes = plaintext(36, 1);
        let frame = Frame::parse(&bytes).expect("a frame");
        assert_eq!(frame.meta, META_OF_A_PAGE);
        assert_eq!((frame.ctl_next, frame.jpeg), (0, b"jpeg".as_slice()));
    }

    #[test]
    fn flags_that_are_not_known_yet_say_nothing() {
        for (flags, repeat) in [(0, false), (1, true), (0xFE, false), (0xFF, true)] {
            let mut bytes = plaintext(36, 1);
            bytes[3] = flags;
            let frame = Frame::parse(&bytes).expect("a frame");
            assert_eq!(frame.meta.repeat, repeat, "{flags}");
        }
    }

    #[test]
    fn longer_and_newer_metadata_is_read_by_its_first_36_bytes() {
        for (length, version) in [(37, 1), (64, 2), (1_024, 255)] {
            let bytes = plaintext(length, version);
            let frame = Frame::parse(&bytes).expect("a frame");
            assert_eq!(frame.meta, META_OF_A_PAGE);
            assert_eq!(frame.jpeg, b"jpeg");
        }
    }

    #[test]
    fn metadata_that_is_short_long_or_of_version_0_is_refused() {
        for (length, version) in [(0, 1), (35, 1), (1_025, 1), (36, 0)] {
            let bytes = plaintext(length, version);
            assert_eq!(Frame::parse(&bytes), Err(Malformed::Body), "{length}");
        }
        let whole = plaintext(36, 1);
        for length in 0..38 {
            assert_eq!(Frame::parse(&whole[..length]), Err(Malformed::Body));
        }
        assert!(Frame::parse(&whole[..38]).is_ok());
    }

    #[test]
    fn numbers_that_are_not_finite_are_neither_written_nor_read() {
        for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let meta = FrameMeta {
                scroll_y: number,
                ..META_OF_A_PAGE
            };
            assert_eq!(meta.to_bytes(), Err(Malformed::Body));
            for place in (14..38).step_by(4) {
                let mut bytes = plaintext(36, 1);
                bytes[place..place + 4].copy_from_slice(&number.to_be_bytes());
                assert_eq!(Frame::parse(&bytes), Err(Malformed::Body), "{place}");
            }
        }
    }
}

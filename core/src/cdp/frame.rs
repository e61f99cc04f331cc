//! Screencast frames: from CDP's JSON to JPEG bytes in one pass.

use alloc::vec::Vec;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::wire::v1::FrameMeta;

/// How good and how large a cast's pictures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality {
    /// JPEG quality, 1 to 100.
    pub jpeg: u8,
    /// Width and height, in percent of the viewport's: 1 to 100.
    pub scale: u8,
}

impl Quality {
    /// Sharp text (measured: 188 kB for dense text, where a quality of 90 takes 253).
    pub const NORMAL: Self = Self {
        jpeg: 75,
        scale: 100,
    };
}

/// The largest picture asked for, in pixels.
const LARGEST: (u32, u32) = (2560, 1440);

/// How many frames Chromium may send before the first is acknowledged.
pub const MAX_IN_FLIGHT: u32 = 2;

/// The parameters of `Page.startScreencast`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StartScreencast {
    format: &'static str,
    quality: u8,
    max_width: u32,
    max_height: u32,
    max_frames_in_flight: u32,
    send_last_frame: bool,
}

impl StartScreencast {
    /// Asks for pictures of one pixel per CSS pixel of this viewport, or of the largest size if
    /// the viewport isn't known.
    pub fn of(viewport: Option<Viewport>) -> Self {
        let (max_width, max_height) = viewport.map_or(LARGEST, |Viewport { width, height }| {
            (width.clamp(1, LARGEST.0), height.clamp(1, LARGEST.1))
        });
        Self {
            format: "jpeg",
            quality: Quality::NORMAL.jpeg,
            max_width,
            max_height,
            max_frames_in_flight: MAX_IN_FLIGHT,
            send_last_frame: true,
        }
    }

    /// Asks for pictures of this quality instead of [`Quality::NORMAL`]. Chromium shrinks them
    /// evenly; their metadata speaks of CSS pixels still.
    #[must_use]
    pub fn at(self, quality: Quality) -> Self {
        let scaled = |pixels: u32| (pixels * u32::from(quality.scale.min(100)) / 100).max(1);
        Self {
            quality: quality.jpeg,
            max_width: scaled(self.max_width),
            max_height: scaled(self.max_height),
            ..self
        }
    }
}

/// The size of a page's viewport in CSS pixels, scroll bars included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewport {
    width: u32,
    height: u32,
}

/// The result of `Page.getLayoutMetrics`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayoutMetrics {
    css_layout_viewport: ClientSize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientSize {
    client_width: u32,
    client_height: u32,
}

impl LayoutMetrics {
    /// Returns the viewport's size; `None` for one that shows nothing.
    pub fn viewport(&self) -> Option<Viewport> {
        /// Client sizes leave out scroll bars, up to 17 pixels wide.
        const SCROLL_BAR: u32 = 17;
        let ClientSize {
            client_width,
            client_height,
        } = self.css_layout_viewport;
        (client_width > 0 && client_height > 0).then(|| Viewport {
            width: client_width.saturating_add(SCROLL_BAR),
            height: client_height.saturating_add(SCROLL_BAR),
        })
    }
}

impl Viewport {
    /// Tells whether a frame shows more than this viewport, so that its picture was shrunk.
    pub fn is_outgrown_by(self, meta: &FrameMeta) -> bool {
        let outgrown =
            |asked: u32, limit: u32, shown: f64| asked < limit && shown > f64::from(asked);
        outgrown(self.width, LARGEST.0, meta.device_width)
            || outgrown(self.height, LARGEST.1, meta.device_height)
    }
}

/// The parameters of the event `Page.screencastFrame`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreencastFrame<'a> {
    #[serde(borrow)]
    data: &'a str,
    metadata: Metadata,
    /// Names the running cast in its acknowledgements, not the frame.
    pub session_id: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    offset_top: f64,
    page_scale_factor: f64,
    device_width: f64,
    device_height: f64,
    scroll_offset_x: f64,
    scroll_offset_y: f64,
}

impl ScreencastFrame<'_> {
    /// Decodes the picture; `None` if it isn't base64.
    pub fn decode(&self) -> Option<Frame> {
        let mut jpeg = Vec::new();
        STANDARD.decode_vec(self.data, &mut jpeg).ok()?;
        let Metadata {
            offset_top,
            page_scale_factor,
            device_width,
            device_height,
            scroll_offset_x,
            scroll_offset_y,
        } = self.metadata;
        Some(Frame {
            meta: FrameMeta {
                device_width,
                device_height,
                offset_top,
                page_scale_factor,
                scroll_offset_x,
                scroll_offset_y,
                jpeg_size: jpeg.len(),
            },
            jpeg: Bytes::from(jpeg),
        })
    }
}

/// One picture of the page. Cloning shares the bytes.
#[derive(Clone)]
pub struct Frame {
    /// Its geometry.
    pub meta: FrameMeta,
    /// The JPEG file.
    pub jpeg: Bytes,
}

/// The parameters of `Emulation.setFocusEmulationEnabled`: whether the page behaves as if it had the
/// focus.
#[derive(Serialize)]
pub struct FocusEmulation {
    /// Whether it does.
    pub enabled: bool,
}

/// The parameters of `Page.screencastFrameAck`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ack {
    /// The frame's `sessionId`.
    pub session_id: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewport(json: &str) -> Option<Viewport> {
        let metrics: LayoutMetrics = serde_json::from_str(json).expect("well formed");
        metrics.viewport()
    }

    const META: &str = r#"{"offsetTop":0,"pageScaleFactor":1,"deviceWidth":1280,"deviceHeight":720,"scrollOffsetX":0,"scrollOffsetY":3.5,"timestamp":1.5}"#;

    #[test]
    fn a_frame_is_decoded_with_its_geometry() {
        let json = alloc::format!(r#"{{"data":"/9j/4A==","metadata":{META},"sessionId":7}}"#);
        let frame: ScreencastFrame<'_> = serde_json::from_str(&json).expect("well formed");
        assert_eq!(frame.session_id, 7);
        let frame = frame.decode().expect("base64");
        assert_eq!(&frame.jpeg[..], [0xff, 0xd8, 0xff, 0xe0]);
        assert_eq!(frame.meta.jpeg_size, 4);
        assert_eq!(frame.meta.scroll_offset_y, 3.5);
    }

    #[test]
    fn broken_base64_is_no_frame() {
        let json = alloc::format!(r#"{{"data":"/9j*","metadata":{META},"sessionId":7}}"#);
        let frame: ScreencastFrame<'_> = serde_json::from_str(&json).expect("well formed");
        assert!(frame.decode().is_none());
    }

    #[test]
    fn the_picture_is_never_larger_than_the_limit() {
        let json =
            r#"{"cssLayoutViewport":{"pageX":0,"pageY":0,"clientWidth":9000,"clientHeight":500}}"#;
        let start =
            serde_json::to_string(&StartScreencast::of(viewport(json))).expect("serialises");
        assert_eq!(
            start,
            r#"{"format":"jpeg","quality":75,"maxWidth":2560,"maxHeight":517,"maxFramesInFlight":2,"sendLastFrame":true}"#
        );
    }

    #[test]
    fn a_lower_quality_shrinks_the_picture_evenly() {
        let json =
            r#"{"cssLayoutViewport":{"pageX":0,"pageY":0,"clientWidth":1263,"clientHeight":703}}"#;
        let start = |quality| {
            let start = StartScreencast::of(viewport(json)).at(quality);
            serde_json::to_string(&start).expect("serialises")
        };
        let half = Quality {
            jpeg: 40,
            scale: 50,
        };
        assert_eq!(
            start(half),
            r#"{"format":"jpeg","quality":40,"maxWidth":640,"maxHeight":360,"maxFramesInFlight":2,"sendLastFrame":true}"#
        );
        assert_eq!(
            start(Quality::NORMAL),
            r#"{"format":"jpeg","quality":75,"maxWidth":1280,"maxHeight":720,"maxFramesInFlight":2,"sendLastFrame":true}"#
        );
    }
}

//! Screencast frames: from CDP's JSON to JPEG bytes in one pass.

use alloc::vec::Vec;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::wire::v1::FrameMeta;

/// JPEG quality of the screencast (measured: 188 kB for dense text, where 90 takes 253).
const QUALITY: u8 = 75;

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
            quality: QUALITY,
            max_width,
            max_height,
            max_frames_in_flight: MAX_IN_FLIGHT,
            send_last_frame: true,
        }
    }
}

/// The size of a page's viewport in CSS pixels, scroll bars included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewport {
    width: u32,
    height: u32,
}

impl Viewport {
    /// Reads the result of `Page.getLayoutMetrics`.
    pub fn from_layout_metrics(json: &str) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Metrics {
            css_layout_viewport: Client,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Client {
            client_width: u32,
            client_height: u32,
        }
        /// Client sizes leave out scroll bars, up to 17 pixels wide.
        const SCROLL_BAR: u32 = 17;
        let metrics: Metrics = serde_json::from_str(json).ok()?;
        let Client {
            client_width,
            client_height,
        } = metrics.css_layout_viewport;
        (client_width > 0 && client_height > 0).then(|| Self {
            width: client_width.saturating_add(SCROLL_BAR),
            height: client_height.saturating_add(SCROLL_BAR),
        })
    }

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
        let viewport = Viewport::from_layout_metrics(json);
        let start = serde_json::to_string(&StartScreencast::of(viewport)).expect("serialises");
        assert_eq!(
            start,
            r#"{"format":"jpeg","quality":75,"maxWidth":2560,"maxHeight":517,"maxFramesInFlight":2,"sendLastFrame":true}"#
        );
    }
}

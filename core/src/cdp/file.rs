//! Files for the page: the chooser it opens, its `<input>`, files dropped onto it.

use alloc::{borrow::Cow, string::String};

use serde::{Deserialize, Serialize};

/// The parameters of `Page.setInterceptFileChooserDialog`.
#[derive(Serialize)]
pub struct InterceptFileChooser {
    /// Whether choosers are told of instead of shown.
    pub enabled: bool,
}

/// The parameters of the event `Page.fileChooserOpened`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileChooserOpened<'a> {
    /// The frame it belongs to.
    #[serde(borrow)]
    pub frame_id: Cow<'a, str>,
    /// `selectSingle` or `selectMultiple`.
    #[serde(borrow)]
    pub mode: Cow<'a, str>,
    /// The `<input>`; absent if a script asked without one.
    #[serde(default)]
    pub backend_node_id: Option<i64>,
}

/// The parameters of `DOM.describeNode`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribeNode {
    /// The element.
    pub backend_node_id: i64,
}

/// The parameters of `DOM.setFileInputFiles`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetFileInputFiles<'a> {
    /// Paths on the browser's disk. One that isn't there counts as an empty file.
    pub files: &'a [String],
    /// The `<input>`, by the chooser's event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_node_id: Option<i64>,
    /// The `<input>`, by a script's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<&'a str>,
}

/// The parameters of `Input.dispatchDragEvent`.
#[derive(Serialize)]
pub struct DragEvent<'a> {
    /// What happens.
    pub r#type: DragEventKind,
    /// Where, in CSS pixels of the viewport.
    pub x: f64,
    /// As `x`, downwards.
    pub y: f64,
    /// What is dragged.
    pub data: DragData<'a>,
}

/// What happens to what is dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum DragEventKind {
    DragEnter,
    DragOver,
    Drop,
}

/// CDP's `Input.DragData`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DragData<'a> {
    items: [(); 0],
    files: &'a [String],
    drag_operations_mask: u8,
}

impl<'a> DragData<'a> {
    /// Files, to be copied, by their paths on the browser's disk.
    pub const fn files(files: &'a [String]) -> Self {
        Self {
            items: [],
            files,
            drag_operations_mask: 1,
        }
    }
}

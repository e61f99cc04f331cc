//! Targets: pages, pop-ups and what Chromium tells of them.

use alloc::{borrow::Cow, string::String};

use serde::{Deserialize, Serialize};

/// CDP's `Target.TargetInfo`, as far as it is read here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetInfo<'a> {
    /// The target's id.
    #[serde(borrow)]
    pub target_id: Cow<'a, str>,
    /// `page`, `iframe`, `browser`, `worker`, …
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    /// What the page calls itself.
    #[serde(borrow, default)]
    pub title: Cow<'a, str>,
    /// The address shown; empty for a pop-up that has just opened.
    #[serde(borrow, default)]
    pub url: Cow<'a, str>,
    /// The target that opened it.
    #[serde(borrow, default)]
    pub opener_id: Option<Cow<'a, str>>,
}

/// The result of `Target.getTargetInfo`, and the parameters of `Target.targetCreated`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WithTargetInfo<'a> {
    /// The target.
    #[serde(borrow)]
    pub target_info: TargetInfo<'a>,
}

/// The result of `Target.getTargets`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Targets<'a> {
    /// Every target of the browser.
    #[serde(borrow)]
    pub target_infos: alloc::vec::Vec<TargetInfo<'a>>,
}

/// The parameters of `Target.targetDestroyed` and `Target.targetCrashed`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetGone<'a> {
    /// The target's id.
    #[serde(borrow)]
    pub target_id: Cow<'a, str>,
}

/// The parameters of `Target.attachToTarget`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachToTarget<'a> {
    /// The target.
    pub target_id: &'a str,
    /// Always true: one socket carries all sessions.
    pub flatten: bool,
}

/// The parameters of `Target.setAutoAttach`: whether frames of other sites get a CDP session each.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetAutoAttach {
    auto_attach: bool,
    wait_for_debugger_on_start: bool,
    flatten: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    filter: &'static [TargetFilter],
}

#[derive(Serialize)]
struct TargetFilter {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl SetAutoAttach {
    /// Frames that are there and frames to come, and nothing else: workers are left alone.
    pub const FRAMES: Self = Self {
        auto_attach: true,
        wait_for_debugger_on_start: false,
        flatten: true,
        filter: &[TargetFilter { kind: "iframe" }],
    };

    /// None, and those that have one lose it.
    pub const NOTHING: Self = Self {
        auto_attach: false,
        wait_for_debugger_on_start: false,
        flatten: true,
        filter: &[],
    };
}

/// The parameters of the event `Target.attachedToTarget`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachedToTarget<'a> {
    /// The CDP session that there is now.
    #[serde(borrow)]
    pub session_id: Cow<'a, str>,
    /// Where it leads.
    #[serde(borrow)]
    pub target_info: TargetInfo<'a>,
}

/// The result of `Target.attachToTarget`, the parameters of `Target.detachedFromTarget` and of
/// `Target.detachFromTarget`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRef {
    /// The CDP session.
    pub session_id: String,
}

/// The parameters of the event `Inspector.detached`.
#[derive(Deserialize)]
pub struct Detached<'a> {
    /// `target_closed`, or what else ended it.
    #[serde(borrow)]
    pub reason: &'a str,
}

/// The result of `Browser.getVersion`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version<'a> {
    /// What the browser calls itself.
    #[serde(borrow)]
    pub user_agent: Cow<'a, str>,
}

/// The parameters of `Target.setDiscoverTargets`.
#[derive(Serialize)]
pub struct SetDiscoverTargets {
    /// Whether to tell of targets.
    pub discover: bool,
}

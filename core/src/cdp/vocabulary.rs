//! Every command that is sent, every answer and event that is read, and as what: two tables.
//!
//! What stands in neither is never sent and never understood, so that whoever holds these tables
//! against the protocol's own description has checked all of it.

use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{
    dialog::DialogOpening,
    fetch::{AuthRequired, PausedRequest},
    file::FileChooserOpened,
    frame::{LayoutMetrics, ScreencastFrame},
    navigation::{FrameNavigated, FrameTree, History},
    runtime::{Evaluated, IsolatedWorld, NodeDescribed, ResolvedNode},
    security::VisibleSecurityStateChanged,
    target::{
        AttachedToTarget, Detached, SessionRef, TargetGone, Targets, Version, WithTargetInfo,
    },
};

/// Makes the names, and what is said under each of them.
macro_rules! vocabulary {
    (
        $(#[$name_doc:meta])* $name:ident;
        $(#[$said_doc:meta])* $said:ident;
        $($entry:ident $text:literal: $shape:ty,)*
    ) => {
        $(#[$name_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $entry,)*
        }

        impl $name {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$entry,)*];

            /// Returns the name in the protocol.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$entry => $text,)*
                }
            }

            /// Finds what has this name in the protocol.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$entry),)*
                    _ => None,
                }
            }
        }

        $(#[$said_doc])*
        pub enum $said<'a> {
            $(#[doc = concat!("Of `", $text, "`")] $entry($shape),)*
        }

        impl<'a> $said<'a> {
            /// Reads what was said under this name.
            ///
            /// # Errors
            /// It isn't of the shape that the name stands for.
            pub fn read<D: Deserializer<'a>>(name: $name, said: D) -> Result<Self, D::Error> {
                match name {
                    $($name::$entry => Deserialize::deserialize(said).map(Self::$entry),)*
                }
            }
        }
    };
}

vocabulary! {
    /// A command that is sent. `Runtime.enable` isn't among them: pages can notice it.
    Method;
    /// What is read of a command's answer.
    Answer;
    BrowserGetVersion "Browser.getVersion": Version<'a>,
    DomDescribeNode "DOM.describeNode": NodeDescribed<'a>,
    DomResolveNode "DOM.resolveNode": ResolvedNode<'a>,
    DomSetFileInputFiles "DOM.setFileInputFiles": IgnoredAny,
    EmulationSetFocusEmulationEnabled "Emulation.setFocusEmulationEnabled": IgnoredAny,
    FetchContinueRequest "Fetch.continueRequest": IgnoredAny,
    FetchContinueWithAuth "Fetch.continueWithAuth": IgnoredAny,
    FetchDisable "Fetch.disable": IgnoredAny,
    FetchEnable "Fetch.enable": IgnoredAny,
    InputDispatchDragEvent "Input.dispatchDragEvent": IgnoredAny,
    InputDispatchKeyEvent "Input.dispatchKeyEvent": IgnoredAny,
    InputDispatchMouseEvent "Input.dispatchMouseEvent": IgnoredAny,
    InputDispatchTouchEvent "Input.dispatchTouchEvent": IgnoredAny,
    InputImeSetComposition "Input.imeSetComposition": IgnoredAny,
    InputInsertText "Input.insertText": IgnoredAny,
    PageAddScriptToEvaluateOnNewDocument "Page.addScriptToEvaluateOnNewDocument": IgnoredAny,
    PageCreateIsolatedWorld "Page.createIsolatedWorld": IsolatedWorld,
    PageDisable "Page.disable": IgnoredAny,
    PageEnable "Page.enable": IgnoredAny,
    PageGetFrameTree "Page.getFrameTree": FrameTree<'a>,
    PageGetLayoutMetrics "Page.getLayoutMetrics": LayoutMetrics,
    PageGetNavigationHistory "Page.getNavigationHistory": History,
    PageHandleJavaScriptDialog "Page.handleJavaScriptDialog": IgnoredAny,
    PageNavigateToHistoryEntry "Page.navigateToHistoryEntry": IgnoredAny,
    PageReload "Page.reload": IgnoredAny,
    PageScreencastFrameAck "Page.screencastFrameAck": IgnoredAny,
    PageSetInterceptFileChooserDialog "Page.setInterceptFileChooserDialog": IgnoredAny,
    PageStartScreencast "Page.startScreencast": IgnoredAny,
    PageStopScreencast "Page.stopScreencast": IgnoredAny,
    RuntimeCallFunctionOn "Runtime.callFunctionOn": Evaluated<'a>,
    RuntimeEvaluate "Runtime.evaluate": Evaluated<'a>,
    RuntimeReleaseObject "Runtime.releaseObject": IgnoredAny,
    SecurityEnable "Security.enable": IgnoredAny,
    TargetAttachToTarget "Target.attachToTarget": SessionRef,
    TargetDetachFromTarget "Target.detachFromTarget": IgnoredAny,
    TargetGetTargetInfo "Target.getTargetInfo": WithTargetInfo<'a>,
    TargetGetTargets "Target.getTargets": Targets<'a>,
    TargetSetAutoAttach "Target.setAutoAttach": IgnoredAny,
    TargetSetDiscoverTargets "Target.setDiscoverTargets": IgnoredAny,
    WebAuthnEnable "WebAuthn.enable": IgnoredAny,
}

vocabulary! {
    /// An event that is understood.
    EventName;
    /// What is read of an event's parameters.
    Event;
    FetchAuthRequired "Fetch.authRequired": AuthRequired<'a>,
    FetchRequestPaused "Fetch.requestPaused": PausedRequest<'a>,
    InspectorDetached "Inspector.detached": Detached<'a>,
    InspectorTargetCrashed "Inspector.targetCrashed": IgnoredAny,
    PageDownloadWillBegin "Page.downloadWillBegin": IgnoredAny,
    PageFileChooserOpened "Page.fileChooserOpened": FileChooserOpened<'a>,
    PageFrameNavigated "Page.frameNavigated": FrameNavigated<'a>,
    PageJavascriptDialogClosed "Page.javascriptDialogClosed": IgnoredAny,
    PageJavascriptDialogOpening "Page.javascriptDialogOpening": DialogOpening<'a>,
    PageScreencastFrame "Page.screencastFrame": ScreencastFrame<'a>,
    SecurityVisibleSecurityStateChanged "Security.visibleSecurityStateChanged": VisibleSecurityStateChanged<'a>,
    TargetAttachedToTarget "Target.attachedToTarget": AttachedToTarget<'a>,
    TargetDetachedFromTarget "Target.detachedFromTarget": SessionRef,
    TargetTargetCrashed "Target.targetCrashed": TargetGone<'a>,
    TargetTargetCreated "Target.targetCreated": WithTargetInfo<'a>,
    TargetTargetDestroyed "Target.targetDestroyed": TargetGone<'a>,
    TargetTargetInfoChanged "Target.targetInfoChanged": WithTargetInfo<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_again() {
        for &method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(method));
        }
        for &event in EventName::ALL {
            assert_eq!(EventName::parse(event.as_str()), Some(event));
        }
        assert_eq!(Method::parse("Runtime.enable"), None);
        assert_eq!(EventName::parse("Page.loadEventFired"), None);
    }
}

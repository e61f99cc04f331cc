//! JavaScript worlds of our own in a page's frames, which the page's scripts can't reach. `Runtime.enable`
//! isn't needed for them, and never used: pages can notice it.

use alloc::{borrow::Cow, vec::Vec};

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;

/// The parameters of `Page.createIsolatedWorld`. The same name in the same document is the same world.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateIsolatedWorld<'a> {
    /// The frame.
    pub frame_id: &'a str,
    /// What the world is called in the browser's own tools.
    pub world_name: &'static str,
}

/// The parameters of `Page.addScriptToEvaluateOnNewDocument`. It lasts as long as the CDP session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddScript {
    /// What is run in each document of the page before any script of its own.
    pub source: &'static str,
    /// In which world.
    pub world_name: &'static str,
}

/// The result of `Page.createIsolatedWorld`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IsolatedWorld {
    /// What names the world in its frame's CDP session, until the frame shows another document.
    pub execution_context_id: i64,
}

/// The parameters of `Runtime.evaluate`. No `Debug`: it may hold what a human typed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluate<'a> {
    /// What to do.
    pub expression: &'a str,
    /// In which world.
    pub context_id: i64,
    /// Whether the value itself is wanted, not a name for it.
    pub return_by_value: bool,
    /// Whether the answer waits for a promise.
    pub await_promise: bool,
    /// Whether it counts as done by the human.
    pub user_gesture: bool,
}

/// The result of `Runtime.evaluate`. No `Debug`: it may hold what a human copied.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluated<'a> {
    #[serde(borrow)]
    result: RemoteObject<'a>,
    #[serde(default)]
    exception_details: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RemoteObject<'a> {
    #[serde(default)]
    value: Option<Value>,
    #[serde(borrow, default)]
    object_id: Option<Cow<'a, str>>,
}

impl<'a> Evaluated<'a> {
    /// Tells whether it came to its end.
    pub const fn is_done(&self) -> bool {
        self.exception_details.is_none()
    }

    /// Returns the value; `None` if there is none, or it was thrown.
    pub fn value(self) -> Option<Value> {
        self.result
            .value
            .filter(|_| self.exception_details.is_none())
    }

    /// Returns the name of what was found.
    pub fn object_id(self) -> Option<Cow<'a, str>> {
        self.result
            .object_id
            .filter(|_| self.exception_details.is_none())
    }
}

/// The parameters of `DOM.describeNode` and of `Runtime.releaseObject`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef<'a> {
    /// What [`Evaluated::object_id`] named.
    pub object_id: &'a str,
}

/// The parameters of `Runtime.callFunctionOn`. No `Debug`: it may hold what a human sends.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallFunctionOn<'a, A> {
    /// The function.
    pub function_declaration: &'a str,
    /// Its `this`, in whose world it runs.
    pub object_id: &'a str,
    /// What it is given.
    pub arguments: A,
    /// Whether the value itself is wanted, not a name for it.
    pub return_by_value: bool,
}

/// Something that a function is given.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Argument<'a, T> {
    /// By value.
    Value(T),
    /// By its name.
    ObjectId(&'a str),
}

/// The parameters of `DOM.resolveNode`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolveNode {
    /// The element.
    pub backend_node_id: i64,
    /// The world that is to know it.
    pub execution_context_id: i64,
}

/// The result of `DOM.resolveNode`.
#[derive(Deserialize)]
pub struct ResolvedNode<'a> {
    #[serde(borrow)]
    object: RemoteObject<'a>,
}

impl ResolvedNode<'_> {
    /// Returns the element's name.
    pub fn object_id(&self) -> Option<&str> {
        self.object.object_id.as_deref()
    }
}

/// The result of `DOM.describeNode`.
#[derive(Deserialize)]
pub struct NodeDescribed<'a> {
    #[serde(borrow)]
    node: Node<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node<'a> {
    #[serde(borrow, default)]
    frame_id: Option<Cow<'a, str>>,
    /// Names and values in turn.
    #[serde(borrow, default)]
    attributes: Vec<Cow<'a, str>>,
}

impl NodeDescribed<'_> {
    /// Returns the frame that stands in this element.
    pub fn frame_id(&self) -> Option<&str> {
        self.node.frame_id.as_deref()
    }

    /// Returns the value of an attribute; `None` if the element hasn't got it.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut pairs = self.node.attributes.chunks_exact(2);
        pairs.find_map(|pair| match pair {
            [each, value] if each.eq_ignore_ascii_case(name) => Some(value.as_ref()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluated(json: &str) -> Evaluated<'_> {
        serde_json::from_str(json).expect("well formed")
    }

    #[test]
    fn what_is_thrown_is_no_value() {
        let json = r#"{"result":{"type":"object","value":{"a":1}}}"#;
        assert_eq!(evaluated(json).value(), Some(serde_json::json!({"a": 1})));
        let json = r#"{"result":{"type":"object","value":{"a":1}},"exceptionDetails":{"text":"Uncaught"}}"#;
        assert_eq!(evaluated(json).value(), None);
        let json = r#"{"result":{"type":"undefined"}}"#;
        assert_eq!(evaluated(json).value(), None);
    }

    #[test]
    fn a_frame_is_found_by_its_element() {
        let json = r#"{"result":{"type":"object","subtype":"node","objectId":"7.1"}}"#;
        assert_eq!(evaluated(json).object_id().as_deref(), Some("7.1"));
        let json = r#"{"node":{"nodeId":0,"nodeName":"IFRAME","frameId":"F2"}}"#;
        let node: NodeDescribed<'_> = serde_json::from_str(json).expect("well formed");
        assert_eq!(node.frame_id(), Some("F2"));
    }

    #[test]
    fn an_attribute_is_found_by_its_name_and_not_by_a_value() {
        let json = r#"{"node":{"nodeId":0,"attributes":["accept","multiple","capture","","odd"]}}"#;
        let node: NodeDescribed<'_> = serde_json::from_str(json).expect("well formed");
        assert_eq!(node.attribute("accept"), Some("multiple"));
        assert_eq!(node.attribute("capture"), Some(""));
        assert_eq!(node.attribute("multiple"), None);
        assert_eq!(node.attribute("odd"), None);
        let bare: NodeDescribed<'_> = serde_json::from_str(r#"{"node":{}}"#).expect("well formed");
        assert_eq!(bare.attribute("accept"), None);
    }
}

//! What we send, held against the description.

use serde_json::Value;

use super::protocol::{Kind, Protocol, Shape};

impl Protocol {
    /// Says in which ways a command isn't as it is described.
    pub fn faults(&self, method: &str, params: &Value) -> Vec<String> {
        let mut faults = Faults(Vec::new());
        match self.command(method) {
            None => faults.add(method, "is no command"),
            Some((domain, command)) => {
                if command.deprecated || self.is_deprecated(domain) {
                    faults.add(method, "is deprecated");
                }
                self.check_members(method, domain, &command.parameters, params, &mut faults);
            }
        }
        faults.0
    }

    fn check_members(
        &self,
        at: &str,
        domain: &str,
        shapes: &[Shape],
        value: &Value,
        faults: &mut Faults,
    ) {
        let Some(object) = value.as_object() else {
            return faults.add(at, "isn't an object");
        };
        for (name, member) in object {
            let at = format!("{at}.{name}");
            match shapes.iter().find(|shape| shape.name == *name) {
                None => faults.add(&at, "isn't described"),
                Some(shape) => {
                    if shape.deprecated {
                        faults.add(&at, "is deprecated");
                    }
                    self.check(&at, domain, shape, member, faults);
                }
            }
        }
        for shape in shapes {
            if !shape.optional && !object.contains_key(&shape.name) {
                faults.add(&format!("{at}.{}", shape.name), "is left out");
            }
        }
    }

    fn check(&self, at: &str, domain: &str, shape: &Shape, value: &Value, faults: &mut Faults) {
        let (domain, shape) = self.resolve(domain, shape);
        let is_of_its_kind = match shape.kind {
            None | Some(Kind::Any) => true,
            Some(Kind::Array) => value.is_array(),
            Some(Kind::Boolean) => value.is_boolean(),
            Some(Kind::Integer) => value.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
            Some(Kind::Number) => value.is_number(),
            Some(Kind::Object) => value.is_object(),
            Some(Kind::String) => value.is_string(),
        };
        if !is_of_its_kind {
            return faults.add(at, "is of another kind");
        }
        if let Some(text) = value.as_str()
            && !shape.values.is_empty()
            && !shape.values.iter().any(|legal| legal == text)
        {
            faults.add(at, "is none of the texts it may be");
        }
        if let (Some(items), Some(list)) = (&shape.items, value.as_array()) {
            for item in list {
                self.check(at, domain, items, item, faults);
            }
        }
        if !shape.properties.is_empty() {
            self.check_members(at, domain, &shape.properties, value, faults);
        }
    }
}

struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, at: &str, what: &str) {
        self.0.push(format!("{at} {what}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DESCRIPTION: &str = r##"{"domains": [
        {"domain": "Page", "commands": [
            {"name": "go", "parameters": [
                {"name": "how", "$ref": "Speed.Kind"},
                {"name": "far", "type": "integer", "optional": true},
                {"name": "old", "type": "boolean", "optional": true, "deprecated": true},
                {"name": "via", "type": "array", "optional": true, "items": {"$ref": "Place"}}
            ]},
            {"name": "stop", "deprecated": true}
        ], "types": [{"id": "Place", "type": "object", "properties": [{"name": "x", "type": "number"}]}]},
        {"domain": "Speed", "types": [{"id": "Kind", "type": "string", "enum": ["slow", "fast"]}]},
        {"domain": "Past", "deprecated": true, "commands": [{"name": "go"}]}
    ]}"##;

    fn faults(method: &str, params: Value) -> Vec<String> {
        let mut protocol = Protocol::default();
        protocol.add(DESCRIPTION);
        protocol.faults(method, &params)
    }

    #[test]
    fn what_is_described_has_no_faults() {
        let all = json!({"how": "fast", "far": -3, "via": [{"x": 0.5}, {"x": 1}]});
        for params in [json!({"how": "slow"}), all] {
            assert_eq!(faults("Page.go", params), [""; 0]);
        }
    }

    #[test]
    fn what_is_not_described_is_found() {
        for (method, params, fault) in [
            ("Page.run", json!({}), "Page.run is no command"),
            ("page", json!({}), "page is no command"),
            ("Page.stop", json!({}), "Page.stop is deprecated"),
            ("Past.go", json!({}), "Past.go is deprecated"),
            ("Page.go", json!({}), "Page.go.how is left out"),
            ("Page.go", json!([]), "Page.go isn't an object"),
            (
                "Page.go",
                json!({"how": "late"}),
                "Page.go.how is none of the texts it may be",
            ),
            (
                "Page.go",
                json!({"how": "slow", "who": 1}),
                "Page.go.who isn't described",
            ),
            (
                "Page.go",
                json!({"how": "slow", "old": true}),
                "Page.go.old is deprecated",
            ),
            (
                "Page.go",
                json!({"how": "slow", "far": 0.5}),
                "Page.go.far is of another kind",
            ),
            (
                "Page.go",
                json!({"how": "slow", "far": 1_u64 << 31}),
                "Page.go.far is of another kind",
            ),
            (
                "Page.go",
                json!({"how": "slow", "via": [{"x": "1"}]}),
                "Page.go.via.x is of another kind",
            ),
            (
                "Page.go",
                json!({"how": "slow", "via": [{}]}),
                "Page.go.via.x is left out",
            ),
        ] {
            assert_eq!(faults(method, params), [fault]);
        }
    }
}

//! What the browser says, made from the description: whatever reads it reads what is promised.

use std::slice;

use serde::{
    Deserializer, de,
    de::{
        Error as _,
        value::{BorrowedStrDeserializer, Error},
    },
    forward_to_deserialize_any,
};

use super::protocol::{Kind, Protocol, Shape};

/// How deep a value that holds values of its own type is made.
const DEEPEST: usize = 6;

/// How many entries a list has.
const ENTRIES: usize = 2;

/// Whether what may be left out is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optional {
    /// All of it.
    There,
    /// None of it.
    LeftOut,
}

/// Deprecated events that are read all the same. To be told of downloads by the successor one has to say what becomes
/// of them, which is the AI agent's affair.
const KEPT: [&str; 1] = ["Page.downloadWillBegin"];

/// A value that the description promises.
///
/// It can be read as anything: by a type of ours, which fails if it looks for a member that isn't
/// described or is deprecated, if it needs one that may be left out, or takes it for something else;
/// and by [`serde_json::Value`], which makes a sample of it.
#[derive(Clone, Copy)]
pub struct Said<'p> {
    protocol: &'p Protocol,
    domain: &'p str,
    what: What<'p>,
    optional: Optional,
    depth: usize,
}

#[derive(Clone, Copy)]
enum What<'p> {
    /// An event's parameters, or a command's results.
    Members(&'p [Shape]),
    One(&'p Shape),
}

impl<'p> Said<'p> {
    /// The answer to a command.
    pub fn answer(protocol: &'p Protocol, method: &str, optional: Optional) -> Option<Self> {
        let (domain, command) = protocol.command(method)?;
        Some(Self::of(protocol, domain, &command.returns, optional))
    }

    /// An event's parameters. None if it is deprecated, and isn't kept.
    pub fn event(protocol: &'p Protocol, name: &str, optional: Optional) -> Option<Self> {
        let (domain, event) = protocol.event(name)?;
        let is_deprecated = event.deprecated || protocol.is_deprecated(domain);
        (!is_deprecated || KEPT.contains(&name))
            .then(|| Self::of(protocol, domain, &event.parameters, optional))
    }

    fn of(
        protocol: &'p Protocol,
        domain: &'p str,
        members: &'p [Shape],
        optional: Optional,
    ) -> Self {
        Self {
            protocol,
            domain,
            what: What::Members(members),
            optional,
            depth: 0,
        }
    }

    /// Something within.
    fn inner(self, shape: &'p Shape) -> Self {
        Self {
            what: What::One(shape),
            depth: self.depth + 1,
            ..self
        }
    }

    /// Looks up what it is: the members of an object, or something else.
    fn resolved(self) -> (Self, Result<&'p [Shape], &'p Shape>) {
        match self.what {
            What::Members(members) => (self, Ok(members)),
            What::One(shape) => {
                let (domain, shape) = self.protocol.resolve(self.domain, shape);
                let what = match shape.kind {
                    Some(Kind::Object) => Ok(shape.properties.as_slice()),
                    _ => Err(shape),
                };
                (Self { domain, ..self }, what)
            }
        }
    }

    fn is_there(self, member: &Shape) -> bool {
        !member.optional || (self.optional == Optional::There && self.depth < DEEPEST)
    }
}

impl<'p> Deserializer<'p> for Said<'p> {
    type Error = Error;

    fn deserialize_any<V: de::Visitor<'p>>(self, visitor: V) -> Result<V::Value, Error> {
        let (said, what) = self.resolved();
        let shape = match what {
            Ok(members) => {
                return visitor.visit_map(Members {
                    said,
                    left: members.iter(),
                    value: None,
                });
            }
            Err(shape) => shape,
        };
        match shape.kind {
            Some(Kind::Array) => {
                let items = shape.items.as_deref();
                visitor.visit_seq(Entries {
                    said,
                    items,
                    left: ENTRIES,
                })
            }
            Some(Kind::Boolean) => visitor.visit_bool(true),
            Some(Kind::Integer) => visitor.visit_i32(i32::MAX),
            Some(Kind::Number) => visitor.visit_f64(0.5),
            Some(Kind::String) => {
                visitor.visit_borrowed_str(shape.values.first().map_or("text", String::as_str))
            }
            Some(Kind::Any | Kind::Object) | None => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: de::Visitor<'p>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_ignored_any<V: de::Visitor<'p>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_struct<V: de::Visitor<'p>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (said, what) = self.resolved();
        let Ok(members) = what else {
            return Err(Error::custom(format_args!("{name} is read of no object")));
        };
        for field in fields {
            let Some(member) = members.iter().find(|member| member.name == *field) else {
                let told = format_args!("{name}.{field} isn't described");
                return Err(Error::custom(told));
            };
            if member.deprecated {
                return Err(Error::custom(format_args!("{name}.{field} is deprecated")));
            }
        }
        said.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        <V: Visitor<'p>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier
    }
}

/// An object's members, one after the other.
struct Members<'p> {
    said: Said<'p>,
    left: slice::Iter<'p, Shape>,
    value: Option<&'p Shape>,
}

impl<'p> de::MapAccess<'p> for Members<'p> {
    type Error = Error;

    fn next_key_seed<K: de::DeserializeSeed<'p>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let said = self.said;
        self.value = self.left.find(|member| said.is_there(member));
        self.value
            .map(|member| seed.deserialize(BorrowedStrDeserializer::new(&member.name)))
            .transpose()
    }

    fn next_value_seed<V: de::DeserializeSeed<'p>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let member = self.value.take().expect("a value follows its key");
        seed.deserialize(self.said.inner(member))
    }
}

/// A list's entries, one after the other.
struct Entries<'p> {
    said: Said<'p>,
    items: Option<&'p Shape>,
    left: usize,
}

impl<'p> de::SeqAccess<'p> for Entries<'p> {
    type Error = Error;

    fn next_element_seed<T: de::DeserializeSeed<'p>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(items) = self.items.filter(|_| self.left > 0) else {
            return Ok(None);
        };
        self.left -= 1;
        seed.deserialize(self.said.inner(items)).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    const DESCRIPTION: &str = r##"{"domains": [{"domain": "Page",
        "types": [{"id": "Tree", "type": "object", "properties": [
            {"name": "name", "type": "string"},
            {"name": "kind", "type": "string", "enum": ["oak", "elm"], "optional": true},
            {"name": "size", "type": "integer"},
            {"name": "area", "type": "number"},
            {"name": "age", "type": "integer", "optional": true},
            {"name": "leaf", "type": "boolean", "deprecated": true},
            {"name": "branches", "type": "array", "items": {"$ref": "Tree"}, "optional": true}
        ]}],
        "events": [
            {"name": "grown", "parameters": [{"name": "tree", "$ref": "Tree"}]},
            {"name": "felled", "deprecated": true}
        ]}]}"##;

    fn protocol() -> Protocol {
        let mut protocol = Protocol::default();
        protocol.add(DESCRIPTION);
        protocol
    }

    fn read<T: for<'a> Deserialize<'a>>(optional: Optional) -> Result<T, String> {
        #[derive(Deserialize)]
        struct Grown<T> {
            tree: T,
        }
        let protocol = protocol();
        let said = Said::event(&protocol, "Page.grown", optional).expect("it is described");
        let grown = Grown::deserialize(said).map_err(|error| error.to_string())?;
        Ok(grown.tree)
    }

    #[test]
    fn a_sample_has_what_is_required_and_if_wanted_all() {
        let least = json!({"name": "text", "size": i32::MAX, "area": 0.5, "leaf": true});
        assert_eq!(read::<Value>(Optional::LeftOut), Ok(least));
        let most: Value = read(Optional::There).expect("a value can be anything");
        assert_eq!(
            (&most["kind"], &most["age"]),
            (&json!("oak"), &json!(i32::MAX))
        );
        assert_eq!(most["branches"][1]["branches"][0]["name"], "text");
    }

    #[test]
    fn what_reads_no_more_than_is_promised_succeeds() {
        #[derive(Deserialize)]
        struct Tree {
            name: String,
            size: u32,
            area: f64,
            age: Option<i64>,
            #[serde(default)]
            branches: Vec<Tree>,
        }
        for (optional, branches) in [(Optional::There, ENTRIES), (Optional::LeftOut, 0)] {
            let tree: Tree = read(optional).expect("it is promised");
            assert_eq!((tree.name.as_str(), tree.area), ("text", 0.5));
            assert_eq!(tree.age, (branches > 0).then_some(i64::from(tree.size)));
            assert_eq!(tree.branches.len(), branches);
        }
    }

    #[test]
    fn what_reads_more_fails() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Unheard {
            height: Option<u32>,
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct Old {
            leaf: bool,
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct Needy {
            age: u32,
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct Whole {
            area: u32,
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct Deep {
            name: Old,
        }
        let fails = |error: Option<String>, with: &str| {
            let error = error.expect("it isn't promised");
            assert!(error.contains(with), "{error}");
        };
        let there = Optional::There;
        fails(
            read::<Unheard>(there).err(),
            "Unheard.height isn't described",
        );
        fails(read::<Old>(there).err(), "Old.leaf is deprecated");
        fails(
            read::<Needy>(Optional::LeftOut).err(),
            "missing field `age`",
        );
        fails(read::<Whole>(there).err(), "invalid type");
        fails(read::<Deep>(there).err(), "Old is read of no object");
        assert!(read::<Needy>(there).is_ok());
    }

    #[test]
    fn what_is_gone_or_never_was_says_nothing() {
        let protocol = protocol();
        for name in ["Page.felled", "Page.planted", "Tree.grown", ""] {
            assert!(Said::event(&protocol, name, Optional::There).is_none());
        }
    }
}

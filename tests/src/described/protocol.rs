//! The description as it is published: domains of types, commands and events.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

/// Where `scripts/install-tools.sh clients` puts it.
const INSTALLED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../target/devtools-protocol/node_modules/devtools-protocol/json"
);

/// The whole protocol.
#[derive(Debug, Default)]
pub struct Protocol(BTreeMap<String, Domain>);

#[derive(Debug, Deserialize)]
struct File {
    domains: Vec<Domain>,
}

#[derive(Debug, Deserialize)]
struct Domain {
    domain: String,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    types: Vec<Shape>,
    #[serde(default)]
    commands: Vec<Word>,
    #[serde(default)]
    events: Vec<Word>,
}

/// A command or an event.
#[derive(Debug, Deserialize)]
pub(super) struct Word {
    name: String,
    /// Whether it will be gone one day.
    #[serde(default)]
    pub(super) deprecated: bool,
    /// What is sent with it.
    #[serde(default)]
    pub(super) parameters: Vec<Shape>,
    /// What a command answers.
    #[serde(default)]
    pub(super) returns: Vec<Shape>,
}

/// A type, or a member of one.
#[derive(Debug, Deserialize)]
pub(super) struct Shape {
    /// A member's name, or a type's.
    #[serde(default, alias = "id")]
    pub(super) name: String,
    /// Whether it may be left out.
    #[serde(default)]
    pub(super) optional: bool,
    /// Whether it will be gone one day.
    #[serde(default)]
    pub(super) deprecated: bool,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    /// What it is; absent if it is of a named type.
    #[serde(rename = "type")]
    pub(super) kind: Option<Kind>,
    /// The only texts it may be, if there are any.
    #[serde(default, rename = "enum")]
    pub(super) values: Vec<String>,
    /// What a list holds.
    pub(super) items: Option<Box<Shape>>,
    /// What an object holds; none if it may hold anything.
    #[serde(default)]
    pub(super) properties: Vec<Shape>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Any,
    Array,
    Boolean,
    Integer,
    Number,
    Object,
    String,
}

impl Protocol {
    /// Reads the description that is installed.
    ///
    /// # Panics
    ///
    /// Fails if it isn't.
    pub fn installed() -> Self {
        let mut protocol = Self::default();
        for file in ["browser_protocol.json", "js_protocol.json"] {
            let text = fs::read_to_string(Path::new(INSTALLED).join(file))
                .expect("scripts/install-tools.sh clients has installed it");
            protocol.add(&text);
        }
        protocol
    }

    /// Adds what one file describes.
    ///
    /// # Panics
    ///
    /// Fails if that isn't a description.
    pub fn add(&mut self, text: &str) {
        let file: File = serde_json::from_str(text).expect("a description");
        let named = |domain: Domain| (domain.domain.clone(), domain);
        self.0.extend(file.domains.into_iter().map(named));
    }

    /// Finds a command, such as `Page.enable`, and its domain.
    pub(super) fn command(&self, name: &str) -> Option<(&str, &Word)> {
        self.word(name, |domain| &domain.commands)
    }

    /// Finds an event, such as `Page.screencastFrame`, and its domain.
    pub(super) fn event(&self, name: &str) -> Option<(&str, &Word)> {
        self.word(name, |domain| &domain.events)
    }

    /// Tells whether a domain will be gone one day.
    pub(super) fn is_deprecated(&self, domain: &str) -> bool {
        self.0.get(domain).is_some_and(|domain| domain.deprecated)
    }

    fn word(&self, name: &str, of: fn(&Domain) -> &[Word]) -> Option<(&str, &Word)> {
        let (domain, name) = name.split_once('.')?;
        let domain = self.0.get(domain)?;
        let word = of(domain).iter().find(|word| word.name == name)?;
        Some((&domain.domain, word))
    }

    /// Follows a shape's reference, seen from its domain, to the type it names.
    ///
    /// # Panics
    ///
    /// Fails if the description names a type that it doesn't describe.
    pub(super) fn resolve<'p>(&'p self, domain: &'p str, shape: &'p Shape) -> (&'p str, &'p Shape) {
        let Some(reference) = &shape.reference else {
            return (domain, shape);
        };
        let (domain, name) = reference.split_once('.').unwrap_or((domain, reference));
        let named = self.0.get(domain).and_then(|domain| {
            let shape = domain.types.iter().find(|shape| shape.name == name)?;
            Some((domain.domain.as_str(), shape))
        });
        named.expect("what it names it describes")
    }
}

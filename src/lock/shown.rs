//! Pins of what servers show beside the words of their tools: prompts, resources, icons, and `_meta`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::pin::{canonical, digest};
use super::{Pinned, Pins, UNKNOWN};
use crate::document::{Document, Node};
use crate::extract::schema;
use crate::load::Loaded;
use crate::model::known::Spanned;
use crate::model::text::ModelText;
use crate::model::tool::Tool;
use crate::model::{Facts, ServerId};
use crate::source::Span;

/// Most nodes of one listing that are searched for a tool.
const MOST: usize = 500_000;

/// Tools as listings and manifests hold them, by the place of their names.
pub struct Listed<'a>(BTreeMap<Span, Node<'a>>);

impl<'a> Listed<'a> {
    /// The tools of every listing that a fact was read from.
    pub fn of(loaded: &'a Loaded, facts: &Facts) -> Self {
        let mut found = BTreeMap::new();
        let mut sources: Vec<_> = facts.tools.iter().map(|tool| tool.about.span.source).collect();
        sources.sort_unstable();
        sources.dedup();
        for document in sources.into_iter().filter_map(|source| loaded.document(loaded.file(source)?)) {
            named(document, &mut found);
        }
        Listed(found)
    }

    /// Digest of what stands under a key of a listed tool.
    pub fn part(&self, tool: &Tool, key: &str) -> Pinned {
        let node = self.0.get(&tool.about.span)?.get(key).filter(|node| !node.is_null())?;
        let text = schema::read(node).map_or(UNKNOWN.to_string(), |read| digest(canonical(&read.json).as_bytes()));
        Some(Spanned::new(text, node.span()))
    }
}

fn named<'a>(document: &'a Document, found: &mut BTreeMap<Span, Node<'a>>) {
    let mut open: Vec<Node<'a>> = document.roots().collect();
    let mut left = MOST;
    while let Some(node) = open.pop().filter(|_| left > 0) {
        left -= 1;
        if let Some(name) = node.get("name").filter(|name| name.as_str().is_some()) {
            found.insert(name.span(), node);
        }
        let below = node.items().chain(node.entries().map(|(_, value)| value));
        open.extend(below.filter(|node| node.is_map() || node.is_list()));
    }
}

/// Prompts or resources of a server by name: the digest of everything that is said of each.
pub fn offered(facts: &Facts, id: ServerId, slot: &str) -> BTreeMap<String, Pins> {
    let mut texts: BTreeMap<String, Vec<&ModelText>> = BTreeMap::new();
    for text in of_server(facts, id, slot) {
        texts.entry(text.about.name.clone()).or_default().push(text);
    }
    let pins = |(name, mut texts): (String, Vec<&ModelText>)| {
        texts.sort_by_key(|text| text.about.span);
        let words: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
        let span = texts.first()?.about.span;
        let text = Spanned::new(digest(canonical(&Value::from(words)).as_bytes()), span);
        Some((name, Pins { span, parts: BTreeMap::from([("text", text)]) }))
    };
    texts.into_iter().filter_map(pins).collect()
}

/// Digest of the icons that a server shows for itself.
pub fn icons(facts: &Facts, id: ServerId) -> Pinned {
    let is_tools = |name: &str| facts.tools_of(id).any(|(_, tool)| tool.about.name == name);
    let own = of_server(facts, id, "icon").filter(|text| text.about.tool.is_none() && !is_tools(&text.about.name));
    of_icons(own.collect())
}

/// Digest of the icons that source gives to a tool.
pub fn icons_of(facts: &Facts, tool: &Tool) -> Pinned {
    let is_own =
        |text: &&ModelText| text.slot == "icon" && text.found_in == "source" && text.about.name == tool.about.name;
    let own = facts.texts.iter().filter(|text| is_own(text) && text.about.server == tool.about.server);
    of_icons(own.collect())
}

fn of_icons(own: Vec<&ModelText>) -> Pinned {
    let place = own.first()?.about.span;
    let mut words: Vec<&str> = own.iter().map(|text| text.text.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    Some(Spanned::new(digest(canonical(&Value::from(words)).as_bytes()), place))
}

fn of_server<'f>(facts: &'f Facts, id: ServerId, slot: &'f str) -> impl Iterator<Item = &'f ModelText> {
    facts.texts.iter().filter(move |text| text.about.server == Some(id) && text.slot == slot)
}

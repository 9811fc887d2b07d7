//! What Docker's gateway is told beside its catalogue: which servers it starts, which of their tools, and with what values.

use std::collections::BTreeMap;

use crate::discover::FileKind;
use crate::discover::kind::name_of;
use crate::document::Node;
use crate::extract::command::{Launch, Word};
use crate::extract::definitions::catalogue::word;
use crate::extract::definitions::entry;
use crate::extract::definitions::setting::Origin;
use crate::load::{File, Loaded, content};
use crate::model::definition::Definition;
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};
use crate::source::Span;

/// Most servers of one file, and most values of one placeholder.
const MOST: usize = 1_000;

/// `registry.yaml`, `tools.yaml` and `config.yaml` of one folder. Without them every server of a catalogue may be started.
#[derive(Default)]
pub struct Choice<'a> {
    folder: Option<&'a str>,
    /// Servers that are started, with their places.
    started: BTreeMap<String, Span>,
    tools: BTreeMap<String, Node<'a>>,
    values: BTreeMap<String, Node<'a>>,
}

impl<'a> Choice<'a> {
    /// The choice of a tree: the files beside the first list of servers that are started.
    pub fn of(loaded: &'a Loaded) -> Self {
        let lists = loaded.documents_of(FileKind::Catalogue).filter(|(file, _)| file.role.is_own());
        let mut lists = lists.filter(|(_, document)| document.root().is_some_and(content::is_enabled_list));
        let Some((file, list)) = lists.next() else { return Self::default() };
        let folder = folder_of(&file.path);
        let beside = |name: &str| {
            let path = if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") };
            let root = loaded.find(&path).and_then(|file| loaded.document(file)?.root());
            let entries = root.into_iter().flat_map(Node::entries).take(MOST);
            entries.filter_map(|(key, value)| Some((key.scalar()?, value))).collect::<BTreeMap<_, _>>()
        };
        let registry = list.root().and_then(|root| root.get("registry"));
        let started = registry.into_iter().flat_map(Node::entries).take(MOST);
        Choice {
            folder: Some(folder),
            started: started.filter_map(|(key, _)| Some((key.scalar()?, key.span()))).collect(),
            tools: beside("tools.yaml"),
            values: beside("config.yaml"),
        }
    }

    /// Whether a file is one of these.
    pub fn is_about(&self, file: &File) -> bool {
        let own = matches!(name_of(&file.path), "registry.yaml" | "tools.yaml" | "config.yaml");
        own && self.folder == Some(folder_of(&file.path))
    }

    /// What the choice says of a server of the catalogue: whether it is started, and which of its tools are.
    pub fn settle(&self, definition: &mut Definition) {
        let name = &definition.about.name;
        definition.disabled |= self.folder.is_some() && !self.started.contains_key(name);
        if let Some(list) = self.tools.get(name).filter(|list| list.is_list()) {
            definition.enabled_tools = Known::is(list.items().filter_map(word).collect(), list.span());
        }
    }

    /// A volume of the catalogue with its `{{server.key|volume}}` filled in: one word for each value of a list, and a
    /// variable in its place where nothing sets it.
    pub fn filled(&self, server: &str, volume: Word) -> Vec<Word> {
        let Some((before, rest)) = volume.value.split_once("{{") else { return vec![volume] };
        let Some((inner, after)) = rest.split_once("}}") else { return vec![volume.clone()] };
        let mut filters = inner.split('|').map(str::trim);
        let chain: Vec<&str> = filters.next().unwrap_or_default().split('.').collect();
        let is_mount = filters.any(|filter| filter == "volume" || filter == "volume-target");
        let own = chain.split_first().filter(|(first, _)| **first == server || self.values.contains_key(**first));
        let value = own.and_then(|(first, keys)| self.values.get(*first)?.at(keys));
        let texts: Vec<Word> = match value {
            Some(list) if list.is_list() => list.items().take(MOST).filter_map(word).collect(),
            Some(one) => word(one).into_iter().collect(),
            None => vec![Spanned::new(format!("${{{}}}", chain.join("_")), volume.span)],
        };
        let whole = |text: &Word| {
            let alone = is_mount && before.is_empty() && after.is_empty();
            let text = if alone { format!("{0}:{0}", text.value) } else { format!("{before}{}{after}", text.value) };
            Spanned::new(text, volume.span)
        };
        texts.iter().map(whole).collect()
    }

    /// Servers that are started from a catalogue that is not in the tree.
    pub fn unlisted(&self, facts: &mut Facts) {
        let known = |name: &str| {
            let mut all = facts.definitions.iter().filter(|one| one.hosts.iter().any(|host| host == "docker-mcp"));
            all.any(|one| one.about.name == name)
        };
        let missing: Vec<(String, Span)> =
            self.started.iter().filter(|(name, _)| !known(name)).map(|(name, span)| (name.clone(), *span)).collect();
        for (name, span) in missing {
            let reason = "the catalogue that says what it is stands elsewhere";
            let launch = Launch { package: Known::unknown(reason, span), ..Launch::default() };
            let origin = Origin { definition: span, file_kind: "catalogue", hosts: &[], guests: &[] };
            let mut definition = entry::launched(About::new(name, span), &[], Vec::new(), launch, origin, facts);
            definition.version = Known::unknown(reason, span);
            definition.confinement = Known::is("container".to_string(), span);
            definition.hosts = vec!["docker-mcp".to_string()];
            definition.can_name_tools = true;
            self.settle(&mut definition);
            facts.definitions.push(definition);
        }
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

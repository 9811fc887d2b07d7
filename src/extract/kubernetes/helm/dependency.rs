//! Charts that a chart depends on, as far as they are in the tree: rendered with the values that the chart gives them.

use super::{Chart, Templates, is_library, join, overlay, read};
use crate::document::{Node, NodeKind};
use crate::extract::boundary::reference;
use crate::extract::kubernetes::arena::Arena;
use crate::extract::kubernetes::kustomize::Build;
use crate::gap::{Gap, GapKind};
use crate::load::Loaded;

/// Charts that may depend on each other in a row.
pub(super) const DEPTH: usize = 6;
/// Dependencies of one chart.
const MOST: usize = 64;

/// A dependency as it is used: the chart, and the key that its values stand under.
struct Used<'l> {
    chart: Chart<'l>,
    key: String,
    entry: Option<Node<'l>>,
}

impl<'l> Chart<'l> {
    /// Folders of the charts that it depends on and that are in the tree.
    pub(super) fn dependency_folders(&self, loaded: &Loaded) -> Vec<String> {
        let start = join(&self.folder, "charts/");
        let below = loaded.files.iter().filter_map(|file| {
            let (name, rest) = file.path.strip_prefix(&start)?.split_once('/')?;
            (rest == "Chart.yaml").then(|| format!("{start}{name}"))
        });
        let beside = self.listed().filter_map(|entry| {
            let path = entry.get("repository").and_then(Node::as_str)?.strip_prefix("file://")?;
            reference::under(&self.folder, path)
        });
        let beside = beside.filter(|folder| loaded.find(&join(folder, "Chart.yaml")).is_some());
        let mut found: Vec<String> = below.chain(beside).take(MOST).collect();
        found.sort();
        found.dedup();
        found
    }

    fn listed(&self) -> impl Iterator<Item = Node<'l>> + use<'l> {
        self.about.and_then(|about| about.get("dependencies")).into_iter().flat_map(Node::items)
    }

    /// Renders what it depends on, each with its own values below those that this chart gives it; charts of charts to a
    /// depth.
    pub(super) fn render_below(
        &self,
        loaded: &'l Loaded,
        templates: &Templates<'_>,
        values: Option<Node<'_>>,
        variant: Option<&str>,
        build: &mut Build,
        depth: usize,
    ) {
        for used in self.used(loaded).into_iter().filter(|_| depth > 0) {
            if used.entry.is_some_and(|entry| !is_on(entry, values)) {
                continue;
            }
            let Some(first) = used.chart.templates.first() else { continue };
            let mut arena = Arena::new(first.0.source);
            let own = used.chart.values(loaded, "values.yaml");
            let base = match own.filter(|own| own.is_map()) {
                Some(own) => arena.copy(own),
                None => arena.add(NodeKind::Map(Vec::new()), crate::source::Span::new(first.0.source, 0, 0)),
            };
            if let Some(over) = values.and_then(|values| values.get(&used.key)).filter(|over| over.is_map()) {
                overlay(&mut arena, base, over, 100);
            }
            if let Some(global) = values.and_then(|values| values.get("global")).filter(|global| global.is_map()) {
                let target = arena.map_at(base, &["global"], global.span());
                overlay(&mut arena, target, global, 100);
            }
            used.chart.render(loaded, templates, Some(arena.node(base)), variant, build);
            used.chart.render_below(loaded, templates, Some(arena.node(base)), variant, build, depth - 1);
        }
        if variant.is_none() {
            self.missing(loaded, build);
        }
    }

    /// Its dependencies, each once for every name that it is used under.
    fn used(&self, loaded: &'l Loaded) -> Vec<Used<'l>> {
        let mut found = Vec::new();
        for folder in self.dependency_folders(loaded) {
            let chart = read(loaded, &folder);
            if is_library(&chart) {
                continue;
            }
            let name = name_of(&chart);
            let entries: Vec<Node<'l>> =
                self.listed().filter(|entry| text(*entry, "name").as_deref() == Some(&name)).take(MOST).collect();
            if entries.is_empty() {
                found.push(Used { chart, key: name, entry: None });
                continue;
            }
            for entry in entries {
                let key = text(entry, "alias").unwrap_or_else(|| name.clone());
                found.push(Used { chart: read(loaded, &folder), key, entry: Some(entry) });
            }
        }
        found.truncate(MOST);
        found
    }

    /// Says which of its dependencies stand elsewhere.
    fn missing(&self, loaded: &Loaded, build: &mut Build) {
        let here: Vec<String> =
            self.dependency_folders(loaded).iter().map(|folder| name_of(&read(loaded, folder))).collect();
        for entry in self.listed().take(MOST) {
            let name = text(entry, "name").unwrap_or_default();
            if !here.contains(&name) {
                let reason = format!("depends on the chart `{name}`, which is not in this tree");
                let place = entry.get("name").unwrap_or(entry).span();
                build.gaps.push(Gap::at(place, GapKind::Unresolved, reason).reported());
            }
        }
    }
}

fn name_of(chart: &Chart<'_>) -> String {
    let own = chart.about.and_then(|about| text(about, "name"));
    own.unwrap_or_else(|| chart.folder.rsplit('/').next().unwrap_or_default().to_string())
}

fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key).and_then(Node::scalar)
}

/// Whether the values switch a dependency on: its condition decides, then its tags; without either it is on.
fn is_on(entry: Node<'_>, values: Option<Node<'_>>) -> bool {
    let at = |path: &str| {
        let found = path.split('.').try_fold(values?, |node, key| node.get(key))?;
        found.as_bool()
    };
    let condition = text(entry, "condition").unwrap_or_default();
    if let Some(set) = condition.split(',').find_map(|path| at(path.trim())) {
        return set;
    }
    let tags: Vec<bool> = entry
        .get("tags")
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|tag| at(&format!("tags.{}", tag.scalar()?)))
        .collect();
    tags.is_empty() || tags.contains(&true)
}

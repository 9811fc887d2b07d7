//! Helm charts, rendered as far as their values and templates are literal.
//!
//! Each node of the outcome has the place that it comes from: the template, or the value. What is left open becomes a
//! value that is not known; what decides whether there is an object at all becomes a gap.

mod dependency;
mod functions;
mod render;
mod syntax;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use self::render::{Renderer, Templates};
use self::syntax::Step;
use self::value::{Rich, Value};
use super::arena::Arena;
use super::kustomize::{Build, Rendered};
use super::set::environment_of;
use crate::document::{self, Document, Node, NodeId, NodeKind, Syntax};
use crate::gap::{Gap, GapKind};
use crate::load::{File, Loaded};
use crate::source::{SourceId, Span};

/// Files of values beside the chart's own that are each rendered.
const VARIANTS: usize = 8;
/// Namespace that a chart is released into where nobody says so.
pub const NAMESPACE: &str = "default";

/// A chart: its folder, its files and what its templates say.
struct Chart<'l> {
    folder: String,
    about: Option<Node<'l>>,
    templates: Vec<(&'l File, &'l str, Vec<Step>)>,
}

/// Renders every chart of the tree, once for its own values and once for each file of other values beside them.
pub fn build(loaded: &Loaded) -> Build {
    let mut build = Build::default();
    let own =
        loaded.files.iter().filter(|file| file.role.is_own() && file.path.rsplit('/').next() == Some("Chart.yaml"));
    let folders: Vec<&str> = own.map(|file| file.path.rsplit_once('/').map_or("", |(folder, _)| folder)).collect();
    for folder in &folders {
        let within = |prefix: &str| {
            folders.iter().any(|other| folder.strip_prefix(other).is_some_and(|rest| rest.starts_with(prefix)))
        };
        let chart = read(loaded, folder);
        build.taken.extend(chart.templates.iter().map(|(file, _, _)| file.path.clone()));
        build.taken.insert(join(folder, "Chart.yaml"));
        // A dependency is applied with the values of the chart that it belongs to.
        if within("/charts/") {
            continue;
        }
        chart.build(loaded, &mut build);
    }
    build
}

fn is_library(chart: &Chart<'_>) -> bool {
    chart.about.and_then(|about| about.get("type")).and_then(Node::as_str) == Some("library")
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") }
}

fn read<'l>(loaded: &'l Loaded, folder: &str) -> Chart<'l> {
    let start = join(folder, "templates/");
    let files = loaded.files.iter().filter(|file| file.path.starts_with(&start));
    let templates = files.map(|file| {
        let text = loaded.sources.get(file.source).text();
        (file, text, syntax::read(file.source, text))
    });
    let about = loaded.find(&join(folder, "Chart.yaml")).and_then(|file| loaded.document(file)?.root());
    Chart { folder: folder.to_string(), about, templates: templates.collect() }
}

impl<'l> Chart<'l> {
    fn build(&self, loaded: &'l Loaded, build: &mut Build) {
        let library: Vec<_> = self.libraries(loaded);
        let mut templates = Templates::new();
        for (file, text, steps) in library.iter().chain(&self.templates) {
            define(file.source, text, steps, &mut templates);
        }
        let values = self.values(loaded, "values.yaml");
        self.render(loaded, &templates, values, None, build);
        self.render_below(loaded, &templates, values, None, build, dependency::DEPTH);
        for path in self.variants(loaded) {
            let file = loaded.find(&path).and_then(|file| loaded.document(file)?.root());
            let Some(over) = file.filter(|root| root.is_map()) else { continue };
            let mut arena = Arena::new(over.span().source);
            let base = match values {
                Some(values) => arena.copy(values),
                None => arena.add(NodeKind::Map(Vec::new()), over.span()),
            };
            overlay(&mut arena, base, over, 100);
            self.render(loaded, &templates, Some(arena.node(base)), Some(&path), build);
            self.render_below(loaded, &templates, Some(arena.node(base)), Some(&path), build, dependency::DEPTH);
        }
    }

    fn values(&self, loaded: &'l Loaded, name: &str) -> Option<Node<'l>> {
        loaded.document(loaded.find(&join(&self.folder, name))?)?.root()
    }

    /// Files of values beside the chart's own.
    fn variants(&self, loaded: &Loaded) -> Vec<String> {
        let start = join(&self.folder, "values");
        let is_variant = |file: &&File| {
            let rest = file.path.strip_prefix(&start);
            let yaml = file.path.ends_with(".yaml") || file.path.ends_with(".yml");
            yaml && rest.is_some_and(|rest| rest.starts_with(['-', '.', '_', '/']) && !matches!(rest, ".yaml" | ".yml"))
        };
        loaded.files.iter().filter(is_variant).map(|file| file.path.clone()).take(VARIANTS).collect()
    }

    /// Templates of the charts that it depends on, whose named ones it may use.
    fn libraries(&self, loaded: &'l Loaded) -> Vec<(&'l File, &'l str, Vec<Step>)> {
        let mut starts = vec![join(&self.folder, "charts/")];
        starts.extend(self.dependency_folders(loaded).iter().map(|folder| join(folder, "templates/")));
        let is_below = |path: &str| starts.iter().any(|start| path.starts_with(start)) && path.contains("/templates/");
        let below = loaded.files.iter().filter(|file| is_below(&file.path));
        let read = |file: &'l File| {
            let text = loaded.sources.get(file.source).text();
            (file, text, syntax::read(file.source, text))
        };
        below.map(read).collect()
    }

    fn render(
        &self,
        loaded: &Loaded,
        templates: &Templates<'_>,
        values: Option<Node<'_>>,
        variant: Option<&str>,
        build: &mut Build,
    ) {
        let mut renderer = Renderer::new(templates, self.root(values));
        let Some(first) = self.templates.first() else { return };
        let mut arena = Arena::new(first.0.source);
        let mut roots = Vec::new();
        for (file, text, steps) in &self.templates {
            let is_manifest =
                file.path.ends_with(".yaml") || file.path.ends_with(".yml") || file.path.ends_with(".json");
            // Charts keep the pods that try them out beside the others.
            if !is_manifest
                || file.path.contains("/templates/tests/")
                || file.path.rsplit('/').next().is_some_and(|name| name.starts_with('_'))
            {
                continue;
            }
            let known = renderer.open.len();
            let rich = renderer.file(file.source, text, steps);
            let open: BTreeSet<Span> = renderer.open.drain(known..).collect();
            build.gaps.extend(
                open.into_iter().map(|span| {
                    Gap::at(span, GapKind::Unresolved, "depends on what only a release of the chart knows")
                }),
            );
            if !parse(&rich, file.source, &mut arena, &mut roots) {
                let reason = "does not come to valid YAML with the values of this tree; render the chart and audit what comes out";
                build.gaps.push(Gap::of_path(&file.path, GapKind::Unresolved, reason));
            }
        }
        if renderer.is_exhausted() || arena.overflowed {
            build.gaps.push(Gap::of_path(
                join(&self.folder, "Chart.yaml"),
                GapKind::TooLarge,
                "renders to more than it may",
            ));
        }
        let mut document = arena.document;
        document.roots = roots;
        let layer = variant.map_or_else(|| self.folder.clone(), str::to_string);
        let environment = variant.and_then(environment_of).or_else(|| environment_of(&join(&self.folder, "x")));
        let layer = if layer.is_empty() { loaded.sources.path(first.0.source).to_string() } else { layer };
        build.rendered.push(Rendered { layer, environment, namespace: Some(NAMESPACE.to_string()), document });
    }

    /// What a template sees at its root.
    fn root<'v>(&self, values: Option<Node<'v>>) -> Value<'v>
    where
        'l: 'v,
    {
        let map = |entries: Vec<(&str, Value<'v>)>| {
            Value::Map(Rc::new(entries.into_iter().map(|(key, value)| (key.to_string(), value)).collect()))
        };
        let text = |text: &str| Value::text(text, None);
        let about = |key: &str| self.about.and_then(|about| about.get(key)).map_or(Value::Nil, Value::of);
        let version = map(vec![
            ("Version", text("v1.33.0")),
            ("GitVersion", text("v1.33.0")),
            ("Major", text("1")),
            ("Minor", text("33")),
        ]);
        map(vec![
            ("Values", values.map_or(Value::Nil, Value::of)),
            (
                "Chart",
                map(vec![
                    ("Name", about("name")),
                    ("Version", about("version")),
                    ("AppVersion", about("appVersion")),
                    ("Type", about("type")),
                    ("Annotations", about("annotations")),
                ]),
            ),
            (
                "Release",
                map(vec![
                    ("Name", text("release-name")),
                    ("Namespace", text(NAMESPACE)),
                    ("Service", text("Helm")),
                    ("IsInstall", Value::Bool(true, None)),
                    ("IsUpgrade", Value::Bool(false, None)),
                    ("Revision", Value::Int(1, None)),
                ]),
            ),
            ("Capabilities", map(vec![("KubeVersion", version), ("APIVersions", Value::Open)])),
            ("Template", map(vec![("BasePath", text("templates")), ("Name", text("template"))])),
            ("Files", Value::Open),
            ("Subcharts", Value::Open),
        ])
    }
}

/// Every named template, those in blocks as well.
fn define<'t>(source: SourceId, text: &'t str, steps: &'t [Step], templates: &mut Templates<'t>) {
    for step in steps {
        if let Step::Define(name, body) = step {
            templates.insert(name.clone(), (source, text, body));
            define(source, text, body, templates);
        }
    }
}

/// Lays the values of one file over those of another: maps are merged, everything else is replaced.
fn overlay(arena: &mut Arena, target: NodeId, over: Node<'_>, depth: usize) {
    for (key, value) in over.entries() {
        let Some(name) = key.scalar() else { continue };
        match arena.get(target, &name) {
            Some(own) if depth > 0 && value.is_map() && matches!(arena.kind(own), NodeKind::Map(_)) => {
                overlay(arena, own, value, depth - 1);
            }
            Some(_) if value.is_null() => arena.remove(target, &name),
            Some(_) | None => {
                let made = arena.copy(value);
                arena.set(target, &name, made);
            }
        }
    }
}

/// Takes the documents of rendered text over, each node with the place that its text comes from; false where it is no YAML.
fn parse(rich: &Rich, source: SourceId, arena: &mut Arena, roots: &mut Vec<NodeId>) -> bool {
    let (mut document, gaps) = document::parse(source, Syntax::Yaml, &rich.text);
    let places = Places::of(rich);
    for data in &mut document.nodes {
        data.span = places.place(data.span, source);
    }
    take(&document, arena, roots);
    gaps.is_empty()
}

fn take(document: &Document, arena: &mut Arena, roots: &mut Vec<NodeId>) {
    for root in document.roots().filter(|root| root.is_map()) {
        let made = arena.copy(root);
        roots.push(made);
    }
}

/// Where the parts of rendered text come from.
struct Places {
    by_start: BTreeMap<usize, value::Mark>,
}

impl Places {
    fn of(rich: &Rich) -> Self {
        let marks = rich.marks.iter().filter(|mark| mark.start < mark.end);
        Self { by_start: marks.map(|mark| (mark.start, *mark)).collect() }
    }

    /// The place of a range: exact where it lies in text of the template, else that of the value.
    fn place(&self, span: Span, source: SourceId) -> Span {
        let at = span.start as usize;
        let Some((_, mark)) = self.by_start.range(..=at).next_back() else { return Span::new(source, 0, 0) };
        if !mark.exact || at >= mark.end {
            return mark.span;
        }
        let start = mark.span.start.saturating_add((at - mark.start) as u32).min(mark.span.end);
        let length = span.end.saturating_sub(span.start);
        Span { start, end: start.saturating_add(length).min(mark.span.end).max(start), ..mark.span }
    }
}

#[cfg(test)]
mod tests;

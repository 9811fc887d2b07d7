//! Boundary documents to facts: found by content, held against the published schema, read as far as they can be.

pub mod errors;
pub mod format;
pub mod reference;
pub mod vague;

use std::collections::BTreeMap;

use serde_json::Value;

use self::reference::Library;
use crate::discover::Role;
use crate::document::Node;
use crate::load::Loaded;
use crate::model::boundary::{Boundary, BoundaryDocument};
use crate::model::known::{Known, Spanned};
use crate::model::tool::Schema;
use crate::model::{About, Facts};
use crate::source::Span;

/// What the `schema` key of every version starts with.
const MARKS: &str = "plimsoll/boundary/";

/// Why it is not known whether a file is tracked.
pub const NO_GIT: &str = "not known outside a git checkout";

/// Whether a document says that it is a boundary document.
pub fn is_boundary(root: Node<'_>) -> bool {
    root.get("schema").and_then(Node::as_str).is_some_and(|mark| mark.starts_with(MARKS))
}

/// Reads every boundary document that is neither test data nor an example.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let library = Library { sources: &loaded.sources, documents: &loaded.documents };
    let is_live =
        |path: &str| loaded.find(path).is_none_or(|file| file.role.is_own() || file.role == Role::Documentation);
    read(&library, is_live, |path| loaded.git.as_ref().and_then(|git| git.tracks(path)), facts);
}

/// Reads the boundary documents of a library at the paths that count; `tracked` says whether git tracks a path.
pub fn read(
    library: &Library<'_>,
    counts: impl Fn(&str) -> bool,
    tracked: impl Fn(&str) -> Option<bool>,
    facts: &mut Facts,
) {
    let first = facts.boundary_documents.len();
    for document in library.documents {
        let path = library.sources.path(document.source);
        if !counts(path) {
            continue;
        }
        for root in document.roots().filter(|root| is_boundary(*root)) {
            let mut errors = errors::of(root);
            let within = |span: Span| root.span().contains(span);
            let twice = document.duplicates.iter().filter(|(_, later)| within(*later));
            errors.extend(twice.map(|(_, later)| {
                Spanned::new(format!("`{}` is given twice in one map", library.sources.slice(*later)), *later)
            }));
            let mut boundaries = tools(library, root, &mut errors);
            boundaries.iter_mut().for_each(|tool| tool.about.part_of = Some(errors::head(root)));
            facts.boundaries.extend(boundaries);
            let place = errors::head(root);
            let tracked = tracked(path).map_or(Known::unknown(NO_GIT, place), |tracked| Known::is(tracked, place));
            facts.boundary_documents.push(fact(root, path, tracked, errors));
        }
    }
    let documents = &mut facts.boundary_documents[first..];
    compare_systems(documents);
    for document in documents {
        document.errors.sort_by_key(|error| error.span);
        document.valid = document.errors.is_empty();
    }
}

fn fact(root: Node<'_>, path: &str, tracked: Known<bool>, errors: Vec<Spanned<String>>) -> BoundaryDocument {
    let server = text(root, "server");
    let name = server.value().cloned().unwrap_or_else(|| path.to_string());
    let allowed = root.at(&["systems", "allowed"]);
    let allowed_texts: Vec<_> = allowed.into_iter().flat_map(texts).collect();
    BoundaryDocument {
        about: About::new(name, errors::head(root)),
        server_name: server,
        valid: errors.is_empty(),
        systems_allowed: list(allowed),
        systems_denied: list(root.at(&["systems", "denied"])),
        tracked,
        vague: allowed.map(vague::of_systems).unwrap_or_default(),
        wildcards: allowed_texts.into_iter().filter(|entry| vague::is_wildcard(&entry.value)).collect(),
        errors,
    }
}

/// The tool entries of one document; entries without a name cannot be facts, the schema reports them.
fn tools(library: &Library<'_>, root: Node<'_>, errors: &mut Vec<Spanned<String>>) -> Vec<Boundary> {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut found = Vec::new();
    for tool in root.get("tools").into_iter().flat_map(Node::items) {
        let Some(name) = tool.get("name").filter(|name| name.as_str().is_some_and(|text| !text.is_empty())) else {
            continue;
        };
        let text = name.as_str().unwrap_or_default();
        if seen.insert(text, name.span()).is_some() {
            errors.push(Spanned::new(format!("the tool `{text}` is described twice"), name.span()));
        }
        let about = About { part_of: Some(errors::head(root)), ..About::new(text, name.span()) };
        found.push(boundary(library, tool, about, errors));
    }
    found
}

fn boundary(library: &Library<'_>, tool: Node<'_>, about: About, errors: &mut Vec<Spanned<String>>) -> Boundary {
    let operations: Vec<_> = tool.get("operations").into_iter().flat_map(texts).collect();
    let objects = objects(tool);
    let reach = |key: &str| list(tool.at(&["reach", key]));
    let reached = ["network", "read", "write", "processes"].into_iter().flat_map(|key| tool.at(&["reach", key]));
    let names = objects.iter().map(|(_, name)| name.clone());
    let granted = operations.iter().cloned().chain(names).chain(reached.flat_map(texts));
    let wildcards = granted.filter(|entry| vague::is_wildcard(&entry.value)).collect();
    let credential = tool.get("credential");
    Boundary {
        about,
        operations,
        objects: objects
            .into_iter()
            .map(|(kind, name)| Spanned::new(format!("{kind}:{}", name.value), name.span))
            .collect(),
        credential: credential
            .map_or(Known::Absent, |node| if node.is_map() { text(node, "name") } else { text(tool, "credential") }),
        credential_store: credential.map_or(Known::Absent, |node| text(node, "store")),
        network: reach("network"),
        read: reach("read"),
        write: reach("write"),
        processes: reach("processes"),
        risk: text(tool, "risk"),
        approval: text(tool, "approval"),
        purpose: text(tool, "purpose"),
        owner: text(tool, "owner"),
        vague: vague::of_tool(tool),
        wildcards,
        tool_exists: Known::Absent,
        input_schema: input_schema(library, tool, errors),
    }
}

/// The documented input schema; what is wrong with it is an error of the document.
fn input_schema(library: &Library<'_>, tool: Node<'_>, errors: &mut Vec<Spanned<String>>) -> Known<Schema> {
    let Some(node) = tool.get("input_schema").filter(|node| node.is_map()) else { return Known::Absent };
    let schema = match library.schema(node) {
        Ok(schema) => schema,
        Err(error) => {
            let unknown = Known::unknown(error.value.clone(), error.span);
            errors.push(error);
            return unknown;
        }
    };
    errors.extend(schema_errors(&schema, node.span()));
    Known::is(schema, node.span())
}

/// What makes a documented input schema unusable.
fn schema_errors(schema: &Schema, whole: Span) -> Vec<Spanned<String>> {
    let at = |pointer: &str| schema.places.get(pointer).copied().unwrap_or(whole);
    let kind = schema.json.get("type");
    if kind.is_some_and(|kind| kind != "object") {
        return vec![Spanned::new("arguments are a map: `type` must be `object`".into(), at("/type"))];
    }
    let dialect = schema.json.get("$schema").and_then(Value::as_str);
    if let Some(dialect) = dialect.filter(|dialect| !is_known_dialect(dialect)) {
        return vec![Spanned::new(
            format!("`{dialect}` is not a JSON Schema dialect that is known here"),
            at("/$schema"),
        )];
    }
    let Ok(validator) = jsonschema::meta::validator_for(&schema.json) else {
        return vec![Spanned::new("this schema cannot be checked".into(), whole)];
    };
    let explain = |error: jsonschema::ValidationError<'_>| {
        Spanned::new(format!("is not a valid JSON Schema: {error}"), at(error.instance_path().as_str()))
    };
    validator.iter_errors(&schema.json).take(20).map(explain).collect()
}

/// Dialects whose meta-schema is built in; asking for any other would make the validator panic or reach for the network.
fn is_known_dialect(dialect: &str) -> bool {
    let path = dialect.trim_end_matches('#').trim_start_matches("https://").trim_start_matches("http://");
    let versions = ["draft/2020-12", "draft/2019-09", "draft-07", "draft-06", "draft-04"];
    versions.iter().any(|version| {
        path.strip_prefix("json-schema.org/").and_then(|rest| rest.strip_prefix(version)) == Some("/schema")
    })
}

fn objects(tool: Node<'_>) -> Vec<(String, Spanned<String>)> {
    let mut found = Vec::new();
    for object in tool.get("objects").into_iter().flat_map(Node::items) {
        let kind = object.get("kind").and_then(Node::scalar).unwrap_or_default();
        let names = object.get("names").into_iter().flat_map(texts);
        found.extend(names.map(|name| (kind.clone(), name)));
    }
    found
}

fn text(map: Node<'_>, key: &str) -> Known<String> {
    let Some(node) = map.get(key) else { return Known::Absent };
    node.as_str().map_or(Known::Absent, |text| Known::is(text.to_string(), node.span()))
}

fn texts(list: Node<'_>) -> impl Iterator<Item = Spanned<String>> {
    list.items().filter_map(|item| Some(Spanned::new(item.scalar()?, item.span())))
}

fn list(node: Option<Node<'_>>) -> Known<Vec<Spanned<String>>> {
    let Some(node) = node.filter(|node| node.is_list()) else { return Known::Absent };
    Known::is(texts(node).collect(), node.span())
}

/// Two statements of one server's systems that differ are an error in both.
fn compare_systems(documents: &mut [BoundaryDocument]) {
    let values = |known: &Known<Vec<Spanned<String>>>| {
        let mut all: Vec<String> = known.value().into_iter().flatten().map(|entry| entry.value.clone()).collect();
        all.sort();
        all
    };
    let mut stated: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        if !document.systems_allowed.is_absent() || !document.systems_denied.is_absent() {
            stated.entry(document.about.name.clone()).or_default().push(at);
        }
    }
    for (server, places) in stated {
        let of = |at: &usize| (values(&documents[*at].systems_allowed), values(&documents[*at].systems_denied));
        if places.iter().all(|at| of(at) == of(&places[0])) {
            continue;
        }
        for at in places {
            let document = &mut documents[at];
            let known = [&document.systems_allowed, &document.systems_denied];
            let span = known.iter().find_map(|known| known.span()).unwrap_or(document.about.span);
            let text = format!("`systems` of `{server}` differs from what another document states");
            document.errors.push(Spanned::new(text, span));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Document, Syntax};
    use crate::source::Sources;

    const WHOLE: &str = "schema: plimsoll/boundary/v1\nserver: orders\nsystems: {allowed: [db.internal:5432], denied: ['*']}\ntools:\n  - name: search\n    purpose: Look up orders.\n    operations: [read]\n    objects: [{kind: table, names: [orders]}]\n    credential: {name: reader, store: vault, scope: SELECT}\n    input_schema: {type: object, properties: {id: {type: string}}}\n    reach: {network: [db.internal:5432], read: [], write: [], processes: []}\n    risk: low\n    approval: none\n";

    fn facts(files: &[(&str, &str)]) -> (Facts, Sources) {
        let mut sources = Sources::default();
        let mut documents: Vec<Document> = Vec::new();
        for (path, text) in files {
            let id = sources.add_text(path, text);
            let syntax = if path.ends_with(".json") { Syntax::Json } else { Syntax::Yaml };
            documents.push(document::parse(id, syntax, text).0);
        }
        let mut facts = Facts::default();
        read(&Library { sources: &sources, documents: &documents }, |_| true, |_| Some(true), &mut facts);
        (facts, sources)
    }

    fn lines<'a>(sources: &Sources, notes: impl Iterator<Item = &'a Spanned<String>>) -> Vec<String> {
        let line = |note: &Spanned<String>| {
            let at = sources.start(note.span);
            format!("{}:{}:{} {}", sources.path(note.span.source), at.line, at.column, note.value)
        };
        notes.map(line).collect()
    }

    /// Errors of the documents in `files`, each with its place.
    fn errors(files: &[(&str, &str)]) -> Vec<String> {
        let (facts, sources) = facts(files);
        assert!(facts.boundary_documents.iter().all(|document| document.valid == document.errors.is_empty()));
        lines(&sources, facts.boundary_documents.iter().flat_map(|document| &document.errors))
    }

    #[test]
    fn a_whole_document_becomes_facts_without_errors() {
        let (facts, _) = facts(&[("b.yml", WHOLE)]);
        let document = &facts.boundary_documents[0];
        assert_eq!(document.errors, []);
        assert!(document.valid && document.vague.is_empty() && document.wildcards.is_empty());
        assert_eq!(document.server_name.value().map(String::as_str), Some("orders"));
        let tool = &facts.boundaries[0];
        assert_eq!((tool.vague.as_slice(), tool.wildcards.as_slice()), (&[][..], &[][..]));
        assert_eq!(tool.objects[0].value, "table:orders");
        assert_eq!(tool.credential.value().map(String::as_str), Some("reader"));
        assert_eq!(tool.credential_store.value().map(String::as_str), Some("vault"));
        assert_eq!(tool.write.value().map(Vec::len), Some(0));
        assert!(tool.input_schema.value().is_some_and(|schema| schema.places.contains_key("/properties/id/type")));
    }

    #[test]
    fn every_violation_is_shown_at_its_key() {
        let cases = [
            ("server: orders", "server: 7", "b.yml:2:9 `server` is a number, but text is expected"),
            ("boundary/v1", "boundary/v2", "b.yml:1:9 `plimsoll/boundary/v2` is not `plimsoll/boundary/v1`"),
            (
                "operations",
                "opertions",
                "b.yml:7:5 `opertions` is not a key that may stand here; did you mean `operations`?",
            ),
            (
                "[read]",
                "[raed]",
                "b.yml:7:18 `raed` is none of `read`, `create`, `update`, `delete`, `execute`, `send`",
            ),
            ("[read]", "[read, read]", "b.yml:7:5 `operations` lists the same value twice"),
            ("risk: low", "risk: ~", "b.yml:12:5 an empty value is none of `low`, `medium`, `high`, `block`"),
            ("    approval: none\n", "", "b.yml:5:5 `approval` is missing"),
            (", scope: SELECT", "", "b.yml:9:5 `scope` is missing"),
            ("{name: reader, store: vault, scope: SELECT}", "nothing", "b.yml:9:17 `nothing` is not `none`, nor a map"),
            ("denied: ['*']", "", "b.yml:3:1 `denied` is missing"),
            ("type: string", "type: strin", "b.yml:10:58 is not a valid JSON Schema"),
            ("{type: object,", "{type: array,", "b.yml:10:26 arguments are a map: `type` must be `object`"),
            (
                "{type: object,",
                "{$schema: 'urn:nope',",
                "b.yml:10:30 `urn:nope` is not a JSON Schema dialect that is known here",
            ),
            ("server: orders", "server: orders\nserver: orders", "b.yml:3:1 `server` is given twice in one map"),
        ];
        for (from, to, expected) in cases {
            let found = errors(&[("b.yml", &WHOLE.replacen(from, to, 1))]);
            assert!(found.iter().any(|error| error.starts_with(expected)), "{expected}\n{found:#?}");
        }
    }

    #[test]
    fn a_document_must_say_something_and_say_each_tool_once() {
        let head = "schema: plimsoll/boundary/v1\nserver: a\n";
        assert_eq!(errors(&[("b.yml", head)]), ["b.yml:1:1 states neither `tools` nor `systems`"]);
        let systems = format!("{head}systems: {{allowed: [], denied: ['*']}}\n");
        assert_eq!(errors(&[("b.yml", &systems)]), [] as [&str; 0]);
        let tool = WHOLE.split_once("tools:\n").map_or("", |(_, tool)| tool);
        assert_eq!(
            errors(&[("b.yml", &format!("{WHOLE}{tool}"))]),
            ["b.yml:14:11 the tool `search` is described twice"]
        );
    }

    #[test]
    fn references_stay_in_the_tree() {
        let with = |target: &str| {
            WHOLE.replace("{type: object, properties: {id: {type: string}}}", &format!("{{$ref: '{target}'}}"))
        };
        let schema = (
            "s/in.json",
            r##"{"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}, "b": {"$ref": "more.json#/y"}}, "$defs": {"x": {"type": "string"}}}"##,
        );
        let more =
            ("s/more.json", r##"{"y": {"$ref": "#/z"}, "z": {"maxLength": 3}, "loop": {"not": {"$ref": "#/loop"}}}"##);
        let at = |target: &str| errors(&[("d/b.yml", &with(target)), schema, more]);
        assert_eq!(at("../s/in.json"), [] as [&str; 0]);
        let (facts, _) = facts(&[("d/b.yml", &with("../s/in.json")), schema, more]);
        let found = &facts.boundaries[0].input_schema.value().expect("resolved").json;
        assert_eq!(found["properties"]["b"]["maxLength"], 3);
        for (target, expected) in [
            ("../../x.json", "`../../x.json` leads out of the tree"),
            ("/etc/x.json", "`/etc/x.json` leads out of the tree"),
            (
                "https://a.example/x.json",
                "`https://a.example/x.json` is not a path in this tree; a reference stays in the tree",
            ),
            ("../s/none.json", "`../s/none.json` names `s/none.json`, which is not a document of this tree"),
            ("../s/in.json#/no", "`s/in.json` has nothing at `#/no`"),
        ] {
            assert_eq!(at(target), [format!("d/b.yml:10:27 {expected}")]);
        }
        assert_eq!(at("../s/more.json#/loop"), ["s/more.json:1:73 `#/loop` leads back to itself"]);
    }

    #[test]
    fn systems_that_differ_between_files_are_an_error_in_both() {
        let other = WHOLE.replace("[db.internal:5432], denied", "[other:1], denied");
        let found = errors(&[("a.yml", WHOLE), ("b.yml", &other)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].ends_with("`systems` of `orders` differs from what another document states"));
        assert!(errors(&[("a.yml", WHOLE), ("b.yml", WHOLE)]).is_empty());
    }

    #[test]
    fn what_says_nothing_is_vague_and_what_allows_everything_is_a_wildcard() {
        let cases = [
            ("names: [orders]", "names: ['*']", "b.yml:8:38 `*` in `objects.names` stands for everything", true),
            (
                "network: [db.internal:5432]",
                "network: ['*:443']",
                "b.yml:11:24 `*:443` in `reach.network` stands for everything",
                true,
            ),
            ("read: []", "read: [/]", "b.yml:11:49 `/` in `reach.read` stands for everything", true),
            ("operations: [read]", "operations: []", "b.yml:7:17 `operations` is empty", false),
            ("Look up orders.", "TBD", "b.yml:6:14 `TBD` in `purpose` is a placeholder", false),
            (
                "{type: object, properties: {id: {type: string}}}",
                "{}",
                "b.yml:10:5 `input_schema` is empty and accepts anything",
                false,
            ),
        ];
        for (from, to, expected, wild) in cases {
            let (facts, sources) = facts(&[("b.yml", &WHOLE.replacen(from, to, 1))]);
            assert_eq!(lines(&sources, facts.boundaries[0].vague.iter()), [expected]);
            assert_eq!(!facts.boundaries[0].wildcards.is_empty(), wild, "{to}");
        }
    }
}

//! The tables of `plimsoll.toml`.

use std::collections::BTreeMap;

use crate::config::{AcceptedGap, ApprovedServer, Config, Excluded, Ids, WaiverEntry, date};
use crate::document::Node;
use crate::gap::GapKind;
use crate::model::Spanned;
use crate::reader::Reader;
use crate::rules::Severity;

/// Top-level tables.
pub const TABLES: &[&str] = &["gate", "paths", "vocabulary", "environments", "hosts", "registry", "waiver"];
/// Roles that a project's own functions can play.
pub const ROLES: &[&str] = &["gate", "policy", "secrets-store", "audit-log", "redactor"];
const LANGUAGES: &[&str] = &["python", "typescript", "go", "rust"];
const GAPS: &[(&str, GapKind)] = &[
    ("unreadable", GapKind::Unreadable),
    ("too-large", GapKind::TooLarge),
    ("unparsed", GapKind::Unparsed),
    ("unresolved", GapKind::Unresolved),
    ("dynamic", GapKind::Dynamic),
    ("nothing", GapKind::Nothing),
    ("unsupported", GapKind::Unsupported),
];
const THRESHOLDS: &[(&str, Option<Severity>)] = &[
    ("low", Some(Severity::Low)),
    ("medium", Some(Severity::Medium)),
    ("high", Some(Severity::High)),
    ("critical", Some(Severity::Critical)),
    ("never", None),
];

/// Reads all tables.
pub fn config(root: Node<'_>, config: &mut Config, ids: &Ids<'_>, reader: &mut Reader) {
    for (key, _) in root.entries() {
        let name = key.scalar().unwrap_or_default();
        if !TABLES.contains(&name.as_str()) {
            reader.unknown(key.span(), "table", &name, TABLES);
        }
    }
    if let Some(table) = root.get("gate") {
        gate(table, config, ids, reader);
    }
    if let Some(table) = root.get("paths") {
        paths(table, config, reader);
    }
    if let Some(table) = root.get("vocabulary") {
        vocabulary(table, config, reader);
    }
    config.environments = lists(root, "environments", reader);
    config.hosts = lists(root, "hosts", reader);
    if let Some(table) = root.get("registry") {
        registry(table, config, reader);
    }
    if let Some(entries) = root.get("waiver") {
        config.waivers = tables(entries, "waiver", reader).filter_map(|entry| waiver(entry, ids, reader)).collect();
    }
}

fn gate(table: Node<'_>, config: &mut Config, ids: &Ids<'_>, reader: &mut Reader) {
    if !reader.map(table, "[gate]", &["frameworks", "fail-on", "accept-gaps"]) {
        return;
    }
    if table.get("frameworks").is_some() {
        let named = reader.texts(table, "frameworks");
        for name in &named {
            known(name, "framework", &ids.frameworks, reader);
        }
        config.frameworks = Some(named.into_iter().map(|name| name.value).collect());
    }
    if let Some(text) = reader.text(table, "fail-on")
        && let Some(threshold) = reader.choice(&text, "severity", THRESHOLDS)
    {
        config.fail_on = threshold;
    }
    for text in reader.texts(table, "accept-gaps") {
        if let Some(accepted) = accepted_gap(&text, reader) {
            config.accept_gaps.push(accepted);
        }
    }
}

/// `kind`, `kind:path` or `*:path`.
fn accepted_gap(text: &Spanned<String>, reader: &mut Reader) -> Option<AcceptedGap> {
    let (kind, path) = match text.value.split_once(':') {
        Some((kind, path)) => (kind, Some(path.to_string())),
        None => (text.value.as_str(), None),
    };
    if kind == "*" && path.is_some() {
        return Some(AcceptedGap { kind: None, path });
    }
    let kind = reader.choice(&Spanned::new(kind.to_string(), text.span), "kind of gap", GAPS)?;
    Some(AcceptedGap { kind: Some(kind), path })
}

fn paths(table: Node<'_>, config: &mut Config, reader: &mut Reader) {
    if !reader.map(table, "[paths]", &["exclude", "boundary", "attestations"]) {
        return;
    }
    if let Some(entries) = table.get("exclude") {
        for entry in tables(entries, "exclude", reader) {
            if !reader.map(entry, "an exclusion", &["path", "reason"]) {
                continue;
            }
            let path = reader.required(entry, "path", "the exclusion");
            let reason = reader.required(entry, "reason", "the exclusion");
            if let (Some(path), Some(reason)) = (path, reason) {
                config.exclude.push(Excluded { path: path.value, reason: reason.value });
            }
        }
    }
    let values = |texts: Vec<Spanned<String>>| texts.into_iter().map(|text| text.value).collect();
    config.boundary_folders = values(reader.texts(table, "boundary"));
    config.attestation_folders = values(reader.texts(table, "attestations"));
}

fn vocabulary(table: Node<'_>, config: &mut Config, reader: &mut Reader) {
    for (key, inner) in table.entries() {
        let role = key.scalar().unwrap_or_default();
        if !ROLES.contains(&role.as_str()) {
            reader.unknown(key.span(), "role of [vocabulary]", &role, ROLES);
            continue;
        }
        let mut languages = BTreeMap::new();
        for (key, names) in inner.entries() {
            let language = key.scalar().unwrap_or_default();
            if !LANGUAGES.contains(&language.as_str()) {
                reader.unknown(key.span(), "language", &language, LANGUAGES);
                continue;
            }
            let names = reader.as_texts(names, &language).into_iter().map(|name| name.value).collect();
            languages.insert(language, names);
        }
        if !inner.is_map() {
            reader.wrong(inner.span(), format!("`{role}` is not a table"), "name the language: python = [\"m.f\"]");
        }
        config.vocabulary.insert(role, languages);
    }
}

/// A table of lists under free keys.
fn lists(root: Node<'_>, name: &str, reader: &mut Reader) -> BTreeMap<String, Vec<String>> {
    let Some(table) = root.get(name) else { return BTreeMap::new() };
    if !table.is_map() {
        reader.wrong(table.span(), format!("`{name}` is not a table"), format!("write it as [{name}]"));
    }
    let entry = |(key, node): (Node<'_>, Node<'_>)| {
        let key = key.scalar().unwrap_or_default();
        let values = reader.as_texts(node, &key).into_iter().map(|text| text.value).collect();
        (key, values)
    };
    table.entries().map(entry).collect()
}

fn registry(table: Node<'_>, config: &mut Config, reader: &mut Reader) {
    if !reader.map(table, "[registry]", &["servers"]) {
        return;
    }
    let Some(entries) = table.get("servers") else { return };
    for entry in tables(entries, "registry.servers", reader) {
        if !reader.map(entry, "an approved server", &["name", "version", "digest", "reviewed-by", "date"]) {
            continue;
        }
        let name = reader.required(entry, "name", "the approved server");
        let version = reader.text(entry, "version").map(|text| text.value);
        let digest = reader.text(entry, "digest").map(|text| text.value);
        let reviewed_by = reader.required(entry, "reviewed-by", "the approved server");
        let date = date(entry, "date", "the approved server", reader);
        if version.is_none() && digest.is_none() {
            reader.wrong(entry.span(), "the approved server has no `version` or `digest`", "say what was reviewed");
        }
        if let (Some(name), Some(by), Some(date)) = (name, reviewed_by, date) {
            let (name, reviewed_by, date) = (name.value, by.value, date.value);
            config.registry.push(ApprovedServer { name, version, digest, reviewed_by, date });
        }
    }
}

fn waiver(entry: Node<'_>, ids: &Ids<'_>, reader: &mut Reader) -> Option<WaiverEntry> {
    let keys = ["check", "item", "server", "tool", "path", "reason", "owner", "expires"];
    if !reader.map(entry, "a waiver", &keys) {
        return None;
    }
    let (check, item) = (reader.text(entry, "check"), reader.text(entry, "item"));
    let reason = reader.required(entry, "reason", "the waiver");
    let owner = reader.required(entry, "owner", "the waiver");
    let expires = date(entry, "expires", "the waiver", reader);
    let of = match (check, item) {
        (Some(check), None) => known(&check, "check", &ids.checks, reader)?,
        (None, Some(item)) => known(&item, "item", &ids.items, reader)?,
        (check, item) => {
            let given = usize::from(check.is_some()) + usize::from(item.is_some());
            let message = format!("the waiver names {given} of `check` and `item`");
            reader.wrong(entry.span(), message, "name exactly one of them");
            return None;
        }
    };
    let mut text = |key: &str| reader.text(entry, key).map(|text| text.value);
    let (server, tool, path) = (text("server"), text("tool"), text("path"));
    let (reason, owner, expires) = (reason?.value, owner?.value, expires?.value);
    Some(WaiverEntry { span: of.span, of: of.value, server, tool, path, reason, owner, expires })
}

fn known(text: &Spanned<String>, what: &str, ids: &[&str], reader: &mut Reader) -> Option<Spanned<String>> {
    if ids.contains(&text.value.as_str()) {
        return Some(text.clone());
    }
    reader.unknown(text.span, what, &text.value, ids);
    None
}

/// The entries of an array of tables; anything else is a mistake.
fn tables<'a>(node: Node<'a>, name: &str, reader: &mut Reader) -> std::vec::IntoIter<Node<'a>> {
    if !node.is_list() {
        reader.wrong(node.span(), format!("`{name}` is not a list of tables"), format!("write it as [[{name}]]"));
    }
    node.items().collect::<Vec<_>>().into_iter()
}

//! The catalogue as rows: one line per entry, or JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::assess::{Catalogue, Proof};
use crate::code::Language;
use crate::flow::effects::{Effects, Kind};
use crate::report::{FORMATS, json, table};

/// A check of the list.
#[derive(Serialize)]
struct CheckRow<'a> {
    id: &'a str,
    severity: &'static str,
    area: &'a str,
    title: &'a str,
    built: bool,
    witnesses: Vec<String>,
}

/// An item of the list.
#[derive(Serialize)]
struct ItemRow<'a> {
    framework: &'a str,
    control: &'a str,
    id: &'a str,
    proof: &'static str,
    text: &'a str,
    checks: &'a [String],
}

/// A framework of the list.
#[derive(Serialize)]
struct FrameworkRow<'a> {
    id: &'a str,
    title: &'a str,
    gates: bool,
    controls: usize,
    items: usize,
}

/// A format of the list.
#[derive(Serialize)]
struct FormatRow {
    id: &'static str,
    summary: &'static str,
}

/// An effect of the list.
#[derive(Serialize)]
struct EffectRow {
    language: &'static str,
    kind: &'static str,
    calls: Vec<String>,
    methods: Vec<String>,
}

impl Catalogue {
    /// Checks by id, built and planned.
    pub fn list_checks(&self, as_json: bool) -> String {
        let built = self.rules.rules.iter().map(|rule| CheckRow {
            id: &rule.id,
            severity: rule.severity.id(),
            area: &rule.area,
            title: &rule.title,
            built: true,
            witnesses: self.witnessed(&rule.id),
        });
        let planned = self.rules.planned.iter().map(|planned| CheckRow {
            id: &planned.id,
            severity: planned.severity.id(),
            area: &planned.area,
            title: &planned.title,
            built: false,
            witnesses: self.witnessed(&planned.id),
        });
        let mut rows: Vec<_> = built.chain(planned).collect();
        rows.sort_by_key(|row| row.id);
        print(&rows, as_json, |row| {
            let title = if row.built { row.title.to_owned() } else { format!("{} (planned)", row.title) };
            vec![row.id.to_owned(), row.severity.to_owned(), row.area.to_owned(), title]
        })
    }

    /// Items of all frameworks, in order.
    pub fn list_items(&self, as_json: bool) -> String {
        let mut rows = Vec::new();
        for framework in &self.frameworks {
            for control in &framework.controls {
                rows.extend(control.items.iter().map(|item| ItemRow {
                    framework: &framework.id,
                    control: &control.id,
                    id: &item.id,
                    proof: match item.proof {
                        Proof::Static => "static",
                        Proof::Attested => "attested",
                    },
                    text: &item.text,
                    checks: &item.checks,
                }));
            }
        }
        print(&rows, as_json, |row| {
            let id = format!("{}/{}", row.framework, row.id);
            vec![id, row.proof.to_owned(), row.text.to_owned()]
        })
    }

    /// Frameworks, in order.
    pub fn list_frameworks(&self, as_json: bool) -> String {
        let rows = self.frameworks.iter().map(|framework| FrameworkRow {
            id: &framework.id,
            title: &framework.title,
            gates: framework.gates,
            controls: framework.controls.len(),
            items: framework.controls.iter().map(|control| control.items.len()).sum(),
        });
        let rows: Vec<_> = rows.collect();
        print(&rows, as_json, |row| {
            let decides = if row.gates { "decides" } else { "reported" };
            vec![row.id.to_owned(), decides.to_owned(), format!("{} items", row.items), row.title.to_owned()]
        })
    }
}

/// Calls that do something to the world, by language and kind.
pub fn list_effects(as_json: bool) -> String {
    let effects = Effects::built_in();
    let mut rows: BTreeMap<(&'static str, Kind), EffectRow> = BTreeMap::new();
    for language in [Language::Go, Language::Python, Language::Rust, Language::TypeScript] {
        for effect in effects.of(language).into_iter().flat_map(|table| &table.effects) {
            let (language, kind) = (language.id(), effect.kind.id());
            let empty = || EffectRow { language, kind, calls: Vec::new(), methods: Vec::new() };
            let row = rows.entry((language, effect.kind)).or_insert_with(empty);
            row.calls.extend(effect.calls.iter().cloned());
            row.methods.extend(effect.methods.iter().cloned());
        }
    }
    let sorted = |mut row: EffectRow| {
        row.calls.sort();
        row.calls.dedup();
        row.methods.sort();
        row.methods.dedup();
        row
    };
    let rows: Vec<_> = rows.into_values().map(sorted).collect();
    print(&rows, as_json, |row| {
        let methods = row.methods.iter().map(|method| format!(".{method}"));
        let calls: Vec<_> = row.calls.iter().cloned().chain(methods).collect();
        vec![row.language.to_owned(), row.kind.to_owned(), calls.join(" ")]
    })
}

/// Output formats.
pub fn list_formats(as_json: bool) -> String {
    let rows: Vec<_> = FORMATS.iter().map(|format| FormatRow { id: format.id, summary: format.summary }).collect();
    print(&rows, as_json, |row| vec![row.id.to_owned(), row.summary.to_owned()])
}

fn print<T: Serialize>(rows: &[T], as_json: bool, cells: impl Fn(&T) -> Vec<String>) -> String {
    if as_json {
        return json::print(&rows);
    }
    table::aligned(&rows.iter().map(cells).collect::<Vec<_>>(), |_, text| text.to_owned())
}

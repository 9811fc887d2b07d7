//! What can be asked and is asked for: `explain` and `list` over checks, frameworks, controls and items.

use std::fmt::Write;

use crate::assess::{Catalogue, Control, Framework, Item, Proof};
use crate::report::View;
use crate::report::text::{Tone, hang};
use crate::rules::{Planned, Rule};

pub mod list;
pub mod reference;

/// Columns before the text of an entry.
const INDENT: usize = 12;

/// One thing that has an id.
#[derive(Clone, Copy)]
enum Entry<'a> {
    Check(&'a Rule),
    Planned(&'a Planned),
    Framework(&'a Framework),
    Control(&'a Framework, &'a Control),
    Item(&'a Framework, &'a Control, &'a Item),
}

impl Entry<'_> {
    fn id(&self) -> &str {
        match self {
            Entry::Check(rule) => &rule.id,
            Entry::Planned(planned) => &planned.id,
            Entry::Framework(framework) => &framework.id,
            Entry::Control(_, control) => &control.id,
            Entry::Item(_, _, item) => &item.id,
        }
    }

    fn framework(&self) -> Option<&str> {
        match self {
            Entry::Check(_) | Entry::Planned(_) | Entry::Framework(_) => None,
            Entry::Control(framework, _) | Entry::Item(framework, _, _) => Some(&framework.id),
        }
    }

    fn is(&self, id: &str) -> bool {
        let qualified = self.framework().map(|framework| format!("{framework}/{}", self.id()));
        self.id().eq_ignore_ascii_case(id) || qualified.is_some_and(|qualified| qualified.eq_ignore_ascii_case(id))
    }
}

impl Catalogue {
    fn entries(&self) -> Vec<Entry<'_>> {
        let mut all: Vec<_> = self.rules.rules.iter().map(Entry::Check).collect();
        all.extend(self.rules.planned.iter().map(Entry::Planned));
        for framework in &self.frameworks {
            all.push(Entry::Framework(framework));
            for control in &framework.controls {
                all.push(Entry::Control(framework, control));
                all.extend(control.items.iter().map(|item| Entry::Item(framework, control, item)));
            }
        }
        all
    }

    /// What an id stands for; several entries where frameworks share it, nothing where it is unknown.
    pub fn explain(&self, id: &str, view: &View) -> Option<String> {
        let found: Vec<_> = self.entries().into_iter().filter(|entry| entry.is(id)).collect();
        let texts: Vec<_> = found.iter().map(|entry| self.text(*entry, view)).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    /// Known ids that an unknown one may have meant, nearest first.
    pub fn suggest(&self, id: &str) -> Vec<String> {
        let id = id.to_ascii_lowercase();
        let furthest = (id.chars().count() / 3).clamp(1, 4);
        let mut near: Vec<(usize, String)> = Vec::new();
        for entry in self.entries() {
            let known = entry.id().to_ascii_lowercase();
            let parts = id.len() > 3 && (known.contains(&id) || id.contains(&known) && known.len() > 3);
            let distance = if parts { 1 } else { distance(&id, &known) };
            if distance <= furthest {
                near.push((distance, entry.id().to_owned()));
            }
        }
        near.sort();
        near.dedup();
        near.into_iter().take(5).map(|(_, id)| id).collect()
    }

    /// Items that a check witnesses, as `framework/item`.
    fn witnessed(&self, check: &str) -> Vec<String> {
        let mut found = Vec::new();
        for entry in self.entries() {
            if let Entry::Item(framework, _, item) = entry
                && item.checks.iter().any(|id| id == check)
            {
                found.push(format!("{}/{}", framework.id, item.id));
            }
        }
        found
    }

    fn text(&self, entry: Entry<'_>, view: &View) -> String {
        let mut page = Page { out: String::new(), view };
        match entry {
            Entry::Check(rule) => self.check(&mut page, rule),
            Entry::Planned(planned) => self.planned(&mut page, planned),
            Entry::Framework(framework) => framework_page(&mut page, framework),
            Entry::Control(framework, control) => control_page(&mut page, framework, control),
            Entry::Item(framework, control, item) => self.item(&mut page, framework, control, item),
        }
        page.out
    }

    fn check(&self, page: &mut Page<'_>, rule: &Rule) {
        page.title(&format!("{}: {}", rule.id, rule.title));
        page.entry("asks", &rule.question);
        page.entry("of", &format!("each {}", rule.subject.id()));
        page.entry(
            "severity",
            &format!("{}, confidence {}, area {}", rule.severity.id(), rule.confidence.id(), rule.area),
        );
        page.entry("why", &rule.why);
        page.entry("fix", &rule.fix);
        page.list("witnesses", &self.witnessed(&rule.id));
        let maps: Vec<_> = rule.maps.iter().map(|(list, rows)| format!("{list}: {}", rows.join(", "))).collect();
        page.entries("maps to", &maps);
        page.entries("more", &rule.references);
    }

    fn planned(&self, page: &mut Page<'_>, planned: &Planned) {
        page.title(&format!("{}: {}", planned.id, planned.title));
        page.entry("state", "planned; what it witnesses is not assessed until it is built");
        page.entry("severity", &format!("{}, area {}", planned.severity.id(), planned.area));
        page.list("witnesses", &self.witnessed(&planned.id));
    }

    fn item(&self, page: &mut Page<'_>, framework: &Framework, control: &Control, item: &Item) {
        page.title(&format!("{}/{}: {}", framework.id, item.id, control.title));
        page.entry("asks", &item.text);
        page.entry(
            "settled by",
            match item.proof {
                Proof::Static => "the audited tree itself",
                Proof::Attested => "a person's dated, expiring statement with evidence; no file can show all of it",
            },
        );
        let checks: Vec<_> = item.checks.iter().map(|id| self.check_line(id)).collect();
        page.entries("checks", &checks);
    }

    fn check_line(&self, id: &str) -> String {
        let title = self.rules.get(id).map(|rule| rule.title.clone());
        let planned = || self.rules.planned(id).map(|planned| format!("{} (planned)", planned.title));
        title.or_else(planned).map_or_else(|| id.to_owned(), |title| format!("{id}: {title}"))
    }
}

fn framework_page(page: &mut Page<'_>, framework: &Framework) {
    page.title(&format!("{}: {}", framework.id, framework.title));
    page.entry(
        "decides",
        if framework.gates { "yes, unless the configuration says otherwise" } else { "no, it is judged and shown" },
    );
    if let Some(note) = &framework.note {
        page.entry("note", note);
    }
    let policies: Vec<_> =
        framework.default_policy.iter().map(|policy| format!("{}: {}", policy.class, policy.requires)).collect();
    page.entries("default", &policies);
    page.entries("measures", &framework.kpis);
    let line = |control: &Control| format!("{}: {}{}", control.id, control.title, shared(control));
    let controls: Vec<_> = framework.controls.iter().map(line).collect();
    page.entries("controls", &controls);
}

fn control_page(page: &mut Page<'_>, framework: &Framework, control: &Control) {
    page.title(&format!("{}/{}: {}", framework.id, control.id, control.title));
    page.list("passes with", &control.same_as);
    page.list("answers", &control.threat);
    page.list("readiness", &control.readiness);
    let items: Vec<_> = control.items.iter().map(|item| format!("{}: {}", item.id, item.text)).collect();
    page.entries("items", &items);
}

fn shared(control: &Control) -> String {
    match control.same_as.as_slice() {
        [] => String::new(),
        shared => format!(" (passes with {})", shared.join(", ")),
    }
}

/// Text of one entry under way.
struct Page<'a> {
    out: String,
    view: &'a View,
}

impl Page<'_> {
    fn title(&mut self, text: &str) {
        writeln!(self.out, "{}", self.view.paint(Tone::Strong, text)).expect("writing to a string cannot fail");
    }

    fn entry(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            let name = self.view.paint(Tone::Quiet, &format!("{name:<INDENT$}"));
            hang(&mut self.out, &format!("  {name}"), INDENT + 2, text, self.view.width);
        }
    }

    /// Several texts on one paragraph.
    fn list(&mut self, name: &str, texts: &[String]) {
        self.entry(name, &texts.join(", "));
    }

    /// Several texts, each on its own line.
    fn entries(&mut self, name: &str, texts: &[String]) {
        for (at, text) in texts.iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            self.entry(name, text);
        }
    }
}

/// Edit distance with neighbours swapped counted as one edit.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, left) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, up) in other.iter().enumerate() {
            let change = above[column] + usize::from(left != up);
            let mut best = change.min(above[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *left == other[column - 1] && one[row - 1] == *up {
                best = best.min(before[column - 1] + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn catalog() -> Catalogue {
        let item = Item {
            id: "H1.1".to_owned(),
            text: "Every tool has an allow-list.".to_owned(),
            proof: Proof::Static,
            checks: vec!["path-traversal".to_owned()],
        };
        let control = Control {
            id: "H1".to_owned(),
            title: "Tool permission scoping".to_owned(),
            same_as: vec!["P3".to_owned()],
            items: vec![item],
            ..Control::default()
        };
        let framework = Framework {
            id: "mcp-hardening-18".to_owned(),
            title: "MCP server hardening checklist".to_owned(),
            gates: true,
            note: None,
            controls: vec![control],
            ..Framework::default()
        };
        Catalogue { rules: sample::failing().rules, frameworks: vec![framework] }
    }

    #[test]
    fn checks_items_controls_and_frameworks_are_explained() {
        let cases = [
            ("path-traversal", vec!["asks", "why", "fix", "mcp-hardening-18/H1.1", "cwe: CWE-22"]),
            ("PATH-traversal", vec!["asks"]),
            ("h1.1", vec!["Every tool has an allow-list.", "path-traversal: A caller chooses"]),
            ("mcp-hardening-18/H1", vec!["Tool permission scoping", "passes with", "H1.1: Every tool"]),
            ("mcp-hardening-18", vec!["H1: Tool permission scoping"]),
        ];
        for (id, parts) in cases {
            let text = catalog().explain(id, &View::default()).unwrap_or_else(|| panic!("{id}"));
            assert!(parts.iter().all(|part| text.contains(part)), "{id}: {text}");
        }
    }

    #[test]
    fn unknown_ids_get_the_nearest_known_ones() {
        let cases = [("path-travesal", "path-traversal"), ("traversal", "path-traversal"), ("H1.2", "H1.1")];
        for (typed, meant) in cases {
            assert!(catalog().explain(typed, &View::default()).is_none());
            assert!(catalog().suggest(typed).contains(&meant.to_owned()), "{typed}: {:?}", catalog().suggest(typed));
        }
        assert!(catalog().suggest("entirely-different").is_empty());
    }

    #[test]
    fn distance_counts_edits_and_swaps() {
        for (one, other, expected) in [("abc", "abc", 0), ("abc", "acb", 1), ("", "ab", 2), ("kitten", "sitting", 3)] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}

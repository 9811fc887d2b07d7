//! Framework files → checklists, held against the checks that exist or are planned.

use crate::assess::{ClassPolicy, Control, Framework, Item, Proof};
use crate::config::Ids;
use crate::document::Node;
use crate::mistake::Mistakes;
use crate::model::Spanned;
use crate::reader::Reader;
use crate::rules::load::{Files, UserFile};
use crate::rules::{self, RuleSet};
use crate::source::Span;

/// Everything that is asked: checks and the checklists they witness.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The checks.
    pub rules: RuleSet,
    /// The checklists; those that gate by default first.
    pub frameworks: Vec<Framework>,
}

impl Catalogue {
    /// Names that a configuration may use.
    pub fn ids(&self) -> Ids<'_> {
        let built = self.rules.rules.iter().map(|rule| rule.id.as_str());
        let planned = self.rules.planned.iter().map(|planned| planned.id.as_str());
        Ids {
            checks: built.chain(planned).collect(),
            items: self.items().map(|(_, _, item)| item.id.as_str()).collect(),
            frameworks: self.frameworks.iter().map(|framework| framework.id.as_str()).collect(),
        }
    }

    /// Every item with its framework and control, in order.
    pub fn items(&self) -> impl Iterator<Item = (&Framework, &Control, &Item)> {
        self.frameworks.iter().flat_map(|framework| {
            let controls = framework.controls.iter();
            controls.flat_map(move |control| control.items.iter().map(move |item| (framework, control, item)))
        })
    }
}

/// Loads checks and frameworks, built in and the user's; every mistake is told at once.
pub fn catalogue(user: &[UserFile]) -> Result<Catalogue, Mistakes> {
    let mut files = Files::open(user);
    let rules = rules::load::rules(&mut files);
    let mut reader = std::mem::take(&mut files.reader);
    let mut ranked: Vec<(Ranked, Vec<Reference>)> = Vec::new();
    for file in files.parsed.iter().filter(|file| file.path.starts_with("frameworks/")) {
        let Some(root) = file.document.root() else { continue };
        let stem = file.path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(stem, _)| stem);
        let Some(read) = framework(root, stem, &rules, &mut reader) else { continue };
        if ranked.iter().any(|(other, _)| other.framework.id == read.0.framework.id) {
            reader.wrong(root.span(), format!("`{stem}` is already the id of another framework"), "choose another id");
            continue;
        }
        ranked.push(read);
    }
    ranked.sort_by(|(one, _), (other, _)| (one.rank, &one.framework.id).cmp(&(other.rank, &other.framework.id)));
    let (ranked, references): (Vec<_>, Vec<_>) = ranked.into_iter().unzip();
    let frameworks: Vec<Framework> = ranked.into_iter().map(|ranked| ranked.framework).collect();
    check_references(&frameworks, references.into_iter().flatten(), &mut reader);
    files.reader = reader;
    match files.mistakes() {
        None => Ok(Catalogue { rules, frameworks }),
        Some(mistakes) => Err(mistakes),
    }
}

struct Ranked {
    rank: i64,
    framework: Framework,
}

/// A `same_as` entry and where it stands.
struct Reference {
    framework: String,
    control: String,
    to: Spanned<String>,
}

fn framework(root: Node<'_>, stem: &str, rules: &RuleSet, reader: &mut Reader) -> Option<(Ranked, Vec<Reference>)> {
    let keys = ["id", "title", "gate", "rank", "note", "default_policy", "kpis", "controls"];
    if !reader.map(root, "a framework", &keys) {
        return None;
    }
    let id = reader.required(root, "id", "the framework")?;
    if id.value != stem {
        reader.wrong(id.span, format!("the file is named `{stem}.yml`"), "give framework and file one name");
    }
    let title = reader.required(root, "title", "the framework")?.value;
    let gate = reader.required(root, "gate", "the framework")?;
    let gates = reader.choice(&gate, "kind of gate", &[("default", true), ("report", false)])?;
    let mut references = Vec::new();
    let mut seen = Vec::new();
    let nodes: Vec<Node<'_>> = root.get("controls").map(|list| list.items().collect()).unwrap_or_default();
    if nodes.is_empty() {
        reader.wrong(root.span(), "the framework has no `controls`", "list one control at least");
    }
    let mut controls = Vec::new();
    for node in nodes {
        controls.extend(control(node, &id.value, rules, &mut seen, &mut references, reader));
    }
    let framework = Framework {
        id: id.value,
        title,
        gates,
        note: reader.text(root, "note").map(|note| note.value),
        controls,
        default_policy: class_policies(root, reader),
        kpis: values(reader.texts(root, "kpis")),
    };
    let rank = root.get("rank").and_then(|node| node.as_int()).unwrap_or(i64::MAX);
    Some((Ranked { rank, framework }, references))
}

fn control(
    node: Node<'_>,
    framework: &str,
    rules: &RuleSet,
    seen: &mut Vec<String>,
    references: &mut Vec<Reference>,
    reader: &mut Reader,
) -> Option<Control> {
    if !reader.map(node, "a control", &["id", "title", "threat", "readiness", "same_as", "items"]) {
        return None;
    }
    let id = reader.required(node, "id", "the control")?.value;
    let title = reader.required(node, "title", "the control")?.value;
    let same_as = reader.texts(node, "same_as");
    references.extend(same_as.iter().map(|to| Reference {
        framework: framework.to_string(),
        control: id.clone(),
        to: to.clone(),
    }));
    let nodes = node.get("items").map(|list| list.items().collect::<Vec<_>>()).unwrap_or_default();
    if nodes.is_empty() && same_as.is_empty() {
        reader.wrong(node.span(), format!("the control `{id}` has no `items` and no `same_as`"), "give it one of them");
    }
    let items: Vec<Item> = nodes.into_iter().filter_map(|node| item(node, rules, seen, reader)).collect();
    let threat = values(reader.texts(node, "threat"));
    let readiness = values(reader.texts(node, "readiness"));
    Some(Control { id, title, same_as: values(same_as), items, threat, readiness })
}

fn item(node: Node<'_>, rules: &RuleSet, seen: &mut Vec<String>, reader: &mut Reader) -> Option<Item> {
    if !reader.map(node, "an item", &["id", "proof", "text", "checks"]) {
        return None;
    }
    let id = reader.required(node, "id", "the item")?;
    if seen.contains(&id.value) {
        reader.wrong(id.span, format!("`{}` is already the id of another item", id.value), "choose another id");
    }
    seen.push(id.value.clone());
    let text = reader.required(node, "text", "the item")?.value;
    let proof = reader.required(node, "proof", "the item")?;
    // What the report answers from its evidence is a question without witnesses: never a pass.
    let proofs = [("static", Proof::Static), ("attested", Proof::Attested), ("report", Proof::Static)];
    let proof = reader.choice(&proof, "proof", &proofs)?;
    let checks = reader.texts(node, "checks");
    for check in checks.iter().filter(|check| !rules.knows(&check.value)) {
        let built = rules.rules.iter().map(|rule| rule.id.as_str());
        let known: Vec<&str> = built.chain(rules.planned.iter().map(|planned| planned.id.as_str())).collect();
        reader.unknown(check.span, "check", &check.value, &known);
    }
    Some(Item { id: id.value, text, proof, checks: values(checks) })
}

fn class_policies(root: Node<'_>, reader: &mut Reader) -> Vec<ClassPolicy> {
    let Some(list) = root.get("default_policy") else { return Vec::new() };
    let mut all = Vec::new();
    for node in list.items() {
        if !reader.map(node, "a class policy", &["class", "requires"]) {
            continue;
        }
        let class = reader.required(node, "class", "the class policy");
        let requires = reader.required(node, "requires", "the class policy");
        if let (Some(class), Some(requires)) = (class, requires) {
            all.push(ClassPolicy { class: class.value, requires: requires.value });
        }
    }
    all
}

fn values(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

/// What a `same_as` entry names.
#[derive(Clone, Copy, Debug)]
pub enum Shared<'a> {
    /// A control and what it shares in turn.
    Control(&'a Framework, &'a Control),
    /// One item.
    Item(&'a Framework, &'a Item),
}

/// What an id in `same_as` names: in its own framework first, then in the others in order; controls before items.
pub fn shared<'a>(frameworks: &'a [Framework], own: &str, id: &str) -> Option<Shared<'a>> {
    let order = frameworks.iter().filter(|one| one.id == own).chain(frameworks.iter().filter(|one| one.id != own));
    for framework in order {
        if let Some(control) = framework.controls.iter().find(|control| control.id == id) {
            return Some(Shared::Control(framework, control));
        }
        let mut items = framework.controls.iter().flat_map(|control| &control.items);
        if let Some(item) = items.find(|item| item.id == id) {
            return Some(Shared::Item(framework, item));
        }
    }
    None
}

fn check_references(frameworks: &[Framework], references: impl Iterator<Item = Reference>, reader: &mut Reader) {
    for reference in references {
        let id = &reference.to.value;
        match shared(frameworks, &reference.framework, id) {
            None => reader.wrong(reference.to.span, format!("`{id}` names no control and no item"), "correct the id"),
            Some(Shared::Control(framework, control)) => {
                let from = (reference.framework.as_str(), reference.control.as_str());
                if leads_to((framework, control), from, frameworks, 0) {
                    wrong_circle(reference.to.span, id, reader);
                }
            }
            Some(Shared::Item(..)) => {}
        }
    }
}

fn wrong_circle(span: Span, id: &str, reader: &mut Reader) {
    reader.wrong(span, format!("`{id}` leads back to this control"), "break the circle");
}

/// Whether a control shares, at any remove, the control named.
fn leads_to(from: (&Framework, &Control), to: (&str, &str), frameworks: &[Framework], depth: usize) -> bool {
    if (from.0.id.as_str(), from.1.id.as_str()) == to || depth > 16 {
        return true;
    }
    from.1.same_as.iter().any(|id| match shared(frameworks, &from.0.id, id) {
        Some(Shared::Control(framework, control)) => leads_to((framework, control), to, frameworks, depth + 1),
        Some(Shared::Item(..)) | None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "\
id: house
title: House rules
gate: report
controls:
  - id: Z1
    title: One
    items:
      - {id: Z1.1, proof: static, text: It is so., checks: [runs-as-root]}
  - id: Z2
    title: Two
    same_as: [Z1, H5]
";

    fn load(text: &str) -> Result<Catalogue, Vec<String>> {
        let user = [UserFile { path: "frameworks/house.yml".into(), text: text.into() }];
        catalogue(&user).map_err(|found| found.all.into_iter().map(|one| one.message).collect())
    }

    #[test]
    fn a_user_framework_stands_beside_ours() {
        let catalogue = load(SOUND).expect("sound");
        let last = catalogue.frameworks.last().expect("ours and theirs");
        assert_eq!((last.id.as_str(), last.gates, last.controls.len()), ("house", false, 2));
        assert_eq!(catalogue.frameworks[0].id, "mcp-hardening-18", "the gating ones come first");
    }

    #[test]
    fn every_mistake_is_told() {
        let cases = [
            ("runs-as-root", "runs-as-rot", "`runs-as-rot` is not a known check"),
            ("gate: report", "gate: maybe", "`maybe` is not a known kind of gate"),
            ("proof: static", "proof: guess", "`guess` is not a known proof"),
            ("[Z1, H5]", "[Z1, H99]", "`H99` names no control and no item"),
            ("[Z1, H5]", "[Z2]", "`Z2` leads back to this control"),
            ("    same_as: [Z1, H5]\n", "", "the control `Z2` has no `items` and no `same_as`"),
            ("id: house", "id: horse", "the file is named `house.yml`"),
            ("title: Two", "titel: Two", "`titel` is not a known key of a control"),
        ];
        for (from, to, expected) in cases {
            let found = load(&SOUND.replace(from, to)).expect_err(to);
            assert!(found.iter().any(|one| one.starts_with(expected)), "{to}: {found:#?}");
        }
    }
}

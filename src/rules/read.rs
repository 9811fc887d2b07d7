//! The rule file format: one check, read from the spanned tree and held against the field tables.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::check::{self, ParamKind, Predicate};
use crate::document::Node;
use crate::model::subject::{FieldInfo, Shape};
use crate::model::{Spanned, SubjectKind};
use crate::reader::Reader;
use crate::rules::logic::{Applies, Ask, Logic, Param, Params, WhenNone};
use crate::rules::message::Template;
use crate::rules::read_matcher::{matcher, number};
use crate::rules::{Confidence, Rule, Severity};
use crate::source::Span;

/// Keys of a rule file, in the order in which they are best written.
pub const KEYS: &[&str] = &[
    "id",
    "title",
    "question",
    "severity",
    "confidence",
    "subject",
    "applies",
    "unless_applies",
    "holds",
    "check",
    "params",
    "answered_by",
    "show",
    "message",
    "passes",
    "lowered_when",
    "when_none",
    "why",
    "fix",
    "maps",
    "references",
];

/// Severities by name.
pub const SEVERITIES: &[(&str, Severity)] =
    &[("low", Severity::Low), ("medium", Severity::Medium), ("high", Severity::High), ("critical", Severity::Critical)];

const CONFIDENCES: &[(&str, Confidence)] =
    &[("low", Confidence::Low), ("medium", Confidence::Medium), ("high", Confidence::High)];

/// Standards that a check can map onto, with the form of their ids.
const STANDARDS: &[(&str, &str)] = &[
    ("aisvs", r"^\d+\.\d+(\.\d+)?$"),
    ("atlas", r"^AML\.[TM]\d{4}(\.\d{3})?$"),
    ("cis-docker", r"^\d+\.\d+$"),
    ("cis-kubernetes", r"^\d+\.\d+\.\d+$"),
    ("cwe", r"^\d+$"),
    ("eu-ai-act", r"^Art \d+"),
    ("mcp-spec", r"\S"),
    ("nis2", r"^21\(2\)\([a-j]\)$"),
    ("nist-ai-rmf", r"^(GOVERN|MAP|MEASURE|MANAGE) \d\.\d+$"),
    ("owasp-agentic", r"^ASI(0[1-9]|10)$"),
    ("owasp-llm", r"^LLM(0[1-9]|10):2025$"),
    ("owasp-mcp", r"^MCP(0[1-9]|10):2025$"),
    ("pod-security", r"^(baseline|restricted)$"),
    ("safe-mcp", r"^SAFE-(T\d{4}(\.\d+)?|M-\d+)$"),
];

static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    STANDARDS.iter().map(|(_, form)| Regex::new(form).expect("the forms of standards are valid patterns")).collect()
});
static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[a-z][a-z0-9]*(-[a-z0-9]+)*$").expect("a valid pattern"));

/// Reads one rule. `stem` is the name of its file; what is wrong goes to the reader.
pub fn rule(node: Node<'_>, stem: &str, area: &str, reader: &mut Reader) -> Option<Rule> {
    if !reader.map(node, "a rule", KEYS) {
        return None;
    }
    let id = id(node, stem, reader);
    let title = reader.required(node, "title", "the rule");
    let question = reader.required(node, "question", "the rule");
    let severity = named(node, "severity", SEVERITIES, reader);
    let confidence = named(node, "confidence", CONFIDENCES, reader);
    let why = reader.required(node, "why", "the rule");
    let fix = reader.required(node, "fix", "the rule");
    let maps = maps(node, reader);
    let references = reader.texts(node, "references");
    let kind = subject(node, reader)?;
    let logic = logic(node, kind, reader);
    Some(Rule {
        id: id?,
        area: area.to_string(),
        title: title?.value,
        question: question?.value,
        severity: severity?,
        confidence: confidence?,
        subject: kind,
        why: why?.value,
        fix: fix?.value,
        maps,
        references: references.into_iter().map(|text| text.value).collect(),
        logic: logic?,
    })
}

fn id(node: Node<'_>, stem: &str, reader: &mut Reader) -> Option<String> {
    let id = reader.required(node, "id", "the rule")?;
    if !ID.is_match(&id.value) {
        reader.wrong(id.span, format!("`{}` is not kebab-case", id.value), "write lower-case words joined by hyphens");
    } else if id.value != stem {
        reader.wrong(id.span, format!("the file is named `{stem}.yml`"), "give rule and file one name");
    }
    Some(id.value)
}

fn named<T: Copy>(node: Node<'_>, key: &str, choices: &[(&str, T)], reader: &mut Reader) -> Option<T> {
    let text = reader.required(node, key, "the rule")?;
    reader.choice(&text, key, choices)
}

fn subject(node: Node<'_>, reader: &mut Reader) -> Option<SubjectKind> {
    let text = reader.required(node, "subject", "the rule")?;
    kind(&text, reader)
}

/// A kind of subject by its name.
pub fn kind(text: &Spanned<String>, reader: &mut Reader) -> Option<SubjectKind> {
    let found = SubjectKind::of(&text.value);
    if found.is_none() {
        let ids: Vec<&str> = SubjectKind::ALL.iter().map(|kind| kind.id()).collect();
        reader.unknown(text.span, "kind of subject", &text.value, &ids);
    }
    found
}

/// A field of a kind by its name.
pub fn field(kind: SubjectKind, name: &Spanned<String>, reader: &mut Reader) -> Option<Shape> {
    if name.value == "name" {
        return Some(Shape::Text);
    }
    let found = kind.fields().iter().find(|info| info.name == name.value);
    if found.is_none() {
        let names: Vec<&str> = kind.fields().iter().map(|info: &FieldInfo| info.name).chain(["name"]).collect();
        reader.unknown(name.span, &format!("field of {}", kind.id()), &name.value, &names);
    }
    found.map(|info| info.shape)
}

fn maps(node: Node<'_>, reader: &mut Reader) -> BTreeMap<String, Vec<String>> {
    let mut maps = BTreeMap::new();
    let Some(map) = node.get("maps") else { return maps };
    let names: Vec<&str> = STANDARDS.iter().map(|(name, _)| *name).collect();
    if !reader.map(map, "`maps`", &names) {
        return maps;
    }
    for ((name, form), regex) in STANDARDS.iter().zip(FORMS.iter()) {
        let ids = reader.texts(map, name);
        for id in ids.iter().filter(|id| !regex.is_match(&id.value)) {
            reader.wrong(id.span, format!("`{}` is no id of {name}", id.value), format!("its form is {form}"));
        }
        if !ids.is_empty() {
            maps.insert((*name).to_string(), ids.into_iter().map(|id| id.value).collect());
        }
    }
    maps
}

fn logic(node: Node<'_>, kind: SubjectKind, reader: &mut Reader) -> Option<Logic> {
    let ask = ask(node, kind, reader)?;
    let (show, show_related) = show(node, kind, reader);
    let holes: &[&str] = if let Ask::Named(predicate, _) = &ask { predicate.holes } else { &[] };
    let told = !matches!(ask, Ask::Assessment);
    Some(Logic {
        applies: applies(node, kind, reader),
        show,
        show_related,
        message: template(node, "message", kind, holes, told, reader),
        passes: template(node, "passes", kind, holes, told, reader),
        lowered_when: node.get("lowered_when").and_then(|inner| matcher(inner, kind, 0, reader)),
        when_none: when_none(node, reader),
        ask,
    })
}

fn ask(node: Node<'_>, kind: SubjectKind, reader: &mut Reader) -> Option<Ask> {
    let given: Vec<&str> =
        ["holds", "check", "answered_by"].into_iter().filter(|key| node.get(key).is_some()).collect();
    match given.as_slice() {
        ["holds"] => matcher(node.get("holds")?, kind, 0, reader).map(Ask::Holds),
        ["check"] => predicate(node, kind, reader),
        ["answered_by"] => {
            let text = reader.text(node, "answered_by")?;
            reader.choice(&text, "answering stage", &[("assessment", ())]).map(|()| Ask::Assessment)
        }
        _ => {
            let message = format!("the rule has {} of `holds`, `check` and `answered_by`", given.len());
            reader.wrong(node.span(), message, "give exactly one of them");
            None
        }
    }
}

fn predicate(node: Node<'_>, kind: SubjectKind, reader: &mut Reader) -> Option<Ask> {
    let name = reader.text(node, "check")?;
    let Some(found) = check::named(&name.value) else {
        let names: Vec<&str> = check::PREDICATES.iter().map(|predicate| predicate.name).collect();
        reader.unknown(name.span, "predicate", &name.value, &names);
        return None;
    };
    if !found.subjects.contains(&kind) {
        let kinds: Vec<&str> = found.subjects.iter().map(|kind| kind.id()).collect();
        let message = format!("`{}` cannot be asked of {}", found.name, kind.id());
        reader.wrong(name.span, message, format!("it can be asked of: {}", kinds.join(", ")));
    }
    Some(Ask::Named(found, params(node, found, name.span, reader)))
}

fn params(node: Node<'_>, predicate: &Predicate, span: Span, reader: &mut Reader) -> Params {
    let mut params = Params::new();
    let names: Vec<&str> = predicate.params.iter().map(|(name, _)| *name).collect();
    let given = node.get("params");
    if given.is_some_and(|given| !reader.map(given, "`params`", &names)) {
        return params;
    }
    for (name, kind) in predicate.params {
        let Some(value) = given.and_then(|given| given.get(name)) else {
            let message = format!("`{}` needs the parameter `{name}`", predicate.name);
            reader.wrong(span, message, format!("give it under `params:`, as {}", in_words(*kind)));
            continue;
        };
        match param(value, *kind) {
            Some(param) => drop(params.insert((*name).to_string(), param)),
            None => reader.wrong(value.span(), format!("`{name}` is not {}", in_words(*kind)), "change its type"),
        }
    }
    params
}

fn param(node: Node<'_>, kind: ParamKind) -> Option<Param> {
    Some(match kind {
        ParamKind::Flag => Param::Flag(node.as_bool()?),
        ParamKind::Number => Param::Number(number(node)?),
        ParamKind::Text => Param::Text(node.as_str()?.to_string()),
        ParamKind::Texts if node.is_list() => {
            Param::Texts(node.items().map(|item| item.scalar()).collect::<Option<_>>()?)
        }
        ParamKind::Texts => return None,
    })
}

fn in_words(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Flag => "true or false",
        ParamKind::Number => "a number",
        ParamKind::Text => "text",
        ParamKind::Texts => "a list of texts",
    }
}

fn applies(node: Node<'_>, kind: SubjectKind, reader: &mut Reader) -> Option<Applies> {
    let unless = template(node, "unless_applies", kind, &[], false, reader);
    match (node.get("applies"), node.get("unless_applies")) {
        (Some(inner), Some(_)) => Some(Applies { matcher: matcher(inner, kind, 0, reader)?, unless }),
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => {
            reader.wrong(one.span(), "`applies` and `unless_applies` stand alone", "give the condition and the reason");
            None
        }
    }
}

fn show(node: Node<'_>, kind: SubjectKind, reader: &mut Reader) -> (Vec<String>, bool) {
    let Some(shown) = node.get("show") else { return (Vec::new(), false) };
    let names = match shown.as_str() {
        Some(name) => vec![Spanned::new(name.to_string(), shown.span())],
        None => reader.as_texts(shown, "show"),
    };
    let related = names.iter().any(|name| name.value == "related");
    let fields: Vec<_> = names.into_iter().filter(|name| name.value != "related").collect();
    for name in &fields {
        field(kind, name, reader);
    }
    (fields.into_iter().map(|name| name.value).collect(), related)
}

fn template(
    node: Node<'_>,
    key: &str,
    kind: SubjectKind,
    holes: &[&str],
    needed: bool,
    reader: &mut Reader,
) -> Template {
    let text = if needed { reader.required(node, key, "the rule") } else { reader.text(node, key) };
    let Some(text) = text else { return Template::default() };
    let template = Template::parse(&text.value);
    for hole in template.holes().filter(|hole| !holes.contains(hole) && !["server", "tool"].contains(hole)) {
        field(kind, &Spanned::new(hole.to_string(), text.span), reader);
    }
    template
}

fn when_none(node: Node<'_>, reader: &mut Reader) -> Option<WhenNone> {
    let map = node.get("when_none")?;
    if !reader.map(map, "`when_none`", &["answer", "because", "needs"]) {
        return None;
    }
    let answer = reader.required(map, "answer", "`when_none`")?;
    let holds = reader.choice(&answer, "answer", &[("holds", true), ("not-applicable", false)])?;
    let because = reader.required(map, "because", "`when_none`")?.value;
    let needs = reader.text(map, "needs").and_then(|text| kind(&text, reader));
    Some(WhenNone { holds, because, needs })
}

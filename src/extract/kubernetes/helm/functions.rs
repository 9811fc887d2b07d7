//! Functions of templates, as far as they are needed to know what a chart applies; what others come to is open.

use std::rc::Rc;

use super::value::{Rich, Value, quoted};
use crate::extract::kubernetes::value::OPEN;

/// Version of Kubernetes that charts are rendered for.
const KUBERNETES: (i64, i64) = (1, 33);

/// Groups and versions that every cluster of that version serves.
const VERSIONS: &[&str] = &[
    "v1",
    "apps/v1",
    "batch/v1",
    "policy/v1",
    "networking.k8s.io/v1",
    "autoscaling/v1",
    "autoscaling/v2",
    "rbac.authorization.k8s.io/v1",
    "storage.k8s.io/v1",
    "discovery.k8s.io/v1",
    "coordination.k8s.io/v1",
    "scheduling.k8s.io/v1",
    "node.k8s.io/v1",
    "apiextensions.k8s.io/v1",
    "admissionregistration.k8s.io/v1",
];

/// Whether a cluster serves a version, or a kind of it, without anything added.
pub fn has_version(version: &str) -> bool {
    VERSIONS.iter().any(|own| version == *own || version.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')))
}

/// What a function comes to.
pub fn call<'a>(name: &str, arguments: &[Value<'a>]) -> Value<'a> {
    logic(name, arguments)
        .or_else(|| collection(name, arguments))
        .or_else(|| text(name, arguments))
        .or_else(|| number(name, arguments))
        .unwrap_or(Value::Open)
}

fn bool<'a>(value: bool) -> Option<Value<'a>> {
    Some(Value::Bool(value, None))
}

/// Choices between values; each is open where what decides is.
fn logic<'a>(name: &str, arguments: &[Value<'a>]) -> Option<Value<'a>> {
    let open = || Some(Value::Open);
    match (name, arguments) {
        ("default", [fallback, value]) => match value.truth() {
            Some(true) => Some(value.clone()),
            Some(false) => Some(fallback.clone()),
            None => open(),
        },
        ("default", [fallback]) => Some(fallback.clone()),
        ("coalesce", values) => values.iter().find(|value| value.truth() != Some(false)).cloned().or(Some(Value::Nil)),
        ("ternary", [yes, no, choice]) => match choice.truth() {
            Some(true) => Some(yes.clone()),
            Some(false) => Some(no.clone()),
            None => open(),
        },
        ("required", [_, value]) => Some(if value.truth() == Some(false) { Value::Open } else { value.clone() }),
        ("and", values) => values.iter().find(|value| value.truth() != Some(true)).or(values.last()).cloned(),
        ("or", values) => values.iter().find(|value| value.truth() != Some(false)).or(values.last()).cloned(),
        ("not", [value]) => value.truth().map_or_else(open, |truth| bool(!truth)),
        ("empty", [value]) => value.truth().map_or_else(open, |truth| bool(!truth)),
        ("eq", [first, others @ ..]) => compare(first, others, true),
        ("ne", [first, others @ ..]) => compare(first, others, false),
        ("kindIs", [kind, value]) => bool(kind.written().text == kind_of(value)?),
        ("kindOf" | "typeOf", [value]) => Some(Value::text(kind_of(value)?, None)),
        ("semverCompare", [range, _]) => bool(satisfies(&range.written().text)?),
        ("lookup", _) => Some(Value::Map(Rc::new(Vec::new()))),
        _ => None,
    }
}

fn compare<'a>(first: &Value<'_>, others: &[Value<'_>], equal: bool) -> Option<Value<'a>> {
    let mut all = others.iter().chain([first]);
    if all.any(|value| matches!(value, Value::Open) || value.written().text.contains(OPEN)) {
        return Some(Value::Open);
    }
    let same = |other: &Value<'_>| first.written().text == other.written().text;
    bool(others.iter().any(same) == equal)
}

fn kind_of(value: &Value<'_>) -> Option<&'static str> {
    Some(match value {
        Value::Nil => "invalid",
        Value::Bool(..) => "bool",
        Value::Int(..) => "int",
        Value::Float(..) => "float64",
        Value::Text(_) => "string",
        Value::Node(node) if node.is_list() => "slice",
        Value::List(_) => "slice",
        Value::Node(_) | Value::Map(_) => "map",
        Value::Open => return None,
    })
}

/// Whether the version of Kubernetes satisfies a range of one comparison.
fn satisfies(range: &str) -> Option<bool> {
    let range = range.trim();
    let at = range.find(|letter: char| letter.is_ascii_digit())?;
    let (sign, version) = range.split_at_checked(at)?;
    let mut parts = version.split(['.', '-', '+']).map(|part| part.parse::<i64>().unwrap_or(0));
    let wanted = (parts.next()?, parts.next().unwrap_or(0));
    Some(match sign.trim().trim_end_matches('v').trim() {
        ">=" | "^" | "~" => KUBERNETES >= wanted,
        ">" => KUBERNETES > wanted,
        "<" => KUBERNETES < wanted,
        "<=" => KUBERNETES <= wanted,
        "" | "=" => KUBERNETES == wanted,
        _ => return None,
    })
}

fn collection<'a>(name: &str, arguments: &[Value<'a>]) -> Option<Value<'a>> {
    if arguments.iter().any(|value| matches!(value, Value::Open)) && !matches!(name, "dict" | "list" | "set") {
        return Some(Value::Open);
    }
    let list = |items: Vec<Value<'a>>| Some(Value::List(Rc::new(items)));
    let items = |value: &Value<'a>| value.entries().into_iter().map(|(_, item)| item).collect::<Vec<_>>();
    match (name, arguments) {
        ("dict", pairs) => {
            let entries = pairs.chunks_exact(2).map(|pair| (pair[0].written().text, pair[1].clone()));
            Some(Value::Map(Rc::new(entries.collect())))
        }
        ("list" | "tuple", values) => list(values.to_vec()),
        ("get", [map, key]) => Some(map.field(&key.written().text)),
        ("index", [value, keys @ ..]) => Some(keys.iter().fold(value.clone(), |value, key| match key {
            Value::Int(at, _) => {
                usize::try_from(*at).ok().and_then(|at| items(&value).into_iter().nth(at)).unwrap_or(Value::Nil)
            }
            other => value.field(&other.written().text),
        })),
        ("dig", [keys @ .., fallback, map]) => {
            let found = keys.iter().fold(map.clone(), |value, key| value.field(&key.written().text));
            Some(if matches!(found, Value::Nil) { fallback.clone() } else { found })
        }
        ("hasKey", [map, key]) => {
            let key = key.written().text;
            bool(map.entries().iter().any(|(own, _)| own.written().text == key))
        }
        ("has", [item, all]) => {
            let item = item.written().text;
            bool(items(all).iter().any(|own| own.written().text == item))
        }
        ("keys", [map]) => list(map.entries().into_iter().map(|(key, _)| key).collect()),
        ("values", [map]) => list(items(map)),
        ("set", [map, key, value]) => {
            let key = key.written().text;
            let mut entries = pairs(map);
            entries.retain(|(own, _)| *own != key);
            entries.push((key, value.clone()));
            Some(Value::Map(Rc::new(entries)))
        }
        ("merge" | "mergeOverwrite" | "mustMerge" | "mustMergeOverwrite", [first, others @ ..]) => {
            let overwrite = name.ends_with("Overwrite");
            let mut entries = pairs(first);
            for (key, value) in others.iter().flat_map(pairs) {
                match entries.iter_mut().find(|(own, _)| *own == key) {
                    Some((_, own)) if overwrite => *own = value,
                    Some(_) => {}
                    None => entries.push((key, value)),
                }
            }
            Some(Value::Map(Rc::new(entries)))
        }
        ("deepCopy", [value]) => Some(value.clone()),
        ("omit" | "pick", [map, keys @ ..]) => {
            let named: Vec<String> = keys.iter().map(|key| key.written().text).collect();
            let entries = pairs(map).into_iter().filter(|(key, _)| named.contains(key) == (name == "pick"));
            Some(Value::Map(Rc::new(entries.collect())))
        }
        ("concat", values) => list(values.iter().flat_map(items).collect()),
        ("append" | "prepend", [all, item]) => {
            let mut all = items(all);
            let at = if name == "append" { all.len() } else { 0 };
            all.insert(at, item.clone());
            list(all)
        }
        ("first", [all]) => Some(items(all).into_iter().next().unwrap_or(Value::Nil)),
        ("last", [all]) => Some(items(all).into_iter().next_back().unwrap_or(Value::Nil)),
        ("uniq" | "compact" | "sortAlpha", [all]) => list(items(all)),
        ("join", [separator, all]) => {
            let texts: Vec<String> = items(all).iter().map(|item| item.written().text).collect();
            Some(Value::text(texts.join(&separator.written().text), all.span()))
        }
        ("len", [Value::Text(rich)]) => Some(Value::Int(rich.text.len() as i64, None)),
        ("len", [all]) => Some(Value::Int(all.entries().len() as i64, None)),
        ("toYaml" | "toYamlPretty", [value]) => Some(Value::Text(Rc::new(value.yaml()))),
        _ => None,
    }
}

fn pairs<'a>(map: &Value<'a>) -> Vec<(String, Value<'a>)> {
    map.entries().into_iter().map(|(key, value)| (key.written().text, value)).collect()
}

fn text<'a>(name: &str, arguments: &[Value<'a>]) -> Option<Value<'a>> {
    if arguments.iter().any(|value| matches!(value, Value::Open)) {
        return Some(Value::Open);
    }
    let last = arguments.last()?;
    let subject = last.written();
    let span = last.span();
    let say = |text: String| Some(Value::text(text, span));
    let given = |at: usize| arguments.get(at).map(|value| value.written().text).unwrap_or_default();
    let count = |at: usize| match arguments.get(at) {
        Some(Value::Int(value, _)) => usize::try_from(*value).unwrap_or(0),
        _ => 0,
    };
    match name {
        "indent" => Some(Value::Text(Rc::new(subject.indented(count(0), false)))),
        "nindent" => Some(Value::Text(Rc::new(subject.indented(count(0), true)))),
        "quote" => say(arguments.iter().map(|value| quoted(&value.written().text)).collect::<Vec<_>>().join(" ")),
        "squote" => say(format!("'{}'", subject.text.replace('\'', "''"))),
        "toString" => say(subject.text),
        "toJson" | "toRawJson" => match last {
            Value::Text(_) => say(quoted(&subject.text)),
            Value::Node(node) => say(node.to_json(10_000)?.to_string()),
            Value::Bool(..) | Value::Int(..) | Value::Float(..) => say(subject.text),
            _ => Some(Value::Open),
        },
        "trim" => trimmed(&subject, subject.text.trim()),
        "trimSuffix" => trimmed(&subject, subject.text.strip_suffix(&given(0)).unwrap_or(&subject.text)),
        "trimPrefix" => say(subject.text.strip_prefix(&given(0)).unwrap_or(&subject.text).to_string()),
        "trimAll" => say(subject.text.trim_matches(|letter| given(0).contains(letter)).to_string()),
        "trunc" => say(subject.text.chars().take(count(0)).collect()),
        "lower" => say(subject.text.to_lowercase()),
        "upper" => say(subject.text.to_uppercase()),
        "title" | "camelcase" => say(subject.text),
        "nospace" => say(subject.text.split_whitespace().collect()),
        "kebabcase" => say(subject.text.replace(['_', ' '], "-").to_lowercase()),
        "snakecase" => say(subject.text.replace(['-', ' '], "_").to_lowercase()),
        "replace" => say(subject.text.replace(&given(0), &given(1))),
        "contains" => bool(subject.text.contains(&given(0))),
        "hasPrefix" => bool(subject.text.starts_with(&given(0))),
        "hasSuffix" => bool(subject.text.ends_with(&given(0))),
        "splitList" => {
            let parts = subject.text.split(&given(0)).map(|part| Value::text(part, span)).collect();
            Some(Value::List(Rc::new(parts)))
        }
        "print" | "cat" => say(arguments.iter().map(|value| value.written().text).collect()),
        "println" => say(arguments.iter().map(|value| value.written().text).collect::<String>() + "\n"),
        "printf" => say(formatted(&given(0), arguments.get(1..).unwrap_or(&[]))?),
        "b64enc" | "b64dec" if subject.text.is_empty() => say(String::new()),
        "sha256sum" | "sha1sum" | "adler32sum" => say("0".repeat(64)),
        "regexMatch" => bool(regex::Regex::new(&given(0)).ok()?.is_match(&subject.text)),
        _ => None,
    }
}

/// A text without the end that was taken off; its parts keep their places.
fn trimmed<'a>(whole: &Rich, kept: &str) -> Option<Value<'a>> {
    let start = whole.text.find(kept).unwrap_or(0);
    if kept.is_empty() {
        return Some(Value::text("", whole.span()));
    }
    let inside = whole.marks.iter().filter(|mark| mark.end > start && mark.start < start + kept.len());
    let marks = inside.map(|mark| {
        let skipped = start.saturating_sub(mark.start) as u32;
        let mut moved = *mark;
        moved.start = mark.start.max(start) - start;
        moved.end = mark.end.min(start + kept.len()) - start;
        if mark.exact {
            moved.span.start = moved.span.start.saturating_add(skipped).min(moved.span.end);
        }
        moved
    });
    Some(Value::Text(Rc::new(Rich { text: kept.to_string(), marks: marks.collect() })))
}

/// `%s`, `%d`, `%v`, `%q` filled in turn; nothing for other directives.
fn formatted(pattern: &str, arguments: &[Value<'_>]) -> Option<String> {
    let mut out = String::new();
    let mut rest = arguments.iter();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match letters.next()? {
            '%' => out.push('%'),
            's' | 'd' | 'v' => out.push_str(&rest.next()?.written().text),
            'q' => out.push_str(&quoted(&rest.next()?.written().text)),
            _ => return None,
        }
    }
    Some(out)
}

fn number<'a>(name: &str, arguments: &[Value<'a>]) -> Option<Value<'a>> {
    let value = |value: &Value<'a>| match value {
        Value::Int(value, _) => Some(*value),
        Value::Float(value, _) => Some(*value as i64),
        Value::Bool(value, _) => Some(i64::from(*value)),
        Value::Nil => Some(0),
        other => other.written().text.trim().parse::<i64>().ok(),
    };
    let span = arguments.first().and_then(Value::span);
    let two = || Some((value(arguments.first()?)?, value(arguments.get(1)?)?));
    let say = |value: i64| Some(Value::Int(value, span));
    match name {
        "int" | "int64" | "atoi" => say(value(arguments.first()?)?),
        "float64" => Some(arguments.first()?.clone()),
        "add" => say(arguments.iter().map(value).collect::<Option<Vec<_>>>()?.into_iter().fold(0, i64::saturating_add)),
        "add1" => say(value(arguments.first()?)?.saturating_add(1)),
        "sub" => two().and_then(|(one, other)| say(one.saturating_sub(other))),
        "mul" => two().and_then(|(one, other)| say(one.saturating_mul(other))),
        "div" => two().and_then(|(one, other)| say(one.checked_div(other)?)),
        "mod" => two().and_then(|(one, other)| say(one.checked_rem(other)?)),
        "max" => two().and_then(|(one, other)| say(one.max(other))),
        "min" => two().and_then(|(one, other)| say(one.min(other))),
        "gt" => two().and_then(|(one, other)| bool(one > other)),
        "ge" => two().and_then(|(one, other)| bool(one >= other)),
        "lt" => two().and_then(|(one, other)| bool(one < other)),
        "le" => two().and_then(|(one, other)| bool(one <= other)),
        _ => None,
    }
}

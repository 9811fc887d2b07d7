//! Matchers as they stand in rule files.

use regex::{Regex, RegexBuilder};

use crate::document::{Node, NodeKind};
use crate::model::subject::Shape;
use crate::model::{Spanned, SubjectKind};
use crate::reader::Reader;
use crate::rules::matcher::{Literal, Matcher, Related, Scope, Test};
use crate::rules::read::{field, kind};

/// Deepest nesting of matchers.
const DEEPEST: usize = 12;
/// Largest compiled pattern, in bytes.
const LARGEST_PATTERN: usize = 1 << 20;

const FORMS: &[&str] = &["all", "any", "not", "field", "related"];
const RELATED: &[&str] = &["related", "scope", "where", "show"];
const TESTS: &[&str] =
    &["present", "is", "in", "matches", "contains", "any_of", "all_of", "only", "each_matches", "at_least", "at_most"];
const SCOPES: &[(&str, Scope)] = &[
    ("same-server", Scope::Server),
    ("same-tool", Scope::Tool),
    ("same-name", Scope::Name),
    ("same-file", Scope::File),
    ("part", Scope::Part),
    ("tree", Scope::Tree),
];

/// Reads a matcher over subjects of a kind.
pub fn matcher(node: Node<'_>, subject: SubjectKind, depth: usize, reader: &mut Reader) -> Option<Matcher> {
    if depth > DEEPEST {
        reader.wrong(node.span(), "the matcher is nested too deeply", "write a named predicate instead");
        return None;
    }
    let form = FORMS.iter().find(|form| node.get(form).is_some());
    let Some(form) = form else {
        reader.wrong(node.span(), "this is not a matcher", format!("begin it with one of: {}", FORMS.join(", ")));
        return None;
    };
    let inner = node.get(form)?;
    match *form {
        "field" => read_field(node, subject, reader),
        "related" => related(node, depth, reader),
        _ if !reader.map(node, "a matcher", &[form]) => None,
        "not" => Some(Matcher::Not(Box::new(matcher(inner, subject, depth + 1, reader)?))),
        form => {
            if !inner.is_list() || inner.items().next().is_none() {
                reader.wrong(inner.span(), format!("`{form}` is not a list of matchers"), "list one at least");
                return None;
            }
            let parts: Vec<_> = inner.items().map(|item| matcher(item, subject, depth + 1, reader)).collect();
            let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
            Some(if form == "all" { Matcher::All(parts) } else { Matcher::Any(parts) })
        }
    }
}

fn read_field(node: Node<'_>, subject: SubjectKind, reader: &mut Reader) -> Option<Matcher> {
    let allowed: Vec<&str> = ["field"].into_iter().chain(TESTS.iter().copied()).collect();
    reader.map(node, "a field matcher", &allowed);
    let name = reader.text(node, "field")?;
    let shape = field(subject, &name, reader)?;
    let given: Vec<&str> = TESTS.iter().copied().filter(|test| node.get(test).is_some()).collect();
    let [test] = given.as_slice() else {
        let message = format!("`{}` has {} tests", name.value, given.len());
        reader.wrong(node.span(), message, format!("give exactly one of: {}", TESTS.join(", ")));
        return None;
    };
    let test = read_test(test, node.get(test)?, shape, reader)?;
    Some(Matcher::Field { name: name.value, test })
}

fn read_test(test: &str, value: Node<'_>, shape: Shape, reader: &mut Reader) -> Option<Test> {
    let fits = match test {
        "present" => true,
        "is" | "in" => shape != Shape::List,
        "matches" => matches!(shape, Shape::Text | Shape::List),
        "at_least" | "at_most" => shape == Shape::Number,
        _ => shape == Shape::List,
    };
    if !fits {
        let message = format!("`{test}` cannot be asked of {}", in_words(shape));
        reader.wrong(value.span(), message, "choose a test that fits the field's type");
        return None;
    }
    let texts = |reader: &mut Reader| -> Vec<String> {
        reader.as_texts(value, test).into_iter().map(|text| text.value).collect()
    };
    match test {
        "present" => value.as_bool().map(Test::Present).or_else(|| mistyped(value, "true or false", reader)),
        "is" => literal(value, shape, reader).map(Test::Is),
        "in" => literals(value, shape, reader).map(Test::In),
        "matches" => pattern(&reader.as_text(value, test)?, reader).map(Test::Matches),
        "each_matches" => pattern(&reader.as_text(value, test)?, reader).map(Test::EachMatches),
        "contains" => reader.as_text(value, test).map(|text| Test::AnyOf(vec![text.value])),
        "any_of" => Some(Test::AnyOf(texts(reader))),
        "all_of" => Some(Test::AllOf(texts(reader))),
        "only" => Some(Test::Only(texts(reader))),
        "at_least" => number(value).map(Test::AtLeast).or_else(|| mistyped(value, "a number", reader)),
        _ => number(value).map(Test::AtMost).or_else(|| mistyped(value, "a number", reader)),
    }
}

fn mistyped<T>(value: Node<'_>, wanted: &str, reader: &mut Reader) -> Option<T> {
    reader.wrong(value.span(), format!("this is {}, not {wanted}", crate::reader::kind(value)), "change its type");
    None
}

fn literals(value: Node<'_>, shape: Shape, reader: &mut Reader) -> Option<Vec<Literal>> {
    if !value.is_list() {
        return mistyped(value, "a list", reader);
    }
    value.items().map(|item| literal(item, shape, reader)).collect()
}

fn literal(value: Node<'_>, shape: Shape, reader: &mut Reader) -> Option<Literal> {
    let literal = match shape {
        Shape::Bool => value.as_bool().map(Literal::Bool),
        Shape::Number => number(value).map(Literal::Number),
        Shape::Text | Shape::List => value.as_str().map(|text| Literal::Text(text.to_string())),
    };
    literal.or_else(|| mistyped(value, in_words(shape), reader))
}

fn in_words(shape: Shape) -> &'static str {
    match shape {
        Shape::Bool => "a truth value",
        Shape::Number => "a number",
        Shape::Text => "text",
        Shape::List => "a list",
    }
}

/// A number, whole or not.
pub fn number(node: Node<'_>) -> Option<f64> {
    match node.kind() {
        NodeKind::Int(value) => Some(*value as f64),
        NodeKind::Float(value) => Some(*value),
        _ => None,
    }
}

/// A pattern: linear time, bounded size.
pub fn pattern(text: &Spanned<String>, reader: &mut Reader) -> Option<Regex> {
    match RegexBuilder::new(&text.value).size_limit(LARGEST_PATTERN).build() {
        Ok(regex) => Some(regex),
        Err(error) => {
            let reason = error.to_string();
            let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string();
            reader.wrong(text.span, format!("the pattern is not valid: {last}"), "see the syntax of the regex crate");
            None
        }
    }
}

fn related(node: Node<'_>, depth: usize, reader: &mut Reader) -> Option<Matcher> {
    reader.map(node, "a related matcher", RELATED);
    let name = reader.text(node, "related")?;
    let other = kind(&name, reader)?;
    let scopes = scopes(node, reader);
    let matching = match node.get("where") {
        Some(inner) => Some(Box::new(matcher(inner, other, depth + 1, reader)?)),
        None => None,
    };
    let show = reader.text(node, "show");
    if let Some(shown) = &show {
        field(other, shown, reader);
    }
    Some(Matcher::Related(Related { kind: other, scopes: scopes?, matching, show: show.map(|shown| shown.value) }))
}

fn scopes(node: Node<'_>, reader: &mut Reader) -> Option<Vec<Scope>> {
    let Some(given) = node.get("scope") else {
        reader.wrong(node.span(), "`related` has no `scope`", "say how the facts are related: same-server, tree, …");
        return None;
    };
    let names = match given.as_str() {
        Some(name) => vec![Spanned::new(name.to_string(), given.span())],
        None => reader.as_texts(given, "scope"),
    };
    names.iter().map(|name| reader.choice(name, "scope", SCOPES)).collect()
}

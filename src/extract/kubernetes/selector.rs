//! Label selectors: which objects one chooses, where that can be known.

use super::object::Labels;
use super::value;
use crate::document::Node;
use crate::model::known::Known;

/// Whether a selector chooses something with these labels; nothing where a label or the selector is left open.
///
/// An empty selector chooses everything.
pub fn selects(selector: Node<'_>, labels: &Labels) -> Option<bool> {
    let pairs = selector.get("matchLabels").into_iter().flat_map(Node::entries);
    let by_label = pairs.map(|(key, wanted)| equals(labels.get(&key.scalar()?), &value::known(wanted)));
    let expressions = selector.get("matchExpressions").into_iter().flat_map(Node::items);
    all(by_label.chain(expressions.map(|expression| holds(expression, labels))))
}

/// Whether plain pairs, as a Service's selector has them, choose something; none choose nothing.
pub fn pairs_select(pairs: Node<'_>, labels: &Labels) -> Option<bool> {
    if pairs.entries().next().is_none() {
        return Some(false);
    }
    all(pairs.entries().map(|(key, wanted)| equals(labels.get(&key.scalar()?), &value::known(wanted))))
}

/// Whether a selector says nothing, and so chooses everything.
pub fn is_empty(selector: Node<'_>) -> bool {
    let nothing = |key: &str| {
        selector.get(key).is_none_or(|node| node.entries().next().is_none() && node.items().next().is_none())
    };
    nothing("matchLabels") && nothing("matchExpressions")
}

/// The selector in words.
pub fn words(selector: Node<'_>) -> String {
    let pairs = selector.get("matchLabels").into_iter().flat_map(Node::entries);
    let pairs = pairs
        .map(|(key, wanted)| format!("{}={}", key.scalar().unwrap_or_default(), wanted.scalar().unwrap_or_default()));
    let expressions = selector.get("matchExpressions").into_iter().flat_map(Node::items);
    let expressions = expressions.map(|expression| {
        let values: Vec<String> =
            expression.get("values").into_iter().flat_map(Node::items).filter_map(Node::scalar).collect();
        let text = |key: &str| expression.get(key).and_then(Node::scalar).unwrap_or_default();
        format!("{} {} {}", text("key"), text("operator"), values.join("|")).trim_end().to_string()
    });
    pairs.chain(expressions).collect::<Vec<_>>().join(", ")
}

/// One no settles it; else anything open leaves it open.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => open = true,
        }
    }
    (!open).then_some(true)
}

fn equals(label: Option<&Known<String>>, wanted: &Known<String>) -> Option<bool> {
    match (label, wanted) {
        (None, _) => Some(false),
        (Some(label), Known::Absent) => label.is_absent().then_some(true),
        (Some(label), wanted) => Some(label.value()? == wanted.value()?),
    }
}

fn holds(expression: Node<'_>, labels: &Labels) -> Option<bool> {
    let key = expression.get("key").and_then(Node::scalar)?;
    let label = labels.get(&key);
    let listed = |wanted: bool| -> Option<bool> {
        let own = label?.value()?;
        let mut values = expression.get("values").into_iter().flat_map(Node::items).map(value::known);
        if values.any(|value| value.value() == Some(own)) {
            return Some(wanted);
        }
        let open =
            expression.get("values").into_iter().flat_map(Node::items).any(|node| value::known(node).value().is_none());
        (!open).then_some(!wanted)
    };
    match expression.get("operator").and_then(Node::as_str)? {
        "Exists" => Some(label.is_some()),
        "DoesNotExist" => Some(label.is_none()),
        "In" if label.is_none() => Some(false),
        "NotIn" if label.is_none() => Some(true),
        "In" => listed(true),
        "NotIn" => listed(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Syntax, parse};
    use crate::extract::kubernetes::object;
    use crate::source::Sources;

    #[test]
    fn selectors_choose_by_labels_and_expressions_and_leave_open_what_is_open() {
        let cases = [
            ("{}", Some(true)),
            ("{matchLabels: {app: orders}}", Some(true)),
            ("{matchLabels: {app: other}}", Some(false)),
            ("{matchLabels: {app: orders, tier: web}}", Some(false)),
            ("{matchLabels: {app: orders, track: \"${T}\"}}", None),
            ("{matchLabels: {track: x}}", None),
            ("{matchExpressions: [{key: app, operator: In, values: [a, orders]}]}", Some(true)),
            ("{matchExpressions: [{key: app, operator: NotIn, values: [orders]}]}", Some(false)),
            ("{matchExpressions: [{key: none, operator: NotIn, values: [orders]}]}", Some(true)),
            ("{matchExpressions: [{key: none, operator: Exists}]}", Some(false)),
            ("{matchExpressions: [{key: app, operator: Exists}, {key: none, operator: DoesNotExist}]}", Some(true)),
            ("{matchExpressions: [{key: track, operator: In, values: [x]}]}", None),
            ("{matchExpressions: [{key: app, operator: Gt, values: [x]}]}", None),
        ];
        let mut sources = Sources::default();
        for (text, expected) in cases {
            let text = format!("labels: {{app: orders, track: \"{{{{ .x }}}}\"}}\nselector: {text}\n");
            let id = sources.add_text("x", &text);
            let (document, gaps) = parse(id, Syntax::Yaml, &text);
            assert!(gaps.is_empty(), "{text}");
            let root = document.root().expect("parsed");
            let labels = object::labels(root.get("labels"));
            assert_eq!(selects(root.get("selector").expect("written"), &labels), expected, "{text}");
        }
    }
}

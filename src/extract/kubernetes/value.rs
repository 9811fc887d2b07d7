//! Scalars of manifests: what a rendered template or a variable leaves open is unknown, never a value.

use crate::document::Node;
use crate::extract::containers::interpolate;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Mark that stands in rendered text for what a template could not say; it reads as a variable.
pub const OPEN: &str = "$unrendered";

/// Text of a scalar with its place, as written.
pub fn written(node: Node<'_>) -> Option<Spanned<String>> {
    Some(Spanned::new(node.scalar()?, node.span()))
}

/// A scalar as a value; unknown where a variable or a template action stands in it.
pub fn known(node: Node<'_>) -> Known<String> {
    node.scalar().map_or(Known::Absent, |text| of_text(&text, node.span()))
}

/// Text as a value; unknown where a variable or a template action stands in it.
pub fn of_text(text: &str, span: Span) -> Known<String> {
    if text.contains("{{") {
        return Known::unknown("set by a template action, which is not rendered here", span);
    }
    match interpolate::known(text, span) {
        Known::Unknown(_) if text.contains(OPEN) => Known::unknown("left open by the chart's values", span),
        other => other,
    }
}

/// Where an entry is shown: at its value, or at its key where a template took the value from elsewhere.
pub fn shown(map: Node<'_>, key: &str) -> Option<Span> {
    let (key, value, _) = map.entry(key)?;
    Some(if value.span().source == key.span().source { value.span() } else { key.span() })
}

/// The scalar under a chain of keys.
pub fn at(node: Node<'_>, keys: &[&str]) -> Known<String> {
    node.at(keys).map_or(Known::Absent, known)
}

/// A truth value.
pub fn switch(node: Node<'_>) -> Known<bool> {
    if let Some(value) = node.as_switch() {
        return Known::is(value, node.span());
    }
    match known(node) {
        Known::Absent => Known::Absent,
        Known::Unknown(unknown) => Known::Unknown(unknown),
        Known::Is(text) => Known::unknown(format!("`{}` is neither true nor false", text.value), text.span),
    }
}

/// The truth value under a chain of keys.
pub fn switch_at(node: Node<'_>, keys: &[&str]) -> Known<bool> {
    node.at(keys).map_or(Known::Absent, switch)
}

/// The first that is set.
pub fn either<T>(first: Known<T>, second: impl FnOnce() -> Known<T>) -> Known<T> {
    if first.is_absent() { second() } else { first }
}

//! Patterns, as places that bind and as what a match compares with.

use syn::Pat;

use super::{Lower, text};
use crate::code::{FieldPlace, Name, Operator, Pattern, Place, ValueId, ValueKind};
use crate::source::Span;

impl Lower {
    /// `value matches pattern`; further alternatives are joined with `or`, a guard with `and`.
    pub(super) fn matches(&mut self, value: ValueId, pattern: &Pat, span: Span) -> ValueId {
        let (pattern, guard) = match pattern {
            Pat::Guard(guarded) => (&*guarded.pat, Some(&guarded.guard)),
            pattern => (pattern, None),
        };
        let mut test: Option<ValueId> = None;
        for pattern in self.patterns(pattern) {
            let one = self.add(ValueKind::Matches { value, pattern: Box::new(pattern) }, span);
            test = Some(match test {
                None => one,
                Some(left) => self.add(ValueKind::Binary { operator: Operator::Or, left, right: one }, span),
            });
        }
        let test = test.unwrap_or_else(|| self.add(ValueKind::Unknown(Box::new([value])), span));
        let Some(guard) = guard else { return test };
        let right = self.expression(guard);
        self.add(ValueKind::Binary { operator: Operator::And, left: test, right }, span)
    }

    /// Where the first token of a pattern stands, where that is cheap to know.
    pub(super) fn pattern_start(&self, pattern: &Pat) -> Option<Span> {
        match pattern {
            Pat::Ident(pattern) => Some(self.place(pattern.ident.span())),
            Pat::Lit(pattern) => Some(self.place(pattern.lit.span())),
            Pat::Path(pattern) => pattern.path.segments.first().map(|segment| self.place(segment.ident.span())),
            Pat::TupleStruct(pattern) => pattern.path.segments.first().map(|segment| self.place(segment.ident.span())),
            Pat::Struct(pattern) => pattern.path.segments.first().map(|segment| self.place(segment.ident.span())),
            Pat::Or(pattern) => pattern.cases.first().and_then(|case| self.pattern_start(case)),
            Pat::Tuple(pattern) => Some(self.place(pattern.paren_token.span.open())),
            Pat::Slice(pattern) => Some(self.place(pattern.bracket_token.span.open())),
            Pat::Wild(pattern) => Some(self.place_of(&pattern.underscore_token)),
            _ => None,
        }
    }

    /// What a pattern binds.
    pub(super) fn pattern_place(&mut self, pattern: &Pat) -> Place {
        match pattern {
            Pat::Ident(pattern) => Place::Name(text(&pattern.ident), self.place(pattern.ident.span())),
            Pat::Type(pattern) => self.pattern_place(&pattern.pat),
            Pat::Paren(pattern) => self.pattern_place(&pattern.pat),
            Pat::Reference(pattern) => self.pattern_place(&pattern.pat),
            Pat::Guard(pattern) => self.pattern_place(&pattern.pat),
            Pat::Or(pattern) => pattern.cases.first().map_or(Place::Ignore, |case| self.pattern_place(case)),
            Pat::Tuple(pattern) => self.items_place(pattern.elems.iter()),
            Pat::Slice(pattern) => self.items_place(pattern.elems.iter()),
            Pat::TupleStruct(pattern) => Place::Fields(self.numbered(pattern.elems.iter()), None),
            Pat::Struct(pattern) => Place::Fields(self.named(pattern), None),
            _ => Place::Ignore,
        }
    }

    fn items_place<'p>(&mut self, parts: impl Iterator<Item = &'p Pat>) -> Place {
        let mut rest = None;
        let places = parts.enumerate().map(|(at, part)| {
            if is_rest(part) {
                rest = Some(at);
            }
            self.pattern_place(part)
        });
        let places = places.collect();
        Place::Items(places, rest)
    }

    fn numbered<'p>(&mut self, parts: impl Iterator<Item = &'p Pat>) -> Vec<FieldPlace> {
        let parts = parts.enumerate().filter(|(_, part)| !is_rest(part));
        parts
            .map(|(at, part)| FieldPlace {
                name: Name::from(at.to_string()),
                place: self.pattern_place(part),
                default: None,
            })
            .collect()
    }

    fn named(&mut self, pattern: &syn::PatStruct) -> Vec<FieldPlace> {
        let fields = pattern.fields.iter();
        fields
            .map(|field| FieldPlace {
                name: member(&field.member),
                place: self.pattern_place(&field.pat),
                default: None,
            })
            .collect()
    }

    /// What a match arm compares with; alternatives one by one.
    pub(super) fn patterns(&mut self, pattern: &Pat) -> Vec<Pattern> {
        match pattern {
            Pat::Or(pattern) => pattern.cases.iter().flat_map(|case| self.patterns(case)).collect(),
            Pat::Paren(pattern) => self.patterns(&pattern.pat),
            Pat::Reference(pattern) => self.patterns(&pattern.pat),
            Pat::Guard(pattern) => self.patterns(&pattern.pat),
            Pat::Type(pattern) => self.patterns(&pattern.pat),
            Pat::TupleStruct(wrapper) if is_wrapper(wrapper) => {
                let inner = wrapper.elems.first().map(|inner| self.patterns(inner)).unwrap_or_default();
                if !inner.is_empty() && inner.iter().all(|one| matches!(one, Pattern::Value(_))) {
                    return inner;
                }
                vec![self.single(pattern)]
            }
            _ => vec![self.single(pattern)],
        }
    }

    fn single(&mut self, pattern: &Pat) -> Pattern {
        match pattern {
            Pat::Wild(_) | Pat::Rest(_) => Pattern::Any(None),
            Pat::Lit(pattern) => Pattern::Value(self.literal(&pattern.lit)),
            Pat::Range(range) => {
                let value = self.range(range.start.as_deref(), range.end.as_deref(), &range.limits);
                Pattern::Value(value)
            }
            Pat::Path(pattern) => {
                let value = self.path(pattern.qself.as_ref(), &pattern.path);
                self.constant_or_shape(value)
            }
            Pat::Ident(pattern) => self.binding(pattern),
            Pat::TupleStruct(pattern) => {
                let of = Some(self.path(pattern.qself.as_ref(), &pattern.path));
                let bindings = pattern.elems.iter().map(|part| self.pattern_place(part)).collect();
                Pattern::Shape { of, bindings }
            }
            Pat::Struct(pattern) => {
                let of = Some(self.path(pattern.qself.as_ref(), &pattern.path));
                Pattern::Shape { of, bindings: vec![Place::Fields(self.named(pattern), None)] }
            }
            Pat::Tuple(pattern) => Pattern::Shape {
                of: None,
                bindings: pattern.elems.iter().map(|part| self.pattern_place(part)).collect(),
            },
            Pat::Slice(pattern) => Pattern::Shape {
                of: None,
                bindings: pattern.elems.iter().map(|part| self.pattern_place(part)).collect(),
            },
            other => {
                let place = self.place_of(other);
                Pattern::Value(self.unknown(Vec::new(), place))
            }
        }
    }

    /// A name alone: a binding, or by its capitals a variant or a constant.
    fn binding(&mut self, pattern: &syn::PatIdent) -> Pattern {
        let place = Place::Name(text(&pattern.ident), self.place(pattern.ident.span()));
        if let Some((_, inner)) = &pattern.subpat {
            return match self.single(inner) {
                Pattern::Shape { of, mut bindings } => {
                    bindings.push(place);
                    Pattern::Shape { of, bindings }
                }
                Pattern::Any(_) => Pattern::Any(Some(place)),
                value => value,
            };
        }
        if !text(&pattern.ident).starts_with(char::is_uppercase) {
            return Pattern::Any(Some(place));
        }
        let here = self.place(pattern.ident.span());
        let value = self.name(&text(&pattern.ident), here);
        self.constant_or_shape(value)
    }

    fn constant_or_shape(&self, value: ValueId) -> Pattern {
        let name = match &self.value(value).kind {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => name.clone(),
            _ => Name::default(),
        };
        if name.len() > 1 && !name.contains(char::is_lowercase) {
            return Pattern::Value(value);
        }
        Pattern::Shape { of: Some(value), bindings: Vec::new() }
    }
}

/// Whether a pattern is `Some(…)` or `Ok(…)`.
fn is_wrapper(pattern: &syn::PatTupleStruct) -> bool {
    let last = pattern.path.segments.last();
    pattern.elems.len() == 1 && last.is_some_and(|segment| segment.ident == "Some" || segment.ident == "Ok")
}

fn is_rest(pattern: &Pat) -> bool {
    match pattern {
        Pat::Rest(_) => true,
        Pat::Ident(pattern) => pattern.subpat.as_ref().is_some_and(|(_, inner)| matches!(**inner, Pat::Rest(_))),
        _ => false,
    }
}

/// A field's name; of a tuple, its number.
pub(super) fn member(member: &syn::Member) -> Name {
    match member {
        syn::Member::Named(ident) => text(ident),
        syn::Member::Unnamed(index) => Name::from(index.index.to_string()),
    }
}

//! Walking the tree of a function: the values directly under a value, a place, a pattern.

use crate::code::{Assignment, MapEntry, MapKey, Pattern, Place, ValueId, ValueKind};

/// Calls `visit` for every value directly under `kind`, in order of evaluation.
///
/// The statements of [`ValueKind::Block`] and the arms of [`ValueKind::Match`] are left to the caller, as are the bodies
/// of functions and classes: they need a context that only the caller has.
pub fn children(kind: &ValueKind, visit: &mut impl FnMut(ValueId)) {
    match kind {
        ValueKind::Null
        | ValueKind::Bool(_)
        | ValueKind::Int(_)
        | ValueKind::Float(_)
        | ValueKind::Text(_)
        | ValueKind::Regex(_)
        | ValueKind::Name(_)
        | ValueKind::This
        | ValueKind::Super
        | ValueKind::Function(_)
        | ValueKind::Class(_)
        | ValueKind::Block(_)
        | ValueKind::Match(_)
        | ValueKind::Yield(None) => {}
        ValueKind::Field { base, .. } => visit(*base),
        ValueKind::Index { base, key } => [*base, *key].into_iter().for_each(visit),
        ValueKind::Generic { base, arguments } => {
            visit(*base);
            arguments.iter().copied().for_each(visit);
        }
        ValueKind::Call(call) => {
            visit(call.callee);
            call.arguments.iter().map(|argument| argument.value).for_each(visit);
        }
        ValueKind::Template(parts)
        | ValueKind::List(parts)
        | ValueKind::Tuple(parts)
        | ValueKind::Sequence(parts)
        | ValueKind::Unknown(parts) => parts.iter().copied().for_each(visit),
        ValueKind::Binary { left, right, .. } => [*left, *right].into_iter().for_each(visit),
        ValueKind::Not(value)
        | ValueKind::Unary(value)
        | ValueKind::Await(value)
        | ValueKind::Yield(Some(value))
        | ValueKind::Propagate(value)
        | ValueKind::Spread(value) => visit(*value),
        ValueKind::Map(entries) => map_entries(entries, visit),
        ValueKind::Construct { of, entries } => {
            visit(*of);
            map_entries(entries, visit);
        }
        ValueKind::Choice { test, then, otherwise } => {
            visit(*test);
            visit(*then);
            otherwise.iter().copied().for_each(visit);
        }
        ValueKind::Matches { value, pattern } => {
            visit(*value);
            pattern_values(pattern, visit);
        }
        ValueKind::Assign(assignment) => assignment_values(assignment, visit),
        ValueKind::Comprehension(comprehension) => {
            for clause in &comprehension.clauses {
                place_values(&clause.place, visit);
                visit(clause.over);
                clause.conditions.iter().copied().for_each(&mut *visit);
            }
            comprehension.key.iter().copied().for_each(&mut *visit);
            visit(comprehension.element);
        }
    }
}

fn map_entries(entries: &[MapEntry], visit: &mut impl FnMut(ValueId)) {
    for entry in entries {
        if let MapKey::Value(key) = entry.key {
            visit(key);
        }
        visit(entry.value);
    }
}

/// The values of an assignment: value, declared type, and what its places are made of.
pub fn assignment_values(assignment: &Assignment, visit: &mut impl FnMut(ValueId)) {
    assignment.value.iter().copied().for_each(&mut *visit);
    assignment.annotation.iter().copied().for_each(&mut *visit);
    assignment.places.iter().for_each(|place| place_values(place, visit));
}

/// The values that a place is made of: fields and elements assigned to, and defaults.
pub fn place_values(place: &Place, visit: &mut impl FnMut(ValueId)) {
    match place {
        Place::Name(..) | Place::Ignore => {}
        Place::Value(value) => visit(*value),
        Place::Fields(fields, _) => {
            for field in fields {
                field.default.iter().copied().for_each(&mut *visit);
                place_values(&field.place, visit);
            }
        }
        Place::Items(items, _) => items.iter().for_each(|item| place_values(item, visit)),
    }
}

/// The values that a pattern compares with.
pub fn pattern_values(pattern: &Pattern, visit: &mut impl FnMut(ValueId)) {
    match pattern {
        Pattern::Value(value) => visit(*value),
        Pattern::Any(place) => place.iter().for_each(|place| place_values(place, visit)),
        Pattern::Shape { of, bindings } => {
            of.iter().copied().for_each(&mut *visit);
            bindings.iter().for_each(|place| place_values(place, visit));
        }
    }
}

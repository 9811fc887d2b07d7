//! Lists whose elements have members that are known apart: what puts them in another order, or beside their positions.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::code::{Argument, Language, Name, ValueKind};
use crate::flow::meaning::value_in;
use crate::taint::call::{Calling, Given};
use crate::taint::entry::ELEMENT;
use crate::taint::join::number;
use crate::taint::{Shade, Walk};

/// Methods that give the same elements, or some of them, in some order.
const REARRANGE: &[&str] =
    &["reverse", "toReversed", "sort", "toSorted", "slice", "filter", "values", "concat", "flat", "toArray"];

/// Methods that give one of the elements of a list of the program's own, by whatever end.
const ONE: &[&str] =
    &["pop", "shift", "pop_back", "pop_front", "popleft", "swap_remove", "last", "first", "back", "front"];

impl<'a> Walk<'a> {
    /// `stack.pop()`: any of what was put in, with what holds for all of it.
    pub(crate) fn taken_off(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let (method, list) = (calling.method.as_deref()?, calling.receiver.as_ref()?);
        let items = list.items.as_ref().filter(|items| !items.is_empty() && ONE.contains(&method))?;
        let is_told = calling.given.iter().any(|given| given.shade.holds_any());
        let one = items.iter().skip(1).fold(items[0].clone(), |all, item| all.or(item));
        (!is_told).then(|| Shade { of: Vec::new(), constant: None, ..one })
    }

    /// `list.reverse()`, `list.entries()`: what a list holds, in another order; nothing where no element has members.
    pub(crate) fn rearranged(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let (method, list) = (calling.method.as_deref()?, calling.receiver.as_ref()?);
        if let Some(left) = self.left_of(calling, method, list) {
            return Some(left);
        }
        let is_listed = list.items.is_some() || list.parts.contains_key(ELEMENT);
        let element = list.element();
        if !is_listed || element.parts.is_empty() || calling.given.iter().any(|given| given.shade.holds_any()) {
            return None;
        }
        match method {
            "entries" if calling.given.is_empty() => {
                let pair = Shade { items: Some(Rc::new(vec![number(), element])), ..Shade::default() };
                Some(collection_of(pair))
            }
            _ if REARRANGE.contains(&method) => Some(collection_of(element)),
            _ => None,
        }
    }

    /// `list.slice(1)`, `list.filter(Boolean)`: elements in the order that they had.
    fn left_of(&self, calling: &Calling<'a>, method: &str, list: &Shade) -> Option<Shade> {
        let items = list.items.as_ref()?;
        let kind = |argument: &'a Argument| self.flow.kind(value_in(calling.at.module, argument.value));
        let given: Vec<&ValueKind> = calling.code.arguments.iter().map(kind).collect();
        let position = |at: &i64| usize::try_from(*at).ok();
        let left = match (method, given.as_slice()) {
            ("slice", [ValueKind::Int(from)]) if list.carries.is_empty() => items.get(position(from)?..)?,
            ("slice", [ValueKind::Int(from), ValueKind::Int(to)]) if list.carries.is_empty() => {
                items.get(position(from)?..position(to)?.min(items.len()))?
            }
            ("filter", [ValueKind::Name(name)]) if name == "Boolean" => items,
            _ => return None,
        };
        let is_lost = left.is_empty() && list.whole().is_tainted();
        (!is_lost).then(|| Shade { items: Some(Rc::new(left.to_vec())), ..list.clone() })
    }

    /// `append(words, more...)`, `words.concat(more)`: a list with something more at its end.
    pub(crate) fn appended(&mut self, calling: &Calling<'a>, name: &str) -> Option<Shade> {
        let is_go = self.flow.module(calling.at).language == Language::Go;
        let (list, more) = match calling.method.as_deref() {
            None if is_go && name == "append" => {
                let (list, more) = calling.given.split_first()?;
                (&list.shade, more)
            }
            Some("concat") => (calling.receiver.as_ref()?, &calling.given[..]),
            _ => return None,
        };
        let is_list = list.items.is_some() || is_go && !list.holds_any();
        if !is_list || !more.iter().any(|given| given.shade.holds_any()) && list.items.is_none() {
            return None;
        }
        let one = |given: &Given| match &given.shade.items {
            Some(items) => items.to_vec(),
            None => vec![Shade { of: Vec::new(), ..given.shade.whole() }],
        };
        let before = list.items.as_ref().map_or_else(|| vec![Shade::default()], |items| items.to_vec());
        let all = before.into_iter().chain(more.iter().flat_map(one)).collect();
        let span = self.flow.span(calling.at);
        Some(Shade::list(all).step(span, "put into a list"))
    }
}

/// A list of which every element is like this one.
pub(crate) fn collection_of(element: Shade) -> Shade {
    if element.parts.is_empty() && element.items.is_none() {
        return element;
    }
    let whole = element.whole();
    let parts = [(Name::new(ELEMENT), Shade { of: Vec::new(), constant: None, ..element })].into();
    Shade { of: Vec::new(), constant: None, parts: Rc::new(parts), ..whole }
}

/// What one of several places gets of a list that is taken apart, where one of them takes all that the others leave:
/// `const [first, ...rest] = list`. Nothing where elements of which nobody knows how many they are stand in it.
pub(crate) fn taken_apart(list: &Shade, (at, rest, places): (usize, Option<usize>, usize)) -> Option<Shade> {
    let items = list.items.as_ref()?;
    let Some(rest) = rest else { return items.get(at).cloned() };
    let end = items.len().checked_sub(places.checked_sub(rest + 1)?)?;
    let left = items.get(rest..end).filter(|left| list.carries.is_empty() && !left.is_empty())?;
    match at.cmp(&rest) {
        Ordering::Less => items.get(at).cloned(),
        Ordering::Equal => Some(Shade::list(left.to_vec())),
        Ordering::Greater => items.get(end + at - rest - 1).cloned(),
    }
}

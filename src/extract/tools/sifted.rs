//! Lists of tools that are sifted on the way to the listing: what they are made of, where nobody knows what is left.
//!
//! A filter of a known list gives elements of that list, whatever it tests. Only the way of the elements is followed
//! here, never a test, so that long lists and long chains of filters cost what they are long.

use std::collections::BTreeSet;

use crate::code::{FunctionId, MODULE_BODY, MapKey, Name, Operator, Place, ValueId, ValueKind};
use crate::extract::tools::draft::{Draft, Validation};
use crate::extract::tools::pair::Found;
use crate::extract::tools::register::Registrar;
use crate::extract::tools::sdk::Slots;
use crate::flow::meaning::{Item, Meaning, value_in};
use crate::flow::scope::Bound;
use crate::flow::{Flow, FunctionRef, ValueRef};
use crate::model::Known;
use crate::model::tool::Tool;

/// Values that one list is followed through.
const MAX_VALUES: usize = 400;
/// Functions that give the list, one in the other.
const MAX_WAY: u32 = 6;
/// Most tools of one list.
const MAX_TOOLS: usize = 4_000;
/// Methods that give some elements of their receiver, or all of them in another order.
const SIFTING: &[&str] = &["filter", "slice", "sort", "toSorted", "reverse", "toReversed", "values", "flat", "splice"];

/// Methods that put their arguments into a list.
const PUTTING: &[&str] = &["push", "unshift", "append", "add"];

impl Registrar<'_> {
    /// Where a list was not followed, but everything that it is made of is known: its tools, each told as one of several.
    pub(super) fn sift(&self, found: &Found, handler: FunctionRef, before: usize, draft: &mut Draft) {
        if draft.openings.len() <= before {
            return;
        }
        let validation = Validation { validates: found.how.validates, unknown_keys: None };
        let Some(tools) = self.sifted(handler, found.how.tools.as_deref(), validation) else { return };
        draft.openings.truncate(before);
        for mut tool in tools {
            let place = tool.about.span;
            tool.condition = Known::is("only some of a list".to_string(), place);
            tool.on_by_default = Known::unknown("which of the list are taken is not known", place);
            draft.add(tool);
        }
    }

    /// The tools that a handler of lists may give, where every list that its own is made of is known.
    fn sifted(&self, handler: FunctionRef, member: Option<&str>, validation: Validation) -> Option<Vec<Tool>> {
        let flow = self.flow();
        let mut roots = Roots { flow, items: Vec::new(), mapped: Vec::new(), seen: BTreeSet::new(), is_whole: true };
        for end in &flow.scopes(handler.module).returns[handler.id.index()] {
            roots.result(value_in(handler.module, *end), member);
        }
        if !roots.is_whole || roots.items.is_empty() || roots.items.len() > MAX_TOOLS {
            return None;
        }
        let mut tools: Vec<Tool> = Vec::new();
        for item in &roots.items {
            let tool = self.whole_tool(&item.value, item_place(item)?, validation, &Slots::default()).ok()?;
            if !tools.iter().any(|other| other.about.name == tool.about.name) {
                tools.push(tool);
            }
        }
        let keeps = |mapped: &ValueRef| roots.items.iter().all(|item| self.keeps_name(*mapped, item));
        if !roots.mapped.iter().all(keeps) {
            return None;
        }
        if !roots.mapped.is_empty() {
            tools.iter_mut().for_each(unsure_of_hints);
        }
        Some(tools)
    }

    /// Whether a function that makes something else of an element leaves its name alone.
    fn keeps_name(&self, function: ValueRef, item: &Item) -> bool {
        let flow = self.flow();
        let named = |meaning: &Meaning| flow.member(meaning, &Name::new_static("name")).text().cloned();
        let made = flow.asking(|| {
            let element = flow.force(&item.value);
            let callee = flow.meaning(function, &None);
            (named(&element), named(&flow.force(&flow.applied_to(function, Some(callee), element))))
        });
        matches!(made.0, (Some(before), Some(after)) if before == after)
    }
}

/// What is made of each element may say more of it than the element does.
fn unsure_of_hints(tool: &mut Tool) {
    let place = tool.about.span;
    let hints =
        [&mut tool.read_only_hint, &mut tool.destructive_hint, &mut tool.idempotent_hint, &mut tool.open_world_hint];
    for hint in hints.into_iter().filter(|hint| hint.is_absent()) {
        *hint = Known::unknown("may be added when the list is made", place);
    }
}

fn item_place(item: &Item) -> Option<ValueRef> {
    match &item.value {
        Meaning::Later(at, _) => Some(*at),
        _ => None,
    }
}

/// The lists that a list is made of.
struct Roots<'f, 'a> {
    flow: &'f Flow<'a>,
    items: Vec<Item>,
    /// Functions that make something else of each element.
    mapped: Vec<ValueRef>,
    seen: BTreeSet<ValueRef>,
    is_whole: bool,
}

impl Roots<'_, '_> {
    fn result(&mut self, at: ValueRef, member: Option<&str>) {
        match (self.flow.kind(at), member) {
            (ValueKind::Await(inner), _) => self.result(value_in(at.module, *inner), member),
            (ValueKind::Map(entries), Some(member)) => {
                let named = |key: &MapKey| matches!(key, MapKey::Name(name, _) if name == member);
                match entries.iter().find(|entry| named(&entry.key)) {
                    Some(entry) => self.list(value_in(at.module, entry.value), MAX_WAY),
                    None => self.is_whole = false,
                }
            }
            (_, None) => self.list(at, MAX_WAY),
            _ => self.is_whole = false,
        }
    }

    fn list(&mut self, at: ValueRef, way: u32) {
        let of = |id: &ValueId| value_in(at.module, *id);
        if way == 0 || self.seen.len() > MAX_VALUES {
            self.is_whole = false;
        } else if self.seen.insert(at) {
            match self.flow.kind(at) {
                ValueKind::Null => {}
                ValueKind::List(items) | ValueKind::Tuple(items) => {
                    items.iter().for_each(|item| match self.flow.kind(of(item)) {
                        ValueKind::Spread(inner) => self.list(of(inner), way),
                        _ => self.element(of(item)),
                    })
                }
                ValueKind::Await(inner) | ValueKind::Generic { base: inner, .. } => self.list(of(inner), way),
                ValueKind::Choice { then, otherwise, .. } => {
                    self.list(of(then), way);
                    otherwise.iter().for_each(|other| self.list(of(other), way));
                }
                ValueKind::Binary { operator: Operator::Or | Operator::Coalesce, left, right } => {
                    [left, right].into_iter().for_each(|side| self.list(of(side), way));
                }
                ValueKind::Name(name) => self.name(at, name, way),
                ValueKind::Call(call) => self.call(at, call, way),
                ValueKind::Comprehension(code) => match (&code.clauses[..], self.flow.kind(of(&code.element))) {
                    ([only], ValueKind::Name(name)) if matches!(&only.place, Place::Name(place, _) if place == name) => {
                        self.list(of(&only.over), way)
                    }
                    _ => self.is_whole = false,
                },
                _ => self.known(at),
            }
        }
    }

    fn element(&mut self, at: ValueRef) {
        self.items.push(Item { value: Meaning::Later(at, None), optional: true, is_rest: false });
    }

    /// A list that says itself what it holds.
    fn known(&mut self, at: ValueRef) {
        let (items, _) = self.flow.asking(|| self.flow.items(&self.flow.meaning(at, &None)));
        let is_known = |item: &Item| !item.is_rest && item_place(item).is_some();
        match items.filter(|items| items.iter().all(is_known)) {
            Some(items) => self.items.extend(items),
            None => self.is_whole = false,
        }
    }

    fn call(&mut self, at: ValueRef, call: &crate::code::Call, way: u32) {
        let callee = value_in(at.module, call.callee);
        let argument = |position: usize| call.arguments.get(position).map(|one| value_in(at.module, one.value));
        if let ValueKind::Field { base, name } = self.flow.kind(callee) {
            let base = value_in(at.module, *base);
            let is_object =
                matches!(self.flow.kind(base), ValueKind::Name(base) if base == "Object" || base == "Array");
            match name.as_str() {
                "from" if is_object => return argument(0).into_iter().for_each(|from| self.list(from, way)),
                _ if is_object => return self.known(at),
                name if SIFTING.contains(&name) => return self.list(base, way),
                "concat" => {
                    self.list(base, way);
                    return (0..call.arguments.len()).filter_map(argument).for_each(|more| self.list(more, way));
                }
                "map" => {
                    self.mapped.extend(argument(0));
                    return self.list(base, way);
                }
                _ => {}
            }
        }
        match self.flow.asking_within(500, || self.flow.meaning(callee, &None)).0 {
            Meaning::Function(function, _, _) => {
                let ends = &self.flow.scopes(function.module).returns[function.id.index()];
                self.is_whole &= !ends.is_empty();
                ends.iter().for_each(|end| self.list(value_in(function.module, *end), way - 1));
            }
            _ => self.known(at),
        }
    }

    /// Everything that a name is ever given, and everything that is put into what it holds.
    fn name(&mut self, at: ValueRef, name: &Name, way: u32) {
        let scopes = self.flow.scopes(at.module);
        let module = self.flow.module(at);
        let mut owner: Option<FunctionId> = Some(scopes.owner[at.id.index()]);
        let home = loop {
            match owner {
                Some(one) if scopes.bindings[one.index()].contains_key(name) => break Some(one),
                Some(one) => owner = module.function(one).parent,
                None => break None,
            }
        };
        let bindings = home.and_then(|home| scopes.bindings[home.index()].get(name));
        let is_local = home.is_some_and(|home| home != MODULE_BODY);
        let plain = |bound: &Bound| matches!(bound, Bound::Value(_) | Bound::Nothing);
        let Some(bindings) = bindings.filter(|all| all.iter().all(|one| plain(&one.bound) && one.path.is_empty()))
        else {
            return self.known(at);
        };
        for binding in bindings {
            if let Bound::Value(value) = binding.bound {
                self.list(value_in(at.module, value), way);
            }
        }
        let changes = scopes.changes.get(name).cloned().unwrap_or_default();
        for change in changes.iter().filter(|_| is_local || bindings.len() == 1) {
            self.put(value_in(at.module, change.place), way);
        }
    }

    /// `list.push(…)`: the arguments, of which a spread is a list again.
    fn put(&mut self, place: ValueRef, way: u32) {
        let ValueKind::Call(call) = self.flow.kind(place) else { return };
        let ValueKind::Field { name: method, .. } = self.flow.kind(value_in(place.module, call.callee)) else { return };
        let is_many = matches!(method.as_str(), "extend" | "update");
        if !is_many && !PUTTING.contains(&method.as_str()) {
            return;
        }
        for argument in &call.arguments {
            let at = value_in(place.module, argument.value);
            match self.flow.kind(at) {
                _ if is_many => self.list(at, way),
                ValueKind::Spread(inner) => self.list(value_in(place.module, *inner), way),
                ValueKind::Name(_) => self.one_of(at, way),
                _ => self.element(at),
            }
        }
    }

    /// `for (const tool of list) more.push(tool)`, `const tool = list.find(…)`: an element of a list.
    fn one_of(&mut self, at: ValueRef, way: u32) {
        let ValueKind::Name(name) = self.flow.kind(at) else { return };
        let scopes = self.flow.scopes(at.module);
        let mut owner = Some(scopes.owner[at.id.index()]);
        while let Some(one) = owner {
            if let Some(bindings) = scopes.bindings[one.index()].get(name) {
                for binding in bindings {
                    match binding.bound {
                        Bound::Each(over) if binding.path.is_empty() => self.list(value_in(at.module, over), way),
                        Bound::Value(value) => self.found_in(value_in(at.module, value), way),
                        _ => self.is_whole = false,
                    }
                }
                return;
            }
            owner = self.flow.module(at).function(one).parent;
        }
        self.is_whole = false;
    }

    fn found_in(&mut self, at: ValueRef, way: u32) {
        let ValueKind::Call(call) = self.flow.kind(at) else { return self.element(at) };
        match self.flow.kind(value_in(at.module, call.callee)) {
            ValueKind::Field { base, name } if name == "find" => self.list(value_in(at.module, *base), way),
            _ => self.element(at),
        }
    }
}

//! Statements in order, branches joined.

use std::rc::Rc;

use crate::code::Language;
use crate::code::{
    Assignment, Block, Handler, Name, Operator, Place, Statement, StatementKind, Try, ValueId, ValueKind,
};
use crate::flow::meaning::value_in;
use crate::taint::lists::taken_apart;
use crate::taint::swallowed::takes_over;
use crate::taint::unset::when_unset;
use crate::taint::{Env, Proofs, Shade, Walk};

impl<'a> Walk<'a> {
    pub(crate) fn statement(&mut self, statement: &'a Statement) -> bool {
        if !self.step() {
            return true;
        }
        match &statement.kind {
            StatementKind::Evaluate(value) | StatementKind::Defer(value) => {
                self.dropped = Some(value_in(self.here().function.module, *value));
                self.value(*value);
                std::mem::take(&mut self.left)
            }
            StatementKind::Assign(assignment) => {
                self.assignment(assignment);
                std::mem::take(&mut self.left)
            }
            StatementKind::Return(value) => {
                self.exit(*value);
                true
            }
            StatementKind::Raise(value) => {
                value.iter().for_each(|value| drop(self.value(*value)));
                self.may_panic();
                true
            }
            StatementKind::Break | StatementKind::Continue => {
                self.ends_turn(statement);
                true
            }
            StatementKind::If { test, then, otherwise } => self.branch(*test, then, otherwise),
            StatementKind::Loop { head, body, otherwise } => self.turns(head, body) || self.block(otherwise),
            StatementKind::Match(code) => self.arms(code).1,
            StatementKind::Try(code) => self.attempt(code),
            StatementKind::With { items, body } => {
                for (value, place) in items {
                    let held = self.value(*value);
                    place.iter().for_each(|place| self.put(place, held.clone()));
                }
                let before = self.suppresses(items).then(|| self.here().env.clone());
                let leaves = self.block(body);
                let Some(before) = before else { return leaves };
                self.ended_anywhere(&before);
                false
            }
            StatementKind::Assert(test) => {
                self.value(*test);
                self.assume(*test, true);
                false
            }
            StatementKind::Delete(value) => {
                self.takes_from_list(*value);
                false
            }
            StatementKind::Function(_) | StatementKind::Class(_) => false,
            StatementKind::Block(block) => self.block(block),
        }
    }

    fn branch(&mut self, test: ValueId, then: &'a Block, otherwise: &'a Block) -> bool {
        self.in_test(|walk| walk.value(test));
        match self.truth(test) {
            Some(true) => return self.block(then),
            Some(false) => return self.block(otherwise),
            None => {}
        }
        let before = self.here().env.clone();
        let mut unset = self.is_unset_test(test);
        if self.is_own_override(test, then) {
            unset = Some(true);
        }
        let around = self.begin_both(Some(Vec::new()));
        self.assume(test, true);
        let looks = self.begin_both(None);
        let then_leaves = self.block_where(then, (test, true), unset.filter(|unset| *unset));
        let after_then = std::mem::replace(&mut self.top().env, before);
        self.begin_both(looks);
        self.assume(test, false);
        self.begin_both(around);
        let else_leaves = self.block_where(otherwise, (test, false), unset.filter(|unset| !*unset));
        if !then_leaves && !else_leaves {
            let is_switch = unset == Some(true) && self.is_switched_off(test);
            if unset == Some(false) || is_switch {
                self.judged_when_set(test, &after_then);
            }
        }
        self.meet(after_then, then_leaves, else_leaves)
    }

    /// `if not self.allow_private: …`: what is done as long as a switch of the program's own is off.
    fn is_switched_off(&self, test: ValueId) -> bool {
        let at = value_in(self.here().function.module, test);
        matches!(self.flow.kind(at), ValueKind::Not(_))
    }

    /// `if config.block_private: …`: what the program proves where its own setting is on counts, unless that is off as long
    /// as nobody sets it.
    fn judged_when_set(&mut self, test: ValueId, then: &Env) {
        let held = then.proven.iter().filter(|(_, proofs)| proofs.any(Proofs::HOLDING));
        let held: Vec<(Name, Proofs)> = held.map(|(name, proofs)| (name.clone(), *proofs)).collect();
        let is_off = !held.is_empty() && (self.may_be_from_the_start(test, false) || self.decided(test) == Some(false));
        for (name, proofs) in held {
            *self.top().env.proven.entry(name).or_default() |= if is_off { when_unset(proofs) } else { proofs };
        }
    }

    /// A branch; where it is taken because something is not set, its ways out are told apart.
    fn block_where(&mut self, block: &'a Block, (test, side): (ValueId, bool), unset: Option<bool>) -> bool {
        let before = self.here().exits.len();
        self.top().unset += u32::from(unset.is_some());
        let leaves = self.block(block);
        self.top().unset -= u32::from(unset.is_some());
        let leaves_here = self.here().exits.len() > before;
        if leaves_here && unset.is_some_and(|unset| self.may_be_from_the_start(test, unset)) {
            self.top().exits[before..].iter_mut().for_each(|exit| exit.off = true);
        }
        // `if (process.env.ALLOW_ANY === "1") return path;`: who sets that lets the program do so.
        if leaves_here && self.is_by_silence(test, !side) {
            self.top().exits[before..].iter_mut().for_each(|exit| exit.unset = true);
        }
        leaves
    }

    /// Joins the state after one branch with the present one.
    pub(crate) fn meet(&mut self, other: Env, other_leaves: bool, this_leaves: bool) -> bool {
        match (other_leaves, this_leaves) {
            (true, true) => return true,
            (true, false) => {}
            (false, true) => self.top().env = other,
            (false, false) => {
                let joined = self.here().env.join(&other);
                self.top().env = joined;
            }
        }
        false
    }

    fn attempt(&mut self, code: &'a Try) -> bool {
        let before = self.here().env.clone();
        let body_leaves = self.block(&code.body) || self.block(&code.otherwise);
        let after_body = std::mem::replace(&mut self.top().env, before.clone());
        let mut state = (!body_leaves).then_some(after_body.clone());
        for handler in &code.handlers {
            // Anything of the body may have run: what it assigned may hold, what it proved does not.
            let mut start = before.join(&after_body);
            start.proven.clone_from(&before.proven);
            self.top().env = start;
            self.no_addresses(&code.body);
            if !self.handler(handler) {
                let end = self.here().env.clone();
                state = Some(state.map_or_else(|| end.clone(), |known| known.join(&end)));
            }
        }
        let leaves = state.is_none();
        self.top().env = state.unwrap_or(after_body);
        if takes_over(&code.finally) {
            self.ended_anywhere(&before);
        }
        self.block(&code.finally) || leaves
    }

    /// Where reading an address failed, what a name was resolved to is none: nothing connects to it.
    fn no_addresses(&mut self, body: &'a Block) {
        let module = self.here().function.module;
        for statement in &body.statements {
            let StatementKind::Assign(assignment) = &statement.kind else { continue };
            let Some(value) = assignment.value else { continue };
            let ValueKind::Call(call) = self.flow.kind(value_in(module, value)) else { continue };
            let callee = self.flow.sources.slice(self.flow.span(value_in(module, call.callee)));
            let is_read = matches!(callee.rsplit('.').next(), Some("ip_address" | "IPv4Address" | "IPv6Address"));
            let Some(argument) = call.arguments.first().filter(|_| is_read) else { continue };
            let shade = self.value(argument.value);
            if shade.proofs.has(Proofs::LOOKED_UP) {
                self.prove(&shade.of, Proofs::SEEN);
            }
        }
    }

    fn handler(&mut self, handler: &'a Handler) -> bool {
        handler.binding.iter().for_each(|place| self.put(place, Shade::default()));
        self.block(&handler.body)
    }

    /// Assigns; gives what was assigned.
    pub(crate) fn assignment(&mut self, assignment: &'a Assignment) -> Shade {
        let Some(value) = assignment.value else {
            self.declare(assignment);
            return Shade::default();
        };
        let mut assigned = self.value(value);
        if assignment.annotation.is_some_and(|annotation| self.is_number_type(annotation)) {
            assigned.proofs |= Proofs::NUMBER;
        }
        let at = value_in(self.here().function.module, value);
        self.note_type_told(&assignment.places, at, &assigned);
        if assigned.items.is_some() && self.is_asked_for(&assignment.places, at) {
            assigned = Shade::list(vec![assigned, Shade::default()]);
        }
        for place in &assignment.places {
            let shade = match assignment.operator {
                None => assigned.clone(),
                Some(Operator::And | Operator::Or | Operator::Coalesce) => self.read(place).or(&assigned),
                Some(_) => {
                    let old = self.read(place);
                    if old.items.is_some() || assigned.items.is_some() {
                        super::join::listed(&old, &assigned)
                    } else {
                        super::join::concat(&[old, assigned.clone()])
                    }
                }
            };
            let grows = self.adds_to_list(place, assignment);
            self.put(place, shade);
            if let (Place::Name(name, _), true) = (place, assignment.operator.is_none() || grows) {
                self.raise_flag(name, value);
            }
        }
        self.error_told(assignment);
        assigned
    }

    /// Whether a declared type of Rust holds no text: `let n: u32 = text.parse()?`.
    fn is_number_type(&self, annotation: ValueId) -> bool {
        let at = value_in(self.here().function.module, annotation);
        let text = self.flow.sources.slice(self.flow.span(at));
        self.flow.module(at).language == Language::Rust
            && matches!(text.trim_start_matches(['u', 'i', 'f']), "8" | "16" | "32" | "64" | "128" | "size" | "bool")
    }

    fn read(&mut self, place: &'a Place) -> Shade {
        match place {
            Place::Name(name, _) => self.named(name),
            Place::Value(value) => self.value(*value),
            _ => Shade::default(),
        }
    }

    /// Puts a value where a place says.
    pub(crate) fn put(&mut self, place: &'a Place, shade: Shade) {
        match place {
            Place::Name(name, span) => {
                let text = format!("held by `{name}`");
                let now = self.found.steps;
                self.rebind(name);
                self.keep_outside(name, &shade);
                self.note_bound(name, &shade);
                let env = &mut self.top().env;
                env.forget(name);
                env.put_at.insert(name.clone(), now);
                // What the name held before is no longer what tests of the name are about.
                let mut shade = shade.step(*span, &text);
                shade.of.retain(|one| !is_of(one, name));
                let is_named = |other: &Rc<Shade>| other.of.iter().any(|one| is_of(one, name));
                if env.values.values().any(is_named) {
                    let others = env.values.values_mut().filter(|other| is_named(other));
                    others.for_each(|other| Rc::make_mut(other).of.retain(|one| !is_of(one, name)));
                }
                env.hold(name.clone(), shade);
            }
            Place::Fields(fields, rest) => {
                for field in fields {
                    let mut part = self.member(&shade, &field.name, None);
                    part.proofs |= self.told_of_field(&shade, &field.name);
                    if let Place::Name(_, span) = &field.place {
                        part = self.taken_out(&shade, part, *span);
                    }
                    if let Some(default) = field.default {
                        part = part.or(&self.value(default));
                    }
                    self.put(&field.place, part);
                }
                if let Some(rest) = rest {
                    let env = &mut self.top().env;
                    env.forget(rest);
                    let taken: Vec<&Name> = fields.iter().map(|field| &field.name).collect();
                    env.hold(rest.clone(), shade.without(&taken));
                }
            }
            Place::Items(places, rest) => {
                for (at, place) in places.iter().enumerate() {
                    let known = taken_apart(&shade, (at, *rest, places.len()));
                    // `way, err := filepath.Rel(root, p)`: the first is the value.
                    let is_value = at == 0 && places.len() == 2 && is_error(&places[1]);
                    let keeps = is_value || shade.proofs.has(Proofs::LOOKED_UP);
                    let of = if keeps { shade.of.clone() } else { Vec::new() };
                    let whole = if is_value { shade.clone() } else { shade.whole() };
                    let mut item = known.unwrap_or(Shade { of, ..whole });
                    if shade.proofs.has(Proofs::PAIRS) {
                        item.proofs = item.proofs.without(Proofs::PAIRS);
                        item = if at == 0 { item.safe_to_log() } else { item.one_of_all() };
                    }
                    self.put(place, item);
                }
            }
            Place::Value(target) => self.put_member(*target, shade),
            Place::Ignore => {}
        }
    }

    /// `a.b = v`, `a["b"] = v`: the member holds it, and an unknown member makes the whole carry it.
    fn put_member(&mut self, target: ValueId, shade: Shade) {
        let module = self.here().function.module;
        let at = value_in(module, target);
        self.note_written(target, &shade);
        let Some((root, members)) = self.path(at) else { return };
        if root == "state" || members.iter().any(|member| member == "state") {
            self.keep_member(at, &shade);
        }
        // One element, or one key that is not constant: the others stay what they are.
        let shade = if members.is_empty() { self.named(&root).with_element(&shade) } else { shade };
        self.put_at(root, &members, shade);
    }
}

/// Whether a place is for an error or for whether there is a value, as in pairs of Go.
fn is_error(place: &Place) -> bool {
    match place {
        Place::Name(name, _) => matches!(name.as_str(), "err" | "ok" | "error" | "found" | "exists"),
        Place::Ignore => true,
        _ => false,
    }
}

/// Name of a part by its position.
pub(crate) fn item_part(position: usize) -> Name {
    Name::new(format!("#{position}"))
}

/// Stands for what a parameter held at the call, whatever its name holds later.
pub(crate) fn origin(position: usize) -> Name {
    Name::new(format!("@{position}"))
}

/// Whether a name stands for what a parameter held at the call.
pub(crate) fn is_origin(name: &Name) -> bool {
    name.strip_prefix('@').is_some_and(|rest| rest.bytes().all(|sign| sign.is_ascii_digit()))
}

/// Whether a path is a name or one of its members.
fn is_of(path: &Name, name: &Name) -> bool {
    path.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '@']))
}

/// A root and its members as one dotted path.
pub(crate) fn dotted(root: &Name, members: &[Name]) -> Name {
    if members.is_empty() {
        return root.clone();
    }
    let parts: Vec<&str> = std::iter::once(root.as_str()).chain(members.iter().map(Name::as_str)).collect();
    Name::new(parts.join("."))
}

//! Which values are of the request, and which tests let through what needs no proof.

use crate::code::walk::children;
use crate::code::{Name, Operator, ValueId, ValueKind};
use crate::extract::requests::{self, carries_credentials};
use crate::extract::web::known::Checks;
use crate::extract::web::passage::{Asking, Sure, Whose};
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::{Binding, Bound, Step};
use crate::flow::unset::Unset;
use crate::flow::{FunctionRef, ValueRef};

/// Deepest chain of names and wrappers that is followed.
const MAX_DEPTH: u32 = 12;

impl Asking<'_, '_, '_> {
    /// Whether a value is what is to be held against something: the header, or made of it.
    pub(super) fn is_given(&self, value: ValueRef) -> bool {
        self.given_at(value, MAX_DEPTH)
    }

    /// Whether a value is of `Origin`, which may be missing where no page sends the request.
    pub(super) fn is_origin(&self, value: ValueRef) -> bool {
        let flow = self.passage.flow;
        let mut at = value;
        // A name may be bound to what begins with itself.
        for _ in 0..MAX_DEPTH {
            at = flow.defined_as(at).unwrap_or(at);
            at = match (requests::header(flow, at), flow.kind(at)) {
                (Some(name), _) => return self.passage.wanted == Checks::Host && name != "host",
                (None, ValueKind::Binary { left, .. }) => value_in(at.module, *left),
                (None, ValueKind::Name(name)) => {
                    return self.passage.wanted == Checks::Host && name.to_ascii_lowercase().contains("origin");
                }
                _ => return false,
            };
        }
        false
    }

    fn given_at(&self, value: ValueRef, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1).filter(|_| !self.passage.is_one_too_many()) else { return false };
        let flow = self.passage.flow;
        if let Some(header) = requests::header(flow, value) {
            return self.is_wanted(&header) && !self.is_of_own_object(value);
        }
        match flow.kind(value) {
            ValueKind::Name(name) => self.named(value, name, depth),
            ValueKind::Call(call) => {
                let receiver = match flow.kind(value_in(value.module, call.callee)) {
                    ValueKind::Field { base, .. } => self.given_at(value_in(value.module, *base), depth),
                    _ => false,
                };
                receiver || call.arguments.iter().any(|one| self.given_at(value_in(value.module, one.value), depth))
            }
            ValueKind::Function(_) => false,
            kind => {
                let mut found = false;
                children(kind, &mut |id| found = found || self.given_at(value_in(value.module, id), depth));
                found
            }
        }
    }

    /// A header of what the program itself put together: `isAuthorized({ headers: { authorization: TOKEN } })`.
    fn is_of_own_object(&self, value: ValueRef) -> bool {
        let flow = self.passage.flow;
        let mut at = value;
        for _ in 0..MAX_DEPTH {
            at = match flow.kind(at) {
                ValueKind::Field { base, .. } | ValueKind::Index { base, .. } => value_in(at.module, *base),
                ValueKind::Call(call) => value_in(at.module, call.callee),
                ValueKind::Name(name) => {
                    let Some((owner, bindings)) = self.bindings(at, name) else { return false };
                    return owner == self.function
                        && bindings.iter().any(|one| {
                            matches!(one.bound, Bound::Parameter(position) if self.given.get(position) == Some(&Whose::Own))
                        });
                }
                _ => return false,
            };
        }
        false
    }

    fn is_wanted(&self, header: &str) -> bool {
        match self.passage.wanted {
            Checks::Host => matches!(header, "origin" | "host" | "sec-fetch-site"),
            Checks::Credentials => carries_credentials(header),
        }
    }

    fn named(&self, value: ValueRef, name: &Name, depth: u32) -> bool {
        self.bindings(value, name).is_some_and(|(owner, bindings)| {
            bindings.iter().take(4).any(|binding| match binding.bound {
                Bound::Parameter(position) => {
                    owner.id != crate::code::MODULE_BODY
                        && (self.is_parameter_given(owner, position) || self.is_inner_given(owner, depth))
                }
                Bound::Value(of)
                | Bound::Each(of)
                | Bound::Held(of)
                | Bound::Changed(of)
                | Bound::Matched(Some(of)) => match binding.path.first() {
                    Some(Step::Field(part, _))
                        if requests::is_headers(self.passage.flow, value_in(value.module, of)) =>
                    {
                        self.is_wanted(&part.to_ascii_lowercase())
                    }
                    _ => self.given_at(value_in(value.module, of), depth),
                },
                Bound::Nothing => self.taken_from(value, binding).is_some_and(|of| self.given_at(of, depth)),
                _ => false,
            })
        })
    }

    /// What a name in a pattern is taken from: `Some(value) => …`.
    pub(super) fn taken_from(&self, at: ValueRef, binding: &Binding) -> Option<ValueRef> {
        let all = &self.passage.flow.scopes(at.module).taken_from;
        all.get(&binding.at).map(|of| value_in(at.module, *of))
    }

    /// What is given is given to the function that is walked; its closures see its names.
    fn is_parameter_given(&self, owner: FunctionRef, position: usize) -> bool {
        owner == self.function && self.given.get(position) == Some(&Whose::Wanted)
    }

    /// `header.is_some_and(|value| …)`: the closure is given what the method is asked of.
    fn is_inner_given(&self, closure: FunctionRef, depth: u32) -> bool {
        let flow = self.passage.flow;
        flow.passed_to(closure).take(1).any(|call| {
            let ValueKind::Call(code) = flow.kind(call) else { return false };
            let ValueKind::Field { base, name } = flow.kind(value_in(call.module, code.callee)) else { return false };
            self.passage.known.unwrapping.contains(name.as_str()) && self.given_at(value_in(call.module, *base), depth)
        })
    }

    /// Whether a value is, or is part of, what something answered that was asked about the request.
    pub(super) fn is_answer(&self, value: ValueRef) -> bool {
        self.answer_at(value, MAX_DEPTH)
    }

    fn answer_at(&self, value: ValueRef, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1).filter(|_| !self.passage.is_one_too_many()) else { return false };
        let flow = self.passage.flow;
        if requests::header(flow, value).is_some() {
            return false;
        }
        match flow.kind(value) {
            ValueKind::Name(name) => self.bindings(value, name).is_some_and(|(_, all)| {
                all.iter().take(4).any(|one| match one.bound {
                    Bound::Value(of) | Bound::Held(of) | Bound::Matched(Some(of)) => {
                        self.answer_at(value_in(value.module, of), depth)
                    }
                    _ => false,
                })
            }),
            ValueKind::Field { base: of, .. }
            | ValueKind::Index { base: of, .. }
            | ValueKind::Await(of)
            | ValueKind::Propagate(of)
            | ValueKind::Unary(of) => self.answer_at(value_in(value.module, *of), depth),
            ValueKind::Call(call) => match flow.kind(value_in(value.module, call.callee)) {
                ValueKind::Field { base, name }
                    if requests::taken(name) || self.passage.known.within.contains(name.as_str()) =>
                {
                    self.answer_at(value_in(value.module, *base), depth)
                }
                ValueKind::Name(name)
                    if matches!(name.as_str(), "str" | "String" | "bytes" | "len" | "dict" | "bool") =>
                {
                    false
                }
                _ => self.is_about(value),
            },
            _ => false,
        }
    }

    /// What a name is bound to, and by which function.
    pub(super) fn bindings(&self, at: ValueRef, name: &Name) -> Option<(FunctionRef, &[Binding])> {
        self.passage.flow.bindings_around(at, name)
    }

    /// Whether a value is the request, by being a parameter.
    pub(super) fn is_request(&self, value: ValueRef) -> bool {
        let ValueKind::Name(name) = self.passage.flow.kind(value) else { return false };
        let bound = self.bindings(value, name);
        bound.is_some_and(|(_, all)| all.iter().any(|one| matches!(one.bound, Bound::Parameter(_))))
    }

    /// Whether what a test lets through needs no proof: questions of browsers, paths that speak no protocol, and
    /// switches that are off until someone sets them.
    pub(super) fn is_exempt(&self, test: ValueRef, side: bool) -> bool {
        self.exempts(test, side) == Sure::Yes
    }

    /// How sure it is that what a test lets through needs no proof.
    pub(super) fn exempts(&self, test: ValueRef, side: bool) -> Sure {
        match self.is_of_method(test, side) || self.is_of_path(test, side) {
            true => Sure::Yes,
            false => self.switched(test, side),
        }
    }

    fn is_of_method(&self, test: ValueRef, side: bool) -> bool {
        let flow = self.passage.flow;
        let ValueKind::Binary { operator, left, right } = flow.kind(test) else { return false };
        let sides = [value_in(test.module, *left), value_in(test.module, *right)];
        let is_method = |at: &ValueRef| matches!(flow.kind(*at), ValueKind::Field { name, .. } | ValueKind::Name(name) if name.eq_ignore_ascii_case("method"));
        let is_harmless = |at: &ValueRef| match flow.kind(*at) {
            ValueKind::Text(text) => matches!(text.as_str(), "OPTIONS" | "HEAD"),
            ValueKind::Field { name, .. } => {
                matches!(name.as_str(), "MethodOptions" | "MethodHead" | "OPTIONS" | "HEAD")
            }
            _ => false,
        };
        let is_equal = equality(*operator);
        let is_caller = |at: &ValueRef| self.whose(*at) > Whose::Unknown;
        !sides.iter().any(is_caller)
            && sides.iter().any(is_method)
            && sides.iter().any(is_harmless)
            && is_equal == Some(side)
    }

    fn is_of_path(&self, test: ValueRef, side: bool) -> bool {
        let flow = self.passage.flow;
        let of = |id: ValueId| value_in(test.module, id);
        let (path, list, equal) = match flow.kind(test) {
            ValueKind::Binary { operator, left, right } => {
                let Some(equal) = equality(*operator).or(membership(*operator)) else { return false };
                match self.is_path(of(*left)) {
                    true => (of(*left), of(*right), equal),
                    false => (of(*right), of(*left), equal),
                }
            }
            ValueKind::Call(call) => {
                let ValueKind::Field { base, name } = flow.kind(of(call.callee)) else { return false };
                let Some(first) = call.arguments.first().map(|one| of(one.value)) else { return false };
                match name.as_str() {
                    "startsWith" | "startswith" | "starts_with" => (of(*base), first, true),
                    "includes" | "has" | "contains" => (first, of(*base), true),
                    "HasPrefix" => match call.arguments.get(1) {
                        Some(second) => (first, of(second.value), true),
                        None => return false,
                    },
                    _ => return false,
                }
            }
            _ => return false,
        };
        if !self.is_path(path) {
            return false;
        }
        match self.are_spoken(list) {
            Some(true) => equal != side,
            Some(false) => equal == side,
            None => false,
        }
    }

    /// Whether all the texts of a value name paths of transports, or none does.
    fn are_spoken(&self, value: ValueRef) -> Option<bool> {
        let flow = self.passage.flow;
        let texts = match flow.asking(|| flow.meaning(value, &None)).0 {
            Meaning::Text(text, _) => vec![text],
            Meaning::List(items) => {
                let texts = items.iter().map(|item| flow.force(&item.value).text().cloned());
                texts.collect::<Option<Vec<Name>>>()?
            }
            Meaning::Made(made) if made.arguments.len() == 1 => match flow.force(&made.arguments.first()?.value) {
                Meaning::List(items) => {
                    let texts = items.iter().map(|item| flow.force(&item.value).text().cloned());
                    texts.collect::<Option<Vec<Name>>>()?
                }
                _ => return None,
            },
            _ => return None,
        };
        let is_spoken = |text: &Name| {
            let text = text.to_ascii_lowercase();
            matches!(text.as_str(), "" | "/")
                || self.passage.known.spoken.iter().any(|word| text.contains(word.as_str()))
        };
        let count = texts.iter().filter(|text| is_spoken(text)).count();
        match count {
            0 => Some(false),
            all if all == texts.len() => Some(true),
            _ => None,
        }
    }

    fn is_path(&self, value: ValueRef) -> bool {
        self.path_at(value, MAX_DEPTH) && self.whose(value) <= Whose::Unknown
    }

    fn path_at(&self, value: ValueRef, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let flow = self.passage.flow;
        match flow.kind(value) {
            ValueKind::Name(name) => match flow.defined_as(value).filter(|of| *of != value) {
                Some(of) => self.path_at(of, depth),
                None => self.names_path(name),
            },
            ValueKind::Field { base, name } => {
                self.names_path(name) || name == "scope" || self.path_at(value_in(value.module, *base), depth)
            }
            ValueKind::Index { key, .. } => {
                matches!(flow.kind(value_in(value.module, *key)), ValueKind::Text(name) if name == "path")
            }
            ValueKind::Call(call) => {
                let ValueKind::Field { base, name } = flow.kind(value_in(value.module, call.callee)) else {
                    return false;
                };
                self.names_path(name) || self.path_at(value_in(value.module, *base), depth)
            }
            _ => false,
        }
    }

    fn names_path(&self, name: &Name) -> bool {
        self.passage.known.paths.contains(name.as_str())
    }

    /// A switch of the program that is off until someone sets it, and that says in its name or by its silence what it does.
    fn switched(&self, test: ValueRef, side: bool) -> Sure {
        let flow = self.passage.flow;
        let is_named = match flow.kind(test) {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => {
                let name = name.to_ascii_lowercase().replace('_', "");
                side && self.passage.known.off.iter().any(|word| name.contains(word.as_str()))
            }
            _ => false,
        };
        let is_silent = || flow.asking(|| Unset::new(flow).holds_by_silence(test, &None)).0 == Some(!side);
        match self.by_own(test) {
            Sure::Yes if is_named || is_silent() => Sure::Yes,
            Sure::Maybe if is_named => Sure::Maybe,
            _ => Sure::No,
        }
    }
}

/// Whether an operator asks for what is the same (true) or is not (false).
pub(super) fn equality(operator: Operator) -> Option<bool> {
    match operator {
        Operator::Equal | Operator::Is => Some(true),
        Operator::NotEqual | Operator::IsNot => Some(false),
        _ => None,
    }
}

/// Whether an operator asks for what is in a list (true) or is not (false).
pub(super) fn membership(operator: Operator) -> Option<bool> {
    match operator {
        Operator::In => Some(true),
        Operator::NotIn => Some(false),
        _ => None,
    }
}

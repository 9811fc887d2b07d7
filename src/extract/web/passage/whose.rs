//! Whose word a value is: the program's own, or the caller's, who can write what he likes into it.

use crate::code::{Call, Name, Parameter, ParameterKind, ValueId, ValueKind};
use crate::extract::requests;
use crate::extract::web::passage::Asking;
use crate::flow::meaning::value_in;
use crate::flow::scope::{Binding, Bound, Step};
use crate::flow::{FunctionRef, ValueRef};

/// Deepest chain of names and members that is followed.
const MAX_DEPTH: u32 = 12;

/// Whose word a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::extract::web) enum Whose {
    /// The program's: written out, configured, or of the environment.
    Own,
    /// The request itself, or something of it that may have been put there by the program.
    Unknown,
    /// The caller's.
    Caller,
    /// The caller's, and what is to be held against something.
    Wanted,
}

impl Asking<'_, '_, '_> {
    /// Whose word a value is.
    pub(super) fn whose(&self, value: ValueRef) -> Whose {
        self.whose_at(value, MAX_DEPTH)
    }

    fn whose_at(&self, value: ValueRef, depth: u32) -> Whose {
        let Some(depth) = depth.checked_sub(1).filter(|_| !self.passage.is_one_too_many()) else {
            return Whose::Unknown;
        };
        let flow = self.passage.flow;
        if requests::header(flow, value).is_some() {
            return Whose::Caller;
        }
        let of = |id: ValueId| self.whose_at(value_in(value.module, id), depth);
        match flow.kind(value) {
            ValueKind::Name(name) => self.whose_name(value, name, depth),
            ValueKind::Field { base, name } => self.part(of(*base), name),
            ValueKind::Index { base, key } => match flow.kind(value_in(value.module, *key)) {
                ValueKind::Text(name) => self.part(of(*base), name),
                _ => of(*base),
            },
            ValueKind::Choice { then, otherwise, .. } => of(*then).max(otherwise.map_or(Whose::Own, of)),
            ValueKind::Call(call) => self.whose_answer(value, call, depth),
            ValueKind::Function(_) => Whose::Own,
            kind => {
                let mut found = Whose::Own;
                crate::code::walk::children(kind, &mut |id| found = found.max(of(id)));
                found
            }
        }
    }

    /// A member of something.
    fn part(&self, base: Whose, name: &str) -> Whose {
        match base {
            Whose::Unknown if self.passage.known.of_program.contains(name) => Whose::Own,
            Whose::Unknown | Whose::Caller if self.passage.known.of_caller.contains(name) => Whose::Caller,
            other => other,
        }
    }

    /// What a call gives back: a part of what it is asked of, or its argument in another form. A record that is looked up
    /// by what the caller says is not the caller's own word, nor surely anybody else's.
    fn whose_answer(&self, at: ValueRef, call: &Call, depth: u32) -> Whose {
        let known = self.passage.known;
        let of = |id: ValueId| self.whose_at(value_in(at.module, id), depth);
        let (base, name) = match self.passage.flow.kind(value_in(at.module, call.callee)) {
            ValueKind::Field { base, name } => (of(*base), name.as_str()),
            ValueKind::Name(name) => (Whose::Own, name.as_str()),
            _ => (Whose::Own, ""),
        };
        if base != Whose::Own {
            return if self.reads_header(at, call) { Whose::Caller } else { self.part(base, name) };
        }
        let given = call.arguments.iter().map(|one| of(one.value)).max().unwrap_or(Whose::Own);
        match given {
            _ if known.of_program.contains(name) => Whose::Own,
            Whose::Caller | Whose::Wanted if !known.converting.contains(name) => Whose::Unknown,
            given => given,
        }
    }

    /// `req.get("x-debug")` of express.
    fn reads_header(&self, at: ValueRef, call: &Call) -> bool {
        let flow = self.passage.flow;
        let ValueKind::Field { base, name } = flow.kind(value_in(at.module, call.callee)) else { return false };
        let is_request = matches!(flow.kind(value_in(at.module, *base)), ValueKind::Name(name) if matches!(name.as_str(), "req" | "request"));
        is_request && matches!(name.as_str(), "get" | "header")
    }

    fn whose_name(&self, at: ValueRef, name: &Name, depth: u32) -> Whose {
        let Some((owner, bindings)) = self.bindings(at, name) else { return Whose::Own };
        let all = bindings.iter().take(4).map(|one| self.whose_binding(at, (owner, name), one, depth));
        all.max().unwrap_or(Whose::Own)
    }

    fn whose_binding(&self, at: ValueRef, (owner, name): (FunctionRef, &Name), one: &Binding, depth: u32) -> Whose {
        let whole = match one.bound {
            Bound::Parameter(position) => self.whose_parameter(owner, position, depth),
            Bound::Value(of) | Bound::Each(of) | Bound::Held(of) | Bound::Changed(of) | Bound::Matched(Some(of)) => {
                self.whose_at(value_in(at.module, of), depth)
            }
            Bound::Import(_) if name == "request" => Whose::Unknown,
            Bound::Nothing => self.taken_from(at, one).map_or(Whose::Own, |of| self.whose_at(of, depth)),
            _ => Whose::Own,
        };
        one.path.iter().fold(whole, |whole, step| match step {
            Step::Field(part, _) => self.part(whole, part),
            _ => whole,
        })
    }

    /// What the function that is walked is given; functions around it were given theirs by the program, and closures in
    /// it are given elements of lists, about which whoever asks for the list is asked.
    fn whose_parameter(&self, owner: FunctionRef, position: usize, depth: u32) -> Whose {
        let known = self.passage.known;
        let parameter = self.passage.flow.function(owner).parameters.get(position);
        let Some(parameter) = parameter.filter(|_| owner == self.function && owner.id != crate::code::MODULE_BODY)
        else {
            return Whose::Own;
        };
        let is_own = parameter.kind == ParameterKind::Receiver
            || parameter.name().is_some_and(|name| known.of_program.contains(name.as_str()))
            || self.is_of_own_type(owner, parameter);
        match self.given.get(position) {
            Some(given) => *given,
            None if is_own => Whose::Own,
            None => self.whose_default(owner, parameter, depth),
        }
    }

    /// `token: str = Query()`
    fn whose_default(&self, owner: FunctionRef, parameter: &Parameter, depth: u32) -> Whose {
        let flow = self.passage.flow;
        let default = parameter.default.map(|id| value_in(owner.module, id));
        match default.map(|at| (at, flow.kind(at))) {
            Some((at, ValueKind::Call(call))) => match flow.kind(value_in(at.module, call.callee)) {
                ValueKind::Name(name) => self.part(Whose::Unknown, name),
                _ => self.whose_at(at, depth).max(Whose::Unknown),
            },
            _ => Whose::Unknown,
        }
    }

    /// `State(state): State<AppState>`
    fn is_of_own_type(&self, owner: FunctionRef, parameter: &Parameter) -> bool {
        let flow = self.passage.flow;
        let Some(annotation) = parameter.annotation.map(|id| value_in(owner.module, id)) else { return false };
        let text = flow.sources.slice(flow.span(annotation));
        let outer = text.split('<').next().unwrap_or(text);
        let last = outer.rsplit([':', '.']).next().unwrap_or(outer);
        self.passage.known.of_program.contains(last.trim())
    }
}

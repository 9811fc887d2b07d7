//! What is declared, and never given a value by anything in the tree: it is what its language begins with.

use super::*;
use crate::flow::scope::{Binding, Bound, ContextKind};

/// How numbers of Go are called.
const NUMBERS: &[&str] = &["int", "uint", "float", "byte", "rune"];

impl Unset<'_, '_> {
    /// `let root: string | undefined;`, `var root string`, where that is all.
    pub(super) fn never_given(&self, at: ValueRef, name: &Name) -> Option<Meaning> {
        let (_, bindings) = self.flow.bindings_around(at, name)?;
        let [Binding { bound: Bound::Nothing, at: start, context, .. }] = bindings else { return None };
        let scopes = self.flow.scopes(at.module);
        let is_caught = scopes.chain(*context).any(|context| matches!(context, ContextKind::Handler(_)));
        let is_go = self.flow.module(at).language == Language::Go;
        let is_elsewhere = || self.is_pointed_to(at.module, name) || self.is_bound_beside(at.module, name);
        if is_caught || is_go && is_elsewhere() {
            return None;
        }
        let source = self.flow.program.module(at.module).source;
        let end = start.saturating_add(name.len() as u32);
        self.zero(at.module, Span { source, start: end, end })
    }

    /// A member that its class declares, and that nothing in the tree is put into.
    pub(super) fn never_given_member(&self, class: ClassRef, name: &Name) -> Option<Meaning> {
        let field = self.flow.class(class).fields.iter().find(|field| field.name == *name)?;
        let is_bare = field.value.is_none() && !self.flow.is_ever_assigned(name);
        let kind = self.flow.span(In { module: class.module, id: field.annotation? });
        // What reads files or the environment fills such members of Go: `Root string \`env:"ROOT"\``.
        let is_tagged = self.line_after(kind).contains('`');
        let is_elsewhere = || !self.flow.calls_addressing(name).is_empty() || self.copies_over(class);
        if !is_bare || is_tagged || is_elsewhere() {
            return None;
        }
        self.zero(class.module, Span { end: kind.start, ..kind })
    }

    /// `Object.assign(this, given)`: whether a class takes over members that nothing names.
    fn copies_over(&self, class: ClassRef) -> bool {
        let of = |id| In { module: class.module, id };
        let is_own = |place: ValueRef| self.flow.function(self.flow.owner(place)).class == Some(class.id);
        let mut calls = self.flow.scopes(class.module).calls.iter().map(|call| of(*call));
        calls.any(|at| match self.flow.kind(at) {
            ValueKind::Call(call) => {
                let first = call.arguments.first().map(|first| self.flow.kind(of(first.value)));
                let callee = self.flow.sources.slice(self.flow.span(of(call.callee)));
                matches!(first, Some(ValueKind::This)) && callee == "Object.assign" && is_own(at)
            }
            _ => false,
        })
    }

    /// The rest of the line behind a place.
    fn line_after(&self, place: Span) -> &str {
        let text = self.flow.sources.get(place.source).text();
        text.get(place.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    }

    /// `json.Unmarshal(text, &roots)`: whether a call is given where something is, and may put a value there.
    fn is_pointed_to(&self, module: ModuleId, name: &Name) -> bool {
        let kind = |id| self.flow.kind(In { module, id });
        let is_it = |id| matches!(kind(id), ValueKind::Unary(inner) if matches!(kind(*inner), ValueKind::Name(one) if one == name));
        let mut calls = self.flow.scopes(module).calls.iter();
        calls.any(|call| match kind(*call) {
            ValueKind::Call(call) => call.arguments.iter().any(|argument| is_it(argument.value)),
            _ => false,
        })
    }

    /// Whether another file of the same package has the name, which may be the same variable.
    fn is_bound_beside(&self, module: ModuleId, name: &Name) -> bool {
        let folder = |module: ModuleId| {
            let path = self.flow.sources.path(self.flow.program.module(module).source);
            path.rsplit_once('/').map_or("", |(folder, _)| folder)
        };
        let beside = self.flow.program.iter().filter(|(other, _)| *other != module && folder(*other) == folder(module));
        beside.into_iter().any(|(other, _)| {
            let scopes = self.flow.scopes(other);
            scopes.bindings.iter().any(|names| names.contains_key(name))
        })
    }

    /// What something is whose declared type stands behind a place.
    fn zero(&self, module: ModuleId, before: Span) -> Option<Meaning> {
        match self.flow.program.module(module).language {
            Language::TypeScript => Some(Meaning::Null),
            Language::Go => {
                zero_of_go(self.line_after(before).split([';', '}', '/']).next().unwrap_or_default().trim(), before)
            }
            Language::Python | Language::Rust => None,
        }
    }
}

/// The value that a variable of Go has before anything is put into it (The Go Programming Language Specification, "The zero value").
fn zero_of_go(text: &str, span: Span) -> Option<Meaning> {
    match text {
        "string" => Some(Meaning::Text(Name::new(""), span)),
        "bool" => Some(Meaning::Bool(false)),
        "error" | "any" => Some(Meaning::Null),
        _ if text.starts_with(['*', '[']) && !text.starts_with("[...")
            || text.starts_with("map[")
            || text.starts_with("func(") =>
        {
            Some(Meaning::Null)
        }
        _ if NUMBERS.contains(&text.trim_end_matches(|sign: char| sign.is_ascii_digit())) => Some(Meaning::Int(0)),
        _ => None,
    }
}

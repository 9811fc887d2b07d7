//! Which bindings of a name may be in force at a place.

use crate::code::Name;
use crate::extract::results::controls::Controls;
use crate::flow::meaning::{function_in, value_in};
use crate::flow::scope::{Binding, Bound, ContextKind, Scopes, choose, in_force};
use crate::flow::{FunctionRef, ValueRef};

impl Controls<'_> {
    /// The bindings that may be in force, of the innermost function around that has the name.
    pub fn bindings(&self, at: ValueRef, name: &Name) -> Option<(FunctionRef, Vec<Binding>)> {
        let (scopes, module) = (self.flow.scopes(at.module), self.flow.module(at));
        let position = self.flow.span(at).start;
        let mut next = Some(self.flow.owner(at).id);
        while let Some(function) = next {
            if let Some(all) = scopes.bindings[function.index()].get(name) {
                let all = in_force(module, scopes, all, position);
                let is_own = |one: &&Binding| self.is_in_value(at, one);
                let (own, others): (Vec<&Binding>, Vec<&Binding>) = all.iter().partition(is_own);
                let others: Vec<Binding> = others.into_iter().cloned().collect();
                let chosen = choose(&others, position, function == self.flow.owner(at).id, module.language);
                let later = others.iter().filter(|one| one.at > position && self.is_in_same_loop(at, one));
                let mut found = self.last_loop(at, chosen);
                let later: Vec<&Binding> = later.filter(|one| !found.iter().any(|known| known.at == one.at)).collect();
                found.extend(own.into_iter().chain(later));
                let found = found.into_iter().cloned().collect();
                return Some((function_in(at.module, function), found));
            }
            next = module.function(function).parent;
        }
        None
    }

    /// Whether a place is part of the value that a binding gives.
    fn is_in_value(&self, at: ValueRef, binding: &Binding) -> bool {
        let Bound::Value(value) = binding.bound else { return false };
        self.flow.span(value_in(at.module, value)).contains(self.flow.span(at))
    }

    /// Whether a binding further down comes before a place in the next turn of a loop.
    fn is_in_same_loop(&self, at: ValueRef, binding: &Binding) -> bool {
        let scopes = self.flow.scopes(at.module);
        let mut next = Some(binding.context);
        while let Some(id) = next {
            let context = &scopes.contexts[id.0 as usize];
            let is_loop = matches!(context.kind, ContextKind::Each(_) | ContextKind::Turns);
            if is_loop && is_under(scopes, scopes.context[at.id.index()].0, id.0) {
                return true;
            }
            next = context.parent;
        }
        false
    }

    /// A loop over constants has run when a place behind it is reached.
    fn last_loop<'b>(&self, at: ValueRef, chosen: Vec<&'b Binding>) -> Vec<&'b Binding> {
        let scopes = self.flow.scopes(at.module);
        let position = self.flow.span(at).start;
        let is_run = |binding: &&Binding| {
            let context = &scopes.contexts[binding.context.0 as usize];
            let ContextKind::Each(over) = context.kind else { return false };
            let around = context.parent.map_or(0, |parent| parent.0);
            let is_behind = binding.block.1 < position
                && (around == 0 || is_under(scopes, scopes.context[at.id.index()].0, around));
            is_behind && !matches!(binding.bound, Bound::Each(_)) && self.is_filled(value_in(at.module, over))
        };
        let last = chosen.iter().rposition(is_run).filter(|_| chosen.len() > 1);
        match last {
            Some(last) => chosen.into_iter().skip(last).collect(),
            None => chosen,
        }
    }
}

/// Whether a context is another or stands under it.
fn is_under(scopes: &Scopes, context: u32, outer: u32) -> bool {
    let mut next = Some(context);
    while let Some(one) = next {
        if one == outer {
            return true;
        }
        next = scopes.contexts[one as usize].parent.map(|parent| parent.0);
    }
    false
}

//! Names that a block introduces: behind it, what is spelled the same is what it was before.

use std::rc::Rc;

use crate::code::{Block, Language, LoopHead, Name, Place, StatementKind};
use crate::taint::{Env, Walk};

impl<'a> Walk<'a> {
    /// Walks a block; true where control leaves it for good.
    pub(crate) fn block(&mut self, block: &'a Block) -> bool {
        let own = if block.tail.is_none() { self.introduced(block) } else { Vec::new() };
        let before = (!own.is_empty()).then(|| self.here().env.clone());
        let leaves = block.statements.iter().any(|statement| self.statement(statement));
        if let Some(before) = before {
            self.as_before(&own, &before);
        }
        leaves
    }

    /// Names that a loop introduces, before it and in its body.
    pub(crate) fn introduced_by_loop(&self, head: &LoopHead, body: &Block) -> Vec<Name> {
        let mut names = self.introduced(body);
        if let (LoopHead::Each(place, _), true) = (head, self.has_blocks()) {
            add_names(place, &mut names);
        }
        names
    }

    /// Gives names what they held before.
    pub(crate) fn as_before(&mut self, names: &[Name], before: &Env) {
        let env = &mut self.top().env;
        for name in names {
            env.forget(name);
            env.put_at.remove(name);
            env.put_at.extend(before.put_at.get_key_value(name).map(|(name, at)| (name.clone(), *at)));
            match before.values.get(name) {
                Some(shade) => drop(env.values.insert(name.clone(), Rc::clone(shade))),
                None => drop(env.values.remove(name)),
            }
            let is_of = |known: &Name| {
                known.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let known = before.proven.iter().filter(|(known, _)| is_of(known));
            env.proven.extend(known.map(|(known, proofs)| (known.clone(), *proofs)));
        }
    }

    fn has_blocks(&self) -> bool {
        let function = self.here().function;
        matches!(self.flow.module(function).language, Language::TypeScript | Language::Go)
    }

    fn introduced(&self, block: &Block) -> Vec<Name> {
        let mut names = Vec::new();
        if !self.has_blocks() {
            return names;
        }
        for statement in &block.statements {
            if let StatementKind::Assign(assignment) = &statement.kind
                && assignment.declares
                && !assignment.is_hoisted
            {
                assignment.places.iter().for_each(|place| add_names(place, &mut names));
            }
        }
        names
    }
}

fn add_names(place: &Place, names: &mut Vec<Name>) {
    match place {
        Place::Name(name, _) => names.push(name.clone()),
        Place::Fields(fields, rest) => {
            fields.iter().for_each(|field| add_names(&field.place, names));
            names.extend(rest.clone());
        }
        Place::Items(places, _) => places.iter().for_each(|place| add_names(place, names)),
        Place::Value(_) | Place::Ignore => {}
    }
}

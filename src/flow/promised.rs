//! `new Promise((resolve) => … resolve(x))`: what it comes to is what it is settled with; and what follows a promise.

use std::rc::Rc;

use crate::code::Language;
use crate::flow::fold::MAX_RETURNS;
use crate::flow::meaning::{Made, Meaning, Passed, Within, push, value_in};
use crate::flow::{Flow, ValueRef};

impl Flow<'_> {
    /// What a promise comes to, where its executor is written in the tree and says so.
    pub(super) fn promised(&self, at: ValueRef, arguments: &[Passed]) -> Option<Meaning> {
        let Meaning::Function(executor, captured, this) = self.force(&arguments.first()?.value) else { return None };
        let settled = self.scopes(executor.module).settled_with(self.module(at), executor.id);
        let says = settled.iter().any(Option::is_some) && settled.len() <= MAX_RETURNS * 4;
        if !says || executor.module != at.module {
            return None;
        }
        if let Some(level) = self.calls_above(executor) {
            self.rest_on(level);
            return None;
        }
        let frame = push(&captured, Within::Call { function: executor, arguments: Vec::new(), this, at: Some(at) });
        self.running.borrow_mut().push((executor, self.level.get()));
        let found = self.inside(executor, || {
            let one = |with: &Option<_>| match with {
                Some(value) => self.meaning(value_in(executor.module, *value), &frame),
                None => Meaning::Unknown("whatever else settles it"),
            };
            settled.iter().map(one).collect()
        });
        self.running.borrow_mut().pop();
        Some(Meaning::any(found))
    }

    /// `connect().then(f)` is what `f` gives; `connect().catch(f)` is what is connected to, or what `f` made in its place.
    pub(super) fn followed_by(
        &self,
        at: ValueRef,
        made: &Rc<Made>,
        how: &str,
        arguments: &[Passed],
    ) -> Option<Meaning> {
        let base = Meaning::Made(made.clone());
        if self.module(at).language != Language::TypeScript {
            return None;
        }
        if how == "finally" {
            return Some(base);
        }
        let first = arguments.first().filter(|first| !first.is_rest)?;
        let Meaning::Function(function, captured, this) = self.force(&first.value) else { return None };
        let is_resolved = matches!(&made.callee, Meaning::Outside(callee) if callee == "Promise.resolve");
        let given = match is_resolved {
            true => made.arguments.clone(),
            false => vec![Passed { name: None, value: base.clone(), is_rest: false }],
        };
        match how {
            "then" => Some(self.returned(function, given, this, Some(at), &captured)),
            _ => match self.returned(function, Vec::new(), this, Some(at), &captured) {
                other @ (Meaning::Made(_) | Meaning::Instance(_)) => Some(Meaning::any(vec![base, other])),
                _ => Some(base),
            },
        }
    }
}

//! Functions of Go that go on behind their own panic: a guard that panics there stops nobody.

use std::collections::BTreeMap;

use crate::code::{Block, FunctionKind, Language, StatementKind, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::{FunctionRef, ValueRef};
use crate::taint::statement::origin;
use crate::taint::{Exit, Proofs, Shade, Told, WHOLE, Walk};

/// What ends the program or raises again, so that nothing goes on behind a panic.
const LEAVING: &[&str] = &["panic(", "os.Exit(", "log.Fatal", "runtime.Goexit("];

impl Walk<'_> {
    /// A panic here: where the function goes on behind it, that is a way out on which nothing more is proven.
    pub(crate) fn may_panic(&mut self) {
        let (_, recovers) = self.here().panics;
        self.top().panics.0 = true;
        if !recovers {
            return;
        }
        let here = self.here();
        let own = (0..self.flow.function(here.function).parameters.len()).map(origin);
        let of = |name| here.env.proven.get(&name).copied().unwrap_or_default();
        let mut proofs: Vec<Proofs> = own.map(of).collect();
        proofs.resize(proofs.len() + here.members.len(), Proofs::NONE);
        let told = Told {
            truth: Some(false),
            when_true: proofs.clone(),
            when_false: proofs.clone(),
            when_there: proofs.clone(),
            nothing: Some("nil".into()),
            ..Told::default()
        };
        let told = BTreeMap::from([(WHOLE.into(), told)]);
        let result = Shade::default();
        let unset = here.unset > 0;
        let exit = Exit { result, proofs, told, unset, off: false, is_error: false, left: Vec::new() };
        self.top().exits.push(exit);
    }

    /// Whether a function recovers from a panic and makes no error of it.
    pub(crate) fn recovers(&self, function: FunctionRef) -> bool {
        if self.flow.module(function).language != Language::Go {
            return false;
        }
        self.recovering(function, &self.flow.function(function).body)
    }

    fn recovering(&self, function: FunctionRef, body: &Block) -> bool {
        body.statements.iter().any(|statement| match &statement.kind {
            StatementKind::Defer(value) => self.is_recovering(function, value_in(function.module, *value)),
            StatementKind::Block(inner) => self.recovering(function, inner),
            _ => false,
        })
    }

    fn is_recovering(&self, function: FunctionRef, deferred: ValueRef) -> bool {
        let ValueKind::Call(call) = self.flow.kind(deferred) else { return false };
        let callee = value_in(deferred.module, call.callee);
        let called = match self.flow.kind(callee) {
            ValueKind::Function(called) => FunctionRef { module: deferred.module, id: *called },
            _ => match self.flow.asking(|| self.flow.meaning(callee, &None)).0 {
                crate::flow::Meaning::Function(called, _, _) => called,
                _ => return false,
            },
        };
        let code = self.flow.function(called);
        let text = self.flow.sources.slice(code.span);
        let goes_on = text.contains("recover()") && !LEAVING.iter().any(|word| text.contains(word));
        goes_on && (code.kind != FunctionKind::Closure || !self.is_told_from(function, called))
    }

    /// `err = fmt.Errorf(…)` in what is deferred: what was a panic is a result of the function around it.
    fn is_told_from(&self, function: FunctionRef, inner: FunctionRef) -> bool {
        let span = self.flow.function(inner).span;
        let names = &self.flow.scopes(function.module).bindings[function.id.index()];
        let is_inside = |at: u32| span.start <= at && at < span.end;
        let mut all = names.values().flatten();
        all.any(|binding| binding.is_far && is_inside(binding.at))
    }
}

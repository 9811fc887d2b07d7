//! Handlers of a request that hand it on to the one that stood before.

use crate::code::ValueKind;
use crate::extract::tools::pair::{Found, MAX_WAY};
use crate::extract::tools::register::Registrar;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::{Flow, ValueRef};

impl Registrar<'_> {
    /// Whether the handler of calls that takes the place of another lets that one, or the server itself, answer.
    pub(super) fn lets_former_answer(&self, found: &Found) -> bool {
        let flow = self.flow();
        let Meaning::Function(function, captured, this) = &found.meaning else { return false };
        let result = flow.asking(|| flow.returned(*function, Vec::new(), this.clone(), None, captured)).0;
        let is_former = |one: &Meaning| to_former(flow, one, &found.how.call) || self.is_of_server(one, found.at);
        let ends = &flow.scopes(function.module).returns[function.id.index()];
        result.alternatives().iter().any(is_former)
            || ends.iter().any(|end| self.is_of_table(value_in(function.module, *end), found))
    }

    /// Whether a result is what an entry of the same table gives: `await handlers[CallToolRequest](request)`.
    fn is_of_table(&self, result: ValueRef, found: &Found) -> bool {
        let flow = self.flow();
        let Some(table) = &found.how.table else { return false };
        let Some(call) = self.written(result) else { return false };
        let ValueKind::Call(code) = flow.kind(call) else { return false };
        let Some(entry) = self.written(value_in(call.module, code.callee)) else { return false };
        let ValueKind::Index { base, key } = flow.kind(entry) else { return false };
        let is_table = self
            .written(value_in(entry.module, *base))
            .is_some_and(|base| matches!(flow.kind(base), ValueKind::Field { name, .. } if name.as_str() == table));
        let key = flow.asking(|| flow.meaning(value_in(entry.module, *key), &None)).0;
        is_table && matches!(&key, Meaning::Outside(name) if found.how.is_call(name))
    }

    /// Where a value is written, through names that stand for it and through `await`.
    fn written(&self, value: ValueRef) -> Option<ValueRef> {
        let mut value = self.flow().defined_as(value)?;
        for _ in 0..MAX_WAY {
            let ValueKind::Await(inner) = self.flow().kind(value) else { break };
            value = self.flow().defined_as(value_in(value.module, *inner))?;
        }
        Some(value)
    }

    /// Whether a result is what a method of a server gives: `server.call_tool(name, arguments)`.
    fn is_of_server(&self, result: &Meaning, at: ValueRef) -> bool {
        let Meaning::Made(made) = result else { return false };
        let mut callee = made.callee.clone();
        while let Meaning::Member(base, _) = callee {
            callee = self.flow().force(&base);
            if !self.kinds.servers(&callee, at).is_empty() {
                return true;
            }
        }
        false
    }
}

/// Whether a result is what another handler of the same request gives: `handlers.get("tools/list")(request)`.
pub(super) fn to_former(flow: &Flow, result: &Meaning, requests: &[String]) -> bool {
    let Meaning::Made(made) = result else { return false };
    let Meaning::Made(handler) = &made.callee else { return false };
    let is_looked_up = matches!(&handler.callee, Meaning::Member(_, method) if method == "get");
    let key = handler.arguments.first().map(|key| flow.force(&key.value));
    is_looked_up && matches!(key, Some(Meaning::Text(key, _)) if requests.iter().any(|one| *one == key.as_str()))
}

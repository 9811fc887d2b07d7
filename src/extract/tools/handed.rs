//! Handlers of a request that hand it on to the one that stood before.

use crate::extract::tools::register::Registrar;
use crate::flow::meaning::Meaning;
use crate::flow::{Flow, ValueRef};

impl Registrar<'_> {
    /// Whether the handler of calls that takes the place of another lets that one, or the server itself, answer.
    pub(super) fn lets_former_answer(&self, handler: &Meaning, at: ValueRef, requests: &[String]) -> bool {
        let flow = self.flow();
        let Meaning::Function(function, captured, this) = handler else { return false };
        let result = flow.asking(|| flow.returned(*function, Vec::new(), this.clone(), None, captured)).0;
        let is_former = |one: &Meaning| to_former(flow, one, requests) || self.is_of_server(one, at);
        result.alternatives().iter().any(is_former)
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

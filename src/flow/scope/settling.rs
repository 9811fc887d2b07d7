//! What promises are settled with: the calls of the first function that an executor of `new Promise` is handed.

use ahash::HashMap;

use crate::code::{CallKind, FunctionId, Module, Name, ValueId, ValueKind};
use crate::flow::scope::Scopes;

/// What each executor settles its promise with; `None` where its `resolve` is handed on, and others call it.
pub(super) type Settling = HashMap<FunctionId, Vec<Option<ValueId>>>;

impl Scopes {
    /// What the promise of an executor is settled with, in order of writing.
    pub(in crate::flow) fn settled_with(&self, module: &Module, executor: FunctionId) -> &[Option<ValueId>] {
        let all = self.settling.get_or_init(|| self.settling_of(module));
        all.get(&executor).map_or(&[], Vec::as_slice)
    }

    fn settling_of(&self, module: &Module) -> Settling {
        let resolves: HashMap<FunctionId, Name> =
            self.calls.iter().filter_map(|call| resolve_of(module, *call)).collect();
        let mut found = Settling::default();
        if resolves.is_empty() {
            return found;
        }
        for at in &self.calls {
            let ValueKind::Call(call) = &module.value(*at).kind else { continue };
            let mut settles = |value: ValueId, with: Option<ValueId>| {
                if let ValueKind::Name(name) = &module.value(value).kind
                    && let Some(executor) = self.executor_of(module, value, name, &resolves)
                {
                    found.entry(executor).or_default().push(with);
                }
            };
            if let Some(first) = call.arguments.first() {
                settles(call.callee, Some(first.value));
            }
            call.arguments.iter().for_each(|argument| settles(argument.value, None));
        }
        found
    }

    /// The executor whose `resolve` a name means, where nothing nearer has that name.
    fn executor_of(
        &self,
        module: &Module,
        value: ValueId,
        name: &Name,
        resolves: &HashMap<FunctionId, Name>,
    ) -> Option<FunctionId> {
        let mut next = Some(self.owner[value.index()]);
        while let Some(function) = next {
            if self.bindings[function.index()].contains_key(name) {
                return (resolves.get(&function) == Some(name)).then_some(function);
            }
            next = module.function(function).parent;
        }
        None
    }
}

/// An executor that is written where it is given, and the name of its `resolve`.
fn resolve_of(module: &Module, at: ValueId) -> Option<(FunctionId, Name)> {
    let ValueKind::Call(call) = &module.value(at).kind else { return None };
    let callee = match &module.value(call.callee).kind {
        ValueKind::Generic { base, .. } => &module.value(*base).kind,
        kind => kind,
    };
    let is_promise = call.kind == CallKind::New && matches!(callee, ValueKind::Name(name) if name == "Promise");
    let ValueKind::Function(executor) = &module.value(call.arguments.first()?.value).kind else { return None };
    let resolve = module.function(*executor).parameters.first()?.name()?;
    is_promise.then(|| (*executor, resolve.clone()))
}

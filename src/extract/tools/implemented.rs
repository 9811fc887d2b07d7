//! Traits whose implementation answers `tools/list` and `tools/call`.

use crate::code::{ClassKind, Name, ValueKind};
use crate::extract::tools::draft::{Draft, Drafts};
use crate::extract::tools::pair::Found;
use crate::extract::tools::register::Registrar;
use crate::extract::tools::sdk::{Handlers, Role};
use crate::extract::tools::server::{Key, KindId};
use crate::flow::meaning::{Meaning, function_in};
use crate::flow::{ClassRef, FunctionRef, In, ModuleId, ValueRef};
use crate::model::Known;

/// Most methods of one object that are looked into for a use of its router.
const MAX_METHODS: usize = 8;
/// Methods of the SDK's own router: what it lists and calls was read where it was made.
const OF_ROUTER: &[&str] = &["list_all", "tools"];
/// Methods with which a list gets more than the router has.
const ADDING: &[&str] = &["push", "extend", "extend_from_slice", "append", "insert", "chain"];

impl Registrar<'_> {
    /// Reads every implementation of a trait that the tables name.
    pub fn implemented(&self, live: &[ModuleId], drafts: &mut Drafts) {
        let all = self.kinds.sdks.all.iter().enumerate();
        let all = all
            .flat_map(|(at, sdk)| sdk.servers.iter().enumerate().map(move |(position, table)| ((at, position), table)));
        let kinds: Vec<KindId> = all
            .filter(|(_, table)| table.handlers.iter().any(|how| !how.traits.is_empty()))
            .map(|(id, _)| id)
            .collect();
        for module in live.iter().filter(|_| !kinds.is_empty()) {
            for at in 0..self.flow().program.module(*module).classes.len() {
                let class = In { module: *module, id: crate::code::ClassId(at as u32) };
                kinds.iter().for_each(|kind| self.implementation(class, *kind, drafts));
            }
        }
    }

    fn implementation(&self, class: ClassRef, kind: KindId, drafts: &mut Drafts) {
        let flow = self.flow();
        let code = flow.class(class);
        if code.kind != ClassKind::Implementation || self.kinds.is_in_test(class.module, code.span) {
            return;
        }
        let table = self.kinds.kind(kind);
        let Some(base) = code.bases.first().map(|base| In { module: class.module, id: *base }) else { return };
        let Meaning::Outside(of) = flow.asking(|| flow.meaning(base, &None)).0 else { return };
        for how in table.handlers.iter().filter(|how| how.traits.iter().any(|one| *one == of.as_str())) {
            let own = code.methods.iter().map(|method| function_in(class.module, *method));
            let mut own = own.filter(|method| flow.function(*method).name.as_deref() == how.method.as_deref());
            let (Some(method), Some(role)) = (own.next(), how.role) else { continue };
            if self.leaves_to_router(method, how, drafts, class) {
                continue;
            }
            let same = |draft: &&mut Draft| {
                draft.kind == kind && draft.name.value().map(String::as_str) == Some(code.name.as_str())
            };
            let key = drafts.values_mut().find(same).map_or(Key::Made(base), |draft| draft.key);
            let draft = drafts.entry(key).or_insert_with(|| Draft::new(key, kind, code.name_span));
            draft.name = Known::is(code.name.to_string(), code.name_span);
            let this = Some(std::rc::Rc::new(Meaning::This(class)));
            let meaning = Meaning::Function(method, None, this);
            self.handler(&Found { role, how, meaning, at: base }, table, draft);
        }
    }

    /// Whether a method only hands on to the router of the SDK, or to the types of a list, which were read already.
    fn leaves_to_router(&self, method: FunctionRef, how: &Handlers, drafts: &Drafts, class: ClassRef) -> bool {
        let mut methods = vec![method];
        let mut at = 0;
        // A method may leave it to others of its own.
        while let Some(method) = methods.get(at).copied().filter(|_| at < MAX_METHODS) {
            if self.calls_router(method, how, drafts, class) {
                return self.methods_called(method).all(|(_, name)| !ADDING.contains(&name.as_str()));
            }
            for further in self.own_methods_called(method, class) {
                if how.role == Some(Role::List) && !methods.contains(&further) {
                    methods.push(further);
                }
            }
            at += 1;
        }
        false
    }

    /// Methods of the object itself that a method calls.
    fn own_methods_called(&self, method: FunctionRef, class: ClassRef) -> Vec<FunctionRef> {
        let own = |(base, name): (ValueRef, &Name)| match self.flow().kind(base) {
            ValueKind::This => self.flow().own_method(class, name),
            ValueKind::Name(receiver) if receiver == "self" => self.flow().own_method(class, name),
            _ => None,
        };
        self.methods_called(method).filter_map(own).collect()
    }

    /// The methods that a function calls by name, each with what it calls them on.
    fn methods_called(&self, method: FunctionRef) -> impl Iterator<Item = (ValueRef, &Name)> {
        let module = self.flow().module(method);
        let scopes = self.flow().scopes(method.module);
        let own = scopes.calls.iter().filter(move |call| scopes.owner[call.index()] == method.id);
        own.filter_map(move |call| match &module.value(*call).kind {
            ValueKind::Call(call) => match &module.value(call.callee).kind {
                ValueKind::Field { base, name } => Some((In { module: method.module, id: *base }, name)),
                _ => None,
            },
            _ => None,
        })
    }

    fn calls_router(&self, method: FunctionRef, how: &Handlers, drafts: &Drafts, class: ClassRef) -> bool {
        let flow = self.flow();
        let mut callees = self.methods_called(method);
        let is_router = |base: ValueRef| matches!(flow.kind(base), ValueKind::Field { name, .. } | ValueKind::Name(name) if name.contains("router"));
        let of_list = |base: ValueRef| {
            matches!(flow.asking(|| flow.meaning(In { module: class.module, id: base.id }, &None)).0,
                Meaning::Outside(of) if self.is_listed_enum(&of, drafts))
        };
        match how.role {
            Some(Role::List) => callees.any(|(base, name)| {
                name == "list_all" || OF_ROUTER.contains(&name.as_str()) && (is_router(base) || of_list(base))
            }),
            _ => callees.any(|(base, name)| {
                matches!(name.as_str(), "call" | "call_tool") && is_router(base) || name == "try_from" && of_list(base)
            }),
        }
    }

    /// Whether a name is that of the enumeration which a list of types makes.
    fn is_listed_enum(&self, name: &str, drafts: &Drafts) -> bool {
        let last = name.trim_end_matches("::").rsplit("::").next().unwrap_or(name);
        drafts.keys().any(|key| {
            let Key::Made(at) = key else { return false };
            let ValueKind::Call(code) = self.flow().kind(*at) else { return false };
            code.arguments.first().is_some_and(|argument| {
                let value = In { module: at.module, id: argument.value };
                matches!(self.flow().kind(value), ValueKind::Name(name) if name == last)
            })
        })
    }
}

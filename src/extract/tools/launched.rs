//! Servers that are started by a method that something else calls: `anyio.run(server.run_async)`,
//! `Thread(target=server.run, kwargs={…})`, `partial(server.run, host="0.0.0.0")`, `run = server.run`.

use std::collections::BTreeSet;

use crate::code::{Name, ValueKind};
use crate::extract::tools::draft::{Draft, Drafts};
use crate::extract::tools::listen;
use crate::extract::tools::register::{Registrar, place_of};
use crate::extract::tools::server::last_word;
use crate::extract::tools::site::Told;
use crate::flow::meaning::{Meaning, Passed, value_in};
use crate::flow::{ModuleId, ValueRef};

impl Registrar<'_> {
    /// Notes what is started in a module by handing its starting method on, or by another name of it.
    pub(super) fn launched(&self, module: ModuleId, drafts: &mut Drafts) {
        let words = self.starting_words();
        for call in &self.flow().scopes(module).calls {
            let at = value_in(module, *call);
            let ValueKind::Call(code) = self.flow().kind(at) else { continue };
            if self.kinds.is_inside_sdk(at) {
                continue;
            }
            let callee = value_in(module, code.callee);
            if let ValueKind::Name(_) = self.flow().kind(callee)
                && let Some(method) = self.flow().defined_as(callee).filter(|method| self.starts(*method, &words))
            {
                self.launch(at, method, self.flow().passed(at, &None), drafts);
            }
            let handed = code.arguments.iter().map(|argument| value_in(module, argument.value));
            for (position, method) in handed.enumerate().filter(|(_, method)| self.starts(*method, &words)) {
                self.launch(at, method, self.passed_on(at, position), drafts);
            }
        }
    }

    fn starting_words(&self) -> BTreeSet<Name> {
        let servers = self.kinds.sdks.all.iter().flat_map(|sdk| &sdk.servers);
        servers.flat_map(|server| server.runs.iter().map(|run| last_word(&run.name))).collect()
    }

    fn starts(&self, method: ValueRef, words: &BTreeSet<Name>) -> bool {
        self.kinds.field_of(method).is_some_and(|(_, name)| words.contains(name))
    }

    /// What a method is called with that a call is given at a position: what stands behind it, what has a keyword, and what
    /// a thread is given as `args` and `kwargs`.
    fn passed_on(&self, at: ValueRef, position: usize) -> Vec<Passed> {
        let flow = self.flow();
        let mut on = Vec::new();
        let is_on = |place: usize, argument: &Passed| place > position || place < position && argument.name.is_some();
        let passed = flow.passed(at, &None).into_iter().enumerate();
        for (_, argument) in passed.filter(|(place, argument)| is_on(*place, argument)) {
            match (argument.name.as_deref(), flow.force(&argument.value)) {
                (Some("kwargs"), Meaning::Map(entries)) => on.extend(entries.iter().filter_map(|entry| {
                    let name = Some(entry.key.as_ref()?.name.clone());
                    Some(Passed { name, value: entry.value.clone(), is_rest: false })
                })),
                (Some("args"), Meaning::List(items)) => {
                    on.extend(items.iter().map(|item| Passed {
                        name: None,
                        value: item.value.clone(),
                        is_rest: false,
                    }));
                }
                _ => on.push(argument),
            }
        }
        on
    }

    fn launch(&self, at: ValueRef, method: ValueRef, passed: Vec<Passed>, drafts: &mut Drafts) {
        let Some((base, name)) = self.kinds.field_of(method) else { return };
        let flow = self.flow();
        let told = Told::Arguments(passed);
        for (key, kind) in self.servers_of(base, &None) {
            let table = self.kinds.kind(kind);
            for run in table.runs.iter().filter(|run| run.name == name.as_str()) {
                let draft = drafts.entry(key).or_insert_with(|| Draft::new(key, kind, place_of(flow, key, at)));
                draft.runs.extend(listen::started(flow, (at, &None), &told, run, table, key));
            }
        }
    }
}

//! Handlers that are entered into a server's table by the request they answer.

use crate::code::ValueKind;
use crate::extract::tools::draft::{Draft, Drafts};
use crate::extract::tools::pair::Found;
use crate::extract::tools::register::{Registrar, place_of};
use crate::extract::tools::sdk::Role;
use crate::extract::tools::server::{Key, KindId};
use crate::extract::tools::site::Told;
use crate::flow::meaning::{Passed, value_in};
use crate::flow::{ModuleId, ValueRef};

/// An assignment to a member of such a table.
struct Entry<'n> {
    table: &'n str,
    at: ValueRef,
    told: Told,
    handler: Passed,
}

impl Registrar<'_> {
    /// Reads the entries of a module: `server.request_handlers[CallToolRequest] = answer`.
    pub(super) fn entered(&self, module: ModuleId, drafts: &mut Drafts) {
        for (place, value) in &self.flow().scopes(module).member_assignments {
            let place = value_in(module, *place);
            let ValueKind::Index { base, key } = self.flow().kind(place) else { continue };
            let Some(written) = self.flow().defined_as(value_in(module, *base)) else { continue };
            let Some((server, table)) = self.kinds.field_of(written) else { continue };
            if !self.kinds.has_table(table) {
                continue;
            }
            let [key, handler] = [*key, *value].map(|one| self.passed_here(value_in(module, one)));
            let told = Told::Arguments(vec![key, handler.clone()]);
            let entry = Entry { table, at: place, told, handler };
            for (key, kind) in self.servers_of(server, &None) {
                self.enter(&entry, key, kind, drafts);
            }
        }
    }

    fn passed_here(&self, value: ValueRef) -> Passed {
        let value = self.flow().asking(|| self.flow().meaning(value, &None)).0;
        Passed { name: None, value, is_rest: false }
    }

    fn enter(&self, entry: &Entry, key: Key, kind: KindId, drafts: &mut Drafts) {
        let table = self.kinds.kind(kind);
        for how in table.handlers.iter().filter(|how| how.table.as_deref() == Some(entry.table)) {
            let Some(role) = self.role_of(how, &entry.told) else { continue };
            let at = entry.at;
            let draft = drafts.entry(key).or_insert_with(|| Draft::new(key, kind, place_of(self.flow(), key, at)));
            if matches!(role, Role::List | Role::Call) {
                draft.sites.insert(at.module);
            }
            self.handler(&Found { role, how, meaning: entry.handler.value.clone(), at }, table, draft);
        }
    }
}

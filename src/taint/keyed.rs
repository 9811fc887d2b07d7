//! Tables into which a caller's own words are put as keys: that they are found there proves nothing of them.

use std::collections::BTreeSet;

use crate::code::{Name, ValueId, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::test::is_chosen;
use crate::taint::{Shade, Walk};

/// Names of the tables, as they are written last: `entries` of `catalogue.entries`.
pub(crate) type Keyed = BTreeSet<Name>;

impl<'a> Walk<'a> {
    /// A table is given something under a key.
    pub(crate) fn note_key(&mut self, table: ValueRef, key: &Shade) {
        if is_chosen(key)
            && let Some(name) = self.table_name(table)
        {
            self.keyed.insert(name);
        }
    }

    /// Whether a caller's own words were put into a table of this function as its keys.
    pub(crate) fn is_keyed_by_caller(&self, table: ValueId) -> bool {
        let at = value_in(self.here().function.module, table);
        !self.keyed.is_empty() && self.table_name(at).is_some_and(|name| self.keyed.contains(&name))
    }

    /// The same of what a method is called on.
    pub(crate) fn is_receiver_keyed(&self, calling: &Calling<'a>) -> bool {
        match self.flow.kind(value_in(calling.at.module, calling.code.callee)) {
            ValueKind::Field { base, .. } => self.is_keyed_by_caller(*base),
            _ => false,
        }
    }

    fn table_name(&self, table: ValueRef) -> Option<Name> {
        let (root, members) = self.path(table)?;
        Some(members.last().cloned().unwrap_or(root))
    }
}

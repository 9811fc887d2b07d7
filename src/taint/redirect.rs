//! Clients that go where an answer sends them: what was checked of the first address says nothing of the next.

use std::rc::Rc;

use crate::code::ValueKind;
use crate::flow::Meaning;
use crate::flow::effects::Table;
use crate::flow::meaning::{Made, value_in};
use crate::taint::Walk;
use crate::taint::arrival::{PUBLIC, State};
use crate::taint::call::Calling;

/// What is said of an address that was checked for the first request only.
const FIRST_ONLY: &str = "the first address is checked, and the client follows redirects to any other";

impl<'a> Walk<'a> {
    /// Whether a call goes where an answer sends it, without the program's taking a hand in that.
    pub(crate) fn follows_redirects(&mut self, calling: &Calling<'a>, table: &'a Table, name: &str) -> bool {
        let Some(redirects) = table.redirects(name) else { return false };
        let by_itself = redirects.on.is_empty() && redirects.made_on.is_empty();
        let is_on = by_itself
            || redirects.on.iter().any(|when| self.holds(calling, when))
            || self.making(calling).is_some_and(|made| redirects.made_on.iter().any(|name| self.is_true(&made, name)));
        let is_off = redirects.off.iter().any(|when| self.holds(calling, when));
        is_on && !is_off && (redirects.made_off.is_empty() || !self.is_made_with(calling, &redirects.made_off))
    }

    fn is_true(&self, made: &Made, setting: &str) -> bool {
        let named = made.arguments.iter().find(|one| one.name.as_deref() == Some(setting));
        named.is_some_and(|one| matches!(self.flow.asking(|| self.flow.force(&one.value)).0, Meaning::Bool(true)))
    }

    /// The call that made the client.
    fn making(&mut self, calling: &Calling<'a>) -> Option<Rc<Made>> {
        match self.client(calling)? {
            Meaning::Made(made) => Some(made),
            _ => None,
        }
    }

    fn client(&mut self, calling: &Calling<'a>) -> Option<Meaning> {
        let callee = value_in(calling.at.module, calling.code.callee);
        let ValueKind::Field { base, .. } = self.flow.kind(callee) else { return None };
        let frame = self.here().frame.clone();
        Some(self.flow.asking(|| self.flow.meaning(value_in(callee.module, *base), &frame)).0)
    }

    /// Whether the client of a call was made with one of these settings, or it is not known how it was made.
    fn is_made_with(&mut self, calling: &Calling<'a>, settings: &[String]) -> bool {
        let Some(client) = self.client(calling) else { return false };
        match client {
            Meaning::Made(made) => {
                let is_it = |name: &str| settings.iter().any(|setting| setting == name);
                made.arguments.iter().any(|one| one.is_rest || one.name.as_deref().is_some_and(is_it))
            }
            Meaning::Outside(_) => false,
            _ => true,
        }
    }
}

/// The same state where the client goes on to other addresses: one that was resolved and found public is the first only.
pub(crate) fn after_redirects(state: State) -> State {
    if state == State::Guarded(PUBLIC) { State::Weak(FIRST_ONLY) } else { state }
}

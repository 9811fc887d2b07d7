//! Whether the arguments of a call are as a table wants them.

use crate::code::{Name, ValueKind};
use crate::flow::effects::When;
use crate::flow::meaning::value_in;
use crate::flow::{Meaning, ValueRef};
use crate::taint::Walk;
use crate::taint::call::Calling;
use crate::taint::names;
use crate::taint::outside::argument;

impl<'a> Walk<'a> {
    /// Whether a call is as a table says; what is not known is not so.
    pub(crate) fn holds(&mut self, calling: &Calling<'a>, when: &When) -> bool {
        let found = argument(&calling.given, when.position, when.keyword.as_deref());
        let is_given = found.is_some();
        let Some(at) = self.argument_value(calling, when) else {
            return when.given.is_some_and(|given| given == is_given);
        };
        let frame = self.here().frame.clone();
        let mut meaning = self.flow.asking(|| self.flow.meaning(at, &frame)).0;
        if let Some(given) = when.given {
            return given == (is_given && when.field.as_deref().is_none_or(|field| may_have(&meaning, field)));
        }
        if let Some(field) = &when.field {
            meaning = self.flow.asking(|| self.flow.member(&meaning, &Name::new(field))).0;
        }
        if let Meaning::Made(made) = &meaning
            && let Meaning::Outside(name) = &made.callee
        {
            return when.made_by.contains(&names::dotted(name));
        }
        let text = match &meaning {
            Meaning::Text(text, _) => text.to_string(),
            Meaning::Bool(value) => value.to_string(),
            Meaning::Int(value) => value.to_string(),
            Meaning::Null => "null".to_string(),
            Meaning::Outside(name) => names::dotted(name),
            _ => return false,
        };
        when.is.as_deref() == Some(&text) || when.one_of.contains(&text)
    }

    /// Whether it hangs on what a caller says if a switch is on: `shell=bool(name)`.
    pub(crate) fn is_callers(&mut self, calling: &Calling<'a>, when: &When) -> bool {
        let is_switch = when.is.as_deref() == Some("true") && when.field.is_none();
        let Some(at) = self.argument_value(calling, when).filter(|_| is_switch) else { return false };
        let mut inner = vec![at.id];
        if let ValueKind::Call(call) = self.flow.kind(at) {
            inner.extend(call.arguments.iter().map(|one| one.value));
        }
        inner.into_iter().any(|id| self.value(id).is_tainted())
    }

    fn argument_value(&self, calling: &Calling<'a>, when: &When) -> Option<ValueRef> {
        let arguments = &calling.code.arguments;
        let keyword = when.keyword.as_deref();
        let by_name = arguments.iter().find(|one| keyword.is_some() && one.name.as_deref() == keyword);
        let by_position = || arguments.iter().filter(|one| one.name.is_none()).nth(when.position? + calling.skipped);
        by_name.or_else(by_position).map(|one| value_in(calling.at.module, one.value))
    }
}

/// Whether something has a member of this name, as far as is known.
fn may_have(meaning: &Meaning, field: &str) -> bool {
    match meaning {
        Meaning::Map(entries) => entries.iter().any(|entry| entry.key.as_ref().is_none_or(|key| key.name == field)),
        Meaning::Text(..) | Meaning::Null => false,
        _ => true,
    }
}

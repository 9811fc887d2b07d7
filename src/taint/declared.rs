//! Calls of methods that are known by what is declared of their receiver.

use crate::code::ValueKind;
use crate::flow::effects::Table;
use crate::flow::meaning::value_in;
use crate::flow::{FunctionRef, Meaning};
use crate::taint::call::{Calling, MAX_CALLEES};
use crate::taint::names;
use crate::taint::shared::Event;
use crate::taint::summary::either;
use crate::taint::{Shade, Walk};

impl<'a> Walk<'a> {
    /// A method of an interface: any of the types that implement it may be behind it.
    pub(crate) fn declared_only(&mut self, calling: &Calling<'a>, function: FunctionRef) -> Shade {
        let all = self.flow.implementers(function);
        if all.is_empty() || all.len() > MAX_CALLEES {
            self.happens(Event::Unresolved(self.flow.span(calling.at)));
        }
        if all.is_empty() {
            return self.unknown_call(calling);
        }
        let shades: Vec<Shade> = all
            .iter()
            .take(MAX_CALLEES)
            .map(|function| self.inside(calling, *function, (&None, &None), None))
            .collect();
        either(shades.iter())
    }

    /// Full name of a method by the declared type of a parameter, where what is passed tells nothing of itself.
    pub(crate) fn declared_name(&mut self, calling: &Calling<'a>, table: &Table) -> Option<String> {
        let callee = value_in(calling.at.module, calling.code.callee);
        let ValueKind::Field { .. } = self.flow.kind(callee) else { return None };
        self.flow.asking(|| names::of_callee(self.flow, &self.flow.meaning(callee, &None), table)).0
    }

    /// A method whose receiver is declared or known to be an object of a class of the tree.
    pub(crate) fn method_of_own_class(&mut self, calling: &Calling<'a>, callee: &Meaning) -> Option<FunctionRef> {
        let Meaning::Member(base, name) = callee else { return None };
        let declared = self.flow.asking(|| self.flow.declared(base)).0?;
        let Meaning::Class(class) = declared else { return None };
        let receiver = Meaning::This(class);
        match self.flow.asking(|| self.flow.class_member(class, &receiver, name)).0? {
            Meaning::Function(function, _, _) if calling.method.is_some() => Some(function),
            _ => None,
        }
    }
}

//! Calls of methods that are known by what is declared of their receiver.

use crate::code::{Name, ValueKind};
use crate::flow::effects::Table;
use crate::flow::meaning::{class_in, value_in};
use crate::flow::scope::Bound;
use crate::flow::{ClassRef, FunctionRef, Meaning, ValueRef};
use crate::taint::call::{Calling, MAX_CALLEES};
use crate::taint::names;
use crate::taint::shared::Event;
use crate::taint::summary::either;
use crate::taint::{Env, Shade, Walk};

/// Members by which classes of one kind are told apart.
const NAMES: &[&str] = &["name", "NAME", "tool_name", "TOOL_NAME", "toolName"];
/// How far names are followed to what gives a value.
const MAX_DEPTH: u32 = 4;

impl<'a> Walk<'a> {
    /// A method of an interface: any of the types that implement it may be behind it.
    pub(crate) fn declared_only(&mut self, calling: &Calling<'a>, function: FunctionRef) -> Shade {
        let all = self.flow.implementers(function);
        if all.is_empty() {
            self.happens(Event::Unresolved(self.flow.span(calling.at)));
            return self.unknown_call(calling);
        }
        self.any_of(calling, &all)
    }

    /// A method of an object of which only the declared type tells: classes that inherit from that type may have their own.
    pub(crate) fn of_declared_type(
        &mut self,
        calling: &Calling<'a>,
        function: FunctionRef,
        class: Option<ClassRef>,
    ) -> Shade {
        let is_declaration = self.flow.function(function).is_declaration;
        let heirs = class.map(|class| self.flow.asking(|| self.flow.overriding(class, function)).0);
        let own = Some(function).filter(|_| !is_declaration);
        let all: Vec<FunctionRef> =
            own.into_iter().chain(heirs.iter().flat_map(|heirs| heirs.iter().copied())).collect();
        match &all[..] {
            [] => self.declared_only(calling, function),
            all => {
                let all = self.found_by_name(calling, all).map_or_else(|| all.to_vec(), |one| vec![one]);
                self.any_of(calling, &all)
            }
        }
    }

    /// The one of several methods whose class has the name that its receiver was looked up by: `tools.find("ping").run(…)`.
    fn found_by_name(&mut self, calling: &Calling<'a>, all: &[FunctionRef]) -> Option<FunctionRef> {
        let wanted = self.looked_up_by(calling)?;
        let flow = self.flow;
        let is_named = |class: ClassRef| {
            let named = |name: &str| match flow.asking(|| flow.member(&Meaning::Class(class), &Name::new(name))).0 {
                Meaning::Text(text, _) => text == wanted,
                _ => false,
            };
            NAMES.iter().any(|name| named(name))
        };
        let mut named = all.iter().filter(|one| {
            self.flow.function(**one).class.map(|class| class_in(one.module, class)).is_some_and(is_named)
        });
        named.next().copied().filter(|_| named.next().is_none())
    }

    /// The text that was given to what gave the receiver of a call.
    fn looked_up_by(&mut self, calling: &Calling<'a>) -> Option<Name> {
        let callee = value_in(calling.at.module, calling.code.callee);
        let ValueKind::Field { base, .. } = self.flow.kind(callee) else { return None };
        let call = self.giving(value_in(callee.module, *base), 0)?;
        let frame = self.here().frame.clone();
        let passed = self.flow.asking(|| self.flow.passed(call, &frame)).0;
        passed.iter().find_map(|one| match self.flow.asking(|| self.flow.force(&one.value)).0 {
            Meaning::Text(text, _) => Some(text),
            _ => None,
        })
    }

    /// The call that gives a value, by the one name that holds it.
    fn giving(&self, value: ValueRef, depth: u32) -> Option<ValueRef> {
        let of = |id| value_in(value.module, id);
        match self.flow.kind(value) {
            ValueKind::Call(_) => Some(value),
            ValueKind::Await(inner) | ValueKind::Unary(inner) if depth < MAX_DEPTH => {
                self.giving(of(*inner), depth + 1)
            }
            ValueKind::Name(name) if depth < MAX_DEPTH => match &self.bindings_of(value, name)?[..] {
                [only] if only.path.is_empty() => match only.bound {
                    Bound::Value(inner) | Bound::Held(inner) => self.giving(of(inner), depth + 1),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// Any of these may be what is called.
    fn any_of(&mut self, calling: &Calling<'a>, all: &[FunctionRef]) -> Shade {
        if all.len() > MAX_CALLEES {
            self.happens(Event::Unresolved(self.flow.span(calling.at)));
        }
        self.one_called(all, |walk, one| walk.inside(calling, *one, (&None, &None), None))
    }

    /// What one of several callees gives: only what all of them prove is proven, and nothing leaves where one comes back.
    pub(crate) fn one_called<T>(&mut self, all: &[T], mut call: impl FnMut(&mut Self, &T) -> Shade) -> Shade {
        let (left, before) = (self.left, self.here().env.clone());
        let mut after: Option<Env> = None;
        let mut shades = Vec::with_capacity(all.len().min(MAX_CALLEES));
        for one in all.iter().take(MAX_CALLEES) {
            self.left = left;
            self.top().env = before.clone();
            shades.push(call(self, one));
            if !self.left {
                let env = std::mem::take(&mut self.top().env);
                after = Some(after.map_or_else(|| env.clone(), |known| known.join(&env)));
            }
        }
        self.left = left || after.is_none() && !shades.is_empty();
        self.top().env = after.unwrap_or(before);
        either(shades.iter())
    }

    /// Full name of a method by the declared type of a parameter, where what is passed tells nothing of itself.
    pub(crate) fn declared_name(&mut self, calling: &Calling<'a>, table: &Table) -> Option<String> {
        let callee = value_in(calling.at.module, calling.code.callee);
        let ValueKind::Field { base, .. } = self.flow.kind(callee) else { return None };
        // Whatever is added to it, and wherever: a list or a map has no such name.
        if self.flow.is_written_out(value_in(callee.module, *base)) {
            return None;
        }
        self.flow.asking(|| names::of_callee(self.flow, &self.flow.meaning(callee, &None), table)).0
    }

    /// A method whose receiver is declared or known to be an object of a class of the tree.
    /// With the class that it is declared to be of, where it may be one of that class's heirs.
    pub(crate) fn method_of_own_class(
        &mut self,
        calling: &Calling<'a>,
        callee: &Meaning,
    ) -> Option<(FunctionRef, Option<ClassRef>)> {
        let Meaning::Member(base, name) = callee else { return None };
        let declared = self.flow.asking(|| self.flow.declared(base)).0?;
        let Meaning::Class(class) = declared else { return None };
        let receiver = Meaning::This(class);
        match self.flow.asking(|| self.flow.class_member(class, &receiver, name)).0? {
            Meaning::Function(function, _, _) if calling.method.is_some() => {
                let is_exact = matches!(**base, Meaning::Instance(_) | Meaning::This(_));
                Some((function, Some(class).filter(|_| !is_exact)))
            }
            _ => None,
        }
    }
}

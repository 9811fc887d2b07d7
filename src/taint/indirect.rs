//! Functions of the tree that are called as values of something else: of a type of functions, or by reflection.

use crate::code::Language;
use crate::flow::Meaning;
use crate::flow::meaning::value_in;
use crate::taint::call::{Calling, Given};
use crate::taint::names::dotted;
use crate::taint::{Shade, Walk};

impl<'a> Walk<'a> {
    /// `HandlerFunc(f)(…)` and `reflect.ValueOf(f).Call(…)` call `f`.
    pub(crate) fn indirectly(&mut self, calling: &Calling<'a>, callee: &Meaning) -> Option<Shade> {
        if let Meaning::Instance(instance) = callee {
            let held = self.flow.asking(|| self.flow.function_held(instance)).0?;
            return Some(self.called(calling, &held));
        }
        if is_bound(callee) {
            return Some(self.value(calling.code.callee));
        }
        if self.flow.module(calling.at).language == Language::TypeScript {
            return self.applied(calling, callee);
        }
        let Meaning::Member(base, name) = callee else { return None };
        let is_call = name == "Call" && self.flow.module(calling.at).language == Language::Go;
        let Meaning::Made(made) = self.flow.asking(|| self.flow.force(base)).0 else { return None };
        let is_reflected = matches!(&made.callee, Meaning::Outside(made) if dotted(made) == "reflect.ValueOf");
        let first = made.arguments.first().filter(|_| is_call && is_reflected)?;
        let function = self.flow.asking(|| self.flow.force(&first.value)).0;
        self.called_with(calling, &function, (None, &calling.given.first()?.shade))
    }

    /// `f.apply(receiver, list)`, `Reflect.apply(f, receiver, list)`
    fn applied(&mut self, calling: &Calling<'a>, callee: &Meaning) -> Option<Shade> {
        let (function, given) = match callee {
            Meaning::Member(base, name) if name == "apply" => ((**base).clone(), calling.given.get(..)?),
            Meaning::Outside(name) if dotted(name) == "Reflect.apply" => {
                let function = value_in(calling.at.module, calling.code.arguments.first()?.value);
                let frame = self.here().frame.clone();
                (self.flow.asking(|| self.flow.meaning(function, &frame)).0, calling.given.get(1..)?)
            }
            _ => return None,
        };
        let function = self.flow.asking(|| self.flow.force(&function)).0;
        let [receiver, list] = given else { return None };
        self.called_with(calling, &function, (Some(receiver.shade.clone()), &list.shade))
    }

    /// A call of a function with what a list holds.
    fn called_with(
        &mut self,
        calling: &Calling<'a>,
        function: &Meaning,
        (receiver, list): (Option<Shade>, &Shade),
    ) -> Option<Shade> {
        let one = |shade: &Shade, is_rest| Given { name: None, shade: shade.clone(), function: None, is_rest };
        let given = match &list.items {
            Some(items) if list.carries.is_empty() => items.iter().map(|shade| one(shade, false)).collect(),
            _ => vec![one(list, true)],
        };
        let Calling { at, code, .. } = *calling;
        let inner = Calling { at, code, receiver, method: None, given, skipped: usize::MAX };
        matches!(function, Meaning::Function(..)).then(|| self.called(&inner, function))
    }
}

/// Whether a value is what `f.bind(receiver, x)` made: what `f` gives back was told there.
fn is_bound(callee: &Meaning) -> bool {
    let Meaning::Made(made) = callee else { return false };
    matches!(&made.callee, Meaning::Member(base, name) if name == "bind" && matches!(**base, Meaning::Function(..)))
        && made.arguments.len() > 1
}

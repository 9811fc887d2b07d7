//! Names and members without settings: each is read from the expression that gives it, so that tests are not lost.

use super::*;
use crate::code::ParameterKind;
use crate::flow::grown::READING;
use crate::flow::meaning::{Passed, levels};
use crate::flow::scope::{Binding, Bound, Step};

impl Unset<'_, '_> {
    pub(super) fn name(&self, at: ValueRef, name: &Name, frame: &Frame) -> Meaning {
        match self.name_now(at, name, frame) {
            Meaning::Unknown(_) => self.name_later(at, name),
            found => found,
        }
    }

    fn name_now(&self, at: ValueRef, name: &Name, frame: &Frame) -> Meaning {
        let flow = self.flow;
        if let Some(found) = self.bound_flag(at, name) {
            return found;
        }
        let Some((function, binding)) = self.binding(at, name) else {
            if let Some(found) = self.never_given(at, name) {
                return found;
            }
            return self.settled(flow.asking(|| flow.meaning(at, frame)).0);
        };
        let module = at.module;
        let whole = match &binding.bound {
            Bound::Value(value) | Bound::Held(value) => {
                let found = self.value(In { module, id: *value }, frame);
                // What is filled later is not what it begins as.
                match found {
                    Meaning::List(_) | Meaning::Map(_) if self.is_filled(at, name) => {
                        return self.settled(flow.asking(|| flow.meaning(at, frame)).0);
                    }
                    Meaning::Map(entries) if entries.is_empty() && self.is_handed_on(at, name) => return UNKNOWN,
                    found => found,
                }
            }
            Bound::Each(over) => {
                let over = In { module, id: *over };
                let turn = levels(frame).find_map(|level| match level {
                    Within::Turn(at, element, _) if *at == over => Some(element.clone()),
                    _ => None,
                });
                turn.map_or(UNKNOWN, |element| self.settled(element))
            }
            Bound::Parameter(position) => self.parameter(In { module, id: function }, *position, frame),
            Bound::Import(_) => match flow.defined_as(at).filter(|defined| *defined != at) {
                Some(defined) => self.value(defined, &None),
                None => self.settled(flow.asking(|| flow.meaning(at, frame)).0),
            },
            Bound::Function(_) | Bound::Class(_) => return flow.asking(|| flow.meaning(at, frame)).0,
            _ => return UNKNOWN,
        };
        self.part(module, whole, &binding.path, frame)
    }

    /// Whether something is added to what a name holds.
    fn is_filled(&self, at: ValueRef, name: &Name) -> bool {
        let module = self.flow.module(at);
        let reads = |place| match &module.value(place).kind {
            ValueKind::Call(call) => match &module.value(call.callee).kind {
                ValueKind::Field { name, .. } => READING.contains(&name.as_str()),
                _ => false,
            },
            _ => false,
        };
        let changes = self.flow.scopes(at.module).changes.get(name);
        changes.into_iter().flatten().any(|change| change.value.is_some() || !reads(change.place))
    }

    /// Whether a function is given what a name holds, and so may fill it.
    fn is_handed_on(&self, at: ValueRef, name: &Name) -> bool {
        self.flow.scopes(at.module).is_handed_on(self.flow.module(at), name)
    }

    /// The one way in which a name gets its value; nothing where there are several.
    fn binding(&self, at: ValueRef, name: &Name) -> Option<(crate::code::FunctionId, &Binding)> {
        let (function, bindings) = self.flow.bindings_around(at, name)?;
        let mut given = bindings.iter().filter(|binding| binding.bound != Bound::Nothing);
        let first = given.next()?;
        given.next().is_none().then_some((function.id, first))
    }

    fn part(&self, module: ModuleId, mut whole: Meaning, path: &[Step], frame: &Frame) -> Meaning {
        for step in path {
            whole = match step {
                Step::Field(name, default) => match (self.member(&whole, name), default) {
                    (Meaning::Null, Some(default)) => self.value(In { module, id: *default }, frame),
                    (found, _) => found,
                },
                Step::Item(index) => match &whole {
                    Meaning::List(items) => self.element(items, *index as i64),
                    _ => UNKNOWN,
                },
                Step::Rest | Step::Without(_) => UNKNOWN,
            };
        }
        whole
    }

    fn parameter(&self, function: FunctionRef, position: usize, frame: &Frame) -> Meaning {
        let called = levels(frame).find_map(|level| match level {
            Within::Call { function: called, arguments, this, .. } if *called == function => {
                Some((arguments, this.clone()))
            }
            _ => None,
        });
        if let Some((arguments, this)) = called {
            return self.argument(function, position, arguments, this.as_deref());
        }
        // A function that is called in one way only is called in that way.
        let calls = self.flow.calls_of(function);
        let mut found: Option<Meaning> = None;
        for call in calls.iter().take(4) {
            let passed = self.flow.passed(*call, &None);
            let one = self.argument(function, position, &passed, None);
            match &found {
                Some(other) if same(other, &one) != Some(true) => return UNKNOWN,
                _ => found = Some(one),
            }
        }
        match found {
            Some(found) if calls.len() <= 4 => found,
            Some(_) => UNKNOWN,
            None => self.argument(function, position, &[], None),
        }
    }

    fn argument(&self, function: FunctionRef, position: usize, passed: &[Passed], this: Option<&Meaning>) -> Meaning {
        let parameters = &self.flow.function(function).parameters;
        let Some(parameter) = parameters.get(position) else { return UNKNOWN };
        let is_receiver = |kind: ParameterKind| kind == ParameterKind::Receiver;
        if is_receiver(parameter.kind) {
            return this.cloned().unwrap_or(UNKNOWN);
        }
        if passed.iter().any(|argument| argument.is_rest)
            || matches!(parameter.kind, ParameterKind::Rest | ParameterKind::NamedRest)
        {
            return UNKNOWN;
        }
        let skipped = usize::from(parameters.first().is_some_and(|first| is_receiver(first.kind)));
        let named =
            passed.iter().find(|argument| argument.name.is_some() && argument.name.as_ref() == parameter.name());
        let by_position =
            || passed.iter().filter(|argument| argument.name.is_none()).nth(position.saturating_sub(skipped));
        let given = named.or_else(by_position).map(|argument| self.settled(argument.value.clone()));
        match (given, parameter.default) {
            (None | Some(Meaning::Null), Some(default)) => {
                self.declared_default(In { module: function.module, id: default }, &None)
            }
            (Some(given), _) => given,
            (None, None) if passed.is_empty() => {
                let of_decorator = self.option_of(function, parameter.name());
                of_decorator.or_else(|| self.options_of_action(function, position)).unwrap_or(UNKNOWN)
            }
            (None, None) => Meaning::Null,
        }
    }

    /// A default, seen through `Field(default=x)`, `typer.Option(x)` and their kin.
    fn declared_default(&self, at: ValueRef, frame: &Frame) -> Meaning {
        let ValueKind::Call(call) = self.flow.kind(at) else { return self.value(at, frame) };
        let callee = In { module: at.module, id: call.callee };
        let Meaning::Outside(name) = self.flow.asking(|| self.flow.meaning(callee, frame)).0 else {
            return self.value(at, frame);
        };
        if !matches!(name.rsplit(['.', '#']).next(), Some("Field" | "Option" | "field" | "Argument")) {
            return self.value(at, frame);
        }
        let named = call.arguments.iter().find(|argument| argument.name.as_deref() == Some("default"));
        let first = call.arguments.iter().find(|argument| argument.name.is_none());
        let given = named.or(first);
        given.map_or(UNKNOWN, |argument| self.value(In { module: at.module, id: argument.value }, frame))
    }

    pub(super) fn field(&self, base: ValueRef, name: &Name, frame: &Frame) -> Meaning {
        if name == "argv"
            && let Some(found) = self.options_of(base, frame)
        {
            return found;
        }
        if let Some(found) = self.switch(base, name, frame) {
            return found;
        }
        match self.member(&self.value(base, frame), name) {
            Meaning::Unknown(_) => self.parsed_member(base, name, frame).unwrap_or(UNKNOWN),
            found => found,
        }
    }

    /// The member of something.
    pub(super) fn member(&self, base: &Meaning, name: &Name) -> Meaning {
        let flow = self.flow;
        match base {
            Meaning::Null => Meaning::Null,
            Meaning::Unknown(_) => UNKNOWN,
            Meaning::List(items) if name == "length" => {
                let is_sure = items.iter().all(|item| !item.is_rest && !item.optional);
                i64::try_from(items.len()).ok().filter(|_| is_sure).map_or(UNKNOWN, Meaning::Int)
            }
            Meaning::Map(entries) => {
                let found = entries.iter().rev().find(|entry| entry.key.as_ref().is_some_and(|key| key.name == *name));
                match found {
                    Some(entry) if !entry.optional => self.settled(entry.value.clone()),
                    None if entries.iter().all(|entry| entry.key.is_some()) => Meaning::Null,
                    _ => UNKNOWN,
                }
            }
            Meaning::Instance(instance) => self.own(instance, instance.class, name),
            Meaning::This(class) => match flow.made_at(*class) {
                [made] => match flow.asking(|| flow.meaning(*made, &None)).0 {
                    Meaning::Instance(instance) => self.own(&instance, *class, name),
                    _ => UNKNOWN,
                },
                _ => UNKNOWN,
            },
            _ => self.settled(flow.asking(|| flow.member(base, name)).0),
        }
    }

    /// A member of an object: what its constructor assigns, its field, or its getter.
    fn own(&self, instance: &Rc<Instance>, class: ClassRef, name: &Name) -> Meaning {
        let flow = self.flow;
        let receiver = Meaning::Instance(instance.clone());
        for ancestor in flow.ancestors(class).iter().copied() {
            let assigned = flow.assignments_of(ancestor, name);
            match assigned[..] {
                [(value, method)] if flow.is_constructor(method) => {
                    return self.value(value, &flow.constructor_frame(instance, ancestor));
                }
                [] => {}
                ref all => return self.member_later((instance, ancestor), name, all),
            }
            if let Some(method) = flow.own_method(ancestor, name).filter(|method| flow.function(*method).is_getter) {
                let this = Some(Rc::new(receiver));
                let call = Within::Call { function: method, arguments: Vec::new(), this, at: None };
                return self.result(method, &push(&None, call));
            }
            let field = flow.class(ancestor).fields.iter().find(|field| field.name == *name);
            if let Some(value) = field.and_then(|field| field.value) {
                let frame = flow.constructor_frame(instance, ancestor);
                let given = instance.arguments.iter().find(|argument| argument.name.as_ref() == Some(name));
                return match given {
                    Some(given) => self.settled(given.value.clone()),
                    None => self.declared_default(In { module: ancestor.module, id: value }, &frame),
                };
            }
        }
        let is_given =
            instance.arguments.iter().any(|argument| argument.is_rest || argument.name.as_ref() == Some(name));
        let of = |one: &ClassRef| self.never_given_member(*one, name);
        if !is_given && let Some(found) = flow.ancestors(class).iter().find_map(of) {
            return found;
        }
        self.settled(flow.asking(|| flow.member(&receiver, name)).0)
    }
}

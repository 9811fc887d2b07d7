//! The one pass over a module that fills its [`Scopes`].

use ahash::HashMap;

use super::{ArmHead, Binding, Bound, Change, Context, ContextId, ContextKind, Scopes, Step};
use crate::code::walk::{children, pattern_values, place_values};
use crate::code::{
    Assignment, Block, ClassId, ClassKind, FunctionId, Language, LoopHead, MODULE_BODY, Match, Module, Name, Pattern,
    Place, Statement, StatementKind, ValueId, ValueKind,
};
use crate::source::Span;

pub(super) struct Walk<'a> {
    pub(super) module: &'a Module,
    pub(super) scopes: Scopes,
    pub(super) function: FunctionId,
    pub(super) context: ContextId,
    pub(super) block: (u32, u32),
    /// What each named function is defined under.
    pub(super) defined: HashMap<FunctionId, ContextId>,
}

impl Walk<'_> {
    pub(super) fn all(&mut self) {
        for (at, import) in self.module.imports.iter().enumerate() {
            self.function = import.scope;
            self.bind_at(&import.local, Bound::Import(at), &[], import.span.start, None, false);
        }
        for at in 0..self.module.functions.len() {
            self.enter_function(FunctionId(at as u32));
        }
        for at in 0..self.module.classes.len() {
            self.enter_class(ClassId(at as u32));
        }
        for at in 0..self.module.functions.len() {
            self.signature(FunctionId(at as u32));
        }
        for id in 0..self.module.values.len() {
            if matches!(self.module.values[id].kind, ValueKind::Call(_)) {
                self.scopes.calls.push(ValueId(id as u32));
            }
        }
    }

    fn enter_function(&mut self, id: FunctionId) {
        let function = self.module.function(id);
        self.function = id;
        self.context = ContextId(0);
        self.block = (function.span.start, function.span.end);
        if id == MODULE_BODY {
            self.block = (0, u32::MAX);
        }
        for (position, parameter) in function.parameters.iter().enumerate() {
            self.place(&parameter.place, Bound::Parameter(position), &mut Vec::new(), parameter.annotation, true);
        }
        self.statements(&function.body);
        if let Some(tail) = function.body.tail {
            self.scopes.returns[id.index()].push(tail);
        }
    }

    /// Decorators, defaults and annotations belong to where the function stands.
    fn signature(&mut self, id: FunctionId) {
        let function = self.module.function(id);
        self.function = function.parent.unwrap_or(MODULE_BODY);
        let defined = self.defined.get(&id).copied().unwrap_or(ContextId(0));
        self.context = match function.class {
            Some(class) => self.under(defined, ContextKind::Class(class)),
            None => defined,
        };
        function.decorators.iter().for_each(|value| self.value(*value));
        function.decorators.iter().for_each(|decorator| self.gathered(*decorator, id));
        function.returns.iter().for_each(|value| self.value(*value));
        for parameter in &function.parameters {
            parameter.annotation.iter().for_each(|value| self.value(*value));
            parameter.default.iter().for_each(|value| self.value(*value));
            parameter.decorators.iter().for_each(|value| self.value(*value));
        }
    }

    fn enter_class(&mut self, id: ClassId) {
        let class = self.module.class(id);
        self.function = class.scope;
        self.context = ContextId(0);
        class.bases.iter().for_each(|value| self.value(*value));
        class.keywords.iter().for_each(|argument| self.value(argument.value));
        class.decorators.iter().for_each(|value| self.value(*value));
        self.context = self.under(ContextId(0), ContextKind::Class(id));
        for field in &class.fields {
            field.annotation.iter().for_each(|value| self.value(*value));
            field.value.iter().for_each(|value| self.value(*value));
            field.decorators.iter().for_each(|value| self.value(*value));
        }
    }

    fn under(&mut self, parent: ContextId, kind: ContextKind) -> ContextId {
        self.scopes.contexts.push(Context { kind, parent: Some(parent) });
        ContextId(self.scopes.contexts.len() as u32 - 1)
    }

    fn within(&mut self, kind: ContextKind, inside: impl FnOnce(&mut Self)) {
        let before = self.context;
        self.context = self.under(before, kind);
        inside(self);
        self.context = before;
    }

    fn block(&mut self, block: &Block) {
        let before = self.block;
        if let (Some(first), Some(last)) = (block.statements.first(), block.statements.last()) {
            let end = block.tail.map_or(last.span.end, |tail| self.module.value(tail).span.end);
            self.block = (first.span.start, end.max(last.span.end));
        }
        self.statements(block);
        self.block = before;
    }

    /// Names that are seen in `span` only; in Python they are the whole function's.
    fn introducing(&mut self, span: Span, bind: impl FnOnce(&mut Self)) {
        let before = self.block;
        if self.module.language != Language::Python {
            self.block = (span.start, span.end);
        }
        bind(self);
        self.block = before;
    }

    fn statements(&mut self, block: &Block) {
        for statement in &block.statements {
            self.statement(statement);
        }
        if let Some(tail) = block.tail {
            self.value(tail);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Evaluate(value)
            | StatementKind::Assert(value)
            | StatementKind::Defer(value)
            | StatementKind::Delete(value) => self.value(*value),
            StatementKind::Assign(assignment) => self.assign(assignment),
            StatementKind::Return(value) => {
                value.iter().for_each(|value| self.value(*value));
                self.scopes.returns[self.function.index()].extend(*value);
            }
            StatementKind::Raise(value) => value.iter().for_each(|value| self.value(*value)),
            StatementKind::Break | StatementKind::Continue => {}
            StatementKind::If { test, then, otherwise } => {
                self.value(*test);
                self.within(ContextKind::Branch(*test, true), |walk| walk.block(then));
                self.within(ContextKind::Branch(*test, false), |walk| walk.block(otherwise));
            }
            StatementKind::Loop { head, body, otherwise } => {
                self.turns(head, body);
                self.block(otherwise);
            }
            StatementKind::Match(chosen) => self.arms(chosen),
            StatementKind::Try(attempt) => {
                self.block(&attempt.body);
                for handler in &attempt.handlers {
                    handler.types.iter().for_each(|value| self.value(*value));
                    self.within(ContextKind::Handler(handler.span), |walk| {
                        walk.introducing(handler.span, |walk| {
                            if let Some(place) = &handler.binding {
                                walk.place(place, Bound::Nothing, &mut Vec::new(), None, true);
                            }
                        });
                        walk.block(&handler.body);
                    });
                }
                self.block(&attempt.otherwise);
                self.block(&attempt.finally);
            }
            StatementKind::With { items, body } => {
                for (value, place) in items {
                    self.value(*value);
                    if let Some(place) = place {
                        self.place(place, Bound::Held(*value), &mut Vec::new(), None, false);
                    }
                }
                self.block(body);
            }
            StatementKind::Function(id) => {
                self.defined.insert(*id, self.context);
                if let Some(name) = &self.module.function(*id).name {
                    let name = name.clone();
                    self.bind_at(&name, Bound::Function(*id), &[], statement.span.start, None, false);
                }
            }
            StatementKind::Class(id) => {
                let class = self.module.class(*id);
                // A block of methods does not bring its type's name into being.
                if class.kind != ClassKind::Implementation {
                    let name = class.name.clone();
                    self.bind_at(&name, Bound::Class(*id), &[], statement.span.start, None, false);
                }
            }
            StatementKind::Block(block) => self.block(block),
        }
    }

    fn turns(&mut self, head: &LoopHead, body: &Block) {
        match head {
            LoopHead::Each(place, over) => {
                self.value(*over);
                self.within(ContextKind::Each(*over), |walk| {
                    let before = walk.block;
                    if let (Some(first), Some(last)) = (body.statements.first(), body.statements.last()) {
                        walk.block = (first.span.start, last.span.end);
                    }
                    walk.place(place, Bound::Each(*over), &mut Vec::new(), None, true);
                    walk.block = before;
                    walk.block(body);
                });
            }
            LoopHead::While(test) => {
                self.value(*test);
                self.within(ContextKind::Turns, |walk| walk.block(body));
            }
            LoopHead::Forever => self.within(ContextKind::Turns, |walk| walk.block(body)),
        }
    }

    fn arms(&mut self, chosen: &Match) {
        chosen.subject.iter().for_each(|value| self.value(*value));
        if let Some(subject) = chosen.subject {
            self.scopes.arms_of.insert(subject, chosen.arms.iter().map(ArmHead::of).collect());
        }
        for arm in &chosen.arms {
            self.within(ContextKind::Arm(chosen.subject, arm.span), |walk| {
                walk.introducing(arm.span, |walk| {
                    arm.patterns.iter().for_each(|pattern| walk.pattern(pattern, chosen.subject));
                });
                arm.guard.iter().for_each(|value| walk.value(*value));
                walk.block(&arm.body);
            });
        }
    }

    fn pattern(&mut self, pattern: &Pattern, subject: Option<ValueId>) {
        let mut values = Vec::new();
        pattern_values(pattern, &mut |value| values.push(value));
        values.into_iter().for_each(|value| self.value(value));
        match pattern {
            Pattern::Value(_) | Pattern::Any(None) => {}
            Pattern::Any(Some(place)) => self.place(place, Bound::Matched(subject), &mut Vec::new(), None, true),
            Pattern::Shape { bindings, .. } => {
                for place in bindings {
                    self.place(place, Bound::Nothing, &mut Vec::new(), None, true);
                    if let (Place::Name(_, span), Some(subject)) = (place, subject) {
                        self.scopes.taken_from.insert(span.start, subject);
                    }
                }
            }
        }
    }

    fn value(&mut self, id: ValueId) {
        self.scopes.owner[id.index()] = self.function;
        self.scopes.context[id.index()] = self.context;
        let module = self.module;
        match &module.value(id).kind {
            ValueKind::Block(block) => self.block(block),
            ValueKind::Match(chosen) => self.arms(chosen),
            ValueKind::Assign(assignment) => self.assign(assignment),
            ValueKind::Function(function) => {
                self.scopes.function_values.insert(*function, id);
            }
            ValueKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ValueKind::Matches { value, pattern } => {
                self.value(*value);
                self.pattern(pattern, Some(*value));
            }
            ValueKind::Choice { test, then, otherwise } => {
                self.value(*test);
                self.within(ContextKind::Branch(*test, true), |walk| walk.value(*then));
                if let Some(otherwise) = otherwise {
                    self.within(ContextKind::Branch(*test, false), |walk| walk.value(*otherwise));
                }
            }
            ValueKind::Binary { operator: crate::code::Operator::And, left, right } => {
                self.value(*left);
                self.within(ContextKind::Branch(*left, true), |walk| walk.value(*right));
            }
            ValueKind::Call(call) => {
                if let ValueKind::Field { base, name } = &module.value(call.callee).kind {
                    let is_copy = matches!(name.as_str(), "assign" | "Copy");
                    let target = call.arguments.first().filter(|_| is_copy).map_or(*base, |target| target.value);
                    self.change(target, id, None);
                }
                children(&module.value(id).kind, &mut |child| self.value(child));
            }
            kind => children(kind, &mut |child| self.value(child)),
        }
    }

    fn comprehension(&mut self, comprehension: &crate::code::Comprehension) {
        let before = (self.context, self.block);
        for clause in &comprehension.clauses {
            self.value(clause.over);
            self.context = self.under(self.context, ContextKind::Each(clause.over));
            let end = self.module.value(comprehension.element).span;
            let over = self.module.value(clause.over).span;
            self.block = (end.start.min(over.start), end.end.max(over.end));
            self.place(&clause.place, Bound::Each(clause.over), &mut Vec::new(), None, true);
            for condition in &clause.conditions {
                self.value(*condition);
                self.context = self.under(self.context, ContextKind::Branch(*condition, true));
            }
        }
        comprehension.key.iter().for_each(|key| self.value(*key));
        self.value(comprehension.element);
        (self.context, self.block) = before;
    }

    fn assign(&mut self, assignment: &Assignment) {
        assignment.value.iter().for_each(|value| self.value(*value));
        assignment.annotation.iter().for_each(|value| self.value(*value));
        for place in &assignment.places {
            let bound = match (assignment.value, assignment.operator) {
                (Some(value), None) => Bound::Value(value),
                (Some(value), Some(_)) => Bound::Changed(value),
                (None, _) => Bound::Nothing,
            };
            if let (Place::Name(name, _), Bound::Value(value)) = (place, &bound) {
                self.appended(name, *value);
            }
            let mut values = Vec::new();
            place_values(place, &mut |value| values.push(value));
            values.into_iter().for_each(|value| self.value(value));
            self.place(place, bound, &mut Vec::new(), assignment.annotation, assignment.declares);
        }
    }

    /// Notes `name = append(name, …)` of Go.
    fn appended(&mut self, name: &Name, value: ValueId) {
        let module = self.module;
        let ValueKind::Call(call) = &module.value(value).kind else { return };
        let is =
            |value: ValueId, wanted: &str| matches!(&module.value(value).kind, ValueKind::Name(name) if name == wanted);
        let first = call.arguments.first().map(|first| first.value);
        if let Some(first) = first.filter(|first| is(*first, name) && is(call.callee, "append"))
            && module.language == crate::code::Language::Go
        {
            self.scopes.appended.insert(value);
            self.change(first, value, None);
        }
    }

    fn place(
        &mut self,
        place: &Place,
        bound: Bound,
        path: &mut Vec<Step>,
        annotation: Option<ValueId>,
        declares: bool,
    ) {
        match place {
            Place::Name(name, span) => {
                let annotation = annotation.filter(|_| path.is_empty());
                self.bind_at(name, bound, path, span.start, annotation, declares);
            }
            Place::Value(target) => {
                if let (Bound::Value(value), true) = (&bound, path.is_empty()) {
                    self.scopes.member_assignments.push((*target, *value));
                    if let ValueKind::Field { base, .. } | ValueKind::Index { base, .. } =
                        self.module.value(*target).kind
                    {
                        self.change(base, *target, Some(*value));
                    }
                }
            }
            Place::Fields(fields, rest) => {
                for field in fields {
                    path.push(Step::Field(field.name.clone(), field.default));
                    self.place(&field.place, bound.clone(), path, None, declares);
                    path.pop();
                }
                if let Some(rest) = rest {
                    path.push(Step::Without(fields.iter().map(|field| field.name.clone()).collect()));
                    self.bind_at(rest, bound, path, self.block.0, None, declares);
                    path.pop();
                }
            }
            Place::Items(items, rest) => {
                for (at, item) in items.iter().enumerate() {
                    path.push(if *rest == Some(at) { Step::Rest } else { Step::Item(at) });
                    self.place(item, bound.clone(), path, None, declares);
                    path.pop();
                }
            }
            Place::Ignore => {}
        }
    }

    fn bind_at(
        &mut self,
        name: &Name,
        bound: Bound,
        path: &[Step],
        at: u32,
        annotation: Option<ValueId>,
        declares: bool,
    ) {
        if name.is_empty() {
            return;
        }
        let binding = Binding {
            bound,
            path: path.into(),
            annotation,
            at,
            block: self.block,
            context: self.context,
            declares,
            is_far: false,
        };
        // Most names get their value once.
        let bindings = self.scopes.bindings[self.function.index()].entry(name.clone());
        bindings.or_insert_with(|| Vec::with_capacity(1)).push(binding);
    }

    /// `@tools.append`: a list takes in what is decorated.
    fn gathered(&mut self, decorator: ValueId, function: FunctionId) {
        if let ValueKind::Field { base, name } = &self.module.value(decorator).kind
            && matches!(name.as_str(), "append" | "add")
        {
            self.scopes.gathered.insert(decorator, function);
            self.change(*base, decorator, None);
        }
    }

    fn change(&mut self, base: ValueId, place: ValueId, value: Option<ValueId>) {
        let name = match &self.module.value(base).kind {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => name.clone(),
            _ => return,
        };
        self.scopes.changes.entry(name).or_default().push(Change { place, value });
    }
}

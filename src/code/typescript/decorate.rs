//! Decorators that a compiler or bundler made calls of, given back to what they decorate.

use super::Lower;
use crate::code::{Assignment, FunctionId, ValueId, ValueKind};

/// Helpers that decorate a class or one of its members: of TypeScript, esbuild and Bun.
const DECORATING: &[&str] = &["__decorate", "__decorateClass", "__legacyDecorateClassTS"];
/// Helpers that stand for the decorator of a parameter: its position, then the decorator.
const OF_PARAMETERS: &[&str] = &["__param", "__decorateParam", "__legacyDecorateParamTS"];

/// Whether a helper decorates a class or one of its members.
pub(super) fn is_decorating(name: &str) -> bool {
    DECORATING.contains(&name)
}

impl Lower<'_> {
    /// Reads `C = __decorate([…], C)`, and tells whether an assignment is that.
    pub fn decorated_again(&mut self, assignment: &Assignment) -> bool {
        let Some(ValueKind::Call(call)) = assignment.value.map(|value| &self.module.value(value).kind) else {
            return false;
        };
        let helper = self.callee_name(call).is_some_and(|name| is_decorating(&name));
        let (true, [list, target, ..]) = (helper, call.arguments.as_slice()) else { return false };
        let (list, target) = (list.value, target.value);
        self.decorate(list, target, None);
        true
    }

    /// Gives a class or one of its members the decorators that a compiler made calls of.
    pub(super) fn decorate(&mut self, list: ValueId, target: ValueId, member: Option<ValueId>) {
        let ValueKind::List(decorators) = self.module.value(list).kind.clone() else { return };
        let name = match self.as_field(target) {
            Some((base, member)) if member == "prototype" => self.as_name(base),
            _ => self.as_name(target),
        };
        let Some(class) = name.and_then(|name| self.module.classes.iter().rposition(|class| class.name == *name))
        else {
            return;
        };
        let member = member.and_then(|member| self.as_text(member).cloned());
        let wanted = member.as_deref().unwrap_or("constructor");
        let methods = &self.module.classes[class].methods;
        let method = methods.iter().copied().find(|id| self.module.function(*id).name.as_deref() == Some(wanted));
        for decorator in decorators {
            match (self.of_parameter(decorator), method, &member) {
                (Some((position, decorator)), Some(method), _) => self.decorate_parameter(method, position, decorator),
                (Some(_), None, _) => {}
                (None, _, None) => self.module.classes[class].decorators.push(decorator),
                (None, Some(method), Some(_)) => self.module.functions[method.index()].decorators.push(decorator),
                (None, None, Some(_)) => {}
            }
        }
    }

    /// The position and the decorator in `__param(0, decorator)`.
    fn of_parameter(&self, value: ValueId) -> Option<(usize, ValueId)> {
        let ValueKind::Call(call) = &self.module.value(value).kind else { return None };
        let is_one = self.callee_name(call).is_some_and(|name| OF_PARAMETERS.contains(&name.as_str()));
        let (true, [position, decorator]) = (is_one, call.arguments.as_slice()) else { return None };
        match self.module.value(position.value).kind {
            ValueKind::Int(position) => Some((usize::try_from(position).ok()?, decorator.value)),
            _ => None,
        }
    }

    fn decorate_parameter(&mut self, method: FunctionId, position: usize, decorator: ValueId) {
        let receiver = crate::code::ParameterKind::Receiver;
        let mut plain = self.module.functions[method.index()].parameters.iter_mut().filter(|one| one.kind != receiver);
        if let Some(parameter) = plain.nth(position) {
            parameter.decorators.push(decorator);
        }
    }
}

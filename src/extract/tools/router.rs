//! Blocks whose attributes make their methods tools.

use crate::code::{Language, Parameter, ParameterKind, ValueId, ValueKind};
use crate::extract::tools::draft::{self, Draft, Drafts, Validation};
use crate::extract::tools::register::Registrar;
use crate::extract::tools::sdk::{ServerKind, Slots};
use crate::extract::tools::server::Key;
use crate::extract::tools::site::Told;
use crate::flow::meaning::{Meaning, Passed};
use crate::flow::{FunctionRef, In, ModuleId, ValueRef};
use crate::model::Known;

impl Registrar<'_> {
    /// Blocks whose attributes make their methods tools: each type with such blocks is a server.
    pub fn routers(&self, live: &[ModuleId], drafts: &mut Drafts) {
        for module in live {
            for at in 0..self.flow().program.module(*module).classes.len() {
                self.router(In { module: *module, id: crate::code::ClassId(at as u32) }, drafts);
            }
        }
    }

    fn router(&self, class: crate::flow::ClassRef, drafts: &mut Drafts) {
        let flow = self.flow();
        let code = flow.class(class);
        if self.kinds.is_in_test(class.module, code.span) {
            return;
        }
        let mut taken = Vec::new();
        for decorator in self.attributes(class.module, &code.decorators) {
            let Some((origin, told)) = self.attribute(decorator) else { continue };
            // One block may say under two conditions what makes it a router.
            if self.is_left_out(&told) || taken.contains(&origin) {
                continue;
            }
            taken.push(origin.clone());
            for (at, sdk) in self.kinds.sdks.all.iter().enumerate() {
                for (position, table) in sdk.servers.iter().enumerate() {
                    let Some(routers) = table.routers.as_ref().filter(|routers| routers.block.contains(&origin)) else {
                        continue;
                    };
                    // Several blocks of one type are one server.
                    let same = |draft: &&mut Draft| {
                        draft.kind == (at, position)
                            && draft.name.value().map(String::as_str) == Some(code.name.as_str())
                    };
                    let key = drafts.values_mut().find(same).map_or(Key::Made(decorator), |draft| draft.key);
                    let draft = drafts.entry(key).or_insert_with(|| Draft::new(key, (at, position), code.name_span));
                    draft.name = Known::is(code.name.to_string(), code.name_span);
                    for method in &code.methods {
                        self.routed(In { module: class.module, id: *method }, routers, table, draft);
                    }
                }
            }
        }
    }

    fn routed(
        &self,
        method: FunctionRef,
        routers: &crate::extract::tools::sdk::Routers,
        table: &ServerKind,
        draft: &mut Draft,
    ) {
        let flow = self.flow();
        for prompt in &routers.prompt {
            self.offered_by_attribute(method, prompt, table, draft);
        }
        if routers.method.is_empty() {
            return self.routed_as_is(method, table, draft);
        }
        for at in self.attributes(method.module, &flow.function(method).decorators) {
            let Some((_, arguments)) = self.attribute(at).filter(|(origin, _)| routers.method.contains(origin)) else {
                continue;
            };
            let validation = Validation { validates: table.validates, unknown_keys: table.unknown_keys.as_deref() };
            let subject = Meaning::Function(method, None, None);
            let slots = Slots { input: Vec::new(), ..table.slots.clone() };
            match draft::tool(flow, &Told::Arguments(arguments), &slots, Some(&subject), at, validation) {
                Ok(tool) => draft.add(tool),
                Err(opening) => draft.open(opening.span, opening.value),
            }
        }
    }

    /// A method that is a tool because its block says so.
    fn routed_as_is(&self, method: FunctionRef, table: &ServerKind, draft: &mut Draft) {
        let flow = self.flow();
        let code = flow.function(method);
        let (Some(name), true) = (&code.name, code.parameters.first().is_some_and(is_receiver)) else { return };
        let validation = Validation { validates: table.validates, unknown_keys: table.unknown_keys.as_deref() };
        let mut tool = draft::plain_tool(name.to_string(), code.name_span, validation);
        if let Some(documentation) = &code.documentation {
            tool.description = Known::is(documentation.text.to_string(), documentation.span);
        }
        tool.handler = Some(draft::handler_of(flow, method));
        draft.add(tool);
    }

    /// A router under a name of its own that nobody asks for: `#[tool_router(router = more)]` without `Self::more()`.
    fn is_left_out(&self, told: &[Passed]) -> bool {
        let router = told.iter().find(|argument| argument.name.as_deref() == Some("router"));
        let Some(name) = router.and_then(|router| match self.flow().force(&router.value) {
            Meaning::Outside(name) => Some(name),
            _ => None,
        }) else {
            return false;
        };
        let asks = |kind: &ValueKind| matches!(kind, ValueKind::Field { name: field, .. } if *field == name);
        let modules = self.flow().program.modules.iter().filter(|module| module.language == Language::Rust);
        !modules.flat_map(|module| &module.values).any(|value| asks(&value.kind))
    }

    /// Attributes, also those that hold under a condition: `cfg_attr(not(feature = "x"), tool_router)`.
    fn attributes(&self, module: ModuleId, decorators: &[ValueId]) -> Vec<ValueRef> {
        let conditional = |decorator: &ValueId| match self.flow().kind(In { module, id: *decorator }) {
            ValueKind::Call(call) => match self.flow().kind(In { module, id: call.callee }) {
                ValueKind::Name(name) if &**name == "cfg_attr" => Some(call.arguments.iter().skip(1)),
                _ => None,
            },
            _ => None,
        };
        let inner = |decorator: &ValueId| match conditional(decorator) {
            Some(arguments) => arguments.map(|argument| argument.value).collect(),
            None => vec![*decorator],
        };
        decorators.iter().flat_map(inner).map(|id| In { module, id }).collect()
    }

    /// Full name and arguments of an attribute.
    pub(super) fn attribute(&self, at: ValueRef) -> Option<(String, Vec<Passed>)> {
        let flow = self.flow();
        match flow.asking(|| flow.meaning(at, &None)).0 {
            Meaning::Outside(name) => Some((name.to_string(), Vec::new())),
            Meaning::Made(made) => match &made.callee {
                Meaning::Outside(name) => Some((name.to_string(), made.arguments.clone())),
                _ => None,
            },
            _ => None,
        }
    }
}

fn is_receiver(parameter: &Parameter) -> bool {
    parameter.kind == ParameterKind::Receiver
}

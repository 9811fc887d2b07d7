//! Types that are tools: by an attribute, or by functions that tell name and description.

use crate::code::{CallKind, ValueKind};
use crate::extract::tools::draft::{self, Draft, Drafts, Validation};
use crate::extract::tools::register::Registrar;
use crate::extract::tools::sdk::{Routers, ServerKind, Slots};
use crate::extract::tools::server::{Key, KindId};
use crate::extract::tools::site::{self, Filled, Told};
use crate::flow::meaning::{Made, Meaning, Passed};
use crate::flow::{ClassRef, In, ModuleId, ValueRef};
use crate::model::tool::Tool;
use crate::model::{Known, Spanned};

/// What told us that a type is a tool.
pub(super) struct Typed<'a> {
    class: ClassRef,
    /// The attribute.
    at: ValueRef,
    told: Vec<Passed>,
    routers: &'a Routers,
    slots: &'a Slots,
}

impl Registrar<'_> {
    /// Macros that are given a list of types: each is a server.
    pub fn type_lists(&self, live: &[ModuleId], drafts: &mut Drafts) {
        let kinds: Vec<(KindId, &ServerKind)> = self.kinds_with_lists();
        for module in live.iter().filter(|_| !kinds.is_empty()) {
            for call in &self.flow().scopes(*module).calls {
                let at = In { module: *module, id: *call };
                let ValueKind::Call(code) = self.flow().kind(at) else { continue };
                if code.kind != CallKind::Macro {
                    continue;
                }
                let callee = In { module: *module, id: code.callee };
                let Meaning::Outside(name) = self.flow().asking(|| self.flow().meaning(callee, &None)).0 else {
                    continue;
                };
                let lists = |table: &ServerKind| {
                    table.routers.as_ref().is_some_and(|routers| routers.lists.iter().any(|one| *one == name.as_str()))
                };
                if let Some((id, table)) = kinds.iter().find(|(_, table)| lists(table)) {
                    self.type_list(at, *id, table, drafts);
                }
            }
        }
    }

    fn kinds_with_lists(&self) -> Vec<(KindId, &ServerKind)> {
        let all = self.kinds.sdks.all.iter().enumerate();
        let all = all
            .flat_map(|(at, sdk)| sdk.servers.iter().enumerate().map(move |(position, table)| ((at, position), table)));
        all.filter(|(_, table)| table.routers.as_ref().is_some_and(|routers| !routers.lists.is_empty())).collect()
    }

    fn type_list(&self, at: ValueRef, kind: KindId, table: &ServerKind, drafts: &mut Drafts) {
        let flow = self.flow();
        let place = flow.span(at);
        let draft = drafts.entry(Key::Made(at)).or_insert_with(|| Draft::new(Key::Made(at), kind, place));
        let validation = Validation { validates: table.validates, unknown_keys: table.unknown_keys.as_deref() };
        let passed = flow.passed(at, &None);
        let list = passed.iter().find_map(|argument| flow.asking(|| flow.items(&argument.value)).0);
        for item in list.unwrap_or_default() {
            match self.typed_tool(&flow.force(&item.value), at, validation) {
                Ok(tool) => draft.add(tool),
                Err(opening) => draft.open(opening.span, opening.value),
            }
        }
    }

    /// The attribute that makes a type a tool, for the type itself or for a function of it that is called.
    pub(super) fn is_typed(&self, meaning: &Meaning) -> Option<Typed<'_>> {
        let class = match meaning {
            Meaning::Class(class) => *class,
            Meaning::Member(base, _) => match &**base {
                Meaning::Class(class) => *class,
                _ => return None,
            },
            _ => return None,
        };
        let tables = self.kinds.sdks.all.iter().flat_map(|sdk| &sdk.servers);
        for decorator in &self.flow().class(class).decorators {
            let at = In { module: class.module, id: *decorator };
            let Some((origin, told)) = self.attribute(at) else { continue };
            let mut found = tables.clone().filter_map(|table| Some((table.routers.as_ref()?, &table.slots)));
            if let Some((routers, slots)) = found.find(|(routers, _)| routers.types.contains(&origin)) {
                return Some(Typed { class, at, told, routers, slots });
            }
        }
        None
    }

    /// The tool that a type is.
    pub(super) fn typed_tool(
        &self,
        meaning: &Meaning,
        at: ValueRef,
        validation: Validation,
    ) -> Result<Tool, Spanned<String>> {
        let flow = self.flow();
        let Some(typed) = self.is_typed(meaning) else {
            return Err(Spanned::new("a tool that is a type which was not found".to_string(), flow.span(at)));
        };
        let slots = Slots { input: Vec::new(), annotations: Vec::new(), handler: Vec::new(), ..typed.slots.clone() };
        let told = Told::Arguments(typed.told.clone());
        let mut tool = draft::tool(flow, &told, &slots, None, typed.at, validation)?;
        let annotations = Made { callee: Meaning::Class(typed.class), arguments: typed.told.clone(), at: typed.at };
        let annotations = Filled { meaning: Meaning::Made(annotations.into()), span: None };
        draft::hints(flow, Some(annotations), flow.span(typed.at), &mut tool);
        tool.has_input_schema = true;
        let schema = crate::extract::tools::schema::of_rust_type(flow, typed.class);
        tool.input_schema = Known::is(schema, flow.class(typed.class).name_span);
        let answer = typed.routers.answers.iter().find_map(|name| flow.own_method(typed.class, name));
        tool.handler = answer.map(|function| draft::handler_of(flow, function));
        Ok(tool)
    }

    /// `router.with_async_tool::<Read>()`.
    pub(super) fn told_by_type(&self, at: ValueRef, validation: Validation) -> Result<Tool, Spanned<String>> {
        let flow = self.flow();
        let unknown = || Spanned::new("a tool that is a type which was not found".to_string(), flow.span(at));
        let ValueKind::Call(code) = flow.kind(at) else { return Err(unknown()) };
        let callee = In { module: at.module, id: code.callee };
        let ValueKind::Generic { arguments, .. } = flow.kind(callee) else { return Err(unknown()) };
        let of = arguments.first().map(|of| In { module: at.module, id: *of }).ok_or_else(unknown)?;
        let Meaning::Class(class) = flow.asking(|| flow.meaning(of, &None)).0 else { return Err(unknown()) };
        let says = |name: &str| {
            let function = flow.own_method(class, name)?;
            let meaning = flow.asking(|| flow.returned(function, Vec::new(), None, None, &None)).0;
            Some(Filled { meaning, span: Some(flow.function(function).name_span) })
        };
        let Known::Is(name) = site::text(says("name").as_ref(), flow.span(at)) else { return Err(unknown()) };
        let mut tool = draft::plain_tool(name.value, name.span, validation);
        tool.description = site::text(says("description").as_ref(), flow.span(at));
        tool.title = site::text(says("title").as_ref(), flow.span(at));
        tool.handler = flow.own_method(class, "invoke").map(|function| draft::handler_of(flow, function));
        tool.places.push(Spanned::new("registered here".to_string(), flow.span(at)));
        Ok(tool)
    }
}

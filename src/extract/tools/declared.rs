//! Tools that are declared without a registration: subclasses, decorated methods, files, and objects of constructors.

use std::collections::BTreeSet;

use crate::extract::tools::draft::{self, Draft, Drafts, Validation};
use crate::extract::tools::package_root;
use crate::extract::tools::register::Registrar;
use crate::extract::tools::sdk::{Extension, Files, ServerKind, Slots};
use crate::extract::tools::server::{Key, KindId, canonical};
use crate::extract::tools::site::{self, Told};
use crate::flow::meaning::{Entry, Meaning};
use crate::flow::{ClassRef, In, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::Spanned;
use crate::model::tool::Tool;
use crate::source::Span;

type Made = Result<Tool, Spanned<String>>;

impl Registrar<'_> {
    /// Notes every tool that one of the tables knows by its class, its decorator or its file.
    pub fn declared(&self, loaded: &Loaded, live: &[ModuleId], drafts: &mut Drafts) {
        for (at, sdk) in self.kinds.sdks.all.iter().enumerate() {
            for (position, table) in sdk.servers.iter().enumerate() {
                let kind = (at, position);
                if !table.tool_classes.is_empty() {
                    self.subclasses(kind, table, live, drafts);
                }
                if !table.decorators.is_empty() {
                    self.decorated_methods(kind, table, drafts);
                }
                if let Some(files) = &table.files {
                    self.files(loaded, kind, table, files, live, drafts);
                }
            }
        }
    }

    fn subclasses(&self, kind: KindId, table: &ServerKind, live: &[ModuleId], drafts: &mut Drafts) {
        let flow = self.flow();
        let is_tool = |class: &ClassRef| {
            let bases = flow.outside_bases(*class);
            bases.iter().any(|base| table.tool_classes.contains(&canonical(base)))
        };
        let all = live.iter().flat_map(|module| {
            let count = flow.program.module(*module).classes.len();
            (0..count).map(|at| In { module: *module, id: crate::code::ClassId(at as u32) })
        });
        let tools: Vec<ClassRef> = all.filter(is_tool).collect();
        let extended: BTreeSet<ClassRef> =
            tools.iter().flat_map(|class| flow.ancestors(*class).iter().skip(1).copied().collect::<Vec<_>>()).collect();
        for class in tools.iter().filter(|class| !extended.contains(class)) {
            let place = flow.class(*class).name_span;
            let Some(field) = flow.class(*class).fields.iter().find_map(|field| field.value) else { continue };
            let at = In { module: class.module, id: field };
            let told = Told::Object(Meaning::This(*class));
            let made = draft::tool(flow, &told, &table.tool, None, at, validation(table));
            note(kind, class.module, place, made, drafts);
        }
    }

    fn decorated_methods(&self, kind: KindId, table: &ServerKind, drafts: &mut Drafts) {
        let flow = self.flow();
        let mut all: Vec<_> = self.decorated.iter().collect();
        all.sort();
        for (value, function) in all {
            let Some((_, arguments)) =
                self.attribute(*value).filter(|(origin, _)| table.decorators.contains(&canonical(origin)))
            else {
                continue;
            };
            let subject = Meaning::Function(*function, None, None);
            let told = Told::Arguments(arguments);
            let made = draft::tool(flow, &told, &table.tool, Some(&subject), *value, validation(table));
            note(kind, value.module, flow.span(*value), made, drafts);
        }
    }

    fn files(
        &self,
        loaded: &Loaded,
        kind: KindId,
        table: &ServerKind,
        files: &Files,
        live: &[ModuleId],
        drafts: &mut Drafts,
    ) {
        let flow = self.flow();
        for id in live {
            let module = flow.program.module(*id);
            let place = Span::new(module.source, 0, 0);
            let path = loaded.sources.path(module.source);
            let root = package_root(loaded, place);
            let folder = if root == "." { files.folder.clone() } else { format!("{root}/{}", files.folder) };
            let Some(name) = path.strip_prefix(&folder).and_then(|rest| rest.strip_prefix('/')) else { continue };
            let manifest = if root == "." { "package.json".to_string() } else { format!("{root}/package.json") };
            let depends = loaded
                .find(&manifest)
                .is_some_and(|file| loaded.sources.get(file.source).text().contains(&format!("\"{}\"", table.package)));
            let handler = flow.asking(|| flow.exported(*id, &files.handler)).0;
            let function = handler.as_ref().and_then(|handler| site::function(flow, handler));
            let (true, Some(function)) = (depends, function) else { continue };
            let stem = name.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or(name);
            let told = flow.asking(|| flow.exported(*id, &files.about)).0.unwrap_or(Meaning::Null);
            let about = Told::Object(told);
            let own = site::text(site::first(flow, &about, &table.tool.name).as_ref(), place);
            let span = own.span().unwrap_or(flow.function(function).name_span);
            let made = match &own {
                crate::model::Known::Unknown(unknown) => {
                    Err(Spanned::new(format!("the name of a tool {}", unknown.reason), unknown.span))
                }
                known => {
                    let name = known.value().cloned().unwrap_or_else(|| stem.to_string());
                    Ok(self.file_tool(name, span, &about, table, function))
                }
            };
            note(kind, *id, span, made, drafts);
        }
    }

    fn file_tool(
        &self,
        name: String,
        span: Span,
        about: &Told,
        table: &ServerKind,
        function: crate::flow::FunctionRef,
    ) -> Tool {
        let flow = self.flow();
        let mut tool = draft::plain_tool(name, span, validation(table));
        tool.description = site::text(site::first(flow, about, &table.tool.description).as_ref(), span);
        tool.handler = Some(draft::handler_of(flow, function));
        draft::hints(flow, site::first(flow, about, &table.tool.annotations), span, &mut tool);
        let input = flow.asking(|| flow.exported(function.module, "schema")).0;
        let input = input.map(|meaning| site::Filled { meaning, span: None });
        crate::extract::tools::schema::fill(flow, &mut tool, input, None, Some(function), &table.tool);
        tool
    }

    /// The tools that methods of a constructor's objects give.
    pub fn extensions(&self, extension: &Extension, told: &Told, at: ValueRef, table: &ServerKind, draft: &mut Draft) {
        let flow = self.flow();
        let place = flow.span(at);
        let Some(list) = site::first(flow, told, std::slice::from_ref(&extension.slot)) else { return };
        for item in flow.items(&list.meaning).unwrap_or_default() {
            let object = flow.force(&item.value);
            let method = flow.asking(|| flow.member(&object, &extension.method.as_str().into())).0;
            let given = match method {
                Meaning::Function(function, captured, this) => {
                    let list = flow.asking(|| flow.returned(function, Vec::new(), this, None, &captured)).0;
                    flow.items(&list)
                }
                _ => None,
            };
            let Some(given) = given.filter(|_| !item.is_rest) else {
                draft.open(place, "an extension gives tools that are only known at run time");
                continue;
            };
            for tool in given {
                match self.whole_tool(&tool.value, at, validation(table), &Slots::default()) {
                    Ok(tool) => draft.add(tool),
                    Err(opening) => draft.open(opening.span, opening.value),
                }
            }
        }
    }

    /// The tools of an object that a constructor is given: its keys are their names.
    pub fn tool_map(&self, entries: &[Entry], at: ValueRef, table: &ServerKind, draft: &mut Draft) {
        let flow = self.flow();
        for entry in entries {
            let Some(key) = &entry.key else {
                draft.open(flow.span(at), "the object of tools is not fully known");
                continue;
            };
            let made = match flow.force(&entry.value) {
                Meaning::Map(members) => {
                    let is_name = |entry: &&Entry| entry.key.as_ref().is_some_and(|key| key.name == "name");
                    let name = Entry {
                        key: Some(crate::flow::meaning::Key { name: "name".into(), span: key.span }),
                        value: Meaning::Text(key.name.clone(), key.span),
                        optional: false,
                    };
                    let rest = members.iter().filter(|entry| !is_name(entry)).cloned();
                    let whole = Meaning::Map(rest.chain([name]).collect());
                    self.whole_tool(&whole, at, validation(table), &Slots::default())
                }
                _ => self.whole_tool(&entry.value, at, validation(table), &Slots::default()),
            };
            let mut tool =
                made.unwrap_or_else(|_| draft::plain_tool(key.name.to_string(), key.span, validation(table)));
            tool.about.name = key.name.to_string();
            if entry.optional {
                let unknown = "which of the object are taken is not known";
                tool.condition = crate::model::Known::is("only some of an object".to_string(), key.span);
                tool.on_by_default = crate::model::Known::unknown(unknown, key.span);
            }
            draft.add(tool);
        }
    }
}

fn note(kind: KindId, module: ModuleId, place: Span, made: Made, drafts: &mut Drafts) {
    let key = Key::Given(kind, module);
    let draft = drafts.entry(key).or_insert_with(|| Draft::new(key, kind, place));
    match made {
        Ok(tool) => draft.add(tool),
        Err(opening) => draft.open(opening.span, opening.value),
    }
}

fn validation(table: &ServerKind) -> Validation<'_> {
    Validation { validates: table.validates, unknown_keys: table.unknown_keys.as_deref() }
}

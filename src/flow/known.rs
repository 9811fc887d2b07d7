//! What functions and methods from outside give when all they do is arrange values.

use std::rc::Rc;

use crate::code::{CallKind, Language, Name, Operator, ValueKind};
use crate::flow::meaning::{Entry, Frame, Item, Key, Meaning, Passed, UNKNOWN_ELEMENT, value_in};
use crate::flow::scope::{Binding, Bound};
use crate::flow::{Flow, ValueRef};

/// Elements of a list from which on what a function makes of each is looked at only when somebody asks.
const LONG: usize = 32;

impl Flow<'_> {
    /// The elements of a collection, if it is one.
    pub fn items(&self, collection: &Meaning) -> Option<Vec<Item>> {
        match collection {
            Meaning::Later(..) => self.items(&self.force(collection)),
            Meaning::List(items) => Some(items.to_vec()),
            // A dictionary is iterated by its keys.
            Meaning::Map(entries) => Some(entries.iter().map(key_item).collect()),
            Meaning::Class(class) if self.class(*class).kind == crate::code::ClassKind::Enum => {
                let fields = self.class(*class).fields.iter();
                let members = fields.map(|field| self.member(collection, &field.name));
                Some(members.map(|value| Item { value, optional: false, is_rest: false }).collect())
            }
            Meaning::Choice(all) => {
                let lists: Option<Vec<Vec<Item>>> = all.iter().map(|one| self.items(one)).collect();
                let optional = |item: Item| Item { optional: true, ..item };
                let mut found = Vec::new();
                lists?.into_iter().for_each(|list| self.add_items(&mut found, list.into_iter().map(optional)));
                Some(found)
            }
            _ => None,
        }
    }

    /// What a loop over a value turns on: a map of a script gives pairs, any other its keys.
    pub fn turns_over(&self, over: ValueRef, frame: &Frame) -> Option<Vec<Item>> {
        match self.meaning(over, frame) {
            Meaning::Map(entries) if self.module(over).language == Language::TypeScript => {
                Some(entries.iter().map(pair_item).collect())
            }
            collection => self.items(&collection),
        }
    }

    /// The entries of one of several maps, any of which may be missing.
    fn any_of_maps(&self, all: &[Meaning]) -> Option<Vec<Entry>> {
        let mut found = Vec::new();
        for one in all {
            match self.force(one) {
                Meaning::Map(entries) => {
                    let optional = entries.iter().map(|entry| Entry { optional: true, ..entry.clone() });
                    self.add_entries(&mut found, optional);
                }
                _ => return None,
            }
        }
        Some(found)
    }

    /// An element by position.
    pub(super) fn item(&self, collection: &Meaning, at: usize) -> Meaning {
        match collection {
            Meaning::Each(all) => Meaning::Each(all.iter().map(|one| self.item(one, at)).collect()),
            Meaning::Choice(all) => Meaning::any(all.iter().map(|one| self.item(one, at)).collect()),
            Meaning::Later(..) => self.item(&self.force(collection), at),
            Meaning::List(items) if !items.iter().take(at + 1).any(|item| item.is_rest || item.optional) => {
                items.get(at).map_or(Meaning::Null, |item| self.force(&item.value))
            }
            _ => Meaning::Unknown(UNKNOWN_ELEMENT),
        }
    }

    /// Whether something is the first of a pair of Go of which the second says whether there is such a thing.
    pub(super) fn is_value_with_truth(&self, module: crate::flow::ModuleId, meaning: &Meaning) -> bool {
        let is_one = |meaning: &Meaning| {
            matches!(meaning, Meaning::Function(..) | Meaning::Instance(_) | Meaning::Text(..) | Meaning::Made(_))
        };
        self.program.module(module).language == Language::Go && meaning.alternatives().iter().all(is_one)
    }

    /// Whether something is what a function of Go from outside makes, with an error beside it.
    pub(super) fn is_value_with_error(&self, module: crate::flow::ModuleId, meaning: &Meaning) -> bool {
        let is_made = matches!(meaning, Meaning::Made(made) if matches!(made.callee, Meaning::Outside(_)));
        is_made && self.program.module(module).language == Language::Go
    }

    /// `list[i]`, where `i` counts the turns of a loop: the element of the turn.
    pub(super) fn counted(&self, base: ValueRef, key: ValueRef, frame: &Frame) -> Option<Meaning> {
        let ValueKind::Name(counter) = self.kind(key) else { return None };
        let scopes = self.scopes(key.module);
        let bindings = scopes.bindings[scopes.owner[key.id.index()].index()].get(counter)?;
        let counts = |binding: &Binding| match binding.bound {
            Bound::Changed(_) => true,
            Bound::Each(over) => self.is_range(value_in(key.module, over)),
            _ => false,
        };
        let over = self.defined_as(base).unwrap_or(base);
        let is_list = || matches!(self.meaning(over, frame), Meaning::List(_));
        (bindings.iter().any(counts) && is_list()).then(|| self.element(over, frame))
    }

    /// `range(len(list))`, and ranges written with dots.
    fn is_range(&self, over: ValueRef) -> bool {
        match self.kind(over) {
            ValueKind::Call(call) => {
                matches!(self.kind(value_in(over.module, call.callee)), ValueKind::Name(name) if name == "range")
            }
            ValueKind::Binary { operator: Operator::Range, .. } => true,
            _ => false,
        }
    }

    pub(super) fn index_of(&self, base: &Meaning, key: &Meaning) -> Meaning {
        match (base, key) {
            (Meaning::Choice(all), _) => Meaning::any(all.iter().map(|one| self.index_of(one, key)).collect()),
            (_, Meaning::Choice(all)) => Meaning::any(all.iter().map(|one| self.index_of(base, one)).collect()),
            // The keys of a loop over them, one after the other.
            (Meaning::Map(_), Meaning::Each(keys)) => {
                Meaning::Each(keys.iter().map(|key| self.index_of(base, &self.force(key))).collect())
            }
            (Meaning::List(_), Meaning::Int(at)) => {
                usize::try_from(*at).map_or(Meaning::Unknown("counted from the end"), |at| self.item(base, at))
            }
            (_, Meaning::Text(name, _)) => self.member(base, name),
            // An element of what something outside gave: tables name its type by `calls: ["Browser.pages.[]"]`.
            (Meaning::Made(_) | Meaning::Member(..), Meaning::Int(_)) => {
                Meaning::Member(Rc::new(base.clone()), Name::new("[]"))
            }
            // The class of `Base[T]`.
            (Meaning::Class(_), _) => base.clone(),
            (
                Meaning::Map(entries),
                Meaning::Unknown(_)
                | Meaning::Parameter(..)
                | Meaning::Symbol(_)
                | Meaning::Member(..)
                | Meaning::Outside(_)
                | Meaning::Instance(_)
                | Meaning::Made(_),
            ) if entries.len() <= 128 => Meaning::any(entries.iter().map(|entry| self.force(&entry.value)).collect()),
            _ => Meaning::Unknown(UNKNOWN_ELEMENT),
        }
    }

    /// What a method of a text, list or map gives.
    pub(super) fn known_method(
        &self,
        at: ValueRef,
        base: &Meaning,
        name: &str,
        arguments: &[Passed],
    ) -> Option<Meaning> {
        if let Some(truth) = self.asked_of(base, name, arguments) {
            return Some(truth);
        }
        // What a value may be can be made of the value itself.
        let of_one = |one: &Meaning| self.deeper(|| self.known_method(at, &self.force(one), name, arguments)).flatten();
        match base {
            Meaning::Text(text, span) => text_method(self, text, name, arguments).map(|text| match text {
                Meaning::Text(text, _) => Meaning::Text(text, *span),
                other => other,
            }),
            Meaning::List(_) => self.list_method(at, base, name, arguments),
            Meaning::Map(entries) => self.map_method(base, entries, name, arguments),
            Meaning::Choice(all) if all.len() <= 8 => {
                let each: Option<Vec<Meaning>> = all.iter().map(of_one).collect();
                each.map(Meaning::any)
            }
            Meaning::Each(all) if !all.is_empty() && all.len() <= 64 => {
                let each: Option<Vec<Meaning>> = all.iter().map(of_one).collect();
                each.map(|each| Meaning::Each(each.into()))
            }
            _ => None,
        }
    }

    fn list_method(&self, at: ValueRef, base: &Meaning, name: &str, arguments: &[Passed]) -> Option<Meaning> {
        let items = self.items(base)?;
        let first = || arguments.first().map(|argument| self.force(&argument.value));
        Some(match name {
            "map" | "flatMap" => {
                let is_long = items.len() >= LONG && name == "map";
                let made_by = first();
                let each = |item: Item| {
                    let late = if is_long { self.applied_later(at, made_by.clone(), &item.value) } else { None };
                    Item { value: late.unwrap_or_else(|| self.applied_to(at, made_by.clone(), item.value)), ..item }
                };
                let mapped: Vec<Item> = items.into_iter().map(each).collect();
                if name == "map" { Meaning::List(mapped.into()) } else { self.flat(&mapped) }
            }
            "filter" => Meaning::List(self.kept_by(at, items, first()).into()),
            "concat" | "chain" => {
                let mut all = items;
                for argument in arguments {
                    match self.items(&argument.value) {
                        Some(more) => self.add_items(&mut all, more.into_iter()),
                        None => all.push(Item { value: self.force(&argument.value), optional: false, is_rest: true }),
                    }
                }
                Meaning::List(all.into())
            }
            "flat" => self.flat(&items),
            "slice" | "sort" | "toSorted" | "reverse" | "copy" | "values" | "iter" | "into_iter" | "collect"
            | "to_vec" | "clone" | "cloned" | "unwrap" | "into_boxed_slice"
                if arguments.len() < 2 && (name != "slice" || arguments.is_empty()) =>
            {
                Meaning::List(items.into())
            }
            "join" => {
                let separator = arguments
                    .first()
                    .map_or(Name::new(","), |argument| self.force(&argument.value).text().cloned().unwrap_or_default());
                return self.joined_texts(&items, &separator);
            }
            "reduce" => return self.reduced(at, &items, arguments),
            "find" => {
                let elements: Vec<Meaning> = items.iter().map(|item| self.force(&item.value)).collect();
                return Some(self.found_in(at, &elements, first()));
            }
            "at" | "pop" | "shift" => Meaning::any(items.iter().take(32).map(|item| self.force(&item.value)).collect()),
            _ => return None,
        })
    }

    fn flat(&self, items: &[Item]) -> Meaning {
        let mut all = Vec::new();
        for item in items {
            match self.items(&item.value) {
                Some(inner) => {
                    let more = inner.into_iter().map(|one| Item { optional: one.optional || item.optional, ..one });
                    self.add_items(&mut all, more);
                }
                None => all.push(Item { is_rest: true, ..item.clone() }),
            }
        }
        Meaning::List(all.into())
    }

    fn joined_texts(&self, items: &[Item], separator: &str) -> Option<Meaning> {
        let mut span = None;
        let mut parts = Vec::new();
        for item in items {
            let Meaning::Text(text, at) = self.force(&item.value) else { return None };
            if item.is_rest || item.optional {
                return None;
            }
            span = span.or(Some(at));
            parts.push(text);
        }
        Some(Meaning::Text(Name::new(parts.join(separator)), span?))
    }

    fn map_method(&self, base: &Meaning, entries: &[Entry], name: &str, arguments: &[Passed]) -> Option<Meaning> {
        Some(match name {
            "values" => Meaning::List(entries.iter().map(value_item).collect()),
            "keys" => Meaning::List(entries.iter().map(key_item).collect()),
            "items" | "entries" => Meaning::List(entries.iter().map(pair_item).collect()),
            "copy" => base.clone(),
            "get" if self.keys(base).0.iter().all(|key| key.name != "get") => {
                let key = self.force(&arguments.first()?.value);
                self.index_of(base, &key)
            }
            _ => return None,
        })
    }

    /// What a function from outside gives, where it only arranges its arguments.
    pub(super) fn known_function(
        &self,
        at: ValueRef,
        name: &str,
        arguments: &[Passed],
        kind: CallKind,
    ) -> Option<Meaning> {
        if self.module(at).language == crate::code::Language::Rust {
            return self.arranged(at, name, arguments, kind);
        }
        let first = || arguments.first().map(|argument| self.force(&argument.value));
        if let Some(truth) = self.asked(name, arguments) {
            return Some(truth);
        }
        match name {
            "textwrap.dedent" | "inspect.cleandoc" => match first()? {
                Meaning::Text(text, span) => {
                    Some(Meaning::Text(Name::new(dedent(&text, name == "inspect.cleandoc")), span))
                }
                _ => None,
            },
            "Object.freeze"
            | "Object.seal"
            | "list"
            | "tuple"
            | "sorted"
            | "Array.from"
            | "set"
            | "frozenset"
            | "iter"
            | "reversed"
            | "Promise.resolve"
            | "Promise.all"
            | "structuredClone"
            | "copy.deepcopy"
            | "copy.copy"
            | "types.MappingProxyType" => match (first()?, name) {
                (map @ Meaning::Map(_), "list" | "tuple" | "sorted" | "set" | "frozenset" | "iter" | "reversed") => {
                    self.items(&map).map(|items| Meaning::List(items.into()))
                }
                (Meaning::Made(_) | Meaning::Member(..) | Meaning::Parameter(..), _) => None,
                (class @ Meaning::Class(_), "list" | "tuple" | "sorted" | "iter" | "set") => {
                    self.items(&class).map(|items| Meaning::List(items.into()))
                }
                (found, _) => Some(found),
            },
            "next" => self.next_of(arguments),
            "str" | "String" => match first()? {
                text @ Meaning::Text(..) => Some(text),
                Meaning::Int(number) => Some(Meaning::Text(Name::new(number.to_string()), self.span(at))),
                _ => None,
            },
            "dict" => {
                let named = arguments.iter().filter(|argument| argument.name.is_some() || argument.is_rest);
                let named = named.map(|argument| Entry {
                    key: argument.name.clone().map(|name| Key { name, span: self.span(at) }),
                    value: argument.value.clone(),
                    optional: false,
                });
                match arguments
                    .first()
                    .filter(|argument| argument.name.is_none() && !argument.is_rest)
                    .map(|argument| self.force(&argument.value))
                {
                    None => Some(Meaning::Map(named.collect())),
                    Some(Meaning::Map(entries)) => Some(Meaning::Map(entries.iter().cloned().chain(named).collect())),
                    Some(_) => None,
                }
            }
            "Object.values" | "Object.keys" | "Object.entries" => {
                let entries = match first()? {
                    Meaning::Map(entries) => entries.to_vec(),
                    Meaning::Module(module) => self.offered(module),
                    Meaning::Class(class) => self.entries_of_enum(class)?,
                    Meaning::Choice(all) => self.any_of_maps(&all)?,
                    _ => return None,
                };
                let item = match name {
                    "Object.values" => value_item,
                    "Object.keys" => key_item,
                    _ => pair_item,
                };
                Some(Meaning::List(entries.iter().map(item).collect()))
            }
            "Object.fromEntries" | "Map" => {
                let items = match first() {
                    Some(pairs) => self.items(&pairs)?,
                    None => Vec::new(),
                };
                let entries = items.iter().map(|item| {
                    let key = match self.item(&item.value, 0) {
                        Meaning::Text(name, span) if !item.is_rest => Some(Key { name, span }),
                        _ => None,
                    };
                    Entry { key, value: self.item(&item.value, 1), optional: item.optional }
                });
                Some(Meaning::Map(entries.collect()))
            }
            "Set" => match first() {
                Some(items) => self.items(&items).map(|items| Meaning::List(items.into())),
                None => Some(Meaning::List([].into())),
            },
            "Object.assign" => {
                let mut all = Vec::new();
                for argument in arguments {
                    match self.force(&argument.value) {
                        Meaning::Map(entries) => self.add_entries(&mut all, entries.iter().cloned()),
                        Meaning::Null => {}
                        other => return (all.is_empty()).then_some(other),
                    }
                }
                Some(Meaning::Map(all.into()))
            }
            "getattr" => Some(match (first()?, self.force(&arguments.get(1)?.value)) {
                (base, Meaning::Text(name, _)) => self.member(&base, &name),
                _ => Meaning::Unknown("a member that is chosen at run time"),
            }),
            "require" | "import" => self.required(at, &first()?),
            "append" => self.appended(at, arguments),
            "make" => self.empty_slice(at, arguments),
            _ => None,
        }
    }

    /// Everything that a module offers.
    pub(super) fn offered(&self, module: crate::flow::ModuleId) -> Vec<Entry> {
        let code = self.program.module(module);
        let mut entries = Vec::new();
        for export in &code.exports {
            match (&export.target, export.name.as_str()) {
                (crate::code::ExportTarget::From(from, _), "*") => {
                    let path = self.sources.path(code.source);
                    match self.index.links.named(code.language, path, from, 0) {
                        crate::flow::link::Target::Module(target) if target != module => {
                            entries.extend(self.deeper(|| self.offered(target)).unwrap_or_default());
                        }
                        _ => entries.push(Entry {
                            key: None,
                            value: Meaning::Unknown("offered from outside"),
                            optional: false,
                        }),
                    }
                }
                (_, "*") => {}
                (_, name) => {
                    let value = self.exported(module, name).unwrap_or(Meaning::Unknown("not offered"));
                    entries.push(Entry {
                        key: Some(Key { name: export.name.clone(), span: export.span }),
                        value,
                        optional: false,
                    });
                }
            }
        }
        entries
    }
}

fn value_item(entry: &Entry) -> Item {
    Item { value: entry.value.clone(), optional: entry.optional, is_rest: entry.key.is_none() }
}

fn key_item(entry: &Entry) -> Item {
    match &entry.key {
        Some(key) => {
            Item { value: Meaning::Text(key.name.clone(), key.span), optional: entry.optional, is_rest: false }
        }
        None => Item { value: Meaning::Unknown("a key that is not known"), optional: entry.optional, is_rest: true },
    }
}

fn pair_item(entry: &Entry) -> Item {
    let pair = [key_item(entry), value_item(entry)].map(|item| Item { optional: false, is_rest: false, ..item });
    Item { value: Meaning::List(pair.into()), optional: entry.optional, is_rest: entry.key.is_none() }
}

fn text_method(flow: &Flow, text: &Name, name: &str, arguments: &[Passed]) -> Option<Meaning> {
    let first = || arguments.first().map(|argument| flow.force(&argument.value));
    let same = |changed: String| {
        Some(Meaning::Text(Name::new(changed), crate::source::Span::new(flow.program.modules.first()?.source, 0, 0)))
    };
    match (name, arguments.len()) {
        ("strip" | "trim", 0) => same(text.trim().to_string()),
        ("rstrip" | "trimEnd", 0) => same(text.trim_end().to_string()),
        ("lstrip" | "trimStart", 0) => same(text.trim_start().to_string()),
        ("lower" | "toLowerCase" | "to_lowercase", 0) => same(text.to_lowercase()),
        ("upper" | "toUpperCase" | "to_uppercase", 0) => same(text.to_uppercase()),
        ("toString" | "to_string" | "to_owned" | "into" | "clone" | "as_str" | "valueOf", 0) => same(text.to_string()),
        ("concat", _) => {
            let mut all = text.to_string();
            for argument in arguments {
                all.push_str(flow.force(&argument.value).text()?);
            }
            same(all)
        }
        ("replace" | "replaceAll", 2) => {
            let (from, to) = (first()?, flow.force(&arguments[1].value));
            let (from, to) = (from.text()?, to.text()?);
            if from.is_empty() {
                return None;
            }
            // Only Python and `replaceAll` replace every one; both agree where there is one at most.
            (text.matches(from.as_str()).count() <= 1).then(|| same(text.replacen(from.as_str(), to, 1)))?
        }
        ("join", 1) => {
            let items = flow.items(&first()?)?;
            flow.joined_texts(&items, text)
        }
        _ => None,
    }
}

/// Removes the indentation that all lines share.
fn dedent(text: &str, trim: bool) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().collect();
    let skipped = usize::from(trim);
    let common =
        lines.iter().skip(skipped).filter(|line| !line.trim().is_empty()).map(|line| indent(line)).min().unwrap_or(0);
    let cut = |(at, line): (usize, &&str)| match (at < skipped, line.trim().is_empty()) {
        (true, _) => line.trim_start().to_string(),
        (false, true) => String::new(),
        (false, false) => line.get(common..).unwrap_or(line).to_string(),
    };
    let mut result: Vec<String> = lines.iter().enumerate().map(cut).collect();
    if text.ends_with('\n') {
        result.push(String::new());
    }
    let result = result.join("\n");
    if trim { result.trim_matches('\n').to_string() } else { result }
}

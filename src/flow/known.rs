//! What functions and methods from outside give when all they do is arrange values.

use std::collections::HashMap;
use std::rc::Rc;

use crate::code::{CallKind, Name, ParameterKind, ValueId, ValueKind};
use crate::flow::meaning::{Entry, Frame, Item, Key, Meaning, Passed, Within, push};
use crate::flow::scope::Change;
use crate::flow::{Flow, In, ValueRef};

/// Who holds a value: a function that binds its name, or a class of which it is a field.
pub type Holder = (u8, u32);
/// Changes by holder and name, each with the base that is changed.
pub type Changes = HashMap<(Holder, Name), Vec<(Change, ValueId)>>;

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
                Some(lists?.into_iter().flatten().map(optional).collect())
            }
            _ => None,
        }
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
            _ => Meaning::Unknown("an element that is not known"),
        }
    }

    pub(super) fn index_of(&self, base: &Meaning, key: &Meaning) -> Meaning {
        match (base, key) {
            (Meaning::Choice(all), _) => Meaning::any(all.iter().map(|one| self.index_of(one, key)).collect()),
            (_, Meaning::Choice(all)) => Meaning::any(all.iter().map(|one| self.index_of(base, one)).collect()),
            (Meaning::List(_), Meaning::Int(at)) => {
                usize::try_from(*at).map_or(Meaning::Unknown("counted from the end"), |at| self.item(base, at))
            }
            (_, Meaning::Text(name, _)) => self.member(base, name),
            // The class of `Base[T]`.
            (Meaning::Class(_), _) => base.clone(),
            (
                Meaning::Map(entries),
                Meaning::Unknown(_) | Meaning::Parameter(..) | Meaning::Symbol(_) | Meaning::Member(..),
            ) if entries.len() <= 64 => Meaning::any(entries.iter().map(|entry| self.force(&entry.value)).collect()),
            _ => Meaning::Unknown("an element that is not known"),
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
        match base {
            Meaning::Text(text, span) => text_method(self, text, name, arguments).map(|text| match text {
                Meaning::Text(text, _) => Meaning::Text(text, *span),
                other => other,
            }),
            Meaning::List(_) => self.list_method(at, base, name, arguments),
            Meaning::Map(entries) => self.map_method(base, entries, name, arguments),
            Meaning::Choice(all) if all.len() <= 8 => {
                let each: Option<Vec<Meaning>> =
                    all.iter().map(|one| self.known_method(at, &self.force(one), name, arguments)).collect();
                each.map(Meaning::any)
            }
            Meaning::Each(all) if !all.is_empty() && all.len() <= 64 => {
                let each: Option<Vec<Meaning>> =
                    all.iter().map(|one| self.known_method(at, &self.force(one), name, arguments)).collect();
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
                let each = |item: Item| Item { value: self.applied_to(at, first(), item.value), ..item };
                let mapped: Vec<Item> = items.into_iter().map(each).collect();
                if name == "map" { Meaning::List(mapped.into()) } else { self.flat(&mapped) }
            }
            "filter" => Meaning::List(items.into_iter().map(|item| Item { optional: true, ..item }).collect()),
            "concat" => {
                let mut all = items;
                for argument in arguments {
                    match self.items(&argument.value) {
                        Some(more) => all.extend(more),
                        None => all.push(Item { value: self.force(&argument.value), optional: false, is_rest: true }),
                    }
                }
                Meaning::List(all.into())
            }
            "flat" => self.flat(&items),
            "slice" | "sort" | "toSorted" | "reverse" | "copy" | "values" | "iter" | "into_iter" | "collect"
            | "to_vec"
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
            "find" | "at" | "pop" | "shift" => {
                Meaning::any(items.iter().take(32).map(|item| self.force(&item.value)).collect())
            }
            _ => return None,
        })
    }

    fn flat(&self, items: &[Item]) -> Meaning {
        let mut all = Vec::new();
        for item in items {
            match self.items(&item.value) {
                Some(inner) => {
                    all.extend(inner.into_iter().map(|one| Item { optional: one.optional || item.optional, ..one }))
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

    fn applied_to(&self, at: ValueRef, callee: Option<Meaning>, element: Meaning) -> Meaning {
        match callee {
            Some(Meaning::Function(function, captured, this)) => {
                let arguments = vec![Passed { name: None, value: element, is_rest: false }];
                self.returned(function, arguments, this, Some(at), &captured)
            }
            _ => Meaning::Unknown("made by a function that is not known"),
        }
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
        _kind: CallKind,
    ) -> Option<Meaning> {
        let first = || arguments.first().map(|argument| self.force(&argument.value));
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
                        Meaning::Map(entries) => all.extend(entries.iter().cloned()),
                        Meaning::Null => {}
                        other => return (all.is_empty()).then_some(other),
                    }
                }
                Some(Meaning::Map(all.into()))
            }
            "require" | "import" => self.required(at, &first()?),
            "os.getenv" | "os.environ.get" => None,
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

    /// The value that a name holds, with what is later added to it.
    pub(super) fn changed(&self, at: ValueRef, name: &Name, found: Meaning, frame: &Frame) -> Meaning {
        if !matches!(found, Meaning::List(_) | Meaning::Map(_)) {
            return found;
        }
        let Some(origin) = self.origin_of(at, name) else { return found };
        let changes = self.changes_of(at.module);
        let Some(changes) = changes.get(&(origin, name.clone())) else { return found };
        let mut result = found;
        for (change, base) in changes {
            if *base == at.id || self.changing.borrow().contains(&(at.module, change.place)) {
                continue;
            }
            self.changing.borrow_mut().push((at.module, change.place));
            result = self.deeper(|| self.with_change(at.module, change, &result, frame)).unwrap_or(result);
            self.changing.borrow_mut().pop();
        }
        result
    }

    /// The changes of a module that add to what is held, by who holds it.
    fn changes_of(&self, module: crate::flow::ModuleId) -> Rc<Changes> {
        if let Some(known) = self.changes.borrow().get(&module) {
            return known.clone();
        }
        let mut all = Changes::new();
        for (name, changes) in &self.scopes(module).changes {
            for change in changes.iter().filter(|change| self.is_change(module, change)) {
                let (base, _) = self.change_base(module, change);
                if let Some(origin) = self.origin_of(base, name) {
                    all.entry((origin, name.clone())).or_default().push((change.clone(), base.id));
                }
            }
        }
        let all = Rc::new(all);
        self.changes.borrow_mut().insert(module, all.clone());
        all
    }

    fn is_change(&self, module: crate::flow::ModuleId, change: &Change) -> bool {
        match (&change.value, self.kind(In { module, id: change.place })) {
            (None, ValueKind::Call(call)) => match &self.program.module(module).value(call.callee).kind {
                ValueKind::Field { name, .. } => {
                    matches!(
                        name.as_str(),
                        "append" | "push" | "extend" | "unshift" | "add" | "set" | "update" | "insert"
                    )
                }
                _ => false,
            },
            (Some(_), ValueKind::Index { .. } | ValueKind::Field { .. }) => true,
            _ => false,
        }
    }

    fn change_base(&self, module: crate::flow::ModuleId, change: &Change) -> (ValueRef, Name) {
        let place = In { module, id: change.place };
        let (base, name) = match self.kind(place) {
            ValueKind::Call(call) => match &self.program.module(module).value(call.callee).kind {
                ValueKind::Field { base, name } => (*base, name.clone()),
                _ => (call.callee, Name::default()),
            },
            ValueKind::Index { base, .. } => (*base, Name::new("[]")),
            ValueKind::Field { base, name } => (*base, name.clone()),
            _ => (change.place, Name::default()),
        };
        (In { module, id: base }, name)
    }

    /// What identifies the holder of a value: the function that binds the name, or the class of the receiver.
    fn origin_of(&self, at: ValueRef, name: &Name) -> Option<Holder> {
        let module = self.module(at);
        let scopes = self.scopes(at.module);
        let mut function = scopes.owner[at.id.index()];
        match self.kind(at) {
            ValueKind::Name(_) => {
                for _ in 0..64 {
                    if scopes.bindings[function.index()].contains_key(name) {
                        return Some((0, function.0));
                    }
                    function = module.function(function).parent?;
                }
                None
            }
            ValueKind::Field { base, .. } => match &module.value(*base).kind {
                ValueKind::This => Some((1, module.function(crate::flow::method_around(module, function)?).class?.0)),
                ValueKind::Name(receiver) => {
                    let method = crate::flow::method_around(module, function)?;
                    let first = module.function(method).parameters.first()?;
                    let is_receiver = first.kind == ParameterKind::Receiver && first.name() == Some(receiver);
                    if is_receiver { Some((1, module.function(method).class?.0)) } else { None }
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn with_change(&self, module: crate::flow::ModuleId, change: &Change, before: &Meaning, frame: &Frame) -> Meaning {
        let place = In { module, id: change.place };
        let mut turns = vec![(frame.clone(), false)];
        self.open_turns(place, &mut turns);
        let mut result = before.clone();
        for (frame, optional) in turns {
            result = self.once_changed(place, change, &result, &frame, optional);
        }
        result
    }

    /// One frame for each turn of the loops around a place, and whether the place may be skipped.
    fn open_turns(&self, place: ValueRef, turns: &mut Vec<(Frame, bool)>) {
        use crate::flow::scope::ContextKind;
        let around: Vec<ContextKind> = self.scopes(place.module).around(place.id).cloned().collect();
        for context in around.iter().rev() {
            match context {
                ContextKind::Plain | ContextKind::Class(_) => {}
                ContextKind::Branch(test, when) => {
                    let test = In { module: place.module, id: *test };
                    turns.retain_mut(|(frame, optional)| match self.decided(test, frame) {
                        Some(is) => is == *when,
                        None => {
                            *optional = true;
                            true
                        }
                    });
                }
                ContextKind::Arm(..) | ContextKind::Turns | ContextKind::Handler(_) => {
                    turns.iter_mut().for_each(|turn| turn.1 = true);
                }
                ContextKind::Each(over) => {
                    let over = In { module: place.module, id: *over };
                    let mut inner = Vec::new();
                    for (frame, optional) in turns.iter() {
                        match self.items(&self.meaning(over, frame)) {
                            Some(items) if items.len() <= 512 => inner.extend(items.into_iter().map(|item| {
                                let optional = *optional || item.optional;
                                let element = if item.is_rest {
                                    Meaning::Unknown("an element that is not known")
                                } else {
                                    item.value
                                };
                                (push(frame, Within::Turn(over, element)), optional)
                            })),
                            _ => {
                                let unknown = Meaning::Unknown("an element of a collection that is not known");
                                inner.push((push(frame, Within::Turn(over, unknown)), true));
                            }
                        }
                    }
                    *turns = inner;
                }
            }
        }
    }

    fn once_changed(
        &self,
        place: ValueRef,
        change: &Change,
        before: &Meaning,
        frame: &Frame,
        optional: bool,
    ) -> Meaning {
        let (_, method) = self.change_base(place.module, change);
        let passed = || self.passed(place, frame);
        match (before, method.as_str(), change.value) {
            (Meaning::List(items), "append" | "push" | "unshift" | "add" | "insert", None) => {
                let skipped = usize::from(method == "insert");
                let added = passed().into_iter().skip(skipped);
                let added = added.map(|one| Item { value: one.value, optional, is_rest: one.is_rest });
                Meaning::List(items.iter().cloned().chain(added).collect())
            }
            (Meaning::List(_), "extend" | "update", None) => match passed().first() {
                Some(more) => self.joined(before, &self.force(&more.value), optional),
                None => before.clone(),
            },
            (Meaning::Map(entries), "set", None) if passed().len() == 2 => {
                let passed = passed();
                let key = match self.force(&passed[0].value) {
                    Meaning::Text(name, span) => Some(Key { name, span }),
                    _ => None,
                };
                let entry = Entry { key, value: passed[1].value.clone(), optional };
                Meaning::Map(entries.iter().cloned().chain([entry]).collect())
            }
            (Meaning::Map(entries), "update", None) => match passed().first().map(|more| self.force(&more.value)) {
                Some(Meaning::Map(more)) => Meaning::Map(entries.iter().chain(more.iter()).cloned().collect()),
                Some(other) => {
                    let rest = Entry { key: None, value: other, optional };
                    Meaning::Map(entries.iter().cloned().chain([rest]).collect())
                }
                None => before.clone(),
            },
            (Meaning::Map(entries), "[]", Some(value)) => {
                let ValueKind::Index { key, .. } = self.kind(place) else { return before.clone() };
                let key = match self.meaning(In { module: place.module, id: *key }, frame) {
                    Meaning::Text(name, span) => Some(Key { name, span }),
                    _ => None,
                };
                let value = Meaning::Later(In { module: place.module, id: value }, frame.clone());
                Meaning::Map(entries.iter().cloned().chain([Entry { key, value, optional }]).collect())
            }
            (Meaning::Map(entries), name, Some(value)) => {
                let value = Meaning::Later(In { module: place.module, id: value }, frame.clone());
                let key = Some(Key { name: Name::new(name), span: self.span(place) });
                Meaning::Map(entries.iter().cloned().chain([Entry { key, value, optional }]).collect())
            }
            _ => before.clone(),
        }
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

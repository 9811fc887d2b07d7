//! What parsers of command lines give when no flag is set: the declared defaults, and nothing for the rest.

use super::*;
use crate::flow::meaning::Passed;

/// Methods that end a chain of declarations.
const PARSE: &[&str] = &["parse", "parseSync", "parseAsync", "parse_args", "parse_known_args", "opts", "argv"];
/// Methods that declare flags.
const DECLARE: &[&str] = &["option", "options", "requiredOption", "add_argument", "default", "positional"];
/// Packages whose decorators `option` and `argument` fill a parameter from the command line.
const CLICK: &[&str] = &["click", "rich_click", "asyncclick", "click_option_group", "cloup"];
/// Longest chain of calls.
const MAX_CHAIN: usize = 200;

impl Unset<'_, '_> {
    /// What a call gives, if it parses a command line.
    pub(super) fn options(&self, at: ValueRef, frame: &Frame) -> Option<Meaning> {
        let ValueKind::Call(call) = self.flow.kind(at) else { return None };
        let callee = In { module: at.module, id: call.callee };
        if let Meaning::Outside(name) = self.flow.asking(|| self.flow.meaning(callee, frame)).0
            && name == "util#parseArgs"
        {
            return self.declared_at_once(at, frame);
        }
        let ValueKind::Field { base, name } = self.flow.kind(callee) else { return None };
        PARSE.contains(&name.as_str()).then(|| self.options_of(In { module: at.module, id: *base }, frame))?
    }

    /// The flags that a parser declares, with their defaults.
    pub(super) fn options_of(&self, parser: ValueRef, frame: &Frame) -> Option<Meaning> {
        let mut entries = Vec::new();
        let mut declares = false;
        for call in self.calls_of(parser).iter().copied() {
            let ValueKind::Call(code) = self.flow.kind(call) else { continue };
            let ValueKind::Field { name, .. } = self.flow.kind(In { module: call.module, id: code.callee }) else {
                continue;
            };
            if DECLARE.contains(&name.as_str()) {
                declares = true;
                self.declared(name, &self.flow.passed(call, frame), call, &mut entries);
            }
        }
        declares.then(|| Meaning::Map(entries.into()))
    }

    /// The calls on a parser, in one chain with it or in statements of their own. Many switches ask the same parser.
    fn calls_of(&self, parser: ValueRef) -> Rc<[ValueRef]> {
        if let Some(known) = self.flow.parsers.borrow().get(&parser) {
            return known.clone();
        }
        let mut calls = Vec::new();
        let root = self.chain(parser, &mut calls);
        if let ValueKind::Name(name) = self.flow.kind(root) {
            self.statements(root, name, &mut calls);
        }
        let calls: Rc<[ValueRef]> = calls.into();
        self.flow.parsers.borrow_mut().insert(parser, calls.clone());
        calls
    }

    /// The calls of a chain, and what it begins with.
    fn chain(&self, from: ValueRef, calls: &mut Vec<ValueRef>) -> ValueRef {
        let mut at = from;
        for _ in 0..MAX_CHAIN {
            at = match self.flow.kind(at) {
                ValueKind::Call(call) => match self.flow.kind(In { module: at.module, id: call.callee }) {
                    ValueKind::Field { base, .. } => {
                        calls.push(at);
                        In { module: at.module, id: *base }
                    }
                    _ => return at,
                },
                ValueKind::Await(inner) => In { module: at.module, id: *inner },
                ValueKind::Name(_) => match self.flow.defined_as(at) {
                    Some(defined) if defined != at && self.is_chain(defined) => defined,
                    _ => return at,
                },
                _ => return at,
            };
        }
        at
    }

    fn is_chain(&self, value: ValueRef) -> bool {
        let ValueKind::Call(call) = self.flow.kind(value) else { return false };
        matches!(self.flow.kind(In { module: value.module, id: call.callee }), ValueKind::Field { .. })
    }

    /// Declarations in statements of their own: `parser.add_argument(…)`.
    fn statements(&self, root: ValueRef, name: &Name, calls: &mut Vec<ValueRef>) {
        for call in &self.flow.scopes(root.module).calls {
            let at = In { module: root.module, id: *call };
            if calls.contains(&at) || !self.is_chain(at) {
                continue;
            }
            let mut own = Vec::new();
            let start = self.chain(at, &mut own);
            if matches!(self.flow.kind(start), ValueKind::Name(other) if other == name) {
                calls.extend(own.into_iter().filter(|one| !calls.contains(one)).collect::<Vec<_>>());
            }
        }
    }

    fn declared(&self, method: &str, passed: &[Passed], at: ValueRef, entries: &mut Vec<Entry>) {
        let plain: Vec<Meaning> = passed
            .iter()
            .filter(|argument| argument.name.is_none())
            .map(|argument| self.settled(argument.value.clone()))
            .collect();
        let named = |name: &str| {
            let found = passed.iter().find(|argument| argument.name.as_deref() == Some(name));
            found.map(|argument| self.settled(argument.value.clone()))
        };
        match (method, &plain[..]) {
            ("options", [Meaning::Map(options), ..]) => {
                for option in options.iter() {
                    let Some(key) = &option.key else {
                        entries.push(Entry { key: None, value: UNKNOWN, optional: false });
                        continue;
                    };
                    let told = self.settled(option.value.clone());
                    let default = self.member(&told, &Name::new_static("default"));
                    self.note(&key.name, default, at, entries);
                }
            }
            ("default", [Meaning::Text(name, _), value, ..]) => self.note(name, value.clone(), at, entries),
            ("add_argument", flags) => {
                let flag = flags.iter().filter_map(Meaning::text).max_by_key(|flag| flag.len());
                let Some(name) = named("dest").and_then(|dest| dest.text().cloned()).or(flag.cloned()) else { return };
                let default = named("default").unwrap_or_else(|| match named("action") {
                    Some(Meaning::Text(action, _)) => Meaning::Bool(action == "store_false"),
                    _ => Meaning::Null,
                });
                self.note(&name, default, at, entries);
            }
            ("option" | "requiredOption" | "positional", [Meaning::Text(name, _), rest @ ..]) => {
                let long = name.split([' ', ',', '|', '=']).find(|word| word.starts_with("--")).unwrap_or(name);
                let default = match rest {
                    [told @ Meaning::Map(_), ..] => self.member(told, &Name::new_static("default")),
                    // `--no-x` of commander is on until it is given.
                    _ if long.starts_with("--no-") => Meaning::Bool(true),
                    [_, default, ..] if method != "positional" => default.clone(),
                    _ => Meaning::Null,
                };
                self.note(long.trim_start_matches("--no-"), default, at, entries);
            }
            _ => entries.push(Entry { key: None, value: UNKNOWN, optional: false }),
        }
    }

    /// What a parameter is given by a decorator of click: `@click.option("--host", default="127.0.0.1")`.
    pub(super) fn option_of(&self, function: FunctionRef, parameter: Option<&Name>) -> Option<Meaning> {
        let of = |id| In { module: function.module, id };
        let mut found = None;
        for decorator in &self.flow.function(function).decorators {
            let ValueKind::Call(call) = self.flow.kind(of(*decorator)) else { continue };
            let callee = self.flow.asking(|| self.flow.meaning(of(call.callee), &None)).0;
            if !matches!(&callee, Meaning::Outside(name) if is_of_click(name)) {
                continue;
            }
            let passed = self.flow.passed(of(*decorator), &None);
            if option_name(self, &passed).as_deref() == parameter.map(Name::as_str) {
                found = Some(self.option_default(&passed));
            }
        }
        self.asked.set(self.asked.get() || found.is_some());
        found
    }

    /// What commander hands to an action behind the arguments: `.option("--host <host>", "…", "127.0.0.1").action((options) => …)`.
    pub(super) fn options_of_action(&self, function: FunctionRef, position: usize) -> Option<Meaning> {
        let is_own = |at: ValueRef| matches!(self.flow.kind(at), ValueKind::Function(id) if *id == function.id && at.module == function.module);
        for action in self.flow.calls_named("action").iter().copied().take(MAX_CHAIN) {
            let ValueKind::Call(code) = self.flow.kind(action) else { continue };
            if !code.arguments.first().is_some_and(|first| is_own(In { module: action.module, id: first.value })) {
                continue;
            }
            let ValueKind::Field { base, .. } = self.flow.kind(In { module: action.module, id: code.callee }) else {
                return None;
            };
            let parser = In { module: action.module, id: *base };
            let before = self.calls_of(parser).iter().map(|call| self.takes(*call)).sum::<usize>();
            self.asked.set(true);
            return self.options_of(parser, &None).filter(|_| before == position);
        }
        None
    }

    /// How many arguments a call of commander declares: `.argument("<file>")`, `.command("run <file> [more]")`.
    fn takes(&self, call: ValueRef) -> usize {
        let ValueKind::Call(code) = self.flow.kind(call) else { return 0 };
        let ValueKind::Field { name, .. } = self.flow.kind(In { module: call.module, id: code.callee }) else {
            return 0;
        };
        let text = code.arguments.first().map(|first| self.flow.kind(In { module: call.module, id: first.value }));
        match (name.as_str(), text) {
            ("argument", _) => 1,
            ("command" | "arguments", Some(ValueKind::Text(text))) => text.matches(['<', '[']).count(),
            _ => 0,
        }
    }

    fn option_default(&self, passed: &[Passed]) -> Meaning {
        let named = |name: &str| {
            let found = passed.iter().find(|argument| argument.name.as_deref() == Some(name));
            found.map(|argument| self.settled(argument.value.clone()))
        };
        match (named("default"), named("is_flag")) {
            (Some(default), _) => default,
            (None, Some(Meaning::Bool(true))) => Meaning::Bool(false),
            _ => Meaning::Null,
        }
    }

    /// Notes a flag under each way of writing its name.
    fn note(&self, flag: &str, default: Meaning, at: ValueRef, entries: &mut Vec<Entry>) {
        let bare = flag.trim_start_matches('-');
        let span = self.flow.span(at);
        for name in [bare.to_string(), camel(bare), bare.replace('-', "_")] {
            let key = Some(Key { name: Name::new(name), span });
            entries.push(Entry { key, value: default.clone(), optional: false });
        }
    }

    /// `parseArgs({options: {…}})` of Node.
    fn declared_at_once(&self, at: ValueRef, frame: &Frame) -> Option<Meaning> {
        let passed = self.flow.passed(at, frame);
        let told = self.settled(passed.first()?.value.clone());
        let options = self.member(&told, &Name::new_static("options"));
        let mut entries = Vec::new();
        let argument = Passed { name: None, value: options, is_rest: false };
        self.declared("options", &[argument], at, &mut entries);
        let key = Some(Key { name: Name::new_static("values"), span: self.flow.span(at) });
        Some(Meaning::Map([Entry { key, value: Meaning::Map(entries.into()), optional: false }].into()))
    }
}

/// `click.option`, `click_option_group.optgroup.option`
fn is_of_click(name: &str) -> bool {
    let package = name.split('.').next().unwrap_or_default();
    CLICK.contains(&package) && matches!(name.rsplit('.').next(), Some("option" | "argument"))
}

/// The parameter that an option of click fills: what is written without hyphens, else the first long flag.
fn option_name(unset: &Unset<'_, '_>, passed: &[Passed]) -> Option<String> {
    let plain = passed.iter().filter(|argument| argument.name.is_none());
    let words: Vec<Name> = plain.filter_map(|argument| unset.settled(argument.value.clone()).text().cloned()).collect();
    let own = words.iter().find(|word| !word.starts_with('-'));
    let long = || words.iter().max_by_key(|word| (word.starts_with("--"), std::cmp::Reverse(word.len())));
    let word = own.or_else(long)?.split('/').next()?.trim_start_matches('-').to_string();
    Some(word.replace('-', "_"))
}

/// `read-only` as `readOnly`.
fn camel(name: &str) -> String {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |mut all, part| {
        let mut letters = part.chars();
        all.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        all.push_str(letters.as_str());
        all
    })
}

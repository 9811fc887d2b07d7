//! What parsers of command lines give when no flag is set: the declared defaults, and nothing for the rest.

use super::*;
use crate::flow::meaning::Passed;

/// Methods that end a chain of declarations.
const PARSE: &[&str] = &["parse", "parseSync", "parseAsync", "parse_args", "parse_known_args", "opts", "argv"];
/// Methods that declare flags.
const DECLARE: &[&str] = &["option", "options", "requiredOption", "add_argument", "default", "positional"];
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

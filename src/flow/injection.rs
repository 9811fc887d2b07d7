//! What a container injects: the table `rules/injection.yml`.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::code::{Call, Function, Language, Module, Name, ParameterKind, ValueId, ValueKind};
use crate::flow::meaning::{Item, Made, Meaning, Passed, value_in};
use crate::flow::{ClassRef, Flow, FunctionRef, Program, ValueRef};

/// Calls between a registration and where the value that it gives is known.
const WAY: u32 = 2;
/// What gives the same symbol for the same text.
const SHARED: &str = "Symbol.for";
/// Most registrations under one token that are followed.
const MAX_GIVEN: usize = 512;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    packages: Vec<Name>,
    injectable: Vec<Name>,
    one: Vec<Name>,
    all: Vec<Name>,
    makes: Vec<Name>,
    makes_all: Vec<Name>,
    registers: Vec<Registers>,
}

/// A method that registers something under a token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registers {
    method: String,
    /// The method before it in the chain, where that is given the token.
    #[serde(default)]
    after: Option<Name>,
    /// What it is a method of, where its own name says too little.
    #[serde(default)]
    on: Option<Name>,
    gives: Vec<Gives>,
}

/// Where the value stands that is registered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gives {
    argument: usize,
    #[serde(default)]
    member: Option<Name>,
    #[serde(default)]
    how: How,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum How {
    /// It is the value.
    #[default]
    Value,
    /// It is the class of the value.
    Made,
    /// Its result is the value.
    Called,
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let text = crate::embedded::text("injection.yml").unwrap_or_default();
        serde_yaml::from_str(text).expect("a test reads the built-in table")
    })
}

/// Whether anything in a program is made by a container.
pub(super) fn is_used(program: &Program) -> bool {
    let words = words();
    program.modules.iter().filter(|module| module.language == Language::TypeScript).any(|module| {
        let has = |decorators: &[ValueId], among: &[Name]| {
            decorators
                .iter()
                .any(|decorator| decorator_word(module, *decorator).is_some_and(|word| among.contains(word)))
        };
        let parameters = module.functions.iter().flat_map(|function| &function.parameters);
        module.imports.iter().any(|import| words.packages.contains(&import.module))
            || module.classes.iter().any(|class| has(&class.decorators, &words.injectable))
            || parameters.into_iter().any(|one| has(&one.decorators, &words.one) || has(&one.decorators, &words.all))
    })
}

/// The last word of what decorates: `inject` in `tsyringe.inject(Token)`.
fn decorator_word(module: &Module, decorator: ValueId) -> Option<&Name> {
    let callee = match &module.value(decorator).kind {
        ValueKind::Call(call) => call.callee,
        _ => decorator,
    };
    match &module.value(callee).kind {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => Some(name),
        ValueKind::Sequence(parts) => decorator_word(module, *parts.last()?),
        _ => None,
    }
}

impl Flow<'_> {
    /// What a container hands a constructor for a parameter.
    pub(super) fn injected(&self, function: FunctionRef, code: &Function, position: usize) -> Option<Meaning> {
        let parameter = code.parameters.get(position).filter(|one| !one.decorators.is_empty())?;
        if !self.index.is_injecting || parameter.kind == ParameterKind::Receiver {
            return None;
        }
        let module = self.module(function);
        parameter.decorators.iter().find_map(|decorator| {
            let word = decorator_word(module, *decorator)?;
            let ValueKind::Call(call) = &module.value(*decorator).kind else { return None };
            let token = self.meaning(value_in(function.module, call.arguments.first()?.value), &None);
            match (words().one.contains(word), words().all.contains(word)) {
                (true, _) => self.registered_as_one(&token),
                (_, true) => self.registered(&token).map(|all| Meaning::List(all.into())),
                _ => None,
            }
        })
    }

    /// What `container.resolve(X)` gives: an object of a class that may be injected, or what is registered under a token.
    /// Other things are asked by texts too: with a text, `of` must be a container.
    pub(super) fn made_by_container(&self, of: &Meaning, method: &str, arguments: &[Passed]) -> Option<Meaning> {
        let (one, all) = (words().makes.iter(), words().makes_all.iter());
        let is_all = all.map(Name::as_str).any(|word| word == method);
        if !self.index.is_injecting || !(is_all || one.map(Name::as_str).any(|word| word == method)) {
            return None;
        }
        let token = self.force(&arguments.first()?.value);
        if !is_token(&token) || matches!(token, Meaning::Text(..)) && !is_container(of) {
            return None;
        }
        match (&token, is_all) {
            (Meaning::Class(class), false) if self.is_injectable(*class) => {
                Some(self.registered_as_one(&token).unwrap_or(Meaning::This(*class)))
            }
            (_, false) => self.registered_as_one(&token),
            (_, true) => self.registered(&token).map(|all| Meaning::List(all.into())),
        }
    }

    fn is_injectable(&self, class: ClassRef) -> bool {
        let module = self.module(class);
        let is_word = |decorator: &ValueId| {
            decorator_word(module, *decorator).is_some_and(|word| words().injectable.contains(word))
        };
        self.class(class).decorators.iter().any(is_word)
    }

    fn registered_as_one(&self, token: &Meaning) -> Option<Meaning> {
        let all = self.registered(token)?;
        Some(Meaning::any(all.into_iter().map(|item| self.force(&item.value)).collect()))
    }

    /// What is registered under a token anywhere in the tree, and nothing where that is nothing.
    fn registered(&self, token: &Meaning) -> Option<Vec<Item>> {
        if self.finds_callers.get() {
            return None;
        }
        let mut found = Vec::new();
        for registers in &words().registers {
            for call in self.calls_named(&registers.method) {
                if found.len() < MAX_GIVEN && self.is_under(*call, registers, token) {
                    self.deeper(|| self.add_given(*call, registers, &mut found))?;
                }
            }
        }
        (!found.is_empty()).then_some(found)
    }

    /// Whether a call registers under a token.
    fn is_under(&self, at: ValueRef, registers: &Registers, token: &Meaning) -> bool {
        let ValueKind::Call(call) = self.kind(at) else { return false };
        let named = match &registers.after {
            None => (call.arguments.len() > 1 && self.is_on(at, call, registers)).then_some(&**call),
            Some(before) => self.chained(at, call, before),
        };
        let Some(first) = named.and_then(|call| call.arguments.first()) else { return false };
        let other = self.meaning(value_in(at.module, first.value), &None);
        is_same_token(self, &other, token)
    }

    fn is_on(&self, at: ValueRef, call: &Call, registers: &Registers) -> bool {
        let Some(on) = &registers.on else { return true };
        let ValueKind::Field { base, .. } = self.kind(value_in(at.module, call.callee)) else { return false };
        matches!(self.kind(value_in(at.module, *base)), ValueKind::Name(name) | ValueKind::Field { name, .. } if name == on)
    }

    /// The call of `before` whose result a method is called on: `c.bind(T)` of `c.bind(T).to(V)`.
    fn chained(&self, at: ValueRef, call: &Call, before: &Name) -> Option<&Call> {
        let ValueKind::Field { base, .. } = self.kind(value_in(at.module, call.callee)) else { return None };
        let ValueKind::Call(earlier) = self.kind(value_in(at.module, *base)) else { return None };
        match self.kind(value_in(at.module, earlier.callee)) {
            ValueKind::Field { name, .. } if name == before => Some(earlier),
            _ => None,
        }
    }

    fn add_given(&self, at: ValueRef, registers: &Registers, found: &mut Vec<Item>) {
        let probe = |frame: &_| self.passed(at, frame).iter().for_each(|argument| self.look(&argument.value, 3));
        let reached = self.frames_within(at, &probe, WAY);
        let mut turns: Vec<_> = reached.into_iter().map(|one| (one.frame, one.condition.is_some())).collect();
        self.open_turns(at, &[], &mut turns);
        for (frame, optional) in turns.into_iter().take(MAX_GIVEN) {
            let passed = self.passed(at, &frame);
            let value = registers.gives.iter().find_map(|gives| self.value_given(at, gives, &passed));
            found.extend(value.map(|value| Item { value, optional, is_rest: false }));
        }
    }

    fn value_given(&self, at: ValueRef, gives: &Gives, passed: &[Passed]) -> Option<Meaning> {
        let argument = self.force(&passed.get(gives.argument)?.value);
        let value = match (&gives.member, &argument) {
            (None, _) => argument,
            (Some(member), Meaning::Map(entries)) => {
                let entry = entries.iter().find(|entry| entry.key.as_ref().is_some_and(|key| key.name == *member))?;
                self.force(&entry.value)
            }
            (Some(_), _) => return None,
        };
        match (gives.how, value) {
            (How::Value, value) => Some(value),
            (How::Made, Meaning::Class(class)) => Some(Meaning::This(class)),
            (How::Called, Meaning::Function(function, captured, this)) => {
                Some(self.returned(function, Vec::new(), this, Some(at), &captured))
            }
            (How::Made | How::Called, _) => Some(Meaning::Unknown("made by a container")),
        }
    }
}

/// Whether something comes from a package of containers.
fn is_container(of: &Meaning) -> bool {
    match of {
        Meaning::Outside(name) => words()
            .packages
            .iter()
            .any(|package| name.strip_prefix(package.as_str()).is_some_and(|rest| rest.starts_with('#'))),
        Meaning::Made(made) => is_container(&made.callee),
        Meaning::Member(base, _) => is_container(base),
        _ => false,
    }
}

/// Whether something may be a token: a class, a text, a symbol, a member of an enumeration.
fn is_token(meaning: &Meaning) -> bool {
    symbol(meaning).is_some() || matches!(meaning, Meaning::Class(_) | Meaning::Text(..) | Meaning::Member(..))
}

/// Whether two tokens are one: the same class, text or symbol; `Symbol.for` gives the same one for the same text.
fn is_same_token(flow: &Flow, one: &Meaning, other: &Meaning) -> bool {
    match (symbol(one), symbol(other)) {
        (Some(a), Some(b)) if a.at == b.at => true,
        (Some(a), Some(b)) => {
            let text = |made: &Made| flow.force(&made.arguments.first()?.value).text().cloned();
            is_shared(a) && is_shared(b) && text(a).is_some() && text(a) == text(b)
        }
        _ => is_token(one) && one.is_same(other),
    }
}

fn symbol(meaning: &Meaning) -> Option<&Made> {
    match meaning {
        Meaning::Made(made) => {
            matches!(&made.callee, Meaning::Outside(name) if name == "Symbol" || name == SHARED).then_some(&**made)
        }
        _ => None,
    }
}

fn is_shared(symbol: &Made) -> bool {
    matches!(&symbol.callee, Meaning::Outside(name) if name == SHARED)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_read() {
        assert!(super::words().registers.iter().all(|registers| !registers.gives.is_empty()));
    }
}

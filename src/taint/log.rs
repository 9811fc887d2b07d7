//! What is put into a log: all arguments at once, and those that are named as credentials are.

use crate::code::{Language, Name, ParameterKind, Place};
use crate::flow::effects::Effect;
use crate::flow::meaning::value_in;
use crate::flow::{FunctionRef, Meaning};
use crate::source::Span;
use crate::taint::arrival::State;
use crate::taint::call::Calling;
use crate::taint::entry::{ALL_ARGUMENTS, ONE_ARGUMENT};
use crate::taint::headers::{self, ALL_HEADERS};
use crate::taint::join::mix;
use crate::taint::{Proofs, Shade, Walk, sent};

/// Functions that hand on what they are given, or one of it.
const HANDING: &[&str] = &[
    "and_then",
    "then",
    "ok",
    "nth",
    "next",
    "first",
    "last",
    "find",
    "filter",
    "flatten",
    "or_insert",
    "unwrap",
    "tap",
    "at",
    "Must",
    "await_",
    "resolve",
    "nullable",
    "Some",
    "Ok",
    "Just",
    "NewString",
    "ToString",
    "toString",
];
/// Words in the names of functions whose result may still hold the text that they are given.
const WRITERS: &[&str] = &[
    "str", "fmt", "format", "inspect", "dump", "json", "serial", "print", "concat", "join", "text", "repr", "encode",
    "dict", "map", "from", "entries", "clone", "copy", "merge", "assign", "pad", "just", "trim", "case", "normal",
    "repeat", "fill", "escape", "quote", "list", "array", "value", "items", "default", "prefix", "suffix", "replace",
    "split",
];
/// Names of functions that a program logs with.
const LOGGERS: &[&str] = &[
    "log",
    "debug",
    "info",
    "warn",
    "warning",
    "error",
    "trace",
    "fatal",
    "critical",
    "verbose",
    "notice",
    "silly",
    "exception",
    "print",
    "println",
    "printf",
    "debugf",
    "infof",
    "warnf",
    "errorf",
    "emit",
    "writelog",
];

impl<'a> Walk<'a> {
    /// Judges what a call puts into a log.
    pub(crate) fn logged(&mut self, calling: &Calling<'a>, effect: &Effect, call: &str, span: Span) {
        let given: Vec<Shade> = (0..calling.given.len()).map(|at| self.spoken(calling, at).whole()).collect();
        let all = mix(&given);
        let is_all = |name: &Name| [ALL_ARGUMENTS, ONE_ARGUMENT, ALL_HEADERS].contains(&name.as_str());
        let secret = |name: &Name| match headers::is_header(name) {
            true => is_all(name) || headers::is_credential(name),
            false => is_all(name) || is_credential(name),
        };
        let mut names: Vec<Name> = all.carries.keys().filter(|name| secret(name)).cloned().collect();
        if names.iter().any(|name| name == ALL_ARGUMENTS && !all.proofs_of(name).has(Proofs::LOG_SAFE)) {
            names.retain(|name| name == ALL_ARGUMENTS);
        }
        let place = self.logging_place(span);
        for name in names {
            let proofs = all.proofs_of(&name);
            if proofs.has(Proofs::LOG_SAFE) {
                continue;
            }
            let state = if proofs.any(Proofs::NUMBER | Proofs::CHOICE) {
                State::Guarded("a number or one of a fixed set")
            } else if name == ALL_ARGUMENTS && self.has_closed_arguments {
                State::Guarded("numbers, truth values and members of fixed sets, which is all that it is given")
            } else if proofs.has(Proofs::CODE_SAFE | Proofs::SQL_SAFE) {
                State::Guarded("a digest or another closed form")
            } else {
                State::Open
            };
            let carries = all.carries.get_key_value(&name).map(|(name, trail)| (name.clone(), trail.clone()));
            let one = Shade { carries: carries.into_iter().collect(), ..all.clone() };
            self.arrive_at(|_| Some(("input-logged-raw", state)), effect, call, (place, span), &one);
        }
    }

    /// What a log is told of an argument: an object of Go whose type says how it is written is what that says.
    fn spoken(&mut self, calling: &Calling<'a>, at: usize) -> Shade {
        let shade = calling.given.get(at).map(|given| given.shade.clone()).unwrap_or_default();
        match self.writer_of(calling, at) {
            Some(writer) if shade.holds_any() => {
                let frame = self.here().frame.clone();
                self.summary(writer, vec![shade.unnamed()], Shade::default(), frame, &[]).result.clone()
            }
            _ => shade,
        }
    }

    /// The method `String` or `LogValue` of an object that is put into a log: one that every value of its type has.
    fn writer_of(&mut self, calling: &Calling<'a>, at: usize) -> Option<FunctionRef> {
        if self.flow.module(calling.at).language != Language::Go || calling.given.len() != calling.code.arguments.len()
        {
            return None;
        }
        let class = self.type_of(value_in(calling.at.module, calling.code.arguments.get(at)?.value), 0)?;
        ["LogValue", "String"].iter().find_map(|name| {
            let found =
                self.flow.asking(|| self.flow.class_member(class, &Meaning::This(class), &Name::new(*name))).0?;
            let Meaning::Function(function, ..) = found else { return None };
            let code = self.flow.function(function);
            let receiver = code.parameters.first().filter(|one| one.kind == ParameterKind::Receiver)?;
            let Place::Name(_, named) = &receiver.place else { return None };
            let declared = Span { start: named.end, end: code.name_span.start, ..*named };
            (!self.flow.sources.slice(declared).contains('*')).then_some(function)
        })
    }

    /// What an unknown call gives back of credentials: another value, unless its name says that it writes or copies.
    pub(crate) fn credentials_spent(&self, calling: &Calling<'a>, mut result: Shade) -> Shade {
        if result.carries.is_empty() {
            return result;
        }
        let callee = self.flow.sources.slice(self.flow.span(value_in(calling.at.module, calling.code.callee)));
        let name = calling.method.as_deref().unwrap_or_else(|| callee.rsplit(['.', ':']).next().unwrap_or(callee));
        let plain = name.to_lowercase();
        let is_text = sent::is_text(name, callee) || HANDING.contains(&name);
        if is_text || WRITERS.iter().any(|word| plain.contains(word)) {
            return result;
        }
        let is_one = |name: &&Name| {
            if headers::is_header(name) {
                **name == ALL_HEADERS || headers::is_credential(name)
            } else {
                is_credential(name)
            }
        };
        let names: Vec<Name> = result.carries.keys().filter(is_one).cloned().collect();
        for name in names {
            *result.apart.entry(name).or_default() |= Proofs::LOG_SAFE;
        }
        result
    }

    /// Where the program speaks to its log: the call of its own logger, not what that does in turn.
    fn logging_place(&self, span: Span) -> Span {
        if self.path.len() + 1 != self.stack.len() {
            return span;
        }
        let is_logger = |at: &usize| self.stack.get(*at).is_some_and(|one| self.is_logger(one.function));
        let mut at = self.stack.len().saturating_sub(1);
        let mut place = span;
        while at > 0 && is_logger(&at) {
            at -= 1;
            place = self.path.get(at).map_or(place, |note| note.span);
        }
        place
    }

    /// Whether a function of the tree is one that a program logs with, by its name.
    pub(crate) fn is_logger(&self, function: crate::flow::FunctionRef) -> bool {
        let Some(name) = &self.flow.function(function).name else { return false };
        let plain: String = name.to_lowercase().chars().filter(|sign| *sign != '_').collect();
        LOGGERS.contains(&plain.as_str()) || plain.strip_prefix("log").is_some_and(|rest| LOGGERS.contains(&rest))
    }
}

/// Whether an argument of that name holds a credential.
fn is_credential(name: &str) -> bool {
    const WORDS: &[&str] =
        &["password", "passwd", "passphrase", "secret", "token", "apikey", "credential", "privatekey", "accesskey"];
    const COUNTS: &[&str] =
        &["maxtoken", "tokens", "tokenlimit", "tokencount", "tokenbudget", "secretname", "secretid"];
    // Where a list goes on, not who asks.
    const PLACES: &[&str] = &[
        "pagetoken",
        "nexttoken",
        "continuationtoken",
        "continuetoken",
        "paginationtoken",
        "synctoken",
        "cursortoken",
    ];
    if is_switch(name) {
        return false;
    }
    let plain = name.to_lowercase().replace(['_', '-'], "");
    let is_other = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    WORDS.iter().any(|word| plain.contains(word)) && !is_other(COUNTS) && !is_other(PLACES)
}

/// `stripCredentials`, `has_token`: whether a name says what is done with credentials, and not which one it is.
fn is_switch(name: &str) -> bool {
    const VERBS: &[&str] = &[
        "strip", "has", "is", "use", "include", "exclude", "skip", "require", "requires", "allow", "enable", "disable",
        "hide", "show", "mask", "redact", "with", "without", "no", "remove",
    ];
    let first = name.split(|sign: char| matches!(sign, '_' | '-') || sign.is_ascii_uppercase()).next();
    first.is_some_and(|first| first.len() < name.len() && VERBS.contains(&first))
}

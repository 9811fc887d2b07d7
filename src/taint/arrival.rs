//! An argument that arrives at an effect, and how dangerous that is.

use crate::flow::effects::{Form, Kind};
use crate::model::Note;
use crate::source::Span;
use crate::taint::address::{host, url};
use crate::taint::stages::pipeline;
use crate::taint::{Begin, Proofs, Shade};

/// What is said of an address that was looked up and is none of a private network.
pub(crate) const PUBLIC: &str = "an address that was resolved and is not private";

/// What is said of a value that is one of a set.
pub const CHOSEN: &str = "one of a fixed set";

/// How much stands between an argument and an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing.
    Open,
    /// Something that does not hold; the text says what.
    Weak(&'static str),
    /// Something that holds; the text says what.
    Guarded(&'static str),
}

/// An argument of a tool at an effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival {
    /// Class of the weakness, as the check that asks for it is called: `path-traversal`.
    pub class: &'static str,
    /// Where the effect is.
    pub span: Span,
    /// The argument.
    pub argument: String,
    /// What stands in between.
    pub state: State,
    /// What the effect does.
    pub kind: Kind,
    /// Full name of the call.
    pub call: String,
    /// The way of the argument, then the calls it went through.
    pub path: Vec<Note>,
}

/// What is said of a guard that lets all pass as long as nobody sets what it is held against.
const OFF: &str = "what it is held against is empty unless someone sets it, and then nothing is refused";
/// What is said of a guard that callers teach what to let pass.
const GROWN: &str = "callers add to what it is held against, so they choose what passes";

/// Class and state of a value that an effect reads in a form; nothing where it cannot be abused.
pub fn judge(form: Form, shade: &Shade) -> Option<(&'static str, State)> {
    let proofs = shade.proofs;
    if !shade.is_tainted() {
        return None;
    }
    let fixed = proofs.any(Proofs::NUMBER | Proofs::CHOICE);
    match form {
        Form::Data => None,
        Form::Path => Some(("path-traversal", path(proofs, fixed))),
        Form::Url => url(shade, fixed),
        Form::Host => Some(("ssrf", host(proofs, fixed))),
        Form::Shell => Some(("command-injection", shell(proofs, fixed))),
        Form::Argv => Some(("command-injection", if fixed { State::Guarded(CHOSEN) } else { State::Open })),
        Form::Sql => Some(sql(shade, fixed)),
        Form::Pipeline => Some(("free-text-to-interpreter", pipeline(proofs, fixed))),
        Form::Code => Some(("code-execution", code(proofs, fixed))),
        Form::Script => Some(("embedded-code-execution", code(proofs, fixed))),
        Form::Module if is_in_package(&shade.begin) => {
            Some(("code-execution", State::Guarded("a module below one package of the program's own choosing")))
        }
        Form::Module => Some(("code-execution", code(proofs, fixed || proofs.has(Proofs::PLAIN_NAME)))),
        Form::Template => Some(("template-injection", if fixed { State::Guarded(CHOSEN) } else { State::Open })),
        Form::Object => Some(("unsafe-deserialization", if fixed { State::Guarded(CHOSEN) } else { State::Open })),
        Form::Archive => Some(("unsafe-archive-extraction", if fixed { State::Guarded(CHOSEN) } else { State::Open })),
    }
}

/// Whether a dotted module name begins with a package: what follows only leads further down.
fn is_in_package(begin: &Begin) -> bool {
    matches!(begin, Begin::Text(text) if text.contains('.') && !text.starts_with('.') && !text.contains(['/', ':', '\\']))
}

fn path(proofs: Proofs, fixed: bool) -> State {
    if fixed {
        State::Guarded(CHOSEN)
    } else if proofs.has(Proofs::CONTAINED) {
        State::Guarded("resolved and inside a root")
    } else if proofs.has(Proofs::PLAIN_NAME) {
        State::Guarded("a plain file name")
    } else if proofs.has(Proofs::DOWNWARD) {
        State::Guarded("a path that leads nowhere upwards")
    } else if proofs.has(Proofs::BELOW) {
        State::Weak("it is checked below a root, and used without that root")
    } else if proofs.has(Proofs::WEAK_PIECES) {
        State::Weak("pieces of a path that was held as a whole are joined again, and `..` may be among them")
    } else if proofs.has(Proofs::WEAK_PREFIX) {
        State::Weak("the root is compared as text, so a sibling folder with the same beginning passes")
    } else if proofs.has(Proofs::WEAK_ORDER) {
        State::Weak("the root is compared before the path is resolved, so `..` and links pass")
    } else if proofs.has(Proofs::WEAK_DENY) {
        State::Weak("the path is held against what is forbidden, not against a root")
    } else if proofs.any(Proofs::WEAK_UNSET | Proofs::WEAK_GROWN) {
        held_by_settings(proofs)
    } else if proofs.has(Proofs::URL_WORD) {
        State::Weak("separators are encoded, `..` alone is not")
    } else {
        State::Open
    }
}

/// Judges a path that is held inside a root: a link there leads wherever it was made to lead.
pub(crate) fn links(proofs: Proofs) -> Option<State> {
    let fixed = Proofs::NUMBER | Proofs::CHOICE | Proofs::PLAIN_NAME;
    match proofs.has(Proofs::CONTAINED) && !proofs.any(fixed) {
        true if proofs.has(Proofs::HELD) => Some(State::Guarded("held inside a root after its links were resolved")),
        true => Some(State::Weak("its text is held inside a root, its links are not resolved")),
        false => None,
    }
}

fn shell(proofs: Proofs, fixed: bool) -> State {
    if fixed {
        State::Guarded(CHOSEN)
    } else if proofs.has(Proofs::SHELL_WORD) {
        State::Guarded("one word to the shell")
    } else if proofs.has(Proofs::WEAK_PART) {
        State::Weak("only a piece of it is checked, and the whole is run")
    } else if proofs.has(Proofs::WEAK_QUOTE) {
        State::Weak("quoted by hand")
    } else if proofs.has(Proofs::WEAK_DENY) {
        State::Weak("held against what is forbidden")
    } else {
        held_by_settings(proofs)
    }
}

fn sql(shade: &Shade, fixed: bool) -> (&'static str, State) {
    let whole = match &shade.begin {
        Begin::Argument => true,
        Begin::Text(text) => says_nothing(text),
        Begin::Own | Begin::Nothing => false,
    };
    let class = if whole { "free-text-to-interpreter" } else { "sql-injection" };
    let state = if fixed {
        State::Guarded(CHOSEN)
    } else if shade.proofs.any(Proofs::SQL_SAFE) {
        State::Guarded("an identifier or literal made safe")
    } else if shade.proofs.any(Proofs::WEAK_SQL | Proofs::WEAK_DENY | Proofs::WEAK_PART) {
        State::Weak("keywords are looked for in the text")
    } else {
        held_by_settings(shade.proofs)
    };
    (class, state)
}

/// Whether a text before a statement leaves the statement what it is: a comment, or a word that has it explained.
pub(crate) fn says_nothing(text: &str) -> bool {
    let mut rest = text.trim();
    loop {
        let after = match (rest.strip_prefix("/*"), rest.strip_prefix("--")) {
            (Some(comment), _) => comment.split_once("*/"),
            (None, Some(comment)) => comment.split_once('\n'),
            (None, None) => break,
        };
        rest = after.map_or("", |(_, after)| after).trim_start();
    }
    let words = rest.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    const EXPLAIN: &[&str] = &["EXPLAIN", "ANALYZE", "VERBOSE", "FORMAT", "JSON", "QUERY", "PLAN", "FOR", "PROFILE"];
    words.map(str::to_ascii_uppercase).all(|word| EXPLAIN.contains(&word.as_str()))
}

/// Judges SQL that may hold several statements.
pub(crate) fn statements(proofs: Proofs) -> State {
    if proofs.any(Proofs::NUMBER | Proofs::CHOICE) {
        State::Guarded(CHOSEN)
    } else if proofs.has(Proofs::SQL_SAFE) {
        State::Guarded("an identifier or literal made safe")
    } else if proofs.has(Proofs::ONE_STATEMENT) {
        State::Guarded("text in which a semicolon is refused")
    } else if proofs.any(Proofs::WEAK_SQL | Proofs::WEAK_DENY | Proofs::WEAK_PART) {
        State::Weak("keywords are looked for in the text")
    } else {
        State::Open
    }
}

/// What is left where nothing else was proven: whether what it is held against is anything at all.
pub(crate) fn held_by_settings(proofs: Proofs) -> State {
    match (proofs.has(Proofs::WEAK_UNSET), proofs.has(Proofs::WEAK_GROWN)) {
        (true, _) => State::Weak(OFF),
        (_, true) => State::Weak(GROWN),
        _ => State::Open,
    }
}

fn code(proofs: Proofs, fixed: bool) -> State {
    if fixed || proofs.has(Proofs::CODE_SAFE) {
        State::Guarded(CHOSEN)
    } else if proofs.has(Proofs::WEAK_DENY) {
        State::Weak("held against what is forbidden")
    } else {
        held_by_settings(proofs)
    }
}

//! Declarations of languages whose effects are not analysed: types, functions, annotations, and what calls are told.
//!
//! One walk over the syntax tree, without recursion, by a table of node kinds for each language ([`grammar`]). What a
//! call is told is kept as far as it is written down: texts, names, lists, further calls.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, Parser, Tree};

use crate::code::{Name, limits};
use crate::gap::{Gap, GapKind};
use crate::source::{SourceId, Span};

mod grammar;
mod term;
mod walk;

pub use grammar::Tongue;
pub use term::Term;

/// Turns of the parser after the first fault: recovery from nonsense may look back over the whole file each time.
const RECOVERY: usize = 100;

/// Signs on one line, at most: parsers of these grammars take time with the square of it.
const MAX_SIGNS: usize = 3_000;

/// The declarations of one file.
#[derive(Debug)]
pub struct Outline {
    /// The file.
    pub source: SourceId,
    /// What it was written in.
    pub tongue: Tongue,
    /// Full names that are imported, dotted; everything of a package is `package.*`.
    pub imports: Vec<Name>,
    /// Types in order of writing.
    pub types: Vec<Type>,
    /// Functions and methods in order of writing.
    pub functions: Vec<Function>,
    /// Calls and constructions, outer before inner.
    pub calls: Vec<Call>,
    /// Values of constants, by name, and by type and name.
    pub constants: BTreeMap<Name, Term>,
}

/// A class, record or module.
#[derive(Clone, Debug)]
pub struct Type {
    /// Its name.
    pub name: Name,
    /// Place of the name.
    pub span: Span,
    /// Names of what it extends and implements, dotted.
    pub bases: Vec<Name>,
    /// Annotations.
    pub marks: Vec<Mark>,
    /// Comment above it.
    pub documentation: Option<(Name, Span)>,
}

/// A function or method.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Place of the name.
    pub span: Span,
    /// Annotations.
    pub marks: Vec<Mark>,
    /// Comment above it.
    pub documentation: Option<(Name, Span)>,
    /// The type it stands in.
    pub of: Option<usize>,
}

/// An annotation or attribute.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its name as written, dotted.
    pub name: Name,
    /// What it is told.
    pub arguments: Vec<Given>,
    /// The whole of it.
    pub span: Span,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Given {
    /// Keyword, where it has one.
    pub name: Option<Name>,
    /// What is passed.
    pub term: Term,
    /// Where it is written.
    pub span: Span,
}

/// A call of a function, method or constructor.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called, without what it is called on.
    pub method: Name,
    /// What it is called on, where that is a name: `server`, `McpSchema.Tool`.
    pub on: Option<Name>,
    /// The call that it is called on.
    pub receiver: Option<usize>,
    /// What it is told; members that are set on a new object are arguments with a name.
    pub arguments: Vec<Given>,
    /// The whole of it.
    pub span: Span,
    /// The type it stands in, where it stands in no function.
    pub of: Option<usize>,
    /// Number in the syntax tree, and that of the call that it is called on.
    node: (usize, Option<usize>),
}

/// Reads one file.
pub fn parse(source: SourceId, tongue: Tongue, text: &str) -> (Outline, Vec<Gap>) {
    let mut outline = Outline {
        source,
        tongue,
        imports: Vec::new(),
        types: Vec::new(),
        functions: Vec::new(),
        calls: Vec::new(),
        constants: BTreeMap::new(),
    };
    if let Some(at) = crowded(text) {
        let place = Span::new(source, at, at);
        return (outline, vec![Gap::at(place, GapKind::TooLarge, "holds a line with more signs than code has")]);
    }
    let Some(tree) = tree(tongue, text) else {
        let whole = Span::new(source, 0, text.len());
        return (outline, vec![Gap::at(whole, GapKind::Unparsed, "takes more work to parse than its size allows")]);
    };
    let gaps = walk::walk(tree.root_node(), text, &mut outline);
    tie(&mut outline);
    (outline, gaps)
}

/// Where a line is that holds more signs than lines of code do.
fn crowded(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.len() > MAX_SIGNS && line.bytes().filter(u8::is_ascii_punctuation).count() > MAX_SIGNS {
            return Some(start);
        }
        start += line.len();
    }
    None
}

/// The syntax tree; absent where the parser's work is out of proportion.
fn tree(tongue: Tongue, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tongue.grammar()).expect("the grammar fits the runtime");
    // One turn is a hundred parser operations, of which real code needs less than one a byte; recovery from nonsense
    // may cost much more for each.
    let mut turns = text.len() / 50 + 1_000;
    let mut recovery = RECOVERY;
    let mut progress = |state: &tree_sitter::ParseState| {
        turns -= 1;
        recovery -= usize::from(state.has_error());
        if turns == 0 || recovery == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let bytes = text.as_bytes();
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// Turns numbers of the syntax tree into positions among the calls.
fn tie(outline: &mut Outline) {
    let by_node: BTreeMap<usize, usize> =
        outline.calls.iter().enumerate().map(|(at, call)| (call.node.0, at)).collect();
    for call in &mut outline.calls {
        call.receiver = call.node.1.and_then(|node| by_node.get(&node).copied());
        call.arguments.iter_mut().for_each(|given| given.term.tie(&by_node));
    }
    let marks = outline.functions.iter_mut().flat_map(|function| &mut function.marks);
    let marks = marks.chain(outline.types.iter_mut().flat_map(|one| &mut one.marks));
    marks.flat_map(|mark| &mut mark.arguments).for_each(|given| given.term.tie(&by_node));
    outline.constants.values_mut().for_each(|term| term.tie(&by_node));
}

impl Outline {
    /// The text that a term is, by the constants of this file.
    pub fn text(&self, term: &Term) -> Option<String> {
        self.text_at(term, 0)
    }

    fn text_at(&self, term: &Term, depth: u32) -> Option<String> {
        if depth > 16 {
            return None;
        }
        match term {
            Term::Text(text) => Some(text.to_string()),
            Term::Join(parts) => parts.iter().map(|part| self.text_at(part, depth + 1)).collect(),
            Term::Name(name) => {
                let last = name.rsplit('.').next().unwrap_or(name);
                let short = name.strip_prefix("self.").or_else(|| name.strip_prefix("static."));
                let found = self.constants.get(short.unwrap_or(name)).or_else(|| self.constants.get(last));
                self.text_at(found?, depth + 1)
            }
            Term::Call(at) => {
                let call = self.calls.get(*at)?;
                let shapes = ["trimIndent", "trimMargin", "trim", "strip", "stripIndent", "freeze", "squish", "format"];
                let is_shape = shapes.contains(&call.method.as_str()) && call.arguments.is_empty();
                match (&call.on, call.arguments.as_slice()) {
                    (None, []) if is_shape => None,
                    (Some(on), _) if is_shape => self.text_at(&Term::Name(on.clone()), depth + 1),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The calls of a chain, from the last to the first: `a().b().c()`.
    pub fn chain(&self, at: usize) -> impl Iterator<Item = &Call> {
        let mut next = self.calls.get(at);
        std::iter::from_fn(move || {
            let call = next?;
            next = call.receiver.and_then(|receiver| self.calls.get(receiver));
            Some(call)
        })
    }
}

fn place(source: SourceId, node: Node<'_>) -> Span {
    Span::new(source, node.start_byte(), node.end_byte())
}

/// Whether a tree is deeper than other frontends accept.
fn is_too_deep(depth: usize) -> bool {
    depth > limits::MAX_DEPTH * 4
}

#[cfg(test)]
mod tests;

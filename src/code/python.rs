//! Lowers Python to the neutral code.
//!
//! What a reader of the lowered code should know:
//! - `import a.b` is two imports: module `a` bound as `a`, and module `a.b` for its effect. `a.b.c` is then the module
//!   `a`, and fields from there; `import a.b as c` binds module `a.b`.
//! - `global` and `nonlocal` are [`crate::code::Rebind`]s of their function, not statements.
//! - `async for` and `async with` await what they loop over or hold; the [`ValueKind::Await`] is written in.
//! - `...` is the name `Ellipsis`; a function of nothing else is a declaration. `pass` is no statement.
//! - Bytes are text. A set is a tuple. `x[a:b:c]` has the tuple `(a, b, c)` as key, `null` where a part is left out.
//! - A hole with a format or a conversion (`{x:>9}`, `{x!r}`) is unknown, made of `x`: its text is not that of `x`.
//! - Annotations are types: `list[int]` is generic, and text in them is parsed. So are subscripts of well-known types.
//! - Enclosing function of a method is the one its class stands in: class bodies are no scope for what stands in them.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{self as ast, PySourceType};
use ruff_python_parser::{Mode, ParseError, parse_unchecked_source};
use ruff_text_size::{Ranged, TextRange};

use crate::code::{
    ClassId, Function, FunctionId, FunctionKind, Language, MODULE_BODY, Module, Name, ValueId, ValueKind, limits,
};
use crate::gap::{Gap, GapKind};
use crate::source::{SourceId, Span};

use most::Most;

mod annotation;
mod class;
mod expression;
mod function;
mod height;
mod import;
mod most;
mod pattern;
mod second;
mod statement;
mod text;

/// Syntax errors reported one by one; the rest are only counted.
const MAX_ERRORS: usize = 5;

/// Parses one file.
pub fn parse(source: SourceId, text: &str) -> (Module, Vec<Gap>) {
    lowered(source, text, Lowering::module_body)
}

/// Parses one file, and lowers what it imports and nothing else.
pub fn parse_imports(source: SourceId, text: &str) -> (Module, Vec<Gap>) {
    lowered(source, text, Lowering::imports_of)
}

fn lowered<'a>(
    source: SourceId,
    text: &'a str,
    lower: impl FnOnce(&mut Lowering<'a>, &[ast::Stmt]),
) -> (Module, Vec<Gap>) {
    let most = Most::of(text);
    if let Some(gap) = too_high(source, text, most) {
        return (Module::new(source, Language::Python, text.len()), vec![gap]);
    }
    let parsed = parse_unchecked_source(text, PySourceType::Python);
    if !most.has_few_tokens()
        && let Some(token) = height::excess(parsed.tokens())
    {
        let span = span_in(source, token.range());
        // Dropping a tree is as deep as walking it: this one stays.
        std::mem::forget(parsed);
        let gap = Gap::at(span, GapKind::TooLarge, TOO_HIGH);
        return (Module::new(source, Language::Python, text.len()), vec![gap]);
    }
    if let Some(error) = second::proof(text, parsed.errors()) {
        let span = span_in(source, error.location);
        let gap = Gap::at(span, GapKind::Unsupported, "is written in Python 2, which is not read");
        return (Module::new(source, Language::Python, text.len()), vec![gap]);
    }
    let mut lowering = Lowering::new(source, text);
    lower(&mut lowering, parsed.suite());
    let comments = parsed.tokens().iter().filter(|token| token.kind() == TokenKind::Comment);
    lowering.module.comments = comments.map(|token| span_in(source, token.range())).collect();
    (lowering.module, gaps(source, parsed.errors()))
}

const TOO_HIGH: &str = "is nested or chained too deep";

fn too_high(source: SourceId, text: &str, most: Most) -> Option<Gap> {
    if most.is_low() {
        return None;
    }
    let (offset, reason) = match limits::check(text, Language::Python) {
        Err(excess) => (excess.offset, excess.what),
        Ok(()) if !most.has_few_tokens() && height::exceeds(text, Mode::Module) => (0, TOO_HIGH),
        Ok(()) => return None,
    };
    Some(Gap::at(Span::new(source, offset, offset), GapKind::TooLarge, reason))
}

fn gaps(source: SourceId, errors: &[ParseError]) -> Vec<Gap> {
    let gap = |error: &ParseError| {
        Gap::at(span_in(source, error.location), GapKind::Unparsed, format!("is not valid Python: {}", error.error))
    };
    let mut gaps: Vec<Gap> = errors.iter().take(MAX_ERRORS).map(gap).collect();
    if let (Some(last), more @ 1..) = (gaps.last_mut(), errors.len().saturating_sub(MAX_ERRORS)) {
        last.reason.push_str(&format!(" (and {more} more places)"));
    }
    gaps
}

fn span_in(source: SourceId, range: TextRange) -> Span {
    Span::new(source, range.start().to_usize(), range.end().to_usize())
}

/// How places of the tree at hand become places in the file.
#[derive(Clone, Copy)]
enum Places {
    /// The tree's text starts at this byte of the file.
    From(usize),
    /// The tree comes from text with escapes: everything stands where the literal does.
    All(Span),
}

/// One file on its way into a [`Module`].
struct Lowering<'a> {
    module: Module,
    text: &'a str,
    places: Places,
    /// Function whose body is lowered.
    scope: FunctionId,
    /// Class whose body is lowered, unless a function in it is.
    class: Option<ClassId>,
    /// Under `if TYPE_CHECKING`.
    types_only: bool,
}

impl<'a> Lowering<'a> {
    fn new(source: SourceId, text: &'a str) -> Self {
        let module = Module::new(source, Language::Python, text.len());
        Self { module, text, places: Places::From(0), scope: MODULE_BODY, class: None, types_only: false }
    }

    fn span(&self, ranged: &impl Ranged) -> Span {
        let range = ranged.range();
        match self.places {
            Places::All(span) => span,
            Places::From(offset) => {
                let (start, end) = (range.start().to_usize(), range.end().to_usize());
                Span::new(self.module.source, offset.saturating_add(start), offset.saturating_add(end))
            }
        }
    }

    fn value(&mut self, kind: ValueKind, ranged: &impl Ranged) -> ValueId {
        let span = self.span(ranged);
        self.module.add_value(kind, span)
    }

    /// A function of this scope, to be filled in.
    fn new_function(&mut self, kind: FunctionKind, ranged: &impl Ranged) -> FunctionId {
        let function = Function { parent: Some(self.scope), ..Function::new(kind, self.span(ranged)) };
        self.module.add_function(function)
    }

    fn function_mut(&mut self, id: FunctionId) -> &mut Function {
        &mut self.module.functions[id.index()]
    }

    /// Lowers what stands inside a function.
    fn inside<T>(&mut self, scope: FunctionId, lower: impl FnOnce(&mut Self) -> T) -> T {
        let outer = (self.scope, self.class);
        (self.scope, self.class) = (scope, None);
        let result = lower(self);
        (self.scope, self.class) = outer;
        result
    }

    fn module_body(&mut self, suite: &[ast::Stmt]) {
        let (documentation, statements) = self.documented(suite);
        let body = self.block(statements);
        let function = self.function_mut(MODULE_BODY);
        function.documentation = documentation;
        function.body = body;
    }
}

fn name(text: impl AsRef<str>) -> Name {
    Name::new(text)
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

//! Lowers TypeScript and JavaScript to the neutral code; the only place that sees oxc's types.

use std::collections::BTreeMap;

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::ParserReturn;

use super::limits::{self, MAX_HEIGHT};
use super::{ClassId, FunctionId, Language, MODULE_BODY, Module, Name, ValueId, ValueKind};
use crate::gap::{Gap, GapKind};
use crate::source::{SourceId, Span};
use comments::Comments;
use interop::Helpers;

mod chain;
mod class;
mod comments;
mod compiled;
mod decorate;
mod dialect;
mod expression;
mod function;
mod interface;
mod interop;
mod jsx;
mod place;
mod reexport;
mod statement;
#[cfg(test)]
mod tests;
mod transfer;
mod types;

/// Error places that become gaps of their own; further ones are only counted.
const SHOWN_ERRORS: usize = 5;
/// Nesting of expressions and statements that is lowered; one level of source nesting is several of these.
const DEEPEST: usize = 2 * MAX_HEIGHT;

/// Parses one file; the extension of `path` says which dialect.
pub fn parse(source: SourceId, path: &str, text: &str) -> (Module, Vec<Gap>) {
    if let Err(excess) = limits::check_dialect(text, Language::TypeScript, dialect::may_hold_jsx(path)) {
        let place = Span::new(source, excess.offset, excess.offset);
        let module = Module::new(source, Language::TypeScript, text.len());
        return (module, vec![Gap::at(place, GapKind::TooLarge, excess.what)]);
    }
    let allocator = Allocator::default();
    let parsed = dialect::parse(&allocator, path, text);
    let mut gaps = errors(source, text, &parsed);
    let mut lower = Lower::new(source, text, &parsed.program);
    lower.program(&parsed.program);
    if let Some(span) = lower.too_deep {
        gaps.push(Gap::at(span, GapKind::TooLarge, "is nested too deeply to be read"));
    }
    (lower.module, gaps)
}

/// What the parser complained about. Complaints about a tree that is complete are only reported.
fn errors(source: SourceId, text: &str, parsed: &ParserReturn<'_>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let total = parsed.diagnostics.len();
    for diagnostic in parsed.diagnostics.iter().take(SHOWN_ERRORS) {
        let (start, end) = diagnostic.labels.first().map_or((0, text.len()), |label| {
            let start = label.offset() as usize;
            (start, start + label.len() as usize)
        });
        let more = if total > SHOWN_ERRORS { format!(" ({total} errors in the file)") } else { String::new() };
        let reason = format!("is not valid TypeScript or JavaScript: {}{more}", diagnostic.message);
        let gap = Gap::at(Span::new(source, start, end), GapKind::Unparsed, reason);
        gaps.push(if parsed.panicked { gap } else { gap.reported() });
    }
    if parsed.panicked && gaps.is_empty() {
        let whole = Span::new(source, 0, text.len());
        gaps.push(Gap::at(whole, GapKind::Unparsed, "is not valid TypeScript or JavaScript"));
    }
    gaps
}

/// A module being built, and where in it we stand.
struct Lower<'t> {
    module: Module,
    text: &'t str,
    comments: Comments,
    helpers: Helpers,
    /// Objects that bundlers make of a file's exports, by name.
    namespaces: BTreeMap<Name, ValueId>,
    /// Function whose statements are being lowered.
    scope: FunctionId,
    /// Class whose field initialisers are being lowered; `this` in them is an instance of it.
    class: Option<ClassId>,
    /// Whether `yield` is how a compiler wrote `await` in this function.
    yields_wait: bool,
    /// Start of the statement or member that the next definition is the whole of, for its documentation.
    anchor: Option<u32>,
    depth: usize,
    too_deep: Option<Span>,
}

impl<'t> Lower<'t> {
    fn new(source: SourceId, text: &'t str, program: &Program<'_>) -> Self {
        let mut module = Module::new(source, Language::TypeScript, text.len());
        module.comments = program.comments.iter().map(|comment| at(source, comment.span)).collect();
        Self {
            module,
            text,
            comments: Comments::new(program),
            helpers: Helpers::default(),
            namespaces: BTreeMap::new(),
            scope: MODULE_BODY,
            class: None,
            yields_wait: false,
            anchor: None,
            depth: 0,
            too_deep: None,
        }
    }

    fn program(&mut self, program: &Program<'_>) {
        let body = self.statements(&program.body);
        self.module.functions[MODULE_BODY.index()].body = body;
    }

    fn span(&self, span: oxc_span::Span) -> Span {
        at(self.module.source, span)
    }

    fn add(&mut self, kind: ValueKind, span: oxc_span::Span) -> ValueId {
        let span = self.span(span);
        self.module.add_value(kind, span)
    }

    fn text_of(&self, span: oxc_span::Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Runs `lower` one level deeper, or gives `beyond` where the source is nested too deeply.
    fn deeper<T>(
        &mut self,
        span: oxc_span::Span,
        lower: impl FnOnce(&mut Self) -> T,
        beyond: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if self.depth >= DEEPEST {
            self.too_deep = self.too_deep.or(Some(self.span(span)));
            return beyond(self);
        }
        self.depth += 1;
        let lowered = lower(self);
        self.depth -= 1;
        lowered
    }

    /// The name a value is, if it is one.
    fn as_name(&self, id: ValueId) -> Option<&Name> {
        match &self.module.value(id).kind {
            ValueKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Base and member of a field value.
    fn as_field(&self, id: ValueId) -> Option<(ValueId, &Name)> {
        match &self.module.value(id).kind {
            ValueKind::Field { base, name } => Some((*base, name)),
            _ => None,
        }
    }

    /// The text a value is, if it is a literal.
    fn as_text(&self, id: ValueId) -> Option<&Name> {
        match &self.module.value(id).kind {
            ValueKind::Text(text) => Some(text),
            _ => None,
        }
    }
}

fn at(source: SourceId, span: oxc_span::Span) -> Span {
    Span::new(source, span.start as usize, span.end as usize)
}

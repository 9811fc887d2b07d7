//! Lowers Rust to the neutral code.
//!
//! What Rust has and the neutral code has not is written so:
//! - `impl` blocks are [`ClassKind::Implementation`], named by the type without its arguments, the trait as base.
//!   `Self` in them is that type's name; `self` is [`ValueKind::This`], and also the first parameter.
//! - An inline module is a class of static members, as a namespace is: its items are the statements of the class body.
//!   `mod x;` imports the module `self::x`, or the file `./p` where its path is `p`. `use a::b::C` imports the name `C` of `a::b`, whatever `C` is; `pub use`
//!   exports it as well. Paths keep `crate`, `self` and `super` as first segment.
//! - The end of a function's body returns: `if`, `match` and blocks at that place are statements whose ends return.
//! - `if let`, `while let` and `let … else` test [`ValueKind::Matches`]. `Some(1)` and `Ok(1)` in a pattern are the value.
//! - An `async` block is a call of an async closure. `panic!` raises, `bail!` returns, `ensure!` is a branch that returns.
//! - Attributes are decorators: a name, or a call with keyword arguments. `vec![…]` is a list, `json!` holds a map.

use proc_macro2::extra::DelimSpan;
use syn::spanned::Spanned;

use crate::code::{
    Block, ClassId, Documentation, Function, FunctionId, Language, MODULE_BODY, Module, Name, Statement, StatementKind,
    Value, ValueId, ValueKind, limits,
};
use crate::gap::{Gap, GapKind};
use crate::source::{SourceId, Span};

mod attributes;
mod expressions;
mod items;
mod macros;
mod patterns;
mod statements;
mod types;

/// How many times the length of a file may be read again inside macros.
const MACRO_WORK: usize = 64;

/// Parses one file.
pub fn parse(source: SourceId, text: &str) -> (Module, Vec<Gap>) {
    let mut module = Module::new(source, Language::Rust, text.len());
    if let Err(excess) = limits::check(text, Language::Rust) {
        let place = Span::new(source, excess.offset, excess.offset);
        return (module, vec![Gap::at(place, GapKind::TooLarge, excess.what)]);
    }
    module.comments =
        limits::comments(text, Language::Rust).into_iter().map(|at| Span::new(source, at.start, at.end)).collect();
    let skipped = preamble(text);
    let mut lower = Lower::new(module, text, skipped);
    match syn::parse_str::<syn::File>(text.get(skipped..).unwrap_or("")) {
        Ok(file) => lower.file(&file),
        Err(error) => {
            let place = lower.place(error.span());
            lower.gaps.push(Gap::at(place, GapKind::Unparsed, format!("is not valid Rust: {error}")));
        }
    }
    // The library remembers every text that it has read until it is told to forget.
    proc_macro2::extra::invalidate_current_thread_spans();
    (lower.module, lower.gaps)
}

/// Length of a byte order mark and a `#!` line.
fn preamble(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = text.get(mark..).unwrap_or("");
    let attribute = rest.trim_start_matches("#!").trim_start().starts_with('[');
    if rest.starts_with("#!") && !attribute { mark + rest.find('\n').unwrap_or(rest.len()) } else { mark }
}

/// The module under construction.
struct Lower {
    module: Module,
    gaps: Vec<Gap>,
    /// Bytes before what the parser saw.
    skipped: usize,
    /// Function whose body is being read.
    scope: FunctionId,
    /// Inline module whose items are being read.
    namespace: Option<ClassId>,
    /// What `Self` stands for.
    self_type: Option<Name>,
    /// Bytes that may still be read again inside macros.
    macro_work: usize,
}

impl Lower {
    fn new(module: Module, text: &str, skipped: usize) -> Self {
        let macro_work = text.len().saturating_mul(MACRO_WORK);
        Self { module, gaps: Vec::new(), skipped, scope: MODULE_BODY, namespace: None, self_type: None, macro_work }
    }

    fn file(&mut self, file: &syn::File) {
        let mut block = Block::default();
        self.items(&file.items, &mut block);
        let body = &mut self.module.functions[MODULE_BODY.index()];
        body.body = block;
        let documentation = self.documentation(&file.attrs);
        let decorators = self.decorators(&file.attrs);
        let body = &mut self.module.functions[MODULE_BODY.index()];
        (body.documentation, body.decorators) = (documentation, decorators);
    }

    /// Reads a body inside a new function.
    fn function(&mut self, function: Function, fill: impl FnOnce(&mut Self, FunctionId)) -> FunctionId {
        let id = self.module.add_function(Function { parent: Some(self.scope), ..function });
        let outside = std::mem::replace(&mut self.scope, id);
        let namespace = self.namespace.take();
        fill(self, id);
        (self.scope, self.namespace) = (outside, namespace);
        id
    }

    /// Place of one token. Ranges of whole syntax are joined from tokens, as asking for them would walk the tree again.
    fn place(&self, span: proc_macro2::Span) -> Span {
        let range = span.byte_range();
        Span::new(self.module.source, range.start + self.skipped, range.end + self.skipped)
    }

    fn place_of(&self, token: &impl Spanned) -> Span {
        self.place(token.span())
    }

    fn delimited(&self, span: &DelimSpan) -> Span {
        self.place(span.open()).to(self.place(span.close()))
    }

    fn add(&mut self, kind: ValueKind, span: Span) -> ValueId {
        self.module.add_value(kind, span)
    }

    fn value(&self, id: ValueId) -> &Value {
        self.module.value(id)
    }

    fn span(&self, id: ValueId) -> Span {
        self.module.value(id).span
    }

    fn name(&mut self, name: &str, span: Span) -> ValueId {
        self.add(ValueKind::Name(name.into()), span)
    }

    fn unknown(&mut self, parts: Vec<ValueId>, span: Span) -> ValueId {
        self.add(ValueKind::Unknown(parts.into()), span)
    }

    /// Documentation from the doc attributes that comments turn into.
    fn documentation(&self, attributes: &[syn::Attribute]) -> Option<Documentation> {
        let mut lines = Vec::new();
        let mut place: Option<Span> = None;
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
            let syn::Meta::NameValue(pair) = &attribute.meta else { continue };
            let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else { continue };
            let here = self.place(attribute.pound_token.span).to(self.place(text.span()));
            place = Some(place.map_or(here, |place| place.to(here)));
            lines
                .extend(text.value().lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_string()));
        }
        let text = lines.join("\n").trim().into();
        place.map(|span| Documentation { text, span })
    }
}

fn push(block: &mut Block, kind: StatementKind, span: Span) {
    block.statements.push(Statement { kind, span });
}

/// An identifier without the `r#` of a raw one.
fn text(ident: &syn::Ident) -> Name {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).into()
}

#[cfg(test)]
mod tests;

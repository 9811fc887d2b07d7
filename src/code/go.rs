//! Lowers Go to the neutral code.
//!
//! What Go has and the neutral code has not is written so:
//! - Methods join the class of their receiver where it is declared in the same file; else they stand in one
//!   [`ClassKind::Implementation`] per receiver type and file. The receiver is the first parameter.
//! - Embedded fields and interfaces are bases; an embedded field is a field too, under its type's name.
//! - `[]T`, `map[K]V`, `chan T`, `func(A) R` as types are [`ValueKind::Generic`] over the names `[]`, `map`, `chan`, `func`.
//! - `for _, x := range xs` is a loop over `xs`; where the key is wanted it is a loop over the call `range(xs)`, whose
//!   items are the key and, where bound, the element.
//! - `<-c` awaits `c`; `c <- x` assigns `x` to `c`; `panic(x)` raises.
//! - A variable under `//go:embed f` has the macro call `go:embed("f")` as its value.
//! - Constants carry their `iota` as a number, and repeat the expression that they repeat.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, Parser, Tree};

use crate::code::{
    Block, ClassId, Documentation, Function, FunctionId, FunctionKind, Import, ImportItem, Language, MODULE_BODY,
    Module, Name, Parameter, Statement, StatementKind, ValueId, ValueKind, limits,
};
use crate::gap::{Gap, GapKind};
use crate::source::{SourceId, Span};

mod declarations;
mod statements;
mod text;
mod values;

/// Gaps that are told one by one; further ones are counted.
const MAX_GAPS: usize = 5;

/// Parses one file.
pub fn parse(source: SourceId, text: &str) -> (Module, Vec<Gap>) {
    let module = Module::new(source, Language::Go, text.len());
    if let Err(excess) = limits::check(text, Language::Go) {
        let place = Span::new(source, excess.offset, excess.offset);
        return (module, vec![Gap::at(place, GapKind::TooLarge, excess.what)]);
    }
    let Some(tree) = whole_tree(text) else {
        let whole = Span::new(source, 0, text.len());
        return (module, vec![Gap::at(whole, GapKind::Unparsed, "takes more work to parse than its size allows")]);
    };
    let mut lower = Lower::new(module, text);
    lower.survey(tree.root_node());
    lower.file(tree.root_node());
    (lower.module, lower.gaps)
}

/// The syntax tree, read again where only `new` of a value kept it from being one: the grammar knows `new` of types.
fn whole_tree(text: &str) -> Option<Tree> {
    let first = tree(text.as_bytes())?;
    match text::with_plain_new(text).filter(|_| first.root_node().has_error()) {
        Some(plain) => tree(&plain),
        None => Some(first),
    }
}

/// The syntax tree; absent where the parser's work is out of proportion.
fn tree(bytes: &[u8]) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_go::LANGUAGE.into()).expect("the grammar fits the runtime");
    // One turn is a hundred parser operations: real code needs fewer turns than it has bytes.
    let mut turns = bytes.len() + 10_000;
    let mut progress = |_: &tree_sitter::ParseState| {
        turns -= 1;
        if turns == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// The module under construction.
struct Lower<'a> {
    module: Module,
    gaps: Vec<Gap>,
    text: &'a str,
    /// Function whose body is being read.
    scope: FunctionId,
    /// Names of types that the file declares.
    types: BTreeSet<&'a str>,
    /// Classes of the file's top level by name.
    classes: BTreeMap<Name, ClassId>,
    /// Names used with a dot after them, to tell what an import is called.
    bases: BTreeSet<&'a str>,
    /// Named results of the function whose body is being read.
    results: Vec<Parameter>,
    iota: Option<i64>,
    depth: usize,
}

impl<'a> Lower<'a> {
    fn new(module: Module, text: &'a str) -> Self {
        Self {
            module,
            gaps: Vec::new(),
            text,
            scope: MODULE_BODY,
            types: BTreeSet::new(),
            classes: BTreeMap::new(),
            bases: BTreeSet::new(),
            results: Vec::new(),
            iota: None,
            depth: 0,
        }
    }

    /// Comments, faults and declared names, wherever they stand.
    fn survey(&mut self, root: Node<'a>) {
        let mut cursor = root.walk();
        let mut faults = Vec::new();
        loop {
            let node = cursor.node();
            match node.kind() {
                "comment" => self.module.comments.push(self.span(node)),
                "type_spec" | "type_alias" => {
                    self.types.extend(node.child_by_field_name("name").map(|name| self.slice(name)));
                }
                "selector_expression" => {
                    let operand = node.child_by_field_name("operand");
                    self.bases.extend(operand.filter(|node| node.kind() == "identifier").map(|node| self.slice(node)));
                }
                "qualified_type" => {
                    self.bases.extend(node.child_by_field_name("package").map(|name| self.slice(name)));
                }
                _ => {}
            }
            if node.is_error() || node.is_missing() {
                faults.push(self.span(node));
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return self.report(&faults);
                }
            }
        }
    }

    fn report(&mut self, faults: &[Span]) {
        for (at, fault) in faults.iter().take(MAX_GAPS).enumerate() {
            let reason = match faults.len() - MAX_GAPS.min(faults.len()) {
                more @ 1.. if at == MAX_GAPS - 1 => format!("is not valid Go here and in {more} further places"),
                _ => "is not valid Go here".to_string(),
            };
            self.gaps.push(Gap::at(*fault, GapKind::Unparsed, reason));
        }
    }

    fn file(&mut self, root: Node<'a>) {
        let mut block = Block::default();
        for node in parts(root) {
            match node.kind() {
                "package_clause" => self.module.package = parts(node).first().map(|name| self.slice(*name).into()),
                "import_declaration" => self.imports(node),
                _ => self.statement(node, &mut block),
            }
        }
        self.module.functions[MODULE_BODY.index()].body = block;
        self.module.functions[MODULE_BODY.index()].documentation = None;
    }

    fn imports(&mut self, node: Node<'a>) {
        for part in parts(node) {
            match part.kind() {
                "import_spec" => self.import(part),
                "import_spec_list" => self.imports(part),
                _ => {}
            }
        }
    }

    fn import(&mut self, node: Node<'a>) {
        let Some(path) = node.child_by_field_name("path") else { return };
        let path = text::literal(self.slice(path));
        let name = node.child_by_field_name("name").map(|name| self.slice(name));
        let (item, local) = match name {
            Some(".") => (ImportItem::All, Name::default()),
            Some("_") => (ImportItem::Module, Name::default()),
            Some(name) => (ImportItem::Module, name.into()),
            None => (ImportItem::Module, text::package_name(&path, &self.bases)),
        };
        let (scope, span) = (self.scope, self.span(node));
        self.module.imports.push(Import { module: path.into(), level: 0, item, local, scope, is_type: false, span });
    }

    /// Reads a body inside a new function.
    fn function(&mut self, function: Function, fill: impl FnOnce(&mut Self, FunctionId)) -> FunctionId {
        let id = self.module.add_function(Function { parent: Some(self.scope), ..function });
        let outside = std::mem::replace(&mut self.scope, id);
        fill(self, id);
        self.scope = outside;
        id
    }

    /// Runs a step that may nest; a tree deeper than the limits is cut here.
    fn nested<T>(&mut self, node: Node<'a>, otherwise: T, step: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth > limits::MAX_HEIGHT {
            self.gaps.push(Gap::at(self.span(node), GapKind::TooLarge, "is nested too deeply"));
            return otherwise;
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    fn span(&self, node: Node<'_>) -> Span {
        Span::new(self.module.source, node.start_byte(), node.end_byte())
    }

    fn slice(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    fn name(&self, node: Node<'_>) -> Name {
        self.slice(node).into()
    }

    fn add(&mut self, kind: ValueKind, node: Node<'_>) -> ValueId {
        let span = self.span(node);
        self.module.add_value(kind, span)
    }

    fn push(&self, block: &mut Block, kind: StatementKind, node: Node<'_>) {
        block.statements.push(Statement { kind, span: self.span(node) });
    }

    /// The comment that stands directly above a node.
    fn documentation(&self, node: Node<'_>) -> Option<Documentation> {
        let comments = &self.module.comments;
        let mut at = comments.partition_point(|comment| (comment.start as usize) < node.start_byte());
        let (mut start, last) = (node.start_byte(), at);
        while at > 0 && text::is_line_break(self.text, comments[at - 1].end as usize, start) {
            let alone = text::starts_line(self.text, comments[at - 1].start as usize);
            if !alone {
                break;
            }
            at -= 1;
            start = comments[at].start as usize;
        }
        if at == last {
            return None;
        }
        let span = Span::new(self.module.source, start, comments[last - 1].end as usize);
        let lines = comments[at..last].iter().map(|comment| self.text.get(comment.range()).unwrap_or(""));
        let text = text::comment(lines);
        (!text.is_empty()).then(|| Documentation { text: text.into(), span })
    }

    fn new_function(&self, kind: FunctionKind, node: Node<'_>) -> Function {
        Function { documentation: self.documentation(node), ..Function::new(kind, self.span(node)) }
    }
}

/// Named children without comments.
fn parts<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// Children of a field, without commas.
fn field<'t>(node: Node<'t>, name: &str) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children_by_field_name(name, &mut cursor).filter(Node::is_named).collect()
}

#[cfg(test)]
mod tests;

//! The walk over a syntax tree, without recursion.

use tree_sitter::Node;

use super::grammar::{Kinds, dotted};
use super::term::{Term, named, term};
use super::{Call, Function, Given, Mark, Outline, Type, is_too_deep, place};
use crate::code::Name;
use crate::gap::{Gap, GapKind};
use crate::source::Span;

/// Longest name of what a call is called on.
const MAX_NAME: usize = 200;

struct Walk<'t, 'o> {
    text: &'t str,
    kinds: Kinds,
    outline: &'o mut Outline,
    /// Types and functions around the node at hand: end of each, and which it is.
    around: Vec<(usize, Option<usize>)>,
}

/// Fills the outline, and tells what could not be read.
pub(super) fn walk(root: Node<'_>, text: &str, outline: &mut Outline) -> Vec<Gap> {
    let kinds = outline.tongue.kinds();
    let source = outline.source;
    let mut walk = Walk { text, kinds, outline, around: Vec::new() };
    let mut cursor = root.walk();
    let (mut depth, mut faults) = (0, Vec::new());
    loop {
        let node = cursor.node();
        if is_too_deep(depth) {
            let reason = "is nested deeper than is worth reading";
            return vec![Gap::at(place(source, node), GapKind::TooLarge, reason)];
        }
        if node.is_error() || node.is_missing() {
            faults.push(place(source, node));
        }
        walk.node(node);
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return told(&faults, walk.outline.tongue.id());
            }
            depth -= 1;
        }
    }
}

fn told(faults: &[Span], language: &str) -> Vec<Gap> {
    let Some(first) = faults.first() else { return Vec::new() };
    let reason = match faults.len() {
        1 => format!("is not valid {language} here"),
        many => format!("is not valid {language} here and in {} further places", many - 1),
    };
    vec![Gap::at(*first, GapKind::Unparsed, reason)]
}

impl Walk<'_, '_> {
    fn slice(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn node(&mut self, node: Node<'_>) {
        while self.around.last().is_some_and(|(end, _)| *end <= node.start_byte()) {
            self.around.pop();
        }
        let kind = node.kind();
        if self.kinds.types.contains(&kind) {
            self.declared_type(node);
        } else if self.kinds.functions.contains(&kind) {
            self.function(node);
        } else if self.kinds.calls.contains(&kind) {
            self.call(node);
        } else if self.kinds.imports.contains(&kind) {
            self.import(node);
        } else if self.kinds.constants.contains(&kind) {
            self.constant(node);
        }
    }

    fn of(&self) -> Option<usize> {
        self.around.iter().rev().find_map(|(_, of)| *of)
    }

    fn declared_type(&mut self, node: Node<'_>) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let heads = [
            "superclass",
            "super_interfaces",
            "base_list",
            "delegation_specifiers",
            "base_clause",
            "class_interface_clause",
        ];
        let heads = named(node).into_iter().filter(|child| heads.contains(&child.kind()));
        let bases = heads.flat_map(|head| {
            let text = self.slice(head).trim_start_matches([':', '<']).trim();
            let text = text.strip_prefix("extends").or_else(|| text.strip_prefix("implements")).unwrap_or(text);
            text.split(',').map(|base| dotted(base.split('(').next().unwrap_or(base).trim())).collect::<Vec<_>>()
        });
        let one = Type {
            bases: bases.collect(),
            name: dotted(self.slice(name)),
            span: place(self.outline.source, name),
            marks: self.marks(node),
            documentation: self.documentation(node),
        };
        self.outline.types.push(one);
        self.around.push((node.end_byte(), Some(self.outline.types.len() - 1)));
    }

    fn function(&mut self, node: Node<'_>) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let one = Function {
            name: dotted(self.slice(name)),
            span: place(self.outline.source, name),
            marks: self.marks(node),
            documentation: self.documentation(node),
            of: self.of(),
        };
        self.outline.functions.push(one);
    }

    /// Annotations stand as children, or in lists of modifiers that are children.
    fn marks(&self, node: Node<'_>) -> Vec<Mark> {
        let mut found = Vec::new();
        let mut next: Vec<(Node<'_>, u32)> = named(node).into_iter().map(|child| (child, 0)).collect();
        next.reverse();
        while let Some((child, depth)) = next.pop() {
            if self.kinds.marks.contains(&child.kind()) {
                found.push(self.mark(child));
            } else if depth < 2
                && matches!(child.kind(), "modifiers" | "attribute_list" | "attribute_group" | "attributes")
            {
                next.extend(named(child).into_iter().rev().map(|inner| (inner, depth + 1)));
            }
        }
        found
    }

    fn mark(&self, node: Node<'_>) -> Mark {
        let inner = named(node).into_iter().find(|child| child.kind() == "constructor_invocation").unwrap_or(node);
        let name = inner.child_by_field_name("name").or_else(|| named(inner).first().copied());
        let lists = named(inner).into_iter().filter(|child| self.kinds.lists.contains(&child.kind()));
        Mark {
            name: name.map(|name| dotted(self.slice(name))).unwrap_or_default(),
            arguments: lists.flat_map(|list| self.arguments(list)).collect(),
            span: place(self.outline.source, node),
        }
    }

    /// The comment that ends right above a declaration.
    fn documentation(&self, node: Node<'_>) -> Option<(Name, Span)> {
        let mut lines = Vec::new();
        let mut span: Option<Span> = None;
        let mut next = node.prev_sibling();
        let mut below = node.start_byte();
        while let Some(comment) = next.filter(|one| self.kinds.comments.contains(&one.kind())) {
            let between = self.text.get(comment.end_byte()..below).unwrap_or("x");
            if !between.trim().is_empty() || between.matches('\n').count() > 1 || lines.len() > 200 {
                break;
            }
            lines.push(cleaned(self.slice(comment)));
            let here = place(self.outline.source, comment);
            span = Some(span.map_or(here, |span| here.to(span)));
            below = comment.start_byte();
            next = comment.prev_sibling();
        }
        lines.reverse();
        span.map(|span| (Name::new(lines.join("\n").trim()), span))
    }

    fn import(&mut self, node: Node<'_>) {
        let text = self.slice(node);
        let words = text.trim_end_matches(';').split_whitespace();
        let words = words.filter(|word| !matches!(*word, "import" | "static" | "using" | "global"));
        let name = dotted(words.take_while(|word| *word != "as").last().unwrap_or_default());
        let group = node.parent().filter(|parent| parent.kind() == "namespace_use_group");
        let prefix = group.and_then(|group| group.prev_named_sibling()).map(|prefix| dotted(self.slice(prefix)));
        let whole = match prefix {
            Some(prefix) => Name::new(format!("{prefix}.{name}")),
            None if node.kind() == "using_directive" => Name::new(format!("{name}.*")),
            None => name,
        };
        self.outline.imports.push(whole);
    }

    fn constant(&mut self, node: Node<'_>) {
        let name = ["name", "left"].iter().find_map(|field| node.child_by_field_name(field));
        let name = name.or_else(|| {
            let first =
                named(node).into_iter().find(|child| matches!(child.kind(), "variable_declaration" | "name"))?;
            Some(named(first).first().copied().unwrap_or(first))
        });
        let value = ["value", "right", "default_value"].iter().find_map(|field| node.child_by_field_name(field));
        let (Some(name), Some(value)) = (name, value.or_else(|| named(node).last().copied())) else { return };
        if name.id() == value.id() || value.end_byte() <= name.end_byte() {
            return;
        }
        let (name, value) = (dotted(self.slice(name)), term(value, self.text, &self.kinds));
        if let Some(of) = self.of() {
            let whole = format!("{}.{name}", self.outline.types[of].name);
            self.outline.constants.entry(Name::new(whole)).or_insert_with(|| value.clone());
        }
        self.outline.constants.entry(name).or_insert(value);
    }

    fn call(&mut self, node: Node<'_>) {
        let callee = ["function", "type"].iter().find_map(|field| node.child_by_field_name(field));
        let method = ["method", "name"].iter().find_map(|field| node.child_by_field_name(field));
        let target = ["object", "receiver", "scope"].iter().find_map(|field| node.child_by_field_name(field));
        let callee = callee.or_else(|| named(node).first().copied().filter(|_| method.is_none()));
        let (method, target) = match (method, callee) {
            (Some(method), _) => (dotted(self.slice(method)), target),
            (None, Some(callee)) => self.taken_apart(callee),
            (None, None) => (Name::default(), None),
        };
        let target = target.map(inner_call);
        let is_call = target.is_some_and(|target| self.kinds.calls.contains(&target.kind()));
        let on = target.filter(|_| !is_call).map(|target| self.slice(target)).filter(|on| on.len() <= MAX_NAME);
        let on = on.map(dotted);
        let (method, on) = match (method.rsplit_once('.'), on) {
            (Some((before, last)), None) => (Name::new(last), Some(Name::new(before))),
            (_, on) => (method, on),
        };
        let mut arguments = Vec::new();
        for child in named(node) {
            if self.kinds.lists.contains(&child.kind()) {
                arguments.extend(self.arguments(child));
            } else if self.kinds.closures.contains(&child.kind()) {
                let span = place(self.outline.source, child);
                arguments.push(Given { name: None, term: Term::Function, span });
            }
        }
        let receiver = target.filter(|_| is_call).map(|target| target.id());
        let span = place(self.outline.source, node);
        let of = self.of();
        self.outline.calls.push(Call { method, on, receiver: None, arguments, span, of, node: (node.id(), receiver) });
    }

    /// What is called, and on what: `a.b(x).c` is `c` on `a.b(x)`; a further list of arguments is of the same call.
    fn taken_apart<'t>(&self, callee: Node<'t>) -> (Name, Option<Node<'t>>) {
        match callee.kind() {
            "navigation_expression" | "member_access_expression" => {
                let parts = named(callee);
                let name = callee.child_by_field_name("name").or(parts.last().copied());
                let name = name.map(|name| dotted(self.slice(name))).unwrap_or_default();
                (name, parts.first().copied())
            }
            // `f(x) { … }`: the inner call is told the rest.
            kind if self.kinds.calls.contains(&kind) => match named(callee).first().copied() {
                Some(inner) if inner.id() != callee.id() && !self.kinds.calls.contains(&inner.kind()) => {
                    (Name::default(), Some(callee))
                }
                _ => (Name::default(), Some(callee)),
            },
            _ => (dotted(self.slice(callee)), None),
        }
    }

    /// What stands in a list of arguments; an annotation inside another tells its own as well.
    fn arguments(&self, list: Node<'_>) -> Vec<Given> {
        let mut all = Vec::new();
        for one in named(list).into_iter().filter(|one| !self.kinds.comments.contains(&one.kind())) {
            all.push(self.given(one));
            let inner = named(one).into_iter().filter(|inner| self.kinds.marks.contains(&inner.kind()));
            let lists = inner.flat_map(named).filter(|inner| self.kinds.lists.contains(&inner.kind()));
            for pair in lists.flat_map(named) {
                all.push(self.given(pair));
            }
        }
        all
    }

    fn given(&self, node: Node<'_>) -> Given {
        let parts = named(node);
        let fields = ["name", "key", "left"];
        let keyed = fields.iter().find_map(|field| node.child_by_field_name(field));
        let wraps = matches!(
            node.kind(),
            "value_argument"
                | "attribute_argument"
                | "argument"
                | "element_value_pair"
                | "pair"
                | "assignment_expression"
        );
        let keyed = keyed.or_else(|| {
            // `name = value` without a field for the name.
            let [first, second] = parts.as_slice() else { return None };
            let between = self.text.get(first.end_byte()..second.start_byte())?.trim();
            matches!(between, "=" | ":").then_some(*first)
        });
        let (name, value) = match (keyed.filter(|_| wraps), parts.as_slice()) {
            (Some(name), [.., last]) if last.id() != name.id() => (Some(name), *last),
            (_, [only]) if wraps => (None, *only),
            _ => (None, node),
        };
        let name = name.map(|name| Name::new(dotted(self.slice(name)).trim_matches([':', '"', '\''])));
        Given { name, term: term(value, self.text, &self.kinds), span: place(self.outline.source, value) }
    }
}

/// A call in brackets.
fn inner_call(mut node: Node<'_>) -> Node<'_> {
    for _ in 0..4 {
        match (node.kind(), named(node).as_slice()) {
            ("parenthesized_expression" | "await_expression", [only]) => node = *only,
            _ => break,
        }
    }
    node
}

/// A comment without its marks.
fn cleaned(comment: &str) -> String {
    let lines = comment.lines().map(|line| {
        let line = line.trim().trim_start_matches(['/', '*', '#']).trim_end_matches("*/").trim();
        line.replace("<summary>", "").replace("</summary>", "").trim().to_string()
    });
    let kept: Vec<String> = lines.filter(|line| !line.starts_with('@')).collect();
    kept.join("\n").trim().to_string()
}

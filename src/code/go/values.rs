//! Expressions, literals and types as values.

use tree_sitter::Node;

use super::{Lower, parts, text};
use crate::code::{Argument, Call, CallKind, MapEntry, MapKey, Name, Operator, ValueId, ValueKind};

impl<'a> Lower<'a> {
    pub(super) fn values(&mut self, list: Node<'a>) -> Vec<ValueId> {
        match list.kind() {
            "expression_list" => parts(list).into_iter().map(|node| self.value(node)).collect(),
            _ => vec![self.value(list)],
        }
    }

    pub(super) fn value_or_unknown(&mut self, node: Option<Node<'a>>, place: Node<'a>) -> ValueId {
        match node {
            Some(node) => self.value(node),
            None => self.add(ValueKind::Unknown(Box::default()), place),
        }
    }

    /// Lowers one expression.
    pub(super) fn value(&mut self, node: Node<'a>) -> ValueId {
        let deep = self.depth > crate::code::limits::MAX_HEIGHT;
        let cut = if deep { self.add(ValueKind::Unknown(Box::default()), node) } else { ValueId(0) };
        self.nested(node, cut, |lower| lower.value_inside(node))
    }

    fn value_inside(&mut self, node: Node<'a>) -> ValueId {
        let kind = match node.kind() {
            "identifier" | "blank_identifier" | "type_identifier" | "package_identifier" | "field_identifier" => {
                ValueKind::Name(self.name(node))
            }
            "nil" => ValueKind::Null,
            "true" => ValueKind::Bool(true),
            "false" => ValueKind::Bool(false),
            "iota" => self.iota.map_or_else(|| ValueKind::Name("iota".into()), ValueKind::Int),
            "int_literal" => self.number(node),
            "float_literal" => ValueKind::Float(self.slice(node).replace('_', "").parse().unwrap_or(f64::NAN)),
            "rune_literal" => match text::rune(self.slice(node)) {
                Some(char) => ValueKind::Int(i64::from(u32::from(char))),
                None => ValueKind::Unknown(Box::default()),
            },
            "interpreted_string_literal" | "raw_string_literal" => {
                ValueKind::Text(text::literal(self.slice(node)).into())
            }
            "parenthesized_expression" => return self.operand(node, 0),
            "type_assertion_expression" => return self.operand_field(node, "operand"),
            "type_conversion_expression" => return self.conversion(node),
            "unary_expression" => return self.unary(node),
            "binary_expression" => self.binary(node),
            "selector_expression" => self.member(node, "operand", "field"),
            "index_expression" => self.index(node),
            "slice_expression" => self.slice_of(node),
            "call_expression" => return self.called(node),
            "type_instantiation_expression" => self.instance(node),
            "composite_literal" => return self.composite(node),
            "func_literal" => ValueKind::Function(self.closure(node)),
            "variadic_argument" => ValueKind::Spread(self.operand(node, 0)),
            "literal_element" => return self.operand(node, 0),
            "literal_value" => return self.elements_of(node, None),
            "keyed_element" | "ERROR" | "imaginary_literal" => self.unknown(node),
            _ if is_type(node) => return self.type_value(node),
            _ => self.unknown(node),
        };
        self.add(kind, node)
    }

    fn unknown(&mut self, node: Node<'a>) -> ValueKind {
        ValueKind::Unknown(parts(node).into_iter().map(|part| self.value(part)).collect())
    }

    fn number(&self, node: Node<'a>) -> ValueKind {
        let source = self.slice(node);
        text::integer(source)
            .map_or_else(|| ValueKind::Float(source.replace('_', "").parse().unwrap_or(f64::NAN)), ValueKind::Int)
    }

    /// The operand that a transparent node stands for.
    fn operand(&mut self, node: Node<'a>, at: usize) -> ValueId {
        let part = parts(node).get(at).copied();
        self.value_or_unknown(part, node)
    }

    fn operand_field(&mut self, node: Node<'a>, name: &str) -> ValueId {
        self.value_or_unknown(node.child_by_field_name(name), node)
    }

    /// `[]byte(x)` stands for `x`; `f[T](x)` and `table[key](x)`, which the grammar takes for conversions, are calls.
    fn conversion(&mut self, node: Node<'a>) -> ValueId {
        let operand = self.operand_field(node, "operand");
        let Some(of) = node.child_by_field_name("type").filter(|of| of.kind() == "generic_type") else {
            return operand;
        };
        let arguments = of.child_by_field_name("type_arguments").map(parts).unwrap_or_default();
        let key = arguments.first().map(|argument| argument.named_child(0).unwrap_or(*argument));
        let callee = match (key, of.child_by_field_name("type")) {
            (Some(key), Some(base)) if arguments.len() == 1 && !self.names_type(key) => {
                let (base, key) = (self.type_value(base), self.type_value(key));
                self.add(ValueKind::Index { base, key }, of)
            }
            _ => self.type_value(of),
        };
        let arguments = vec![Argument { name: None, value: operand }];
        self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Plain })), node)
    }

    fn unary(&mut self, node: Node<'a>) -> ValueId {
        let operand = self.operand_field(node, "operand");
        let operator = node.child_by_field_name("operator").map_or("", |operator| self.slice(operator));
        let kind = match (operator, &self.module.value(operand).kind) {
            ("&" | "*", _) => return operand,
            ("!", _) => ValueKind::Not(operand),
            ("<-", _) => ValueKind::Await(operand),
            ("-", ValueKind::Int(number)) => ValueKind::Int(number.wrapping_neg()),
            _ => ValueKind::Unary(operand),
        };
        self.add(kind, node)
    }

    fn binary(&mut self, node: Node<'a>) -> ValueKind {
        let left = self.operand_field(node, "left");
        let right = self.operand_field(node, "right");
        let sign = node.child_by_field_name("operator").map_or("", |operator| self.slice(operator));
        ValueKind::Binary { operator: operator(sign), left, right }
    }

    fn member(&mut self, node: Node<'a>, base: &str, name: &str) -> ValueKind {
        let base = self.operand_field(node, base);
        let name = node.child_by_field_name(name).map(|name| self.name(name)).unwrap_or_default();
        ValueKind::Field { base, name }
    }

    fn index(&mut self, node: Node<'a>) -> ValueKind {
        let base = self.operand_field(node, "operand");
        let key_is_type = node.child_by_field_name("index").is_some_and(|index| self.names_type(index));
        let key = self.operand_field(node, "index");
        if key_is_type {
            return ValueKind::Generic { base, arguments: Box::new([key]) };
        }
        ValueKind::Index { base, key }
    }

    /// Whether an index can only be a type.
    fn names_type(&self, node: Node<'a>) -> bool {
        let source = self.slice(node);
        match node.kind() {
            "identifier" | "type_identifier" => is_builtin_type(source) || self.types.contains(source),
            "selector_expression" | "qualified_type" => {
                let name = source.rsplit('.').next().unwrap_or("");
                let package = source.split('.').next().unwrap_or("");
                let imported = self.module.imports.iter().any(|import| import.local == package);
                imported && source.matches('.').count() == 1 && name.starts_with(char::is_uppercase)
            }
            "unary_expression" => {
                source.starts_with('*') && parts(node).first().is_some_and(|inner| self.names_type(*inner))
            }
            _ => is_type(node),
        }
    }

    fn slice_of(&mut self, node: Node<'a>) -> ValueKind {
        let base = self.operand_field(node, "operand");
        let bounds = ["start", "end", "capacity"];
        let bounds: Vec<_> = bounds.into_iter().map(|bound| (bound, node.child_by_field_name(bound))).collect();
        let bounds = bounds.into_iter().filter(|(name, bound)| *name != "capacity" || bound.is_some());
        let bounds = bounds.map(|(_, bound)| match bound {
            Some(bound) => self.value(bound),
            None => self.add(ValueKind::Null, node),
        });
        let key = ValueKind::Tuple(bounds.collect());
        ValueKind::Index { base, key: self.add(key, node) }
    }

    /// A call of a builtin or pseudo-function.
    pub(super) fn call(&mut self, callee: &str, arguments: Vec<ValueId>, node: Node<'a>) -> ValueId {
        let callee = self.add(ValueKind::Name(callee.into()), node);
        let arguments = arguments.into_iter().map(|value| Argument { name: None, value }).collect();
        self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Plain })), node)
    }

    fn called(&mut self, node: Node<'a>) -> ValueId {
        let arguments = node.child_by_field_name("arguments").map(|list| self.values_of(list)).unwrap_or_default();
        let function = node.child_by_field_name("function");
        // A conversion between builtin types stands for what it converts.
        if let (Some(function), [converted]) = (function, &*arguments)
            && function.kind() == "identifier"
            && is_builtin_type(self.slice(function))
            && !self.types.contains(self.slice(function))
        {
            return *converted;
        }
        // `new` of a value points to it.
        if let (Some(function), [value]) = (function, &*arguments)
            && self.slice(function) == "new"
            && !is_type_argument(node)
        {
            return *value;
        }
        let mut callee = self.value_or_unknown(function, node);
        if let Some(types) = node.child_by_field_name("type_arguments") {
            let arguments = parts(types).into_iter().map(|of| self.type_value(of)).collect();
            callee = self.add(ValueKind::Generic { base: callee, arguments }, types);
        }
        let arguments = arguments.into_iter().map(|value| Argument { name: None, value }).collect();
        self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Plain })), node)
    }

    fn values_of(&mut self, list: Node<'a>) -> Vec<ValueId> {
        parts(list).into_iter().map(|node| self.value(node)).collect()
    }

    fn instance(&mut self, node: Node<'a>) -> ValueKind {
        let mut parts = parts(node).into_iter();
        let base = parts.next();
        let base = match base {
            Some(base) => self.type_value(base),
            None => self.value_or_unknown(None, node),
        };
        ValueKind::Generic { base, arguments: parts.map(|of| self.type_value(of)).collect() }
    }

    fn composite(&mut self, node: Node<'a>) -> ValueId {
        let of = node.child_by_field_name("type");
        match node.child_by_field_name("body") {
            Some(body) => self.literal_of(body, of, node),
            None => self.value_or_unknown(of, node),
        }
    }

    /// A literal body of a type that may be elided from its elements.
    fn literal_of(&mut self, body: Node<'a>, of: Option<Node<'a>>, node: Node<'a>) -> ValueId {
        let Some(of) = of else { return self.elements_of(body, None) };
        match of.kind() {
            "slice_type" | "array_type" | "implicit_length_array_type" => {
                self.elements_of(body, of.child_by_field_name("element"))
            }
            "map_type" => self.map_of(body, of),
            "pointer_type" | "parenthesized_type" => self.literal_of(body, of.named_child(0), node),
            _ => {
                let of = self.type_value(of);
                let entries = self.fields_of(body);
                self.add(ValueKind::Construct { of, entries }, node)
            }
        }
    }

    /// A list; a map where elements have an index.
    fn elements_of(&mut self, body: Node<'a>, of: Option<Node<'a>>) -> ValueId {
        let elements = parts(body);
        if elements.iter().any(|element| element.kind() == "keyed_element") {
            let entries =
                elements.into_iter().enumerate().map(|(at, element)| self.entry(element, at, None, of, true)).collect();
            return self.add(ValueKind::Map(entries), body);
        }
        let elements = elements.into_iter().map(|element| self.element(element, of)).collect();
        self.add(ValueKind::List(elements), body)
    }

    fn map_of(&mut self, body: Node<'a>, of: Node<'a>) -> ValueId {
        let (key, value) = (of.child_by_field_name("key"), of.child_by_field_name("value"));
        let entries =
            parts(body).into_iter().enumerate().map(|(at, entry)| self.entry(entry, at, key, value, true)).collect();
        self.add(ValueKind::Map(entries), body)
    }

    fn fields_of(&mut self, body: Node<'a>) -> Box<[MapEntry]> {
        parts(body).into_iter().enumerate().map(|(at, entry)| self.entry(entry, at, None, None, false)).collect()
    }

    fn entry(
        &mut self,
        node: Node<'a>,
        at: usize,
        key_of: Option<Node<'a>>,
        value_of: Option<Node<'a>>,
        computed: bool,
    ) -> MapEntry {
        let (key, value) = (node.child_by_field_name("key"), node.child_by_field_name("value"));
        let (Some(key), Some(value)) = (key, value) else {
            let key = MapKey::Name(Name::from(at.to_string()), self.span(node));
            return MapEntry { key, value: self.element(node, value_of) };
        };
        let value = self.element(value, value_of);
        let inner = key.named_child(0).unwrap_or(key);
        let key = match inner.kind() {
            "interpreted_string_literal" | "raw_string_literal" => {
                MapKey::Name(text::literal(self.slice(inner)).into(), self.span(inner))
            }
            "identifier" if !computed => MapKey::Name(self.name(inner), self.span(inner)),
            _ => MapKey::Value(self.element(key, key_of)),
        };
        MapEntry { key, value }
    }

    /// An element of a literal, whose type may be elided.
    fn element(&mut self, node: Node<'a>, of: Option<Node<'a>>) -> ValueId {
        let inner = if node.kind() == "literal_element" { node.named_child(0).unwrap_or(node) } else { node };
        match inner.kind() {
            "literal_value" => self.nested(inner, ValueId(0), |lower| lower.literal_of(inner, of, inner)),
            _ => self.value(inner),
        }
    }

    /// A type as a value; pointers stand for what they point to.
    pub(super) fn type_value(&mut self, node: Node<'a>) -> ValueId {
        let deep = self.depth > crate::code::limits::MAX_HEIGHT;
        let cut = if deep { self.add(ValueKind::Unknown(Box::default()), node) } else { ValueId(0) };
        self.nested(node, cut, |lower| lower.type_inside(node))
    }

    fn type_inside(&mut self, node: Node<'a>) -> ValueId {
        let kind = match node.kind() {
            "type_identifier" | "identifier" | "package_identifier" => ValueKind::Name(self.name(node)),
            "qualified_type" => {
                let package = node.child_by_field_name("package");
                let base = self.value_or_unknown(package, node);
                let name = node.child_by_field_name("name").map(|name| self.name(name)).unwrap_or_default();
                ValueKind::Field { base, name }
            }
            "pointer_type" | "parenthesized_type" | "negated_type" | "type_elem" | "type_constraint"
                if parts(node).len() == 1 =>
            {
                return self.type_value(parts(node)[0]);
            }
            "generic_type" => {
                let base = node.child_by_field_name("type").map(|of| self.type_value(of));
                let base = base.unwrap_or_else(|| self.value_or_unknown(None, node));
                let arguments = node.child_by_field_name("type_arguments");
                let arguments = arguments.map(|list| self.types_of(&parts(list))).unwrap_or_default();
                ValueKind::Generic { base, arguments }
            }
            "slice_type" | "array_type" | "implicit_length_array_type" => self.made_of("[]", node, &["element"]),
            "map_type" => self.made_of("map", node, &["key", "value"]),
            "channel_type" => self.made_of("chan", node, &["value"]),
            "function_type" => self.function_type(node),
            "interface_type" if parts(node).is_empty() => ValueKind::Name("any".into()),
            "struct_type" | "interface_type" => ValueKind::Class(self.class(node, node)),
            _ if is_type(node) || node.is_error() => ValueKind::Unknown(self.types_of(&parts(node))),
            _ => return self.value_inside(node),
        };
        self.add(kind, node)
    }

    fn types_of(&mut self, nodes: &[Node<'a>]) -> Box<[ValueId]> {
        nodes.iter().map(|node| self.type_value(*node)).collect()
    }

    fn made_of(&mut self, name: &str, node: Node<'a>, fields: &[&str]) -> ValueKind {
        let fields: Vec<_> = fields.iter().filter_map(|name| node.child_by_field_name(name)).collect();
        let arguments = self.types_of(&fields);
        ValueKind::Generic { base: self.add(ValueKind::Name(name.into()), node), arguments }
    }

    fn function_type(&mut self, node: Node<'a>) -> ValueKind {
        let lists = [node.child_by_field_name("parameters"), node.child_by_field_name("result")];
        let mut types = Vec::new();
        for list in lists.into_iter().flatten() {
            match list.kind() {
                "parameter_list" => {
                    types.extend(parts(list).into_iter().filter_map(|part| part.child_by_field_name("type")))
                }
                _ => types.push(list),
            }
        }
        let arguments = self.types_of(&types);
        ValueKind::Generic { base: self.add(ValueKind::Name("func".into()), node), arguments }
    }
}

/// The operation that a sign stands for.
pub(super) fn operator(sign: &str) -> Operator {
    match sign {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::Divide,
        "%" => Operator::Remainder,
        "&" => Operator::BitAnd,
        "|" => Operator::BitOr,
        "^" => Operator::BitXor,
        "<<" => Operator::ShiftLeft,
        ">>" => Operator::ShiftRight,
        "&&" => Operator::And,
        "||" => Operator::Or,
        "==" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterEqual,
        _ => Operator::Other,
    }
}

fn is_type(node: Node<'_>) -> bool {
    let kind = node.kind();
    kind.ends_with("_type") || matches!(kind, "type_identifier" | "type_elem" | "type_constraint")
}

/// Whether the only argument of a call was read as a type.
fn is_type_argument(call: Node<'_>) -> bool {
    let list = call.child_by_field_name("arguments");
    list.and_then(|list| parts(list).first().copied()).is_some_and(is_type)
}

fn is_builtin_type(name: &str) -> bool {
    const BUILTIN: [&str; 22] = [
        "any",
        "bool",
        "byte",
        "comparable",
        "complex128",
        "complex64",
        "error",
        "float32",
        "float64",
        "int",
        "int16",
        "int32",
        "int64",
        "int8",
        "rune",
        "string",
        "uint",
        "uint16",
        "uint32",
        "uint64",
        "uint8",
        "uintptr",
    ];
    BUILTIN.binary_search(&name).is_ok()
}

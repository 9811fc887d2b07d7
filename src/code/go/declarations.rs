//! Functions, methods, types, constants and variables.

use tree_sitter::Node;

use super::{Lower, field, parts, text};
use crate::code::{
    Assignment, Block, Call, CallKind, Class, ClassField, ClassId, ClassKind, Documentation, Function, FunctionId,
    FunctionKind, MODULE_BODY, Name, Parameter, ParameterKind, Place, Statement, StatementKind, ValueId, ValueKind,
};
use crate::source::Span;

impl<'a> Lower<'a> {
    /// A declaration; false where the node is something else.
    pub(super) fn declaration(&mut self, node: Node<'a>, block: &mut Block) -> bool {
        match node.kind() {
            "function_declaration" => {
                let id = self.named_function(node, FunctionKind::Function, None);
                self.push(block, StatementKind::Function(id), node);
            }
            "method_declaration" => self.method(node, block),
            "type_declaration" => {
                for spec in parts(node) {
                    self.type_spec(spec, node, block);
                }
            }
            "const_declaration" => self.constants(node, block),
            "var_declaration" | "var_spec_list" => {
                for part in parts(node) {
                    match part.kind() {
                        "var_spec" => self.variable(part, node, block),
                        _ => _ = self.declaration(part, block),
                    }
                }
            }
            _ => return false,
        }
        true
    }

    fn named_function(&mut self, node: Node<'a>, kind: FunctionKind, class: Option<ClassId>) -> FunctionId {
        let mut function = self.new_function(kind, node);
        if let Some(name) = node.child_by_field_name("name") {
            function.name = Some(self.name(name));
            function.name_span = self.span(name);
        }
        function.class = class;
        self.function(function, |lower, id| {
            let receiver = field(node, "receiver").first().map(|list| lower.parameters(*list, ParameterKind::Receiver));
            lower.signature(node, id, receiver.unwrap_or_default());
        })
    }

    /// Parameters, results and body.
    pub(super) fn signature(&mut self, node: Node<'a>, id: FunctionId, mut parameters: Vec<Parameter>) {
        if let Some(list) = node.child_by_field_name("parameters") {
            parameters.extend(self.parameters(list, ParameterKind::Plain));
        }
        let mut named = Vec::new();
        let returns = node.child_by_field_name("result").map(|result| match result.kind() {
            "parameter_list" => {
                named = self.parameters(result, ParameterKind::Plain);
                self.result_types(&named, result)
            }
            _ => self.type_value(result),
        });
        let body = node.child_by_field_name("body");
        let mut block = Block::default();
        named.retain(|result| result.name().is_some());
        for result in &named {
            block.statements.push(declared(result.place.clone(), result.annotation, result.span));
        }
        let function = &mut self.module.functions[id.index()];
        function.parameters = parameters;
        function.returns = returns;
        function.is_declaration = body.is_none();
        if let Some(body) = body {
            let outside = std::mem::replace(&mut self.results, named);
            self.block_into(body, &mut block);
            self.results = outside;
        }
        self.module.functions[id.index()].body = block;
    }

    fn result_types(&mut self, results: &[Parameter], node: Node<'a>) -> ValueId {
        let types: Vec<_> = results.iter().filter_map(|result| result.annotation).collect();
        match *types {
            [one] => one,
            _ => self.add(ValueKind::Tuple(types.into()), node),
        }
    }

    fn parameters(&mut self, list: Node<'a>, kind: ParameterKind) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for declaration in parts(list) {
            let rest = declaration.kind() == "variadic_parameter_declaration";
            let kind = if rest { ParameterKind::Rest } else { kind };
            let Some(of) = declaration.child_by_field_name("type") else { continue };
            let names = field(declaration, "name");
            let annotation = Some(self.type_value(of));
            let whole = self.span(declaration);
            let new = |place, span| Parameter { place, kind, annotation, default: None, decorators: Vec::new(), span };
            if names.is_empty() {
                parameters.push(new(Place::Ignore, whole));
            }
            let single = names.len() == 1;
            for name in names {
                let span = self.span(name);
                parameters.push(new(self.place_of(name), if single { whole } else { span }));
            }
        }
        parameters
    }

    fn method(&mut self, node: Node<'a>, block: &mut Block) {
        let receiver = field(node, "receiver").first().and_then(|list| parts(*list).first().copied());
        let of = receiver.and_then(|receiver| receiver.child_by_field_name("type")).map(|of| receiver_type(of));
        let Some(of) = of else { return };
        let name = self.name(of);
        let class = match self.classes.get(&name) {
            Some(class) => *class,
            None => self.implementation(name, of, block),
        };
        let id = self.named_function(node, FunctionKind::Method, Some(class));
        self.module.classes[class.index()].methods.push(id);
    }

    fn implementation(&mut self, name: Name, of: Node<'a>, block: &mut Block) -> ClassId {
        let mut class = self.new_class(ClassKind::Implementation, of);
        class.name = name.clone();
        let id = self.module.add_class(class);
        self.classes.insert(name, id);
        self.push(block, StatementKind::Class(id), of);
        id
    }

    fn new_class(&self, kind: ClassKind, node: Node<'_>) -> Class {
        Class {
            kind,
            name: Name::default(),
            name_span: self.span(node),
            bases: Vec::new(),
            keywords: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
            decorators: Vec::new(),
            documentation: None,
            scope: self.scope,
            body: None,
            span: self.span(node),
        }
    }

    fn type_spec(&mut self, spec: Node<'a>, declaration: Node<'a>, block: &mut Block) {
        let (Some(name), Some(of)) = (spec.child_by_field_name("name"), spec.child_by_field_name("type")) else {
            return;
        };
        let documentation = self.documentation(spec).or_else(|| self.documentation(declaration));
        let id = self.class(of, spec);
        let class = &mut self.module.classes[id.index()];
        class.documentation = documentation;
        class.name = self.text.get(name.byte_range()).unwrap_or("").into();
        class.name_span = Span::new(self.module.source, name.start_byte(), name.end_byte());
        if self.scope == MODULE_BODY {
            let name = class.name.clone();
            if let Some(early) = self.classes.insert(name, id) {
                self.adopt(early, id);
            }
        }
        self.push(block, StatementKind::Class(id), spec);
    }

    /// Methods that stood above their type in the file move to it.
    fn adopt(&mut self, early: ClassId, class: ClassId) {
        if self.module.classes[early.index()].kind != ClassKind::Implementation {
            return;
        }
        let methods = std::mem::take(&mut self.module.classes[early.index()].methods);
        for method in &methods {
            self.module.functions[method.index()].class = Some(class);
        }
        self.module.classes[class.index()].methods.extend(methods);
    }

    /// The class that a type literal makes.
    pub(super) fn class(&mut self, of: Node<'a>, whole: Node<'a>) -> ClassId {
        let kind = match of.kind() {
            "struct_type" => ClassKind::Class,
            "interface_type" => ClassKind::Interface,
            _ => ClassKind::Alias,
        };
        let class = self.new_class(kind, whole);
        let id = self.module.add_class(class);
        match kind {
            ClassKind::Class => self.fields(of, id),
            ClassKind::Interface => self.elements(of, id),
            _ => {
                let base = self.type_value(of);
                self.module.classes[id.index()].bases.push(base);
            }
        }
        id
    }

    fn fields(&mut self, of: Node<'a>, id: ClassId) {
        for list in parts(of) {
            for declaration in parts(list) {
                let Some(of) = declaration.child_by_field_name("type") else { continue };
                let annotation = self.type_value(of);
                let tag = declaration
                    .child_by_field_name("tag")
                    .map(|tag| Documentation { text: text::literal(self.slice(tag)).into(), span: self.span(tag) });
                let names = field(declaration, "name");
                if names.is_empty() {
                    self.module.classes[id.index()].bases.push(annotation);
                    let name = self.slice(of).rsplit('.').next().unwrap_or("").into();
                    self.add_field(id, name, annotation, tag.clone(), declaration);
                }
                for name in names {
                    let name = self.name(name);
                    self.add_field(id, name, annotation, tag.clone(), declaration);
                }
            }
        }
    }

    fn add_field(&mut self, id: ClassId, name: Name, of: ValueId, tag: Option<Documentation>, node: Node<'a>) {
        let documentation = self.documentation(node).or_else(|| self.trailing(node));
        let field = ClassField {
            name,
            annotation: Some(of),
            value: None,
            is_static: false,
            decorators: Vec::new(),
            tag,
            documentation,
            span: self.span(node),
        };
        self.module.classes[id.index()].fields.push(field);
    }

    /// The comment that follows a node on its line.
    fn trailing(&self, node: Node<'_>) -> Option<Documentation> {
        let comments = &self.module.comments;
        let at = comments.partition_point(|comment| (comment.start as usize) < node.end_byte());
        let comment = *comments.get(at)?;
        let between = self.text.get(node.end_byte()..comment.start as usize)?;
        if !between.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
            return None;
        }
        let text = text::comment(std::iter::once(self.text.get(comment.range())?));
        Some(Documentation { text: text.into(), span: comment })
    }

    fn elements(&mut self, of: Node<'a>, id: ClassId) {
        for element in parts(of) {
            match element.kind() {
                "method_elem" => {
                    let method = self.named_function(element, FunctionKind::Method, Some(id));
                    self.module.classes[id.index()].methods.push(method);
                }
                _ => {
                    for base in parts(element) {
                        let base = self.type_value(base);
                        self.module.classes[id.index()].bases.push(base);
                    }
                }
            }
        }
    }

    fn constants(&mut self, node: Node<'a>, block: &mut Block) {
        let mut repeated: Option<Node<'a>> = None;
        let specs = parts(node).into_iter().filter(|spec| spec.kind() == "const_spec");
        for (iota, spec) in specs.enumerate() {
            if spec.child_by_field_name("value").is_some() {
                repeated = Some(spec);
            }
            let outside = self.iota.replace(i64::try_from(iota).unwrap_or(i64::MAX));
            let like = repeated.unwrap_or(spec);
            let annotation = like.child_by_field_name("type").map(|of| self.type_value(of));
            let values = like.child_by_field_name("value").map(|list| self.values(list)).unwrap_or_default();
            self.iota = outside;
            let names = field(spec, "name");
            self.declare(&names, &values, annotation, spec, block);
        }
    }

    fn variable(&mut self, spec: Node<'a>, declaration: Node<'a>, block: &mut Block) {
        let annotation = spec.child_by_field_name("type").map(|of| self.type_value(of));
        let mut values = spec.child_by_field_name("value").map(|list| self.values(list)).unwrap_or_default();
        if values.is_empty() {
            values.extend(self.embedded(spec).or_else(|| self.embedded(declaration)));
        }
        let names = field(spec, "name");
        self.declare(&names, &values, annotation, spec, block);
    }

    /// What `//go:embed` above a variable gives it.
    fn embedded(&mut self, node: Node<'a>) -> Option<ValueId> {
        const DIRECTIVE: &str = "//go:embed ";
        let comments = &self.module.comments;
        let at = comments.partition_point(|comment| (comment.start as usize) < node.start_byte()).checked_sub(1)?;
        let comment = comments[at];
        let line = self.text.get(comment.range())?;
        let paths = line.strip_prefix(DIRECTIVE)?;
        if !text::is_line_break(self.text, comment.end as usize, node.start_byte()) {
            return None;
        }
        let callee = self.module.add_value(ValueKind::Name("go:embed".into()), comment);
        let arguments = paths.split_whitespace().map(|path| {
            let path = path.trim_matches(['"', '`']);
            self.module.add_value(ValueKind::Text(path.into()), comment)
        });
        let arguments = arguments.map(|value| crate::code::Argument { name: None, value }).collect();
        let call = Call { callee, arguments, kind: CallKind::Macro };
        Some(self.module.add_value(ValueKind::Call(Box::new(call)), comment))
    }

    fn declare(
        &mut self,
        names: &[Node<'a>],
        values: &[ValueId],
        annotation: Option<ValueId>,
        spec: Node<'a>,
        block: &mut Block,
    ) {
        let span = self.span(spec);
        let places: Vec<_> = names.iter().map(|name| self.place_of(*name)).collect();
        if values.len() == 1 && places.len() > 1 {
            let mut statement = declared(Place::Items(places, None), annotation, span);
            if let StatementKind::Assign(assignment) = &mut statement.kind {
                assignment.value = values.first().copied();
            }
            block.statements.push(statement);
            return;
        }
        for (at, place) in places.into_iter().enumerate() {
            let mut statement = declared(place, annotation, span);
            if let StatementKind::Assign(assignment) = &mut statement.kind {
                assignment.value = values.get(at).copied();
            }
            block.statements.push(statement);
        }
    }

    pub(super) fn place_of(&self, name: Node<'_>) -> Place {
        match self.slice(name) {
            "_" => Place::Ignore,
            text => Place::Name(text.into(), self.span(name)),
        }
    }

    /// A function literal.
    pub(super) fn closure(&mut self, node: Node<'a>) -> FunctionId {
        let closure = Function::new(FunctionKind::Closure, self.span(node));
        self.function(closure, |lower, id| lower.signature(node, id, Vec::new()))
    }
}

fn declared(place: Place, annotation: Option<ValueId>, span: Span) -> Statement {
    let assignment = Assignment { places: vec![place], annotation, declares: true, ..Assignment::default() };
    Statement { kind: StatementKind::Assign(Box::new(assignment)), span }
}

/// The name of a receiver's type, without pointer and type parameters.
fn receiver_type(mut of: Node<'_>) -> Node<'_> {
    while matches!(of.kind(), "pointer_type" | "parenthesized_type" | "generic_type") {
        let Some(inner) = of.named_child(0) else { return of };
        of = inner;
    }
    of
}

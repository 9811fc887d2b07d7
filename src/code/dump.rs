//! Code as compact text, for tests and for people who want to see what a frontend made of a file.
//!
//! The notation belongs to no language: `(a + b)`, `f(x, key: v, ...rest)`, `x.y`, `x[i]`, `base<T>`, `(t ? a : b)`,
//! `fn(x) { return x }`, `place := value` inside expressions. Everything is shown but places.

use crate::code::*;

/// The whole module: imports, exports, then the body with the definitions where they stand.
pub fn dump(module: &Module) -> String {
    let mut dumper = Dumper { module, out: String::new(), depth: 0 };
    dumper.module();
    dumper.out
}

/// One value of a module.
pub fn dump_value(module: &Module, id: ValueId) -> String {
    Dumper { module, out: String::new(), depth: 0 }.value(id)
}

struct Dumper<'a> {
    module: &'a Module,
    out: String,
    depth: usize,
}

impl Dumper<'_> {
    fn line(&mut self, text: impl AsRef<str>) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
        self.out.push_str(text.as_ref());
        self.out.push('\n');
    }

    fn open(&mut self, text: impl AsRef<str>) {
        self.line(format!("{} {{", text.as_ref()));
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    fn module(&mut self) {
        if let Some(package) = &self.module.package {
            self.line(format!("package {package}"));
        }
        for import in &self.module.imports {
            self.line(import_text(import));
        }
        for export in &self.module.exports {
            let target = match &export.target {
                ExportTarget::Local(name) => name.to_string(),
                ExportTarget::Value(value) => self.value(*value),
                ExportTarget::From(module, name) => format!("{name} from {module:?}"),
            };
            self.line(format!("export {} = {target}", export.name));
        }
        let body = self.module.function(MODULE_BODY);
        self.documentation(&body.documentation);
        self.rebinds(body);
        self.block(&body.body);
    }

    fn documentation(&mut self, documentation: &Option<Documentation>) {
        if let Some(documentation) = documentation {
            self.line(format!("doc {:?}", documentation.text));
        }
    }

    fn rebinds(&mut self, function: &Function) {
        for rebind in &function.rebinds {
            let scope = match rebind.scope {
                RebindScope::Module => "global",
                RebindScope::Enclosing => "nonlocal",
            };
            self.line(format!("{scope} {}", rebind.name));
        }
    }

    fn block(&mut self, block: &Block) {
        for statement in &block.statements {
            self.statement(statement);
        }
        if let Some(tail) = block.tail {
            let text = self.value(tail);
            self.line(format!("=> {text}"));
        }
    }

    fn braced(&mut self, head: impl AsRef<str>, block: &Block) {
        self.open(head);
        self.block(block);
        self.close();
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Evaluate(value) => self.with_value("", *value),
            StatementKind::Assign(assignment) => {
                let text = self.assignment(assignment, "=");
                self.line(text);
            }
            StatementKind::Return(value) => self.with_optional("return", *value),
            StatementKind::Raise(value) => self.with_optional("raise", *value),
            StatementKind::Break => self.line("break"),
            StatementKind::Continue => self.line("continue"),
            StatementKind::If { test, then, otherwise } => self.branch(*test, then, otherwise),
            StatementKind::Loop { head, body, otherwise } => self.turns(head, body, otherwise),
            StatementKind::Match(matched) => self.arms(matched),
            StatementKind::Try(tried) => self.tried(tried),
            StatementKind::With { items, body } => {
                let items: Vec<String> = items.iter().map(|(value, place)| self.item(*value, place)).collect();
                self.braced(format!("with {}", items.join(", ")), body);
            }
            StatementKind::Assert(value) => self.with_value("assert ", *value),
            StatementKind::Defer(value) => self.with_value("defer ", *value),
            StatementKind::Delete(value) => self.with_value("delete ", *value),
            StatementKind::Function(id) => self.function(*id),
            StatementKind::Class(id) => self.class(*id),
            StatementKind::Block(block) => self.braced("do", block),
        }
    }

    fn with_value(&mut self, word: &str, value: ValueId) {
        let text = self.value(value);
        self.line(format!("{word}{text}"));
    }

    fn with_optional(&mut self, word: &str, value: Option<ValueId>) {
        match value {
            Some(value) => self.with_value(&format!("{word} "), value),
            None => self.line(word),
        }
    }

    fn branch(&mut self, test: ValueId, then: &Block, otherwise: &Block) {
        let test = self.value(test);
        self.braced(format!("if {test}"), then);
        self.unless_empty("else", otherwise);
    }

    fn unless_empty(&mut self, head: &str, block: &Block) {
        if !block.statements.is_empty() || block.tail.is_some() {
            self.braced(head, block);
        }
    }

    fn turns(&mut self, head: &LoopHead, body: &Block, otherwise: &Block) {
        let head = match head {
            LoopHead::Each(place, over) => format!("for {} in {}", self.place(place), self.value(*over)),
            LoopHead::While(test) => format!("while {}", self.value(*test)),
            LoopHead::Forever => "loop".to_string(),
        };
        self.braced(head, body);
        self.unless_empty("else", otherwise);
    }

    fn arms(&mut self, matched: &Match) {
        let subject = matched.subject.map(|subject| format!(" {}", self.value(subject))).unwrap_or_default();
        self.open(format!("match{subject}"));
        for arm in &matched.arms {
            let patterns: Vec<String> = arm.patterns.iter().map(|pattern| self.pattern(pattern)).collect();
            let guard = arm.guard.map(|guard| format!(" if {}", self.value(guard))).unwrap_or_default();
            let falls = if arm.falls_through { " falls through" } else { "" };
            self.braced(format!("case {}{guard}{falls}", patterns.join(" | ")), &arm.body);
        }
        self.close();
    }

    fn tried(&mut self, tried: &Try) {
        self.braced("try", &tried.body);
        for handler in &tried.handlers {
            let types: Vec<String> = handler.types.iter().map(|id| format!(" {}", self.value(*id))).collect();
            let binding = handler.binding.as_ref().map(|place| format!(" as {}", self.place(place)));
            self.braced(format!("except{}{}", types.join(","), binding.unwrap_or_default()), &handler.body);
        }
        self.unless_empty("else", &tried.otherwise);
        self.unless_empty("finally", &tried.finally);
    }

    fn item(&mut self, value: ValueId, place: &Option<Place>) -> String {
        let place = place.as_ref().map(|place| format!(" as {}", self.place(place))).unwrap_or_default();
        format!("{}{place}", self.value(value))
    }

    fn function(&mut self, id: FunctionId) {
        let function = self.module.function(id);
        self.decorators(&function.decorators);
        let head = self.head(function, "def");
        if function.is_declaration && function.body.statements.is_empty() && function.documentation.is_none() {
            return self.line(head);
        }
        self.open(head);
        self.documentation(&function.documentation);
        self.rebinds(function);
        self.block(&function.body);
        self.close();
    }

    fn decorators(&mut self, decorators: &[ValueId]) {
        for decorator in decorators {
            self.with_value("@", *decorator);
        }
    }

    fn head(&mut self, function: &Function, word: &str) -> String {
        let flags = [
            (function.is_declaration, "declare "),
            (function.is_static, "static "),
            (function.is_getter, "get "),
            (function.is_async, "async "),
        ];
        let flags: String = flags.iter().filter(|(set, _)| *set).map(|(_, text)| *text).collect();
        let name = function.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        let parameters: Vec<String> = function.parameters.iter().map(|one| self.parameter(one)).collect();
        let returns = function.returns.map(|returns| format!(" -> {}", self.value(returns))).unwrap_or_default();
        format!("{flags}{word}{name}({}){returns}", parameters.join(", "))
    }

    fn parameter(&mut self, parameter: &Parameter) -> String {
        let kind = match parameter.kind {
            ParameterKind::Receiver => "receiver ",
            ParameterKind::Plain => "",
            ParameterKind::PositionOnly => "positional ",
            ParameterKind::NameOnly => "named ",
            ParameterKind::Rest => "*",
            ParameterKind::NamedRest => "**",
        };
        let decorators: String = parameter.decorators.iter().map(|id| format!("@{} ", self.value(*id))).collect();
        let annotation = parameter.annotation.map(|id| format!(": {}", self.value(id))).unwrap_or_default();
        let default = parameter.default.map(|id| format!(" = {}", self.value(id))).unwrap_or_default();
        format!("{decorators}{kind}{}{annotation}{default}", self.place(&parameter.place))
    }

    fn class(&mut self, id: ClassId) {
        let class = self.module.class(id);
        self.decorators(&class.decorators);
        let kind = match class.kind {
            ClassKind::Class => "class",
            ClassKind::Enum => "enum",
            ClassKind::Interface => "interface",
            ClassKind::Implementation => "impl",
            ClassKind::Alias => "alias",
        };
        let mut bases: Vec<String> = class.bases.iter().map(|id| self.value(*id)).collect();
        bases.extend(class.keywords.iter().map(|argument| self.argument(argument)));
        let bases = if bases.is_empty() { String::new() } else { format!("({})", bases.join(", ")) };
        self.open(format!("{kind} {}{bases}", class.name));
        self.documentation(&class.documentation);
        for field in &class.fields {
            self.field(field);
        }
        for method in &class.methods {
            self.function(*method);
        }
        if let Some(body) = class.body {
            self.braced("body", &self.module.function(body).body);
        }
        self.close();
    }

    fn field(&mut self, field: &ClassField) {
        self.decorators(&field.decorators);
        self.documentation(&field.documentation);
        let word = if field.is_static { "static" } else { "field" };
        let annotation = field.annotation.map(|id| format!(": {}", self.value(id))).unwrap_or_default();
        let value = field.value.map(|id| format!(" = {}", self.value(id))).unwrap_or_default();
        let tag = field.tag.as_ref().map(|tag| format!(" tag {:?}", tag.text)).unwrap_or_default();
        self.line(format!("{word} {}{annotation}{value}{tag}", field.name));
    }

    fn assignment(&mut self, assignment: &Assignment, sign: &str) -> String {
        let places: Vec<String> = assignment.places.iter().map(|place| self.place(place)).collect();
        let declares = if assignment.declares { "let " } else { "" };
        let annotation = assignment.annotation.map(|id| format!(": {}", self.value(id))).unwrap_or_default();
        let operator = assignment.operator.map(sign_of).unwrap_or_default();
        let value = assignment.value.map(|id| format!(" {operator}{sign} {}", self.value(id))).unwrap_or_default();
        format!("{declares}{}{annotation}{value}", places.join(" = "))
    }

    fn place(&mut self, place: &Place) -> String {
        match place {
            Place::Name(name, _) => name.to_string(),
            Place::Value(value) => self.value(*value),
            Place::Fields(fields, rest) => {
                let mut parts: Vec<String> = fields.iter().map(|field| self.field_place(field)).collect();
                parts.extend(rest.iter().map(|rest| format!("...{rest}")));
                format!("{{{}}}", parts.join(", "))
            }
            Place::Items(places, rest) => {
                let star = |at: usize| if Some(at) == *rest { "*" } else { "" };
                let parts: Vec<String> =
                    places.iter().enumerate().map(|(at, place)| format!("{}{}", star(at), self.place(place))).collect();
                format!("[{}]", parts.join(", "))
            }
            Place::Ignore => "_".to_string(),
        }
    }

    fn field_place(&mut self, field: &FieldPlace) -> String {
        let default = field.default.map(|id| format!(" = {}", self.value(id))).unwrap_or_default();
        format!("{}: {}{default}", field.name, self.place(&field.place))
    }

    fn pattern(&mut self, pattern: &Pattern) -> String {
        match pattern {
            Pattern::Value(value) => self.value(*value),
            Pattern::Any(None) => "_".to_string(),
            Pattern::Any(Some(place)) => format!("any {}", self.place(place)),
            Pattern::Shape { of, bindings } => {
                let of = of.map(|of| self.value(of)).unwrap_or_default();
                let bindings: Vec<String> = bindings.iter().map(|place| self.place(place)).collect();
                format!("{of}({})", bindings.join(", "))
            }
        }
    }

    fn argument(&mut self, argument: &Argument) -> String {
        match &argument.name {
            Some(name) => format!("{name}: {}", self.value(argument.value)),
            None => self.value(argument.value),
        }
    }

    fn values(&mut self, ids: &[ValueId]) -> String {
        let texts: Vec<String> = ids.iter().map(|id| self.value(*id)).collect();
        texts.join(", ")
    }

    fn value(&mut self, id: ValueId) -> String {
        match &self.module.value(id).kind {
            ValueKind::Null => "null".to_string(),
            ValueKind::Bool(value) => value.to_string(),
            ValueKind::Int(value) => value.to_string(),
            ValueKind::Float(value) => format!("{value:?}"),
            ValueKind::Text(text) => format!("{text:?}"),
            ValueKind::Regex(text) => format!("/{text}/"),
            ValueKind::Name(name) => name.to_string(),
            ValueKind::This => "this".to_string(),
            ValueKind::Super => "super".to_string(),
            ValueKind::Field { base, name } => format!("{}.{name}", self.value(*base)),
            ValueKind::Index { base, key } => format!("{}[{}]", self.value(*base), self.value(*key)),
            ValueKind::Generic { base, arguments } => format!("{}<{}>", self.value(*base), self.values(arguments)),
            ValueKind::Call(call) => self.call(call),
            ValueKind::Template(parts) => format!("template({})", self.values(parts)),
            ValueKind::Binary { operator, left, right } => {
                format!("({} {} {})", self.value(*left), sign_of(*operator), self.value(*right))
            }
            ValueKind::Not(value) => format!("(not {})", self.value(*value)),
            ValueKind::Unary(value) => format!("(unary {})", self.value(*value)),
            ValueKind::List(items) => format!("[{}]", self.values(items)),
            ValueKind::Tuple(items) => format!("({})", self.values(items)),
            ValueKind::Map(entries) => format!("{{{}}}", self.entries(entries)),
            ValueKind::Construct { of, entries } => format!("{}{{{}}}", self.value(*of), self.entries(entries)),
            ValueKind::Function(id) => self.closure(*id),
            ValueKind::Class(id) => self.inline(|dumper| dumper.class(*id)),
            ValueKind::Await(value) => format!("await {}", self.value(*value)),
            ValueKind::Yield(value) => value.map_or("yield".to_string(), |id| format!("yield {}", self.value(id))),
            ValueKind::Propagate(value) => format!("{}?", self.value(*value)),
            ValueKind::Spread(value) => format!("...{}", self.value(*value)),
            ValueKind::Choice { test, then, otherwise } => {
                let otherwise = otherwise.map(|id| format!(" : {}", self.value(id))).unwrap_or_default();
                format!("({} ? {}{otherwise})", self.value(*test), self.value(*then))
            }
            ValueKind::Matches { value, pattern } => {
                format!("({} matches {})", self.value(*value), self.pattern(pattern))
            }
            ValueKind::Assign(assignment) => format!("({})", self.assignment(assignment, ":=")),
            ValueKind::Sequence(items) => format!("sequence({})", self.values(items)),
            ValueKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ValueKind::Block(block) => self.inline(|dumper| dumper.braced("do", block)),
            ValueKind::Match(matched) => self.inline(|dumper| dumper.arms(matched)),
            ValueKind::Unknown(parts) => format!("unknown({})", self.values(parts)),
        }
    }

    fn call(&mut self, call: &Call) -> String {
        let callee = self.value(call.callee);
        let arguments: Vec<String> = call.arguments.iter().map(|argument| self.argument(argument)).collect();
        let arguments = arguments.join(", ");
        match call.kind {
            CallKind::Plain => format!("{callee}({arguments})"),
            CallKind::New => format!("new {callee}({arguments})"),
            CallKind::Macro => format!("{callee}!({arguments})"),
            CallKind::Tagged => format!("{callee}`{arguments}`"),
            CallKind::Spawned => format!("spawn {callee}({arguments})"),
        }
    }

    fn entries(&mut self, entries: &[MapEntry]) -> String {
        let texts: Vec<String> = entries.iter().map(|entry| self.entry(entry)).collect();
        texts.join(", ")
    }

    fn entry(&mut self, entry: &MapEntry) -> String {
        let value = self.value(entry.value);
        match &entry.key {
            MapKey::Name(name, _) => format!("{name:?}: {value}"),
            MapKey::Value(key) => format!("[{}]: {value}", self.value(*key)),
            MapKey::Spread => format!("...{value}"),
        }
    }

    fn closure(&mut self, id: FunctionId) -> String {
        let function = self.module.function(id);
        self.inline(|dumper| {
            let head = dumper.head(function, "fn");
            dumper.braced(head, &function.body);
        })
    }

    fn comprehension(&mut self, comprehension: &Comprehension) -> String {
        let key = comprehension.key.map(|key| format!("{}: ", self.value(key))).unwrap_or_default();
        let mut text = format!("[{key}{}", self.value(comprehension.element));
        for clause in &comprehension.clauses {
            text += &format!(" for {} in {}", self.place(&clause.place), self.value(clause.over));
            for condition in &clause.conditions {
                text += &format!(" if {}", self.value(*condition));
            }
        }
        text + "]"
    }

    /// What `write` adds as lines, on one line.
    fn inline(&mut self, write: impl FnOnce(&mut Self)) -> String {
        let outer = std::mem::take(&mut self.out);
        write(self);
        let lines = std::mem::replace(&mut self.out, outer);
        let mut text = String::new();
        for line in lines.lines().map(str::trim_start) {
            let opened = text.ends_with('{');
            if !text.is_empty() {
                text.push_str(if opened || line == "}" || text.ends_with('}') { " " } else { "; " });
            }
            text.push_str(line);
        }
        text
    }
}

fn import_text(import: &Import) -> String {
    let word = if import.is_type { "import type" } else { "import" };
    let module = format!("{}{}", ".".repeat(import.level as usize), import.module);
    let item = match &import.item {
        ImportItem::Module => String::new(),
        ImportItem::Name(name) => format!(" name {name}"),
        ImportItem::All => " all".to_string(),
    };
    let local = if import.local.is_empty() { String::new() } else { format!(" as {}", import.local) };
    let scope = if import.scope == MODULE_BODY { String::new() } else { format!(" in fn#{}", import.scope.0) };
    format!("{word} {module:?}{item}{local}{scope}")
}

fn sign_of(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
        Operator::Power => "**",
        Operator::BitAnd => "&",
        Operator::BitOr => "|",
        Operator::BitXor => "^",
        Operator::ShiftLeft => "<<",
        Operator::ShiftRight => ">>",
        Operator::And => "and",
        Operator::Or => "or",
        Operator::Coalesce => "??",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterEqual => ">=",
        Operator::In => "in",
        Operator::NotIn => "not in",
        Operator::Is => "is",
        Operator::IsNot => "is not",
        Operator::InstanceOf => "instanceof",
        Operator::Range => "..",
        Operator::Other => "?",
    }
}

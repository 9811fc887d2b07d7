//! Templates carried out as far as their values are known.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::functions;
use super::syntax::{Pipeline, Step, Term};
use super::value::{Rich, Value};
use crate::extract::kubernetes::value::OPEN;
use crate::source::{SourceId, Span};

/// Steps that the templates of one chart may take.
const STEPS: usize = 200_000;
/// Templates that may call each other in a row.
const DEPTH: usize = 40;
/// Bytes that one template may write.
const OUTPUT: usize = 2 << 20;

/// A template by name: its steps, and the file whose text they are of.
pub type Templates<'t> = BTreeMap<String, (SourceId, &'t str, &'t [Step])>;

/// Carries templates out.
pub struct Renderer<'a, 't> {
    /// Templates by name.
    pub templates: &'t Templates<'t>,
    /// `.Values`, `.Release` and the rest.
    pub root: Value<'a>,
    /// Actions whose outcome decides what there is, and could not be known.
    pub open: Vec<Span>,
    left: usize,
    depth: usize,
}

/// What a template sees.
struct Scope<'a> {
    dot: Value<'a>,
    variables: Vec<(String, Value<'a>)>,
}

impl<'a, 't> Renderer<'a, 't> {
    /// With a full allowance.
    pub fn new(templates: &'t Templates<'t>, root: Value<'a>) -> Self {
        Self { templates, root, open: Vec::new(), left: STEPS, depth: DEPTH }
    }

    /// Whether the allowance was used up.
    pub fn is_exhausted(&self) -> bool {
        self.left == 0
    }

    /// What a file's template writes.
    pub fn file(&mut self, source: SourceId, text: &str, steps: &[Step]) -> Rich {
        let mut out = Rich::default();
        let mut scope = Scope { dot: self.root.clone(), variables: Vec::new() };
        self.steps(source, text, steps, &mut scope, &mut out);
        out
    }

    /// What a named template writes; open where there is no such template.
    pub fn include(&mut self, name: &str, dot: Value<'a>) -> Value<'a> {
        let Some((source, text, steps)) = self.templates.get(name).copied() else { return Value::Open };
        if self.depth == 0 {
            return Value::Open;
        }
        self.depth -= 1;
        let mut out = Rich::default();
        let mut scope = Scope { dot, variables: Vec::new() };
        self.steps(source, text, steps, &mut scope, &mut out);
        self.depth += 1;
        Value::Text(Rc::new(out))
    }

    fn steps(&mut self, source: SourceId, text: &str, steps: &[Step], scope: &mut Scope<'a>, out: &mut Rich) {
        let known = scope.variables.len();
        for step in steps {
            if self.left == 0 || out.text.len() > OUTPUT {
                self.left = 0;
                return;
            }
            self.left -= 1;
            self.step(source, text, step, scope, out);
        }
        scope.variables.truncate(known);
    }

    fn step(&mut self, source: SourceId, text: &str, step: &Step, scope: &mut Scope<'a>, out: &mut Rich) {
        match step {
            Step::Text(start, end) => {
                out.push_from(text.get(*start..*end).unwrap_or(""), Span::new(source, *start, *end), true);
            }
            Step::Write(pipeline, span) => {
                let value = self.pipeline(pipeline, scope);
                if pipeline.variable.is_none() {
                    write(&value, *span, out);
                }
            }
            Step::If(branches, otherwise, span) => {
                for (condition, body) in branches {
                    match self.pipeline(condition, scope).truth() {
                        Some(true) => return self.steps(source, text, body, scope, out),
                        Some(false) => {}
                        None => return self.open.push(*span),
                    }
                }
                self.steps(source, text, otherwise, scope, out);
            }
            Step::With(name, pipeline, body, otherwise, span) => {
                let value = self.pipeline(pipeline, scope);
                match value.truth() {
                    Some(true) => {
                        let names = name.iter().map(|name| (name.clone(), value.clone())).collect();
                        self.within(source, text, body, value, names, scope, out);
                    }
                    Some(false) => self.steps(source, text, otherwise, scope, out),
                    None => self.open.push(*span),
                }
            }
            Step::Range(names, pipeline, body, otherwise, span) => {
                let value = self.pipeline(pipeline, scope);
                if value.truth().is_none() {
                    self.open.push(*span);
                }
                let entries = value.entries();
                if entries.is_empty() {
                    self.steps(source, text, otherwise, scope, out);
                }
                for (key, item) in entries {
                    let named = match names.as_slice() {
                        [one] => vec![(one.clone(), item.clone())],
                        [first, second, ..] => vec![(first.clone(), key), (second.clone(), item.clone())],
                        [] => Vec::new(),
                    };
                    self.within(source, text, body, item, named, scope, out);
                }
            }
            Step::Define(..) => {}
            Step::Broken(span) => self.open.push(*span),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a body and all that it sees")]
    fn within(
        &mut self,
        source: SourceId,
        text: &str,
        body: &[Step],
        dot: Value<'a>,
        names: Vec<(String, Value<'a>)>,
        scope: &mut Scope<'a>,
        out: &mut Rich,
    ) {
        let outer = std::mem::replace(&mut scope.dot, dot);
        let known = scope.variables.len();
        scope.variables.extend(names);
        self.steps(source, text, body, scope, out);
        scope.variables.truncate(known);
        scope.dot = outer;
    }

    fn pipeline(&mut self, pipeline: &Pipeline, scope: &mut Scope<'a>) -> Value<'a> {
        let mut last: Option<Value<'a>> = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, last, scope));
        }
        let value = last.unwrap_or(Value::Nil);
        if let Some(name) = &pipeline.variable {
            match scope.variables.iter_mut().rev().find(|(own, _)| own == name) {
                Some((_, own)) => *own = value.clone(),
                None => scope.variables.push((name.clone(), value.clone())),
            }
        }
        value
    }

    /// A command: a function and its arguments, or a value alone.
    fn command(&mut self, terms: &[Term], piped: Option<Value<'a>>, scope: &mut Scope<'a>) -> Value<'a> {
        let Some((first, rest)) = terms.split_first() else { return Value::Nil };
        self.left = self.left.saturating_sub(1);
        if let Term::Word(name) = first {
            let mut arguments: Vec<Value<'a>> = rest.iter().map(|term| self.term(term, scope)).collect();
            arguments.extend(piped);
            return match (name.as_str(), arguments.as_slice()) {
                ("true", []) => Value::Bool(true, None),
                ("false", []) => Value::Bool(false, None),
                ("nil", []) => Value::Nil,
                ("include", [name, dot, ..]) => {
                    let name = name.written().text;
                    self.include(&name, dot.clone())
                }
                ("tpl", [text, ..]) if !text.written().text.contains("{{") => text.clone(),
                (name, arguments) => {
                    let value = functions::call(name, arguments);
                    // What is long costs more than what is short.
                    if let Value::Text(rich) = &value {
                        self.left = self.left.saturating_sub(rich.text.len() / 64);
                    }
                    value
                }
            };
        }
        let value = self.term(first, scope);
        if let (Term::Dot(fields) | Term::Variable(_, fields), [version]) = (first, rest)
            && fields.ends_with(&["APIVersions".to_string(), "Has".to_string()])
        {
            let version = self.term(version, scope).written().text;
            return Value::Bool(functions::has_version(&version), None);
        }
        // What else is called by name is not known here.
        if rest.is_empty() && piped.is_none() { value } else { Value::Open }
    }

    fn term(&mut self, term: &Term, scope: &mut Scope<'a>) -> Value<'a> {
        let walk = |value: Value<'a>, fields: &[String]| fields.iter().fold(value, |value, name| value.field(name));
        match term {
            Term::Text(text) => Value::text(text.clone(), None),
            Term::Number(text) => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(value), _) => Value::Int(value, None),
                (_, Ok(value)) => Value::Float(value, None),
                (_, _) => Value::Open,
            },
            Term::Word(_) => self.command(std::slice::from_ref(term), None, scope),
            Term::Variable(name, fields) if name.is_empty() => walk(self.root.clone(), fields),
            Term::Variable(name, fields) => {
                let found = scope.variables.iter().rev().find(|(own, _)| own == name);
                walk(found.map_or(Value::Open, |(_, value)| value.clone()), fields)
            }
            Term::Dot(fields) => walk(scope.dot.clone(), fields),
            Term::Group(inner, fields) => walk(self.pipeline(inner, scope), fields),
        }
    }
}

/// Writes a value; what has no place of its own stands where its action stands.
fn write(value: &Value<'_>, span: Span, out: &mut Rich) {
    let written = value.written();
    if written.marks.is_empty() || matches!(value, Value::Open) {
        let text = if matches!(value, Value::Open) { OPEN } else { &written.text };
        out.push_from(text, span, false);
    } else {
        out.push(&written);
    }
}

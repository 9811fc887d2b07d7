//! What a check by a schema gives back: the constant that it looked at.

use std::rc::Rc;

use crate::code::Name;
use crate::flow::meaning::{Entry, Item, Key, Made, Meaning, Passed};
use crate::flow::{Flow, ValueRef};

/// Methods of schemas that give back the first argument.
const CHECKING: &[&str] = &[
    "parse",
    "parseAsync",
    "parseSync",
    "validateSync",
    "cast",
    "from",
    "assert",
    "strip",
    "attempt",
    "model_validate",
    "model_construct",
    "parse_obj",
    "validate_python",
    "structure",
];
/// Functions of schema libraries, and which argument they give back.
const FUNCTIONS: &[(&str, usize)] = &[
    ("valibot#parse", 1),
    ("valibot#parseAsync", 1),
    ("superstruct#create", 0),
    ("superstruct#mask", 0),
    ("@sinclair/typebox/value#Value.Parse", 1),
    ("@sinclair/typebox/value#Value.Cast", 1),
    ("@sinclair/typebox/value#Value.Decode", 1),
    ("@sinclair/typebox/value#Value.Default", 1),
    ("joi#attempt", 0),
    ("joi#default.attempt", 0),
];
/// Checks that wrap what they give back.
const WRAPPING: &[(&str, usize)] = &[("safeParse", 0), ("safeParseAsync", 0)];
/// Words of a schema that gives back something else than it is given.
const CHANGING: &[&str] = &["transform(", "preprocess(", "default(", "catch(", "pipe(", "overwrite(", "codec("];
/// Functions that make a tool of the name that they are given first.
const NAMED_BY_FIRST: &[&str] = &["NewTool", "NewToolWithRawSchema", "Tool::new", "Tool.new"];

impl Flow<'_> {
    /// `schema.parse(x)`, `parse(schema, x)`: `x`, where that is a constant of the tree and the schema only looks at it.
    pub(super) fn checked(&self, at: ValueRef, callee: &Meaning, arguments: &[Passed]) -> Option<Meaning> {
        let (schema, method) = match callee {
            Meaning::Member(base, name) => (Some(&**base), name.as_str()),
            Meaning::Outside(name) => (None, last(name)),
            _ => return None,
        };
        if self.changes(schema) {
            return None;
        }
        if let Meaning::Outside(name) = callee
            && let Some((_, position)) = FUNCTIONS.iter().find(|(function, _)| *function == name.as_str())
        {
            return self.constant_argument(arguments, *position);
        }
        if let Some((_, position)) = WRAPPING.iter().find(|(function, _)| *function == method) {
            let is_function = matches!(callee, Meaning::Outside(name) if name.starts_with("valibot#"));
            let found = self.constant_argument(arguments, position + usize::from(is_function))?;
            return Some(self.wrapped(at, found));
        }
        let is_one = CHECKING.contains(&method) && arguments.len() == 1;
        is_one.then(|| self.constant_argument(arguments, 0)).flatten()
    }

    /// Whether a schema of the tree may give back something else than what it looked at.
    fn changes(&self, schema: Option<&Meaning>) -> bool {
        let Some(Meaning::Made(made)) = schema else { return false };
        let text = self.sources.slice(self.span(made.at));
        CHANGING.iter().any(|word| text.contains(word))
    }

    /// An argument that is an object or list written in the tree.
    fn constant_argument(&self, arguments: &[Passed], position: usize) -> Option<Meaning> {
        let argument = arguments.iter().filter(|one| one.name.is_none()).nth(position)?;
        match self.force(&argument.value) {
            found @ (Meaning::Map(_) | Meaning::List(_)) if !argument.is_rest => Some(found),
            _ => None,
        }
    }

    fn wrapped(&self, at: ValueRef, found: Meaning) -> Meaning {
        let key = |name: &str| Some(Key { name: Name::new(name), span: self.span(at) });
        let entries = [("success", Meaning::Bool(true)), ("data", found.clone()), ("output", found)];
        Meaning::Map(
            entries.into_iter().map(|(name, value)| Entry { key: key(name), value, optional: false }).collect(),
        )
    }

    /// What a schema or tool that was made of constants shows of them: `z.enum([…]).enum.a`, `NewTool("a").Name`.
    pub(super) fn shown_of(&self, made: &Rc<Made>, member: &str) -> Option<Meaning> {
        let Meaning::Outside(callee) = &made.callee else { return None };
        let first = || made.arguments.first().filter(|one| one.name.is_none()).map(|one| self.force(&one.value));
        let is_schema = callee.starts_with("zod");
        match (member, last(callee)) {
            ("enum" | "Enum" | "Values", "enum") if is_schema => {
                let items = self.items(&first()?)?;
                let entry = |item: &Item| match self.force(&item.value) {
                    Meaning::Text(name, span) if !item.is_rest => Some(Entry {
                        key: Some(Key { name: name.clone(), span }),
                        value: Meaning::Text(name, span),
                        optional: false,
                    }),
                    _ => None,
                };
                items.iter().map(entry).collect::<Option<Vec<_>>>().map(|entries| Meaning::Map(entries.into()))
            }
            ("enum" | "Enum" | "Values", "nativeEnum") if is_schema => first(),
            ("options", "enum") if is_schema => first(),
            ("value", "literal") if is_schema => first(),
            ("shape", "object" | "strictObject" | "looseObject") if is_schema => first(),
            ("name" | "Name", _) if NAMED_BY_FIRST.iter().any(|one| callee.ends_with(one)) => {
                first().filter(|name| name.text().is_some())
            }
            _ => None,
        }
    }
}

/// The last segment of a full name.
fn last(name: &str) -> &str {
    name.rsplit(['.', '#', ':', '/']).next().unwrap_or(name)
}

//! Signatures, type annotations and model classes of Python as JSON Schema.

use serde_json::{Value, json};

use crate::code::{ClassKind, Name, Operator, ParameterKind, ValueKind};
use crate::extract::tools::schema::{any_of, injected, object, say, typed, unknown, validators};
use crate::flow::json::Json;
use crate::flow::meaning::{Made, Meaning};
use crate::flow::schemas::SchemaTest;
use crate::flow::{ClassRef, Flow, FunctionRef, In, ValueRef};

/// Deepest nesting of types and models.
const MAX_DEPTH: u32 = 10;

/// The schema of what a caller passes to a function.
pub fn signature(flow: &Flow, function: FunctionRef) -> Json {
    let mut properties = Vec::new();
    let mut is_complete = true;
    let hidden = injected::by_decorators(flow, function);
    for parameter in &flow.function(function).parameters {
        let is_rest = matches!(parameter.kind, ParameterKind::Rest | ParameterKind::NamedRest);
        let is_hidden = parameter.name().is_some_and(|name| hidden.contains(name));
        if parameter.kind == ParameterKind::Receiver || is_hidden || injected::by_sdk(flow, function, parameter) {
            continue;
        }
        let Some(name) = parameter.name().filter(|_| !is_rest) else {
            is_complete = false;
            continue;
        };
        let of = |id| In { module: function.module, id };
        let (annotation, default) = (parameter.annotation.map(of), parameter.default.map(of));
        let (mut schema, is_required) = slot(flow, annotation, default, 0);
        let published = published_as(flow, name, annotation, default, &mut schema);
        properties.push((published, schema, is_required, Some(parameter.span)));
    }
    let mut whole = object(properties);
    whole.complete &= is_complete;
    whole
}

/// The schema of a parameter or field, and whether it must be given.
fn slot(flow: &Flow, annotation: Option<ValueRef>, default: Option<ValueRef>, depth: u32) -> (Json, bool) {
    let mut schema =
        annotation.map_or_else(|| Json::known(json!({})), |annotation| type_schema(flow, annotation, depth));
    let mut is_required = true;
    let fields = annotation.map(|annotation| metadata(flow, annotation)).unwrap_or_default();
    for field in fields.iter().filter_map(|value| field_call(flow, *value)) {
        is_required &= !describe(flow, &field, &mut schema);
    }
    let Some(default) = default else { return (schema, is_required) };
    match field_call(flow, default) {
        Some(field) => is_required &= !describe(flow, &field, &mut schema),
        None => {
            let (meaning, _) = flow.asking(|| flow.meaning(default, &None));
            is_required = matches!(&meaning, Meaning::Outside(name) if name == "Ellipsis");
            if let Some(value) = flow.json(&meaning).filter(|_| !is_required) {
                schema.insert("default", value);
            }
        }
    }
    (schema, is_required)
}

/// The name by which a caller gives a parameter or field: its alias, if it has one.
fn published_as(
    flow: &Flow,
    name: &Name,
    annotation: Option<ValueRef>,
    default: Option<ValueRef>,
    schema: &mut Json,
) -> String {
    let beside = annotation.map(|annotation| metadata(flow, annotation)).unwrap_or_default();
    let fields = beside.into_iter().chain(default).filter_map(|value| field_call(flow, value));
    let said = |field: &Made, key: &str| {
        let given = field.arguments.iter().find(|argument| argument.name.as_deref() == Some(key))?;
        flow.force(&given.value).text().cloned()
    };
    let alias = fields.filter_map(|field| said(&field, "validation_alias").or_else(|| said(&field, "alias"))).last();
    match alias.filter(|alias| alias != name) {
        Some(alias) => {
            schema.test(SchemaTest::Called(name.clone()));
            alias.to_string()
        }
        None => name.to_string(),
    }
}

/// What `Annotated` adds to a type.
fn metadata(flow: &Flow, annotation: ValueRef) -> Vec<ValueRef> {
    let of = |id: &crate::code::ValueId| In { module: annotation.module, id: *id };
    match flow.kind(annotation) {
        ValueKind::Generic { base, arguments } if named(flow, of(base)).as_deref().map(last) == Some("Annotated") => {
            arguments.iter().skip(1).map(of).collect()
        }
        ValueKind::Name(_) => match flow.defined_as(annotation).filter(|defined| *defined != annotation) {
            Some(defined) if matches!(flow.kind(defined), ValueKind::Generic { .. }) => metadata(flow, defined),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn named(flow: &Flow, value: ValueRef) -> Option<String> {
    match flow.asking(|| flow.meaning(value, &None)).0 {
        Meaning::Outside(name) => Some(name.to_string()),
        _ => None,
    }
}

pub(super) fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn field_call(flow: &Flow, value: ValueRef) -> Option<std::rc::Rc<Made>> {
    match flow.asking(|| flow.meaning(value, &None)).0 {
        Meaning::Made(made) => {
            let is_field = matches!(&made.callee, Meaning::Outside(name) if matches!(last(name), "Field" | "field" | "Query" | "Body" | "StringConstraints"));
            is_field.then_some(made)
        }
        _ => None,
    }
}

/// Adds what a `Field(…)` says to a schema; whether it gives a default.
fn describe(flow: &Flow, field: &Made, schema: &mut Json) -> bool {
    const KEYS: &[(&str, &str, &str)] = &[
        ("description", "description", "description"),
        ("title", "title", "title"),
        ("ge", "minimum", "minimum"),
        ("gt", "exclusiveMinimum", "exclusiveMinimum"),
        ("le", "maximum", "maximum"),
        ("lt", "exclusiveMaximum", "exclusiveMaximum"),
        ("multiple_of", "multipleOf", "multipleOf"),
        ("min_length", "minLength", "minItems"),
        ("max_length", "maxLength", "maxItems"),
        ("min_items", "minItems", "minItems"),
        ("max_items", "maxItems", "maxItems"),
        ("pattern", "pattern", "pattern"),
        ("regex", "pattern", "pattern"),
        ("examples", "examples", "examples"),
    ];
    let is_list = schema.value.get("type").and_then(Value::as_str) == Some("array");
    let mut has_default = false;
    for argument in &field.arguments {
        let Some(name) = argument.name.as_deref() else {
            let is_open = matches!(flow.force(&argument.value), Meaning::Outside(name) if name == "Ellipsis");
            has_default |= !is_open;
            if let Some(value) = flow.json(&argument.value).filter(|_| !is_open) {
                schema.insert("default", value);
            }
            continue;
        };
        match (name, KEYS.iter().find(|key| key.0 == name)) {
            ("default" | "default_factory", _) => {
                let is_open = matches!(flow.force(&argument.value), Meaning::Outside(name) if name == "Ellipsis");
                has_default |= !is_open;
                if let Some(value) = flow.json(&argument.value).filter(|_| !is_open && name == "default") {
                    schema.insert("default", value);
                }
            }
            (_, Some((_, plain, listed))) => match flow.json(&argument.value) {
                Some(value) => schema.insert(if is_list { listed } else { plain }, value),
                None => schema.complete = false,
            },
            _ => {}
        }
    }
    has_default
}

/// The schema of a type annotation.
fn type_schema(flow: &Flow, annotation: ValueRef, depth: u32) -> Json {
    if depth > MAX_DEPTH {
        return unknown();
    }
    let of = |id: &crate::code::ValueId| In { module: annotation.module, id: *id };
    match flow.kind(annotation) {
        ValueKind::Null => typed("null"),
        ValueKind::Generic { base, arguments } => {
            generic(flow, of(base), &arguments.iter().map(of).collect::<Vec<_>>(), depth)
        }
        ValueKind::Binary { operator: Operator::BitOr, left, right } => {
            let mut all = Vec::new();
            for side in [left, right] {
                match type_schema(flow, of(side), depth + 1) {
                    union
                        if union.value.get("anyOf").is_some()
                            && union.value.as_object().is_some_and(|map| map.len() == 1) =>
                    {
                        all.push(union);
                    }
                    one => all.push(one),
                }
            }
            any_of(all)
        }
        _ => match flow.asking(|| flow.meaning(annotation, &None)).0 {
            Meaning::Outside(name) => outside(&name),
            Meaning::Class(class) => class_schema(flow, class, depth + 1),
            Meaning::Null => typed("null"),
            Meaning::Made(made) if constrained(&made).is_some() => {
                let mut schema = typed(constrained(&made).unwrap_or_default());
                describe(flow, &made, &mut schema);
                schema
            }
            _ => match flow.defined_as(annotation).filter(|defined| *defined != annotation) {
                Some(defined) => type_schema(flow, defined, depth + 1),
                None => unknown(),
            },
        },
    }
    .aliased(flow, annotation, depth)
}

/// The type that a call of a constrained type stands for: `constr(pattern=…)`.
fn constrained(made: &Made) -> Option<&'static str> {
    let Meaning::Outside(name) = &made.callee else { return None };
    match last(name) {
        "constr" => Some("string"),
        "conint" => Some("integer"),
        "confloat" | "condecimal" => Some("number"),
        _ => None,
    }
}

trait Aliased {
    fn aliased(self, flow: &Flow, annotation: ValueRef, depth: u32) -> Self;
}

impl Aliased for Json {
    /// A name that stands for a generic type (`Mode = Literal["a", "b"]`) has the schema of that type.
    fn aliased(self, flow: &Flow, annotation: ValueRef, depth: u32) -> Self {
        if !matches!(flow.kind(annotation), ValueKind::Name(_)) {
            return self;
        }
        match flow.defined_as(annotation).filter(|defined| *defined != annotation) {
            Some(defined) if matches!(flow.kind(defined), ValueKind::Generic { .. } | ValueKind::Binary { .. }) => {
                type_schema(flow, defined, depth + 1)
            }
            _ => self,
        }
    }
}

fn generic(flow: &Flow, base: ValueRef, arguments: &[ValueRef], depth: u32) -> Json {
    let name = named(flow, base).unwrap_or_default();
    let inner = |at: usize| {
        arguments.get(at).map_or_else(|| Json::known(json!({})), |value| type_schema(flow, *value, depth + 1))
    };
    match last(&name) {
        "list" | "List" | "Sequence" | "Iterable" | "set" | "Set" | "frozenset" | "FrozenSet" | "tuple" | "Tuple"
        | "Collection" | "MutableSequence" => {
            let mut whole = typed("array");
            whole.insert("items", inner(0));
            whole
        }
        "dict" | "Dict" | "Mapping" | "MutableMapping" | "OrderedDict" => {
            let mut whole = typed("object");
            whole.insert("additionalProperties", inner(1));
            whole
        }
        "Optional" => any_of(vec![inner(0), typed("null")]),
        "Union" => any_of((0..arguments.len()).map(inner).collect()),
        "Literal" => literal(flow, arguments),
        "Annotated" => {
            let mut schema = inner(0);
            for value in arguments.iter().skip(1) {
                if let Some(field) = field_call(flow, *value) {
                    describe(flow, &field, &mut schema);
                } else if let Meaning::Text(text, span) = flow.asking(|| flow.meaning(*value, &None)).0 {
                    say(&mut schema, "description", text.as_str());
                    schema.places.insert("/description".to_string(), span);
                } else {
                    validators::beside(flow, *value, &mut schema);
                }
            }
            schema
        }
        "NotRequired" | "Required" | "Final" | "ClassVar" | "type" | "Type" | "Awaitable" => inner(0),
        _ => match flow.asking(|| flow.meaning(base, &None)).0 {
            Meaning::Class(class) => class_schema(flow, class, depth + 1),
            _ => unknown(),
        },
    }
}

fn literal(flow: &Flow, arguments: &[ValueRef]) -> Json {
    let mut values = Json::known(json!([]));
    for value in arguments {
        match flow.json(&flow.asking(|| flow.meaning(*value, &None)).0) {
            Some(one) => values.push(one),
            None => values.complete = false,
        }
    }
    let all_text = values.value.as_array().is_some_and(|all| all.iter().all(Value::is_string));
    let mut whole = if all_text { typed("string") } else { Json::known(json!({})) };
    whole.insert("enum", values);
    whole
}

fn outside(name: &str) -> Json {
    let format = |format: &str| Json::known(json!({"type": "string", "format": format}));
    match last(name) {
        "str" | "SecretStr" | "Pattern" => typed("string"),
        "int" => typed("integer"),
        "PositiveInt" => Json::known(json!({"type": "integer", "exclusiveMinimum": 0})),
        "NonNegativeInt" => Json::known(json!({"type": "integer", "minimum": 0})),
        "float" | "Decimal" | "Number" => typed("number"),
        "bool" => typed("boolean"),
        "bytes" => format("binary"),
        "list" | "List" | "set" | "tuple" | "Sequence" => typed("array"),
        "dict" | "Dict" | "Mapping" => typed("object"),
        "datetime" => format("date-time"),
        "date" => format("date"),
        "Path" => format("path"),
        "UUID" => format("uuid"),
        "AnyUrl" | "HttpUrl" | "AnyHttpUrl" => format("uri"),
        "EmailStr" => format("email"),
        "Any" | "object" => Json::known(json!({})),
        "None" | "NoneType" => typed("null"),
        _ => unknown(),
    }
}

/// The schema of objects of a class: enumeration, model, typed dictionary or data class.
pub fn class_schema(flow: &Flow, class: ClassRef, depth: u32) -> Json {
    let code = flow.class(class);
    if depth > MAX_DEPTH {
        return unknown();
    }
    if code.kind == ClassKind::Enum {
        let mut values = Json::known(json!([]));
        for field in &code.fields {
            match flow.json(&flow.member(&Meaning::Class(class), &field.name)) {
                Some(value) => values.push(value),
                None => values.complete = false,
            }
        }
        let mut whole = Json::known(json!({}));
        whole.insert("enum", values);
        return whole;
    }
    let is_partial = code.keywords.iter().any(|keyword| {
        keyword.name.as_deref() == Some("total")
            && matches!(flow.kind(In { module: class.module, id: keyword.value }), ValueKind::Bool(false))
    });
    let mut properties: Vec<(String, Json, bool, Option<crate::source::Span>)> = Vec::new();
    for ancestor in flow.ancestors(class).iter().rev() {
        for field in &flow.class(*ancestor).fields {
            let Some(annotation) =
                field.annotation.filter(|_| !field.name.starts_with('_') && field.name != "model_config")
            else {
                continue;
            };
            let of = |id| In { module: ancestor.module, id };
            let (mut schema, is_required) = slot(flow, Some(of(annotation)), field.value.map(of), depth + 1);
            validators::of_field(flow, class, &field.name, &mut schema);
            let is_optional = matches!(flow.kind(of(annotation)), ValueKind::Generic { base, .. } if
                named(flow, of(*base)).as_deref().map(last) == Some("NotRequired"));
            let published = published_as(flow, &field.name, Some(of(annotation)), field.value.map(of), &mut schema);
            properties.retain(|(name, ..)| *name != published);
            properties.push((published, schema, is_required && !is_partial && !is_optional, Some(field.span)));
        }
    }
    let mut whole = object(properties);
    validators::of_model(flow, class, &mut whole);
    if validators::forbids_extra(flow, class) {
        say(&mut whole, "additionalProperties", false);
    }
    if let Some(documentation) = &code.documentation {
        say(&mut whole, "description", documentation.text.as_str());
    }
    whole
}

/// Whether objects of a class are validated when they are made.
pub fn is_model(flow: &Flow, class: ClassRef) -> bool {
    let is_base = |name: &Name| {
        let is_pydantic = name.starts_with("pydantic.") || name.starts_with("pydantic_settings.");
        is_pydantic && matches!(last(name), "BaseModel" | "RootModel" | "BaseSettings")
            || matches!(name.as_str(), "sqlmodel.SQLModel")
    };
    flow.outside_bases(class).iter().any(is_base)
}

/// `Model.model_json_schema()`, `TypeAdapter(Model).json_schema()`.
pub fn model_schema(flow: &Flow, meaning: &Meaning) -> Option<Json> {
    let Meaning::Made(made) = meaning else { return None };
    let Meaning::Member(base, method) = &made.callee else { return None };
    match (&**base, method.as_str()) {
        (Meaning::Class(class), "model_json_schema" | "schema") => Some(class_schema(flow, *class, 0)),
        (Meaning::Made(adapter), "json_schema") => match flow.force(&adapter.arguments.first()?.value) {
            Meaning::Class(class) => Some(class_schema(flow, class, 0)),
            _ => None,
        },
        _ => None,
    }
}

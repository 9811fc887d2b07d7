//! Validators of pydantic: functions beside a type, and methods of a model.

use crate::code::{FunctionId, Name, ValueKind};
use crate::extract::tools::schema::further;
use crate::extract::tools::schema::python::last;
use crate::flow::json::Json;
use crate::flow::meaning::{Made, Meaning};
use crate::flow::schemas::SchemaTest;
use crate::flow::{ClassRef, Flow, In, ValueRef};
use crate::source::SourceId;

type Test = fn(SourceId, FunctionId) -> SchemaTest;

/// Adds what stands beside a type in `Annotated[…]`, in order.
pub fn beside(flow: &Flow, metadata: ValueRef, schema: &mut Json) {
    let Meaning::Made(made) = flow.asking(|| flow.meaning(metadata, &None)).0 else { return };
    let Meaning::Outside(name) = &made.callee else { return };
    let test: Test = match last(name) {
        "AfterValidator" => SchemaTest::Change,
        "BeforeValidator" => SchemaTest::Before,
        "PlainValidator" => SchemaTest::Instead,
        "Predicate" => SchemaTest::Predicate,
        "WrapValidator" => return schema.test(SchemaTest::Unknown),
        _ => return,
    };
    let given =
        made.arguments.iter().find(|argument| argument.name.is_none() || argument.name.as_deref() == Some("func"));
    schema.test(further::change(flow, given, test));
}

/// Adds the validators of a model for one of its fields.
pub fn of_field(flow: &Flow, class: ClassRef, field: &Name, schema: &mut Json) {
    for ancestor in flow.ancestors(class).iter().rev() {
        for id in &flow.class(*ancestor).methods {
            let method = In { module: ancestor.module, id: *id };
            let source = flow.module(method).source;
            for decorator in &flow.function(method).decorators {
                let Some(made) = decorated(flow, In { module: ancestor.module, id: *decorator }) else { continue };
                if let Some(test) = validating(flow, &made, field) {
                    schema.test(test(source, *id));
                }
            }
        }
    }
}

/// Adds the validators of a whole model to its fields: those that are given the finished object, and those that give back
/// what it is made of.
pub fn of_model(flow: &Flow, class: ClassRef, schema: &mut Json) {
    for ancestor in flow.ancestors(class).iter().rev() {
        for id in &flow.class(*ancestor).methods {
            let method = In { module: ancestor.module, id: *id };
            let function = (flow.module(method).source, *id);
            let decorators = flow.function(method).decorators.iter();
            let decorated =
                decorators.map(|id| flow.asking(|| flow.meaning(In { module: ancestor.module, id: *id }, &None)).0);
            for kind in decorated.filter_map(|decorator| whole_model(flow, &decorator)) {
                match kind {
                    OfModel::Finished => further::around(schema, function, false),
                    OfModel::Raw => further::remade(schema, function, false),
                    OfModel::Values => further::remade(schema, function, true),
                }
            }
        }
    }
}

/// When a validator of a whole model is called.
enum OfModel {
    /// With the object, once it is made.
    Finished,
    /// With what it will be made of, before members are looked at.
    Raw,
    /// With what its members were found to be.
    Values,
}

/// `@model_validator(mode="before")`, `@root_validator(pre=True)`, `@root_validator`
fn whole_model(flow: &Flow, decorator: &Meaning) -> Option<OfModel> {
    let (name, made) = match decorator {
        Meaning::Made(made) => (named(made)?, Some(made)),
        Meaning::Outside(name) => (last(name), None),
        _ => return None,
    };
    match (name, made.and_then(|made| mode(flow, made)).as_deref()) {
        ("model_validator", Some("after")) => Some(OfModel::Finished),
        ("model_validator", Some("before")) => Some(OfModel::Raw),
        ("root_validator", _) if made.is_some_and(|made| is_pre(flow, made)) => Some(OfModel::Raw),
        ("root_validator", _) => Some(OfModel::Values),
        _ => None,
    }
}

fn decorated(flow: &Flow, decorator: ValueRef) -> Option<std::rc::Rc<Made>> {
    if !matches!(flow.kind(decorator), ValueKind::Call(_)) {
        return None;
    }
    match flow.asking(|| flow.meaning(decorator, &None)).0 {
        Meaning::Made(made) => Some(made),
        _ => None,
    }
}

fn named(made: &Made) -> Option<&str> {
    match &made.callee {
        Meaning::Outside(name) => Some(last(name)),
        _ => None,
    }
}

/// How a validator of a field looks at it, if it does.
fn validating(flow: &Flow, made: &Made, field: &Name) -> Option<Test> {
    let kind = named(made).filter(|name| matches!(*name, "field_validator" | "validator"))?;
    let texts = made.arguments.iter().filter(|argument| argument.name.is_none());
    let is_one = |text: Name| text == "*" || text == *field;
    if !texts.filter_map(|argument| flow.force(&argument.value).text().cloned()).any(is_one) {
        return None;
    }
    Some(match (kind, mode(flow, made).as_deref()) {
        ("validator", _) if is_pre(flow, made) => SchemaTest::Before,
        (_, Some("before")) => SchemaTest::Before,
        (_, Some("plain")) => SchemaTest::Instead,
        (_, Some("wrap")) => |_, _| SchemaTest::Unknown,
        _ => SchemaTest::Change,
    })
}

fn is_pre(flow: &Flow, made: &Made) -> bool {
    let is_true = |value: &Meaning| matches!(flow.force(value), Meaning::Bool(true));
    made.arguments.iter().any(|argument| argument.name.as_deref() == Some("pre") && is_true(&argument.value))
}

fn mode(flow: &Flow, made: &Made) -> Option<Name> {
    let mode = made.arguments.iter().find(|argument| argument.name.as_deref() == Some("mode"))?;
    flow.force(&mode.value).text().cloned()
}

/// Whether a model refuses what it does not name.
pub fn forbids_extra(flow: &Flow, class: ClassRef) -> bool {
    flow.ancestors(class).iter().find_map(|ancestor| own_extra(flow, *ancestor)).is_some_and(|extra| extra == "forbid")
}

/// What a class says itself of what it does not name: in its head, its `model_config`, or a class `Config` inside it.
fn own_extra(flow: &Flow, class: ClassRef) -> Option<Name> {
    let code = flow.class(class);
    let of = |id| In { module: class.module, id };
    let text = |value: &Meaning| match flow.force(value) {
        Meaning::Text(text, _) => Some(text),
        Meaning::Outside(name) if name.contains("Extra.") => Some(Name::new(last(&name))),
        _ => None,
    };
    let said = |value: ValueRef| text(&flow.asking(|| flow.meaning(value, &None)).0);
    let head = code.keywords.iter().find(|keyword| keyword.name.as_deref() == Some("extra"));
    if let Some(extra) = head.and_then(|keyword| said(of(keyword.value))) {
        return Some(extra);
    }
    let config = code.fields.iter().find(|field| field.name == "model_config").and_then(|field| field.value);
    let extra = config.and_then(|value| match flow.asking(|| flow.meaning(of(value), &None)).0 {
        Meaning::Made(made) => {
            let given = made.arguments.iter().find(|argument| argument.name.as_deref() == Some("extra"))?;
            text(&given.value)
        }
        other => text(&flow.member(&other, &"extra".into())),
    });
    extra.or_else(|| {
        let classes = &flow.program.module(class.module).classes;
        let is_inner = |inner: &&crate::code::Class| {
            inner.name == "Config" && inner.span.start > code.span.start && inner.span.end <= code.span.end
        };
        let field = classes.iter().find(is_inner)?.fields.iter().find(|field| field.name == "extra")?;
        said(of(field.value?))
    })
}

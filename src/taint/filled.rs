//! What a call puts into a variable: through a pointer, member by member as its type declares (`json.Unmarshal(raw, &input)`),
//! at the end of a text, or into a collection.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::{Assignment, Language, Name, Place, ValueKind};
use crate::flow::effects::Table;
use crate::flow::meaning::value_in;
use crate::flow::{ClassRef, FunctionRef, Meaning, ValueRef};
use crate::taint::call::Calling;
use crate::taint::entry::spelled_otherwise;
use crate::taint::format::filled;
use crate::taint::join::{concat, mix};
use crate::taint::{Proofs, Shade, Walk};

/// Methods that put their arguments into their receiver.
const FILLING: &[&str] = &[
    "append",
    "push",
    "add",
    "extend",
    "insert",
    "unshift",
    "set",
    "update",
    "setdefault",
    "put",
    "append_all",
    "arg",
    "args",
    "push_str",
    "write_str",
    "WriteString",
];

/// Those of them that write on at the end of a text.
const WRITING: &[&str] = &["push_str", "write_str", "WriteString"];

/// Those of them that add to a command, which is no collection of texts.
const BUILDING: &[&str] = &["arg", "args"];

/// Those of them whose first of two arguments is a key or a position.
const KEYED: &[&str] = &["set", "setdefault", "put", "insert"];

/// Levels of types inside types.
const MAX_DEPTH: u32 = 3;
/// Most members of one type.
const MAX_FIELDS: usize = 200;

impl<'a> Walk<'a> {
    /// `var input In`: the name has this type until the function ends.
    pub(crate) fn declare(&mut self, assignment: &'a Assignment) {
        let module = self.here().function.module;
        let Some(annotation) = assignment.annotation else { return };
        let at = value_in(module, annotation);
        if self.flow.module(at).language != Language::Go {
            return;
        }
        self.declares_list(assignment, at);
        let declared = self.flow.asking(|| self.flow.annotated(at)).0;
        let Some(Meaning::Class(class)) = declared else { return };
        for place in &assignment.places {
            if let Place::Name(name, _) = place {
                self.top().types.insert(name.clone(), class);
            }
        }
    }

    /// Whether a call fills a variable; then it holds what was read.
    pub(crate) fn fills(&mut self, calling: &Calling<'a>, table: &'a Table, name: &str) -> bool {
        let Some(fill) = table.fills(name) else { return false };
        let read = self.slot(calling, &fill.of);
        let Some(argument) = calling.code.arguments.get(fill.into) else { return true };
        let Some((into, class)) = self.pointed_to(value_in(calling.at.module, argument.value)) else { return true };
        if !read.is_tainted() && read.parts.is_empty() {
            return true;
        }
        let read = Shade { of: Vec::new(), constant: None, ..read };
        let span = self.flow.span(calling.at);
        let held = match class {
            Some(class) => self.by_type(&read, class, MAX_DEPTH),
            None => read,
        };
        self.touch(&into, &[]);
        self.top().env.hold(into, held.step(span, &format!("read by `{name}`")));
        true
    }

    /// `copy(words[1:], more)` of Go: the first holds what is in the second.
    pub(crate) fn copies(&mut self, calling: &Calling<'a>, name: &str) {
        let is_copy = name == "copy" && calling.receiver.is_none();
        let ([into, _], [held, more]) = (calling.code.arguments.as_slice(), &calling.given[..]) else { return };
        if !is_copy || self.flow.module(calling.at).language != Language::Go || !more.shade.holds_any() {
            return;
        }
        let Some((root, members)) = self.path(value_in(calling.at.module, into.value)) else { return };
        let held = Shade { of: Vec::new(), ..held.shade.clone() }.with_element(&more.shade);
        self.put_at(root, &members, held.step(self.flow.span(calling.at), "copied"));
    }

    /// `fmt.Fprintf(&text, "ls %s", name)`, `write!(text, …)`: what is first goes on with what the others make.
    pub(crate) fn prints(&mut self, calling: &Calling<'a>, table: &'a Table, name: &str) {
        let (Some(first), true) = (calling.code.arguments.first(), table.prints(name)) else { return };
        let Some((root, members)) = self.path(value_in(calling.at.module, first.value)) else { return };
        let Some((before, more)) = calling.given.split_first() else { return };
        let more: Vec<Shade> = more.iter().map(|given| given.shade.whole()).collect();
        let format = more.first().and_then(|first| Some((first.constant.clone()?, more.get(1..)?)));
        let text = format.and_then(|(text, rest)| filled(&text, rest)).unwrap_or_else(|| concat(&more));
        if text.is_tainted() {
            let text = text.step(self.flow.span(calling.at), "put into a text");
            self.put_at(root, &members, concat(&[before.shade.whole(), text]));
        }
    }

    /// `list.append(x)`: the receiver holds it from here on.
    pub(crate) fn fill(&mut self, calling: &Calling<'a>) {
        let Some(method) = calling.method.as_deref().filter(|method| FILLING.contains(method)) else { return };
        let callee = value_in(calling.at.module, calling.code.callee);
        let ValueKind::Field { base, .. } = self.flow.kind(callee) else { return };
        if !WRITING.contains(&method) && !BUILDING.contains(&method) {
            self.note_added(calling, *base);
        }
        let receiver = value_in(calling.at.module, *base);
        if let ([key, _], true) = (&calling.given[..], KEYED.contains(&method)) {
            self.note_key(receiver, &key.shade);
        }
        let Some((root, members)) = self.path(receiver) else { return };
        if !members.is_empty() || root == "this" {
            return;
        }
        self.touch(&root, &[]);
        let mut whole = self.named(&root);
        whole.of = Vec::new();
        let (span, text) = (self.flow.span(calling.at), format!("put into `{root}`"));
        match (&whole.items, method) {
            (None, _) if WRITING.contains(&method) => {
                let more = calling.given.first().map(|given| given.shade.clone()).unwrap_or_default();
                whole = concat(&[whole, more.step(span, &text)]);
            }
            (Some(items), "append" | "push") => {
                // A spread of something unknown is one element that stands for any number.
                let more = calling.given.iter().map(|given| match given.is_rest {
                    true => Shade { of: Vec::new(), items: None, ..given.shade.whole() },
                    false => given.shade.clone(),
                });
                let more = more.map(|one: Shade| one.step(span, &text));
                let longer = Shade::list(items.iter().cloned().chain(more).collect());
                whole = Shade { items: longer.items.clone(), ..whole }.with(&Shade { items: None, ..longer });
            }
            (Some(items), "extend") => {
                let more = calling.given.first().map(|given| given.shade.clone()).unwrap_or_default();
                let more = more.items.as_ref().map_or_else(|| vec![more.whole()], |items| items.to_vec());
                let longer = Shade::list(items.iter().cloned().chain(more).collect());
                whole = Shade { items: longer.items.clone(), ..whole }.with(&Shade { items: None, ..longer });
            }
            _ => {
                // What a collection gives back later is what was put in, not under which key.
                let skipped = usize::from(KEYED.contains(&method) && calling.given.len() == 2);
                let given: Vec<Shade> = calling.given.iter().skip(skipped).map(|given| given.shade.clone()).collect();
                whole = match BUILDING.contains(&method) {
                    true => whole.with(&mix(&given)),
                    false => given.iter().fold(whole, Shade::with_element),
                };
            }
        }
        self.keep_outside(&root, &whole);
        self.top().env.hold(root, whole);
    }

    /// The variable that a pointer is to, with its type.
    pub(crate) fn pointed_to(&mut self, at: ValueRef) -> Option<(Name, Option<ClassRef>)> {
        let inner = match self.flow.kind(at) {
            ValueKind::Unary(inner) => value_in(at.module, *inner),
            _ => at,
        };
        let ValueKind::Name(name) = self.flow.kind(inner) else { return None };
        let known = self.here().types.get(name).copied();
        let frame = self.here().frame.clone();
        let class = known.or_else(|| match self.flow.asking(|| self.flow.meaning(inner, &frame)).0 {
            Meaning::Instance(instance) => Some(instance.class),
            _ => None,
        });
        Some((name.clone(), class))
    }

    /// Arguments that a handler is given as an object of a type: a number is a number.
    pub(crate) fn typed_parameters(&mut self, handler: FunctionRef, shades: &mut [Shade]) {
        if self.flow.module(handler).language != Language::Go {
            return;
        }
        for (parameter, shade) in self.flow.function(handler).parameters.iter().zip(shades) {
            let Some(annotation) = parameter.annotation.filter(|_| shade.is_bag) else { continue };
            let declared = self.flow.asking(|| self.flow.annotated(value_in(handler.module, annotation))).0;
            if let Some(Meaning::Class(class)) = declared {
                *shade = self.of_type(shade, class);
            }
        }
    }

    /// All arguments, as the members of a type that they are read into.
    pub(crate) fn of_type(&mut self, bag: &Shade, class: ClassRef) -> Shade {
        let typed = self.by_type(bag, class, MAX_DEPTH);
        let fields = &self.flow.class(class).fields;
        let is_field = |name: &Name| fields.iter().any(|field| is_same(&field.name, name));
        let rest = bag.parts.iter().filter(|(name, _)| !is_field(name));
        let mut parts: BTreeMap<Name, Shade> = rest.map(|(name, part)| (name.clone(), part.clone())).collect();
        let known = typed.parts.iter().filter(|(name, _)| bag.parts.keys().any(|one| is_same(one, name)));
        parts.extend(known.map(|(name, part)| (name.clone(), part.clone())));
        Shade { parts: Rc::new(parts), ..typed }
    }

    /// What was read, as the members of a type that it is read into: a number is a number.
    fn by_type(&mut self, read: &Shade, class: ClassRef, depth: u32) -> Shade {
        let fields = &self.flow.class(class).fields;
        let mut parts = BTreeMap::new();
        for field in fields.iter().take(MAX_FIELDS) {
            let mut part = match spelled_otherwise(read, &field.name) {
                Some(part) => part.clone(),
                None => read.whole(),
            };
            part.is_bag = false;
            if let Some(annotation) = field.annotation.map(|annotation| value_in(class.module, annotation)) {
                let text = self.flow.sources.slice(self.flow.span(annotation));
                if is_number(text) {
                    part.proofs |= Proofs::NUMBER;
                } else if let (Some(Meaning::Class(inner)), true) =
                    (self.flow.asking(|| self.flow.annotated(annotation)).0, depth > 0)
                {
                    part = self.by_type(&part, inner, depth - 1);
                }
            }
            parts.insert(field.name.clone(), part);
        }
        Shade { parts: Rc::new(parts), ..read.clone() }
    }
}

/// Whether two names are one, spelled for code and for JSON.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    plain(one) == plain(other)
}

/// Whether a type of Go, or what a pointer or list of it holds, is a number or a truth value.
pub(crate) fn is_number(text: &str) -> bool {
    let plain = text.trim_start_matches(['*', '[', ']']);
    let is_sized =
        |word: &str| plain.strip_prefix(word).is_some_and(|rest| matches!(rest, "" | "8" | "16" | "32" | "64" | "ptr"));
    matches!(plain, "bool" | "float32" | "float64" | "time.Duration" | "rune") || is_sized("int") || is_sized("uint")
}

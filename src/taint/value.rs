//! Values, part by part.

use std::rc::Rc;

use crate::code::{Comprehension, Language, Name, Operator, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::{Meaning, ModuleId, ValueRef};
use crate::taint::address::{FIRST_OF, folder_of, marked, parts_of_url};
use crate::taint::entry::{ONE_ARGUMENT, spelled_otherwise};
use crate::taint::format::filled;
use crate::taint::harmless::is_plural;
use crate::taint::headers::is_header;
use crate::taint::join::{concat, listed, mix, number};
use crate::taint::lists::collection_of;
use crate::taint::pieces::{in_text, joined_path};
use crate::taint::statement::{dotted, is_origin};
use crate::taint::trail::Trail;
use crate::taint::words::own_interpreter;
use crate::taint::{Begin, Proofs, Shade, Walk};

/// Members that say how much there is, not what.
const COUNTS: &[&str] = &["length", "size", "byteLength"];
/// Members through which a request hands its arguments over.
const ENVELOPES: &[&str] =
    &["params", "arguments", "args", "Params", "Arguments", "input", "0", "data", "value", "output"];

/// Members of a request that stand beside its arguments.
const BESIDE: &[&str] = &["_meta", "Meta"];

impl<'a> Walk<'a> {
    /// What a value of the function being walked carries.
    pub(crate) fn value(&mut self, id: ValueId) -> Shade {
        if !self.step() {
            return Shade::default();
        }
        let at = value_in(self.here().function.module, id);
        match self.flow.kind(at) {
            ValueKind::Text(text) => Shade::text(text),
            ValueKind::Null | ValueKind::Regex(_) | ValueKind::Function(_) | ValueKind::Class(_) | ValueKind::Super => {
                Shade::default()
            }
            ValueKind::Bool(_) | ValueKind::Int(_) | ValueKind::Float(_) => number(),
            ValueKind::Name(name) if name == "None" && self.flow.module(at).language == Language::Rust => {
                Shade { begin: Begin::Nothing, ..Shade::default() }
            }
            ValueKind::Name(name) => self.name_value(at, name),
            ValueKind::This => self.proven_of(Shade { of: vec![Name::new("this")], ..self.this() }),
            ValueKind::Field { base: of, name } => {
                let of = *of;
                self.variable(at, of, name);
                let base = self.value(of);
                let path = self.path(at).map(|(root, members)| dotted(&root, &members));
                if let Some(own) = path.as_deref().and_then(own_interpreter) {
                    return Shade::text(&Name::new(own));
                }
                if let Some(answer) = self.asked_of(at, of, name, &base) {
                    return answer;
                }
                let part = self.member(&base, name, path);
                let part = self.last_component(at, name, part);
                self.taken_out(&base, part, self.flow.span(at))
            }
            ValueKind::Index { base, key } => {
                let element = self.element(at, *base, *key);
                let proofs = element.proofs | self.asserted(at);
                Shade { proofs, ..element }
            }
            ValueKind::Generic { base, .. } => self.value(*base),
            ValueKind::Call(call) => self.call(at, call),
            ValueKind::Template(parts) => {
                let parts: Vec<Shade> = parts.iter().map(|part| self.value(*part)).collect();
                concat(&in_text(parts)).step(self.flow.span(at), "put into a text")
            }
            ValueKind::Binary { operator, left, right } => self.binary(at, *operator, *left, *right),
            ValueKind::Not(inner) => {
                self.in_test(|walk| walk.value(*inner));
                number()
            }
            ValueKind::Unary(inner) => self.unary(at, *inner),
            ValueKind::Propagate(inner) => self.propagated(*inner),
            ValueKind::Await(inner) => {
                self.awaiting += 1;
                let value = self.value(*inner);
                self.awaiting -= 1;
                value
            }
            ValueKind::Spread(inner) => {
                let shade = self.value(*inner);
                self.with_told_members(*inner, shade)
            }
            ValueKind::Yield(inner) => {
                let given = inner.map(|inner| self.value(inner)).unwrap_or_default();
                let known = self.top().yielded.take();
                self.top().yielded = Some(known.map_or_else(|| given.clone(), |known| known.or(&given)));
                given
            }
            ValueKind::List(items) | ValueKind::Tuple(items) => self.list(items),
            ValueKind::Map(entries) => self.map(entries),
            ValueKind::Construct { of, entries } => self.constructed(at, *of, entries),
            ValueKind::Choice { test, then, otherwise } => self.choice(*test, *then, *otherwise),
            ValueKind::Matches { value, pattern } => {
                let value = self.value(*value);
                if let crate::code::Pattern::Shape { bindings, .. } = &**pattern {
                    bindings.iter().for_each(|place| self.put(place, value.clone()));
                }
                number()
            }
            ValueKind::Assign(assignment) => self.assignment(assignment),
            ValueKind::Sequence(values) => values.iter().map(|value| self.value(*value)).last().unwrap_or_default(),
            ValueKind::Comprehension(code) => self.comprehension(code),
            ValueKind::Block(block) => {
                if self.block(block) {
                    return Shade::default();
                }
                block.tail.map(|tail| self.value(tail)).unwrap_or_default()
            }
            ValueKind::Match(code) => self.arms(code).0,
            ValueKind::Unknown(children) => {
                let children: Vec<Shade> = children.iter().map(|child| self.value(*child)).collect();
                mix(&children)
            }
        }
    }

    /// `-x`, `typeof x`: no text; in languages that have pointers, the same value.
    fn unary(&mut self, at: ValueRef, inner: ValueId) -> Shade {
        match self.flow.module(at).language {
            Language::TypeScript | Language::Python => {
                self.in_test(|walk| walk.value(inner));
                number()
            }
            Language::Go | Language::Rust => self.value(inner),
        }
    }

    fn name_value(&mut self, at: ValueRef, name: &Name) -> Shade {
        let known = self.named(name);
        if known.is_tainted() || known.constant.is_some() || !known.parts.is_empty() || known.items.is_some() {
            return known;
        }
        // A name of an enclosing scope: its constant text, if it has one.
        match self.flow.asking(|| self.flow.meaning(at, &self.here().frame)).0 {
            Meaning::Text(text, _) => Shade { of: known.of, ..Shade::text(&text) },
            _ => known,
        }
    }

    /// What a name holds, in this function or one that it stands in.
    pub(crate) fn named(&mut self, name: &Name) -> Shade {
        let mut function = self.here().function;
        for activation in self.stack.iter().rev() {
            if activation.function != function {
                continue;
            }
            if let Some(shade) = activation.env.values.get(name) {
                if activation.function == self.here().function {
                    return self.proven_of(shade.under(name));
                }
                let mut shade = Shade { of: vec![name.clone()], ..Shade::clone(shade).unnamed() };
                // What was tested around a function holds inside it.
                shade.proofs |= activation.env.proven.get(name).copied().unwrap_or_default();
                return self.proven_of(shade);
            }
            match self.flow.function(function).parent {
                Some(parent) => function.id = parent,
                None => break,
            }
        }
        let outside = self.held_outside(name).unwrap_or_default();
        self.proven_of(Shade { of: vec![name.clone()], ..outside })
    }

    /// The shade with what was proven of the first of its names.
    pub(crate) fn proven_of(&self, mut shade: Shade) -> Shade {
        if let Some(proofs) = shade.of.first().and_then(|name| self.here().env.proven.get(name)) {
            shade.proofs |= *proofs;
        }
        shade
    }

    /// A member of a value, by its name.
    pub(crate) fn member(&mut self, base: &Shade, name: &Name, path: Option<Name>) -> Shade {
        if COUNTS.contains(&name.as_str()) {
            return number();
        }
        if let Some(found) = self.of_request(base, name).or_else(|| self.noted(base.header(name))) {
            return found;
        }
        if let Some(inner) = base.inside_of(name) {
            return self.proven_of(Shade { of: path.into_iter().collect(), ..inner });
        }
        let mut found = match base.parts.get(name) {
            Some(part) => part.clone(),
            None if base.is_made_of_all() && ENVELOPES.contains(&name.as_str()) => base.clone(),
            None if base.is_made_of_all() => base.member_made(name),
            None if base.is_bag && BESIDE.contains(&name.as_str()) => Shade::default(),
            None if base.is_bag && ENVELOPES.contains(&name.as_str()) => base.clone(),
            None if base.is_bag && spelled_otherwise(base, name).is_some() => {
                spelled_otherwise(base, name).cloned().unwrap_or_default()
            }
            // A member of the bag that no schema told of is an argument all the same.
            None if base.is_bag => {
                let one = |trail: &Rc<Trail>| (name.clone(), trail.of_argument(name));
                let carries = base.carries.values().take(1).map(one).collect();
                Shade { carries, parts: Rc::default(), items: None, is_bag: false, constant: None, ..base.clone() }
            }
            None => match self.promoted(base, name) {
                Some(part) => part,
                None => Shade { parts: Rc::default(), items: None, constant: None, ..base.clone() },
            },
        };
        let of_base = if base.proofs.has(Proofs::LOOKED_UP) { base.of.clone() } else { parts_of_url(name, &base.of) };
        let origins = base.of.iter().filter(|of| is_origin(of) && !self.is_member_touched(name));
        let given = origins.map(|of| dotted(of, std::slice::from_ref(name)));
        found.of = path.into_iter().chain(of_base).chain(folder_of(name, base)).chain(given).collect();
        self.proven_of(found)
    }

    fn element(&mut self, at: ValueRef, base: ValueId, key: ValueId) -> Shade {
        if let ValueKind::Text(name) = self.flow.kind(value_in(at.module, key)) {
            self.variable(at, base, name);
        }
        let whole = self.value(base);
        let key_shade = self.value(key);
        let path = self.path(at).map(|(root, members)| dotted(&root, &members));
        if let Some(name) = key_shade.constant.filter(|_| !key_shade.carries.is_empty() || whole.items.is_none()) {
            let part = self.member(&whole, &name, path);
            return self.taken_out(&whole, part, self.flow.span(at));
        }
        if let (ValueKind::Int(position), Some(items)) = (self.flow.kind(value_in(at.module, key)), &whole.items) {
            let position = usize::try_from(*position).ok().and_then(|position| items.get(position));
            return position.cloned().unwrap_or_default();
        }
        // A value looked up in a table of the program's own is the table's, whoever chose the key.
        if !whole.holds_any() {
            return Shade::default();
        }
        let is_first = matches!(self.flow.kind(value_in(at.module, key)), ValueKind::Int(0));
        let of = match whole.proofs.has(Proofs::LOOKED_UP) {
            true => whole.of.clone(),
            false if is_first => marked(&whole.of, FIRST_OF),
            false => Vec::new(),
        };
        let mut element = Shade { of, constant: None, ..whole.element() };
        if is_first && element.proofs.has(Proofs::FIRST_CHOSEN) {
            element.proofs |= Proofs::CHOICE;
        }
        element.proofs = element.proofs.without(Proofs::FIRST_CHOSEN);
        if self.is_end_of_text(at.module, base, key) {
            element.proofs = element.proofs.without(Proofs::NOT_FLAG);
        }
        if self.is_beginning(value_in(at.module, key)) { beginning_of(element) } else { element }
    }

    /// `text[1:]`: whether a key is a range that begins behind a text's beginning; what has the name of many is a list.
    fn is_end_of_text(&self, module: ModuleId, base: ValueId, key: ValueId) -> bool {
        let of = |id| self.flow.kind(value_in(module, id));
        let (ValueKind::Name(name) | ValueKind::Field { name, .. }, ValueKind::Tuple(bounds)) = (of(base), of(key))
        else {
            return false;
        };
        !is_plural(name)
            && bounds.first().is_some_and(|start| !matches!(of(*start), ValueKind::Null | ValueKind::Int(0)))
    }

    /// `text[:8]`: whether a key is a range that ends before the text does.
    fn is_beginning(&self, key: ValueRef) -> bool {
        let ValueKind::Tuple(bounds) = self.flow.kind(key) else { return false };
        let ends = |end: &ValueId| !matches!(self.flow.kind(value_in(key.module, *end)), ValueKind::Null);
        bounds.get(1).is_some_and(ends)
    }

    fn binary(&mut self, at: ValueRef, operator: Operator, left: ValueId, right: ValueId) -> Shade {
        match operator {
            Operator::And | Operator::Or | Operator::Coalesce => self.short_circuit(operator, left, right),
            Operator::Add => self.sum(at, left, right),
            Operator::Remainder | Operator::Divide => {
                let (left, right) = (self.value(left), self.value(right));
                if let (Some(one), Some(two)) = (&left.items, &right.items) {
                    let all = one.iter().chain(two.iter()).cloned().collect();
                    return Shade::list(all);
                }
                if let (Operator::Remainder, Some(text)) = (operator, &left.constant) {
                    let given = right.items.as_ref().map_or_else(|| vec![right.whole()], |items| items.to_vec());
                    let whole = filled(text, &given).unwrap_or_default();
                    return whole.step(self.flow.span(at), "put into a text");
                }
                if left.items.is_some() || right.items.is_some() {
                    return listed(&left, &right);
                }
                let parts = vec![left, right];
                let whole = if operator == Operator::Divide { joined_path(&parts) } else { concat(&in_text(parts)) };
                whole.step(self.flow.span(at), "joined with other text")
            }
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessEqual
            | Operator::Greater
            | Operator::GreaterEqual
            | Operator::In
            | Operator::NotIn
            | Operator::Is
            | Operator::IsNot
            | Operator::InstanceOf => {
                self.in_test(|walk| (walk.value(left), walk.value(right)));
                number()
            }
            _ => {
                let (left, right) = (self.value(left), self.value(right));
                mix(&[left, right])
            }
        }
    }

    /// Whether a value is written as a separator of paths.
    pub(crate) fn is_separator_value(&self, at: ValueRef) -> bool {
        if let ValueKind::Text(text) = self.flow.kind(at) {
            return text == "/" || text == "\\";
        }
        let text = self.flow.sources.slice(self.flow.span(at));
        let names = ["filepath.Separator", "os.PathSeparator", "path.sep", "os.sep"];
        let inner = text.strip_prefix("string(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
        names.iter().any(|name| inner.ends_with(name))
    }

    fn short_circuit(&mut self, operator: Operator, left: ValueId, right: ValueId) -> Shade {
        let first = match operator {
            Operator::And => self.in_test(|walk| walk.value(left)),
            _ => self.value(left),
        };
        let before = self.here().env.clone();
        if operator != Operator::Coalesce {
            self.assume(left, operator == Operator::And);
        }
        let second = self.value(right);
        if !std::mem::take(&mut self.left) {
            let joined = self.here().env.join(&before);
            self.top().env = joined;
        } else {
            // `ok || process.exit()`: only the other side goes on.
            self.top().env = before;
            self.assume(left, operator == Operator::Or);
        }
        match operator {
            Operator::And => second,
            // `host or ""`: what a test tells of it is told of the host, or there is none.
            _ if (second.constant.is_some() || self.is_empty_literal(right)) && !second.is_tainted() => {
                let of = first.of.clone();
                Shade { of, ..first.or_default(&second) }
            }
            _ => first.or(&second),
        }
    }

    /// `{}` or `[]` as written.
    fn is_empty_literal(&self, id: ValueId) -> bool {
        match self.flow.kind(value_in(self.here().function.module, id)) {
            ValueKind::Map(entries) => entries.is_empty(),
            ValueKind::List(items) | ValueKind::Tuple(items) => items.is_empty(),
            _ => false,
        }
    }

    fn choice(&mut self, test: ValueId, then: ValueId, otherwise: Option<ValueId>) -> Shade {
        self.in_test(|walk| walk.value(test));
        match (self.truth(test), otherwise) {
            (Some(true), _) => return self.value(then),
            (Some(false), Some(otherwise)) => return self.value(otherwise),
            _ => {}
        }
        let before = self.here().env.clone();
        let around = self.begin_both(Some(Vec::new()));
        self.assume(test, true);
        let looks = self.begin_both(None);
        let first = self.value(then);
        let after = std::mem::replace(&mut self.top().env, before);
        self.begin_both(looks);
        self.assume(test, false);
        self.begin_both(around);
        let second = otherwise.map(|otherwise| self.value(otherwise)).unwrap_or_default();
        let joined = self.here().env.join(&after);
        self.top().env = joined;
        first.or(&second)
    }

    fn list(&mut self, items: &'a [ValueId]) -> Shade {
        let module = self.here().function.module;
        let mut all = Vec::new();
        let mut open = Shade::default();
        let mut is_open = false;
        for item in items {
            let is_spread = matches!(self.flow.kind(value_in(module, *item)), ValueKind::Spread(_));
            let shade = self.value(*item);
            match shade.items.clone().filter(|_| is_spread) {
                Some(spread) => all.extend(spread.iter().cloned()),
                None if is_spread => {
                    is_open |= shade.holds_any();
                    all.push(Shade { of: Vec::new(), begin: shade.whole().begin.clone(), ..shade.whole() });
                    open = open.with_whole(&shade);
                }
                None => all.push(shade),
            }
        }
        let carries = if is_open { open.carries } else { Default::default() };
        Shade { carries, ..Shade::list(all) }
    }

    fn comprehension(&mut self, code: &'a Comprehension) -> Shade {
        let before = self.here().env.clone();
        for clause in &code.clauses {
            let over = self.value(clause.over);
            // What is told of every address of a host is told of the host.
            let of = if over.proofs.has(Proofs::LOOKED_UP) { over.of.clone() } else { Vec::new() };
            self.put(&clause.place, Shade { of, ..over.element() });
            for condition in &clause.conditions {
                self.value(*condition);
                self.assume(*condition, true);
            }
        }
        let key = code.key.map(|key| self.value(key)).unwrap_or_default();
        let element = self.value(code.element);
        self.top().env = before;
        if code.key.is_none() && !element.parts.is_empty() {
            return collection_of(element);
        }
        let is_whole = code.key.is_none() && code.clauses.iter().all(|clause| clause.conditions.is_empty());
        let keeps = is_whole && element.proofs.has(Proofs::LOOKED_UP);
        let of = if keeps { element.of.clone() } else { Vec::new() };
        Shade { of, constant: None, ..element.whole().with_whole(&key) }
    }

    /// The constant text of a value.
    pub(crate) fn constant(&mut self, id: ValueId) -> Option<Name> {
        let at = value_in(self.here().function.module, id);
        match self.flow.asking(|| self.flow.meaning(at, &self.here().frame)).0 {
            Meaning::Text(text, _) => Some(text),
            _ => None,
        }
    }
}

/// The beginning of one value is not the whole of it, as logs are told.
pub(crate) fn beginning_of(mut shade: Shade) -> Shade {
    let names: Vec<Name> =
        shade.carries.keys().filter(|name| *name == ONE_ARGUMENT || is_header(name)).cloned().collect();
    for name in names {
        *shade.apart.entry(name).or_default() |= Proofs::LOG_SAFE;
    }
    shade
}

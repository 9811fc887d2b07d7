//! Tests as claims: what they ask of the name of one tool is decided by constants, the rest stays open under a key that
//! is the same wherever the same is asked.

use std::rc::Rc;

use crate::code::{Block, CallKind, Operator, ParameterKind, StatementKind, ValueId, ValueKind};
use crate::extract::settings;
use crate::flow::meaning::{Within, levels, push, value_in};
use crate::flow::scope::Bound;
use crate::flow::{Flow, Frame, FunctionRef, Meaning, ValueRef};

/// Deepest chain of names, operands and calls that is followed.
pub(super) const MAX_DEPTH: u32 = 24;
/// Most values that are looked at for one tool.
const MAX_STEPS: u32 = 3_000;
/// Methods and functions that ask whether something is in a collection.
const ASKING: &[&str] = &["includes", "has", "contains", "Contains", "contains_key"];

/// What stands before a closure in a key: whether two closures ask the same is not known.
pub(super) const CLOSURE: &str = "closure ";
/// What a test comes out as.
#[derive(Clone, Debug)]
pub(super) enum Claim {
    Sure(bool),
    /// What is not known, by its position among [`Claims::open`].
    Open(usize),
    Not(Rc<Claim>),
    All(Rc<[Claim; 2]>),
}

impl Claim {
    pub(super) fn not(self) -> Claim {
        match self {
            Claim::Sure(is) => Claim::Sure(!is),
            Claim::Not(inner) => inner.as_ref().clone(),
            other => Claim::Not(Rc::new(other)),
        }
    }

    pub(super) fn and(self, other: Claim) -> Claim {
        match (self, other) {
            (Claim::Sure(false), _) | (_, Claim::Sure(false)) => Claim::Sure(false),
            (Claim::Sure(true), other) | (other, Claim::Sure(true)) => other,
            (one, other) => Claim::All(Rc::new([one, other])),
        }
    }

    pub(super) fn or(self, other: Claim) -> Claim {
        self.not().and(other.not()).not()
    }

    /// How it comes out where each open part is said.
    pub(super) fn comes_out(&self, said: &dyn Fn(usize) -> bool) -> bool {
        match self {
            Claim::Sure(is) => *is,
            Claim::Open(at) => said(*at),
            Claim::Not(inner) => !inner.comes_out(said),
            Claim::All(all) => all.iter().all(|one| one.comes_out(said)),
        }
    }

    /// Counts down by its parts and what joins them, which share what they have in common; false where there are too many.
    pub(super) fn fits(&self, left: &mut u32) -> bool {
        *left = left.saturating_sub(1);
        *left > 0
            && match self {
                Claim::Sure(_) | Claim::Open(_) => true,
                Claim::Not(inner) => inner.fits(left),
                Claim::All(all) => all.iter().all(|one| one.fits(left)),
            }
    }

    pub(super) fn parts(&self, into: &mut Vec<usize>) {
        match self {
            Claim::Sure(_) => {}
            Claim::Open(at) => into.push(*at),
            Claim::Not(inner) => inner.parts(into),
            Claim::All(all) => all.iter().for_each(|one| one.parts(into)),
        }
    }
}

/// What is not known of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The same wherever this is asked.
    Known(String),
    /// What the caller says.
    Asked,
    /// Nothing is known of it.
    Opaque,
}

/// The claims about one tool.
pub(super) struct Claims<'f, 'a> {
    pub(super) flow: &'f Flow<'a>,
    pub(super) open: Vec<Part>,
    /// The handler of calls, whose parameters are what a caller says.
    asked_by: FunctionRef,
    /// Parameters of it that are the server's own.
    own: &'static [&'static str],
    left: u32,
}

impl<'f, 'a> Claims<'f, 'a> {
    pub(super) fn new(flow: &'f Flow<'a>, asked_by: FunctionRef, own: &'static [&'static str]) -> Self {
        Claims { flow, open: Vec::new(), asked_by, own, left: MAX_STEPS }
    }

    fn part(&mut self, part: Part) -> Claim {
        if let Part::Known(_) = part
            && let Some(at) = self.open.iter().position(|one| *one == part)
        {
            return Claim::Open(at);
        }
        self.open.push(part);
        Claim::Open(self.open.len() - 1)
    }

    /// Something of which nothing is known.
    pub(super) fn unknown(&mut self) -> Claim {
        self.part(Part::Opaque)
    }

    /// What a test claims.
    pub(super) fn of(&mut self, at: ValueRef, frame: &Frame, depth: u32) -> Claim {
        use Operator::{And, Coalesce, Or};
        if depth == 0 || self.left == 0 {
            return self.unknown();
        }
        self.left -= 1;
        let of = |id: ValueId| value_in(at.module, id);
        match self.flow.kind(at) {
            ValueKind::Not(inner) => self.of(of(*inner), frame, depth - 1).not(),
            ValueKind::Binary { operator: And, left, right } => {
                self.of(of(*left), frame, depth - 1).and(self.of(of(*right), frame, depth - 1))
            }
            ValueKind::Binary { operator: Or | Coalesce, left, right } => {
                self.of(of(*left), frame, depth - 1).or(self.of(of(*right), frame, depth - 1))
            }
            ValueKind::Choice { test, then, otherwise: Some(otherwise) } => {
                let test = self.of(of(*test), frame, depth - 1);
                let then = test.clone().and(self.of(of(*then), frame, depth - 1));
                then.or(test.not().and(self.of(of(*otherwise), frame, depth - 1)))
            }
            ValueKind::Await(inner) => self.awaited(of(*inner), frame, depth),
            _ => match self.constant(at, frame) {
                Some(is) => Claim::Sure(is),
                None => self.of_unknown(at, frame, depth),
            },
        }
    }

    /// What a test claims that constants do not decide.
    fn of_unknown(&mut self, at: ValueRef, frame: &Frame, depth: u32) -> Claim {
        use Operator::{Equal, In as Among, Is, IsNot, NotEqual, NotIn};
        let of = |id: ValueId| value_in(at.module, id);
        match self.flow.kind(at) {
            ValueKind::Binary { operator: operator @ (NotEqual | IsNot | NotIn), left, right } => {
                let operator = match operator {
                    NotEqual => Equal,
                    IsNot => Is,
                    _ => Among,
                };
                let key = self.operation(operator, of(*left), of(*right), frame, depth);
                self.leaf(at, frame, key).not()
            }
            ValueKind::Call(call) => match self.called(at, frame) {
                Some((function, _)) if self.is_promise(function) => Claim::Sure(true),
                Some((function, inner)) => self.result(function, &inner, depth - 1),
                None => match (&call.arguments[..], self.flow.kind(of(call.callee))) {
                    ([only], ValueKind::Name(name)) if matches!(name.as_str(), "Boolean" | "bool") => {
                        self.of(of(only.value), frame, depth - 1)
                    }
                    _ => self.keyed(at, frame, depth),
                },
            },
            ValueKind::Name(_) => match self.defined(at) {
                Some(far) => self.of(far, frame, depth - 1),
                None => self.keyed(at, frame, depth),
            },
            _ => self.keyed(at, frame, depth),
        }
    }

    fn awaited(&mut self, at: ValueRef, frame: &Frame, depth: u32) -> Claim {
        match self.called(at, frame) {
            Some((function, inner)) => self.result(function, &inner, depth - 1),
            None => self.of(at, frame, depth - 1),
        }
    }

    /// Whether a call of a function gives a promise, which is true whatever comes of it.
    pub(super) fn is_promise(&self, function: FunctionRef) -> bool {
        self.flow.function(function).is_async
    }

    /// The expression that a name stands for, where it is a test itself.
    fn defined(&self, at: ValueRef) -> Option<ValueRef> {
        let far = self.flow.defined_as(at).filter(|far| *far != at)?;
        let is_test = match self.flow.kind(far) {
            ValueKind::Not(_) | ValueKind::Binary { .. } | ValueKind::Name(_) | ValueKind::Choice { .. } => true,
            ValueKind::Await(_) => true,
            ValueKind::Call(_) => self.called(far, &None).is_some(),
            _ => false,
        };
        is_test.then_some(far)
    }

    fn keyed(&mut self, at: ValueRef, frame: &Frame, depth: u32) -> Claim {
        let key = self.key(at, frame, depth - 1);
        self.leaf(at, frame, key)
    }

    fn leaf(&mut self, at: ValueRef, frame: &Frame, key: Option<String>) -> Claim {
        let part = match key {
            _ if self.is_asked(at, frame, 8) => Part::Asked,
            Some(key) => Part::Known(key),
            None => Part::Opaque,
        };
        self.part(part)
    }

    /// The function of the tree that a call is of, with what surrounds it then.
    pub(super) fn called(&self, at: ValueRef, frame: &Frame) -> Option<(FunctionRef, Frame)> {
        let ValueKind::Call(call) = self.flow.kind(at) else { return None };
        let callee = value_in(at.module, call.callee);
        let (meaning, arguments) =
            self.flow.asking_within(4_000, || (self.flow.meaning(callee, frame), self.flow.passed(at, frame))).0;
        let Meaning::Function(function, captured, this) = meaning else { return None };
        if captured.as_ref().map_or(0, |level| level.depth) > 12 || call.kind != CallKind::Plain {
            return None;
        }
        Some((function, push(&captured, Within::Call { function, arguments, this, at: Some(at) })))
    }

    /// What a function claims by what it gives back.
    pub(super) fn result(&mut self, function: FunctionRef, frame: &Frame, depth: u32) -> Claim {
        let body = &self.flow.function(function).body;
        if depth == 0 {
            return self.unknown();
        }
        let (given, rest) = self.block(body, function, frame, depth);
        match body.tail {
            Some(tail) => given.or(rest.and(self.of(value_in(function.module, tail), frame, depth - 1))),
            None => given,
        }
    }

    /// When a block gives back something that is true, and when it goes on.
    fn block(&mut self, block: &Block, function: FunctionRef, frame: &Frame, depth: u32) -> (Claim, Claim) {
        let of = |id: ValueId| value_in(function.module, id);
        let (mut given, mut rest) = (Claim::Sure(false), Claim::Sure(true));
        for statement in &block.statements {
            match &statement.kind {
                StatementKind::Return(value) => {
                    let value = value.map_or(Claim::Sure(false), |value| self.of(of(value), frame, depth - 1));
                    return (given.or(rest.and(value)), Claim::Sure(false));
                }
                StatementKind::Raise(_) => return (given, Claim::Sure(false)),
                StatementKind::If { test, then, otherwise } => {
                    let test = self.of(of(*test), frame, depth - 1);
                    let (one, on) = self.block(then, function, frame, depth - 1);
                    let (other, past) = self.block(otherwise, function, frame, depth - 1);
                    let here = test.clone().and(one).or(test.clone().not().and(other));
                    given = given.or(rest.clone().and(here));
                    rest = rest.and(test.clone().and(on).or(test.not().and(past)));
                }
                StatementKind::Block(inner) => {
                    let (one, on) = self.block(inner, function, frame, depth - 1);
                    given = given.or(rest.clone().and(one));
                    rest = rest.and(on);
                }
                StatementKind::Loop { .. } | StatementKind::Try(_) | StatementKind::Match(_) => {
                    return (self.unknown(), self.unknown());
                }
                _ => {}
            }
            if depth <= 1 {
                return (self.unknown(), self.unknown());
            }
        }
        (given, rest)
    }

    /// How constants decide a test.
    fn constant(&self, at: ValueRef, frame: &Frame) -> Option<bool> {
        match self.flow.asking_within(2_000, || self.flow.meaning(at, frame)).0 {
            Meaning::Bool(is) => Some(is),
            Meaning::Null => Some(false),
            Meaning::Text(text, _) => Some(!text.is_empty()),
            _ => None,
        }
    }

    fn operation(
        &mut self,
        operator: Operator,
        left: ValueRef,
        right: ValueRef,
        frame: &Frame,
        depth: u32,
    ) -> Option<String> {
        let (left, right) = (self.key(left, frame, depth - 1)?, self.key(right, frame, depth - 1)?);
        Some(match operator {
            Operator::Equal | Operator::Is if right < left => format!("({right} Equal {left})"),
            Operator::Equal | Operator::Is => format!("({left} Equal {right})"),
            other => format!("({left} {other:?} {right})"),
        })
    }

    /// What tells an expression from others, with what constants say of it in place of how it is written.
    fn key(&mut self, at: ValueRef, frame: &Frame, depth: u32) -> Option<String> {
        if depth == 0 || self.left == 0 {
            return None;
        }
        self.left -= 1;
        let of = |id: ValueId| value_in(at.module, id);
        match self.flow.asking_within(2_000, || self.flow.meaning(at, frame)).0 {
            Meaning::Text(text, _) => return Some(format!("{text:?}")),
            Meaning::Int(number) => return Some(number.to_string()),
            Meaning::Bool(is) => return Some(is.to_string()),
            Meaning::Null => return Some("null".to_string()),
            Meaning::This(_) | Meaning::Instance(_) => return Some("this".to_string()),
            Meaning::Made(made) if self.flow.owner(made.at).id == crate::code::MODULE_BODY => {
                return Some(format!("made:{:?}", made.at));
            }
            _ => {}
        }
        if let Some(name) = settings::variable(self.flow, at) {
            return Some(format!("env:{name}"));
        }
        match self.flow.kind(at) {
            ValueKind::Name(_) => match self.flow.defined_as(at).filter(|far| *far != at) {
                Some(far) if self.flow.owner(far).id == crate::code::MODULE_BODY => Some(format!("top:{far:?}")),
                Some(far) => self.key(far, frame, depth - 1),
                None => {
                    let (given, outer) = self.handed(at, frame)?;
                    self.key(given, &outer, depth - 1)
                }
            },
            ValueKind::This => Some("this".to_string()),
            ValueKind::Field { base, name } => Some(format!("{}.{name}", self.key(of(*base), frame, depth - 1)?)),
            ValueKind::Index { base, key } => {
                let base = self.key(of(*base), frame, depth - 1)?;
                Some(format!("{base}[{}]", self.key(of(*key), frame, depth - 1)?))
            }
            ValueKind::Await(inner) | ValueKind::Generic { base: inner, .. } => self.key(of(*inner), frame, depth - 1),
            ValueKind::Binary { operator, left, right } => {
                self.operation(*operator, of(*left), of(*right), frame, depth)
            }
            ValueKind::Not(inner) => Some(format!("!{}", self.key(of(*inner), frame, depth - 1)?)),
            ValueKind::Function(function) => Some(format!("{CLOSURE}{function:?} of {}", given(frame))),
            ValueKind::Call(call) => {
                let callee = of(call.callee);
                let arguments: Option<Vec<String>> =
                    call.arguments.iter().map(|one| self.key(of(one.value), frame, depth - 1)).collect();
                let arguments = arguments?;
                match (self.flow.kind(callee), &arguments[..]) {
                    (ValueKind::Field { base, name }, [only]) if ASKING.contains(&name.as_str()) => {
                        Some(format!("({only} In {})", self.key(value_in(callee.module, *base), frame, depth - 1)?))
                    }
                    (ValueKind::Field { name, .. }, [all, only]) if name == "Contains" => {
                        Some(format!("({only} In {all})"))
                    }
                    _ => Some(format!("{}({})", self.key(callee, frame, depth - 1)?, arguments.join(", "))),
                }
            }
            _ => None,
        }
    }

    /// What a parameter is given by the call that is under way.
    fn handed(&self, at: ValueRef, frame: &Frame) -> Option<(ValueRef, Frame)> {
        let ValueKind::Name(name) = self.flow.kind(at) else { return None };
        let owner = self.flow.owner(at);
        let bindings = self.flow.scopes(at.module).bindings.get(owner.id.index())?.get(name)?;
        let position = bindings.iter().find_map(|binding| match binding.bound {
            Bound::Parameter(position) if binding.path.is_empty() => Some(position),
            _ => None,
        })?;
        let parameters = &self.flow.function(owner).parameters;
        let skipped = usize::from(parameters.first().is_some_and(|first| first.kind == ParameterKind::Receiver));
        let arguments = levels(frame).find_map(|level| match level {
            Within::Call { function, arguments, at: Some(_), .. } if *function == owner => Some(arguments),
            _ => None,
        })?;
        let by_name = arguments.iter().find(|one| one.name.as_ref() == Some(name));
        let given =
            by_name.or_else(|| arguments.get(position.checked_sub(skipped)?).filter(|one| one.name.is_none()))?;
        match &given.value {
            Meaning::Later(given, outer) => Some((*given, outer.clone())),
            _ => None,
        }
    }

    /// Whether an expression hangs on what a caller says, beside the name of the tool.
    fn is_asked(&self, at: ValueRef, frame: &Frame, depth: u32) -> bool {
        if depth == 0 || self.flow.asking_within(500, || self.flow.meaning(at, frame)).0.text().is_some() {
            return false;
        }
        let ValueKind::Name(name) = self.flow.kind(at) else {
            let mut children = Vec::new();
            crate::code::walk::children(self.flow.kind(at), &mut |child| children.push(child));
            return children.into_iter().any(|child| self.is_asked(value_in(at.module, child), frame, depth - 1));
        };
        if let Some((given, outer)) = self.handed(at, frame) {
            return self.is_asked(given, &outer, depth - 1);
        }
        if at.module != self.asked_by.module || !settings::is_within(self.flow, at, self.asked_by.id) {
            return false;
        }
        let scopes = self.flow.scopes(at.module);
        let bindings = scopes.bindings.get(self.asked_by.id.index()).and_then(|names| names.get(name));
        bindings.into_iter().flatten().any(|binding| match binding.bound {
            Bound::Parameter(_) => !self.own.contains(&name.as_str()),
            Bound::Value(value) => self.is_asked(value_in(at.module, value), frame, depth - 1),
            _ => false,
        })
    }

    /// Whether a call is given a name of a tool.
    pub(super) fn is_given_a_name(&self, at: ValueRef, frame: &Frame) -> bool {
        let ValueKind::Call(call) = self.flow.kind(at) else { return false };
        call.arguments.iter().any(|one| {
            let at = value_in(at.module, one.value);
            !matches!(self.flow.kind(at), ValueKind::Text(_))
                && self.flow.asking_within(500, || self.flow.meaning(at, frame)).0.text().is_some()
        })
    }

    /// Whether a value hands on what a caller says: arguments on their way to what a tool does.
    pub(super) fn hands_on(&self, at: ValueRef, frame: &Frame) -> bool {
        let mut children = Vec::new();
        crate::code::walk::children(self.flow.kind(at), &mut |child| children.push(child));
        matches!(self.flow.kind(at), ValueKind::Call(call)
            if call.arguments.iter().any(|one| self.is_asked(value_in(at.module, one.value), frame, 8)))
            || children.into_iter().any(|child| self.hands_on(value_in(at.module, child), frame))
    }
}

/// What the innermost call is given, as far as it is text.
fn given(frame: &Frame) -> String {
    let arguments = levels(frame).find_map(|level| match level {
        Within::Call { arguments, .. } => Some(arguments),
        Within::Turn(..) => None,
    });
    let shown = |given: &crate::flow::meaning::Passed| given.value.text().map_or("?", |text| text.as_str()).to_string();
    arguments.map(|all| all.iter().map(shown).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

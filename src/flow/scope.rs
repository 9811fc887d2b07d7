//! What each function binds, and in which function, loop and branch each value stands.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use ahash::{HashMap, HashSet};

use crate::code::{
    Arm, ClassId, FunctionId, Language, MODULE_BODY, Module, Name, Pattern, RebindScope, ValueId, ValueKind,
};
use crate::flow::everywhere::Everywhere;
use crate::flow::inside::Inside;
use crate::source::Span;

mod settling;
mod walk;

/// Most places where one name of a function gets its value that are told apart.
const MAX_BINDINGS: usize = 2_000;

/// Handle of a [`Context`] in its [`Scopes`]; 0 is the plain body of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextId(pub u32);

/// What a value stands under inside its function, innermost first through `parent`.
#[derive(Clone, Debug)]
pub struct Context {
    /// What it is.
    pub kind: ContextKind,
    /// What it stands under in turn; `None` at the function's own level.
    pub parent: Option<ContextId>,
}

/// Kinds of contexts.
#[derive(Clone, Debug)]
pub enum ContextKind {
    /// The level of the function itself.
    Plain,
    /// A branch: the test and whether it held.
    Branch(ValueId, bool),
    /// An arm of a match, by its place.
    Arm(Option<ValueId>, Span),
    /// The turns of a loop over a collection.
    Each(ValueId),
    /// The turns of any other loop.
    Turns,
    /// A handler of an exception.
    Handler(Span),
    /// Field values and decorators of a class body.
    Class(ClassId),
}

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A named member, with its value when missing.
    Field(Name, Option<ValueId>),
    /// An element by position.
    Item(usize),
    /// Everything else.
    Rest,
    /// All members but those that are named.
    Without(Box<[Name]>),
}

/// Where a bound name gets its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// A parameter, by position.
    Parameter(usize),
    /// A value.
    Value(ValueId),
    /// Each element of a collection in turn.
    Each(ValueId),
    /// The resource of a `with`.
    Held(ValueId),
    /// An import, by position in the module's list.
    Import(usize),
    /// A named function.
    Function(FunctionId),
    /// A class.
    Class(ClassId),
    /// A compound assignment: the old value and this one.
    Changed(ValueId),
    /// Part of what a pattern matched.
    Matched(Option<ValueId>),
    /// Declared without a value, or an exception.
    Nothing,
}

impl Bound {
    /// Whether what is bound can stand at the beginning of a path: modules, types and what is brought in.
    pub(super) fn begins_paths(&self) -> bool {
        matches!(self, Bound::Import(_) | Bound::Class(_) | Bound::Function(_))
    }
}

/// One way in which a name gets a value.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Where the value comes from.
    pub bound: Bound,
    /// Which part of that value it is.
    pub path: Box<[Step]>,
    /// Declared type.
    pub annotation: Option<ValueId>,
    /// First byte of the binding.
    pub at: u32,
    /// Bytes of the innermost block it stands in.
    pub block: (u32, u32),
    /// What it stands under.
    pub context: ContextId,
    /// Whether it introduces the name for its block only.
    pub declares: bool,
    /// Whether it is made by a function inside the one that holds the name.
    pub is_far: bool,
}

impl Binding {
    /// Whether it brings the name into being, rather than giving it another value.
    fn introduces(&self) -> bool {
        match self.bound {
            Bound::Value(_) | Bound::Changed(_) | Bound::Nothing => self.declares,
            Bound::Parameter(_)
            | Bound::Each(_)
            | Bound::Held(_)
            | Bound::Import(_)
            | Bound::Function(_)
            | Bound::Class(_)
            | Bound::Matched(_) => true,
        }
    }
}

/// A change of a collection or object that a name holds: `x.append(v)`, `x["k"] = v`, `x.k = v`.
#[derive(Clone, Debug)]
pub struct Change {
    /// The call or the assigned place.
    pub place: ValueId,
    /// What is assigned; absent for calls.
    pub value: Option<ValueId>,
}

/// Index of one module: who owns each value, and what every function binds.
#[derive(Debug, Default)]
pub struct Scopes {
    /// Function in which each value is evaluated, by [`ValueId`].
    pub owner: Vec<FunctionId>,
    /// Context of each value, by [`ValueId`].
    pub context: Vec<ContextId>,
    /// Arena of contexts.
    pub contexts: Vec<Context>,
    /// Bindings of each function, by [`FunctionId`]; every list in order of writing.
    pub bindings: Vec<HashMap<Name, Vec<Binding>>>,
    /// What each function returns, by [`FunctionId`].
    pub returns: Vec<Vec<ValueId>>,
    /// Every call, in order of the arena.
    pub calls: Vec<ValueId>,
    /// Changes to what a name or `self.name` holds, by the last segment of what is changed.
    pub changes: BTreeMap<Name, Vec<Change>>,
    /// Calls of Go that give a name what it holds and more: `x = append(x, v)`.
    pub appended: HashSet<ValueId>,
    /// Functions that a list takes in as their decorator, by that decorator: `@tools.append`.
    pub gathered: HashMap<ValueId, FunctionId>,
    /// Assignments to members: the place and the value.
    pub member_assignments: Vec<(ValueId, ValueId)>,
    /// Value each closure or class expression stands at.
    pub function_values: HashMap<FunctionId, ValueId>,
    /// Arms of each match, by its subject.
    pub arms_of: HashMap<ValueId, Vec<ArmHead>>,
    /// What names that stand inside patterns are taken from, by their first byte: `Some(value) => …`.
    pub taken_from: HashMap<u32, ValueId>,
    /// Names that calls are given as they are; found when they are first asked for.
    handed_on: OnceLock<HashSet<Name>>,
    /// What promises are settled with; found when one is first asked for.
    settling: OnceLock<settling::Settling>,
    /// Values that are the same in every call; found when they are first asked for.
    pub(super) everywhere: Everywhere,
    /// What belongs to each function.
    pub(super) inside: Inside,
}

/// When an arm of a match is taken.
#[derive(Clone, Debug)]
pub struct ArmHead {
    /// The whole arm.
    pub span: Span,
    /// What the subject is compared with, where all patterns are values.
    pub values: Option<Vec<ValueId>>,
    /// Whether it takes whatever no other arm takes.
    pub is_default: bool,
    /// What must hold too.
    pub guard: Option<ValueId>,
    /// Whether control runs on into the next arm.
    pub falls_through: bool,
}

impl ArmHead {
    /// The head of an arm.
    pub fn of(arm: &Arm) -> Self {
        let value = |pattern: &Pattern| match pattern {
            Pattern::Value(value) => Some(*value),
            Pattern::Any(_) | Pattern::Shape { .. } => None,
        };
        Self {
            span: arm.span,
            values: arm.patterns.iter().map(value).collect(),
            is_default: arm.patterns.is_empty() || arm.patterns.iter().any(|one| matches!(one, Pattern::Any(_))),
            guard: arm.guard,
            falls_through: arm.falls_through,
        }
    }
}

impl Scopes {
    /// Whether a call of the module is given what a name holds.
    pub fn is_handed_on(&self, module: &Module, name: &Name) -> bool {
        let names = |call: &ValueId| match &module.value(*call).kind {
            ValueKind::Call(call) => call.arguments.as_slice(),
            _ => &[],
        };
        let all = self.handed_on.get_or_init(|| {
            let given = self.calls.iter().flat_map(names).map(|argument| &module.value(argument.value).kind);
            given.filter_map(|kind| if let ValueKind::Name(name) = kind { Some(name.clone()) } else { None }).collect()
        });
        all.contains(name)
    }

    /// Indexes a module in one pass.
    pub fn new(module: &Module) -> Self {
        let functions = module.functions.len();
        let scopes = Scopes {
            owner: vec![MODULE_BODY; module.values.len()],
            context: vec![ContextId(0); module.values.len()],
            contexts: vec![Context { kind: ContextKind::Plain, parent: None }],
            bindings: vec![HashMap::default(); functions],
            returns: vec![Vec::new(); functions],
            ..Scopes::default()
        };
        let mut walk = walk::Walk {
            module,
            scopes,
            function: MODULE_BODY,
            context: ContextId(0),
            block: (0, u32::MAX),
            defined: HashMap::default(),
        };
        walk.all();
        walk.scopes.move_outward(module);
        walk.scopes.give_up_on_crowds();
        walk.scopes
    }

    /// Moves assignments to where their name is declared: an assignment declares in Python only, and not even there
    /// where the function says so.
    fn move_outward(&mut self, module: &Module) {
        let mut moves = Vec::new();
        for (at, bindings) in self.bindings.iter().enumerate() {
            let from = FunctionId(at as u32);
            let moved = bindings.keys().filter_map(|name| {
                let to = self.home_of(module, from, name).filter(|to| *to != from)?;
                Some((from, to, name.clone()))
            });
            moves.extend(moved);
        }
        moves.sort();
        for (from, to, name) in moves {
            let moved = self.bindings[from.index()].remove(&name).unwrap_or_default();
            let home = self.bindings[to.index()].entry(name).or_default();
            home.extend(moved.into_iter().map(|binding| Binding { is_far: true, ..binding }));
            home.sort_by_key(|binding| binding.at);
        }
    }

    /// A name that gets its value in thousands of places may be anything.
    fn give_up_on_crowds(&mut self) {
        for bindings in &mut self.bindings {
            for crowd in bindings.values_mut().filter(|all| all.len() > MAX_BINDINGS) {
                crowd.truncate(1);
                crowd.iter_mut().for_each(|one| (one.bound, one.path) = (Bound::Matched(None), Box::default()));
            }
        }
    }

    /// The function whose scope holds a name that `from` assigns.
    fn home_of(&self, module: &Module, from: FunctionId, name: &Name) -> Option<FunctionId> {
        let function = module.function(from);
        let rebind = function.rebinds.iter().find(|rebind| rebind.name == *name);
        match (rebind.map(|rebind| rebind.scope), module.language) {
            (Some(RebindScope::Module), _) => return Some(MODULE_BODY),
            (Some(RebindScope::Enclosing), _) => {}
            (None, Language::Python) => return None,
            (None, _) => {
                let own = &self.bindings[from.index()][name];
                if own.iter().any(Binding::introduces) || from == MODULE_BODY {
                    return None;
                }
            }
        }
        let mut next = function.parent;
        while let Some(outer) = next {
            let introduced = |bindings: &Vec<Binding>| {
                bindings.iter().any(|binding| binding.introduces() || module.language == Language::Python)
            };
            if self.bindings[outer.index()].get(name).is_some_and(introduced) {
                return Some(outer);
            }
            next = module.function(outer).parent;
        }
        Some(MODULE_BODY)
    }

    /// The contexts a value stands under, innermost first.
    pub fn around(&self, value: ValueId) -> impl Iterator<Item = &ContextKind> {
        self.chain(self.context[value.index()])
    }

    /// A context and those around it, innermost first.
    pub fn chain(&self, context: ContextId) -> impl Iterator<Item = &ContextKind> {
        let mut next = Some(context);
        std::iter::from_fn(move || {
            let context = &self.contexts[next?.0 as usize];
            next = context.parent;
            Some(&context.kind)
        })
    }
}

impl Scopes {
    /// Takes out what only adds to what a name held before: that is a change of it.
    pub(crate) fn leave_appended(&self, bindings: &mut Cow<[Binding]>) {
        let adds = |one: &Binding| matches!(one.bound, Bound::Value(value) if self.appended.contains(&value));
        if !self.appended.is_empty() && bindings.iter().any(adds) {
            bindings.to_mut().retain(|one| !adds(one));
        }
    }
}

/// Whether each turn of the loop around a binding begins by giving the name another value.
fn is_given_anew(scopes: &Scopes, bindings: &[Binding], binding: &Binding) -> bool {
    let around = || scopes.chain(binding.context);
    let is_turn = |context: &&ContextKind| matches!(context, ContextKind::Turns | ContextKind::Each(_));
    let Some(turn) = around().find(is_turn) else { return false };
    let earlier = bindings.iter().filter(|other| other.at < binding.at && matches!(other.bound, Bound::Value(_)));
    earlier.filter_map(|other| Some((other, scopes.chain(other.context).next()?))).any(|(other, inner)| {
        let is_around = around().any(|context| std::ptr::eq(context, inner));
        is_around && scopes.chain(other.context).any(|context| std::ptr::eq(context, turn))
    })
}

/// The bindings that are in force at a place: what gives a name a value does not yet do so inside that value, so that
/// `x = x.filter(f)` reads what `x` was before. In a loop it may; and a declaration hides what is outside at once, but in Go.
pub(crate) fn in_force<'b>(
    module: &Module,
    scopes: &Scopes,
    bindings: &'b [Binding],
    position: u32,
) -> Cow<'b, [Binding]> {
    let is_go = module.language == Language::Go;
    let turns = |binding: &Binding| {
        scopes.chain(binding.context).any(|context| matches!(context, ContextKind::Turns | ContextKind::Each(_)))
    };
    let begins = |binding: &Binding| match binding.bound {
        Bound::Value(value) if is_go || !binding.declares => {
            let span = module.value(value).span;
            let is_own = binding.declares || !turns(binding) || is_given_anew(scopes, bindings, binding);
            span.start <= position && position < span.end && is_own
        }
        _ => false,
    };
    match (bindings.len() > 1 || is_go) && bindings.iter().any(begins) {
        true => Cow::Owned(bindings.iter().filter(|binding| !begins(binding)).cloned().collect()),
        false => Cow::Borrowed(bindings),
    }
}

/// The bindings that may give a name its value at a position.
pub(crate) fn choose(bindings: &[Binding], position: u32, at_home: bool, language: Language) -> Vec<&Binding> {
    let holds = |binding: &&Binding| binding.block.0 <= position && position <= binding.block.1;
    if let [only] = bindings {
        let seen = !only.declares || language == Language::Python || position == u32::MAX || holds(&only);
        return if seen { vec![only] } else { Vec::new() };
    }
    let mut seen: Vec<&Binding> = bindings.iter().collect();
    if position != u32::MAX {
        let visible: Vec<&Binding> =
            seen.iter().copied().filter(|binding| !binding.declares || holds(binding)).collect();
        match (visible.is_empty(), language) {
            (true, Language::Python) => {}
            _ => seen = visible,
        }
        let innermost = seen
            .iter()
            .filter(|binding| binding.declares)
            .map(|binding| binding.block)
            .min_by_key(|block| block.1 - block.0);
        if let (Some(block), true) = (innermost, language != Language::Python) {
            seen.retain(|binding| {
                if binding.declares { binding.block == block } else { block.0 <= binding.at && binding.at <= block.1 }
            });
        }
    }
    if at_home {
        let last = seen.iter().rposition(|binding| {
            !binding.is_far
                && binding.at <= position
                && (holds(binding) || position == u32::MAX && binding.context.0 == 0)
                && !matches!(binding.bound, Bound::Changed(_) | Bound::Nothing)
        });
        if let Some(last) = last {
            let is_after = |binding: &&&Binding| binding.at <= position || binding.is_far;
            let after = seen[last + 1..].iter().filter(is_after).copied();
            return std::iter::once(seen[last]).chain(after).collect();
        }
    }
    seen
}

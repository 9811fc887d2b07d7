//! What a tool can do, and which of its arguments take part: effects reached from its handler, each with its path.
//!
//! A walk over the handler's statements in order, into every function of the tree that it calls. A value is a [`Shade`]:
//! which arguments it carries and what has been proven of it. Guards are what tests and calls prove where they dominate;
//! a proof counts for the value that was tested and for what it was made of, never for anything else.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ahash::HashMap;

use crate::code::Name;
use crate::flow::effects::{Effects, Kind, Stored};
use crate::flow::{ClassRef, Flow, Frame, FunctionRef, ValueRef};
use crate::model::Note;
use crate::source::Span;

pub mod address;
pub mod altered;
mod answered;
mod answers;
pub mod arms;
pub mod arrival;
mod beside;
pub mod block;
pub mod builder;
pub mod call;
#[cfg(test)]
mod cases;
pub mod characters;
pub mod cleaning;
mod common;
pub mod compared;
#[cfg(test)]
#[path = "taint/compiled/cases.rs"]
mod compiled_cases;
pub mod condition;
pub mod constructed;
pub mod decided;
pub mod declared;
pub mod each;
pub mod embedded;
pub mod enter;
pub mod entry;
pub mod errors;
pub mod filled;
mod flags;
pub mod format;
mod gathered;
pub mod guard;
pub mod handing;
pub mod harmless;
pub mod headers;
pub mod indirect;
pub mod join;
pub mod kept;
mod keyed;
pub mod leave;
pub mod lists;
pub mod log;
mod looked;
pub mod members;
mod models;
pub mod names;
pub mod outside;
pub mod pieces;
pub mod pools;
mod presence;
mod problems;
pub mod proofs;
pub mod reach;
mod recovered;
pub mod redirect;
pub mod remote;
pub mod request;
pub mod schemas;
pub mod sent;
mod separator;
mod settled;
pub mod shade;
pub mod shared;
mod shorter;
pub mod sql;
mod stages;
pub mod statement;
pub mod sum;
pub mod summary;
pub mod swallowed;
mod table;
pub mod taken;
pub mod test;
mod tested;
mod texts;
pub mod threads;
pub mod trail;
pub mod truth;
pub mod turns;
mod twice;
pub mod typed;
pub mod unset;
pub mod upper;
mod vacuous;
pub mod value;
pub mod when;
mod when_taken;
pub mod words;

use common::Common;

pub use arrival::{Arrival, CHOSEN, State};
pub use entry::Entry;
pub use pools::Pools;
pub use proofs::Proofs;
pub use shade::{Begin, Shade};
pub use shared::Shared;
pub use taken::Taken;

/// Most statements and values that are looked at for one tool.
const MAX_STEPS: u32 = 400_000;
/// Most steps that the questions of one tool's walk may take.
const MAX_LOOKUPS: u64 = 1_000_000;
/// Names of one function from which on each step counts for more, since the states to be joined grow.
const FREE_NAMES: usize = 256;
/// Deepest chain of calls that is followed.
const MAX_CALLS: usize = 14;

/// Something that a tool does to the world.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// What it does.
    pub kind: Kind,
    /// Full name of the call.
    pub call: String,
    /// Where.
    pub span: Span,
    /// What it acts upon, where that is one constant.
    pub target: Option<String>,
    /// What becomes of the records of a store, where the call says so by itself.
    pub records: Option<Stored>,
    /// The calls from the handler to here.
    pub path: Vec<Note>,
}

/// Everything found for one tool.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Effects, each place once.
    pub effects: Vec<Seen>,
    /// Arguments that reach an effect, each place and argument once.
    pub arrivals: Vec<Arrival>,
    /// Where arguments are taken out of what a client sent.
    pub taken: Taken,
    /// What becomes of the token of a request.
    pub token: Token,
    /// Calls of which it is not known what they call.
    pub unresolved: Vec<Span>,
    /// Packages that are called and of which no table says what they do, with the first call.
    pub foreign: BTreeMap<String, Span>,
    /// Collections that outlive a call, which callers add to or guards rest on.
    pub pools: Pools,
    /// Whether the walk was cut short.
    pub cut: bool,
    /// Statements and values that were looked at.
    pub steps: u32,
}

/// Where the token of a request is read, and where it is handed to what is not known; first places only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Token {
    /// The function that reads it.
    pub read: Option<Span>,
    /// The call that it is handed to.
    pub lost: Option<Span>,
}

/// What is known at a point of a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Env {
    /// Shared between the states of a function, which differ in few of them.
    values: Common<HashMap<Name, Rc<Shade>>>,
    /// What tests have proven of names and members, by dotted path.
    proven: Common<BTreeMap<Name, Proofs>>,
    /// When a name was last given a value, in steps.
    put_at: Common<BTreeMap<Name, u32>>,
    /// Names that hold a constant truth: what was proven where it is true, nothing where it is false.
    flags: flags::Flags,
}

impl Env {
    fn join(&self, other: &Env) -> Env {
        Env {
            values: self.values_with(other),
            proven: self.proven_with(other),
            put_at: self.put_at_with(other),
            flags: self.flags_with(other),
        }
    }

    fn values_with(&self, other: &Env) -> Common<HashMap<Name, Rc<Shade>>> {
        let mut values = self.values.clone();
        if self.values.is_one(&other.values) {
            return values;
        }
        #[expect(clippy::iter_over_hash_type, reason = "each name is joined by itself")]
        for (name, shade) in other.values.iter() {
            // What one way tested and the other way made so is so on both.
            let proven = |env: &Env| env.proven.get(name).copied().unwrap_or_default();
            let with = |shade: &Shade, proofs| Shade { proofs: shade.proofs | proofs, ..shade.clone() };
            match self.values.get(name) {
                Some(own) if Rc::ptr_eq(own, shade) => {}
                Some(own) => {
                    let joined = with(own, proven(self)).or(&with(shade, proven(other)));
                    values.insert(name.clone(), Rc::new(joined));
                }
                None => {
                    values.insert(name.clone(), shade.clone());
                }
            }
        }
        values
    }

    fn proven_with(&self, other: &Env) -> Common<BTreeMap<Name, Proofs>> {
        if self.proven.is_one(&other.proven) {
            return self.proven.clone();
        }
        let both = |(name, proofs): (&Name, &Proofs)| {
            let joined = *proofs & other.proven.get(name).copied().unwrap_or_default();
            (!joined.is_none()).then(|| (name.clone(), joined))
        };
        self.proven.iter().filter_map(both).collect::<BTreeMap<_, _>>().into()
    }

    fn put_at_with(&self, other: &Env) -> Common<BTreeMap<Name, u32>> {
        let mut put_at = self.put_at.clone();
        if self.put_at.is_one(&other.put_at) {
            return put_at;
        }
        for (name, step) in other.put_at.iter() {
            if self.put_at.get(name).is_none_or(|known| known < step) {
                put_at.insert(name.clone(), *step);
            }
        }
        put_at
    }

    /// Gives a name a value.
    fn hold(&mut self, name: Name, shade: Shade) {
        self.values.insert(name, Rc::new(shade));
    }

    /// Forgets what was proven of a name and its members.
    fn forget(&mut self, name: &str) {
        let is_of = |known: &Name| known == name || known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        if self.proven.keys().any(is_of) {
            self.proven.retain(|known, _| !is_of(known));
        }
        if !self.flags.is_empty() {
            self.flags.retain(|known, _| !is_of(known));
            self.flags.values_mut().for_each(|flag| flag.forget(&is_of));
        }
    }
}

/// One call of a function that is being walked.
pub(crate) struct Activation {
    function: FunctionRef,
    frame: Frame,
    env: Env,
    this: Shade,
    exits: Vec<Exit>,
    /// Depth of branches that are taken only where something of the program's own is not set.
    unset: u32,
    /// Types that variables are declared with.
    types: BTreeMap<Name, ClassRef>,
    /// States at `continue` and `break` of the loops and matches around.
    turns: Vec<turns::Ends>,
    /// Members that were given a value: a name, and the way from it.
    touched: Vec<(Name, Vec<Name>)>,
    /// Members of objects that it is given, by the position of the parameter.
    members: Vec<(usize, Name)>,
    /// Parameters whose name stands for something else by now.
    rebound: BTreeSet<Name>,
    /// What it yields, where it does.
    yielded: Option<Shade>,
    /// Whether a panic ends it, and whether it goes on behind one as if nothing had happened.
    panics: (bool, bool),
}

/// One way out of a function.
#[derive(Clone, Debug)]
struct Exit {
    result: Shade,
    proofs: Vec<Proofs>,
    /// By part of the result, `WHOLE` for all of it.
    told: BTreeMap<Name, Told>,
    unset: bool,
    /// Whether it is taken as long as the environment says nothing.
    off: bool,
    /// Whether it gives an error back.
    is_error: bool,
    /// What it leaves in what the function was given.
    left: Vec<kept::Left>,
}

/// All of a result, among its parts.
pub(crate) const WHOLE: &str = "";

/// What a value that was given back tells about parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Whether it is true, where that is constant.
    truth: Option<bool>,
    when_true: Vec<Proofs>,
    when_false: Vec<Proofs>,
    /// What is proven where it is something, of results some of which are written as nothing: `null`, `undefined`.
    when_there: Vec<Proofs>,
    /// How nothing is written there.
    nothing: Option<Name>,
    /// What is proven of names around the function, where it is true and where false.
    around: [BTreeMap<Name, Proofs>; 2],
    /// What is proven of the other parts of the result, where it is true and where false.
    beside: [beside::Parts; 2],
}

/// What a call of a function tells its caller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    result: Shade,
    /// Members of objects that it was given, whose rows follow those of parameters.
    members: Vec<(usize, Name)>,
    /// Proven of each parameter when the function comes back.
    returns: Vec<Proofs>,
    /// The same, when it does not give an error back.
    returns_well: Vec<Proofs>,
    /// Proven of each parameter when a part of the result is true, or false; by part.
    told: BTreeMap<Name, Told>,
    never_returns: bool,
    this: Shade,
    /// Parameters that the result stands for, or a part of them, by mark.
    stands_for: Vec<(usize, &'static str)>,
    /// What is left in parameters, and in the object whose method it is.
    left: Vec<kept::Left>,
    /// Whether it may end by a panic that leaves it.
    panics: bool,
}

/// The walk of one tool.
pub(crate) struct Walk<'a> {
    flow: &'a Flow<'a>,
    effects: &'a Effects,
    found: Found,
    stack: Vec<Activation>,
    path: Vec<Note>,
    /// Calls met before.
    memo: HashMap<shared::Key, shared::Met>,
    /// How many calls were not followed, because of how deep they are or of what is being walked.
    cut_off: u32,
    /// What closures among them were made in, so that no other has its address.
    captured: Vec<Frame>,
    /// How many were met, so that each has its number.
    met: usize,
    /// What other tools' walks found.
    shared: &'a Shared,
    /// Walks of functions that are under way and may hold for other tools.
    recorders: Vec<shared::Recorder>,
    /// Depth of `await` around what is being looked at in the function on top.
    awaiting: u32,
    /// Whether an error that the call at hand gives back leaves the function (`f()?`, `f().unwrap()`).
    leaves_on_error: bool,
    /// The call whose result nothing takes.
    dropped: Option<ValueRef>,
    /// The call that is being left for good (`sys.exit`).
    left: bool,
    /// The last call of which nobody here knows what it does.
    unknown: Option<ValueRef>,
    /// Steps that questions had taken before this walk.
    started: u64,
    /// Whether nothing that the tool is given is free text.
    has_closed_arguments: bool,
    /// Most steps of this walk and of its questions.
    most: (u32, u64),
    /// What the program keeps with a request, found before.
    kept: &'a headers::Store,
    /// What this walk keeps with one.
    keeps: BTreeMap<String, Shade>,
    /// What names outside of the functions that are being walked hold.
    outer: kept::Outer,
    /// Tables whose keys the caller put there.
    keyed: keyed::Keyed,
    /// Names through which the test at hand is followed.
    kept_tests: u32,
    /// Depth of tests around what is being looked at.
    testing: u32,
    /// What the result of the next call that is tested is compared with: `null`, `undefined`.
    compared_with: Option<Name>,
    /// What the published schema would prove of arguments, where nothing held them to it before the handler.
    published: BTreeMap<Name, entry::Schemed>,
    /// Arguments that are texts.
    texts: texts::Texts,
    /// Against which schema names of a function were found to be valid.
    held_to: HashMap<(FunctionRef, Name), Rc<entry::Schemed>>,
    /// The member that is looked at while a test of a schema is walked.
    watched: Option<schemas::Watched>,
    /// What the test at hand looked at, where both of its answers are asked for.
    looks: Option<twice::Looks>,
    /// The list of promises that the call at hand waits for.
    gathered: Option<ValueRef>,
    /// How the promise was settled whose method is called.
    settled: Option<settled::Settled>,
}

/// What the handler of a tool does when it is called by a client. Needs a thread with the stack of
/// [`crate::code::limits::STACK`].
pub fn of_handler(
    flow: &Flow<'_>,
    effects: &Effects,
    handler: FunctionRef,
    entry: &Entry,
    frame: Frame,
    (kept, shared): (&headers::Store, &Shared),
) -> Found {
    let mut walk = Walk::new(flow, effects, kept, shared);
    walk.has_closed_arguments = entry.is_closed();
    walk.published.clone_from(&entry.published);
    walk.texts = texts::Texts::of(entry, handler);
    let tested = walk.tested_entry(entry);
    let entry = tested.as_ref().unwrap_or(entry);
    let mut arguments = entry.shades(flow, handler);
    walk.typed_parameters(handler, &mut arguments);
    let this = entry.receiver(flow, handler, &arguments);
    walk.enter(handler, arguments, this, frame);
    let mut found = walk.found;
    reach::leave_out_looks(&mut found.arrivals);
    found.effects.sort();
    found.arrivals.sort();
    found.unresolved.sort();
    found.unresolved.dedup();
    found
}

impl<'a> Walk<'a> {
    fn new(flow: &'a Flow<'a>, effects: &'a Effects, kept: &'a headers::Store, shared: &'a Shared) -> Self {
        Walk {
            flow,
            effects,
            found: Found::default(),
            stack: Vec::new(),
            path: Vec::new(),
            memo: HashMap::default(),
            cut_off: 0,
            captured: Vec::new(),
            met: 0,
            shared,
            recorders: Vec::new(),
            awaiting: 0,
            leaves_on_error: false,
            dropped: None,
            left: false,
            unknown: None,
            started: flow.total(),
            has_closed_arguments: false,
            most: (MAX_STEPS, MAX_LOOKUPS),
            kept,
            keeps: BTreeMap::new(),
            outer: kept::Outer::default(),
            keyed: keyed::Keyed::new(),
            kept_tests: 0,
            testing: 0,
            compared_with: None,
            published: BTreeMap::new(),
            texts: texts::Texts::default(),
            held_to: HashMap::default(),
            watched: None,
            gathered: None,
            settled: None,
            looks: None,
        }
    }

    fn top(&mut self) -> &mut Activation {
        self.stack.last_mut().expect("a function is being walked")
    }

    fn here(&self) -> &Activation {
        self.stack.last().expect("a function is being walked")
    }

    /// Counts a step; false when there have been too many.
    fn step(&mut self) -> bool {
        let names = self.stack.last().map_or(0, |activation| activation.env.values.len());
        self.found.steps += 1 + (names.saturating_sub(FREE_NAMES) / 64) as u32;
        if self.found.steps >= self.most.0 || self.flow.total() - self.started >= self.most.1 {
            self.found.cut = true;
        }
        !self.found.cut
    }
}

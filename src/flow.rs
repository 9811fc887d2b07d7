//! What code does: which definition a name means, what a value is, who calls whom.
//!
//! [`Program`] holds the modules, [`Index`] what each binds and how files find each other, and [`Flow`] answers questions
//! by need: what a value means ([`Flow::meaning`]), inside which calls and loop turns it is looked at ([`Frame`]), who
//! calls a function ([`Flow::frames`]), and what a value is as JSON ([`json`]).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::sync::OnceLock;

use rayon::prelude::*;

use crate::code::{ClassId, ClassKind, FunctionId, Language, Module, Name, ValueId, ValueKind};
use crate::source::{FILES_AT_ONCE, SourceId, Sources, Span};

mod alike;
pub mod apply;
mod around;
mod arranged;
mod assigned;
pub mod branch;
mod bundled;
pub mod callers;
pub mod calls;
pub mod change;
mod checked;
mod choice;
mod common_js;
mod copied;
pub mod crates;
pub mod effects;
mod elements;
mod endless;
mod everywhere;
mod fields;
pub mod fold;
pub mod foreign;
mod getters;
mod groups;
pub(crate) mod grown;
mod held;
pub mod implementers;
mod injection;
mod inside;
pub mod json;
pub mod known;
pub mod link;
pub mod meaning;
pub mod member;
mod memo;
mod nested;
mod own_name;
mod parts;
pub mod pool;
pub mod programs;
mod promised;
pub mod proof;
pub mod records;
pub mod replaced;
mod resolve;
mod same;
pub mod schemas;
pub mod scope;
pub mod truth;
pub mod unit_tests;
pub mod unset;
mod watch;
mod written;

pub use meaning::{Frame, Meaning};

/// Handle of a module in a [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// Something in the arena of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct In<T> {
    /// The module.
    pub module: ModuleId,
    /// Handle in that module.
    pub id: T,
}

/// A value anywhere in the program.
pub type ValueRef = In<ValueId>;
/// A function anywhere in the program.
pub type FunctionRef = In<FunctionId>;
/// A class anywhere in the program.
pub type ClassRef = In<ClassId>;

/// Every module of the tree, in path order.
#[derive(Debug, Default)]
pub struct Program {
    /// In path order; [`ModuleId`] is the position.
    pub modules: Vec<Module>,
    /// By source.
    pub by_source: BTreeMap<SourceId, ModuleId>,
    /// By path.
    pub by_path: BTreeMap<String, ModuleId>,
}

impl Program {
    /// Ties modules together.
    pub fn new(modules: Vec<Module>, sources: &Sources) -> Self {
        let ids = |at: usize| ModuleId(at as u32);
        let by_source = modules.iter().enumerate().map(|(at, module)| (module.source, ids(at))).collect();
        let by_path =
            modules.iter().enumerate().map(|(at, module)| (sources.path(module.source).to_string(), ids(at))).collect();
        Self { modules, by_source, by_path }
    }

    /// The module behind a handle.
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    /// Every module with its handle, in path order.
    pub fn iter(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.modules.iter().enumerate().map(|(at, module)| (ModuleId(at as u32), module))
    }
}

/// What is computed once for a program: who binds what, and which file an import means.
#[derive(Debug, Default)]
pub struct Index {
    scopes: Vec<scope::Scopes>,
    pub(crate) links: link::Links,
    crates: crates::Crates,
    groups: groups::Groups,
    /// Implementation blocks by the name of their type.
    implementations: HashMap<Name, Vec<ClassRef>>,
    /// Types by name, in languages that have implementation blocks.
    definitions: HashMap<Name, Vec<ClassRef>>,
    /// By module.
    own_fields: Vec<fields::OfClasses>,
    /// Assignments to members of classes themselves (`Logger.instance = …`), by module.
    class_fields: Vec<fields::OfClasses>,
    /// Modules whose calls count, in order.
    live: Vec<ModuleId>,
    /// Found when they are first asked for.
    callers: OnceLock<callers::Callers>,
    foreign: OnceLock<foreign::Foreign>,
    /// Packages that bundlers copied, by module.
    bundled: Vec<bundled::Bundled>,
    /// Whether a container makes objects anywhere.
    is_injecting: bool,
    /// Members that methods answer for, by name.
    getters: HashSet<Name>,
    assigned: assigned::Assigned,
    replaced: replaced::Replaced,
}

impl Index {
    /// Indexes every module. Needs a thread with the stack of [`crate::code::limits::STACK`].
    pub fn new(program: &Program, sources: &Sources) -> Self {
        let modules = || program.modules.par_iter().with_max_len(FILES_AT_ONCE);
        let scopes: Vec<scope::Scopes> = modules().map(scope::Scopes::new).collect();
        let both = || modules().zip(&scopes);
        let packages = bundled::Packages::built_in();
        let bundled = both().map(|(module, scopes)| packages.of(module, scopes)).collect();
        let own_fields = both().map(|(module, scopes)| fields::of_receivers(module, scopes)).collect();
        let class_fields = both().map(|(module, scopes)| fields::of_classes(module, scopes)).collect();
        let mut implementations: HashMap<Name, Vec<ClassRef>> = HashMap::new();
        let mut definitions: HashMap<Name, Vec<ClassRef>> = HashMap::new();
        for (id, module) in program.iter() {
            for (at, class) in module.classes.iter().enumerate() {
                let class_ref = In { module: id, id: ClassId(at as u32) };
                if class.kind == ClassKind::Implementation {
                    implementations.entry(class.name.clone()).or_default().push(class_ref);
                } else if matches!(module.language, Language::Rust | Language::Go) {
                    definitions.entry(class.name.clone()).or_default().push(class_ref);
                }
            }
        }
        let (links, crates) = (link::Links::new(program, sources), crates::Crates::new(program, sources));
        let groups = groups::Groups::new(program, sources, &links);
        let assigned = assigned::Assigned::new(program, &scopes);
        let replaced = replaced::replaced(program, &scopes);
        let live = program.iter().map(|(id, _)| id).collect();
        Self {
            scopes,
            links,
            crates,
            groups,
            implementations,
            definitions,
            own_fields,
            class_fields,
            live,
            callers: OnceLock::new(),
            foreign: OnceLock::new(),
            bundled,
            is_injecting: injection::is_used(program),
            getters: getters::names(program),
            assigned,
            replaced,
        }
    }

    /// Leaves out the calls of all other modules when it is asked who calls what.
    pub fn called_from(mut self, live: &[ModuleId]) -> Self {
        self.live = live.to_vec();
        self
    }

    /// What a module binds.
    pub fn scopes(&self, module: ModuleId) -> &scope::Scopes {
        &self.scopes[module.0 as usize]
    }
}

/// The method that a function is, or is nested in.
fn method_around(module: &Module, mut function: FunctionId) -> Option<FunctionId> {
    for _ in 0..64 {
        if module.function(function).class.is_some() {
            return Some(function);
        }
        function = module.function(function).parent?;
    }
    None
}

/// What would have to be known for a value to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Open {
    /// With what this function is called.
    Call(FunctionRef),
    /// At which element the loop over this value is.
    Turn(ValueRef),
}

/// Meanings already worked out, with what stayed open on the way, and those that are under way.
type Memo = HashMap<ValueRef, memo::Looked, memo::Quickly>;

/// Whether a test holds that the code alone leaves open, and `None` where that stays open.
pub type Settles = fn(&Flow, ValueRef, &Frame) -> Option<bool>;

/// Most tests that are settled in the middle of one another.
const MAX_SETTLING: u32 = 4;

/// Answers questions about a program by need. One per thread.
pub struct Flow<'a> {
    /// The modules.
    pub program: &'a Program,
    /// Their text.
    pub sources: &'a Sources,
    /// What they bind.
    pub index: &'a Index,
    memo: RefCell<Memo>,
    framed: RefCell<memo::Framed>,
    imports: RefCell<memo::Imported>,
    silent: RefCell<memo::Silent>,
    constructing: RefCell<memo::Constructing>,
    receiving: RefCell<memo::Receiving>,
    growing: RefCell<memo::Growing>,
    returning: RefCell<memo::Returning>,
    parsers: RefCell<HashMap<ValueRef, Rc<[ValueRef]>>>,
    watched: watch::Watched,
    /// What is under way inside frames, and how deep.
    folding: RefCell<HashMap<(ValueRef, usize), memo::Level, memo::Quickly>>,
    /// In order.
    open: RefCell<Vec<Open>>,
    steps: Cell<u32>,
    /// How many questions are under way whose steps are counted together, one in the middle of another.
    asked: Cell<u32>,
    /// How often questions used up their steps in a function.
    endless: RefCell<HashMap<FunctionRef, u8>>,
    /// Whether the question at hand found the function in which it used them up.
    is_blamed: Cell<bool>,
    /// Steps of all questions so far.
    total: Cell<u64>,
    limit: Cell<u32>,
    /// Whether the question at hand ran into a limit, so that what it found must not be kept.
    is_exhausted: Cell<bool>,
    /// How often a limit cut anything short.
    cuts: Cell<u64>,
    /// How many answers are under way, one in the middle of another.
    level: Cell<memo::Level>,
    /// The outermost answer under way on which what is being worked out rests.
    rests_on: Cell<memo::Level>,
    /// A number of its own for each answer under way, outermost first.
    numbers: RefCell<Vec<u64>>,
    next_number: Cell<u64>,
    frames_left: Cell<u32>,
    /// Whether it is being found out who calls whom, so that nothing may ask for that.
    finds_callers: Cell<bool>,
    calls_by_name: RefCell<HashMap<ModuleId, Rc<callers::CallsByName>>>,
    depth: Cell<u32>,
    lines: RefCell<HashMap<ClassRef, Rc<[ClassRef]>>>,
    changes: RefCell<HashMap<ModuleId, Rc<change::Changes>>>,
    running: RefCell<Vec<(FunctionRef, memo::Level)>>,
    changing: RefCell<Vec<((ModuleId, ValueId), memo::Level)>>,
    /// Modules whose glob imports are being looked through.
    globbing: RefCell<Vec<((ModuleId, FunctionId), memo::Level)>>,
    implementers: RefCell<HashMap<FunctionRef, Rc<[FunctionRef]>>>,
    /// Methods that take the place of a method in heirs of a class.
    overriding: RefCell<implementers::Overriding>,
    /// What is returned as an object of each interface.
    built: RefCell<HashMap<ClassRef, Rc<[ValueRef]>>>,
    settles: Option<Settles>,
    /// Steps after which no more tests are settled.
    most_settling: u64,
    /// Tests that are being settled, in the middle of one another.
    settling: Cell<u32>,
    /// Whether one of them was left open because of their number.
    is_cut_short: Cell<bool>,
}

impl<'a> Flow<'a> {
    /// A fresh set of answers.
    pub fn new(program: &'a Program, sources: &'a Sources, index: &'a Index) -> Self {
        Self {
            program,
            sources,
            index,
            memo: RefCell::default(),
            framed: RefCell::default(),
            imports: RefCell::default(),
            silent: RefCell::default(),
            constructing: RefCell::default(),
            receiving: RefCell::default(),
            growing: RefCell::default(),
            returning: RefCell::default(),
            parsers: RefCell::default(),
            watched: RefCell::default(),
            folding: RefCell::default(),
            open: RefCell::default(),
            steps: Cell::new(0),
            asked: Cell::new(0),
            endless: RefCell::default(),
            is_blamed: Cell::new(false),
            total: Cell::new(0),
            limit: Cell::new(fold::MAX_STEPS),
            is_exhausted: Cell::new(false),
            cuts: Cell::new(0),
            level: Cell::new(0),
            rests_on: Cell::new(memo::NOTHING),
            numbers: RefCell::default(),
            next_number: Cell::new(0),
            frames_left: Cell::new(0),
            finds_callers: Cell::new(false),
            calls_by_name: RefCell::default(),
            lines: RefCell::default(),
            changes: RefCell::default(),
            depth: Cell::new(0),
            running: RefCell::default(),
            changing: RefCell::default(),
            globbing: RefCell::default(),
            implementers: RefCell::default(),
            overriding: RefCell::default(),
            built: RefCell::default(),
            settles: None,
            most_settling: 0,
            settling: Cell::new(0),
            is_cut_short: Cell::new(false),
        }
    }

    /// Answers as if every test that this decides had come out so, as long as all steps together are not more than `most`.
    pub fn settled_by(mut self, settles: Settles, most: u64) -> Self {
        (self.settles, self.most_settling) = (Some(settles), most);
        self
    }

    /// Whether tests were settled beforehand.
    pub fn is_settled(&self) -> bool {
        self.settles.is_some()
    }

    /// Whether a test holds in the way of starting that is asked about.
    fn settled(&self, test: ValueRef, frame: &Frame) -> Option<bool> {
        let settles = self.settles?;
        let around = self.settling.get();
        if around >= MAX_SETTLING || self.total.get() > self.most_settling {
            self.is_cut_short.set(true);
            self.cut_short();
            return None;
        }
        self.settling.set(around + 1);
        let found = settles(self, test, frame);
        self.settling.set(around);
        if found.is_none() && self.is_cut_short.get() {
            self.cut_short();
        }
        if around == 0 {
            self.is_cut_short.set(false);
        }
        found
    }

    /// The module of anything in it.
    pub fn module<T>(&self, of: In<T>) -> &'a Module {
        self.program.module(of.module)
    }

    /// Every module, in path order.
    pub fn modules(&self) -> impl Iterator<Item = &'a Module> {
        self.program.iter().map(|(_, module)| module)
    }

    /// Kind of a value.
    pub fn kind(&self, value: ValueRef) -> &'a ValueKind {
        &self.program.module(value.module).value(value.id).kind
    }

    /// Place of a value.
    pub fn span(&self, value: ValueRef) -> Span {
        self.program.module(value.module).value(value.id).span
    }

    /// A function.
    pub fn function(&self, function: FunctionRef) -> &'a crate::code::Function {
        self.program.module(function.module).function(function.id)
    }

    /// A class.
    pub fn class(&self, class: ClassRef) -> &'a crate::code::Class {
        self.program.module(class.module).class(class.id)
    }

    /// What a module binds.
    pub fn scopes(&self, module: ModuleId) -> &'a scope::Scopes {
        self.index.scopes(module)
    }

    /// Function in which a value is evaluated.
    pub fn owner(&self, value: ValueRef) -> FunctionRef {
        In { module: value.module, id: self.scopes(value.module).owner[value.id.index()] }
    }

    /// Steps that all questions so far have taken: a measure of work that no clock disturbs.
    pub fn total(&self) -> u64 {
        self.total.get()
    }

    /// Runs `ask` and tells what would have to be known for its answer to be better.
    pub fn asking<T>(&self, ask: impl FnOnce() -> T) -> (T, Vec<Open>) {
        self.asking_within(fold::MAX_STEPS, ask)
    }

    /// As [`Flow::asking`], giving up after so many steps.
    pub fn asking_within<T>(&self, limit: u32, ask: impl FnOnce() -> T) -> (T, Vec<Open>) {
        let before = std::mem::take(&mut *self.open.borrow_mut());
        // A question in the middle of another takes its steps from it.
        let is_within = self.depth.get() > 0;
        let left = if is_within { self.limit.get().saturating_sub(self.steps.get()) } else { limit };
        let outer = (self.steps.replace(0), self.limit.replace(limit.min(left)), self.is_exhausted.replace(false));
        self.asked.set(self.asked.get() + 1);
        if !is_within {
            self.is_blamed.set(false);
        }
        let answer = ask();
        self.asked.set(self.asked.get() - 1);
        let spent = if is_within { self.steps.get() } else { 0 };
        self.steps.set(outer.0.saturating_add(spent));
        self.limit.set(outer.1);
        self.is_exhausted.set(outer.2);
        (answer, std::mem::replace(&mut *self.open.borrow_mut(), before))
    }

    /// Runs `ask` without taking steps from the question at hand: what it finds out serves every other question too.
    fn at_own_cost<T>(&self, ask: impl FnOnce() -> T) -> T {
        let outer = (self.steps.replace(0), self.limit.replace(fold::MAX_STEPS), self.is_exhausted.replace(false));
        let answer = ask();
        self.steps.set(outer.0);
        self.limit.set(outer.1);
        self.is_exhausted.set(outer.2);
        answer
    }
}

//! What functions do that are given nothing of a caller, found out once for all tools that are walked together.
//!
//! A walk of such a function is kept as a [`Record`]: its summary, and what was found in it in order. For another tool it
//! is told again instead of being walked, where the call is given the same: the same shades, and the same answers to
//! everything that was asked of its arguments. What looks at the functions around it, or was cut short, is not kept.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ahash::{HashMap, HashSet};

use crate::code::MODULE_BODY;
use crate::flow::json::Json;
use crate::flow::pool::Pool;
use crate::flow::{Flow, Frame, FunctionRef, In, Meaning};
use crate::model::Note;
use crate::source::Span;
use crate::taint::{Arrival, MAX_CALLS, Pools, Proofs, Seen, Shade, Summary, Walk};

/// Most walks of one function that are kept for the same shades.
const MAX_WAYS: usize = 3;
/// Calls of one function that no kept walk held for, after which none is looked for any more.
const MAX_MISSED: u32 = 6;
/// Most walks that are kept.
const MAX_KEPT: usize = 40_000;

/// What calls that tell the same have in common: the function, and the shades that it is given.
pub(crate) type Key = Rc<(FunctionRef, String)>;

/// What the functions of a program were found to do, for the tools that are walked together.
#[derive(Default)]
pub struct Shared {
    records: RefCell<HashMap<Key, Vec<Rc<Record>>>>,
    /// How often no kept walk of a function held.
    missed: RefCell<HashMap<FunctionRef, u32>>,
    kept: Cell<usize>,
    /// Closures that `new Promise` was given.
    pub(crate) executors: RefCell<HashSet<FunctionRef>>,
    /// Reads the schema that a value of the program is.
    pub(crate) reader: Option<Reader>,
    /// What callers put into collections that outlive a call, where that is known.
    pub(crate) grown: BTreeMap<Pool, Proofs>,
}

/// The schema that a value of the program is, where it is one.
pub type Reader = fn(&Flow<'_>, &Meaning) -> Option<Json>;

/// A call that a tool met before.
#[derive(Clone)]
pub(crate) struct Met {
    summary: Rc<Summary>,
    /// Its walk, where that holds for other tools too.
    record: Option<Rc<Record>>,
    /// Its number among the tool's.
    number: usize,
}

/// One walk of a function.
pub(crate) struct Record {
    key: Key,
    summary: Rc<Summary>,
    events: Vec<Event>,
    /// Functions that were called inside, however deep.
    entered: BTreeSet<FunctionRef>,
    /// Calls from the function to the deepest one inside.
    deepest: usize,
    /// What was asked of its call, with the answers.
    asked: Vec<(usize, Meaning)>,
}

/// Something that is found. Ways begin at the function whose walk is recorded.
pub(crate) enum Event {
    /// An effect, and whether it is no call, so that its place alone tells it from others.
    Effect(Seen, bool),
    /// An argument at an effect, of what the function itself is given from outside.
    Arrival(Arrival),
    /// A call of which it is not known what it calls.
    Unresolved(Span),
    /// A package of which no table says what its calls do, with a call.
    Foreign(String, Span),
    /// The token of a request is sent on to another service: all but the way to here, and that.
    Sent(Arrival, Vec<Note>),
    /// The token of a request is read, or handed to what is not known.
    Token(Handling, Span),
    /// Something is kept with a request, under a key.
    Kept(String, Shade),
    /// What is put into a collection that outlives the call is proven to be this; without that, a guard rests on it.
    Pool(Pool, Option<Proofs>),
    /// What a function called on the way does.
    Inside(Vec<Note>, Rc<Record>),
}

/// What becomes of the token of a request.
#[derive(Clone, Copy)]
pub(crate) enum Handling {
    Read,
    Lost,
}

/// A walk that is being recorded.
pub(crate) struct Recorder {
    events: Vec<Event>,
    entered: BTreeSet<FunctionRef>,
    /// Calls met inside whose walks hold for this tool alone, so that what they found is among the events.
    alone: BTreeSet<usize>,
    deepest: usize,
    /// Position of the function among those that are being walked.
    base: usize,
    /// Calls that lead to it.
    way: usize,
    /// Whether it holds for other tools too.
    is_whole: bool,
}

impl Shared {
    /// Nothing found yet, with what reads schemas.
    pub fn reading(reader: Reader) -> Self {
        Self { reader: Some(reader), ..Self::default() }
    }

    /// The same, where it is known what callers put into collections.
    pub fn knowing(self, pools: &Pools) -> Self {
        Self { grown: pools.grown.clone(), ..self }
    }

    /// Whether calls of a function differ too often for any to be told again.
    fn is_varied(&self, function: FunctionRef) -> bool {
        self.missed.borrow().get(&function).is_some_and(|missed| *missed >= MAX_MISSED)
    }

    fn keep(&self, record: Rc<Record>) {
        let mut records = self.records.borrow_mut();
        let ways = records.entry(record.key.clone()).or_default();
        if ways.len() < MAX_WAYS && self.kept.get() < MAX_KEPT {
            ways.push(record);
            self.kept.set(self.kept.get() + 1);
        }
    }
}

impl<'a> Walk<'a> {
    /// Something is found here.
    pub(crate) fn happens(&mut self, event: Event) {
        let way = self.recorders.last().map_or(0, |recorder| recorder.way);
        self.take(&event, &mut self.path.get(..way).unwrap_or_default().to_vec());
        if let Some(recorder) = self.recorders.last_mut() {
            recorder.events.push(event);
        }
    }

    /// The calls to here from the function whose walk is being recorded, or from the handler.
    pub(crate) fn own_path(&self) -> Vec<Note> {
        let way = self.recorders.last().map_or(0, |recorder| recorder.way);
        self.path.get(way..).unwrap_or_default().to_vec()
    }

    /// What is found here is of this tool alone.
    pub(crate) fn holds_here_only(&mut self) {
        self.recorders.iter_mut().for_each(|recorder| recorder.is_whole = false);
    }

    /// Takes an event among what is found, at the end of this way.
    fn take(&mut self, event: &Event, way: &mut Vec<Note>) {
        match event {
            Event::Effect(seen, is_alone) => self.see(seen, *is_alone, way),
            Event::Arrival(arrival) => self.reached(arrival),
            Event::Unresolved(span) => self.found.unresolved.push(*span),
            Event::Foreign(package, span) => {
                self.found.foreign.entry(package.clone()).or_insert(*span);
            }
            Event::Sent(arrival, calls) => self.sent(arrival, way.iter().chain(calls)),
            Event::Token(handling, span) => {
                let token = &mut self.found.token;
                let first = match handling {
                    Handling::Read => &mut token.read,
                    Handling::Lost => &mut token.lost,
                };
                first.get_or_insert(*span);
            }
            Event::Kept(key, shade) => {
                let joined = self.keeps.get(key).map_or_else(|| shade.clone(), |known| known.or(shade));
                self.keeps.insert(key.clone(), joined);
            }
            Event::Pool(pool, put) => self.found.pools.note(pool, *put),
            Event::Inside(calls, record) => self.take_inside(calls, record, way),
        }
    }

    /// Takes what a recorded walk found, unless this tool met the same call before.
    fn take_inside(&mut self, calls: &[Note], record: &Rc<Record>, way: &mut Vec<Note>) {
        if self.memo.contains_key(&record.key) {
            return;
        }
        self.remember(record.key.clone(), record.summary.clone(), Some(record.clone()));
        let length = way.len();
        way.extend_from_slice(calls);
        record.events.iter().for_each(|event| self.take(event, way));
        way.truncate(length);
    }

    /// Notes that a function is called inside every walk that is being recorded.
    pub(crate) fn meets(&mut self, function: FunctionRef) {
        let parent = self.flow.function(function).parent.filter(|parent| *parent != MODULE_BODY);
        let parent = parent.map(|id| In { module: function.module, id });
        let is_among = |wanted: FunctionRef, all: &[crate::taint::Activation]| {
            all.iter().any(|activation| activation.function == wanted)
        };
        let depth = self.stack.len();
        for recorder in &mut self.recorders {
            let (around, inside) = self.stack.split_at(recorder.base.min(depth));
            // A closure sees the names of the function that it stands in.
            let sees_around = parent.is_some_and(|parent| !is_among(parent, inside));
            recorder.is_whole &= !sees_around && !is_among(function, around);
            recorder.deepest = recorder.deepest.max(depth - recorder.base.min(depth));
        }
        if let Some(recorder) = self.recorders.last_mut() {
            recorder.entered.insert(function);
        }
    }

    /// What a like call told, of this tool or of another one, whose findings are then taken for this one too.
    pub(crate) fn met_before(&mut self, key: &Key, frame: &Frame) -> Option<Rc<Summary>> {
        if let Some(met) = self.memo.get(key).cloned() {
            match met.record {
                Some(record) => self.note_inside(record),
                None => self.note_alone(met.number),
            }
            return Some(met.summary);
        }
        if self.shared.is_varied(key.0) || !self.outer.is_empty() {
            return None;
        }
        let ways = self.shared.records.borrow().get(key).cloned()?;
        let Some(record) = ways.into_iter().find(|record| self.holds_here(record, frame)) else {
            *self.shared.missed.borrow_mut().entry(key.0).or_default() += 1;
            return None;
        };
        self.take_inside(&[], &record, &mut self.path.clone());
        self.note_inside(record.clone());
        Some(record.summary.clone())
    }

    /// Keeps what a call tells for the next one like it.
    pub(crate) fn remember(&mut self, key: Key, summary: Rc<Summary>, record: Option<Rc<Record>>) {
        let number = self.met;
        self.met += 1;
        if let (Some(recorder), None) = (self.recorders.last_mut(), &record) {
            recorder.alone.insert(number);
        }
        self.memo.insert(key, Met { summary, record, number });
    }

    /// Notes in the walks that are being recorded what a call does that is not walked again.
    fn note_inside(&mut self, record: Rc<Record>) {
        let (calls, depth) = (self.own_path(), self.stack.len());
        for recorder in &mut self.recorders {
            recorder.deepest = recorder.deepest.max(depth - recorder.base.min(depth) + record.deepest);
        }
        if let Some(recorder) = self.recorders.last_mut() {
            recorder.entered.extend(record.entered.iter().copied());
            recorder.events.push(Event::Inside(calls, record));
        }
    }

    /// Notes a call met before whose walk holds for this tool alone: where it was walked inside, what it found is known.
    fn note_alone(&mut self, number: usize) {
        let mut is_inside = false;
        for recorder in self.recorders.iter_mut().rev() {
            is_inside |= recorder.alone.contains(&number);
            recorder.is_whole &= is_inside;
        }
    }

    fn holds_here(&self, record: &Record, frame: &Frame) -> bool {
        let shared = self.shared;
        let are_one_sort = |one: FunctionRef, other: FunctionRef| {
            let executors = shared.executors.borrow();
            executors.contains(&one) == executors.contains(&other) && !self.is_called(one) && !self.is_called(other)
        };
        let is_answered = |(position, answer): &(usize, Meaning)| {
            let here = self.flow.given_at(record.key.0, *position, frame);
            self.flow.is_alike(answer, &here, &are_one_sort)
        };
        !self.found.cut
            && self.stack.len() + record.deepest < MAX_CALLS
            && !self.stack.iter().any(|activation| record.entered.contains(&activation.function))
            && record.asked.iter().all(is_answered)
    }

    /// Whether a call of the tree gives a function its parameters.
    fn is_called(&self, function: FunctionRef) -> bool {
        !self.flow.calls_of(function).is_empty()
    }

    /// Begins to record the walk of a function, if it may hold for other tools too.
    pub(crate) fn begin_record(&mut self, key: &Key, arguments: &[Shade], this: &Shade, frame: &Frame) -> bool {
        let is_plain = frame.as_ref().is_some_and(|level| level.parent.is_none());
        let is_plain = is_plain && self.outer.is_empty();
        if !is_plain || self.shared.is_varied(key.0) || arguments.iter().chain([this]).any(Shade::holds_any) {
            return false;
        }
        self.flow.watch(frame);
        self.recorders.push(Recorder {
            events: Vec::new(),
            entered: BTreeSet::new(),
            alone: BTreeSet::new(),
            deepest: 0,
            base: self.stack.len(),
            way: self.path.len(),
            is_whole: true,
        });
        true
    }

    /// Ends what was begun last.
    pub(crate) fn end_record(&mut self, key: &Key, frame: &Frame, summary: &Rc<Summary>) -> Option<Rc<Record>> {
        let asked = self.flow.asked_for(key.0, frame);
        let recorder = self.recorders.pop()?;
        let calls = self.path.get(self.recorders.last().map_or(0, |outer| outer.way)..recorder.way);
        let calls = calls.unwrap_or_default().to_vec();
        if let Some(outer) = self.recorders.last_mut() {
            outer.entered.extend(recorder.entered.iter().copied());
            outer.alone.extend(recorder.alone.iter().copied());
        }
        if !recorder.is_whole || self.found.cut {
            if let Some(outer) = self.recorders.last_mut() {
                outer.events.extend(recorder.events.into_iter().map(|event| event.further_in(&calls)));
            }
            return None;
        }
        let Recorder { events, mut entered, deepest, .. } = recorder;
        entered.insert(key.0);
        let record = Rc::new(Record { key: key.clone(), summary: summary.clone(), events, entered, deepest, asked });
        self.shared.keep(record.clone());
        if let Some(outer) = self.recorders.last_mut() {
            outer.events.push(Event::Inside(calls, record.clone()));
        }
        Some(record)
    }
}

impl Event {
    /// The same, found by a function that is called on this way.
    fn further_in(self, calls: &[Note]) -> Event {
        let longer = |way: Vec<Note>| calls.iter().cloned().chain(way).collect();
        match self {
            Event::Effect(seen, is_alone) => Event::Effect(Seen { path: longer(seen.path), ..seen }, is_alone),
            Event::Sent(arrival, way) => Event::Sent(arrival, longer(way)),
            Event::Inside(way, record) => Event::Inside(longer(way), record),
            other => other,
        }
    }
}

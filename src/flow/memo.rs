//! What was worked out before, and when it may be told again.
//!
//! An answer is kept with what stayed open on the way. It is not kept where a limit cut it short. Where it rests on what
//! is under way around it (a value defined by itself, a function that calls itself), it is told again as long as that is
//! under way, and then forgotten. The outermost of such a circle rests on nothing but itself, and is kept.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::rc::Rc;

use crate::code::{MODULE_BODY, Name, ValueKind};
use crate::flow::change::Holder;
use crate::flow::fold::MAX_STEPS;
use crate::flow::grown::Grown;
use crate::flow::meaning::{self, Frame, Instance, Meaning, Within, levels};
use crate::flow::{ClassRef, Flow, FunctionRef, ModuleId, Open, ValueRef};

/// Most answers of one sort that are kept; at that many, the older half is forgotten.
const MAX_KEPT: usize = 1 << 15;

/// Steps of a question within which a part of it has nearly all steps for itself: what cut that part short would do so
/// again, so that its answer is kept all the same.
const EARLY: u32 = MAX_STEPS / 100;

/// How many answers are under way around something, itself included.
pub(super) type Level = u32;
/// The level of what rests on nothing that is under way.
pub(super) const NOTHING: Level = Level::MAX;

/// What is known of a value outside all frames.
#[derive(Debug)]
pub(super) enum Looked {
    /// It is being worked out, so deep.
    UnderWay(Level),
    /// Its meaning, and what stayed open on the way.
    Known(Meaning, Vec<Open>),
}

/// How long an answer may be told again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasting {
    Always,
    /// While the answer at this level is under way that has this number.
    While(Level, u64),
    Never,
}

/// An answer, what stayed open, how long it lasts, and whatever keeps its key valid.
struct Answer<T, O>(T, Vec<Open>, Lasting, O);

/// Answers by key, each in a place of its own: a table of them all would be copied whenever it grows.
pub(super) struct Kept<K, T, O> {
    young: HashMap<K, Box<Answer<T, O>>, Quickly>,
    old: HashMap<K, Box<Answer<T, O>>, Quickly>,
}

/// By value and the address of the frame, which is kept alive beside the answer.
pub(super) type Framed = Kept<(ValueRef, usize), Meaning, Frame>;
/// What values are without settings and whether the environment was asked, by value and the address of the frame.
pub(super) type Silent = Kept<(ValueRef, usize), (Meaning, bool), Frame>;
/// By module and position of the import.
pub(super) type Imported = Kept<(ModuleId, usize), Meaning, ()>;
/// By the address of the object, which is kept alive beside the answer, and the class.
pub(super) type Constructing = Kept<(usize, ClassRef), Frame, Rc<Instance>>;

/// By the module, holder and name of a collection, and whether it is a list.
pub(super) type GrownBy = (ModuleId, Holder, Name, bool);
/// A frame for each turn of a loop, and whether that turn may be left out.
pub(super) type Turns = Rc<[(Frame, bool)]>;
/// What is added to collections, by the address of the frame that says something about that, which is kept alive.
#[derive(Default)]
pub(super) struct Growing {
    /// By all changes of one name.
    all: Kept<(GrownBy, usize), Grown, Frame>,
    /// By one change, by its place and whether it is of a list.
    one: Kept<(ValueRef, bool, usize), Option<Grown>, Frame>,
    /// The turns of a loop, by what it is over.
    turns: Kept<(ValueRef, usize), Turns, Frame>,
    /// The calls in which a change is made, and whether each is made for sure.
    ways: Kept<ValueRef, Turns, ()>,
}

/// What functions give that take nothing, by the call and the address of what surrounds the function.
pub(super) type Returning = Kept<(FunctionRef, Option<ValueRef>, usize), Meaning, Frame>;

/// By the address of the object (0 for any of the class), its class and the method.
pub(super) type Receiving = Kept<(usize, ClassRef, FunctionRef), Frame, Meaning>;

impl<K, T, O> Default for Kept<K, T, O> {
    fn default() -> Self {
        Self { young: HashMap::default(), old: HashMap::default() }
    }
}

impl<K: Hash + Eq, T: Clone, O> Kept<K, T, O> {
    fn get(&self, key: &K, flow: &Flow) -> Option<T> {
        let Answer(answer, open, lasting, _) = self.young.get(key).or_else(|| self.old.get(key))?.as_ref();
        if let Lasting::While(level, number) = *lasting {
            if !flow.is_under_way(level, number) {
                return None;
            }
            flow.rest_on(level);
        }
        open.iter().for_each(|open| flow.left_open(*open));
        Some(answer.clone())
    }

    fn keep(&mut self, key: K, answer: T, open: Vec<Open>, lasting: Lasting, owner: O) {
        if lasting == Lasting::Never {
            return;
        }
        if self.young.len() >= MAX_KEPT / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, Box::new(Answer(answer, open, lasting, owner)));
    }
}

impl Flow<'_> {
    /// The answer to a question, what it left open, and how long it lasts.
    fn watched<T>(&self, ask: impl FnOnce() -> T) -> (T, Vec<Open>, Lasting) {
        let before = std::mem::take(&mut *self.open.borrow_mut());
        let is_early = self.is_early();
        let (answer, lasting) = self.under_way(|_| ask());
        let open = std::mem::replace(&mut *self.open.borrow_mut(), before);
        open.iter().for_each(|open| self.left_open(*open));
        let is_whole = is_early || !self.is_exhausted.get();
        (answer, open, if is_whole { lasting } else { Lasting::Never })
    }

    /// As [`Flow::watched`], where parts of the question may be cut short that it is not told of.
    fn watched_whole<T>(&self, ask: impl FnOnce() -> T) -> (T, Vec<Open>, Lasting) {
        let (is_early, before) = (self.is_early(), self.cuts.get());
        let (answer, open, lasting) = self.watched(ask);
        let is_whole = is_early || before == self.cuts.get();
        (answer, open, if is_whole { lasting } else { Lasting::Never })
    }

    /// Notes what would have to be known for the answer to be better.
    pub(super) fn left_open(&self, open: Open) {
        let mut all = self.open.borrow_mut();
        if let Err(at) = all.binary_search(&open) {
            all.insert(at, open);
        }
    }

    /// Works out an answer, one level deeper, and tells how long it lasts.
    pub(super) fn under_way<T>(&self, ask: impl FnOnce(Level) -> T) -> (T, Lasting) {
        let level = self.level.get() + 1;
        let around = self.rests_on.replace(NOTHING);
        self.level.set(level);
        self.numbers.borrow_mut().push(self.next_number.get());
        self.next_number.set(self.next_number.get() + 1);
        let answer = ask(level);
        self.numbers.borrow_mut().pop();
        self.level.set(level - 1);
        let rests_on = self.rests_on.get();
        self.rests_on.set(if rests_on >= level { around } else { around.min(rests_on) });
        let lasting = match self.number_at(rests_on) {
            _ if rests_on >= level => Lasting::Always,
            Some(number) => Lasting::While(rests_on, number),
            None => Lasting::Never,
        };
        (answer, lasting)
    }

    /// The number of the answer under way at a level; none at level 0, where nothing is.
    fn number_at(&self, level: Level) -> Option<u64> {
        self.numbers.borrow().get(usize::try_from(level).ok()?.checked_sub(1)?).copied()
    }

    fn is_under_way(&self, level: Level, number: u64) -> bool {
        self.number_at(level) == Some(number)
    }

    /// Takes steps from the question at hand, if there is one; false where it has none left.
    pub(super) fn spend(&self, steps: u32) -> bool {
        if self.depth.get() == 0 {
            return true;
        }
        self.steps.set(self.steps.get().saturating_add(steps));
        self.total.set(self.total.get().saturating_add(u64::from(steps)));
        let is_left = self.steps.get() < self.limit.get();
        self.cuts.set(self.cuts.get() + u64::from(!is_left));
        is_left
    }

    /// Notes that a limit cut short what is being asked.
    pub(super) fn cut_short(&self) {
        self.is_exhausted.set(true);
        self.cuts.set(self.cuts.get() + 1);
    }

    /// What is asked by itself is a question of its own: it owes no steps for those before it.
    pub(super) fn begin(&self) {
        if self.depth.get() == 0 && self.asked.get() == 0 {
            self.steps.set(0);
            self.is_exhausted.set(false);
            self.is_blamed.set(false);
        }
    }

    /// Notes that what is being worked out rests on an answer that is under way.
    pub(super) fn rest_on(&self, level: Level) {
        self.rests_on.set(self.rests_on.get().min(level));
    }

    /// Whether what is asked now has as many steps as any question gets.
    pub(super) fn is_early(&self) -> bool {
        self.steps.get() <= EARLY && self.limit.get() == MAX_STEPS && !self.is_exhausted.get()
    }

    /// A meaning inside a frame.
    pub(super) fn framed(
        &self,
        value: ValueRef,
        frame: &Frame,
        level: &Rc<meaning::Level>,
        ask: impl FnOnce() -> Meaning,
    ) -> Meaning {
        let key = (value, Rc::as_ptr(level).addr());
        if let Some(known) = self.framed.borrow().get(&key, self) {
            return known;
        }
        let around = self.folding.borrow().get(&key).copied();
        if let Some(around) = around {
            self.rest_on(around);
            return Meaning::Unknown("defined by itself");
        }
        self.folding.borrow_mut().insert(key, self.level.get() + 1);
        let (answer, open, lasting) = self.watched(ask);
        self.folding.borrow_mut().remove(&key);
        self.framed.borrow_mut().keep(key, answer.clone(), open, lasting, frame.clone());
        answer
    }

    /// What an import brings in.
    pub(super) fn imported_once(&self, module: ModuleId, at: usize, ask: impl FnOnce() -> Meaning) -> Meaning {
        if let Some(known) = self.imports.borrow().get(&(module, at), self) {
            return known;
        }
        let (answer, open, lasting) = self.watched(ask);
        self.imports.borrow_mut().keep((module, at), answer.clone(), open, lasting, ());
        answer
    }

    /// What is added to a collection.
    pub(super) fn grown_once(&self, key: GrownBy, frame: &Frame, ask: impl FnOnce() -> Grown) -> Grown {
        let key = (key, address_of(frame));
        if let Some(known) = self.growing.borrow().all.get(&key, self) {
            return known;
        }
        let (answer, open, lasting) = self.watched(ask);
        self.growing.borrow_mut().all.keep(key, answer.clone(), open, lasting, frame.clone());
        answer
    }

    /// What one change adds to a collection; nothing where that is too much to follow. Each of many changes of one list
    /// asks what all others add.
    pub(super) fn added_once(
        &self,
        (place, is_list): (ValueRef, bool),
        frame: &Frame,
        ask: impl FnOnce() -> Option<Grown>,
    ) -> Option<Grown> {
        let key = (place, is_list, address_of(frame));
        if let Some(known) = self.growing.borrow().one.get(&key, self) {
            return known;
        }
        let (answer, open, lasting) = self.watched(ask);
        if answer.is_some() {
            self.growing.borrow_mut().one.keep(key, answer.clone(), open, lasting, frame.clone());
        }
        answer
    }

    /// The turns of a loop. What is kept inside a frame is found again only in the same one, not in one that is equal.
    pub(super) fn turns_once(&self, over: ValueRef, frame: &Frame, ask: impl FnOnce() -> Turns) -> Turns {
        let key = (over, address_of(frame));
        if let Some(known) = self.growing.borrow().turns.get(&key, self) {
            return known;
        }
        let (answer, open, lasting) = self.watched(ask);
        self.growing.borrow_mut().turns.keep(key, answer.clone(), open, lasting, frame.clone());
        answer
    }

    /// The calls in which a change is made.
    pub(super) fn ways_once(&self, place: ValueRef, ask: impl FnOnce() -> Turns) -> Turns {
        if let Some(known) = self.growing.borrow().ways.get(&place, self) {
            self.frames_left.set(self.frames_left.get().saturating_sub(1));
            return known;
        }
        let (answer, open, lasting) = self.watched_whole(ask);
        self.growing.borrow_mut().ways.keep(place, answer.clone(), open, lasting, ());
        answer
    }

    /// What a function gives that takes nothing.
    pub(super) fn returned_once(
        &self,
        (function, at): (FunctionRef, Option<ValueRef>),
        captured: &Frame,
        ask: impl FnOnce() -> Meaning,
    ) -> Meaning {
        let key = (function, at, address_of(captured));
        if let Some(known) = self.returning.borrow().get(&key, self) {
            return known;
        }
        let (answer, open, lasting) = self.watched_whole(ask);
        self.returning.borrow_mut().keep(key, answer.clone(), open, lasting, captured.clone());
        answer
    }

    /// What a value is without settings, and whether the environment was asked for it, if that was worked out before.
    pub(super) fn known_silent(&self, value: ValueRef, frame: &Frame) -> Option<(Meaning, bool)> {
        self.silent.borrow().get(&(value, address_of(frame)), self)
    }

    /// Keeps what a value is without settings. In the middle of another question, what that one is about may be missing.
    pub(super) fn keep_silent(&self, value: ValueRef, frame: &Frame, answer: (Meaning, bool)) {
        if self.level.get() == 0 {
            let key = (value, address_of(frame));
            self.silent.borrow_mut().keep(key, answer, Vec::new(), Lasting::Always, frame.clone());
        }
    }

    /// What of a frame matters at the top level of a module: the turns of its loops, if it stands inside any.
    pub(super) fn turns_of_module<'f>(&self, module: ModuleId, frame: &'f Frame) -> &'f Frame {
        let matters = levels(frame).any(|level| match level {
            Within::Turn(over, ..) => over.module == module && self.owner(*over).id == MODULE_BODY,
            Within::Call { .. } => false,
        });
        if matters { frame } else { &None }
    }

    /// The frame of a method of which nothing but the receiver is known.
    pub(super) fn receiving(&self, receiver: &Meaning, method: FunctionRef, ask: impl FnOnce() -> Frame) -> Frame {
        let (address, class) = match receiver {
            Meaning::Instance(instance) => (Rc::as_ptr(instance).addr(), instance.class),
            Meaning::This(class) => (0, *class),
            _ => return ask(),
        };
        let key = (address, class, method);
        if let Some(known) = self.receiving.borrow().get(&key, self) {
            return known;
        }
        let frame = ask();
        self.receiving.borrow_mut().keep(key, frame.clone(), Vec::new(), Lasting::Always, receiver.clone());
        frame
    }

    /// The frame of a constructor of an object.
    pub(super) fn constructing(&self, instance: &Rc<Instance>, class: ClassRef, ask: impl FnOnce() -> Frame) -> Frame {
        let key = (Rc::as_ptr(instance).addr(), class);
        if let Some(known) = self.constructing.borrow().get(&key, self) {
            return known;
        }
        let (answer, open, lasting) = self.watched(ask);
        self.constructing.borrow_mut().keep(key, answer.clone(), open, lasting, instance.clone());
        answer
    }
}

fn address_of(frame: &Frame) -> usize {
    frame.as_ref().map_or(0, |level| Rc::as_ptr(level).addr())
}

/// Whether a value means the same everywhere, so that nothing is gained by keeping the answer.
pub(super) fn is_plain(kind: &ValueKind) -> bool {
    use ValueKind::*;
    matches!(
        kind,
        Null | Bool(_) | Int(_) | Float(_) | Text(_) | Regex(_) | Function(_) | Class(_) | Super | Unknown(_)
    )
}

/// Hashes handles and addresses, which no one outside can choose.
pub(super) type Quickly = BuildHasherDefault<Quick>;

/// Multiplies and rotates.
#[derive(Default)]
pub(super) struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(26) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::ValueId;
    use crate::discover::discover_text;
    use crate::flow::In;
    use crate::load::load;

    #[test]
    fn a_question_owes_nothing_for_those_before_it() {
        let loaded = load(discover_text("a.py", "a = ['x']\nb = a\nc = b\n".to_string()));
        let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
        let module = &loaded.program.modules[0];
        let all: Vec<ValueRef> =
            (0..module.values.len()).map(|at| In { module: ModuleId(0), id: ValueId(at as u32) }).collect();
        let is_text = |value: &&ValueRef| matches!(flow.kind(**value), ValueKind::Text(_));
        let text = *all.iter().find(is_text).expect("`'x'` is a text");
        (0..2 * MAX_STEPS).for_each(|_| drop(flow.meaning(text, &None)));
        let is_last = |value: &&ValueRef| matches!(flow.kind(**value), ValueKind::Name(name) if name == "b");
        let last = *all.iter().rev().find(is_last).expect("`b` is read");
        assert!(matches!(flow.meaning(last, &None), Meaning::List(_)));
    }
}

//! Collections that grow after they are made: `x.append(v)`, `x["k"] = v`, `x.k = v`.

use std::rc::Rc;

use ahash::{HashMap, HashSet};

use crate::code::{FunctionId, MODULE_BODY, Name, ParameterKind, ValueId, ValueKind};
use crate::flow::grown::Grown;
use crate::flow::meaning::{Frame, Item, Meaning, UNGIVEN, UNKNOWN_ELEMENT, Within, levels, push};
use crate::flow::memo::{Level, Turns};
use crate::flow::scope::{Binding, Change};
use crate::flow::{Flow, FunctionRef, In, ModuleId, ValueRef};

/// Who holds a value: a function that binds its name, or a class of which it is a field.
pub type Holder = (u8, u32);
/// Calls between a change and where what is added is known.
const CHANGE_WAY: u32 = 2;
/// Most elements that are followed beyond those that a collection was made with.
const MAX_GROWN: usize = 1_000;
/// Most turns of one loop that are told apart.
const MAX_TURNS: usize = 512;
/// Most changes of one collection that are followed in the middle of one another.
const MAX_CHANGING: usize = 2;
/// How a change by `x = append(x, v)` is told from `x.append(v)`.
pub(super) const APPENDED: &str = "append()";
/// Changes by holder and name.
pub type Changes = HashMap<(Holder, Name), Rc<OfName>>;

/// The changes of what one name holds.
#[derive(Debug, Default)]
pub struct OfName {
    /// Each with the base that is changed.
    all: Vec<(Change, ValueId)>,
    /// Where they are made.
    places: HashSet<ValueId>,
    /// Functions that the changes stand in, however deep: frames of others say nothing about them.
    homes: HashSet<FunctionId>,
}

impl Flow<'_> {
    /// The value that a name holds, with what is later added to it.
    pub(super) fn changed(&self, at: ValueRef, name: &Name, found: Meaning, frame: &Frame) -> Meaning {
        let found = self.empty_before(at, name, found);
        if !matches!(found, Meaning::List(_) | Meaning::Map(_) | Meaning::Choice(_)) {
            return found;
        }
        let Some(origin) = self.origin_of(at, name) else { return found };
        let own = self.changes_of(at.module).get(&(origin, name.clone())).cloned();
        let found = match own {
            Some(changes) => match self.one_list(found) {
                Ok(list) => self.changed_here(at, name, origin, &changes, list, frame),
                Err(found) => return found,
            },
            None => found,
        };
        if origin != (0, MODULE_BODY.0) {
            return found;
        }
        self.grown_by(self.changed_elsewhere(at.module, name), found)
    }

    /// What a module holds under a name, with what is added to it anywhere: `tools.all` after `all.append(v)` there.
    pub(super) fn grown_in(&self, module: ModuleId, name: &Name, found: Meaning) -> Meaning {
        match found {
            Meaning::List(_) | Meaning::Map(_) | Meaning::Choice(_) => {
                self.grown_by(self.changed_anywhere(module, name), found)
            }
            found => found,
        }
    }

    fn grown_by(&self, all: Vec<(ModuleId, Name)>, mut found: Meaning) -> Meaning {
        let origin = (0, MODULE_BODY.0);
        for (module, name) in all {
            let Some(changes) = self.changes_of(module).get(&(origin, name.clone())).cloned() else { continue };
            found = match self.one_list(found) {
                Ok(list) => {
                    let key = (module, origin, name, matches!(list, Meaning::List(_)));
                    self.grown_once(key, &None, || self.grown(module, None, &changes, &list, &None)).joined(list)
                }
                Err(found) => return found,
            };
        }
        found
    }

    /// A slice of Go that is declared and appended to holds nothing before.
    fn empty_before(&self, at: ValueRef, name: &Name, found: Meaning) -> Meaning {
        let scopes = self.scopes(at.module);
        let is_empty = matches!(found, Meaning::Null | Meaning::Unknown(UNGIVEN));
        let is_appended =
            || scopes.changes.get(name).into_iter().flatten().any(|one| scopes.appended.contains(&one.place));
        match is_empty && !scopes.appended.is_empty() && is_appended() {
            true => Meaning::List([].into()),
            false => found,
        }
    }

    fn changed_here(
        &self,
        at: ValueRef,
        name: &Name,
        origin: Holder,
        changes: &OfName,
        found: Meaning,
        frame: &Frame,
    ) -> Meaning {
        let is_change = changes.all.iter().any(|(_, base)| *base == at.id);
        let is_within = self.made_again_around(at, changes).is_some();
        if is_change || is_within {
            return self.grown(at.module, Some(at), changes, &found, frame).joined(found);
        }
        let frame = if self.matters_to(frame, at.module, changes) { frame } else { &None };
        let key = (at.module, origin, name.clone(), matches!(found, Meaning::List(_)));
        self.grown_once(key, frame, || self.grown(at.module, Some(at), changes, &found, frame)).joined(found)
    }

    /// Where a value stands in what a change gives, `x.k = x.k.map(f)`: it is what `x` was before that change.
    fn made_again_around(&self, at: ValueRef, changes: &OfName) -> Option<u32> {
        let here = self.span(at);
        let around = |(change, _): &(Change, ValueId)| {
            let given = self.span(In { module: at.module, id: change.value? });
            let is_inside = given.start <= here.start && here.end <= given.end;
            // A function that is written there runs later.
            let is_inside = is_inside && self.owner(at) == self.owner(In { module: at.module, id: change.place });
            is_inside.then(|| self.span(In { module: at.module, id: change.place }).start)
        };
        changes.all.iter().filter_map(around).min()
    }

    /// A function and those around it, innermost first; the module's own body is left out.
    fn lineage(&self, function: FunctionRef) -> impl Iterator<Item = FunctionId> + '_ {
        let module = self.program.module(function.module);
        std::iter::successors(Some(function.id), move |id| module.function(*id).parent)
            .take_while(|id| *id != MODULE_BODY)
            .take(64)
    }

    /// Whether a frame says anything about where something is changed.
    fn matters_to(&self, frame: &Frame, module: ModuleId, changes: &OfName) -> bool {
        levels(frame).any(|level| {
            let home = match level {
                Within::Call { function, .. } => *function,
                Within::Turn(over, ..) => self.owner(*over),
            };
            home.module == module && (home.id == MODULE_BODY || changes.homes.contains(&home.id))
        })
    }

    /// What the changes of one module add, as it is seen at a place of it.
    fn grown(&self, module: ModuleId, at: Option<ValueRef>, changes: &OfName, found: &Meaning, frame: &Frame) -> Grown {
        let mut grown = Grown::new(found);
        let end = at.and_then(|at| self.made_again_around(at, changes));
        let is_later = |change: &Change| end.is_some_and(|end| self.span(In { module, id: change.place }).start >= end);
        for (change, base) in &changes.all {
            if at.is_some_and(|at| at.id == *base) || is_later(change) {
                continue;
            }
            if grown.len() >= MAX_GROWN {
                grown.is_cut();
                break;
            }
            let under_way = self.changing_above(module, change.place, changes);
            if let Some(level) = under_way {
                self.rest_on(level);
                continue;
            }
            match self.added(In { module, id: change.place }, change, Grown::new(found), frame) {
                Some(added) => self.take_added(&mut grown, added, self.copies(module, change)),
                None => grown.is_cut(),
            }
        }
        grown
    }

    /// What one change adds.
    fn added(&self, place: ValueRef, change: &Change, mut grown: Grown, frame: &Frame) -> Option<Grown> {
        let is_list = matches!(grown, Grown::List(_));
        self.added_once((place, is_list), frame, || {
            self.changing.borrow_mut().push(((place.module, place.id), self.level.get()));
            let done = self.deeper(|| self.grow(place.module, change, &mut grown, frame));
            self.changing.borrow_mut().pop();
            done.map(|()| grown)
        })
    }

    /// Whether a change adds what another collection holds.
    fn copies(&self, module: ModuleId, change: &Change) -> bool {
        let (_, method) = self.change_base(module, change);
        change.value.is_none() && matches!(method.as_str(), "extend" | "update" | "assign" | "Copy")
    }

    fn take_added(&self, grown: &mut Grown, added: Grown, is_copied: bool) {
        match (grown, added) {
            (Grown::List(items), Grown::List(more)) if is_copied => self.add_items(items, more.into_iter()),
            (Grown::Map(entries), Grown::Map(more)) if is_copied => self.add_entries(entries, more.into_iter()),
            (Grown::List(items), Grown::List(more)) => items.extend(more),
            (Grown::Map(entries), Grown::Map(more)) => entries.extend(more),
            _ => {}
        }
    }

    /// The answer under way that forbids to follow a change: its own, or that of [`MAX_CHANGING`] other changes of the
    /// same collection, each of which is made of what the others add.
    fn changing_above(&self, module: ModuleId, place: ValueId, changes: &OfName) -> Option<Level> {
        let changing = self.changing.borrow();
        let mut others = changing.iter().filter(|((other, at), _)| *other == module && changes.places.contains(at));
        let first = others.next().map(|(_, level)| *level);
        let is_own = changing.iter().any(|(other, _)| *other == (module, place));
        if is_own || others.nth(MAX_CHANGING - 2).is_some() { first } else { None }
    }

    /// One of several lists as one whose elements may be missing, so that what is added to either is not lost.
    fn one_list(&self, found: Meaning) -> Result<Meaning, Meaning> {
        match &found {
            Meaning::Choice(all) if all.iter().all(|one| matches!(one, Meaning::List(_))) => {
                Ok(Meaning::List(self.items(&found).unwrap_or_default().into()))
            }
            Meaning::Choice(_) => Err(found),
            _ => Ok(found),
        }
    }

    /// The changes of a module that add to what is held, by who holds it.
    fn changes_of(&self, module: crate::flow::ModuleId) -> Rc<Changes> {
        if let Some(known) = self.changes.borrow().get(&module) {
            return known.clone();
        }
        let mut all: HashMap<(Holder, Name), OfName> = HashMap::default();
        for (name, changes) in &self.scopes(module).changes {
            for change in changes.iter().filter(|change| self.is_change(module, change)) {
                let (base, _) = self.change_base(module, change);
                if let Some(origin) = self.origin_of(base, name) {
                    let of_name = all.entry((origin, name.clone())).or_default();
                    of_name.all.push((change.clone(), base.id));
                    of_name.places.insert(change.place);
                    of_name.homes.extend(self.lineage(self.owner(In { module, id: change.place })));
                }
            }
        }
        let all: Rc<Changes> = Rc::new(all.into_iter().map(|(key, of_name)| (key, Rc::new(of_name))).collect());
        self.changes.borrow_mut().insert(module, all.clone());
        all
    }

    fn is_change(&self, module: crate::flow::ModuleId, change: &Change) -> bool {
        match (&change.value, self.kind(In { module, id: change.place })) {
            (None, ValueKind::Call(_)) if self.scopes(module).appended.contains(&change.place) => true,
            (None, ValueKind::Call(call)) => match &self.program.module(module).value(call.callee).kind {
                ValueKind::Field { name, .. } => {
                    copies_into(self.module(In { module, id: change.place }), call)
                        || matches!(
                            name.as_str(),
                            "append" | "push" | "extend" | "unshift" | "add" | "set" | "update" | "insert"
                        )
                }
                _ => false,
            },
            (None, ValueKind::Field { .. }) => self.scopes(module).gathered.contains_key(&change.place),
            (Some(_), ValueKind::Index { .. } | ValueKind::Field { .. }) => true,
            _ => false,
        }
    }

    pub(super) fn change_base(&self, module: crate::flow::ModuleId, change: &Change) -> (ValueRef, Name) {
        let place = In { module, id: change.place };
        let (base, name) = match self.kind(place) {
            ValueKind::Call(call) if self.scopes(module).appended.contains(&change.place) => {
                (call.arguments.first().map_or(call.callee, |first| first.value), Name::new_static(APPENDED))
            }
            ValueKind::Call(call) => match &self.program.module(module).value(call.callee).kind {
                ValueKind::Field { name, .. } if copies_into(self.program.module(module), call) => {
                    (call.arguments.first().map_or(call.callee, |target| target.value), name.clone())
                }
                ValueKind::Field { base, name } => (*base, name.clone()),
                _ => (call.callee, Name::default()),
            },
            ValueKind::Index { base, .. } => (*base, Name::new("[]")),
            ValueKind::Field { base, name } => (*base, name.clone()),
            _ => (change.place, Name::default()),
        };
        (In { module, id: base }, name)
    }

    /// What identifies the holder of a value: the function that binds the name, or the class of the receiver.
    pub(super) fn origin_of(&self, at: ValueRef, name: &Name) -> Option<Holder> {
        let module = self.module(at);
        let scopes = self.scopes(at.module);
        let mut function = scopes.owner[at.id.index()];
        match self.kind(at) {
            ValueKind::Name(_) => {
                for _ in 0..64 {
                    if scopes.bindings[function.index()].contains_key(name) {
                        return Some((0, function.0));
                    }
                    function = module.function(function).parent?;
                }
                None
            }
            ValueKind::Field { base, .. } => match &module.value(*base).kind {
                ValueKind::This => Some((1, module.function(crate::flow::method_around(module, function)?).class?.0)),
                ValueKind::Name(receiver) => {
                    let Some(method) = crate::flow::method_around(module, function) else {
                        return self.class_named(at.module, receiver);
                    };
                    let first = module.function(method).parameters.first();
                    let is_receiver = first
                        .is_some_and(|first| first.kind == ParameterKind::Receiver && first.name() == Some(receiver));
                    if is_receiver {
                        Some((1, module.function(method).class?.0))
                    } else {
                        self.class_named(at.module, receiver)
                    }
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The one class of a module that has a name: `Registry.tools[name] = tool`.
    fn class_named(&self, module: ModuleId, name: &Name) -> Option<Holder> {
        name.chars().next().filter(|first| first.is_uppercase())?;
        let classes = self.program.module(module).classes.iter().enumerate();
        let mut named = classes.filter(|(_, class)| class.name == *name).map(|(at, _)| (1, at as u32));
        named.next().filter(|_| named.next().is_none())
    }

    fn grow(&self, module: crate::flow::ModuleId, change: &Change, grown: &mut Grown, frame: &Frame) {
        let place = In { module, id: change.place };
        for (frame, is_sure) in self.changed_in(place, change, frame) {
            let mut turns = vec![(frame, !is_sure)];
            let own = self.loops_of_its_own(module, change);
            self.open_turns(place, &own, &mut turns);
            for (frame, optional) in turns {
                self.grow_once(place, change, grown, &frame, optional);
            }
        }
    }

    /// The loops around a change in whose turns the collection is made anew: what another turn adds is not added to it.
    fn loops_of_its_own(&self, module: ModuleId, change: &Change) -> Vec<ValueId> {
        use crate::flow::scope::ContextKind;
        let (base, _) = self.change_base(module, change);
        let scopes = self.scopes(module);
        let ValueKind::Name(name) = self.kind(base) else { return Vec::new() };
        let Some(bindings) = scopes.bindings[scopes.owner[base.id.index()].index()].get(name) else {
            return Vec::new();
        };
        let start = self.span(base).start;
        let is_meant = |one: &&Binding| !one.declares || (one.block.0..one.block.1).contains(&start);
        let meant: Vec<&Binding> = bindings.iter().filter(is_meant).collect();
        let is_in = |over: &ValueId, one: &&Binding| {
            scopes.chain(one.context).any(|kind| matches!(kind, ContextKind::Each(other) if other == over))
        };
        let loops = scopes.around(change.place).filter_map(|kind| match kind {
            ContextKind::Each(over) if !meant.is_empty() && meant.iter().all(|one| is_in(over, one)) => Some(*over),
            _ => None,
        });
        loops.collect()
    }

    /// The calls in which a change is made by a function of what it is given, and whether each is made for sure.
    fn changed_in(&self, place: ValueRef, change: &Change, frame: &Frame) -> Vec<(Frame, bool)> {
        let owner = self.owner(place);
        let is_called = levels(frame).any(|level| matches!(level, Within::Call { function, .. } if *function == owner));
        if owner.id == MODULE_BODY || is_called || self.finds_callers.get() {
            return vec![(frame.clone(), true)];
        }
        let found = self.ways_once(place, || self.ways_to_change(place, change));
        if found.is_empty() { vec![(frame.clone(), true)] } else { found.to_vec() }
    }

    /// The calls in which a change is made, whatever frame it is looked at in; none where no call says anything of it.
    fn ways_to_change(&self, place: ValueRef, change: &Change) -> Turns {
        let probe = |frame: &Frame| {
            self.passed(place, frame).iter().for_each(|argument| self.look(&argument.value, 3));
            change
                .value
                .iter()
                .for_each(|value| self.look(&self.meaning(In { module: place.module, id: *value }, frame), 1));
            if let ValueKind::Index { key, .. } = self.kind(place) {
                self.look(&self.meaning(In { module: place.module, id: *key }, frame), 1);
            }
        };
        let reached = self.frames_within(place, &probe, CHANGE_WAY);
        match reached.iter().any(|reached| reached.frame.is_some()) {
            true => {
                reached.into_iter().map(|one| (one.frame, one.condition.is_none() && one.optional.is_none())).collect()
            }
            false => Rc::new([]),
        }
    }

    /// Whether a frame tells the turn of a loop in the call of the function that the loop stands in.
    fn is_in_turn(&self, over: ValueRef, frame: &Frame) -> bool {
        let owner = self.owner(over);
        let is_outside = |level: &&Within| matches!(level, Within::Call { function, .. } if *function == owner);
        let mut inside = levels(frame).take_while(|level| !is_outside(level));
        inside.any(|level| matches!(level, Within::Turn(other, ..) if *other == over))
    }

    /// One frame for each turn of a loop, and whether that turn may be left out.
    fn turns_inside(&self, over: ValueRef, frame: &Frame) -> Turns {
        let Some(items) = self.turns_over(over, frame).filter(|items| items.len() <= MAX_TURNS) else {
            return Rc::new([(unknown_turn(over, frame), true)]);
        };
        let turn = |(position, item): (usize, Item)| {
            let element = if item.is_rest { Meaning::Unknown(UNKNOWN_ELEMENT) } else { item.value };
            (push(frame, Within::Turn(over, element, position)), item.optional)
        };
        items.into_iter().enumerate().map(turn).collect()
    }

    /// One frame for each turn of the loops around a place, and whether the place may be skipped. The present turn of one
    /// of its own loops is the only one.
    pub(super) fn open_turns(&self, place: ValueRef, own: &[ValueId], turns: &mut Vec<(Frame, bool)>) {
        use crate::flow::scope::ContextKind;
        let around: Vec<ContextKind> = self.scopes(place.module).around(place.id).cloned().collect();
        for context in around.iter().rev() {
            match context {
                ContextKind::Plain | ContextKind::Class(_) => {}
                ContextKind::Branch(test, when) => {
                    let test = In { module: place.module, id: *test };
                    turns.retain_mut(|(frame, optional)| match self.decided(test, frame) {
                        Some(is) => is == *when,
                        None => {
                            *optional = true;
                            true
                        }
                    });
                }
                ContextKind::Arm(..) | ContextKind::Turns | ContextKind::Handler(_) => {
                    turns.iter_mut().for_each(|turn| turn.1 = true);
                }
                ContextKind::Each(over) => {
                    let over = In { module: place.module, id: *over };
                    let mut inner = Vec::new();
                    for (frame, optional) in turns.iter() {
                        if own.contains(&over.id) && self.is_in_turn(over, frame) {
                            inner.push((frame.clone(), *optional));
                            continue;
                        }
                        let all = self.turns_once(over, frame, || self.turns_inside(over, frame));
                        match inner.len() + all.len() <= MAX_GROWN * 4 {
                            true => inner.extend(all.iter().map(|(turn, is)| (turn.clone(), *optional || *is))),
                            false => inner.push((unknown_turn(over, frame), true)),
                        }
                    }
                    *turns = inner;
                }
            }
        }
        for test in self.all_left_before(place) {
            turns.retain_mut(|(frame, optional)| {
                let leaves = self.decided(test, frame);
                *optional |= leaves.is_none();
                leaves != Some(true)
            });
        }
    }
}

/// The frame of a turn of which nothing is known.
fn unknown_turn(over: ValueRef, frame: &Frame) -> Frame {
    let unknown = Meaning::Unknown(UNKNOWN_ELEMENT);
    push(frame, Within::Turn(over, unknown, 0))
}

/// Whether a call copies into its first argument: `Object.assign(target, …)`, `maps.Copy(target, …)`.
fn copies_into(module: &crate::code::Module, call: &crate::code::Call) -> bool {
    let ValueKind::Field { base, name } = &module.value(call.callee).kind else { return false };
    let ValueKind::Name(base) = &module.value(*base).kind else { return false };
    matches!((base.as_str(), name.as_str()), ("Object", "assign") | ("maps", "Copy")) && call.arguments.len() > 1
}

//! Loops: every turn at once, or turn by turn where it is known over what.

use crate::code::{Block, Language, LoopHead, Place, Statement, StatementKind, ValueId, ValueKind};
use crate::flow::Meaning;
use crate::flow::meaning::{Item, Within, levels, push, value_in};
use crate::taint::address::of_whole;
use crate::taint::join::number;
use crate::taint::{Env, Proofs, Shade, Walk};

/// Most elements that are walked one by one.
const MAX_ELEMENTS: usize = 32;
/// Deepest nesting of loops that are walked turn by turn.
const MAX_UNROLLED: usize = 2;

/// States in which a turn of a loop, or an arm of a match, comes to its end.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    /// Where the next turn follows.
    continued: Vec<Env>,
    /// Where none does, though there may be further elements.
    broken: Vec<Env>,
    /// Whether it is a loop.
    is_loop: bool,
}

impl Ends {
    fn of_loop() -> Self {
        Ends { is_loop: true, ..Ends::default() }
    }

    pub(crate) fn all(self) -> Vec<Env> {
        self.continued.into_iter().chain(self.broken).collect()
    }
}

impl<'a> Walk<'a> {
    /// `break`, `continue`: the former leaves a match where the language has it so, the latter never does.
    pub(crate) fn ends_turn(&mut self, statement: &Statement) {
        let is_break = matches!(statement.kind, StatementKind::Break);
        let env = self.here().env.clone();
        // Which of the loops around is meant by a label is not looked up: it may be any.
        if self.is_labelled(statement) {
            return self.top().turns.iter_mut().for_each(|ends| ends.broken.push(env.clone()));
        }
        let language = self.flow.module(self.here().function).language;
        let leaves_match = is_break && matches!(language, Language::TypeScript | Language::Go);
        let turns = &mut self.top().turns;
        let at = if leaves_match { None } else { turns.iter().rposition(|ends| ends.is_loop) };
        let Some(at) = at.or(turns.len().checked_sub(1)) else { return };
        let ends = &mut turns[at];
        if is_break { ends.broken.push(env) } else { ends.continued.push(env) }
    }

    fn is_labelled(&self, statement: &Statement) -> bool {
        let text = self.flow.sources.slice(statement.span).trim_end_matches(';').trim_end();
        match self.flow.module(self.here().function).language {
            Language::Rust => text.contains('\''),
            Language::Python => false,
            _ => text.split_whitespace().nth(1).is_some(),
        }
    }

    /// Walks the turns of a loop; true where control leaves it for good.
    pub(crate) fn turns(&mut self, head: &'a LoopHead, body: &'a Block) -> bool {
        let over = match head {
            LoopHead::Each(_, over) => Some(self.value(self.ranged(*over).unwrap_or(*over))),
            LoopHead::While(test) => {
                self.value(*test);
                None
            }
            LoopHead::Forever => None,
        };
        if let (LoopHead::Each(place, collection), Some(shade)) = (head, &over)
            && let Some(elements) = self.elements(*collection)
        {
            return self.turn_by_turn((place, *collection), &elements, shade, body);
        }
        let before = self.here().env.clone();
        let mut proven = Proofs::NONE;
        // Twice, so that what one turn leaves behind is seen by the next.
        for turn in 0..2 {
            if let (LoopHead::Each(place, collection), Some(over)) = (head, &over) {
                let of = if over.proofs.has(Proofs::LOOKED_UP) { over.of.clone() } else { Vec::new() };
                let element = Shade { of, ..over.element() };
                self.put(place, self.taken_in_turn((place, *collection), over, element));
            }
            if let LoopHead::While(test) = head {
                // `while let Some(next) = stack.pop()`: what the turn before put in is taken out.
                if turn > 0 {
                    self.value(*test);
                }
                self.assume(*test, true);
            }
            self.top().turns.push(Ends::of_loop());
            let leaves = self.block(body);
            let ends = self.top().turns.pop().unwrap_or_default();
            let is_left_early = !ends.broken.is_empty();
            let mut ends = ends.all();
            if !leaves {
                ends.push(self.here().env.clone());
            }
            proven = if is_left_early { Proofs::NONE } else { element_proofs(head, over.as_ref(), &ends) };
            let mut ends = ends.into_iter();
            if let Some(first) = ends.next() {
                let joined = ends.fold(first, |joined, end| joined.join(&end));
                self.top().env = joined.join(&before);
            } else {
                self.top().env = before.clone();
            }
        }
        let own = self.introduced_by_loop(head, body);
        self.as_before(&own, &before);
        // What every turn proved of its element is proven of the collection.
        if let (Some(over), LoopHead::Each(_, collection)) = (over.filter(|_| !proven.is_none()), head) {
            self.prove(&over.of, proven);
            self.prove_each(*collection, proven);
        }
        false
    }

    /// What Go goes through by position or key: `for at, one := range list`.
    fn ranged(&self, over: ValueId) -> Option<ValueId> {
        let module = self.here().function.module;
        let ValueKind::Call(call) = self.flow.kind(value_in(module, over)) else { return None };
        let callee = self.flow.kind(value_in(module, call.callee));
        let is_range = self.flow.module(self.here().function).language == Language::Go
            && matches!(callee, ValueKind::Name(name) if name == "range");
        call.arguments.first().filter(|_| is_range).map(|argument| argument.value)
    }

    /// What the places of a loop get in one turn: the element, or its position or key, or both.
    fn taken_in_turn(&self, (place, over): (&Place, ValueId), collection: &Shade, element: Shade) -> Shade {
        if self.ranged(over).is_none() {
            return element;
        }
        let key = match collection.items.is_some() {
            true => number(),
            false => Shade { of: Vec::new(), constant: None, ..collection.whole() },
        };
        if matches!(place, Place::Items(..)) { Shade::list(vec![key, element]) } else { key }
    }

    /// The elements of a collection that is known to its end and whose elements are more than texts and numbers.
    fn elements(&mut self, collection: ValueId) -> Option<Vec<Item>> {
        let frame = self.here().frame.clone();
        let is_turn = |level: &&Within| matches!(level, Within::Turn(..));
        if levels(&frame).filter(is_turn).count() >= MAX_UNROLLED {
            return None;
        }
        let at = value_in(self.here().function.module, collection);
        let items = self.flow.asking(|| self.flow.turns_over(at, &frame)).0?;
        if !(1..=MAX_ELEMENTS).contains(&items.len()) || items.iter().any(|item| item.is_rest) {
            return None;
        }
        let is_structured = |item: &Item| {
            matches!(
                self.flow.asking(|| self.flow.force(&item.value)).0,
                Meaning::Map(_)
                    | Meaning::List(_)
                    | Meaning::Function(..)
                    | Meaning::Instance(_)
                    | Meaning::Class(_)
                    | Meaning::Module(_)
                    | Meaning::Made(_)
            )
        };
        items.iter().all(is_structured).then_some(items)
    }

    /// Walks the turns of a loop over known elements one after the other; true where one of them surely leaves.
    fn turn_by_turn(
        &mut self,
        (place, collection): (&'a Place, ValueId),
        elements: &[Item],
        shade: &Shade,
        body: &'a Block,
    ) -> bool {
        let frame = self.here().frame.clone();
        let at = value_in(self.here().function.module, collection);
        let mut left = false;
        let told = shade.items.as_ref().filter(|items| items.len() == elements.len());
        let any = shade.element();
        let named = self.names_by_position(collection).filter(|named| named.len() == elements.len());
        let mut broken = Vec::new();
        for (position, element) in elements.iter().enumerate() {
            let before = self.here().env.clone();
            self.top().frame = push(&frame, Within::Turn(at, element.value.clone(), position));
            let one = told.and_then(|items| items.get(position)).unwrap_or(&any);
            let of = named.as_ref().map(|named| named[position].clone()).unwrap_or_default();
            let one = Shade { of, ..one.clone() };
            self.put(place, self.taken_in_turn((place, collection), shade, one));
            self.top().turns.push(Ends::of_loop());
            let leaves = self.block(body);
            let ends = self.top().turns.pop().unwrap_or_default();
            let is_over = leaves && ends.continued.is_empty();
            broken.extend(ends.broken);
            if is_over {
                left = !element.optional;
                self.top().env = before;
                if left {
                    break;
                }
                continue;
            }
            let mut ends = ends.continued.into_iter().chain((!leaves).then(|| self.here().env.clone()));
            if let Some(first) = ends.next() {
                self.top().env = ends.fold(first, |joined, end| joined.join(&end));
            }
        }
        self.top().frame = frame;
        // What comes after the loop comes after its last turn, or after one that was its end.
        let mut broken = broken.into_iter();
        let Some(first) = broken.next() else { return left };
        let over = broken.fold(first, |joined, end| joined.join(&end));
        self.top().env = if left { over } else { self.here().env.join(&over) };
        false
    }
}

/// What every turn of a loop proved of its element, those aside that met it before.
fn element_proofs(head: &LoopHead, over: Option<&Shade>, ends: &[Env]) -> Proofs {
    let name = match (head, over) {
        (LoopHead::Each(Place::Name(name, _), _), _) => name.clone(),
        // What a test of the address proves, it proves of what was looked up.
        (LoopHead::Each(..), Some(over)) if over.proofs.has(Proofs::LOOKED_UP) => match over.of.first() {
            Some(name) => of_whole(name, Proofs::NONE).0,
            None => return Proofs::NONE,
        },
        _ => return Proofs::NONE,
    };
    let proofs = ends.iter().map(|end| end.proven.get(&name).copied().unwrap_or_default());
    let mut proofs = proofs.filter(|proofs| !proofs.has(Proofs::SEEN));
    let first = proofs.next().unwrap_or_default();
    proofs.fold(first, |all, one| all & one)
}

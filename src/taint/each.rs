//! What a test over the elements of a collection tells.

use crate::code::{Call, Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::{Meaning, ValueRef};
use crate::taint::characters::of_each_character;
use crate::taint::{Proofs, Shade, WHOLE, Walk};

/// Most ways of putting a list into order, one after the other.
const MAX_ARRANGED: usize = 4;

impl<'a> Walk<'a> {
    /// `if (table[name])`: what is there has one of the names of the program's own table.
    pub(crate) fn looked_up_in(&mut self, table: ValueId, key: ValueId) -> Vec<(Vec<Name>, Proofs)> {
        let module = self.here().function.module;
        if matches!(self.flow.kind(value_in(module, key)), ValueKind::Int(_)) {
            return self.facts_of_left(value_in(module, table)).unwrap_or_default();
        }
        if self.is_keyed_by_caller(table) {
            return Vec::new();
        }
        if let ValueKind::Text(name) = self.flow.kind(value_in(module, key)) {
            return self.part_test(table, name, true);
        }
        let (held, key) = (self.seen_in_test(table), self.seen_in_test(key));
        let is_own = !held.holds_any() && key.holds_any();
        if is_own { self.among(table, vec![(key.of, Proofs::CHOICE)]) } else { Vec::new() }
    }

    /// `roots.filter(test)[0]`, `roots.filter(test).sort()[0]`: what is there is left because the test held.
    fn facts_of_left(&mut self, mut list: ValueRef) -> Option<Vec<(Vec<Name>, Proofs)>> {
        for _ in 0..MAX_ARRANGED {
            let ValueKind::Call(code) = self.flow.kind(list) else { return None };
            let ValueKind::Field { base, name } = self.flow.kind(value_in(list.module, code.callee)) else {
                return None;
            };
            match name.as_str() {
                "filter" => {
                    let elements = self.value(*base);
                    return self.facts_of_test(list, code, &elements, ("some", true));
                }
                "sort" | "reverse" | "toSorted" | "toReversed" => list = value_in(list.module, *base),
                _ => return None,
            }
        }
        None
    }

    /// `list.some(one => test(one, x))`, `list.every(test)`: what the test tells of names around it and of the elements.
    pub(crate) fn facts_of_each(
        &mut self,
        at: ValueRef,
        code: &'a Call,
        list: Option<&Shade>,
        holds: bool,
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let (ValueKind::Field { name, .. }, Some(list)) = (self.flow.kind(value_in(at.module, code.callee)), list)
        else {
            return None;
        };
        self.facts_of_test(at, code, list, (name.as_str(), holds))
    }

    /// Whether a list is written out with something in it.
    fn is_sure_to_have_some(&self, at: ValueRef, code: &Call, list: &Shade) -> bool {
        let ValueKind::Field { base, .. } = self.flow.kind(value_in(at.module, code.callee)) else { return false };
        let frame = self.here().frame.clone();
        let meaning = || self.flow.asking(|| self.flow.meaning(value_in(at.module, *base), &frame)).0;
        list.items.as_ref().is_some_and(|items| !items.is_empty())
            || matches!(meaning(), Meaning::List(items) if items.iter().any(|item| !item.optional && !item.is_rest))
    }

    /// What it tells that a test holds, or does not hold, of some elements of a list or of all.
    fn facts_of_test(
        &mut self,
        at: ValueRef,
        code: &'a Call,
        list: &Shade,
        (name, holds): (&str, bool),
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        // What was found may be nothing by itself: that nothing was found tells nothing.
        let is_decisive = matches!((name, holds), ("some" | "any", _) | ("every" | "all" | "find" | "findLast", true));
        let [argument] = code.arguments.as_slice() else { return None };
        let test = self.function_of(value_in(at.module, argument.value)).filter(|_| is_decisive)?;
        // What comes later is always something, whatever it comes to.
        if self.flow.function(test).is_async {
            return Some(Vec::new());
        }
        let parameters = self.flow.function(test).parameters.len();
        let element = Shade { of: Vec::new(), constant: None, ..one_of_many(list) };
        let frame = self.here().frame.clone();
        let summary = self.summary(test, vec![element; parameters], Shade::default(), frame, &[]);
        let mut facts = Vec::new();
        let whole = summary.told.get(WHOLE)?;
        // Where there is nothing to go through, `every` holds: that tells of the elements alone.
        let is_telling = !matches!((name, holds), ("every" | "all", true)) || self.is_sure_to_have_some(at, code, list);
        for (name, proofs) in whole.around[usize::from(!holds)].iter().filter(|_| is_telling) {
            let of = if name.contains('.') { vec![name.clone()] } else { self.named(name).of };
            facts.push((of, *proofs));
        }
        let of_element = if holds { &whole.when_true } else { &whole.when_false };
        if let Some(proofs) = of_element.first().filter(|_| matches!(name, "every" | "all") || !holds) {
            let argument = self.flow.sources.slice(self.flow.span(value_in(at.module, argument.value)));
            let is_text = self.flow.sources.slice(self.flow.span(at)).contains("chars()");
            let told = if is_text { of_each_character(*proofs, argument) } else { *proofs };
            facts.extend(self.elements_named(at, code).into_iter().map(|of| (of, told)));
            facts.push((list.of.clone(), told));
        }
        Some(facts)
    }

    /// `any(test(x, root) for root in ROOTS)`, `all(…)`: what the test tells of names around it.
    pub(crate) fn facts_of_comprehension(
        &mut self,
        at: ValueRef,
        code: &'a Call,
        holds: bool,
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let (ValueKind::Name(name), [argument]) =
            (self.flow.kind(value_in(at.module, code.callee)), code.arguments.as_slice())
        else {
            return None;
        };
        // Where there is nothing to go through, `all` holds and `any` does not: those tell of the elements alone.
        let is_telling = matches!((name.as_str(), holds), ("any", _) | ("all", true));
        let test = match self.flow.kind(value_in(at.module, argument.value)) {
            ValueKind::Comprehension(test) => test,
            ValueKind::Tuple(all) | ValueKind::List(all) => return self.facts_of_all(at, name, all, holds),
            _ => return None,
        };
        if !is_telling {
            return None;
        }
        let before = self.here().env.clone();
        let mut lists = Vec::new();
        for clause in &test.clauses {
            let over = self.value(clause.over);
            lists.extend(over.of.iter().cloned());
            self.put(&clause.place, Shade { of: over.of.clone(), ..one_of_many(&over) });
        }
        let facts = self.facts(test.element, holds);
        self.top().env = before;
        let of_elements = name == "all" || !holds;
        // Elements that are compared with a text one by one are the characters of one.
        let text = self.flow.sources.slice(self.flow.span(value_in(at.module, test.element)));
        let is_text = text.contains(['\'', '"']) || text.contains(".is");
        let told = |of: &[Name], proofs| match is_text && of.iter().any(|name| lists.contains(name)) {
            true => of_each_character(proofs, text),
            false => proofs,
        };
        let keep = |(of, proofs): (Vec<Name>, Proofs)| {
            let proofs = told(&of, proofs);
            let of: Vec<Name> = of.into_iter().filter(|name| of_elements || !lists.contains(name)).collect();
            (!of.is_empty()).then_some((of, proofs))
        };
        Some(facts.into_iter().filter_map(keep).collect())
    }

    /// `any((a, b))` that does not hold, `all([a, b])` that does: what each of them tells.
    fn facts_of_all(
        &mut self,
        at: ValueRef,
        name: &Name,
        all: &'a [ValueId],
        holds: bool,
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let is_each = matches!((name.as_str(), holds), ("any", false) | ("all", true));
        let is_open = |one: &ValueId| matches!(self.flow.kind(value_in(at.module, *one)), ValueKind::Spread(_));
        if !is_each || all.iter().any(is_open) {
            return None;
        }
        Some(all.iter().flat_map(|one| self.facts(*one, holds)).collect())
    }
}

/// An element of a collection, whichever: what it holds beside what is tested is no setting of the program.
fn one_of_many(list: &Shade) -> Shade {
    let whole = list.whole();
    Shade { proofs: whole.proofs | Proofs::ONE_OF_MANY, ..whole }
}

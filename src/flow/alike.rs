//! Whether two values are the same for all that can be asked of them.

use std::rc::Rc;

use crate::code::MODULE_BODY;
use crate::flow::meaning::{Entry, Item, Made, Meaning, Passed};
use crate::flow::{Flow, FunctionRef};

/// Most parts that are compared; of more it is not known.
const MAX_PARTS: u32 = 40;

/// Whether two functions are of one sort for whoever compares, so that what either is given counts as the same.
pub type AreOneSort<'o> = &'o dyn Fn(FunctionRef, FunctionRef) -> bool;

/// A comparison.
struct Comparing<'o> {
    are_one_sort: AreOneSort<'o>,
    left: u32,
}

impl Flow<'_> {
    /// Whether two values are surely alike: the same but for where objects were made and whose parameter something is
    /// that is declared alike.
    pub fn is_alike(&self, one: &Meaning, other: &Meaning, are_one_sort: AreOneSort) -> bool {
        let mut comparing = Comparing { are_one_sort, left: MAX_PARTS };
        self.asking(|| self.alike(one, other, &mut comparing)).0
    }

    fn alike(&self, one: &Meaning, other: &Meaning, comparing: &mut Comparing) -> bool {
        let Some(left) = comparing.left.checked_sub(1) else { return false };
        comparing.left = left;
        match (one, other) {
            (Meaning::Later(a, f), Meaning::Later(b, g))
                if a == b && f.as_ref().map(Rc::as_ptr) == g.as_ref().map(Rc::as_ptr) =>
            {
                true
            }
            (Meaning::Later(..), _) | (_, Meaning::Later(..)) => {
                self.alike(&self.force(one), &self.force(other), comparing)
            }
            (Meaning::Float(a), Meaning::Float(b)) => a.to_bits() == b.to_bits(),
            (Meaning::Regex(a), Meaning::Regex(b)) => a == b,
            (Meaning::Package(a), Meaning::Package(b)) => a == b,
            (Meaning::List(a), Meaning::List(b)) => Rc::ptr_eq(a, b) || self.alike_items(a, b, comparing),
            (Meaning::Map(a), Meaning::Map(b)) => Rc::ptr_eq(a, b) || self.alike_entries(a, b, comparing),
            (Meaning::Function(a, f, t), Meaning::Function(b, g, u)) => {
                a == b && f.is_none() && g.is_none() && self.alike_receivers(t.as_deref(), u.as_deref(), comparing)
            }
            (Meaning::Instance(a), Meaning::Instance(b)) => {
                Rc::ptr_eq(a, b) || a.class == b.class && self.alike_passed(&a.arguments, &b.arguments, comparing)
            }
            (Meaning::Made(a), Meaning::Made(b)) => Rc::ptr_eq(a, b) || self.alike_made(a, b, comparing),
            (Meaning::Member(a, m), Meaning::Member(b, n)) => m == n && self.alike(a, b, comparing),
            (Meaning::Parameter(a, i), Meaning::Parameter(b, j)) => {
                a == b && i == j || (comparing.are_one_sort)(*a, *b) && self.is_declared_alike((*a, *i), (*b, *j))
            }
            (Meaning::Choice(a), Meaning::Choice(b)) | (Meaning::Each(a), Meaning::Each(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(one, other)| self.alike(one, other, comparing))
            }
            _ => one.is_same(other),
        }
    }

    /// What is kept at the top level of a file is known by its place.
    fn alike_made(&self, one: &Made, other: &Made, comparing: &mut Comparing) -> bool {
        let is_local = |made: &Made| self.owner(made.at).id != MODULE_BODY;
        (one.at == other.at || is_local(one) && is_local(other))
            && self.alike(&one.callee, &other.callee, comparing)
            && self.alike_passed(&one.arguments, &other.arguments, comparing)
    }

    /// Whether nothing is declared of two parameters that nobody of the tree gives, or both are declared to be the same.
    fn is_declared_alike(&self, one: (FunctionRef, usize), other: (FunctionRef, usize)) -> bool {
        let annotation = |(function, at): (FunctionRef, usize)| {
            self.function(function).parameters.get(at).and_then(|parameter| parameter.annotation)
        };
        match (annotation(one), annotation(other)) {
            (None, None) => true,
            (Some(_), Some(_)) => {
                let declared = |(function, at)| self.declared(&Meaning::Parameter(function, at));
                matches!((declared(one), declared(other)), (Some(one), Some(other)) if one.is_same(&other))
            }
            _ => false,
        }
    }

    fn alike_items(&self, one: &[Item], other: &[Item], comparing: &mut Comparing) -> bool {
        let same = |(a, b): (&Item, &Item)| {
            (a.optional, a.is_rest) == (b.optional, b.is_rest) && self.alike(&a.value, &b.value, comparing)
        };
        one.len() == other.len() && one.iter().zip(other).all(same)
    }

    fn alike_entries(&self, one: &[Entry], other: &[Entry], comparing: &mut Comparing) -> bool {
        let name = |entry: &Entry| entry.key.as_ref().map(|key| key.name.clone());
        let same = |(a, b): (&Entry, &Entry)| {
            (a.optional, name(a)) == (b.optional, name(b)) && self.alike(&a.value, &b.value, comparing)
        };
        one.len() == other.len() && one.iter().zip(other).all(same)
    }

    fn alike_passed(&self, one: &[Passed], other: &[Passed], comparing: &mut Comparing) -> bool {
        let same = |(a, b): (&Passed, &Passed)| {
            (&a.name, a.is_rest) == (&b.name, b.is_rest) && self.alike(&a.value, &b.value, comparing)
        };
        one.len() == other.len() && one.iter().zip(other).all(same)
    }

    fn alike_receivers(&self, one: Option<&Meaning>, other: Option<&Meaning>, comparing: &mut Comparing) -> bool {
        match (one, other) {
            (None, None) => true,
            (Some(one), Some(other)) => self.alike(one, other, comparing),
            _ => false,
        }
    }
}

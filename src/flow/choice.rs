//! One of several values, where it is not known which.

use std::rc::Rc;

use crate::code::Name;
use crate::flow::meaning::{Meaning, UNGIVEN};

/// Most values that are told apart where it is not known which it is.
const MAX_CHOICE: usize = 128;

/// What was taken so far, without doubles.
#[derive(Default)]
struct Taken {
    all: Vec<Meaning>,
    /// Of each of `all`; those of doubles are equal, so that most others need no second look.
    marks: Vec<u64>,
    /// Choices that were taken whole.
    whole: Vec<Rc<[Meaning]>>,
}

impl Taken {
    /// Takes all of a choice, which holds no doubles itself.
    fn first(choice: &Rc<[Meaning]>) -> Self {
        Taken { all: choice.to_vec(), marks: choice.iter().map(mark).collect(), whole: vec![choice.clone()] }
    }

    /// Takes what is new in it; false where it is too much.
    fn take(&mut self, meaning: &Meaning) -> bool {
        if let Meaning::Choice(choice) = meaning {
            if self.whole.iter().any(|taken| Rc::ptr_eq(taken, choice)) {
                return true;
            }
            self.whole.push(choice.clone());
        }
        for one in meaning.alternatives() {
            let mark = mark(one);
            let mut alike = self.marks.iter().zip(&self.all).filter(|(taken, _)| **taken == mark);
            if !alike.any(|(_, taken)| is_double(taken, one)) {
                self.all.push(one.clone());
                self.marks.push(mark);
            }
        }
        self.all.len() <= MAX_CHOICE
    }
}

impl Meaning {
    /// One of several, without doubles; a single one is itself.
    pub fn any(mut all: Vec<Meaning>) -> Meaning {
        if all.len() == 1 {
            return all.pop().unwrap_or(Meaning::Null);
        }
        let (mut taken, rest) = match &all[..] {
            [Meaning::Choice(first), rest @ ..] => (Taken::first(first), rest),
            rest => (Taken::default(), rest),
        };
        if !rest.iter().all(|meaning| taken.take(meaning)) {
            return Meaning::Unknown("one of too many");
        }
        match (taken.all.len(), taken.all.pop()) {
            (_, None) => Meaning::Unknown(UNGIVEN),
            (1, Some(only)) => only,
            (_, Some(last)) => {
                taken.all.push(last);
                Meaning::Choice(taken.all.into())
            }
        }
    }
}

/// Whether both are the same, or the same part of the tree looked at in the same way.
fn is_double(one: &Meaning, other: &Meaning) -> bool {
    match (one, other) {
        (Meaning::List(a), Meaning::List(b)) => Rc::ptr_eq(a, b),
        (Meaning::Map(a), Meaning::Map(b)) => Rc::ptr_eq(a, b),
        (Meaning::Each(a), Meaning::Each(b)) => Rc::ptr_eq(a, b),
        _ => one.is_same(other),
    }
}

/// A number that doubles share.
fn mark(meaning: &Meaning) -> u64 {
    let of = |kind: u64, rest: u64| kind.wrapping_add(rest.wrapping_mul(31));
    let at = |module: u32, index: usize| (u64::from(module) << 32) ^ index as u64;
    let address = |pointer: *const u8| pointer.addr() as u64;
    match meaning {
        Meaning::Null => 1,
        Meaning::Bool(is) => of(2, u64::from(*is)),
        Meaning::Int(number) => of(3, number.cast_unsigned()),
        Meaning::Text(text, _) => of(4, of_text(text)),
        Meaning::Function(function, ..) => of(5, at(function.module.0, function.id.index())),
        Meaning::Class(class) => of(6, at(class.module.0, class.id.index())),
        Meaning::Module(module) => of(7, u64::from(module.0)),
        Meaning::Outside(name) => of(8, of_text(name)),
        Meaning::Parameter(function, position) => of(9, at(function.module.0, function.id.index()) ^ *position as u64),
        Meaning::This(class) => of(10, at(class.module.0, class.id.index())),
        Meaning::Made(made) => of(11, address(Rc::as_ptr(made).cast())),
        Meaning::Instance(instance) => of(12, address(Rc::as_ptr(instance).cast())),
        Meaning::Symbol(name) | Meaning::Unknown(name) => of(13, name.len() as u64),
        Meaning::Member(base, name) => of(14, mark(base) ^ of_text(name)),
        Meaning::List(items) => of(15, address(Rc::as_ptr(items).cast())),
        Meaning::Map(entries) => of(16, address(Rc::as_ptr(entries).cast())),
        Meaning::Each(all) => of(17, address(Rc::as_ptr(all).cast())),
        _ => 0,
    }
}

fn of_text(text: &Name) -> u64 {
    let ends = text.bytes().rev().take(16);
    ends.fold(text.len() as u64, |mark, byte| mark.wrapping_mul(131).wrapping_add(u64::from(byte)))
}

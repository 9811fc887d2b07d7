//! Switches of Rust programs: members that are on or off, by everything that is ever put into members of their name.

use super::*;

/// Most places that are looked at for one switch.
const MAX_GIVEN: usize = 40;

impl Unset<'_, '_> {
    /// What a switch holds as long as no flag and no variable is set, where all that the tree puts into members of its
    /// name agrees. What is decoded from outside, and the arguments of a caller with it, is no switch.
    pub(super) fn switch(&self, base: ValueRef, name: &Name, frame: &Frame) -> Option<Meaning> {
        if self.flow.module(base).language != Language::Rust || self.switching.borrow().contains(name) {
            return None;
        }
        let given = self.flow.given_to(name);
        if given.is_empty() || given.len() > MAX_GIVEN || !self.is_switch(self.type_of(base, frame)?, name) {
            return None;
        }
        self.switching.borrow_mut().push(name.clone());
        let found = self.agreed(given);
        self.switching.borrow_mut().pop();
        found
    }

    /// What everything agrees on. Where it does not, nobody knows whether what is put there later ever is.
    fn agreed(&self, given: &[ValueRef]) -> Option<Meaning> {
        let told = |one: &ValueRef| match self.value(*one, &None) {
            Meaning::Bool(is) => Some(is),
            _ => None,
        };
        let told: Vec<bool> = given.iter().map(told).collect::<Option<_>>()?;
        let first = *told.first()?;
        if told.iter().all(|is| *is == first) {
            return Some(Meaning::Bool(first));
        }
        self.is_either.set(true);
        self.is_cut.set(true);
        Some(UNKNOWN)
    }

    /// The class of what a member is asked of.
    pub(super) fn type_of(&self, base: ValueRef, frame: &Frame) -> Option<ClassRef> {
        let (meaning, _) = self.flow.asking(|| self.flow.meaning(base, frame));
        let class = match &meaning {
            Meaning::Made(made) => match &made.callee {
                Meaning::Member(class, method) if method == "parse" => (**class).clone(),
                _ => return None,
            },
            other => self.flow.declared(other)?,
        };
        match class {
            Meaning::Class(class) => Some(class),
            _ => None,
        }
    }

    /// Whether a class declares a member as one that is on or off, and nothing outside the tree fills it.
    fn is_switch(&self, class: ClassRef, name: &Name) -> bool {
        let parts = self.flow.parts(class);
        let text = |module, id| self.flow.sources.slice(self.flow.span(In { module, id }));
        let is_filled = |part: &ClassRef| {
            let mut decorators = self.flow.class(*part).decorators.iter();
            decorators.any(|one| FILLED.iter().any(|derived| text(part.module, *one).contains(derived)))
        };
        let declares = |part: &ClassRef| {
            let field = self.flow.class(*part).fields.iter().find(|field| field.name == *name);
            field.and_then(|field| field.annotation).is_some_and(|kind| text(part.module, kind) == "bool")
        };
        parts.iter().any(declares) && !parts.iter().any(is_filled)
    }
}

/// What fills a member without an assignment in the tree.
const FILLED: &[&str] = &["Deserialize", "Builder", "FromRow", "Decode", "JsonSchema"];

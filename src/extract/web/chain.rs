//! What the functions that are attached before a route do together.

use crate::code::{Language, ParameterKind};
use crate::extract::web::generated::GENERATED;
use crate::extract::web::guard::{Guard, is_unless_switched_off};
use crate::extract::web::known::Checks;
use crate::extract::web::passage::{Passage, Sure, Through};
use crate::extract::web::route::Attached;
use crate::extract::web::when::is_later;
use crate::extract::web::{Before, GETS_ON, LATER, NOT_FOLLOWED, Verdict, WITH_HOLE};
use crate::flow::unset::Unset;
use crate::flow::{FunctionRef, ValueRef};
use crate::model::Note;
use crate::source::Span;

/// What was found on the way along a chain, as long as nothing in it stands before every request.
#[derive(Default)]
struct Found {
    sometimes: Option<Note>,
    hole: Option<Note>,
    unknown: Option<String>,
}

/// Under what an attachment stands.
enum Under {
    Nothing,
    /// A credential that the server makes for itself where none is set.
    Generated,
    /// A test.
    Test(ValueRef),
    /// A function that something runs some time.
    Later,
}

impl Before<'_> {
    /// What a chain of attached functions does together.
    pub(super) fn chain(&self, chain: &[&Attached], passage: &Passage<'_, '_>, place: Span) -> Verdict {
        let mut found = Found::default();
        for one in chain {
            let under = self.under(one, chain.last().copied());
            let sure = self
                .by_guards(one, &under, passage, &mut found)
                .or_else(|| self.by_libraries(one, &under, passage.wanted, &mut found))
                .or_else(|| self.by_asking(one, passage));
            if let Some(verdict) = sure {
                return verdict;
            }
            if one.is_unknown {
                found.unknown.get_or_insert_with(|| "depends on a function that was not found".to_string());
            }
        }
        found.verdict(passage.wanted, place)
    }

    /// Guards of the tree.
    fn by_guards(
        &self,
        one: &Attached,
        under: &Under,
        passage: &Passage<'_, '_>,
        found: &mut Found,
    ) -> Option<Verdict> {
        for guard in self.guards.iter().filter(|guard| guard.checks.contains(&passage.wanted)) {
            let Some((at, asked)) = self.meets(one, guard, passage) else { continue };
            if one.is_use && self.answers_errors(guard.function) {
                continue;
            }
            // A guard that an attached function calls stands under the conditions of that call.
            let under = if at == one.span(self.flow) { under } else { &Under::Nothing };
            match (guard.open_when_unset, under) {
                (Some(test), _) => {
                    found.sometimes = Some(Note::new(test, "everything passes where this is not set"));
                }
                (None, Under::Generated) => found.unknown = Some(GENERATED.to_string()),
                (None, Under::Test(test)) => found.under(self, *test),
                (None, Under::Later) => found.unknown = Some(LATER.to_string()),
                (None, Under::Nothing) => match self.gets_on(guard, asked, passage) {
                    Through { sure: Sure::Yes, .. } => {
                        let note =
                            vec![Note::new(at, "it is attached here"), Note::new(guard.span, "and refuses here")];
                        return Some(Verdict::Yes("a guard stands before it".into(), note));
                    }
                    Through { sure: Sure::Maybe, .. } => {
                        found.unknown.get_or_insert_with(|| NOT_FOLLOWED.to_string());
                    }
                    Through { at, .. } => {
                        found.hole.get_or_insert_with(|| Note::new(at, GETS_ON));
                    }
                },
            }
        }
        None
    }

    /// Middleware of libraries.
    fn by_libraries(&self, one: &Attached, under: &Under, checks: Checks, found: &mut Found) -> Option<Verdict> {
        one.outside.iter().find_map(|name| match self.known.checks(name) {
            Some(known) if known.contains(&checks) => self.by_library(one, name, under, checks, found),
            None if !self.known.applications.contains(name) => {
                found.unknown = Some(format!("depends on `{name}`, and what that refuses is not known"));
                None
            }
            _ => None,
        })
    }

    fn by_library(
        &self,
        one: &Attached,
        name: &str,
        under: &Under,
        checks: Checks,
        found: &mut Found,
    ) -> Option<Verdict> {
        match under {
            _ if one.is_choice => {
                let note = Note::new(one.span(self.flow), "it is attached under a condition only");
                found.sometimes.get_or_insert(note);
                return None;
            }
            Under::Generated => {
                found.unknown = Some(GENERATED.to_string());
                return None;
            }
            Under::Test(test) => {
                found.under(self, *test);
                return None;
            }
            Under::Later => {
                found.unknown = Some(LATER.to_string());
                return None;
            }
            Under::Nothing => {}
        }
        let verifier = one.made.iter().find_map(|call| self.given_verifier(*call));
        match verifier.filter(|_| checks == Checks::Credentials).and_then(|one| self.of_verifier(one)) {
            Some(Verdict::Unknown(why, _)) => {
                found.unknown.get_or_insert(why);
                None
            }
            Some(Verdict::No(_, notes)) => {
                found.hole = found.hole.take().or(notes.into_iter().next());
                None
            }
            _ => {
                let text = format!("`{name}` stands before it");
                Some(Verdict::Yes(text.clone(), vec![Note::new(one.span(self.flow), text)]))
            }
        }
    }

    /// A guard that a library made, and that a function asks on the way.
    fn by_asking(&self, one: &Attached, passage: &Passage<'_, '_>) -> Option<Verdict> {
        let at = self.asked_within(one, passage.speakers, passage.wanted)?;
        let text = "a guard is asked before it".to_string();
        Some(Verdict::Yes(text.clone(), vec![Note::new(at, text)]))
    }

    /// The condition under which something is attached; where the route is attached under the same one, or where it holds
    /// until someone says otherwise, it is none.
    fn under(&self, one: &Attached, route: Option<&Attached>) -> Under {
        let flow = self.flow;
        if route.is_some_and(|route| is_later(flow, one.at, route.at)) {
            return Under::Later;
        }
        let Some((test, holds)) = flow.tested(one.at) else { return Under::Nothing };
        let is_default = || flow.asking(|| Unset::new(flow).holds_by_silence(test, &None)).0 == Some(holds);
        if is_unless_switched_off(flow, &self.known, one.at)
            || route.is_some_and(|route| self.is_together(one, route, test))
            || is_default()
        {
            return Under::Nothing;
        }
        if self.is_generated(test) { Under::Generated } else { Under::Test(test) }
    }

    /// Whether both are attached under a condition, on the same side of it; the route perhaps by a function that is called
    /// there.
    fn is_together(&self, one: &Attached, route: &Attached, test: ValueRef) -> bool {
        let side = |at| self.flow.tests(at).into_iter().find(|(tested, _)| *tested == test).and_then(|(_, side)| side);
        let Some(own) = side(one.at) else { return false };
        let owner = self.flow.owner(route.at);
        let calls = if owner == self.flow.owner(one.at) { &[] } else { self.flow.calls_of(owner) };
        side(route.at) == Some(own) || !calls.is_empty() && calls.iter().all(|call| side(*call) == Some(own))
    }

    /// Four parameters: express calls it for errors only.
    fn answers_errors(&self, function: FunctionRef) -> bool {
        let code = self.flow.function(function);
        self.flow.module(function).language == Language::TypeScript
            && code.parameters.len() == 4
            && code.parameters.iter().all(|one| one.kind == ParameterKind::Plain && one.default.is_none())
    }

    fn gets_on(&self, guard: &Guard, asked: FunctionRef, passage: &Passage<'_, '_>) -> Through {
        match asked == guard.function {
            true => passage.through_maker(guard.root, asked),
            false => passage.through(asked),
        }
    }
}

impl Found {
    fn under(&mut self, before: &Before<'_>, test: ValueRef) {
        self.sometimes = Some(Note::new(before.flow.span(test), "it is attached under this condition only"));
    }

    fn verdict(self, checks: Checks, place: Span) -> Verdict {
        match (self.sometimes, self.unknown, self.hole) {
            (Some(note), _, _) => Verdict::Sometimes(checks.sometimes().into(), vec![note]),
            (None, Some(why), _) => Verdict::Unknown(why, place),
            (None, None, Some(note)) => Verdict::No(WITH_HOLE.into(), vec![note]),
            (None, None, None) => {
                Verdict::No(String::new(), vec![Note::new(place, "nothing stands before this route")])
            }
        }
    }
}

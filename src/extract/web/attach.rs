//! Guards that Python, Go and Rust code attaches: wrapped around handlers, given as middleware, or called.

use std::collections::BTreeSet;

use crate::code::{Language, Name, ValueId, ValueKind};
use crate::extract::web::generated::GENERATED;
use crate::extract::web::guard::{self, Guard, class_of, is_if_set, is_unless_switched_off, is_within};
use crate::extract::web::known::Checks;
use crate::extract::web::passage::{Passage, Sure, Through};
use crate::extract::web::way::Ways;
use crate::extract::web::when::is_dropped;
use crate::extract::web::{Before, FURTHER_IN, GETS_ON, NOT_FOLLOWED, SERVED_BARE, Verdict, WITH_HOLE};
use crate::flow::link::folder;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::unset::Unset;
use crate::flow::{FunctionRef, ModuleId, ValueRef};
use crate::model::Note;
use crate::model::server::Listener;
use crate::source::Span;
use crate::taint::names;

/// Something attached from outside.
struct Outside {
    at: ValueRef,
    /// What it checks; nothing where that is not known.
    checks: Option<Vec<Checks>>,
    name: String,
    /// Whether it is told what to let in, where it must be, in the tree.
    is_told: bool,
}

impl Before<'_> {
    /// Whether a guard is attached in the package of a listener.
    pub(super) fn attached_in(&self, listener: &Listener, live: &[ModuleId], checks: Checks) -> Verdict {
        let mut weaker = None;
        let mut hole = None;
        let none = BTreeSet::new();
        let passage = Passage::new(self.flow, &self.known, checks, &none);
        let wanted = self
            .guards
            .iter()
            .filter(|guard| guard.checks.contains(&checks) && live.binary_search(&guard.root.module).is_ok());
        // What a guard asks within itself stands where that guard does.
        let is_within_another = |guard: &Guard, at: &ValueRef| {
            let owner = self.flow.owner(*at);
            let all = self.guards.iter().filter(|other| other.root != guard.root && other.checks.contains(&checks));
            all.into_iter().any(|other| is_within(self.flow, owner, other.root))
        };
        let wanted: Vec<&Guard> = wanted.collect();
        let outside = self.outside(live);
        let mut places: Vec<ValueRef> = wanted.iter().flat_map(|guard| self.places(guard, live)).collect();
        let askers: BTreeSet<FunctionRef> = places.iter().map(|at| self.flow.owner(*at)).collect();
        let askers = askers.into_iter().filter(|asker| asker.id != crate::code::MODULE_BODY);
        places.extend(askers.flat_map(|asker| self.places_of(guard::root(self.flow, asker), live)).collect::<Vec<_>>());
        places.extend(
            outside.iter().filter(|one| one.checks.as_ref().is_none_or(|all| all.contains(&checks))).map(|one| one.at),
        );
        let bare = Ways::new(self, listener.opened).bare(&places);
        for guard in wanted {
            for at in self.places(guard, live).into_iter().filter(|at| !is_within_another(guard, at)) {
                match self.weighed(listener, at, guard.open_when_unset, checks) {
                    Verdict::Yes(text, mut notes) => match self.gets_past(guard, at, &passage) {
                        Through { sure: Sure::Yes, hands_on, .. } if bare.is_some() => match (hands_on, bare) {
                            (true, Some(at)) => hole = Some(Note::new(at, SERVED_BARE)),
                            _ => weaker = Some(stronger(weaker, Verdict::Unknown(FURTHER_IN.into(), guard.span))),
                        },
                        Through { sure: Sure::Yes, .. } => {
                            notes.push(Note::new(guard.span, "and refuses here"));
                            return Verdict::Yes(text, notes);
                        }
                        Through { sure: Sure::Maybe, at, .. } => {
                            weaker = Some(stronger(weaker, Verdict::Unknown(NOT_FOLLOWED.into(), at)));
                        }
                        Through { at, .. } => hole = Some(Note::new(at, GETS_ON)),
                    },
                    Verdict::No(..) => {}
                    other => weaker = Some(stronger(weaker, other)),
                }
            }
        }
        for one in outside {
            match &one.checks {
                Some(known) if known.contains(&checks) && !one.is_told => {
                    let why = format!("depends on what {} is told, which is only known at run time", one.name);
                    weaker = Some(stronger(weaker, Verdict::Unknown(why, self.flow.span(one.at))));
                }
                Some(known) if known.contains(&checks) => match self.weighed(listener, one.at, None, checks) {
                    Verdict::Yes(_, notes) => match bare {
                        Some(at) => hole = Some(Note::new(at, SERVED_BARE)),
                        None => return Verdict::Yes(format!("`{}` stands before it", one.name), notes),
                    },
                    other => weaker = Some(stronger(weaker, other)),
                },
                Some(_) => {}
                None => {
                    let why = format!("depends on {}, and what that refuses is not known", one.name);
                    weaker = Some(stronger(weaker, Verdict::Unknown(why, self.flow.span(one.at))));
                }
            }
        }
        weaker.unwrap_or_else(|| match hole {
            Some(note) => Verdict::No(WITH_HOLE.into(), vec![note]),
            None => Verdict::No(String::new(), Vec::new()),
        })
    }

    /// What gets past a guard where it is attached: one that is only called is as good as what its caller makes of it.
    fn gets_past(&self, guard: &Guard, at: ValueRef, passage: &Passage<'_, '_>) -> Through {
        let is_called = self.flow.calls_of(guard.root).contains(&at);
        match if is_called { self.deciding(at, guard, passage) } else { guard.function } {
            own if own == guard.function => passage.through_maker(guard.root, own),
            caller => passage.through(caller),
        }
    }

    /// Where a guard is attached: where it is called or passed on, or its class is.
    fn places(&self, guard: &Guard, live: &[ModuleId]) -> Vec<ValueRef> {
        self.places_of(guard.root, live)
    }

    fn places_of(&self, root: FunctionRef, live: &[ModuleId]) -> Vec<ValueRef> {
        let flow = self.flow;
        let mut places: Vec<ValueRef> = flow.calls_of(root).to_vec();
        places.extend(flow.passed_to(root));
        if let Some(class) = class_of(flow, root).filter(|_| self.is_of_class(root)) {
            places.extend(flow.made_at(class));
            places.extend(self.mentions(&flow.class(class).name, class, live));
        }
        let decorators = flow.function(root).decorators.iter();
        places.extend(
            decorators
                .map(|decorator| value_in(root.module, *decorator))
                .filter(|at| flow.sources.slice(flow.span(*at)).contains("middleware(")),
        );
        places.retain(|at| live.binary_search(&at.module).is_ok() && !is_dropped(flow, *at));
        places
    }

    /// Whether a framework that is given the class of a method calls that: it calls those that it knows.
    fn is_of_class(&self, method: FunctionRef) -> bool {
        let code = self.flow.function(method);
        let is_called = || !self.flow.calls_of(method).is_empty() || self.flow.passed_to(method).next().is_some();
        self.flow.module(method).language != Language::Python
            || code.name.as_ref().is_none_or(|name| self.known.called.contains(name.as_str()))
            || is_called()
    }

    /// Calls that are given a class.
    fn mentions(&self, name: &Name, class: crate::flow::ClassRef, live: &[ModuleId]) -> Vec<ValueRef> {
        let flow = self.flow;
        let mut found = Vec::new();
        for module in live {
            for call in &flow.scopes(*module).calls {
                let ValueKind::Call(code) = flow.kind(value_in(*module, *call)) else { continue };
                let is_it = |id: ValueId| {
                    let at = value_in(*module, id);
                    let is_named = matches!(flow.kind(at), ValueKind::Name(own) | ValueKind::Field { name: own, .. } if own == name);
                    is_named && matches!(flow.asking(|| flow.meaning(at, &None)).0, Meaning::Class(one) if one == class)
                };
                if code.arguments.iter().any(|argument| is_it(argument.value)) {
                    found.push(value_in(*module, *call));
                }
            }
        }
        found
    }

    /// What an attachment at a place is worth.
    fn weighed(&self, listener: &Listener, at: ValueRef, open: Option<Span>, checks: Checks) -> Verdict {
        let flow = self.flow;
        let place = flow.span(at);
        if let Some(test) = open {
            let note = Note::new(test, "everything passes where this is not set");
            return Verdict::Sometimes(checks.sometimes().into(), vec![note]);
        }
        if let Some((test, holds)) = flow.tested(at).filter(|_| !is_unless_switched_off(flow, &self.known, at)) {
            let span = flow.span(test);
            let is_off = || flow.asking(|| Unset::new(flow).holds(test, &None)).0 == Some(!holds);
            return match holds && is_if_set(flow, test) || is_off() {
                true if self.is_generated(test) => Verdict::Unknown(GENERATED.into(), span),
                true => {
                    let note = Note::new(span, "it is attached where this is set");
                    Verdict::Sometimes(checks.sometimes().into(), vec![note])
                }
                false => Verdict::Unknown("depends on a condition".into(), span),
            };
        }
        let is_go = flow.module(at).language == Language::Go;
        let here = folder(flow.sources.path(place.source)) == folder(flow.sources.path(listener.opened.source));
        match !is_go || here {
            true => Verdict::Yes("a guard stands before it".into(), vec![Note::new(place, "it is attached here")]),
            false => Verdict::Unknown("depends on whether a guard of another package stands before it".into(), place),
        }
    }

    /// Middleware of libraries, and what is given as middleware without being known.
    fn outside(&self, live: &[ModuleId]) -> Vec<Outside> {
        let mut found = Vec::new();
        for (name, calls) in self.flow.outside_calls() {
            let name = names::dotted(name);
            let Some(checks) = self.known.checks(&name) else { continue };
            let here = calls.iter().filter(|call| live.binary_search(&call.module).is_ok());
            found.extend(here.map(|call| Outside {
                at: *call,
                checks: Some(checks.to_vec()),
                name: name.clone(),
                is_told: true,
            }));
        }
        for module in live {
            if self.flow.program.module(*module).language == Language::Python {
                self.python(*module, &mut found);
            }
        }
        found
    }

    /// Whether an argument lists what is let in, and not everything; nothing where that is only known at run time.
    fn lists(&self, at: ValueRef, name: &str) -> Option<bool> {
        let flow = self.flow;
        let ValueKind::Call(call) = flow.kind(at) else { return Some(false) };
        let Some(given) = call.arguments.iter().find(|one| one.name.as_deref() == Some(name)) else {
            // `**options` may hold it.
            let is_spread = call.arguments.iter().any(|one| one.name.as_deref() == Some("**"));
            return if is_spread { None } else { Some(false) };
        };
        let given = value_in(at.module, given.value);
        let silent = flow.asking(|| Unset::new(flow).value(given, &None)).0;
        match [flow.asking(|| flow.meaning(given, &None)).0, silent]
            .into_iter()
            .find(|one| matches!(one, Meaning::List(_)))
        {
            Some(Meaning::List(items)) => {
                let texts: Vec<Option<Name>> =
                    items.iter().map(|item| flow.force(&item.value).text().cloned()).collect();
                let is_any = texts.iter().flatten().any(|text| text == "*");
                if is_any { Some(false) } else { texts.iter().all(Option::is_some).then_some(true) }
            }
            _ => None,
        }
    }

    /// `Middleware(X, …)`, `app.add_middleware(X, …)`, `middleware=unknown()`.
    fn python(&self, module: ModuleId, found: &mut Vec<Outside>) {
        let flow = self.flow;
        for call in &flow.scopes(module).calls {
            let at = value_in(module, *call);
            let ValueKind::Call(code) = flow.kind(at) else { continue };
            let callee = match flow.kind(value_in(module, code.callee)) {
                ValueKind::Name(name) | ValueKind::Field { name, .. } => name.as_str(),
                _ => continue,
            };
            let given = code.arguments.iter().find(|argument| argument.name.as_deref() == Some("middleware"));
            if let Some(given) = given
                && !matches!(
                    flow.asking(|| flow.meaning(value_in(module, given.value), &None)).0,
                    Meaning::List(_) | Meaning::Null
                )
            {
                found.push(Outside {
                    at,
                    checks: None,
                    name: "middleware that is put together elsewhere".into(),
                    is_told: true,
                });
            }
            if !matches!(callee, "Middleware" | "add_middleware") {
                continue;
            }
            let Some(first) = code.arguments.first() else { continue };
            match flow.asking(|| flow.meaning(value_in(module, first.value), &None)).0 {
                // Those of the tree are found as guards, if they are any.
                Meaning::Class(_) | Meaning::Function(..) | Meaning::Instance(_) => {}
                Meaning::Outside(name) => {
                    let name = names::dotted(&name);
                    let is_of_mcp = name.starts_with("fastmcp.") || name.starts_with("mcp.");
                    let checks = self.known.checks(&name).map(<[Checks]>::to_vec).or(is_of_mcp.then(Vec::new));
                    let told = self.known.list(&name).map_or(Some(true), |list| self.lists(at, list));
                    let checks = if told == Some(false) { Some(Vec::new()) } else { checks };
                    found.push(Outside { at, checks, name: format!("`{name}`"), is_told: told.is_some() });
                }
                // Middleware of tools is made, not named.
                Meaning::Made(_) => {}
                _ => found.push(Outside {
                    at,
                    checks: None,
                    name: "middleware that is only known at run time".into(),
                    is_told: true,
                }),
            }
        }
    }
}

/// Of two that are not sure, the one that says more.
fn stronger(one: Option<Verdict>, other: Verdict) -> Verdict {
    match (one, &other) {
        (Some(known @ Verdict::Unknown(..)), _) => known,
        (_, Verdict::Unknown(..)) => other,
        (Some(known), _) => known,
        (None, _) => other,
    }
}

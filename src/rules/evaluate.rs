//! Every check asked of every subject of its kind.

use rayon::prelude::*;

use crate::check::{Question, place};
use crate::model::{About, Facts, Note, ServerId, SubjectKind};
use crate::rules::logic::{Ask, Params, WhenNone};
use crate::rules::matcher::{Judged, Truth};
use crate::rules::world::{Asked, World};
use crate::rules::{Answer, Answered, Rule, RuleSet, Severity};
use crate::source::{Sources, Span};

/// Least and most subjects of one check that one thread is asked about: some checks take as long as all others together.
const ASKED_AT_ONCE: (usize, usize) = (64, 512);

/// The answers of all checks, sorted by place, then by check.
pub fn evaluate(rules: &RuleSet, facts: &Facts, sources: &Sources) -> Vec<Answered> {
    let world = World::new(facts, sources);
    let by_rule = rules.rules.par_iter().with_max_len(1).enumerate().map(|(at, rule)| answers(at, rule, &world));
    in_order(by_rule.collect())
}

/// All answers by place, then by check, then by name. Each is moved once: they are large, and there are very many.
fn in_order(mut by_rule: Vec<Vec<Answered>>) -> Vec<Answered> {
    by_rule.par_iter_mut().with_max_len(1).for_each(|answers| {
        answers.sort_by(|one, other| (one.about.span, &one.about.name).cmp(&(other.about.span, &other.about.name)));
    });
    let of_rule = |(rule, answers): (usize, &Vec<Answered>)| -> Vec<(Span, usize)> {
        answers.iter().map(|answered| (answered.about.span, rule)).collect()
    };
    let mut order: Vec<(Span, usize)> = by_rule.par_iter().enumerate().flat_map_iter(of_rule).collect();
    order.par_sort();
    let mut left: Vec<_> = by_rule.into_iter().map(Vec::into_iter).collect();
    let mut all = Vec::with_capacity(order.len());
    all.extend(order.into_iter().filter_map(|(_, rule)| left[rule].next()));
    all
}

fn answers(at: usize, rule: &Rule, world: &World<'_>) -> Vec<Answered> {
    if matches!(rule.logic.ask, Ask::Assessment) {
        return Vec::new();
    }
    let subjects = world.of(rule.subject);
    let asked = subjects.par_iter().with_min_len(ASKED_AT_ONCE.0).with_max_len(ASKED_AT_ONCE.1);
    let mut all: Vec<Answered> = asked.map(|asked| answered(at, rule, *asked, world)).collect();
    if let Some(when_none) = &rule.logic.when_none {
        all.extend(without_subjects(at, rule, when_none, world));
    }
    all
}

fn answered(at: usize, rule: &Rule, asked: Asked<'_>, world: &World<'_>) -> Answered {
    let answer = answer(rule, asked, world);
    let lowered = rule.logic.lowered_when.as_ref().is_some_and(|matcher| {
        matches!(answer, Answer::Fails(_)) && matches!(matcher.judge(asked, world).truth, Truth::Yes)
    });
    let severity = if lowered { Severity::Low } else { rule.severity };
    Answered { rule: at, about: asked.about(), answer, severity, confidence: rule.confidence }
}

fn answer(rule: &Rule, asked: Asked<'_>, world: &World<'_>) -> Answer {
    let none = Params::new();
    let params = if let Ask::Named(_, params) = &rule.logic.ask { params } else { &none };
    let question = Question { rule, asked, world, params };
    if let Some(applies) = &rule.logic.applies {
        match applies.matcher.judge(asked, world).truth {
            Truth::Yes => {}
            Truth::No => return Answer::NotApplicable(applies.unless.fill(|hole| question.value(hole, &[]))),
            Truth::Unknown(gap) => return question.unknown(*gap),
        }
    }
    match &rule.logic.ask {
        Ask::Named(predicate, _) => (predicate.ask)(&question),
        Ask::Holds(matcher) => conclude(&question, matcher.judge(asked, world)),
        Ask::Assessment => Answer::NotApplicable("it is answered by the assessment".to_string()),
    }
}

fn conclude(question: &Question<'_>, judged: Judged) -> Answer {
    let (span, steps) = evidence(question, judged.notes);
    match judged.truth {
        Truth::Yes => question.holds(span, &[], steps),
        Truth::No => question.fails(span, &[], steps),
        Truth::Unknown(gap) => question.unknown(*gap),
    }
}

/// The primary place and the steps: related facts that decided, each once.
fn evidence(question: &Question<'_>, notes: Vec<Note>) -> (Span, Vec<Note>) {
    let logic = &question.rule.logic;
    let own = place(question.asked, &logic.show);
    let primary = notes.first().filter(|_| logic.show_related).map_or(own, |note| note.span);
    let mut steps: Vec<Note> = Vec::new();
    let layers = logic.show.iter().flat_map(|field| question.asked.subject.layers(field));
    for note in notes.into_iter().chain(layers) {
        if note.span != primary && !steps.contains(&note) {
            steps.push(note);
        }
    }
    (primary, steps)
}

/// One answer for each server that has no subject of the rule's kind.
fn without_subjects<'a>(
    at: usize,
    rule: &'a Rule,
    when_none: &'a WhenNone,
    world: &'a World<'_>,
) -> impl Iterator<Item = Answered> + 'a {
    let has = |kind: SubjectKind, server: ServerId| {
        world.of(kind).iter().any(|asked| asked.server.is_none() || asked.server == Some(server))
    };
    let servers = world.of(SubjectKind::Server).iter().filter(move |asked| {
        let server = asked.server.expect("a server owns itself");
        !has(rule.subject, server) && when_none.needs.is_none_or(|kind| has(kind, server))
    });
    servers.map(move |asked| {
        let about: About = asked.about();
        let answer = if when_none.holds {
            Answer::Holds(crate::model::Evidence::at(about.span, when_none.because.clone()))
        } else {
            Answer::NotApplicable(when_none.because.clone())
        };
        Answered { rule: at, about, answer, severity: rule.severity, confidence: rule.confidence }
    })
}

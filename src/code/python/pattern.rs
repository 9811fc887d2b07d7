//! `match` statements.

use ruff_python_ast::{self as ast, Pattern as Tree};

use super::{Lowering, name};
use crate::code::{
    Arm, Assignment, FieldPlace, Match, Name, Pattern, Place, Statement, StatementKind, ValueId, ValueKind,
};
use crate::source::Span;

/// Names given to the whole subject beside a test: `case "a" as x`.
type Aliases = Vec<(Name, Span)>;

impl Lowering<'_> {
    pub(super) fn matched(&mut self, one: &ast::StmtMatch) -> Match {
        let subject = self.expression(&one.subject);
        let arms = one.cases.iter().map(|case| self.arm(case, subject)).collect();
        Match { subject: Some(subject), arms }
    }

    fn arm(&mut self, case: &ast::MatchCase, subject: ValueId) -> Arm {
        let mut aliases = Aliases::new();
        let patterns = self.alternatives(&case.pattern, &mut aliases);
        let guard = self.optional(case.guard.as_deref());
        let mut body = self.block(&case.body);
        body.statements.splice(0..0, aliases.into_iter().map(|alias| bind(alias, subject)));
        Arm { patterns, guard, body, falls_through: false, span: self.span(case) }
    }

    fn alternatives(&mut self, pattern: &Tree, aliases: &mut Aliases) -> Vec<Pattern> {
        match pattern {
            Tree::MatchOr(several) => several.patterns.iter().flat_map(|one| self.alternatives(one, aliases)).collect(),
            Tree::MatchAs(one) => match &one.pattern {
                Some(inner) => {
                    aliases.extend(one.name.as_ref().map(|bound| (name(bound), self.span(bound))));
                    self.alternatives(inner, aliases)
                }
                None => vec![Pattern::Any(one.name.as_ref().map(|bound| self.bound(bound)))],
            },
            single => vec![self.pattern(single)],
        }
    }

    fn pattern(&mut self, pattern: &Tree) -> Pattern {
        match pattern {
            Tree::MatchValue(one) => Pattern::Value(self.expression(&one.value)),
            Tree::MatchSingleton(one) => {
                let kind = match one.value {
                    ast::Singleton::None => ValueKind::Null,
                    ast::Singleton::True => ValueKind::Bool(true),
                    ast::Singleton::False => ValueKind::Bool(false),
                };
                Pattern::Value(self.value(kind, one))
            }
            Tree::MatchClass(one) => {
                let of = Some(self.expression(&one.cls));
                Pattern::Shape { of, bindings: self.class_parts(&one.arguments) }
            }
            part => Pattern::Shape { of: None, bindings: vec![self.part(part)] },
        }
    }

    fn class_parts(&mut self, arguments: &ast::PatternArguments) -> Vec<Place> {
        let mut parts: Vec<Place> = arguments.patterns.iter().map(|one| self.part(one)).collect();
        let fields: Vec<FieldPlace> = arguments.keywords.iter().map(|keyword| self.keyword_part(keyword)).collect();
        if !fields.is_empty() {
            parts.push(Place::Fields(fields, None));
        }
        parts
    }

    fn keyword_part(&mut self, keyword: &ast::PatternKeyword) -> FieldPlace {
        FieldPlace { name: name(&keyword.attr), place: self.part(&keyword.pattern), default: None }
    }

    /// Where a part of the subject goes. What it is compared with is left out.
    fn part(&mut self, pattern: &Tree) -> Place {
        match pattern {
            Tree::MatchAs(one) => match (&one.name, &one.pattern) {
                (Some(bound), _) => self.bound(bound),
                (None, Some(inner)) => self.part(inner),
                (None, None) => Place::Ignore,
            },
            Tree::MatchStar(one) => one.name.as_ref().map_or(Place::Ignore, |bound| self.bound(bound)),
            Tree::MatchSequence(one) => {
                let rest = one.patterns.iter().position(|part| matches!(part, Tree::MatchStar(_)));
                Place::Items(one.patterns.iter().map(|part| self.part(part)).collect(), rest)
            }
            Tree::MatchMapping(one) => self.mapping(one),
            Tree::MatchClass(one) => Place::Items(self.class_parts(&one.arguments), None),
            Tree::MatchOr(several) => several.patterns.first().map_or(Place::Ignore, |first| self.part(first)),
            Tree::MatchValue(_) | Tree::MatchSingleton(_) => Place::Ignore,
        }
    }

    fn mapping(&mut self, one: &ast::PatternMatchMapping) -> Place {
        let fields = one.keys.iter().zip(&one.patterns).filter_map(|(key, part)| {
            let ast::Expr::StringLiteral(key) = key else { return None };
            Some(FieldPlace { name: self.literal_text(key), place: self.part(part), default: None })
        });
        let fields = fields.collect();
        Place::Fields(fields, one.rest.as_ref().map(name))
    }

    fn bound(&self, one: &ast::Identifier) -> Place {
        Place::Name(name(one), self.span(one))
    }
}

fn bind((alias, span): (Name, Span), subject: ValueId) -> Statement {
    let places = vec![Place::Name(alias, span)];
    let assignment = Assignment { places, value: Some(subject), ..Assignment::default() };
    Statement { kind: StatementKind::Assign(Box::new(assignment)), span }
}

//! Statements and blocks.

use tree_sitter::Node;

use super::{Lower, field, parts};
use crate::code::{
    Arm, Assignment, Block, CallKind, LoopHead, Match, Operator, Pattern, Place, Statement, StatementKind, ValueId,
    ValueKind,
};
use crate::gap::{Gap, GapKind};

impl<'a> Lower<'a> {
    pub(super) fn block(&mut self, node: Node<'a>) -> Block {
        let mut block = Block::default();
        self.block_into(node, &mut block);
        block
    }

    pub(super) fn block_into(&mut self, node: Node<'a>, block: &mut Block) {
        for part in parts(node) {
            self.statement(part, block);
        }
    }

    /// Lowers one statement to the end of a block.
    pub(super) fn statement(&mut self, node: Node<'a>, block: &mut Block) {
        self.nested(node, (), |lower| lower.statement_inside(node, block));
    }

    fn statement_inside(&mut self, node: Node<'a>, block: &mut Block) {
        if self.declaration(node, block) {
            return;
        }
        let kind = match node.kind() {
            "ERROR" | "statement_list" | "labeled_statement" => return self.block_into(node, block),
            "block" => StatementKind::Block(self.block(node)),
            "if_statement" => return self.branch(node, block),
            "for_statement" => return self.repetition(node, block),
            "expression_switch_statement" | "type_switch_statement" | "select_statement" => {
                return self.choice(node, block);
            }
            "return_statement" => StatementKind::Return(self.returned(node)),
            "break_statement" => StatementKind::Break,
            "continue_statement" => StatementKind::Continue,
            "goto_statement" => {
                self.jumped(node);
                StatementKind::Break
            }
            "fallthrough_statement" | "empty_statement" | "label_name" => return,
            "defer_statement" => match self.only_value(node) {
                Some(value) => StatementKind::Defer(value),
                None => return,
            },
            "go_statement" => match self.only_value(node) {
                Some(value) => {
                    if let ValueKind::Call(call) = &mut self.module.values[value.index()].kind {
                        call.kind = CallKind::Spawned;
                    }
                    StatementKind::Evaluate(value)
                }
                None => return,
            },
            "assignment_statement" | "short_var_declaration" => match self.assignment(node) {
                Some(assignment) => StatementKind::Assign(Box::new(assignment)),
                None => return,
            },
            "receive_statement" => match self.received(node) {
                Some(kind) => kind,
                None => return,
            },
            "inc_statement" => self.step(node, Operator::Add),
            "dec_statement" => self.step(node, Operator::Subtract),
            "send_statement" => self.sent(node),
            "expression_statement" => match parts(node).first() {
                Some(value) => self.evaluated(*value),
                None => return,
            },
            _ => self.evaluated(node),
        };
        self.push(block, kind, node);
    }

    /// One gap a file: generated parsers jump hundreds of times.
    fn jumped(&mut self, node: Node<'a>) {
        if self.gaps.iter().all(|gap| gap.kind != GapKind::Unsupported) {
            let gap = Gap::at(self.span(node), GapKind::Unsupported, "jumps with goto, which is not followed");
            self.gaps.push(gap.reported());
        }
    }

    fn only_value(&mut self, node: Node<'a>) -> Option<ValueId> {
        parts(node).first().map(|value| self.value(*value))
    }

    /// An expression for its effect; `panic(x)` raises.
    fn evaluated(&mut self, node: Node<'a>) -> StatementKind {
        let value = self.value(node);
        if let ValueKind::Call(call) = &self.module.value(value).kind
            && matches!(&self.module.value(call.callee).kind, ValueKind::Name(name) if name == "panic")
        {
            return StatementKind::Raise(call.arguments.first().map(|argument| argument.value));
        }
        StatementKind::Evaluate(value)
    }

    fn returned(&mut self, node: Node<'a>) -> Option<ValueId> {
        let Some(list) = parts(node).first().copied() else { return self.named_results(node) };
        let values = self.values(list);
        Some(self.grouped(values, list))
    }

    /// A bare return gives the named results.
    fn named_results(&mut self, node: Node<'a>) -> Option<ValueId> {
        let names: Vec<_> = self.results.iter().filter_map(|result| result.name().cloned()).collect();
        if names.is_empty() {
            return None;
        }
        let values = names.into_iter().map(|name| self.add(ValueKind::Name(name), node)).collect();
        Some(self.grouped(values, node))
    }

    fn grouped(&mut self, values: Vec<ValueId>, node: Node<'a>) -> ValueId {
        match *values {
            [one] => one,
            _ => self.add(ValueKind::Tuple(values.into()), node),
        }
    }

    fn assignment(&mut self, node: Node<'a>) -> Option<Assignment> {
        let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
        let values = self.values(right);
        let value = Some(self.grouped(values, right));
        let places = vec![self.places(left)];
        let operator = node.child_by_field_name("operator").map(|operator| self.slice(operator));
        let operator = operator
            .and_then(|text| text.strip_suffix('='))
            .filter(|text| !text.is_empty())
            .map(super::values::operator);
        Some(Assignment {
            places,
            value,
            operator,
            declares: node.kind() == "short_var_declaration",
            ..Assignment::default()
        })
    }

    fn places(&mut self, list: Node<'a>) -> Place {
        let mut places: Vec<_> = parts(list).into_iter().map(|node| self.place(node)).collect();
        match places.len() {
            1 => places.remove(0),
            _ => Place::Items(places, None),
        }
    }

    fn place(&mut self, node: Node<'a>) -> Place {
        match node.kind() {
            "identifier" | "blank_identifier" => self.place_of(node),
            _ => Place::Value(self.value(node)),
        }
    }

    fn received(&mut self, node: Node<'a>) -> Option<StatementKind> {
        let value = self.value(node.child_by_field_name("right")?);
        let Some(left) = node.child_by_field_name("left") else { return Some(StatementKind::Evaluate(value)) };
        let places = vec![self.places(left)];
        let assignment = Assignment { places, value: Some(value), declares: true, ..Assignment::default() };
        Some(StatementKind::Assign(Box::new(assignment)))
    }

    fn step(&mut self, node: Node<'a>, operator: Operator) -> StatementKind {
        let places = parts(node).first().map(|target| self.place(*target)).into_iter().collect();
        let value = Some(self.add(ValueKind::Int(1), node));
        let operator = Some(operator);
        StatementKind::Assign(Box::new(Assignment { places, value, operator, ..Assignment::default() }))
    }

    fn sent(&mut self, node: Node<'a>) -> StatementKind {
        let places = field(node, "channel").first().map(|channel| self.place(*channel)).into_iter().collect();
        let value = node.child_by_field_name("value").map(|value| self.value(value));
        StatementKind::Assign(Box::new(Assignment { places, value, ..Assignment::default() }))
    }

    /// Puts statements that an initialiser precedes into a block of their own.
    fn scoped(&mut self, node: Node<'a>, block: &mut Block, fill: impl FnOnce(&mut Self, &mut Block)) {
        let Some(initializer) = node.child_by_field_name("initializer") else { return fill(self, block) };
        let mut inner = Block::default();
        self.statement(initializer, &mut inner);
        fill(self, &mut inner);
        self.push(block, StatementKind::Block(inner), node);
    }

    fn branch(&mut self, node: Node<'a>, block: &mut Block) {
        self.scoped(node, block, |lower, block| {
            let test = lower.value_or_unknown(node.child_by_field_name("condition"), node);
            let then = node.child_by_field_name("consequence").map(|then| lower.block(then)).unwrap_or_default();
            let mut otherwise = Block::default();
            match node.child_by_field_name("alternative") {
                Some(next) if next.kind() == "block" => lower.block_into(next, &mut otherwise),
                Some(next) => lower.statement(next, &mut otherwise),
                None => {}
            }
            lower.push(block, StatementKind::If { test, then, otherwise }, node);
        });
    }

    fn repetition(&mut self, node: Node<'a>, block: &mut Block) {
        let body = node.child_by_field_name("body");
        let clause = parts(node).into_iter().find(|part| Some(*part) != body);
        match clause.map(|clause| (clause.kind(), clause)) {
            None => self.turns(node, LoopHead::Forever, None, block),
            Some(("range_clause", clause)) => {
                let head = self.range(clause);
                self.turns(node, head, None, block);
            }
            Some(("for_clause", clause)) => self.scoped(clause, block, |lower, block| {
                let head = match clause.child_by_field_name("condition") {
                    Some(test) => LoopHead::While(lower.value(test)),
                    None => LoopHead::Forever,
                };
                lower.turns(node, head, clause.child_by_field_name("update"), block);
            }),
            Some((_, test)) => {
                let head = LoopHead::While(self.value(test));
                self.turns(node, head, None, block);
            }
        }
    }

    fn turns(&mut self, node: Node<'a>, head: LoopHead, update: Option<Node<'a>>, block: &mut Block) {
        let mut body = node.child_by_field_name("body").map(|body| self.block(body)).unwrap_or_default();
        if let Some(update) = update {
            self.statement(update, &mut body);
        }
        self.push(block, StatementKind::Loop { head, body, otherwise: Block::default() }, node);
    }

    fn range(&mut self, clause: Node<'a>) -> LoopHead {
        let over = self.value_or_unknown(clause.child_by_field_name("right"), clause);
        let Some(left) = clause.child_by_field_name("left") else { return LoopHead::Each(Place::Ignore, over) };
        let mut places: Vec<_> = parts(left).into_iter().map(|node| self.place(node)).collect();
        if places.len() == 2 && matches!(places[0], Place::Ignore) {
            return LoopHead::Each(places.remove(1), over);
        }
        let keyed = self.call("range", vec![over], clause);
        match places.len() {
            1 => LoopHead::Each(places.remove(0), keyed),
            _ => LoopHead::Each(Place::Items(places, None), keyed),
        }
    }

    fn choice(&mut self, node: Node<'a>, block: &mut Block) {
        self.scoped(node, block, |lower, block| {
            let subject = node.child_by_field_name("value").map(|value| lower.value(value));
            let alias = node.child_by_field_name("alias").map(|alias| lower.places(alias));
            let cases = parts(node).into_iter().filter(|part| part.kind().ends_with("_case"));
            let arms = cases.map(|case| lower.arm(case, alias.as_ref())).collect();
            lower.push(block, StatementKind::Match(Match { subject, arms }), node);
        });
    }

    fn arm(&mut self, case: Node<'a>, alias: Option<&Place>) -> Arm {
        let mut body = Block::default();
        let patterns = match case.kind() {
            "expression_case" => {
                let values = case.child_by_field_name("value").map(|list| self.values(list)).unwrap_or_default();
                values.into_iter().map(Pattern::Value).collect()
            }
            "type_case" => field(case, "type").into_iter().map(|of| self.type_pattern(of, alias)).collect(),
            "communication_case" => vec![self.communication(case, &mut body)],
            _ => vec![Pattern::Any(alias.cloned())],
        };
        let mut falls_through = false;
        for list in parts(case).into_iter().filter(|part| part.kind() == "statement_list") {
            falls_through |= parts(list).last().is_some_and(|last| last.kind() == "fallthrough_statement");
            self.block_into(list, &mut body);
        }
        Arm { patterns, guard: None, body, falls_through, span: self.span(case) }
    }

    fn type_pattern(&mut self, of: Node<'a>, alias: Option<&Place>) -> Pattern {
        if self.slice(of) == "nil" {
            return Pattern::Value(self.add(ValueKind::Null, of));
        }
        Pattern::Shape { of: Some(self.type_value(of)), bindings: alias.cloned().into_iter().collect() }
    }

    fn communication(&mut self, case: Node<'a>, body: &mut Block) -> Pattern {
        let Some(communication) = case.child_by_field_name("communication") else { return Pattern::Any(None) };
        self.statement(communication, body);
        let ready = match body.statements.last().map(|statement: &Statement| &statement.kind) {
            Some(StatementKind::Assign(assignment)) => assignment.value,
            Some(StatementKind::Evaluate(value)) => Some(*value),
            _ => None,
        };
        let ready = ready.into_iter().collect();
        Pattern::Value(self.add(ValueKind::Unknown(ready), communication))
    }
}

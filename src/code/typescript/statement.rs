//! Statements. Sequences and conditions used as statements (as minifiers write them) become the statements they mean.

use oxc_ast::ast::{
    BindingPattern, Declaration, DoWhileStatement, Expression, ForInStatement, ForOfStatement, ForStatement,
    ForStatementInit, ForStatementLeft, IfStatement, LabeledStatement, Statement as JsStatement, SwitchStatement,
    TryStatement, VariableDeclaration, VariableDeclarator,
};
use oxc_span::GetSpan;
use oxc_syntax::operator::{LogicalOperator, UnaryOperator};

use super::Lower;
use super::chain::bare;
use crate::code::{
    Arm, Assignment, Block, Call, CallKind, FunctionKind, Handler, LoopHead, Match, Name, Pattern, Place, Statement,
    StatementKind, Try, ValueId, ValueKind,
};

impl Lower<'_> {
    /// Lowers statements in order.
    pub fn statements(&mut self, statements: &[JsStatement<'_>]) -> Block {
        let mut lowered = Vec::with_capacity(statements.len());
        for statement in statements {
            self.statement(statement, &mut lowered);
        }
        Block { statements: lowered, tail: None }
    }

    /// Lowers one statement to any number of them.
    pub fn statement(&mut self, statement: &JsStatement<'_>, out: &mut Vec<Statement>) {
        self.deeper(statement.span(), |lower| lower.statement_inner(statement, out), |_| ());
        self.anchor = None;
    }

    fn statement_inner(&mut self, statement: &JsStatement<'_>, out: &mut Vec<Statement>) {
        let span = statement.span();
        match statement {
            JsStatement::BlockStatement(block) => {
                let block = self.statements(&block.body);
                self.push(StatementKind::Block(block), span, out);
            }
            JsStatement::BreakStatement(_) => self.push(StatementKind::Break, span, out),
            JsStatement::ContinueStatement(_) => self.push(StatementKind::Continue, span, out),
            JsStatement::DebuggerStatement(_) | JsStatement::EmptyStatement(_) => {}
            JsStatement::ExpressionStatement(statement) => {
                if let Some(class) = self.compiled_enum(&statement.expression, None) {
                    self.push(StatementKind::Class(class), span, out);
                    return;
                }
                let assigns = matches!(bare(&statement.expression), Expression::AssignmentExpression(_));
                self.anchor = assigns.then_some(span.start);
                self.effect(&statement.expression, span, out);
            }
            JsStatement::ReturnStatement(result) => {
                let value = result.argument.as_ref().map(|value| self.last_of(value, out));
                self.push(StatementKind::Return(value), span, out);
            }
            JsStatement::ThrowStatement(thrown) => {
                let value = self.last_of(&thrown.argument, out);
                self.push(StatementKind::Raise(Some(value)), span, out);
            }
            JsStatement::IfStatement(branch) => self.branch(branch, out),
            JsStatement::ForStatement(turns) => self.for_loop(turns, out),
            JsStatement::ForInStatement(turns) => self.for_in(turns, out),
            JsStatement::ForOfStatement(turns) => self.for_of(turns, out),
            JsStatement::DoWhileStatement(turns) => self.do_while(turns, out),
            JsStatement::WhileStatement(turns) => {
                let test = self.expression(&turns.test);
                let body = self.block_of(&turns.body);
                self.turns(LoopHead::While(test), body, span, out);
            }
            JsStatement::LabeledStatement(labeled) => self.labeled(labeled, out),
            JsStatement::SwitchStatement(switch) => self.switch(switch, out),
            JsStatement::TryStatement(attempt) => self.attempt(attempt, out),
            JsStatement::WithStatement(with) => {
                let object = self.expression(&with.object);
                let body = self.block_of(&with.body);
                self.push(StatementKind::With { items: vec![(object, None)], body }, span, out);
            }
            _ => match (statement.as_declaration(), statement.as_module_declaration()) {
                (Some(declaration), _) => {
                    self.anchor = Some(span.start);
                    self.declaration(declaration, out);
                }
                (None, Some(declaration)) => self.module_declaration(declaration, out),
                (None, None) => {}
            },
        }
    }

    /// Adds a statement.
    pub fn push(&self, kind: StatementKind, span: oxc_span::Span, out: &mut Vec<Statement>) {
        out.push(Statement { kind, span: self.span(span) });
    }

    /// A statement as a block; a block is itself.
    fn block_of(&mut self, statement: &JsStatement<'_>) -> Block {
        match statement {
            JsStatement::BlockStatement(block) => {
                self.deeper(block.span, |lower| lower.statements(&block.body), |_| Block::default())
            }
            _ => {
                let mut statements = Vec::new();
                self.statement(statement, &mut statements);
                Block { statements, tail: None }
            }
        }
    }

    /// An expression whose value nobody takes.
    fn effect(&mut self, expression: &Expression<'_>, span: oxc_span::Span, out: &mut Vec<Statement>) {
        self.deeper(span, |lower| lower.effect_inner(expression, span, out), |_| ());
    }

    fn effect_inner(&mut self, expression: &Expression<'_>, span: oxc_span::Span, out: &mut Vec<Statement>) {
        match bare(expression) {
            Expression::SequenceExpression(sequence) => {
                for part in &sequence.expressions {
                    self.effect(part, if span.is_empty() { span } else { part.span() }, out);
                }
            }
            Expression::LogicalExpression(logical) if logical.operator != LogicalOperator::Coalesce => {
                if is_zero(&logical.left) && logical.operator == LogicalOperator::And {
                    return;
                }
                let test = self.expression(&logical.left);
                let test = match logical.operator {
                    LogicalOperator::Or => self.add(ValueKind::Not(test), logical.left.span()),
                    _ => test,
                };
                let mut then = Vec::new();
                self.effect(&logical.right, logical.right.span(), &mut then);
                let then = Block { statements: then, tail: None };
                self.push(StatementKind::If { test, then, otherwise: Block::default() }, span, out);
            }
            Expression::ConditionalExpression(choice) => {
                let test = self.last_of(&choice.test, out);
                let (mut then, mut otherwise) = (Block::default(), Block::default());
                self.effect(&choice.consequent, choice.consequent.span(), &mut then.statements);
                self.effect(&choice.alternate, choice.alternate.span(), &mut otherwise.statements);
                self.push(StatementKind::If { test, then, otherwise }, span, out);
            }
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::Void => {
                self.effect(&unary.argument, span, out);
            }
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::Delete => {
                let target = self.expression(&unary.argument);
                self.push(StatementKind::Delete(target), span, out);
            }
            Expression::AssignmentExpression(assignment) => {
                let import = self.imported(&assignment.right);
                let assignment = self.assignment(assignment);
                if let ([Place::Name(name, at)], Some(import)) = (assignment.places.as_slice(), import) {
                    self.add_import(import, name.clone(), *at);
                }
                self.common_js_export(&assignment, self.span(span));
                let kind = match (self.decorated_again(&assignment), assignment.value) {
                    (true, Some(value)) => StatementKind::Evaluate(value),
                    _ => StatementKind::Assign(Box::new(assignment)),
                };
                self.push(kind, span, out);
            }
            Expression::UpdateExpression(update) => {
                let assignment = self.update(update);
                self.push(StatementKind::Assign(Box::new(assignment)), span, out);
            }
            inner => {
                let value = self.expression(inner);
                let kind = self.understood(value);
                self.push(kind, span, out);
            }
        }
    }

    /// The value of an expression; what a sequence does before its value becomes statements.
    pub fn last_of(&mut self, expression: &Expression<'_>, out: &mut Vec<Statement>) -> ValueId {
        let mut expression = bare(expression);
        while let Expression::SequenceExpression(sequence) = expression {
            let Some((last, first)) = sequence.expressions.split_last() else { break };
            for part in first {
                self.effect(part, part.span(), out);
            }
            expression = bare(last);
        }
        self.expression(expression)
    }

    /// Lowers a declaration of any kind.
    pub fn declaration(&mut self, declaration: &Declaration<'_>, out: &mut Vec<Statement>) {
        let span = declaration.span();
        match declaration {
            Declaration::VariableDeclaration(variables) => self.variables(variables, out),
            Declaration::FunctionDeclaration(function) => {
                let overload = function.body.is_none() && !function.declare;
                let id = self.function(function, FunctionKind::Function, None);
                if !overload {
                    self.push(StatementKind::Function(id), span, out);
                }
            }
            Declaration::ClassDeclaration(class) => {
                let id = self.class(class, None);
                self.push(StatementKind::Class(id), span, out);
            }
            Declaration::TSTypeAliasDeclaration(alias) => {
                let id = self.alias(alias);
                self.push(StatementKind::Class(id), span, out);
            }
            Declaration::TSInterfaceDeclaration(interface) => {
                let id = self.interface(interface);
                self.push(StatementKind::Class(id), span, out);
            }
            Declaration::TSEnumDeclaration(declaration) => {
                let id = self.enumeration(declaration);
                self.push(StatementKind::Class(id), span, out);
            }
            Declaration::TSNamespaceDeclaration(namespace) => {
                let id = self.namespace(namespace);
                self.push(StatementKind::Class(id), span, out);
            }
            Declaration::TSImportEqualsDeclaration(import) => self.import_equals(import, out),
            // They describe modules and globals that exist elsewhere.
            Declaration::TSExternalModuleDeclaration(_) | Declaration::TSGlobalDeclaration(_) => {}
        }
    }

    fn variables(&mut self, variables: &VariableDeclaration<'_>, out: &mut Vec<Statement>) {
        let anchor = self.anchor.take();
        let first = out.len();
        for (at, variable) in variables.declarations.iter().enumerate() {
            self.anchor = anchor.filter(|_| at == 0);
            let span = if variables.declarations.len() == 1 { variables.span } else { variable.span };
            self.variable(variable, span, out);
        }
        for statement in out.iter_mut().skip(first) {
            if let StatementKind::Assign(assignment) = &mut statement.kind {
                assignment.is_hoisted = variables.kind.is_var();
            }
        }
    }

    fn variable(&mut self, variable: &VariableDeclarator<'_>, span: oxc_span::Span, out: &mut Vec<Statement>) {
        if let Some(init) = &variable.init
            && self.import_variable(&variable.id, init)
        {
            self.anchor = None;
            let value = self.expression(init);
            self.push(StatementKind::Evaluate(value), span, out);
            return;
        }
        if let (Some(init), BindingPattern::BindingIdentifier(identifier)) = (&variable.init, &variable.id)
            && let Some(class) = self.compiled_enum(init, Some(&identifier.name))
        {
            self.push(StatementKind::Class(class), span, out);
            return;
        }
        let anchor = self.anchor.take();
        let place = self.binding(&variable.id);
        let annotation = self.annotation(variable.type_annotation.as_deref());
        if let (Some(init), BindingPattern::BindingIdentifier(identifier)) = (&variable.init, &variable.id) {
            self.learn_helper(&identifier.name, init);
        }
        self.anchor = anchor;
        let value = variable.init.as_ref().map(|init| self.named_by(&place, init));
        let assignment = Assignment { places: vec![place], value, annotation, declares: true, ..Assignment::default() };
        self.push(StatementKind::Assign(Box::new(assignment)), span, out);
    }

    fn branch(&mut self, branch: &IfStatement<'_>, out: &mut Vec<Statement>) {
        let test = self.last_of(&branch.test, out);
        let then = self.block_of(&branch.consequent);
        let otherwise = branch.alternate.as_ref().map_or_else(Block::default, |other| self.block_of(other));
        self.push(StatementKind::If { test, then, otherwise }, branch.span, out);
    }

    fn turns(&self, head: LoopHead, body: Block, span: oxc_span::Span, out: &mut Vec<Statement>) {
        self.push(StatementKind::Loop { head, body, otherwise: Block::default() }, span, out);
    }

    fn for_loop(&mut self, turns: &ForStatement<'_>, out: &mut Vec<Statement>) {
        match &turns.init {
            Some(ForStatementInit::VariableDeclaration(variables)) => self.variables(variables, out),
            Some(init) => self.effect(init.to_expression(), init.span(), out),
            None => {}
        }
        let head = match &turns.test {
            Some(test) => LoopHead::While(self.expression(test)),
            None => LoopHead::Forever,
        };
        let mut body = self.block_of(&turns.body);
        if let Some(update) = &turns.update {
            // The statement stands where it runs, at the end of the turns; its values stand where they are written.
            self.effect(update, oxc_span::Span::empty(turns.span.end), &mut body.statements);
        }
        self.turns(head, body, turns.span, out);
    }

    /// `for (k in o)` turns on the keys of `o`.
    fn for_in(&mut self, turns: &ForInStatement<'_>, out: &mut Vec<Statement>) {
        let place = self.for_place(&turns.left);
        let over = self.last_of(&turns.right, out);
        let span = turns.right.span();
        let base = self.add(ValueKind::Name(Name::new_static("Object")), span);
        let callee = self.add(ValueKind::Field { base, name: Name::new_static("keys") }, span);
        let arguments = vec![crate::code::Argument { name: None, value: over }];
        let keys = self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Plain })), span);
        let body = self.block_of(&turns.body);
        self.turns(LoopHead::Each(place, keys), body, turns.span, out);
    }

    fn for_of(&mut self, turns: &ForOfStatement<'_>, out: &mut Vec<Statement>) {
        let place = self.for_place(&turns.left);
        let over = self.last_of(&turns.right, out);
        let body = self.block_of(&turns.body);
        self.turns(LoopHead::Each(place, over), body, turns.span, out);
    }

    fn for_place(&mut self, left: &ForStatementLeft<'_>) -> Place {
        match left {
            ForStatementLeft::VariableDeclaration(variables) => match variables.declarations.first() {
                Some(variable) => self.binding(&variable.id),
                None => Place::Ignore,
            },
            _ => self.target(left.to_assignment_target()),
        }
    }

    fn do_while(&mut self, turns: &DoWhileStatement<'_>, out: &mut Vec<Statement>) {
        let body = self.block_of(&turns.body);
        let test = self.expression(&turns.test);
        self.turns(LoopHead::While(test), body, turns.span, out);
    }

    /// A labelled block can be left by name: it is a loop of one turn.
    fn labeled(&mut self, labeled: &LabeledStatement<'_>, out: &mut Vec<Statement>) {
        let JsStatement::BlockStatement(_) = &labeled.body else {
            return self.statement(&labeled.body, out);
        };
        let mut body = self.block_of(&labeled.body);
        self.push(StatementKind::Break, oxc_span::Span::empty(labeled.span.end), &mut body.statements);
        self.turns(LoopHead::Forever, body, labeled.span, out);
    }

    /// Cases without statements share the arm of the next; a closing `break` is the end of the arm.
    fn switch(&mut self, switch: &SwitchStatement<'_>, out: &mut Vec<Statement>) {
        let subject = self.last_of(&switch.discriminant, out);
        let mut arms = Vec::new();
        let mut patterns = Vec::new();
        let mut start = None;
        for (at, case) in switch.cases.iter().enumerate() {
            let first = *start.get_or_insert(case.span.start);
            patterns.push(match &case.test {
                Some(test) => Pattern::Value(self.expression(test)),
                None => Pattern::Any(None),
            });
            let is_last = at + 1 == switch.cases.len();
            if case.consequent.is_empty() && !is_last {
                continue;
            }
            let mut body = match case.consequent.as_slice() {
                [only] => self.block_of(only),
                statements => self.statements(statements),
            };
            let falls_through = !ends(&mut body) && !is_last;
            let span = self.span(oxc_span::Span::new(first, case.span.end));
            arms.push(Arm { patterns: std::mem::take(&mut patterns), guard: None, body, falls_through, span });
            start = None;
        }
        self.push(StatementKind::Match(Match { subject: Some(subject), arms }), switch.span, out);
    }

    fn attempt(&mut self, attempt: &TryStatement<'_>, out: &mut Vec<Statement>) {
        let body = self.statements(&attempt.block.body);
        let mut handlers = Vec::new();
        if let Some(handler) = &attempt.handler {
            let binding = handler.param.as_ref().map(|parameter| self.binding(&parameter.pattern));
            let body = self.statements(&handler.body.body);
            handlers.push(Handler { types: Vec::new(), binding, body, span: self.span(handler.span) });
        }
        let finally = match &attempt.finalizer {
            Some(block) => self.statements(&block.body),
            None => Block::default(),
        };
        let attempt_kind = Try { body, handlers, otherwise: Block::default(), finally };
        self.push(StatementKind::Try(Box::new(attempt_kind)), attempt.span, out);
    }
}

fn is_zero(expression: &Expression<'_>) -> bool {
    matches!(bare(expression), Expression::NumericLiteral(literal) if literal.value == 0.0)
}

/// Whether control cannot run past the end of an arm; takes a closing `break` away.
fn ends(block: &mut Block) -> bool {
    let Some(last) = block.statements.last_mut() else { return false };
    // What has a label may leave more than the switch.
    let is_labelled = last.span.range().len() > "break;".len();
    match &mut last.kind {
        StatementKind::Break if !is_labelled => {
            block.statements.pop();
            true
        }
        StatementKind::Block(inner) => ends(inner),
        _ => leaves(&last.kind),
    }
}

fn leaves(kind: &StatementKind) -> bool {
    let last_leaves = |block: &Block| block.statements.last().is_some_and(|last| leaves(&last.kind));
    match kind {
        StatementKind::Break | StatementKind::Return(_) | StatementKind::Raise(_) | StatementKind::Continue => true,
        StatementKind::If { then, otherwise, .. } => last_leaves(then) && last_leaves(otherwise),
        StatementKind::Block(block) => last_leaves(block),
        StatementKind::Try(attempt) => {
            last_leaves(&attempt.finally)
                || (last_leaves(&attempt.body) && attempt.handlers.iter().all(|handler| last_leaves(&handler.body)))
        }
        _ => false,
    }
}

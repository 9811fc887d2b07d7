//! Expressions.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::annotation::is_type;
use super::{Lowering, name};
use crate::code::{
    Argument, Assignment, Call, CallKind, Clause, Comprehension, MapEntry, MapKey, Operator, Place, ValueId, ValueKind,
};

impl Lowering<'_> {
    /// Lowers an expression. Each kind has a function of its own, which keeps the frames of deep trees small.
    pub(super) fn expression(&mut self, expr: &ast::Expr) -> ValueId {
        match expr {
            ast::Expr::BoolOp(operation) => self.logic(operation),
            ast::Expr::Named(named) => self.named(named),
            ast::Expr::BinOp(operation) => self.binary(operation),
            ast::Expr::UnaryOp(operation) => self.unary(operation),
            ast::Expr::Lambda(lambda) => self.lambda(lambda),
            ast::Expr::If(choice) => self.choice(choice),
            ast::Expr::Dict(dict) => self.dict(dict),
            ast::Expr::Set(set) => self.group(&set.elts, set, ValueKind::Tuple),
            ast::Expr::ListComp(one) => self.comprehension(None, &one.elt, &one.generators, one),
            ast::Expr::SetComp(one) => self.comprehension(None, &one.elt, &one.generators, one),
            ast::Expr::DictComp(one) => self.comprehension(one.key.as_deref(), &one.value, &one.generators, one),
            ast::Expr::Generator(one) => self.comprehension(None, &one.elt, &one.generators, one),
            ast::Expr::Await(one) => self.wrapped(&one.value, one, ValueKind::Await),
            ast::Expr::Yield(one) => self.yielded(one),
            ast::Expr::YieldFrom(one) => {
                self.function_mut(self.scope).is_generator = true;
                self.wrapped(&one.value, one, |value| ValueKind::Yield(Some(value)))
            }
            ast::Expr::Compare(compare) => self.compare(compare),
            ast::Expr::Call(call) => self.call(call),
            ast::Expr::FString(string) => self.template(string),
            ast::Expr::TString(string) => self.template_object(string),
            ast::Expr::StringLiteral(literal) => self.text(literal),
            ast::Expr::BytesLiteral(literal) => self.bytes(literal),
            ast::Expr::NumberLiteral(literal) => self.value(number(&literal.value, false), literal),
            ast::Expr::BooleanLiteral(literal) => self.value(ValueKind::Bool(literal.value), literal),
            ast::Expr::NoneLiteral(literal) => self.value(ValueKind::Null, literal),
            ast::Expr::EllipsisLiteral(literal) => self.value(ValueKind::Name(name("Ellipsis")), literal),
            ast::Expr::Attribute(attribute) => self.attribute(attribute),
            ast::Expr::Subscript(subscript) => self.subscript(subscript),
            ast::Expr::Starred(one) => self.wrapped(&one.value, one, ValueKind::Spread),
            ast::Expr::Name(one) => self.identifier(one),
            ast::Expr::List(list) => self.group(&list.elts, list, ValueKind::List),
            ast::Expr::Tuple(tuple) => self.group(&tuple.elts, tuple, ValueKind::Tuple),
            ast::Expr::Slice(slice) => self.slice(slice),
            ast::Expr::IpyEscapeCommand(command) => self.value(ValueKind::Unknown(Box::default()), command),
        }
    }

    pub(super) fn expressions(&mut self, exprs: &[ast::Expr]) -> Box<[ValueId]> {
        exprs.iter().map(|expr| self.expression(expr)).collect()
    }

    pub(super) fn optional(&mut self, expr: Option<&ast::Expr>) -> Option<ValueId> {
        expr.map(|expr| self.expression(expr))
    }

    /// A value that is awaited where the syntax says so elsewhere (`async for`, `async with`).
    pub(super) fn awaited(&mut self, expr: &ast::Expr, is_async: bool) -> ValueId {
        let value = self.expression(expr);
        if is_async { self.value(ValueKind::Await(value), expr) } else { value }
    }

    fn wrapped(&mut self, inner: &ast::Expr, whole: &impl Ranged, kind: fn(ValueId) -> ValueKind) -> ValueId {
        let inner = self.expression(inner);
        self.value(kind(inner), whole)
    }

    fn group(&mut self, items: &[ast::Expr], whole: &impl Ranged, kind: fn(Box<[ValueId]>) -> ValueKind) -> ValueId {
        let items = self.expressions(items);
        self.value(kind(items), whole)
    }

    fn identifier(&mut self, one: &ast::ExprName) -> ValueId {
        // The parser puts an empty name where it found no expression.
        let kind = match one.id.as_str() {
            "" => ValueKind::Unknown(Box::default()),
            id => ValueKind::Name(name(id)),
        };
        self.value(kind, one)
    }

    fn attribute(&mut self, attribute: &ast::ExprAttribute) -> ValueId {
        let base = self.expression(&attribute.value);
        self.value(ValueKind::Field { base, name: name(&attribute.attr) }, attribute)
    }

    fn subscript(&mut self, subscript: &ast::ExprSubscript) -> ValueId {
        if subscript.ctx == ast::ExprContext::Load && is_type(&subscript.value) {
            return self.generic(subscript);
        }
        let base = self.expression(&subscript.value);
        let key = self.expression(&subscript.slice);
        self.value(ValueKind::Index { base, key }, subscript)
    }

    fn slice(&mut self, slice: &ast::ExprSlice) -> ValueId {
        let mut parts = vec![&slice.lower, &slice.upper];
        parts.extend(slice.step.is_some().then_some(&slice.step));
        let lower = |part: &Option<Box<ast::Expr>>| match part {
            Some(part) => self.expression(part),
            None => self.value(ValueKind::Null, slice),
        };
        let parts = parts.into_iter().map(lower).collect();
        self.value(ValueKind::Tuple(parts), slice)
    }

    fn named(&mut self, named: &ast::ExprNamed) -> ValueId {
        let value = Some(self.expression(&named.value));
        let places = vec![self.place(&named.target)];
        let assignment = Assignment { places, value, ..Assignment::default() };
        self.value(ValueKind::Assign(Box::new(assignment)), named)
    }

    fn binary(&mut self, operation: &ast::ExprBinOp) -> ValueId {
        let left = self.expression(&operation.left);
        let right = self.expression(&operation.right);
        self.value(ValueKind::Binary { operator: arithmetic(operation.op), left, right }, operation)
    }

    fn unary(&mut self, operation: &ast::ExprUnaryOp) -> ValueId {
        if let (ast::UnaryOp::USub, ast::Expr::NumberLiteral(literal)) = (operation.op, &*operation.operand) {
            return self.value(number(&literal.value, true), operation);
        }
        let operand = self.expression(&operation.operand);
        let kind = match operation.op {
            ast::UnaryOp::Not => ValueKind::Not(operand),
            ast::UnaryOp::Invert | ast::UnaryOp::UAdd | ast::UnaryOp::USub => ValueKind::Unary(operand),
        };
        self.value(kind, operation)
    }

    fn logic(&mut self, operation: &ast::ExprBoolOp) -> ValueId {
        let values = self.expressions(&operation.values);
        let operator = match operation.op {
            ast::BoolOp::And => Operator::And,
            ast::BoolOp::Or => Operator::Or,
        };
        match self.joined(operator, &values) {
            Some(value) => value,
            None => self.value(ValueKind::Unknown(Box::default()), operation),
        }
    }

    /// `a and b and c`, grouped in halves so that a long one is not deep.
    fn joined(&mut self, operator: Operator, values: &[ValueId]) -> Option<ValueId> {
        let (left, right) = match values {
            [] => return None,
            [single] => return Some(*single),
            several => several.split_at(several.len().div_ceil(2)),
        };
        let left = self.joined(operator, left)?;
        let right = self.joined(operator, right)?;
        let span = self.module.value(left).span.to(self.module.value(right).span);
        Some(self.module.add_value(ValueKind::Binary { operator, left, right }, span))
    }

    /// `a < b < c` is `a < b and b < c`, with one `b`.
    fn compare(&mut self, compare: &ast::ExprCompare) -> ValueId {
        let mut left = self.expression(&compare.left);
        let mut pairs = Vec::with_capacity(compare.ops.len());
        for (operator, right) in compare.ops.iter().zip(&compare.comparators) {
            let right = self.expression(right);
            let span = self.module.value(left).span.to(self.module.value(right).span);
            let kind = ValueKind::Binary { operator: comparison(*operator), left, right };
            pairs.push(self.module.add_value(kind, span));
            left = right;
        }
        self.joined(Operator::And, &pairs).unwrap_or(left)
    }

    fn choice(&mut self, choice: &ast::ExprIf) -> ValueId {
        let test = self.expression(&choice.test);
        let then = self.expression(&choice.body);
        let otherwise = Some(self.expression(&choice.orelse));
        self.value(ValueKind::Choice { test, then, otherwise }, choice)
    }

    fn yielded(&mut self, one: &ast::ExprYield) -> ValueId {
        self.function_mut(self.scope).is_generator = true;
        let value = self.optional(one.value.as_deref());
        self.value(ValueKind::Yield(value), one)
    }

    fn dict(&mut self, dict: &ast::ExprDict) -> ValueId {
        let entry =
            |item: &ast::DictItem| MapEntry { key: self.key(item.key.as_ref()), value: self.expression(&item.value) };
        let entries = dict.items.iter().map(entry).collect();
        self.value(ValueKind::Map(entries), dict)
    }

    fn key(&mut self, key: Option<&ast::Expr>) -> MapKey {
        match key {
            None => MapKey::Spread,
            Some(ast::Expr::StringLiteral(literal)) => MapKey::Name(self.literal_text(literal), self.span(literal)),
            Some(key) => MapKey::Value(self.expression(key)),
        }
    }

    fn comprehension(
        &mut self,
        key: Option<&ast::Expr>,
        element: &ast::Expr,
        generators: &[ast::Comprehension],
        whole: &impl Ranged,
    ) -> ValueId {
        let clauses = generators.iter().map(|generator| self.clause(generator)).collect();
        let key = self.optional(key);
        let element = self.expression(element);
        self.value(ValueKind::Comprehension(Box::new(Comprehension { key, element, clauses })), whole)
    }

    fn clause(&mut self, generator: &ast::Comprehension) -> Clause {
        Clause {
            over: self.awaited(&generator.iter, generator.is_async),
            place: self.place(&generator.target),
            conditions: self.expressions(&generator.ifs).into(),
        }
    }

    fn call(&mut self, call: &ast::ExprCall) -> ValueId {
        if matches!(&*call.func, ast::Expr::Name(callee) if callee.id == "super") {
            return self.value(ValueKind::Super, call);
        }
        let callee = self.expression(&call.func);
        let arguments = self.arguments(&call.arguments);
        self.value(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Plain })), call)
    }

    fn arguments(&mut self, arguments: &ast::Arguments) -> Vec<Argument> {
        let lower = |one| match one {
            ast::ArgOrKeyword::Arg(value) => Argument { name: None, value: self.expression(value) },
            ast::ArgOrKeyword::Keyword(keyword) => self.keyword(keyword),
        };
        arguments.iter_source_order().map(lower).collect()
    }

    /// `name=value`, `**value`.
    pub(super) fn keyword(&mut self, keyword: &ast::Keyword) -> Argument {
        let value = self.expression(&keyword.value);
        match &keyword.arg {
            Some(argument) => Argument { name: Some(name(argument)), value },
            None => Argument { name: Some(name("**")), value: self.value(ValueKind::Spread(value), keyword) },
        }
    }

    /// What is assigned to.
    pub(super) fn place(&mut self, target: &ast::Expr) -> Place {
        match target {
            ast::Expr::Name(one) => Place::Name(name(&one.id), self.span(one)),
            ast::Expr::Tuple(tuple) => self.items(&tuple.elts),
            ast::Expr::List(list) => self.items(&list.elts),
            ast::Expr::Starred(starred) => self.place(&starred.value),
            _ => Place::Value(self.expression(target)),
        }
    }

    fn items(&mut self, targets: &[ast::Expr]) -> Place {
        let rest = targets.iter().position(ast::Expr::is_starred_expr);
        Place::Items(targets.iter().map(|target| self.place(target)).collect(), rest)
    }
}

fn number(number: &ast::Number, negative: bool) -> ValueKind {
    let float = |value: f64| ValueKind::Float(if negative { -value } else { value });
    match number {
        ast::Number::Int(int) => match int.as_i64() {
            Some(value) => ValueKind::Int(if negative { -value } else { value }),
            None => float(int.to_string().parse().unwrap_or(f64::INFINITY)),
        },
        ast::Number::Float(value) => float(*value),
        ast::Number::Complex { .. } => ValueKind::Unknown(Box::default()),
    }
}

pub(super) fn arithmetic(operator: ast::Operator) -> Operator {
    match operator {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Subtract,
        ast::Operator::Mult => Operator::Multiply,
        ast::Operator::MatMult => Operator::Other,
        ast::Operator::Div | ast::Operator::FloorDiv => Operator::Divide,
        ast::Operator::Mod => Operator::Remainder,
        ast::Operator::Pow => Operator::Power,
        ast::Operator::LShift => Operator::ShiftLeft,
        ast::Operator::RShift => Operator::ShiftRight,
        ast::Operator::BitOr => Operator::BitOr,
        ast::Operator::BitXor => Operator::BitXor,
        ast::Operator::BitAnd => Operator::BitAnd,
    }
}

fn comparison(operator: ast::CmpOp) -> Operator {
    match operator {
        ast::CmpOp::Eq => Operator::Equal,
        ast::CmpOp::NotEq => Operator::NotEqual,
        ast::CmpOp::Lt => Operator::Less,
        ast::CmpOp::LtE => Operator::LessEqual,
        ast::CmpOp::Gt => Operator::Greater,
        ast::CmpOp::GtE => Operator::GreaterEqual,
        ast::CmpOp::Is => Operator::Is,
        ast::CmpOp::IsNot => Operator::IsNot,
        ast::CmpOp::In => Operator::In,
        ast::CmpOp::NotIn => Operator::NotIn,
    }
}

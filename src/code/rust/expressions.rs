//! Expressions as values.

use syn::{BinOp, Expr, Lit, RangeLimits, UnOp};

use super::patterns::member;
use super::statements::End;
use super::{Lower, text};
use crate::code::{
    Argument, Assignment, Block, Call, CallKind, Function, FunctionKind, MapEntry, MapKey, Operator, Parameter,
    ParameterKind, Place, ValueId, ValueKind,
};
use crate::source::Span;

impl Lower {
    /// Lowers one expression.
    pub(super) fn expression(&mut self, value: &Expr) -> ValueId {
        match value {
            Expr::Paren(inner) => self.expression(&inner.expr),
            Expr::Group(inner) => self.expression(&inner.expr),
            Expr::Reference(inner) => self.expression(&inner.expr),
            Expr::RawAddr(inner) => self.expression(&inner.expr),
            Expr::Cast(inner) => self.expression(&inner.expr),
            Expr::Lit(value) => self.literal(&value.lit),
            Expr::Path(value) => self.path_expression(value),
            Expr::Field(value) => {
                let base = self.expression(&value.base);
                let span = self.span(base).to(self.place_of(&value.member));
                self.add(ValueKind::Field { base, name: member(&value.member) }, span)
            }
            Expr::Index(value) => self.index(value),
            Expr::Call(value) => self.call(value),
            Expr::MethodCall(value) => self.method_call(value),
            Expr::Macro(value) => self.macro_value(&value.mac),
            Expr::Await(value) => {
                let inner = self.expression(&value.base);
                let span = self.span(inner).to(self.place_of(&value.await_token));
                self.add(ValueKind::Await(inner), span)
            }
            Expr::Try(value) => {
                let inner = self.expression(&value.expr);
                let span = self.span(inner).to(self.place_of(&value.question_token));
                self.add(ValueKind::Propagate(inner), span)
            }
            Expr::Unary(value) => self.unary(value),
            Expr::Binary(value) => self.binary(value),
            Expr::Assign(value) => self.assign(value),
            Expr::Range(value) => self.range(value.start.as_deref(), value.end.as_deref(), &value.limits),
            Expr::Array(value) => {
                let span = self.delimited(&value.bracket_token.span);
                let parts = value.elems.iter().map(|part| self.expression(part)).collect();
                self.add(ValueKind::List(parts), span)
            }
            Expr::Repeat(value) => {
                let span = self.delimited(&value.bracket_token.span);
                let element = self.expression(&value.expr);
                self.expression(&value.len);
                self.add(ValueKind::List(Box::new([element])), span)
            }
            Expr::Tuple(value) => {
                let span = self.delimited(&value.paren_token.span);
                let parts: Vec<_> = value.elems.iter().map(|part| self.expression(part)).collect();
                let kind = if parts.is_empty() { ValueKind::Null } else { ValueKind::Tuple(parts.into()) };
                self.add(kind, span)
            }
            Expr::Struct(value) => self.construct(value),
            Expr::Closure(value) => self.closure(value),
            Expr::Async(value) => self.async_block(value),
            Expr::Let(value) => {
                let inner = self.expression(&value.expr);
                let span = self.place(value.let_token.span).to(self.span(inner));
                self.matches(inner, &value.pat, span)
            }
            Expr::If(value) => self.choice(value),
            Expr::Match(value) => {
                let (lowered, span) = self.matching(value, End::Value);
                self.add(ValueKind::Match(Box::new(lowered)), span)
            }
            Expr::Block(value) => self.block_value(&value.block),
            Expr::Unsafe(value) => self.block_value(&value.block),
            Expr::Const(value) => self.block_value(&value.block),
            Expr::TryBlock(value) => self.block_value(&value.block),
            Expr::Yield(value) => {
                let span = self.place(value.yield_token.span);
                let inner = value.expr.as_ref().map(|value| self.expression(value));
                self.add(ValueKind::Yield(inner), span)
            }
            Expr::ForLoop(_)
            | Expr::While(_)
            | Expr::Loop(_)
            | Expr::Return(_)
            | Expr::Break(_)
            | Expr::Continue(_) => {
                let mut block = Block::default();
                self.ending(value, End::Dropped, &mut block);
                let spans = block.statements.iter().map(|statement| statement.span);
                let span = spans.reduce(Span::to).unwrap_or_else(|| self.place_of(value));
                self.add(ValueKind::Block(Box::new(block)), span)
            }
            other => {
                let place = self.place_of(other);
                self.unknown(Vec::new(), place)
            }
        }
    }

    fn path_expression(&mut self, value: &syn::ExprPath) -> ValueId {
        let is_self = value.qself.is_none() && value.path.is_ident("self");
        let path = self.path(value.qself.as_ref(), &value.path);
        if is_self {
            self.module.values[path.index()].kind = ValueKind::This;
        }
        path
    }

    pub(super) fn literal(&mut self, literal: &Lit) -> ValueId {
        let kind = match literal {
            Lit::Str(text) => ValueKind::Text(text.value().into()),
            Lit::ByteStr(text) => ValueKind::Text(String::from_utf8_lossy(&text.value()).into()),
            Lit::CStr(text) => ValueKind::Text(text.value().to_string_lossy().into()),
            Lit::Byte(byte) => ValueKind::Int(i64::from(byte.value())),
            Lit::Char(char) => ValueKind::Text(char.value().to_string().into()),
            Lit::Int(number) => match number.base10_parse() {
                Ok(number) => ValueKind::Int(number),
                Err(_) => ValueKind::Float(number.base10_digits().parse().unwrap_or(f64::NAN)),
            },
            Lit::Float(number) => ValueKind::Float(number.base10_digits().parse().unwrap_or(f64::NAN)),
            Lit::Bool(truth) => ValueKind::Bool(truth.value),
            _ => ValueKind::Unknown(Box::default()),
        };
        let span = self.place(literal.span());
        self.add(kind, span)
    }

    fn index(&mut self, value: &syn::ExprIndex) -> ValueId {
        let base = self.expression(&value.expr);
        let span = self.span(base).to(self.delimited(&value.bracket_token.span));
        let key = self.expression(&value.index);
        // A range as key is a slice, which the neutral code writes as a tuple of its bounds.
        if let ValueKind::Binary { operator: Operator::Range, left, right } = self.value(key).kind {
            self.module.values[key.index()].kind = ValueKind::Tuple(Box::new([left, right]));
        }
        self.add(ValueKind::Index { base, key }, span)
    }

    fn arguments<'e>(&mut self, arguments: impl Iterator<Item = &'e Expr>) -> Vec<Argument> {
        arguments.map(|value| Argument { name: None, value: self.expression(value) }).collect()
    }

    fn call(&mut self, value: &syn::ExprCall) -> ValueId {
        let callee = self.expression(&value.func);
        let arguments = self.arguments(value.args.iter());
        let span = self.span(callee).to(self.delimited(&value.paren_token.span));
        self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Plain })), span)
    }

    fn method_call(&mut self, value: &syn::ExprMethodCall) -> ValueId {
        let base = self.expression(&value.receiver);
        let span = self.span(base).to(self.place(value.method.span()));
        let mut callee = self.add(ValueKind::Field { base, name: text(&value.method) }, span);
        if let Some(types) = &value.turbofish {
            callee = self.generic(callee, types);
        }
        let arguments = self.arguments(value.args.iter());
        let span = span.to(self.delimited(&value.paren_token.span));
        self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Plain })), span)
    }

    fn unary(&mut self, value: &syn::ExprUnary) -> ValueId {
        let operand = self.expression(&value.expr);
        let (kind, place) = match (&value.op, &self.value(operand).kind) {
            (UnOp::Not(token), _) => (ValueKind::Not(operand), self.place_of(token)),
            (UnOp::Neg(token), ValueKind::Int(number)) => (ValueKind::Int(number.wrapping_neg()), self.place_of(token)),
            (UnOp::Neg(token), ValueKind::Float(number)) => (ValueKind::Float(-number), self.place_of(token)),
            (UnOp::Neg(token), _) => (ValueKind::Unary(operand), self.place_of(token)),
            _ => return operand,
        };
        let span = place.to(self.span(operand));
        self.add(kind, span)
    }

    fn binary(&mut self, value: &syn::ExprBinary) -> ValueId {
        let left = self.expression(&value.left);
        let right = self.expression(&value.right);
        let span = self.span(left).to(self.span(right));
        let (operator, assigns) = operator(&value.op);
        if !assigns {
            return self.add(ValueKind::Binary { operator, left, right }, span);
        }
        let places = vec![self.as_place(left)];
        let assignment = Assignment { places, value: Some(right), operator: Some(operator), ..Assignment::default() };
        self.add(ValueKind::Assign(Box::new(assignment)), span)
    }

    fn as_place(&self, value: ValueId) -> Place {
        match &self.value(value).kind {
            ValueKind::Name(name) if name == "_" => Place::Ignore,
            ValueKind::Name(name) => Place::Name(name.clone(), self.span(value)),
            _ => Place::Value(value),
        }
    }

    fn assign(&mut self, value: &syn::ExprAssign) -> ValueId {
        let right = self.expression(&value.right);
        let place = match &*value.left {
            Expr::Infer(_) => Place::Ignore,
            Expr::Tuple(parts) => {
                let parts: Vec<_> = parts.elems.iter().map(|part| self.expression(part)).collect();
                Place::Items(parts.into_iter().map(|part| self.as_place(part)).collect(), None)
            }
            left => {
                let left = self.expression(left);
                self.as_place(left)
            }
        };
        let start = match &place {
            Place::Name(_, span) => *span,
            Place::Value(value) => self.span(*value),
            _ => self.place_of(&value.eq_token),
        };
        let span = start.to(self.span(right));
        let assignment = Assignment { places: vec![place], value: Some(right), ..Assignment::default() };
        self.add(ValueKind::Assign(Box::new(assignment)), span)
    }

    pub(super) fn range(&mut self, start: Option<&Expr>, end: Option<&Expr>, limits: &RangeLimits) -> ValueId {
        let dots = match limits {
            RangeLimits::HalfOpen(token) => self.place_of(token),
            RangeLimits::Closed(token) => self.place_of(token),
        };
        let left = self.bound(start, dots);
        let right = self.bound(end, dots);
        let span = dots.to(self.span(left)).to(self.span(right));
        self.add(ValueKind::Binary { operator: Operator::Range, left, right }, span)
    }

    fn bound(&mut self, bound: Option<&Expr>, dots: Span) -> ValueId {
        match bound {
            Some(bound) => self.expression(bound),
            None => self.add(ValueKind::Null, dots),
        }
    }

    fn construct(&mut self, value: &syn::ExprStruct) -> ValueId {
        let of = self.path(value.qself.as_ref(), &value.path);
        let mut entries = Vec::new();
        for field in &value.fields {
            let key = MapKey::Name(member(&field.member), self.place_of(&field.member));
            entries.push(MapEntry { key, value: self.expression(&field.expr) });
        }
        if let Some(rest) = &value.rest {
            entries.push(MapEntry { key: MapKey::Spread, value: self.expression(rest) });
        }
        let span = self.span(of).to(self.delimited(&value.brace_token.span));
        self.add(ValueKind::Construct { of, entries: entries.into() }, span)
    }

    fn closure(&mut self, value: &syn::ExprClosure) -> ValueId {
        let start = self.place(value.inputs_begin.span);
        let function = Function { is_async: value.asyncness.is_some(), ..Function::new(FunctionKind::Closure, start) };
        let mut whole = start;
        let id = self.function(function, |lower, id| {
            let parameters = value.inputs.iter().map(|input| lower.closure_parameter(input)).collect();
            let returns = lower.return_type(&value.output);
            let mut body = Block::default();
            match &*value.body {
                Expr::Block(inner) => {
                    whole = whole.to(lower.delimited(&inner.block.brace_token.span));
                    body = lower.block(&inner.block, End::Returned);
                }
                inner => lower.ending(inner, End::Returned, &mut body),
            }
            whole = body.statements.last().map_or(whole, |last| whole.to(last.span));
            let function = &mut lower.module.functions[id.index()];
            (function.parameters, function.returns, function.body) = (parameters, returns, body);
            (function.span, function.name_span) = (whole, whole);
        });
        self.add(ValueKind::Function(id), whole)
    }

    fn closure_parameter(&mut self, input: &syn::Pat) -> Parameter {
        if let syn::Pat::Type(typed) = input {
            return self.typed_parameter(typed);
        }
        let place = self.pattern_place(input);
        let span = match &place {
            Place::Name(_, span) => *span,
            _ => self.pattern_start(input).unwrap_or_else(|| self.place_of(input)),
        };
        Parameter { place, kind: ParameterKind::Plain, annotation: None, default: None, decorators: Vec::new(), span }
    }

    /// A call of an async closure without parameters.
    fn async_block(&mut self, value: &syn::ExprAsync) -> ValueId {
        let span = self.place(value.async_token.span).to(self.delimited(&value.block.brace_token.span));
        let function = Function { is_async: true, ..Function::new(FunctionKind::Closure, span) };
        let id = self.function(function, |lower, id| {
            let body = lower.block(&value.block, End::Returned);
            lower.module.functions[id.index()].body = body;
        });
        let callee = self.add(ValueKind::Function(id), span);
        self.add(ValueKind::Call(Box::new(Call { callee, arguments: Vec::new(), kind: CallKind::Plain })), span)
    }

    fn choice(&mut self, value: &syn::ExprIf) -> ValueId {
        let test = self.expression(&value.cond);
        let then = self.block_value(&value.then_branch);
        let otherwise = value.else_branch.as_ref().map(|(_, value)| self.expression(value));
        let last = otherwise.unwrap_or(then);
        let span = self.place(value.if_token.span).to(self.span(last));
        self.add(ValueKind::Choice { test, then, otherwise }, span)
    }

    /// A block as a value; one without statements stands for its end.
    pub(super) fn block_value(&mut self, block: &syn::Block) -> ValueId {
        let span = self.delimited(&block.brace_token.span);
        let block = self.block(block, End::Value);
        match (block.statements.is_empty(), block.tail) {
            (true, Some(tail)) => tail,
            (true, None) => self.add(ValueKind::Null, span),
            _ => self.add(ValueKind::Block(Box::new(block)), span),
        }
    }
}

fn operator(operator: &BinOp) -> (Operator, bool) {
    match operator {
        BinOp::Add(_) => (Operator::Add, false),
        BinOp::Sub(_) => (Operator::Subtract, false),
        BinOp::Mul(_) => (Operator::Multiply, false),
        BinOp::Div(_) => (Operator::Divide, false),
        BinOp::Rem(_) => (Operator::Remainder, false),
        BinOp::And(_) => (Operator::And, false),
        BinOp::Or(_) => (Operator::Or, false),
        BinOp::BitXor(_) => (Operator::BitXor, false),
        BinOp::BitAnd(_) => (Operator::BitAnd, false),
        BinOp::BitOr(_) => (Operator::BitOr, false),
        BinOp::Shl(_) => (Operator::ShiftLeft, false),
        BinOp::Shr(_) => (Operator::ShiftRight, false),
        BinOp::Eq(_) => (Operator::Equal, false),
        BinOp::Lt(_) => (Operator::Less, false),
        BinOp::Le(_) => (Operator::LessEqual, false),
        BinOp::Ne(_) => (Operator::NotEqual, false),
        BinOp::Ge(_) => (Operator::GreaterEqual, false),
        BinOp::Gt(_) => (Operator::Greater, false),
        BinOp::AddAssign(_) => (Operator::Add, true),
        BinOp::SubAssign(_) => (Operator::Subtract, true),
        BinOp::MulAssign(_) => (Operator::Multiply, true),
        BinOp::DivAssign(_) => (Operator::Divide, true),
        BinOp::RemAssign(_) => (Operator::Remainder, true),
        BinOp::BitXorAssign(_) => (Operator::BitXor, true),
        BinOp::BitAndAssign(_) => (Operator::BitAnd, true),
        BinOp::BitOrAssign(_) => (Operator::BitOr, true),
        BinOp::ShlAssign(_) => (Operator::ShiftLeft, true),
        BinOp::ShrAssign(_) => (Operator::ShiftRight, true),
        _ => (Operator::Other, false),
    }
}

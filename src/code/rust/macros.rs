//! Macro calls: their arguments, where these read as expressions.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, Token};

use super::statements::End;
use super::{Lower, push, text};
use crate::code::{
    Argument, Arm, Block, Call, CallKind, MapEntry, MapKey, Match, Name, StatementKind, ValueId, ValueKind,
};
use crate::gap::{Gap, GapKind};
use crate::source::Span;

/// Macros whose first text has holes.
const FORMATS: &[&str] = &[
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "bail",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "debug_span",
    "ensure",
    "eprint",
    "eprintln",
    "error",
    "error_span",
    "event",
    "eyre",
    "format",
    "format_args",
    "format_err",
    "info",
    "info_span",
    "log",
    "panic",
    "print",
    "println",
    "span",
    "todo",
    "trace",
    "trace_span",
    "unimplemented",
    "unreachable",
    "warn",
    "warn_span",
    "write",
    "writeln",
];

impl Lower {
    /// A macro call in statement position.
    pub(super) fn macro_statement(&mut self, call: &syn::Macro, end: End, block: &mut Block) {
        let name = last_name(call);
        let value = self.macro_value(call);
        let span = self.span(value);
        let first = match &self.value(value).kind {
            ValueKind::Call(call) => call.arguments.first().map(|argument| argument.value),
            _ => None,
        };
        let kind = match (&*name, first) {
            ("panic" | "unreachable" | "todo" | "unimplemented", _) => StatementKind::Raise(Some(value)),
            ("bail", _) => StatementKind::Return(Some(value)),
            ("ensure", Some(test)) => {
                let mut otherwise = Block::default();
                push(&mut otherwise, StatementKind::Return(Some(value)), span);
                StatementKind::If { test, then: Block::default(), otherwise }
            }
            ("assert", Some(test)) => StatementKind::Assert(test),
            _ => return self.end_with(value, end, block),
        };
        push(block, kind, span);
    }

    /// A macro call as a value.
    pub(super) fn macro_value(&mut self, call: &syn::Macro) -> ValueId {
        let callee = self.path(None, &call.path);
        let inside = self.delimited(&delimiters(call));
        let span = self.span(callee).to(inside);
        let Some(tokens) = self.affordable(call, inside) else {
            return self.macro_call(callee, Vec::new(), span);
        };
        match &*last_name(call) {
            "json" => {
                let value = self.json(tokens, inside);
                self.macro_call(callee, vec![Argument { name: None, value }], span)
            }
            "vec" => self.list(tokens, span),
            "matches" => match (parse_matches).parse2(tokens.clone()) {
                Ok((value, pattern)) => {
                    let value = self.expression(&value);
                    self.matches(value, &pattern, span)
                }
                Err(_) => self.opaque(callee, tokens, span),
            },
            "select" => match parse_select.parse2(tokens.clone()) {
                Ok(arms) => self.select(&arms, span),
                Err(_) => self.opaque(callee, tokens, span),
            },
            name if FORMATS.contains(&name) => {
                let mut arguments = self.pieces(tokens, inside);
                self.holes(&mut arguments);
                self.macro_call(callee, arguments, span)
            }
            _ => self.opaque(callee, tokens, span),
        }
    }

    /// The tokens of a macro, as long as reading macros again stays in proportion to the file.
    fn affordable(&mut self, call: &syn::Macro, inside: Span) -> Option<TokenStream> {
        let cost = (inside.end - inside.start) as usize;
        match self.macro_work.checked_sub(cost) {
            Some(left) => {
                self.macro_work = left;
                Some(call.tokens.clone())
            }
            None => {
                self.gaps.push(Gap::at(inside, GapKind::TooLarge, "nests macros beyond what is worth reading"));
                self.macro_work = 0;
                None
            }
        }
    }

    fn macro_call(&mut self, callee: ValueId, arguments: Vec<Argument>, span: Span) -> ValueId {
        self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Macro })), span)
    }

    /// An unknown macro: expressions between commas, or else statements, or else nothing we can read.
    fn opaque(&mut self, callee: ValueId, tokens: TokenStream, span: Span) -> ValueId {
        let pieces = split(tokens.clone());
        let readable = pieces.iter().all(|piece| Piece::parse_tokens(piece.clone()).is_some());
        if readable {
            let arguments = self.pieces(tokens, span);
            return self.macro_call(callee, arguments, span);
        }
        let value = match syn::Block::parse_within.parse2(tokens.clone()) {
            Ok(statements) => {
                let block = self.sequence(&statements, End::Value);
                self.add(ValueKind::Block(Box::new(block)), span)
            }
            Err(_) => {
                let values = self.readable(pieces);
                self.unknown(values, span)
            }
        };
        self.macro_call(callee, vec![Argument { name: None, value }], span)
    }

    fn readable(&mut self, pieces: Vec<TokenStream>) -> Vec<ValueId> {
        let pieces: Vec<_> = pieces.into_iter().filter_map(Piece::parse_tokens).collect();
        pieces.iter().map(|piece| self.expression(&piece.value)).collect()
    }

    /// Arguments between commas; `name = value` is a keyword, `%` and `?` before a value are left out.
    pub(super) fn pieces(&mut self, tokens: TokenStream, span: Span) -> Vec<Argument> {
        let mut arguments = Vec::new();
        for tokens in split(tokens) {
            let place = tokens.clone().into_iter().next().map_or(span, |first| self.place(first.span()));
            arguments.push(match Piece::parse_tokens(tokens) {
                Some(piece) => Argument { name: piece.name, value: self.expression(&piece.value) },
                None => Argument { name: None, value: self.unknown(Vec::new(), place) },
            });
        }
        arguments
    }

    /// Adds what stands in `{name}` holes of the first text.
    fn holes(&mut self, arguments: &mut Vec<Argument>) {
        let texts = arguments.iter().filter(|argument| argument.name.is_none());
        let format = texts.into_iter().find_map(|argument| match &self.value(argument.value).kind {
            ValueKind::Text(text) => Some((text.clone(), self.span(argument.value))),
            _ => None,
        });
        let Some((format, span)) = format else { return };
        for name in hole_names(&format) {
            if arguments.iter().all(|argument| argument.name.as_deref() != Some(&*name)) {
                let value = match &*name {
                    "self" => self.add(ValueKind::This, span),
                    _ => self.name(&name, span),
                };
                arguments.push(Argument { name: Some(name), value });
            }
        }
    }

    fn list(&mut self, tokens: TokenStream, span: Span) -> ValueId {
        let repeated = |input: ParseStream<'_>| {
            let element: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            Ok((element, input.parse::<Expr>()?))
        };
        if let Ok((element, _)) = repeated.parse2(tokens.clone()) {
            let element = self.expression(&element);
            return self.add(ValueKind::List(Box::new([element])), span);
        }
        let parts = self.pieces(tokens, span).into_iter().map(|argument| argument.value).collect();
        self.add(ValueKind::List(parts), span)
    }

    /// The value that `json!` makes.
    fn json(&mut self, tokens: TokenStream, span: Span) -> ValueId {
        let trees: Vec<_> = tokens.clone().into_iter().collect();
        if let [TokenTree::Group(group)] = &*trees {
            let inside = self.delimited(&group.delim_span());
            match group.delimiter() {
                Delimiter::Brace => {
                    let entries =
                        split(group.stream()).into_iter().map(|entry| self.json_entry(entry, inside)).collect();
                    return self.add(ValueKind::Map(entries), inside);
                }
                Delimiter::Bracket => {
                    let parts = split(group.stream()).into_iter().map(|part| self.json(part, inside)).collect();
                    return self.add(ValueKind::List(parts), inside);
                }
                _ => {}
            }
        }
        if let [TokenTree::Ident(name)] = &*trees
            && name == "null"
        {
            let place = self.place(name.span());
            return self.add(ValueKind::Null, place);
        }
        match Piece::parse_tokens(tokens) {
            Some(piece) => self.expression(&piece.value),
            None => self.unknown(Vec::new(), span),
        }
    }

    fn json_entry(&mut self, tokens: TokenStream, span: Span) -> MapEntry {
        let trees: Vec<_> = tokens.into_iter().collect();
        let colon = trees.iter().position(
            |tree| matches!(tree, TokenTree::Punct(sign) if sign.as_char() == ':' && sign.spacing() == Spacing::Alone),
        );
        let at = colon.unwrap_or(trees.len());
        let key: TokenStream = trees.iter().take(at).cloned().collect();
        let value: TokenStream = trees.iter().skip(at + 1).cloned().collect();
        let key = self.json(key, span);
        let key = match &self.value(key).kind {
            ValueKind::Text(text) => MapKey::Name(text.clone(), self.span(key)),
            _ => MapKey::Value(key),
        };
        MapEntry { key, value: self.json(value, span) }
    }

    fn select(&mut self, arms: &[SelectArm], span: Span) -> ValueId {
        let arms = arms.iter().map(|arm| self.select_arm(arm)).collect();
        self.add(ValueKind::Match(Box::new(Match { subject: None, arms })), span)
    }

    fn select_arm(&mut self, arm: &SelectArm) -> Arm {
        let future = arm.future.as_ref().map(|future| self.expression(future));
        let pattern = match (future, &arm.pattern) {
            (Some(future), Some(pattern)) => {
                let place = self.span(future);
                let awaited = self.add(ValueKind::Await(future), place);
                crate::code::Pattern::Value(self.matches(awaited, pattern, place))
            }
            _ => crate::code::Pattern::Any(None),
        };
        let arrow = self.place(arm.arrow);
        let mut lowered = self.arm(
            &syn::Pat::Wild(syn::PatWild { attrs: Vec::new(), underscore_token: Token![_](arm.arrow) }),
            &arm.body,
            arrow,
            End::Value,
        );
        lowered.patterns = vec![pattern];
        lowered.guard = arm.condition.as_ref().map(|condition| self.expression(condition));
        lowered
    }

    /// A macro among items: statics of `lazy_static!` and `thread_local!` are constants, others are calls.
    pub(super) fn item_macro(&mut self, call: &syn::Macro, block: &mut Block) {
        if matches!(&*last_name(call), "lazy_static" | "thread_local")
            && let Ok(statics) = parse_statics.parse2(call.tokens.clone())
        {
            for (name, of, value) in &statics {
                self.constant(name, of, value, &[], block);
            }
            return;
        }
        let value = self.macro_value(call);
        push(block, StatementKind::Evaluate(value), self.span(value));
    }
}

/// One macro argument.
struct Piece {
    name: Option<Name>,
    value: Expr,
}

impl Piece {
    fn parse_tokens(tokens: TokenStream) -> Option<Self> {
        syn::parse2(tokens).ok()
    }
}

impl Parse for Piece {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let fork = input.fork();
        let name = keyword(&fork).ok();
        if name.is_some() {
            keyword(input)?;
        }
        if input.peek(Token![%]) {
            input.parse::<Token![%]>()?;
        } else if input.peek(Token![?]) {
            input.parse::<Token![?]>()?;
        }
        Ok(Self { name, value: input.parse()? })
    }
}

/// `name =`, `a.b =`, `r#type =`; not `==`.
fn keyword(input: ParseStream<'_>) -> syn::Result<Name> {
    use syn::ext::IdentExt;
    let mut name = text(&syn::Ident::parse_any(input)?).to_string();
    while input.peek(Token![.]) || input.peek(Token![::]) {
        name.push('.');
        if input.peek(Token![.]) {
            input.parse::<Token![.]>()?;
        } else {
            input.parse::<Token![::]>()?;
        }
        name.push_str(&text(&syn::Ident::parse_any(input)?));
    }
    if input.peek(Token![==]) || input.peek(Token![=>]) {
        return Err(input.error("a comparison"));
    }
    input.parse::<Token![=]>()?;
    Ok(name.into())
}

/// One arm of `select!`.
struct SelectArm {
    pattern: Option<syn::Pat>,
    future: Option<Expr>,
    condition: Option<Expr>,
    arrow: proc_macro2::Span,
    body: Expr,
}

fn parse_select(input: ParseStream<'_>) -> syn::Result<Vec<SelectArm>> {
    let biased = input.fork();
    if biased.parse::<syn::Ident>().is_ok_and(|word| word == "biased") && biased.peek(Token![;]) {
        input.parse::<syn::Ident>()?;
        input.parse::<Token![;]>()?;
    }
    let mut arms = Vec::new();
    while !input.is_empty() {
        let (mut pattern, mut future, mut condition) = (None, None, None);
        if input.peek(Token![else]) {
            input.parse::<Token![else]>()?;
        } else {
            pattern = Some(syn::Pat::parse_multi_with_leading_vert(input)?);
            input.parse::<Token![=]>()?;
            future = Some(input.parse()?);
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
                input.parse::<Token![if]>()?;
                condition = Some(input.parse()?);
            }
        }
        let arrow = input.parse::<Token![=>]>()?.spans[0];
        let body = if input.peek(syn::token::Brace) {
            let (attrs, label) = (Vec::new(), None);
            Expr::Block(syn::ExprBlock { attrs, label, block: input.parse()? })
        } else {
            input.parse()?
        };
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
        arms.push(SelectArm { pattern, future, condition, arrow, body });
    }
    Ok(arms)
}

fn parse_matches(input: ParseStream<'_>) -> syn::Result<(Expr, syn::Pat)> {
    let value = input.parse()?;
    input.parse::<Token![,]>()?;
    let mut pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
    if input.peek(Token![if]) {
        let if_token = input.parse()?;
        let guard = Box::new(input.parse()?);
        pattern = syn::Pat::Guard(syn::PatGuard { attrs: Vec::new(), pat: Box::new(pattern), if_token, guard });
    }
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    }
    Ok((value, pattern))
}

fn parse_statics(input: ParseStream<'_>) -> syn::Result<Vec<(syn::Ident, syn::Type, Expr)>> {
    let mut statics = Vec::new();
    while !input.is_empty() {
        syn::Attribute::parse_outer(input)?;
        input.parse::<syn::Visibility>()?;
        input.parse::<Token![static]>()?;
        if input.peek(Token![ref]) {
            input.parse::<Token![ref]>()?;
        }
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let of = input.parse()?;
        input.parse::<Token![=]>()?;
        statics.push((name, of, input.parse()?));
        if !input.is_empty() {
            input.parse::<Token![;]>()?;
        }
    }
    Ok(statics)
}

/// Tokens between commas that stand in no bracket.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    for tree in tokens {
        match &tree {
            TokenTree::Punct(sign) if sign.as_char() == ',' => {
                pieces.push(std::mem::take(&mut piece).into_iter().collect());
            }
            _ => piece.push(tree),
        }
    }
    if !piece.is_empty() {
        pieces.push(piece.into_iter().collect());
    }
    pieces
}

/// Names in the holes of a format text.
fn hole_names(format: &str) -> Vec<Name> {
    let mut names = Vec::new();
    let mut rest = format;
    while let Some((_, after)) = rest.split_once('{') {
        if let Some(escaped) = after.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let (hole, after) = after.split_once('}').unwrap_or((after, ""));
        let name = hole.split(':').next().unwrap_or("").trim();
        let starts = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
        if starts
            && name.chars().all(|char| char.is_alphanumeric() || char == '_')
            && !names.contains(&Name::from(name))
        {
            names.push(name.into());
        }
        rest = after;
    }
    names
}

fn last_name(call: &syn::Macro) -> Name {
    call.path.segments.last().map(|segment| text(&segment.ident)).unwrap_or_default()
}

fn delimiters(call: &syn::Macro) -> proc_macro2::extra::DelimSpan {
    match &call.delimiter {
        syn::MacroDelimiter::Paren(token) => token.span,
        syn::MacroDelimiter::Brace(token) => token.span,
        syn::MacroDelimiter::Bracket(token) => token.span,
    }
}

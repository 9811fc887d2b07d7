//! What a call proves by its answer, or by coming back.

use crate::code::{Call, CallKind, Operator, ParameterKind, ValueId, ValueKind};
use crate::extract::requests;
use crate::extract::web::known::Checks;
use crate::extract::web::passage::{Asking, Sure, Whose};
use crate::flow::meaning::{Meaning, function_in, value_in};
use crate::flow::scope::Bound;
use crate::flow::{FunctionRef, ValueRef};
use crate::taint::names;

impl Asking<'_, '_, '_> {
    /// What it proves that a call answers yes or no.
    pub(super) fn asked(&self, at: ValueRef, side: bool, is_awaited: bool) -> Sure {
        let flow = self.passage.flow;
        let ValueKind::Call(call) = flow.kind(at) else { return Sure::No };
        if let Some((function, given)) = self.own(at, call) {
            let code = flow.function(function);
            if code.is_async && !is_awaited {
                return Sure::No;
            }
            let answers = self.passage.answers(function, given);
            return if side { answers.yes } else { answers.no };
        }
        let is_about = self.is_about(at);
        if !is_about {
            return self.over_elements(at, call, side);
        }
        let name = self.callee_name(at.module, call);
        let parts = self.parts(at, call);
        if matches!(name.as_str(), "get" | "Get") && parts.first().is_some_and(|one| self.is_answer(*one)) {
            return Sure::Maybe;
        }
        match name.as_str() {
            _ if self.passage.known.comparing.contains(name.as_str()) => match (side, &parts[..]) {
                (true, [one, other, ..]) => self.same(*one, *other).min(self.unless_blank(*one, *other, true)),
                _ => Sure::No,
            },
            "includes" | "has" | "contains" | "Contains" | "contains_key" | "get" | "sismember" => match side {
                true => self.member(at, call),
                false => Sure::No,
            },
            "startsWith" | "startswith" | "starts_with" | "HasPrefix" if side => self.held_by_end(&parts, true),
            "endsWith" | "endswith" | "ends_with" | "HasSuffix" if side => self.held_by_end(&parts, false),
            "test" | "match" | "exec" | "fullmatch" | "search" | "MatchString" | "is_match" | "matches" if side => {
                self.by_pattern(&name, &parts)
            }
            "Boolean" | "bool" | "from" | "Some" | "Ok" => {
                let first = call.arguments.first().map(|one| value_in(at.module, one.value));
                first.map_or(Sure::No, |first| self.proves(first, side))
            }
            "is_some" | "is_ok" | "isEmpty" | "is_empty" | "is_none" | "is_err" | "trim" | "toLowerCase"
            | "toString" | "strip" | "String" | "startsWith" | "startswith" | "HasPrefix" | "endsWith" | "len"
            | "header" | "split" | "slice" => self.absent(at, side),
            "unwrap_or" | "unwrap_or_default" | "unwrap" | "map_or" | "is_some_and" | "map" | "and_then" => {
                let over = self.over_elements(at, call, side);
                let base =
                    parts.first().filter(|_| over != Sure::Yes).map_or(Sure::No, |base| self.proves(*base, side));
                over.max(base)
            }
            _ => self.over_elements(at, call, side).max(match self.is_verifier(at, call) {
                Some(true) if side => self.by_key(at, call),
                Some(false) => Sure::No,
                _ => Sure::Maybe,
            }),
        }
    }

    fn absent(&self, at: ValueRef, side: bool) -> Sure {
        match !side && self.is_origin(at) {
            true => Sure::Yes,
            false => Sure::No,
        }
    }

    /// What it proves that a call comes back at all.
    pub(super) fn ends(&self, at: ValueRef, is_awaited: bool) -> Sure {
        let flow = self.passage.flow;
        let ValueKind::Call(call) = flow.kind(at) else { return Sure::No };
        if let Some((function, given)) = self.own(at, call) {
            let is_waited = !flow.function(function).is_async || is_awaited;
            return if is_waited { self.passage.answers(function, given).ends } else { Sure::No };
        }
        match self.is_verifier(at, call) {
            Some(true) if self.is_about(at) => self.by_key(at, call),
            None if self.is_about(at) && self.sounds_like_verifying(at, call) => Sure::Maybe,
            _ => Sure::No,
        }
    }

    /// Whether a call is of a library that raises, or answers nothing, for what is not right; false where it is known to
    /// look at nothing, nothing where it is not known.
    fn is_verifier(&self, at: ValueRef, call: &Call) -> Option<bool> {
        match self.full_name(at, call)?.as_str() {
            name if self.passage.known.verifying.contains(name) => Some(true),
            name if self.passage.known.reading.contains(name) => Some(false),
            _ => None,
        }
    }

    fn full_name(&self, at: ValueRef, call: &Call) -> Option<String> {
        let flow = self.passage.flow;
        let callee = flow.asking(|| flow.meaning(value_in(at.module, call.callee), &None)).0;
        let table = crate::flow::effects::Effects::built_in().of(flow.module(at).language)?;
        names::of_callee(flow, &callee, table)
    }

    /// A signature proves as much as its key: one that is written out, or that the caller brings along, proves nothing.
    fn by_key(&self, at: ValueRef, call: &Call) -> Sure {
        let flow = self.passage.flow;
        let is_keyed = self.full_name(at, call).is_some_and(|name| self.passage.known.keyed.contains(&name));
        let key = call.arguments.get(1).filter(|one| is_keyed && one.name.is_none());
        match key.map(|key| value_in(at.module, key.value)) {
            None => Sure::Yes,
            Some(key) if matches!(flow.asking(|| flow.meaning(key, &None)).0, Meaning::Text(..)) => Sure::No,
            Some(key) => self.by_own(key).min(self.unless_written(key)),
        }
    }

    fn sounds_like_verifying(&self, at: ValueRef, call: &Call) -> bool {
        let name = self.callee_name(at.module, call).to_ascii_lowercase();
        ["verif", "validat", "authent", "authoriz", "introspect", "check", "require", "ensure"]
            .iter()
            .any(|word| name.contains(word))
    }

    /// Whether a call is given what is to be held against something, or the request.
    pub(super) fn is_about(&self, at: ValueRef) -> bool {
        let flow = self.passage.flow;
        match flow.kind(at) {
            ValueKind::Await(inner) | ValueKind::Propagate(inner) => self.is_about(value_in(at.module, *inner)),
            ValueKind::Call(call) => {
                let parts = self.parts(at, call);
                parts.iter().any(|part| self.is_given(*part))
                    || call.arguments.iter().any(|one| self.is_request(value_in(at.module, one.value)))
            }
            _ => false,
        }
    }

    /// A function of the tree that is called, and whose word each of its parameters is.
    fn own(&self, at: ValueRef, call: &Call) -> Option<(FunctionRef, Vec<Whose>)> {
        let flow = self.passage.flow;
        let callee = flow.asking(|| flow.meaning(value_in(at.module, call.callee), &None)).0;
        let Meaning::Function(function, _, _) = callee else { return None };
        let code = flow.function(function);
        let skipped = code.parameters.iter().take_while(|one| one.kind == ParameterKind::Receiver).count();
        // What is not handed over is what it is by default.
        let mut given = vec![Whose::Own; code.parameters.len()];
        for (position, argument) in call.arguments.iter().enumerate() {
            let value = value_in(at.module, argument.value);
            if matches!(flow.kind(value), ValueKind::Spread(_)) {
                given.iter_mut().skip(position + skipped).for_each(|slot| *slot = Whose::Unknown);
                continue;
            }
            let named = argument.name.as_ref();
            let by_name = named.and_then(|name| code.parameters.iter().position(|one| one.name() == Some(name)));
            if let Some(slot) = given.get_mut(by_name.unwrap_or(position + skipped)) {
                *slot = match self.whose(value).min(Whose::Caller) {
                    _ if self.is_given(value) => Whose::Wanted,
                    Whose::Own if self.is_kept_request(value) => Whose::Unknown,
                    whose => whose,
                };
            }
        }
        Some((function, given))
    }

    /// `this.request`, which a framework put there.
    fn is_kept_request(&self, value: ValueRef) -> bool {
        matches!(self.passage.flow.kind(value), ValueKind::Field { name, .. } | ValueKind::Name(name) if {
            let name = name.to_ascii_lowercase();
            ["req", "header", "ctx", "context", "scope"].iter().any(|word| name.contains(word))
        })
    }

    fn callee_name(&self, module: crate::flow::ModuleId, call: &Call) -> String {
        match self.passage.flow.kind(value_in(module, call.callee)) {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => name.to_string(),
            _ => String::new(),
        }
    }

    /// The receiver, where it is a value, and the arguments.
    fn parts(&self, at: ValueRef, call: &Call) -> Vec<ValueRef> {
        let of = |id: ValueId| value_in(at.module, id);
        let receiver = match self.passage.flow.kind(of(call.callee)) {
            ValueKind::Field { base, name } => (!self.is_package(of(*base), name)).then(|| of(*base)),
            _ => None,
        };
        receiver.into_iter().chain(call.arguments.iter().map(|one| of(one.value))).collect()
    }

    /// Whether a function is taken from a package, and is no method: `hmac.compare_digest`, but not `ALLOWED.includes`.
    fn is_package(&self, base: ValueRef, function: &str) -> bool {
        let ValueKind::Name(name) = self.passage.flow.kind(base) else { return false };
        match self.bindings(base, name) {
            Some((_, all)) => all.iter().any(|one| matches!(one.bound, Bound::Import(_))) && !self.is_constant(base),
            None => self.passage.known.comparing.contains(function) || name == "Buffer",
        }
    }

    /// A list that another file of the tree offers.
    fn is_constant(&self, value: ValueRef) -> bool {
        let meaning = self.passage.flow.asking(|| self.passage.flow.meaning(value, &None)).0;
        !matches!(meaning, Meaning::Outside(_) | Meaning::Module(_) | Meaning::Package(_) | Meaning::Unknown(_))
    }

    pub(super) fn is_comparison(&self, value: ValueRef) -> bool {
        let ValueKind::Call(call) = self.passage.flow.kind(value) else { return false };
        self.passage.known.comparing.contains(self.callee_name(value.module, call).as_str())
    }

    /// `list.includes(given)`, `slices.Contains(list, given)`; not `text.includes(given)`, nor `given.includes(text)`.
    fn member(&self, at: ValueRef, call: &Call) -> Sure {
        let parts = self.parts(at, call);
        let [one, other, ..] = &parts[..] else { return Sure::No };
        let is_text_search = self.passage.flow.sources.slice(self.passage.flow.span(value_in(at.module, call.callee)))
            == "strings.Contains";
        match (self.is_given(*one), self.is_given(*other)) {
            (false, true) if !is_text_search => self.held_in(*other, *one),
            // `slices.Contains(list, given)` where the package is not known is the same two the other way round.
            (true, false) if self.passage.wanted == Checks::Credentials => self.secret(*other),
            _ => Sure::No,
        }
    }

    /// A text that only who knows it can bring along.
    fn secret(&self, value: ValueRef) -> Sure {
        let is_written = matches!(self.passage.flow.kind(value), ValueKind::Text(_));
        let is_whole = !is_written && !self.is_small_part(value);
        match is_whole && requests::credential(self.passage.flow, value).is_some() {
            true => self.by_own(value),
            false => Sure::No,
        }
    }

    /// What it proves that something is held against a value: what the caller says of himself proves nothing.
    pub(super) fn by_own(&self, value: ValueRef) -> Sure {
        match self.whose(value) {
            Whose::Own => Sure::Yes,
            Whose::Unknown => Sure::Maybe,
            Whose::Caller | Whose::Wanted => Sure::No,
        }
    }

    /// What it proves that one value is in another, which must be a list.
    pub(super) fn held_in(&self, given: ValueRef, list: ValueRef) -> Sure {
        let flow = self.passage.flow;
        if self.is_given(list) {
            let is_secret = self.passage.wanted == Checks::Credentials && !self.is_given(given);
            return if is_secret { self.secret(given) } else { Sure::No };
        }
        if !self.is_given(given) {
            return Sure::No;
        }
        let written = flow.defined_as(list).unwrap_or(list);
        let is_text = matches!(flow.kind(written), ValueKind::Text(_) | ValueKind::Template(_))
            || matches!(flow.kind(written), ValueKind::Call(call) if call.kind == CallKind::Macro)
            || matches!(flow.asking(|| flow.meaning(list, &None)).0, Meaning::Text(..))
            || self.passage.wanted == Checks::Credentials && requests::credential(flow, list).is_some();
        if is_text { Sure::No } else { self.by_own(list).min(self.unless_blank(given, list, false)) }
    }

    /// `list.indexOf(given)` that is not -1.
    pub(super) fn found_in(&self, value: ValueRef) -> Sure {
        let ValueKind::Call(call) = self.passage.flow.kind(value) else { return Sure::No };
        match self.callee_name(value.module, call).as_str() {
            "indexOf" | "findIndex" | "Index" | "find" => self.member(value, call),
            _ => Sure::No,
        }
    }

    /// `list.indexOf(given) >= 0`
    pub(super) fn by_position(&self, operator: Operator, left: ValueRef, right: ValueRef, side: bool) -> Sure {
        let number = self.passage.flow.sources.slice(self.passage.flow.span(right));
        let is_found = match (operator, number) {
            (Operator::GreaterEqual, "0") | (Operator::Greater, "-1") => true,
            (Operator::Less, "0") | (Operator::LessEqual, "-1") => false,
            _ => return Sure::No,
        };
        if is_found == side { self.found_in(left) } else { Sure::No }
    }

    /// `origin.startsWith("http://localhost:")`: the end of what is asked for must be an end of the name.
    fn held_by_end(&self, parts: &[ValueRef], is_prefix: bool) -> Sure {
        let flow = self.passage.flow;
        let [subject, end, ..] = parts else { return Sure::No };
        if !self.is_given(*subject) || self.is_given(*end) {
            return Sure::No;
        }
        if self.passage.wanted == Checks::Credentials {
            return self.secret(*end);
        }
        let is_closed = |text: &str| match is_prefix {
            true => text.len() > 8 && text.ends_with([':', '/']),
            false => text.starts_with(['.', '/']) && text.len() > 2,
        };
        match flow.asking(|| flow.meaning(*end, &None)).0 {
            Meaning::Text(text, _) if is_closed(&text) => Sure::Yes,
            Meaning::Text(..) => Sure::No,
            Meaning::List(items) => {
                let all = items.iter().all(|item| flow.force(&item.value).text().is_some_and(|text| is_closed(text)));
                if all && !items.is_empty() { Sure::Yes } else { Sure::No }
            }
            _ => Sure::No,
        }
    }

    /// A pattern must hold the whole name.
    fn by_pattern(&self, name: &str, parts: &[ValueRef]) -> Sure {
        let flow = self.passage.flow;
        if self.passage.wanted == Checks::Credentials {
            return Sure::No;
        }
        let pattern = parts.iter().filter(|part| !self.is_given(**part)).find_map(|part| {
            match flow.asking(|| flow.meaning(*part, &None)).0 {
                Meaning::Regex(pattern) | Meaning::Text(pattern, _) => Some(pattern),
                Meaning::Made(made) => match flow.force(&made.arguments.first()?.value) {
                    Meaning::Regex(pattern) | Meaning::Text(pattern, _) => Some(pattern),
                    _ => None,
                },
                _ => None,
            }
        });
        match pattern {
            None => Sure::Maybe,
            Some(pattern) => {
                let pattern = pattern.trim_matches('/');
                let is_begun = pattern.starts_with('^')
                    || matches!(name, "match" | "fullmatch")
                        && flow.module(parts[0]).language == crate::code::Language::Python;
                let is_ended = pattern.ends_with('$') || name == "fullmatch";
                let is_one = !is_split(pattern);
                if is_begun && is_ended && is_one { Sure::Yes } else { Sure::No }
            }
        }
    }

    /// `list.some((one) => one === given)`, `any(one == given for one in list)`.
    fn over_elements(&self, at: ValueRef, call: &Call, side: bool) -> Sure {
        let flow = self.passage.flow;
        let name = self.callee_name(at.module, call);
        if !matches!(
            name.as_str(),
            "some"
                | "any"
                | "find"
                | "every"
                | "all"
                | "ContainsFunc"
                | "IndexFunc"
                | "is_some_and"
                | "map_or"
                | "filter"
        ) {
            return Sure::No;
        }
        let over = self.parts(at, call).first().map_or(Sure::Yes, |list| match self.is_given(*list) {
            true => Sure::Yes,
            false => self.by_own(*list),
        });
        let mut best = Sure::No;
        for argument in &call.arguments {
            let value = value_in(at.module, argument.value);
            best = best.max(match flow.kind(value) {
                ValueKind::Function(function) => {
                    let answers = self.closure_answers(function_in(at.module, *function));
                    if side { answers } else { Sure::No }
                }
                ValueKind::Comprehension(all) if side => self.proves(value_in(at.module, all.element), true),
                _ => Sure::No,
            });
        }
        best.min(over)
    }

    /// A closure over elements: its parameters are none of the request's.
    fn closure_answers(&self, function: FunctionRef) -> Sure {
        let returns = &self.passage.flow.scopes(function.module).returns[function.id.index()];
        let tail = self.passage.flow.function(function).body.tail;
        let all = returns.iter().chain(tail.iter()).map(|id| value_in(function.module, *id));
        let judged = all.filter_map(|value| match self.passage.flow.kind(value) {
            ValueKind::Bool(false) | ValueKind::Null => None,
            _ => Some(self.proves(value, true)),
        });
        judged.min().unwrap_or(Sure::No)
    }
}

/// Whether a pattern is one of several at its outermost level: `^a|b$`.
fn is_split(pattern: &str) -> bool {
    let mut depth = 0_i32;
    let mut is_escaped = false;
    for c in pattern.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

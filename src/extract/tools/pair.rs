//! Handlers of `tools/list` and `tools/call`: what is listed, and what is told apart by name.

use crate::code::{Name, Operator, ValueKind};
use crate::extract::tools::draft::{self, Draft, Drafts, Validation};
use crate::extract::tools::register::{Registrar, place_of};
use crate::extract::tools::sdk::{Handlers, Role, ServerKind, Slots};
use crate::extract::tools::server::{Key, KindId, canonical};
use crate::extract::tools::site::{self, Told};
use crate::extract::tools::walked::Walked;
use crate::extract::tools::{called, enforced, handed::to_former, listing::begun};
use crate::flow::calls::Reached;
use crate::flow::meaning::{Item, Meaning, Passed, Within, push};
use crate::flow::{Flow, Frame, FunctionRef, In, ValueRef};
use crate::model::offer::OfferKind;
use crate::model::{Known, Spanned};

/// Stand-in for the name of the tool that is called.
pub(super) const TOOL_NAME: Meaning = Meaning::Symbol("the name of the tool");
/// Functions that a name is handed on to, at most.
pub(super) const MAX_WAY: u32 = 3;

/// One handler that was found for a request.
pub(super) struct Found<'a> {
    pub role: Role,
    pub how: &'a Handlers,
    pub meaning: Meaning,
    pub at: ValueRef,
}

impl Registrar<'_> {
    /// Reads the pairs of a call, if it gives a handler of one of the two requests.
    pub fn pair_of_call(
        &self,
        at: ValueRef,
        name: &Name,
        reached: &Reached,
        key: Key,
        kind: KindId,
        drafts: &mut Drafts,
    ) {
        let flow = self.kinds.flow;
        let (table, frame) = (self.kinds.kind(kind), &reached.frame);
        for how in table.handlers.iter().filter(|how| how.method.as_deref() == Some(name.as_str())) {
            let told = Told::Arguments(flow.passed(at, frame));
            let role = how.role.or_else(|| self.role_of(how, &told));
            let given = how.handler.as_ref().and_then(|slot| site::first(flow, &told, std::slice::from_ref(slot)));
            let meaning = given.map(|given| given.meaning).or_else(|| self.subject(at, reached));
            let (Some(role), Some(meaning)) = (role, meaning) else { continue };
            let draft = drafts.entry(key).or_insert_with(|| Draft::new(key, kind, place_of(flow, key, at)));
            if matches!(role, Role::List | Role::Call) {
                draft.sites.insert(at.module);
            }
            self.handler(&Found { role, how, meaning, at }, table, draft);
        }
    }

    /// Reads the pairs that a constructor is given.
    pub fn pairs_of_constructor(&self, at: ValueRef, arguments: &[Passed], table: &ServerKind, draft: &mut Draft) {
        let told = Told::Arguments(arguments.to_vec());
        for how in table.handlers.iter().filter(|how| how.is_of_constructor()) {
            let given =
                how.handler.as_ref().and_then(|slot| site::first(self.kinds.flow, &told, std::slice::from_ref(slot)));
            let (Some(role), Some(given)) = (how.role, given) else { continue };
            self.handler(&Found { role, how, meaning: given.meaning, at }, table, draft);
        }
    }

    /// The request that the key of a handler names.
    pub(super) fn role_of(&self, how: &Handlers, told: &Told) -> Option<Role> {
        let flow = self.kinds.flow;
        let key = site::first(flow, told, std::slice::from_ref(how.key.as_ref()?))?;
        let named = match &key.meaning {
            Meaning::Outside(name) | Meaning::Text(name, _) => Some(name.clone()),
            _ => None,
        };
        if let Some(named) = named {
            let named = canonical(&named);
            let is_in = |all: &[String]| all.iter().any(|one| canonical(one) == named);
            return how.roles().into_iter().find(|(_, all)| is_in(all)).map(|(role, _)| role);
        }
        let Told::Arguments(arguments) = told else { return None };
        let Some(Meaning::Later(written, _)) = arguments.first().map(|argument| &argument.value) else { return None };
        let defined = flow.defined_as(*written)?;
        let mut named = how.roles().into_iter().filter(|(_, all)| self.mentions(defined, all, 6));
        match (named.next(), named.next()) {
            (Some((role, _)), None) => Some(role),
            _ => None,
        }
    }

    /// Whether an expression holds one of these texts.
    fn mentions(&self, value: ValueRef, texts: &[String], depth: u32) -> bool {
        let kind = self.kinds.flow.kind(value);
        if let ValueKind::Text(text) = kind {
            return texts.iter().any(|one| one.as_str() == text.as_str());
        }
        if depth == 0 {
            return false;
        }
        let mut found = false;
        crate::code::walk::children(kind, &mut |child| {
            found = found || self.mentions(In { module: value.module, id: child }, texts, depth - 1);
        });
        found
    }

    pub(super) fn handler(&self, found: &Found, table: &ServerKind, draft: &mut Draft) {
        let flow = self.kinds.flow;
        match found.role {
            Role::List => self.listed(found, table, draft),
            Role::Read => self.offered_by_request(OfferKind::Resource, found, draft),
            Role::Get => self.offered_by_request(OfferKind::Prompt, found, draft),
            Role::Prompts => self.offers_listed(OfferKind::Prompt, found, draft),
            Role::Resources => self.offers_listed(OfferKind::Resource, found, draft),
            Role::Call => {
                let Some((function, frame)) = site::closure(flow, &found.meaning) else {
                    draft.open(flow.span(found.at), "calls are dispatched by something that was not found");
                    draft.is_dispatch_open = true;
                    return;
                };
                if draft.call_handler.is_none() {
                    draft.call_handler = Some(function);
                    // What implements a trait stands around the router of the same type.
                    let is_above = table.layer == "high-level" && found.how.traits.is_empty();
                    draft.call_overrides = is_above && !self.lets_former_answer(found);
                    draft.call_made_by = draft::made_by(flow, &frame);
                    draft.call_names = called::name_places(&found.how.tool_name);
                }
                let is_off = enforced::is_switched_off(flow, found.at, found.how);
                draft.call_validation = (
                    if is_off { Some(false) } else { found.how.validates.or(table.validates) },
                    found.how.unknown_keys.clone().or_else(|| table.unknown_keys.clone()),
                );
                self.dispatched(found, function, draft);
            }
        }
    }

    fn listed(&self, found: &Found, table: &ServerKind, draft: &mut Draft) {
        let flow = self.kinds.flow;
        let place = flow.span(found.at);
        let Meaning::Function(function, captured, this) = &found.meaning else {
            draft.open(place, "the list of tools is made by something that was not found");
            return;
        };
        let (mut list, _) = flow.asking(|| flow.returned(*function, Vec::new(), this.clone(), None, captured));
        if list.alternatives().iter().any(|one| to_former(flow, one, &found.how.list)) {
            return;
        }
        let before = draft.openings.len();
        draft.has_list = true;
        draft.list_handler.get_or_insert(*function);
        if let Some(member) = &found.how.tools {
            list = of_result(flow, &list, &Name::new(member));
        }
        let validation = Validation { validates: found.how.validates.or(table.validates), unknown_keys: None };
        // Of several lists that may be returned, what is on all of them is there for sure.
        let tells =
            |one: &&Meaning| !matches!(one, Meaning::Null) && !matches!(one, Meaning::List(all) if all.is_empty());
        let lists: Vec<Meaning> = list.alternatives().iter().filter(tells).cloned().collect();
        let mut seen: Vec<(crate::model::tool::Tool, usize)> = Vec::new();
        for list in &lists {
            let (items, _) = flow.asking(|| flow.items(list));
            let Some(items) = items else {
                draft.is_unfollowed = true;
                draft.open(place, format!("the list of tools {}", site::reason(list)));
                continue;
            };
            self.list_items(&items, found.at, validation, draft, &mut seen);
        }
        for (mut tool, times) in seen {
            if times < lists.len() {
                tool.condition = Known::is("only on some lists".to_string(), tool.about.span);
            }
            draft.add(tool);
        }
        if lists.is_empty() {
            draft.open(place, "the list of tools is only known at run time");
        }
        self.sift(found, *function, before, draft);
    }

    fn list_items(
        &self,
        items: &[Item],
        at: ValueRef,
        validation: Validation,
        draft: &mut Draft,
        seen: &mut Vec<(crate::model::tool::Tool, usize)>,
    ) {
        let flow = self.kinds.flow;
        for item in items {
            if item.is_rest {
                draft.open(flow.span(at), "the list of tools holds some that are only known at run time");
                continue;
            }
            match self.whole_tool(&item.value, at, validation, &Slots::default()) {
                Ok(tool) => {
                    let sure = usize::from(!item.optional);
                    match seen.iter_mut().find(|(other, _)| other.about.name == tool.about.name) {
                        Some((_, times)) => *times += sure,
                        None => seen.push((tool, sure)),
                    }
                }
                Err(opening) => draft.open(opening.span, opening.value),
            }
        }
    }

    /// The names that the handler of calls tells apart.
    fn dispatched(&self, found: &Found, function: FunctionRef, draft: &mut Draft) {
        let Meaning::Function(_, captured, this) = &found.meaning else {
            draft.is_dispatch_open = true;
            return;
        };
        let places = called::name_places(&found.how.tool_name);
        let other = |_| Meaning::Unknown("part of the request");
        let arguments = called::request(self.kinds.flow, function, &places, &TOOL_NAME, &other);
        let entry = Within::Call { function, arguments, this: this.clone(), at: None };
        let frame = push(captured, entry);
        self.arms((function, &frame), MAX_WAY, &mut Walked::default(), draft);
    }

    /// The arms of one function that is given the name, and of those it hands the name on to.
    pub(super) fn arms(
        &self,
        (function, frame): (FunctionRef, &Frame),
        way: u32,
        walked: &mut Walked,
        draft: &mut Draft,
    ) {
        let flow = self.kinds.flow;
        let module = flow.module(function);
        for at in flow.values_inside(function) {
            match flow.kind(at) {
                ValueKind::Binary { operator: Operator::Equal | Operator::In, left, right } => {
                    self.compared(at, *left, *right, frame, draft);
                }
                ValueKind::Index { base, key } if self.is_name(In { module: at.module, id: *key }, frame) => {
                    self.looked_up(In { module: at.module, id: *base }, frame, draft);
                }
                ValueKind::Call(call) => self.handed_on((at, call), frame, (way, walked), draft),
                ValueKind::Match(chosen) => self.matched(at.module, chosen, frame, draft),
                _ => {}
            }
        }
        let mut matches = Vec::new();
        collect_matches(&module.function(function.id).body, &mut matches, 0);
        for chosen in matches {
            self.matched(function.module, chosen, frame, draft);
        }
    }

    fn is_name(&self, value: ValueRef, frame: &Frame) -> bool {
        let flow = self.kinds.flow;
        if !matches!(
            flow.kind(value),
            ValueKind::Name(_) | ValueKind::Field { .. } | ValueKind::Call(_) | ValueKind::Index { .. }
        ) {
            return false;
        }
        let (meaning, _) = flow.asking(|| flow.meaning(value, frame));
        meaning.alternatives().iter().any(is_tool_name)
    }

    fn compared(
        &self,
        at: ValueRef,
        left: crate::code::ValueId,
        right: crate::code::ValueId,
        frame: &Frame,
        draft: &mut Draft,
    ) {
        let flow = self.kinds.flow;
        let of = |id| In { module: at.module, id };
        let other = match (self.is_name(of(left), frame), self.is_name(of(right), frame)) {
            (true, false) => of(right),
            (false, true) => of(left),
            _ => return,
        };
        let (meaning, _) = flow.asking(|| flow.meaning(other, frame));
        self.arm(&meaning, flow.span(at), draft);
    }

    fn arm(&self, meaning: &Meaning, span: crate::source::Span, draft: &mut Draft) {
        let flow = self.kinds.flow;
        match meaning {
            Meaning::Text(name, _) => draft.arms.push((Spanned::new(name.to_string(), span), None)),
            Meaning::List(_) | Meaning::Map(_) | Meaning::Each(_) => {
                for item in site::each(flow, meaning) {
                    match flow.force(&item.value) {
                        Meaning::Text(name, _) if !item.is_rest => {
                            draft.arms.push((Spanned::new(name.to_string(), span), None))
                        }
                        _ => draft.is_dispatch_open = true,
                    }
                }
            }
            _ => draft.is_dispatch_open = true,
        }
    }

    fn matched(&self, module: crate::flow::ModuleId, chosen: &crate::code::Match, frame: &Frame, draft: &mut Draft) {
        let flow = self.kinds.flow;
        let Some(subject) = chosen.subject else { return };
        if !self.is_name(In { module, id: subject }, frame) {
            return;
        }
        for arm in &chosen.arms {
            for pattern in &arm.patterns {
                if let crate::code::Pattern::Value(value) = pattern {
                    let (meaning, _) = flow.asking(|| flow.meaning(In { module, id: *value }, frame));
                    self.arm(&meaning, arm.span, draft);
                }
            }
        }
    }

    /// A table of handlers: its keys are the names.
    fn looked_up(&self, base: ValueRef, frame: &Frame, draft: &mut Draft) {
        let flow = self.kinds.flow;
        let (meaning, _) = flow.asking(|| flow.meaning(base, frame));
        let Meaning::Map(entries) = &meaning else {
            draft.is_dispatch_open = true;
            return;
        };
        for entry in entries.iter() {
            match &entry.key {
                Some(key) => {
                    let function = site::closure(flow, &entry.value).map(|found| draft::closure_of(flow, &found));
                    draft.arms.push((Spanned::new(key.name.to_string(), key.span), function));
                }
                None => draft.is_dispatch_open = true,
            }
        }
    }

    fn handed_on(
        &self,
        (at, call): (ValueRef, &crate::code::Call),
        frame: &Frame,
        (way, walked): (u32, &mut Walked),
        draft: &mut Draft,
    ) {
        let flow = self.kinds.flow;
        let callee = In { module: at.module, id: call.callee };
        if let Some((base, method)) = self.kinds.field_of(callee)
            && matches!(method.as_str(), "get" | "find")
        {
            let is_by_name = call
                .arguments
                .first()
                .is_some_and(|argument| self.is_name(In { module: at.module, id: argument.value }, frame));
            if is_by_name && method == "get" {
                return self.looked_up(base, frame, draft);
            }
        }
        if way == 0 {
            return;
        }
        let passed = flow.passed(at, frame);
        let mentions = |argument: &Passed| {
            let meaning = flow.asking(|| flow.force(&argument.value)).0;
            is_tool_name(&meaning) || is_request(&meaning)
        };
        if !passed.iter().any(mentions) {
            return;
        }
        let (meaning, _) = flow.asking(|| flow.meaning(callee, frame));
        match &meaning {
            Meaning::Function(inner, captured, this) => {
                let is_plain = captured.is_none() && this.is_none();
                let given = is_plain.then(|| Walked::given(flow, &passed));
                let known = given.as_ref().and_then(|given| walked.found_any(flow, (*inner, way), given));
                if let Some(found_any) = known {
                    draft.is_dispatch_open |= !found_any;
                    return;
                }
                let entry = Within::Call { function: *inner, arguments: passed, this: this.clone(), at: Some(at) };
                if captured.as_ref().map_or(0, |level| level.depth) < 8 {
                    let before = draft.arms.len();
                    self.arms((*inner, &push(captured, entry)), way - 1, walked, draft);
                    let found_any = draft.arms.len() != before;
                    draft.is_dispatch_open |= !found_any;
                    given.into_iter().for_each(|given| walked.keep((*inner, way), given, found_any));
                }
            }
            Meaning::Outside(_) => {}
            _ => draft.is_dispatch_open = true,
        }
    }
}

/// The list in a result: a member of it, or the one thing that the result was made of.
pub(super) fn of_result(flow: &Flow, result: &Meaning, member: &Name) -> Meaning {
    let one = |result: &Meaning| match (flow.member(result, member), begun(result)) {
        (Meaning::Member(..), Meaning::Made(made)) => match &made.arguments[..] {
            [only] if only.name.is_none() => match flow.force(&only.value) {
                inner @ Meaning::Made(_) => known_member(flow, inner, member),
                list => list,
            },
            _ => Meaning::Unknown("is made by something outside the tree"),
        },
        (found, _) => found,
    };
    match result {
        Meaning::Choice(all) => Meaning::any(all.iter().map(one).collect()),
        only => one(only),
    }
}

/// A member of a result that another one wraps: `ServerResult(ListToolsResult(tools=…))`.
fn known_member(flow: &Flow, result: Meaning, member: &Name) -> Meaning {
    match flow.member(&result, member) {
        Meaning::Member(..) => result,
        found => found,
    }
}

fn is_tool_name(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Symbol(_))
}

fn is_request(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Map(entries) if entries.iter().any(|entry| {
        is_tool_name(&entry.value) || is_request(&entry.value)
    }))
}

fn collect_matches<'b>(block: &'b crate::code::Block, into: &mut Vec<&'b crate::code::Match>, depth: u32) {
    use crate::code::StatementKind as Kind;
    if depth > 200 {
        return;
    }
    for statement in &block.statements {
        match &statement.kind {
            Kind::Match(chosen) => {
                into.push(chosen);
                chosen.arms.iter().for_each(|arm| collect_matches(&arm.body, into, depth + 1));
            }
            Kind::If { then, otherwise, .. } => {
                [then, otherwise].into_iter().for_each(|block| collect_matches(block, into, depth + 1))
            }
            Kind::Loop { body, otherwise, .. } => {
                [body, otherwise].into_iter().for_each(|block| collect_matches(block, into, depth + 1))
            }
            Kind::Try(attempt) => {
                [&attempt.body, &attempt.otherwise, &attempt.finally]
                    .into_iter()
                    .for_each(|block| collect_matches(block, into, depth + 1));
                attempt.handlers.iter().for_each(|handler| collect_matches(&handler.body, into, depth + 1));
            }
            Kind::With { body, .. } | Kind::Block(body) => collect_matches(body, into, depth + 1),
            _ => {}
        }
    }
}

//! Calls of what is not in the tree: effects, guards, values that stand for others, callbacks.

use std::collections::BTreeMap;

use crate::code::{Language, Name, ValueKind};
use crate::flow::Meaning;
use crate::flow::effects::{ArgumentSlot, Guard, Slot};
use crate::flow::meaning::value_in;
use crate::model::Note;
use crate::taint::address::{BELOW_OF, TRIMMED_OF, marked, of_piece, parts_of_url, resolved_against};
use crate::taint::call::{Calling, Given};
use crate::taint::condition::proofs;
use crate::taint::entry::ONE_ARGUMENT;
use crate::taint::format::filled;
use crate::taint::headers::{Role, is_header};
use crate::taint::join::{climbs, concat, mix, number};
use crate::taint::lists::collection_of;
use crate::taint::pieces::{is_resolved_again, is_split, joined_path, written_member};
use crate::taint::shared::Event;
use crate::taint::test::{is_chosen, is_of_own_root, told};
use crate::taint::{Begin, Proofs, Shade, WHOLE, Walk, names};

/// Methods that give the same text in another dress.
const SAME: &[&str] = &[
    "trim",
    "toString",
    "toLowerCase",
    "toUpperCase",
    "valueOf",
    "trimEnd",
    "trimStart",
    "lower",
    "upper",
    "casefold",
    "strip",
    "lstrip",
    "to_lowercase",
    "to_ascii_lowercase",
];
/// Methods that give their receiver in another wrapping.
const UNWRAPS: &[&str] = &["clone", "copy", "encode", "decode", "hexdigest"];
/// Methods whose result is what the function that they are given makes.
const EACH: &[&str] = &["map", "flatMap", "then"];
/// Methods that hand the number of the turn over beside the element.
const COUNTING: &[&str] = &["map", "flatMap", "filter", "some", "every", "find", "findIndex"];
/// Methods that give pieces.
const PIECES: &[&str] = &["split", "partition", "slice", "filter", "substring", "at", "shift", "pop"];

impl<'a> Walk<'a> {
    /// What a call of something outside gives back.
    pub(crate) fn outside(&mut self, calling: &Calling<'a>, callee: &Meaning) -> Shade {
        let shade = self.answered(calling, callee);
        let is_of_text = calling.method.as_deref().is_some_and(|method| ["split", "map", "slice"].contains(&method));
        match calling.receiver.as_ref().filter(|receiver| is_of_text && receiver.proofs.has(Proofs::LOOKED_UP)) {
            // The numbers of an address tell of the address.
            Some(address) if shade.is_tainted() => {
                Shade { of: address.of.clone(), proofs: shade.proofs | Proofs::LOOKED_UP, ..shade }
            }
            _ => shade,
        }
    }

    fn answered(&mut self, calling: &Calling<'a>, callee: &Meaning) -> Shade {
        let language = self.flow.module(calling.at).language;
        let Some(table) = self.effects.of(language) else { return self.unknown_call(calling) };
        self.note_disallowed(calling);
        if self.adds_issue(calling) {
            return Shade::default();
        }
        if let Some(shade) = self.handed_over(calling).or_else(|| self.of_request_call(calling)) {
            return shade;
        }
        if let Some(shade) = self.by_standard_schema(calling).or_else(|| self.by_model(calling, callee)) {
            return shade;
        }
        let name = self.flow.asking(|| names::of_callee(self.flow, callee, table)).0;
        let name = name.or_else(|| self.declared_name(calling, table));
        let named = name.unwrap_or_default();
        let unnamed = self.path_method(calling, &named, table);
        let name =
            if table.value_of(&unnamed).is_some() || !table.guards(&unnamed).is_empty() { &unnamed } else { &named };
        let name = name.as_str();
        if table.exits(name) {
            self.effects(calling, table, callee, name);
            self.left = true;
            return Shade::default();
        }
        if let Some(shade) = self.kept_or_given(calling, table, callee, name) {
            return shade;
        }
        if let Some(shade) = self.in_thread(calling, name) {
            return shade;
        }
        if self.fills(calling, table, name) {
            return Shade::default();
        }
        self.prints(calling, table, name);
        self.copies(calling, name);
        self.guards_that_raise(calling, callee, table.guards(name));
        self.note_executors(calling, name);
        let called_back = self.callbacks(calling);
        if let Some(words) = self.built(calling, name) {
            self.effects(calling, table, callee, name);
            return words;
        }
        if let Some(found) = self
            .pieces(calling, name)
            .or_else(|| self.appended(calling, name))
            .or_else(|| self.altered(calling, table, name))
        {
            return found;
        }
        if let Some(text) = self.substituted(calling, name) {
            return text.step(self.flow.span(calling.at), &format!("goes through `{name}`"));
        }
        if let Some(of) = table.value_of(name) {
            self.effects(calling, table, callee, name);
            let mut shade = self.slot(calling, &of.of);
            if let Some(base) = &of.against {
                shade = resolved_against(&self.slot(calling, base), shade);
            }
            let is_proven = of.only_when.as_ref().is_none_or(|when| self.holds(calling, when));
            let mut proves = if is_proven { proofs(&of.proves) } else { Proofs::NONE };
            // An absolute path begins with a separator or a drive.
            let chosen = calling.given.iter().filter(|given| is_chosen(&given.shade)).count();
            // From one choice of a caller to another: what is told of the way says nothing of where it ends.
            if chosen > 1 && proves.has(Proofs::RELATIVE) {
                proves = proves.without(Proofs::RELATIVE);
                shade.of.clear();
            }
            if proves.has(Proofs::RESOLVED) {
                proves |= Proofs::NOT_FLAG;
            }
            if shade.begin != Begin::Argument && of.proves.iter().any(|proof| proof == "resolved-below") {
                proves |= Proofs::RESOLVED;
            }
            // `Clean("/" + x)`: whatever leads upwards ends at the root, so that it stays below what it is joined to.
            if name.ends_with(".Clean") && shade.begin == Begin::Text(Name::new("/")) {
                proves |= Proofs::BELOW;
            }
            // What was one word before needs no quotes of its own.
            if shade.proofs.any(Proofs::SHELL_WORD | Proofs::NUMBER | Proofs::CHOICE) {
                proves = proves.without(Proofs::SHELL_QUOTED);
            }
            if proves.any(Proofs::PAIRS | Proofs::CODE_SAFE | Proofs::SHELL_WORD | Proofs::LOG_SAFE) {
                shade = Shade { is_bag: false, ..shade.whole() };
            }
            // What is only lost under a condition stays without it.
            let is_losing = is_proven || !of.proves.is_empty();
            let loses: &[String] = if is_losing { &of.loses } else { &[] };
            // No piece of a word is a flag that the word was not.
            let is_word = shade.proofs.any(Proofs::SHELL_WORD | Proofs::NUMBER | Proofs::CHOICE);
            let lost = if is_word { proofs(loses).without(Proofs::NOT_FLAG) } else { proofs(loses) };
            let kept = shade.proofs.without(lost) | proves;
            let mut shade = Shade { proofs: kept, ..shade };
            // What is told of the last component says nothing of the folders before it, nor what is decoded of what it was.
            if of.proves.iter().any(|proof| proof == "base-name") || loses.iter().any(|proof| proof == "text") {
                shade.of.clear();
            }
            let mut shade =
                if proves.has(Proofs::VALIDATED) { self.let_through(calling, callee, shade) } else { shade };
            self.note_parsed(calling, &shade);
            // `u.Hostname()`: a method that gives the host tells of the host.
            let part = calling.method.as_deref().filter(|_| matches!(of.of, Slot::Receiver(_)));
            let of_part = part.map(|part| parts_of_url(part, &shade.of)).unwrap_or_default();
            if !of_part.is_empty() {
                shade.of = of_part;
            }
            return shade.step(self.flow.span(calling.at), &format!("goes through `{name}`"));
        }
        if let Some(each) =
            called_back.clone().filter(|_| calling.method.as_deref().is_some_and(|one| EACH.contains(&one)))
        {
            let is_list = calling.method.as_deref() == Some("map");
            return if is_list { collection_of(each) } else { each };
        }
        if let Some(text) = self.end_taken_out(calling, name) {
            return text;
        }
        if let Some(list) = self.rearranged(calling).or_else(|| self.taken_off(calling)) {
            return list;
        }
        if let Some(text) = self.of_characters(calling) {
            return text;
        }
        if let Some(same) = self.handed_on(calling, called_back.as_ref()) {
            return same;
        }
        if let Some(text) = self.text_method(calling).filter(|_| table.effects_of(name).next().is_none()) {
            return text;
        }
        if let Some(result) = self.effects(calling, table, callee, name) {
            return result;
        }
        if table.is_clean(name) {
            return Shade::default();
        }
        let is_own = table.is_of_own_object(name);
        // What a file is said to hold that is not there is not known.
        let is_unnamed = name.is_empty() || is_own || name.starts_with('.');
        if is_unnamed && !self.is_harmless(calling, callee, is_own) {
            if let Some(shade) = self.by_declared_type(calling) {
                return shade;
            }
            self.happens(Event::Unresolved(self.flow.span(calling.at)));
        }
        let is_result = matches!(callee, Meaning::Made(_)) && calling.method.is_none();
        if (is_result || table.is_unlisted(name)) && self.is_given_text(calling) {
            self.happens(Event::Unresolved(self.flow.span(calling.at)));
        }
        if let Some(package) = table.unknown_package(name) {
            self.happens(Event::Foreign(package.to_string(), self.flow.span(calling.at)));
        }
        self.unknown_call(calling)
    }

    /// The shade in a slot of a call.
    pub(crate) fn slot(&mut self, calling: &Calling<'a>, slot: &Slot) -> Shade {
        match slot {
            Slot::Receiver(_) => calling.receiver.clone().unwrap_or_default(),
            Slot::Argument(slot) => {
                if *slot == ArgumentSlot::default() {
                    let is_joined = self.joins_a_folder(calling);
                    let joined = calling.receiver.clone().filter(|receiver| is_joined || receiver.holds_any());
                    let given = calling.given.iter().map(|given| given.shade.clone());
                    let all: Vec<Shade> = joined.into_iter().chain(given).collect();
                    let of: Vec<Name> = all.iter().flat_map(|shade| shade.of.clone()).collect();
                    let of = if climbs(&all) { Vec::new() } else { of };
                    let is_same = is_resolved_again(calling, &all);
                    let of = if !is_same && self.is_below_own(calling, &all) { marked(&of, BELOW_OF) } else { of };
                    return Shade { of, ..concat(&all) };
                }
                let found = argument(&calling.given, slot.position, slot.keyword.as_deref());
                let shade = found.map(|given| given.shade.clone()).unwrap_or_default();
                match &slot.field {
                    // A text has no members: `https.request("https://example.com/" + path)`.
                    Some(_) if shade.is_there && shade.parts.is_empty() => Shade::default(),
                    Some(field) if field.contains('.') => written_member(shade, field),
                    Some(field) => self.member(&shade, &Name::new(field), None),
                    None => shade,
                }
            }
        }
    }

    /// Whether what is joined begins with a folder of the program's own, other than the one it runs in.
    fn is_below_own(&self, calling: &Calling<'a>, all: &[Shade]) -> bool {
        let first = match self.flow.kind(value_in(calling.at.module, calling.code.callee)) {
            ValueKind::Field { base, .. } if self.joins_a_folder(calling) => Some(*base),
            _ => calling.code.arguments.first().map(|first| first.value),
        };
        let (Some(first), true) = (first, all.len() > 1) else { return false };
        let text = self.flow.sources.slice(self.flow.span(value_in(calling.at.module, first)));
        let is_here = ["cwd", "Getwd", "current_dir"].iter().any(|word| text.contains(word));
        !is_here && all.first().is_some_and(|first| !first.holds_any())
    }

    /// A call whose effect is not known: what it is given may come back, and may be held by its receiver.
    pub(crate) fn unknown_call(&mut self, calling: &Calling<'a>) -> Shade {
        if let Some(member) = self.looked_up(calling) {
            return member;
        }
        if let Some(text) = self.formatted(calling) {
            return text;
        }
        self.unknown = Some(calling.at);
        let given: Vec<Shade> = calling.given.iter().map(|given| given.shade.clone()).collect();
        self.fill(calling);
        let receiver = calling.receiver.clone().unwrap_or_default();
        let mut result = mix(std::slice::from_ref(&receiver)).with(&mix(&given));
        if calling.given.iter().all(|given| !given.shade.holds_any()) {
            result.begin = receiver.begin;
        }
        let kept = Proofs::NUMBER | Proofs::LOG_SAFE;
        let whole = kept.shared(result.proofs);
        let apart = std::mem::take(&mut result.apart);
        let apart = apart.into_iter().map(|(name, proofs)| (name, kept.shared(proofs))).collect();
        // What an object of the program's own answers is not what it was asked.
        let is_answer = calling.receiver.as_ref().is_some_and(|receiver| !receiver.holds_any());
        let proofs = if is_answer && self.awaiting > 0 { whole | Proofs::LOG_SAFE } else { whole };
        let role = self.is_record(calling).then_some(Role::Record).or(result.role);
        let shade = Shade { proofs, apart, role, of: Vec::new(), constant: None, ..result };
        let shade = self.made_of_all(calling, shade);
        let result = self.credentials_spent(calling, shade);
        self.token_kept(calling, result)
    }

    /// Methods of texts that every language has: those that change nothing that matters, and those that clean.
    fn text_method(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let receiver = calling.receiver.as_ref()?;
        let method = calling.method.as_deref()?;
        if let Some(piece) = self.shortened(calling) {
            return Some(piece);
        }
        if SAME.contains(&method) && receiver.items.is_none() {
            let text = trimmed(method, receiver.whole());
            let proofs = text.proofs | self.without_slashes_before(calling);
            return Some(Shade { proofs, constant: None, ..text });
        }
        if method == "keys" {
            return Some(receiver.clone().safe_to_log().whole());
        }
        if matches!(method, "items" | "entries") && calling.given.is_empty() && receiver.holds_any() {
            let whole = receiver.whole();
            return Some(Shade { proofs: whole.proofs | Proofs::PAIRS, of: Vec::new(), ..whole });
        }
        if UNWRAPS.contains(&method) && (!["clone", "copy"].contains(&method) || calling.given.is_empty()) {
            return Some(receiver.clone());
        }
        if self.is_without_end(calling, method) {
            return Some(Shade { constant: None, ..receiver.whole() });
        }
        let whole = Shade { of: of_piece(&receiver.of), constant: None, ..receiver.whole() };
        let told = if method == "filter" { self.kept_by(calling, &whole) } else { Proofs::NONE };
        if method == "filter" && receiver.items.is_some() {
            return Some(Shade { proofs: receiver.proofs | told, ..receiver.clone() });
        }
        if PIECES.contains(&method) {
            let kept = Proofs::NUMBER | Proofs::CHOICE | Proofs::SHELL_WORD | Proofs::LOG_SAFE | Proofs::PAIRS;
            let mut kept = kept | Proofs::PLAIN_NAME | Proofs::WORDS;
            if self.keeps_beginning(calling, method) {
                kept |= Proofs::WEAK_UNSET;
            }
            // What holds only harmless characters has no other pieces.
            let harmless = Proofs::SHELL_WORD | Proofs::SQL_SAFE;
            if whole.proofs.has(harmless) && !whole.proofs.has(Proofs::SHELL_QUOTED) {
                kept |= harmless | Proofs::CODE_SAFE;
            }
            let mut apart: BTreeMap<Name, Proofs> =
                whole.apart.iter().map(|(name, proofs)| (name.clone(), kept.shared(*proofs))).collect();
            // The beginning of one value, or the scheme before a credential, is not the whole of it.
            let is_cut = matches!(method, "slice" | "substring") && calling.given.len() == 2 || is_split(method);
            let of_one = |name: &&Name| *name == ONE_ARGUMENT && !is_split(method) || is_header(name);
            for name in whole.carries.keys().filter(of_one).filter(|_| is_cut) {
                *apart.entry(name.clone()).or_default() |= Proofs::LOG_SAFE;
            }
            let words = if method == "split" && self.splits_at_spaces(calling) { Proofs::WORDS } else { Proofs::NONE };
            let proofs = kept.shared(whole.proofs) | told | words | self.cut_at(calling);
            return Some(Shade { proofs, apart, ..whole });
        }
        self.replaced(calling, method, whole)
    }

    /// What a filter proves of every element that it lets through.
    fn kept_by(&mut self, calling: &Calling<'a>, element: &Shade) -> Proofs {
        let test = calling.given.first().and_then(|given| given.function);
        let Some(test) = test.filter(|test| !self.flow.function(*test).is_async) else { return Proofs::NONE };
        let element = Shade { of: Vec::new(), constant: None, ..element.clone() };
        let parameters = self.flow.function(test).parameters.len();
        let frame = self.here().frame.clone();
        let summary = self.summary(test, vec![element; parameters], Shade::default(), frame, &[]);
        let told = summary.told.get(WHOLE).and_then(|told| told.when_true.first());
        told.copied().unwrap_or_default()
    }

    /// Whether a text is split into words: `text.split()`, `text.split(" ")`, `text.split(/\s+/)`.
    fn splits_at_spaces(&mut self, calling: &Calling<'a>) -> bool {
        calling.given.is_empty()
            || self.pattern(calling, 0).is_some_and(|at| at.trim().is_empty() || at.starts_with("\\s"))
    }

    /// `"…{}…".format(x)`, `sprintf("…%s…", x)`, `format!("…{x}…")`, `sep.join(list)`.
    fn formatted(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let given: Vec<Shade> = calling.given.iter().map(|given| given.shade.whole()).collect();
        let receiver = calling.receiver.as_ref().and_then(|receiver| receiver.constant.clone());
        if calling.method.as_deref() == Some("joinpath") || self.joins_a_folder(calling) {
            let parts: Vec<Shade> = calling.receiver.iter().map(Shade::whole).chain(given).collect();
            return Some(joined_path(&parts));
        }
        if calling.method.as_deref() == Some("join") {
            let first = calling.given.first().map(|given| &given.shade);
            let (list, between) = match first.and_then(|first| first.items.clone()) {
                Some(list) => (list, calling.receiver.as_ref()),
                None => match calling.receiver.as_ref()?.items.clone() {
                    Some(list) => (list, first),
                    None => return self.joined_with_a_constant(calling),
                },
            };
            let between = between.and_then(|between| between.constant.as_ref()).map(Shade::text);
            let each = list.iter().enumerate().flat_map(|(at, item)| {
                let between = between.clone().filter(|_| at > 0);
                between.into_iter().chain([item.clone()])
            });
            return Some(concat(&each.collect::<Vec<_>>()));
        }
        let (text, rest) = match receiver {
            Some(text) => (text, &given[..]),
            None => (given.first()?.constant.clone()?, given.get(1..)?),
        };
        Some(filled(&text, rest)?.step(self.flow.span(calling.at), "put into a text"))
    }

    /// `", ".join(each(x) for x in all)`: what is proven of every element is proven of each in the text.
    fn joined_with_a_constant(&self, calling: &Calling<'a>) -> Option<Shade> {
        let first = &calling.given.first()?.shade;
        let receiver = calling.receiver.as_ref()?;
        let (each, between) = match self.flow.module(calling.at).language {
            Language::Python => (first, receiver),
            Language::TypeScript => (receiver, first),
            // What stands between words is between no folders.
            Language::Rust if first.constant.as_ref()?.contains([',', ' ', '\n']) => (receiver, first),
            Language::Go | Language::Rust => return None,
        };
        let between = Shade::text(between.constant.as_ref()?);
        each.holds_any().then(|| concat(&[each.whole(), between, each.whole()]))
    }

    /// `folder.join(name)` in Rust, whatever made the folder: a list is joined by a constant.
    fn joins_a_folder(&self, calling: &Calling<'a>) -> bool {
        let is_rust = self.flow.module(calling.at).language == Language::Rust;
        let is_folder = calling.receiver.as_ref().is_some_and(|receiver| receiver.items.is_none());
        let given = calling.given.first().filter(|given| given.shade.holds_any());
        is_rust && is_folder && given.is_some() && calling.method.as_deref() == Some("join")
    }

    /// Functions of the tree that are handed over are called, with what else is handed over.
    fn callbacks(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let mut result = None;
        let settled = self.settled.take();
        for (at, given) in calling.given.iter().enumerate() {
            let Some(function) = given.function else { continue };
            let parameters = self.flow.function(function).parameters.len();
            let after: Vec<Shade> = calling.given[at + 1..].iter().map(|given| given.shade.clone()).collect();
            let before = mix(&calling.given[..at].iter().map(|given| given.shade.clone()).collect::<Vec<_>>());
            let held = calling.receiver.clone().unwrap_or_default().element().with(&before);
            let held = Shade { of: Vec::new(), constant: None, ..held };
            let counts = calling.method.as_deref().is_some_and(|method| COUNTING.contains(&method));
            let shade = |position: usize| match after.get(position) {
                Some(given) => given.clone(),
                None if counts && position == 1 => number(),
                None => held.clone(),
            };
            let arguments = (0..parameters).map(shade).collect();
            self.path.push(Note::new(self.flow.span(calling.at), "calls back".to_string()));
            let frame = self.here().frame.clone();
            let proven = self.proven_in_callback(calling, (settled.as_ref(), at));
            let around = proven.map(|proven| std::mem::replace(&mut self.top().env.proven, proven));
            let summary = self.summary(function, arguments, Shade::default(), frame, &[]);
            if let Some(around) = around {
                self.top().env.proven = around;
            }
            self.path.pop();
            self.held_each(calling, function, &summary);
            result = Some(Shade { of: Vec::new(), constant: None, ..summary.result.clone() });
        }
        result
    }

    fn guards_that_raise(&mut self, calling: &Calling<'a>, callee: &Meaning, guards: &[Guard]) {
        let waits = self.awaiting > 0;
        // In Go and Rust an error is a value: it tells something to who looks at it.
        match self.flow.module(calling.at).language {
            Language::Go => return,
            Language::Rust if !self.leaves_on_error => return,
            _ => {}
        }
        for guard in guards.iter().filter(|guard| guard.when == "returns" && (waits || !guard.awaited)) {
            let shade = self.slot(calling, &guard.of);
            let told = if is_of_own_root(calling, guard) { told(guard, &shade) } else { Proofs::NONE };
            let told = self.unless_vacuous(calling, callee, told);
            self.note_schema(calling, callee, guard, &shade.of);
            self.prove(&shade.of, told);
        }
    }
}

/// A text without what stood before it: ` -x` began with no hyphen, unless it held no space at all.
fn trimmed(method: &str, text: Shade) -> Shade {
    let is_word = Proofs::SHELL_WORD | Proofs::NUMBER | Proofs::CHOICE;
    if !matches!(method, "trim" | "trimStart" | "strip" | "lstrip") || text.proofs.any(is_word) {
        return text;
    }
    Shade { proofs: text.proofs.without(Proofs::NOT_FLAG), of: marked(&text.of, TRIMMED_OF), ..text }
}

/// Whether the callee's name says whose method it is, so that a table of methods of unknown objects does not apply.
pub(crate) fn is_own_type(callee: &Meaning, name: &str) -> bool {
    !name.is_empty() && !matches!(callee, Meaning::Parameter(..) | Meaning::Unknown(_))
}

pub(crate) fn argument<'g>(given: &'g [Given], position: Option<usize>, keyword: Option<&str>) -> Option<&'g Given> {
    let by_name = keyword.and_then(|keyword| given.iter().find(|one| one.name.as_deref() == Some(keyword)));
    by_name.or_else(|| {
        let mut left = position?;
        for one in given.iter().filter(|one| one.name.is_none()) {
            if one.is_rest {
                return Some(one);
            }
            if left == 0 {
                return Some(one);
            }
            left -= 1;
        }
        None
    })
}

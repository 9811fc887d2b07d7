//! Tests by what is not in the tree: what their answer proves about the values they look at.

use crate::code::{Call, Language, Name, ValueKind};
use crate::flow::effects::{Guard, Slot, Table};
use crate::flow::meaning::value_in;
use crate::flow::{Meaning, ValueRef};
use crate::taint::address::is_host;
use crate::taint::call::{Calling, Given};
use crate::taint::compared::{membership, refused};
use crate::taint::condition::{proofs, proven_by_pattern, refused_by};
use crate::taint::{Begin, Proofs, Shade, Walk, names};

impl<'a> Walk<'a> {
    /// What a test by something outside proves.
    pub(crate) fn guard_facts(&mut self, at: ValueRef, code: &'a Call, when: &str) -> Vec<(Vec<Name>, Proofs)> {
        let language = self.flow.module(at).language;
        let Some(table) = self.effects.of(language) else { return Vec::new() };
        let callee = value_in(at.module, code.callee);
        let frame = self.here().frame.clone();
        let meaning = self.flow.asking(|| self.flow.meaning(callee, &frame)).0;
        let (receiver, method) = match self.flow.kind(callee) {
            ValueKind::Field { base, name } => (Some(self.seen_in_test(*base)), Some(name.clone())),
            _ => (None, None),
        };
        let mut given = Vec::new();
        for argument in &code.arguments {
            let shade = self.seen_in_test(argument.value);
            given.push(Given { name: argument.name.clone(), shade, function: None, is_rest: false });
        }
        let calling = Calling { at, code, receiver, method, given, skipped: 0 };
        let mut facts = self.text_tests(&calling, when, table, &meaning);
        let name = self.flow.asking(|| names::of_callee(self.flow, &meaning, table)).0.unwrap_or_default();
        // Methods of texts are those of whatever came from a caller.
        let is_of_text = |method: &&Name| name.is_empty() || method.starts_with("is");
        let unnamed = calling.method.as_ref().filter(is_of_text);
        let of_text = unnamed.map(|method| format!("str.{method}")).unwrap_or_default();
        let of_path = self.path_method(&calling, &name, table);
        let named = [&name, &of_text, &of_path].into_iter().flat_map(|name| table.guards(name));
        for guard in named.filter(|guard| guard.when == when && guard.proves != ["weak-match"]) {
            let shade = self.slot(&calling, &guard.of);
            let all = shade.items.iter().flat_map(|items| items.iter().flat_map(|item| item.of.clone()));
            let of: Vec<Name> = shade.of.iter().cloned().chain(all).collect();
            self.note_schema(&calling, &meaning, guard, &of);
            if is_of_own_root(&calling, guard) {
                facts.push((of, self.unless_vacuous(&calling, &meaning, told(guard, &shade.whole()))));
            }
        }
        facts
    }

    /// Tests that every language has on texts: beginnings, patterns, membership.
    fn text_tests(
        &mut self,
        calling: &Calling<'a>,
        when: &str,
        table: &Table,
        meaning: &Meaning,
    ) -> Vec<(Vec<Name>, Proofs)> {
        let holds = match when {
            "true" => true,
            "false" => false,
            _ => return Vec::new(),
        };
        let name = self.flow.asking(|| names::of_callee(self.flow, meaning, table)).0.unwrap_or_default();
        let method = calling.method.as_deref().unwrap_or("");
        if let Some(facts) = self.pattern_test(calling, holds, &name, method) {
            return facts;
        }
        match (name.as_str(), &calling.given[..]) {
            ("strings.HasPrefix", [subject, argument, ..]) => {
                let separated = self.ends_in_separator(calling, 1);
                return begins(&subject.shade, argument, holds, separated);
            }
            ("strings.HasSuffix", [subject, _]) if holds && self.is_separator_argument(calling, 1) => {
                return vec![(subject.shade.of.clone(), Proofs::CLOSED)];
            }
            ("strings.HasSuffix", [subject, suffix]) if holds && is_own_suffix(&suffix.shade) => {
                return vec![(subject.shade.of.clone(), Proofs::OWN_SUFFIX)];
            }
            ("strings.HasSuffix", [subject, suffix]) if holds => return of_host_text(&subject.shade.of, &suffix.shade),
            ("strings.ContainsAny", [subject, text]) if !holds && text.shade.constant.is_some() => {
                let signs = text.shade.constant.as_deref().unwrap_or_default();
                let one_of = format!("[{}]", regex::escape(signs));
                return vec![(subject.shade.of.clone(), Proofs::WEAK_DENY | refused_by(&one_of))];
            }
            ("strings.Contains" | "strings.ContainsAny", [subject, text]) => {
                return membership(&text.shade, &subject.shade, holds);
            }
            ("Object.hasOwn" | "Object.prototype.hasOwnProperty.call", [table, name]) => {
                let facts = membership(&name.shade, &table.shade, holds);
                return self.among(calling.code.arguments[0].value, facts);
            }
            ("slices.Contains", [list, item]) => {
                let facts = membership(&item.shade, &list.shade, holds);
                return self.among(calling.code.arguments[0].value, facts);
            }
            _ => {}
        }
        let Some(receiver) = &calling.receiver else { return Vec::new() };
        let Some(argument) = calling.given.first() else { return Vec::new() };
        match method {
            "startswith" | "startsWith" | "starts_with" => {
                begins(receiver, argument, holds, self.ends_in_separator(calling, 0))
            }
            "endswith" | "endsWith" if holds && self.is_separator_argument(calling, 0) => {
                vec![(receiver.of.clone(), Proofs::CLOSED)]
            }
            "endswith" | "endsWith" | "ends_with" if holds && is_own_suffix(&argument.shade) => {
                vec![(receiver.of.clone(), Proofs::OWN_SUFFIX)]
            }
            "endswith" | "endsWith" | "ends_with" if holds => of_host_text(&receiver.of, &argument.shade),
            "includes" | "has" | "contains" | "__contains__" | "some" | "hasOwnProperty" => {
                let (item, whole) = (&argument.shade, receiver);
                if !whole.holds_any() {
                    self.note_chosen(item);
                }
                if self.is_receiver_keyed(calling) {
                    return Vec::new();
                }
                match (whole.holds_any(), item.holds_any(), holds) {
                    (false, true, true) => self.among_members(calling, vec![(item.of.clone(), Proofs::CHOICE)]),
                    (true, false, false) => vec![(whole.of.clone(), refused(item))],
                    (true, false, true) => of_host_text(&whole.of, item),
                    (false, true, false) => vec![(item.of.clone(), Proofs::WEAK_DENY)],
                    _ => Vec::new(),
                }
            }
            "every" | "all" if holds => Vec::new(),
            _ => Vec::new(),
        }
    }

    fn pattern_test(
        &mut self,
        calling: &Calling<'a>,
        holds: bool,
        name: &str,
        method: &str,
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let module = calling.at.module;
        let receiver_kind = match self.flow.kind(value_in(module, calling.code.callee)) {
            ValueKind::Field { base, .. } => Some(value_in(module, *base)),
            _ => None,
        };
        let is_script = self.flow.module(calling.at).language == Language::TypeScript;
        if is_script && method == "match" {
            let of = calling.receiver.as_ref()?.of.clone();
            let proofs = if holds { proven_by_match(&self.pattern(calling, 0)?, "test") } else { Proofs::WEAK_DENY };
            return Some(vec![(of, proofs)]);
        }
        let (patterns, subject) = match (name, method) {
            ("re.fullmatch" | "re.match" | "re.search" | "regexp.MatchString", _) => {
                let first = calling.code.arguments.first()?;
                if name != "re.fullmatch" && self.is_given_lines(calling.at, calling.code, 2) {
                    return Some(Vec::new());
                }
                (self.patterns_of(value_in(module, first.value))?, calling.given.get(1)?)
            }
            (_, "test" | "exec" | "fullmatch" | "match" | "is_match" | "MatchString" | "search") => {
                (self.patterns_of(receiver_kind?)?, calling.given.first()?)
            }
            _ => return None,
        };
        let of = subject.shade.of.clone();
        let is_search = !matches!(method, "fullmatch" | "match") && !matches!(name, "re.fullmatch" | "re.match");
        if !holds {
            let told = patterns.iter().map(|pattern| if is_search { refused_by(pattern) } else { Proofs::NONE });
            return Some(vec![(of, told.fold(Proofs::WEAK_DENY, |all, one| all | one))]);
        }
        // `re.compile(…).fullmatch`: what a compiled pattern is asked for.
        let way = if matches!(name, "re.match" | "re.fullmatch" | "re.search") { name } else { method };
        let told = patterns.iter().map(|pattern| proven_by_match(pattern, way));
        Some(vec![(of, told.reduce(|one, two| one & two).unwrap_or_default())])
    }

    pub(crate) fn pattern(&mut self, calling: &Calling<'a>, position: usize) -> Option<String> {
        let argument = calling.code.arguments.get(position)?;
        self.pattern_of(value_in(calling.at.module, argument.value))
    }

    /// The pattern that a method is called on.
    pub(crate) fn pattern_of_receiver(&mut self, calling: &Calling<'a>) -> Option<String> {
        match self.flow.kind(value_in(calling.at.module, calling.code.callee)) {
            ValueKind::Field { base, .. } => self.pattern_of(value_in(calling.at.module, *base)),
            _ => None,
        }
    }

    /// The pattern that a value is: a literal, a text, or something compiled from one.
    pub(crate) fn pattern_of(&mut self, value: ValueRef) -> Option<String> {
        match self.patterns_of(value)?.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// The patterns of which a value is one: an element of a list of them.
    fn patterns_of(&mut self, value: ValueRef) -> Option<Vec<String>> {
        if self.is_of_lines(value) {
            return None;
        }
        let frame = self.here().frame.clone();
        let meaning = self.flow.asking(|| self.flow.meaning(value, &frame)).0;
        let each = match &meaning {
            Meaning::Each(all) | Meaning::Choice(all) => all,
            other => std::slice::from_ref(other),
        };
        let all: Option<Vec<String>> = each.iter().map(|one| self.one_pattern(one)).collect();
        all.filter(|all| !all.is_empty())
    }

    fn one_pattern(&self, meaning: &Meaning) -> Option<String> {
        match self.flow.asking(|| self.flow.force(meaning)).0 {
            Meaning::Regex(pattern) | Meaning::Text(pattern, _) => Some(pattern.to_string()),
            Meaning::Made(made) => {
                let first = made.arguments.first()?;
                match self.flow.asking(|| self.flow.force(&first.value)).0 {
                    Meaning::Text(pattern, _) | Meaning::Regex(pattern) => Some(pattern.to_string()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a pattern of a script looks at each line by itself, so that its anchors hold for one of them only.
    fn is_of_lines(&self, value: ValueRef) -> bool {
        let Some(at) = self.flow.defined_as(value) else { return false };
        let text = |at: ValueRef| self.flow.sources.slice(self.flow.span(at));
        match self.flow.kind(at) {
            ValueKind::Regex(_) => text(at).rsplit('/').next().unwrap_or("").contains('m'),
            ValueKind::Call(call) => self.is_given_lines(at, call, 1),
            _ => false,
        }
    }

    /// `re.MULTILINE`, `"gm"`: whether the flags that a call is given, from a place on, let anchors hold for each line.
    fn is_given_lines(&self, at: ValueRef, call: &Call, from: usize) -> bool {
        let is_script = self.flow.module(at).language == Language::TypeScript;
        call.arguments.iter().skip(from).any(|argument| {
            let text = self.flow.sources.slice(self.flow.span(value_in(at.module, argument.value)));
            let mut words = text.split(|sign: char| !sign.is_ascii_alphanumeric());
            words.any(|word| if is_script { word.contains('m') } else { matches!(word, "M" | "MULTILINE") })
        })
    }
}

/// What is proven of a text that a pattern was found in, at its beginning or as the whole of it.
fn proven_by_match(pattern: &str, way: &str) -> Proofs {
    let at_beginning = matches!(way, "re.match" | "match") && !pattern.starts_with('^');
    let pattern = if at_beginning { format!("^(?:{pattern})") } else { pattern.to_string() };
    proven_by_pattern(&pattern, matches!(way, "re.fullmatch" | "fullmatch"))
}

/// `.example.com`, `f".{domain}"`: what hosts below a domain of the program's own end with.
fn is_own_suffix(text: &Shade) -> bool {
    let of = |text: &Shade| {
        let begin = match (&text.constant, &text.begin) {
            (Some(text), _) | (None, Begin::Text(text)) => text.as_str(),
            _ => "",
        };
        begin.starts_with('.') && !text.holds_any()
    };
    match &text.items {
        Some(items) => !items.is_empty() && items.iter().all(of),
        None => of(text),
    }
}

/// A host that is looked for in a text, or at its end: other hosts hold it too.
pub(crate) fn of_host_text(of: &[Name], text: &Shade) -> Vec<(Vec<Name>, Proofs)> {
    if text.holds_any() {
        return Vec::new();
    }
    let is_name = |text: &Name| {
        let parts: Vec<&str> = text.split("://").last().unwrap_or(text).split('.').collect();
        let is_label =
            |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        parts.len() > 1 && parts.iter().all(is_label)
    };
    let is_told = is_host(of) || text.constant.as_ref().is_some_and(is_name);
    if is_told { vec![(of.to_vec(), Proofs::WEAK_HOST)] } else { Vec::new() }
}

/// Whether a caller chose a value, and nothing holds it.
pub(crate) fn is_chosen(shade: &Shade) -> bool {
    let whole = shade.whole();
    whole.is_tainted() && !whole.proofs.any(Proofs::CONTAINED | Proofs::CHOICE | Proofs::NUMBER)
}

/// Whether a guard holds its receiver against something that is no caller's choice and not the root of all paths.
pub(crate) fn is_of_own_root(calling: &Calling, guard: &Guard) -> bool {
    let is_root = |given: &Given| is_chosen(&given.shade) || given.shade.constant.as_deref() == Some("/");
    let holds_in_root = matches!(guard.of, Slot::Receiver(_)) && guard.proves.iter().any(|proof| proof == "contained");
    !holds_in_root || !calling.given.iter().any(is_root)
}

/// What a guard proves of a value, by what is proved of it already.
pub(crate) fn told(guard: &Guard, shade: &Shade) -> Proofs {
    let told = if shade.proofs.has(proofs(&guard.needs)) { proofs(&guard.proves) } else { proofs(&guard.otherwise) };
    if shade.proofs.has(Proofs::LINKS_RESOLVED) { told } else { told.without(Proofs::HELD) }
}

/// Inside a root: of a path whose links are resolved, wherever they lead.
pub(crate) fn contained(path: &Shade) -> Proofs {
    if path.proofs.has(Proofs::LINKS_RESOLVED) { Proofs::CONTAINED | Proofs::HELD } else { Proofs::CONTAINED }
}

/// `x.startswith(("http://", "https://"))`: what each of them would prove, or what all of them would refuse.
fn begins_with_one(receiver: &Shade, items: &[Shade], holds: bool) -> Vec<(Vec<Name>, Proofs)> {
    let told = items.iter().map(|item| {
        let one = Given { name: None, shade: item.clone(), function: None, is_rest: false };
        let ends = item.constant.as_deref().is_some_and(|text| text.ends_with(['/', '\\']));
        begins(receiver, &one, holds, ends).into_iter().fold(Proofs::NONE, |all, (_, proofs)| all | proofs)
    });
    let both = |one: Proofs, two: Proofs| if holds { one & two } else { one | two };
    let proofs = told.reduce(both).unwrap_or_default();
    vec![(receiver.of.clone(), proofs)]
}

/// `x.startswith(root)`, `x.startswith("-")`, `x.startswith("https://")`.
fn begins(receiver: &Shade, argument: &Given, holds: bool, separated: bool) -> Vec<(Vec<Name>, Proofs)> {
    if let Some(items) = argument.shade.items.as_ref().filter(|items| items.iter().all(|item| item.constant.is_some()))
    {
        return begins_with_one(receiver, items, holds);
    }
    let of = receiver.of.clone();
    let begin = match &argument.shade.begin {
        Begin::Text(text) if text == ".." => Some("../"),
        _ => None,
    };
    let constant = argument.shade.constant.as_deref().or(begin);
    if argument.shade.holds_any() {
        return Vec::new();
    }
    let is_word = holds && constant.is_some_and(|text| !text.is_empty() && !text.starts_with('-'));
    let (of, proofs) = begin_proofs(receiver, of, (constant, holds), separated);
    let proofs = if is_word { proofs | Proofs::NOT_FLAG } else { proofs };
    if proofs.is_none() { Vec::new() } else { vec![(of, proofs)] }
}

fn begin_proofs(
    receiver: &Shade,
    of: Vec<Name>,
    (constant, holds): (Option<&str>, bool),
    separated: bool,
) -> (Vec<Name>, Proofs) {
    let proofs = match (constant, holds) {
        (Some("-"), false) => Proofs::NOT_FLAG,
        (Some(".." | "../"), false) if receiver.proofs.has(Proofs::RELATIVE) => contained(receiver),
        (Some(_), false) if receiver.proofs.has(Proofs::LOOKED_UP) => Proofs::WEAK_DENY,
        (Some(".."), false) => Proofs::WEAK_DENY | Proofs::NOT_ABOVE | Proofs::NOT_FROM_ABOVE,
        (Some("../"), false) => Proofs::NOT_FROM_ABOVE,
        (Some("/" | "~"), false) => Proofs::WEAK_DENY,
        (Some(text), true) if text.contains("://") => {
            if crate::taint::condition::fixes_host(text) {
                Proofs::HOST_ALLOWED
            } else {
                Proofs::WEAK_SCHEME | Proofs::NOT_FLAG
            }
        }
        // Every absolute path begins with it.
        (Some("/" | "\\"), true) => Proofs::NONE,
        (_, true) if !receiver.proofs.has(Proofs::RESOLVED) => Proofs::WEAK_ORDER,
        (_, true) if separated || receiver.proofs.has(Proofs::CLOSED) => contained(receiver),
        (_, true) => Proofs::WEAK_PREFIX,
        (_, false) => Proofs::NONE,
    };
    (of, proofs)
}

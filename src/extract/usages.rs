//! Places in code where safety depends on how a library or the language is used: the tables under `rules/usages`.

use crate::code::{CallKind, MapKey, Name, ValueId, ValueKind};
use crate::extract::tools::sdk::Slot;
use crate::extract::tools::site::{self, Filled, Told};
use crate::flow::effects::Effects;
use crate::flow::meaning::value_in;
use crate::flow::{Flow, ModuleId, ValueRef};
use crate::model::usage::Usage;
use crate::model::{About, Known};
use crate::source::Span;
use crate::taint::names;

pub(crate) use self::asked::{bound, is_made_of, values};
use self::table::{Condition, Pattern, Tables};

mod asked;
mod comparison;
mod refusal;
mod scopes;
mod session;
mod stored;
mod switch;
mod table;
#[cfg(test)]
mod tests;

/// Every use of the modules that matters, in order of place.
pub fn find(flow: &Flow, live: &[ModuleId]) -> Vec<Usage> {
    let (tables, effects) = (Tables::built_in(), Effects::built_in());
    let scopes = scopes::Scopes::built_in();
    let of_module = |flow: &Flow, module: ModuleId| -> Vec<Usage> {
        let language = flow.program.module(module).language;
        let Some(table) = tables.of(language) else { return Vec::new() };
        let mut seeker = Seeker { flow, table, effects: effects.of(language), module, found: Vec::new() };
        seeker.all();
        let mut found = seeker.found;
        found.extend(comparison::find(flow, module));
        found.extend(refusal::find(flow, module));
        found.extend(session::find(flow, module));
        found.extend(stored::find(flow, module));
        found.extend(scopes.find(flow, module));
        found
    };
    let mut found = flow.in_parts(live, of_module);
    found.sort_by(|a, b| (a.about.span, &a.topic).cmp(&(b.about.span, &b.topic)));
    found.dedup_by(|a, b| a.about.span == b.about.span && a.topic == b.topic);
    found
}

/// Looks for uses in one module.
struct Seeker<'a> {
    flow: &'a Flow<'a>,
    table: &'a table::Table,
    effects: Option<&'a crate::flow::effects::Table>,
    module: ModuleId,
    found: Vec<Usage>,
}

impl Seeker<'_> {
    fn all(&mut self) {
        let module = self.flow.program.module(self.module);
        for at in 0..module.values.len() {
            let id = ValueId(at as u32);
            match &module.value(id).kind {
                ValueKind::Call(call) => self.call(id, call),
                ValueKind::Construct { of, .. } => self.construct(id, *of),
                ValueKind::Map(entries) => {
                    for entry in entries {
                        if let MapKey::Name(name, span) = &entry.key {
                            self.set(self.table.keys(name), name, *span, entry.value);
                        }
                    }
                }
                _ => {}
            }
        }
        for (place, value) in &self.flow.scopes(self.module).member_assignments {
            let name = match &module.value(*place).kind {
                ValueKind::Field { name, .. } => name.clone(),
                ValueKind::Index { key, .. } => match &module.value(*key).kind {
                    ValueKind::Text(name) => name.clone(),
                    _ => continue,
                },
                _ => continue,
            };
            self.set(self.table.members(&name), &name, module.value(*place).span, *value);
        }
    }

    fn value(&self, id: ValueId) -> ValueRef {
        value_in(self.module, id)
    }

    fn call(&mut self, id: ValueId, call: &crate::code::Call) {
        let module = self.flow.program.module(self.module);
        let last = match &module.value(call.callee).kind {
            ValueKind::Field { name, .. } => Some(name.clone()),
            _ => None,
        };
        if last.as_ref().is_some_and(|last| !self.table.may_be(last)) {
            return;
        }
        let callee = self.value(call.callee);
        let name = self.effects.and_then(|effects| {
            self.flow.asking(|| names::of_callee(self.flow, &self.flow.meaning(callee, &None), effects)).0
        });
        let told = Told::Arguments(self.flow.asking(|| self.flow.passed(self.value(id), &None)).0);
        let patterns = name.as_deref().map(|name| self.table.calls(name)).unwrap_or_default();
        let is_named = !patterns.is_empty();
        for pattern in patterns {
            self.note(pattern, id, name.as_deref().unwrap_or_default(), &told, true);
        }
        let Some(last) = last.filter(|_| !is_named && call.kind != CallKind::Macro) else { return };
        for pattern in self.table.methods(&last) {
            self.note(pattern, id, &last, &told, false);
        }
    }

    fn construct(&mut self, id: ValueId, of: ValueId) {
        let flow = self.flow;
        let of = self.value(of);
        let name =
            self.effects.and_then(|table| flow.asking(|| names::of_callee(flow, &flow.meaning(of, &None), table)).0);
        let Some(name) = name else { return };
        let patterns = self.table.calls(&name);
        if patterns.is_empty() {
            return;
        }
        let (made, _) = flow.asking(|| flow.meaning(self.value(id), &None));
        for pattern in patterns {
            self.note(pattern, id, &name, &Told::Object(made.clone()), true);
        }
    }

    /// A call or literal; `always` where it counts even if nothing is set.
    fn note(&mut self, pattern: &Pattern, id: ValueId, name: &str, told: &Told, always: bool) {
        let (flow, place) = (self.flow, self.flow.span(self.value(id)));
        let judge = |condition: &Condition| judge(flow, condition, told);
        let is_set = pattern.unsound_when.iter().any(|one| site::first(flow, told, &one.slot).is_some());
        if !always && !is_set && pattern.unsound_when.iter().any(|one| !one.slot.is_empty()) {
            return;
        }
        let (judged, _) = flow.asking(|| pattern.unsound_when.iter().map(judge).collect::<Vec<Judged>>());
        let unsound = match pattern {
            Pattern { is_sound: true, .. } => Is::No,
            Pattern { is_open: true, .. } => Is::Unknown("not known: which variables it reads"),
            _ => all(&judged),
        };
        let shown = judged.iter().find(|one| matches!(one.is, Is::Yes)).or_else(|| judged.first());
        let setting = shown.map_or_else(String::new, |one| one.setting.clone());
        self.push(pattern, name, shown.and_then(|one| one.span).unwrap_or(place), id, unsound, setting);
    }

    /// An entry or a member that is set.
    fn set(&mut self, patterns: Vec<&Pattern>, name: &Name, place: Span, value: ValueId) {
        for pattern in patterns {
            let flow = self.flow;
            let filled = || Filled { meaning: flow.meaning(self.value(value), &None), span: None };
            let (judged, _) = flow.asking(|| {
                let filled = filled();
                let one = |condition: &Condition| test(flow, condition, name, Some(&filled));
                pattern.unsound_when.iter().map(one).collect::<Vec<Judged>>()
            });
            let unsound = all(&judged);
            let setting = judged.first().map_or_else(String::new, |one| one.setting.clone());
            self.push(pattern, name, place, value, unsound, setting);
        }
    }

    fn push(&mut self, pattern: &Pattern, call: &str, span: Span, at: ValueId, unsound: Is, setting: String) {
        let place = self.flow.span(self.value(at));
        let span = if span.source == place.source { span } else { place };
        let unsound = match unsound {
            Is::Yes if switch::is_switched(self.flow, self.value(at)) => Is::Unknown("switched by a setting"),
            other => other,
        };
        let sound = match unsound {
            Is::Yes => Known::is(false, span),
            Is::No => Known::is(true, span),
            Is::Unknown(why) => Known::unknown(why, span),
        };
        self.found.push(Usage {
            about: About::new(call, span),
            topic: pattern.topic.clone(),
            call: call.to_string(),
            sound,
            setting,
        });
    }
}

/// Whether a condition holds.
#[derive(Clone, Debug)]
enum Is {
    Yes,
    No,
    Unknown(&'static str),
}

/// A condition, judged.
#[derive(Clone, Debug)]
struct Judged {
    is: Is,
    setting: String,
    span: Option<Span>,
}

/// All conditions together; none at all hold.
fn all(judged: &[Judged]) -> Is {
    if judged.iter().any(|one| matches!(one.is, Is::No)) {
        return Is::No;
    }
    let unknown = judged.iter().find(|one| matches!(one.is, Is::Unknown(_)));
    unknown.map_or(Is::Yes, |one| one.is.clone())
}

fn judge(flow: &Flow, condition: &Condition, told: &Told) -> Judged {
    let written = condition.slot.first().map(Slot::to_string).unwrap_or_default();
    let filled = site::first(flow, told, &condition.slot);
    let is_spread = matches!(told, Told::Arguments(all) if all.iter().any(|one| one.is_rest));
    if filled.is_none() && is_spread && !condition.slot.is_empty() {
        return Judged { is: Is::Unknown("is passed by a spread"), setting: String::new(), span: None };
    }
    test(flow, condition, &Name::new(written), filled.as_ref())
}

/// What a condition says of a value; of none where nothing is set.
fn test(flow: &Flow, condition: &Condition, name: &Name, filled: Option<&Filled>) -> Judged {
    let Some(filled) = filled else {
        let is = if condition.unset { Is::Yes } else { Is::No };
        return Judged { is, setting: format!("`{name}` is not set"), span: None };
    };
    let mut seen = (false, false, None);
    for one in filled.meaning.alternatives() {
        let one = flow.force(one);
        let words = table::words(flow, &one).unwrap_or_default();
        let told: Vec<Option<bool>> = words.iter().map(|word| condition.holds(word)).collect();
        match (told.contains(&Some(true)), told.contains(&None) || told.is_empty()) {
            (true, _) => seen.0 = true,
            (false, true) => seen.2 = Some(site::reason(&one)),
            (false, false) => seen.1 = true,
        }
    }
    let is = match seen {
        (true, false, None) => Is::Yes,
        (false, true, None) => Is::No,
        (_, _, Some(why)) => Is::Unknown(why),
        _ => Is::Unknown("is decided at run time"),
    };
    let text = |words: Vec<table::Word>| words.into_iter().map(|word| word.text).collect::<Vec<String>>().join(", ");
    let shown = table::words(flow, &filled.meaning).map(text);
    let setting = shown.map_or_else(|| format!("`{name}` is set"), |shown| format!("`{name}` is `{shown}`"));
    Judged { is, setting, span: filled.span }
}

//! Tools of languages that are read for their declarations only: annotations, builders, constructors, subclasses.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::outline::{Call, Function, Given, Mark, Outline, Term, Type};
use crate::code::{FunctionId, Name};
use crate::extract::tools::draft::{self, Draft, Validation};
use crate::extract::tools::outlined::rules::{CallRule, MarkRule, Naming, Rules, Told, TypeRule};
use crate::extract::tools::package_root;
use crate::extract::tools::sdk::Sdks;
use crate::extract::tools::server::{Key, KindId};
use crate::flow::ModuleId;
use crate::load::Loaded;
use crate::model::tool::{Handler, Tool};
use crate::model::{Known, Spanned};
use crate::source::Span;

pub mod rules;
#[cfg(test)]
mod tests;

/// What one reading of a tree needs.
struct Reader<'a> {
    all: Vec<&'a Outline>,
    /// Constants of all files, by language, type and name.
    constants: BTreeMap<(&'static str, &'a Name), (&'a Outline, &'a Term)>,
    validation: Validation<'a>,
}

/// Adds the servers that outlines declare.
pub fn add(loaded: &Loaded, sdks: &Sdks, found: &mut Vec<Draft>) {
    let lives = |one: &&Outline| loaded.file(one.source).is_some_and(|file| file.role.lives());
    let all: Vec<&Outline> = loaded.outlines.iter().filter(lives).collect();
    let mut constants = BTreeMap::new();
    for outline in &all {
        for (name, term) in outline.constants.iter().filter(|(name, _)| name.contains('.')) {
            constants.entry((outline.tongue.id(), name)).or_insert((*outline, term));
        }
    }
    let mut reader = Reader { all, constants, validation: Validation::default() };
    for (at, sdk) in sdks.all.iter().enumerate() {
        let (Some(rules), Some(table)) = (&sdk.outline, sdk.servers.first()) else { continue };
        reader.validation = Validation { validates: table.validates, unknown_keys: table.unknown_keys.as_deref() };
        let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
        for outline in reader.all.iter().filter(|outline| outline.tongue.id() == sdk.language) {
            for tool in reader.tools(outline, rules) {
                let place = match &tool {
                    Ok(tool) => tool.about.span,
                    Err(opening) => opening.span,
                };
                let number = u32::MAX - (found.len() + drafts.len()) as u32;
                let kind: KindId = (at, 0);
                let draft = drafts
                    .entry(package_root(loaded, place))
                    .or_insert_with(|| Draft::new(Key::Given(kind, ModuleId(number)), kind, place));
                match tool {
                    Ok(tool) => draft.add(tool),
                    Err(opening) => draft.open(opening.span, opening.value),
                }
            }
        }
        let written =
            rules.generated.as_deref().and_then(|marker| reader.written(loaded, sdk.language.as_str(), marker));
        for draft in drafts.values_mut() {
            written.iter().for_each(|place| draft.open(*place, GENERATED));
        }
        found.extend(drafts.into_values());
    }
}

type Found = Result<Tool, Spanned<String>>;

/// Why a server whose package writes code is open.
const GENERATED: &str = "further tools are written by a program when it is built";

impl<'a> Reader<'a> {
    /// Where a text holds what makes a tool, so that something writes tools.
    fn written(&self, loaded: &Loaded, language: &str, marker: &str) -> Option<Span> {
        self.all.iter().filter(|outline| outline.tongue.id() == language).find_map(|outline| {
            let text = loaded.sources.get(outline.source).text();
            text.match_indices(marker).find_map(|(at, _)| {
                let line = text.get(..at)?.rsplit('\n').next()?;
                let is_text = line.contains('"') && !line.trim_start().starts_with("//");
                is_text.then(|| Span::new(outline.source, at, at + marker.len()))
            })
        })
    }

    fn tools(&self, outline: &Outline, rules: &Rules) -> Vec<Found> {
        let mut found = Vec::new();
        for function in &outline.functions {
            for mark in &function.marks {
                let rule = rules.marks.iter().find(|rule| self.names(outline, &mark.name, &rule.names));
                found.extend(rule.map(|rule| self.marked(outline, function, mark, rule)));
            }
        }
        let roots: Vec<Option<usize>> = (0..outline.calls.len()).map(|at| root(outline, at)).collect();
        for (at, call) in outline.calls.iter().enumerate() {
            let fits = |rule: &&CallRule| rule.methods.contains(&call.method) && self.is_on(outline, call, rule);
            if let Some(rule) = rules.calls.iter().find(fits) {
                found.extend(self.called(outline, at, rule, &roots));
            }
        }
        for (at, one) in outline.types.iter().enumerate() {
            let rule = rules.types.iter().find(|rule| self.derives(outline, one, &rule.bases, 0));
            found.extend(rule.filter(|_| !self.is_base(one)).map(|rule| self.typed(outline, at, one, rule)));
        }
        found
    }

    /// Full names that a written name may mean.
    fn full(&self, outline: &Outline, written: &str) -> Vec<String> {
        let last = written.rsplit('.').next().unwrap_or(written);
        let first = written.split('.').next().unwrap_or(written);
        let mut all = vec![written.to_string()];
        let everywhere =
            self.all.iter().filter(|other| outline.tongue.id() == "csharp" && other.tongue == outline.tongue);
        for import in outline.imports.iter().chain(everywhere.flat_map(|other| &other.imports)) {
            match import.strip_suffix(".*") {
                Some(package) => all.push(format!("{package}.{written}")),
                None if import.rsplit('.').next() == Some(first) => {
                    all.push(format!("{import}{}", written.strip_prefix(first).unwrap_or_default()));
                }
                None => {}
            }
        }
        if all.len() == 1 {
            all.push(last.to_string());
        }
        all
    }

    fn names(&self, outline: &Outline, written: &str, wanted: &[String]) -> bool {
        let full = self.full(outline, written);
        let is = |full: &String, wanted: &String| full == wanted || *full == format!("{wanted}Attribute");
        wanted.iter().any(|wanted| full.iter().any(|full| is(full, wanted)))
    }

    fn is_on(&self, outline: &Outline, call: &Call, rule: &CallRule) -> bool {
        if !rule.imports.is_empty() {
            let has = |import: &Name| rule.imports.iter().any(|wanted| import.starts_with(wanted.as_str()));
            if !outline.imports.iter().any(has) {
                return false;
            }
        }
        match (&call.on, rule.on.is_empty()) {
            (_, true) => true,
            (Some(on), false) => {
                let full = self.full(outline, on);
                rule.on
                    .iter()
                    .any(|wanted| full.iter().any(|one| one == wanted || one.ends_with(&format!(".{wanted}"))))
            }
            (None, false) => false,
        }
    }

    /// The text of a term, by the constants of any file.
    fn text(&self, outline: &Outline, term: &Term) -> Option<String> {
        outline.text(term).or_else(|| {
            let Term::Name(name) = term else { return None };
            let parts: Vec<&str> = name.rsplit('.').take(2).collect();
            let [member, of] = parts.as_slice() else { return None };
            let whole = Name::new(format!("{of}.{member}"));
            let (home, term) = self.constants.get(&(outline.tongue.id(), &whole))?;
            home.text(term)
        })
    }

    fn told(&self, outline: &Outline, arguments: &[Given], slots: &[String], place: Span) -> Known<String> {
        let Some(given) = slots.iter().find_map(|slot| argument(arguments, slot)) else { return Known::Absent };
        match self.text(outline, &given.term) {
            Some(text) => Known::is(text, given.span),
            None => Known::unknown("is only known at run time", if given.span.end > 0 { given.span } else { place }),
        }
    }

    fn marked(&self, outline: &Outline, function: &Function, mark: &Mark, rule: &MarkRule) -> Found {
        let told = |slots: &[String]| self.told(outline, &mark.arguments, slots, mark.span);
        let name = match told(&rule.told.name) {
            Known::Is(name) if !name.value.is_empty() => name,
            Known::Unknown(_) => {
                return Err(Spanned::new("the name of a tool is only known at run time".to_string(), mark.span));
            }
            _ => Spanned::new(rule.naming.of(&function.name), function.span),
        };
        let mut description = told(&rule.told.description);
        for other in &function.marks {
            if description.is_absent()
                && rule.description_marks.iter().any(|wanted| other.name.rsplit('.').next() == Some(wanted))
            {
                description = self.told(outline, &other.arguments, &["0".to_string()], other.span);
            }
        }
        if let (true, true, Some((text, span))) = (description.is_absent(), rule.documented, &function.documentation) {
            description = Known::is(text.to_string(), *span);
        }
        let mut tool = self.tool(outline, name, description, function.span);
        tool.title = told(&rule.told.title);
        self.hints(outline, &mark.arguments, &rule.told, &mut tool);
        Ok(tool)
    }

    fn called(&self, outline: &Outline, at: usize, rule: &CallRule, roots: &[Option<usize>]) -> Option<Found> {
        let call = &outline.calls[at];
        let mut arguments = call.arguments.clone();
        for (other, _) in roots.iter().enumerate().filter(|(_, root)| **root == Some(at)) {
            let setter = &outline.calls[other];
            let first = setter.arguments.first().cloned();
            arguments.extend(first.map(|given| Given { name: Some(setter.method.clone()), ..given }));
        }
        let name = match self.told(outline, &arguments, &rule.told.name, call.span) {
            Known::Is(name) => name,
            Known::Absent => return None,
            Known::Unknown(_) => {
                let slot = rule.told.name.iter().find_map(|slot| argument(&arguments, slot))?;
                // A whole tool stands there, which is read where it is made.
                let is_made = |term: &Term| matches!(term, Term::Call(_) | Term::List(_) | Term::Function);
                let is_held = match &slot.term {
                    Term::Name(name) => outline.constants.get(name).is_some_and(is_made),
                    other => is_made(other),
                };
                if is_held && rule.gives_way {
                    return None;
                }
                return Some(Err(Spanned::new("the name of a tool is only known at run time".to_string(), slot.span)));
            }
        };
        let description = self.told(outline, &arguments, &rule.told.description, call.span);
        let mut tool = self.tool(outline, name, description, call.span);
        tool.title = self.told(outline, &arguments, &rule.told.title, call.span);
        self.hints(outline, &arguments, &rule.told, &mut tool);
        Some(Ok(tool))
    }

    fn typed(&self, outline: &Outline, at: usize, one: &Type, rule: &TypeRule) -> Found {
        let own = outline.calls.iter().filter(|call| call.of == Some(at) && call.on.is_none());
        let said = |word: &Option<String>| {
            let word = word.as_ref()?;
            let call = own.clone().find(|call| call.method == word.as_str() && !call.arguments.is_empty())?;
            Some(self.told(outline, &call.arguments, &["0".to_string()], call.span))
        };
        let held = |word: &Option<String>| {
            let term = outline.constants.get(&Name::new(format!("{}.{}", one.name, word.as_ref()?)))?;
            self.text(outline, term).map(|text| Known::is(text, one.span))
        };
        let marked = |word: &Option<String>| {
            let mark = one.marks.iter().find(|mark| Some(mark.name.as_str()) == word.as_deref())?;
            Some(self.told(outline, &mark.arguments, &["0".to_string()], mark.span))
        };
        let fact = |word: &rules::Said| {
            said(&word.call).or_else(|| held(&word.field)).or_else(|| marked(&word.mark)).unwrap_or(Known::Absent)
        };
        let name = match fact(&rule.name) {
            Known::Is(name) => name,
            Known::Unknown(unknown) => {
                return Err(Spanned::new("the name of a tool is only known at run time".to_string(), unknown.span));
            }
            Known::Absent => Spanned::new(rule.naming.of(&one.name), one.span),
        };
        let methods = outline.functions.iter().filter(|function| function.of == Some(at));
        let handler = methods.clone().find(|function| rule.handlers.iter().any(|name| function.name == name.as_str()));
        let place = handler.map_or(one.span, |handler| handler.span);
        let mut tool = self.tool(outline, name, fact(&rule.description), place);
        tool.title = fact(&rule.title);
        let annotations = own.clone().find(|call| call.method == "annotations");
        if let Some(call) = annotations {
            self.hints(outline, &call.arguments, &rule.told, &mut tool);
        }
        Ok(tool)
    }

    fn tool(&self, outline: &Outline, name: Spanned<String>, description: Known<String>, handler: Span) -> Tool {
        let mut tool = draft::plain_tool(name.value, name.span, self.validation);
        tool.description = description;
        tool.handler = Some(Handler {
            source: outline.source,
            function: FunctionId(0),
            class: None,
            span: handler,
            made_by: Vec::new(),
            names: Vec::new(),
        });
        tool.input_schema = Known::unknown("is made from a signature in a language that is not followed", handler);
        tool.has_input_schema = true;
        tool
    }

    fn hints(&self, outline: &Outline, arguments: &[Given], told: &Told, tool: &mut Tool) {
        let mut all: Vec<&Given> = arguments.iter().collect();
        // Hints may stand in an annotation or object of their own.
        for given in arguments {
            if let Term::Call(at) = given.term {
                all.extend(outline.calls.get(at).iter().flat_map(|call| &call.arguments));
            }
        }
        let hint = |name: &str| {
            let keys = told.hints.iter().filter(|(_, hint)| hint.as_str() == name).map(|(key, _)| key);
            let given = keys.filter_map(|key| all.iter().find(|given| given.name.as_deref() == Some(key))).next();
            match given.map(|given| (&given.term, given.span)) {
                Some((Term::Bool(is), span)) => Known::is(*is, span),
                Some((_, span)) => Known::unknown("is only known at run time", span),
                None => Known::Absent,
            }
        };
        tool.read_only_hint = hint("readOnlyHint");
        tool.destructive_hint = hint("destructiveHint");
        tool.idempotent_hint = hint("idempotentHint");
        tool.open_world_hint = hint("openWorldHint");
    }

    /// Whether a type descends from one of these, through types of the tree.
    fn derives(&self, outline: &Outline, one: &Type, bases: &[String], depth: u32) -> bool {
        if one.bases.iter().any(|base| self.names(outline, base, bases)) {
            return true;
        }
        depth < 8
            && one.bases.iter().any(|base| {
                let last = base.rsplit('.').next().unwrap_or(base);
                let same = |other: &&&Outline| other.tongue == outline.tongue;
                self.all.iter().filter(same).any(|other| {
                    let mut named =
                        other.types.iter().filter(|candidate| candidate.name.rsplit('.').next() == Some(last));
                    named.any(|upper| upper.name != one.name && self.derives(other, upper, bases, depth + 1))
                })
            })
    }

    /// Whether other types of the tree extend a type: such a one is a base, not a tool.
    fn is_base(&self, one: &Type) -> bool {
        let last = |name: &Name| name.rsplit('.').next().unwrap_or(name).to_string();
        let wanted = last(&one.name);
        let bases: BTreeSet<String> =
            self.all.iter().flat_map(|outline| &outline.types).flat_map(|other| &other.bases).map(last).collect();
        bases.contains(&wanted)
    }
}

/// The first call of the chain that a call ends.
fn root(outline: &Outline, at: usize) -> Option<usize> {
    let mut next = outline.calls.get(at)?.receiver?;
    for _ in 0..outline.calls.len() {
        match outline.calls.get(next).and_then(|call| call.receiver) {
            Some(receiver) => next = receiver,
            None => break,
        }
    }
    Some(next)
}

/// An argument by position or keyword.
fn argument<'g>(arguments: &'g [Given], slot: &str) -> Option<&'g Given> {
    match slot.parse::<usize>() {
        Ok(position) => arguments.iter().filter(|given| given.name.is_none()).nth(position),
        Err(_) => arguments.iter().find(|given| given.name.as_deref() == Some(slot)),
    }
}

impl Naming {
    /// The name that an SDK makes of that of a function or type.
    fn of(self, name: &str) -> String {
        let last = name.rsplit('.').next().unwrap_or(name);
        match self {
            Naming::AsIs => last.to_string(),
            Naming::Whole => name.replace('.', ""),
            Naming::Snake => words(last).join("_"),
            Naming::SnakeWithoutAsync => words(last.strip_suffix("Async").unwrap_or(last)).join("_"),
            Naming::Kebab => words(last).join("-"),
        }
    }
}

/// The words of a name in camel case, in lower case; capitals in a row are one word.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let follows_small = before.is_some_and(|one| one.is_lowercase() || one.is_ascii_digit());
        let ends_capitals =
            before.is_some_and(|one| one.is_uppercase()) && letters.get(at + 1).is_some_and(|one| one.is_lowercase());
        if *letter == '_' || letter.is_uppercase() && (follows_small || ends_capitals) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| *letter != '_') {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

//! What is known of a value: which arguments it carries, what has been proven of it, how it begins.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::Name;
use crate::source::Span;
use crate::taint::Proofs;
use crate::taint::entry::{ALL_ARGUMENTS, ELEMENT, ONE_ARGUMENT};
use crate::taint::headers::Role;
use crate::taint::trail::{Trail, take_ways};

/// Most elements of a list that are told apart.
const MAX_ITEMS: usize = 256;

/// Most texts that one value is told to be one of.
const MAX_TEXTS: usize = 8;

/// How a text begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Begin {
    /// With something of the program's own that is not known here.
    #[default]
    Own,
    /// With this text.
    Text(Name),
    /// With what a caller gave.
    Argument,
    /// No text at all: `None` of Rust, which must be told from a value before that is used.
    Nothing,
}

/// A value as taint sees it.
#[derive(Clone, Debug, Default)]
pub struct Shade {
    /// Arguments whose content it carries, by name, each with how it came here.
    pub carries: BTreeMap<Name, Rc<Trail>>,
    /// What has been proven of it.
    pub proofs: Proofs,
    /// What has been proven of the part that came from one argument, before it was put together with others.
    pub apart: BTreeMap<Name, Proofs>,
    /// How it begins.
    pub begin: Begin,
    /// Whether it is a text of its own beginning on every way here, and not nothing on some.
    pub is_there: bool,
    /// The text it is, where that is one constant.
    pub constant: Option<Name>,
    /// Texts of the program's own that it may be, where it is one of several things.
    pub either: Vec<Name>,
    /// Members known apart from the rest.
    pub parts: Rc<BTreeMap<Name, Shade>>,
    /// Elements, for a list written out.
    pub items: Option<Rc<Vec<Shade>>>,
    /// Local names that this value was made of without changing what it stands for.
    pub of: Vec<Name>,
    /// Whether it is the bag of all arguments, whose members are the arguments.
    pub is_bag: bool,
    /// What it is of a request.
    pub role: Option<Role>,
}

impl Shade {
    /// A constant text.
    pub fn text(text: &Name) -> Self {
        Self { begin: Begin::Text(text.clone()), is_there: true, constant: Some(text.clone()), ..Self::default() }
    }

    /// The name that a call of this tool holds, whatever the code puts in its place where there is none.
    pub fn named(tool: &Name) -> Self {
        Self { proofs: Proofs::NAMED, ..Self::text(tool) }
    }

    /// What it is, or else what stands in for nothing.
    pub fn or_default(&self, other: &Self) -> Self {
        let is_there = self.proofs.has(Proofs::NAMED) && self.constant.is_some() && !other.holds_any();
        if is_there { self.clone() } else { self.or(other) }
    }

    /// One argument of a tool.
    pub fn argument(name: &Name, span: Span, proofs: Proofs) -> Self {
        let trail = Trail::begin(name, span);
        let carries = BTreeMap::from([(name.clone(), trail)]);
        Self { carries, proofs, begin: Begin::Argument, ..Self::default() }
    }

    /// The same, whose way begins at a place.
    pub fn begun_at(mut self, span: Span) -> Self {
        self.carries.values_mut().for_each(|trail| *trail = trail.begun_at(span));
        self
    }

    /// The same where nothing of it must be kept from a log.
    pub fn safe_to_log(mut self) -> Self {
        self.proofs |= Proofs::LOG_SAFE;
        self.apart.values_mut().for_each(|proofs| *proofs |= Proofs::LOG_SAFE);
        let parts: BTreeMap<Name, Shade> =
            self.parts.iter().map(|(name, part)| (name.clone(), part.clone().safe_to_log())).collect();
        self.parts = Rc::new(parts);
        self.items = self.items.map(|items| Rc::new(items.iter().cloned().map(Shade::safe_to_log).collect()));
        self
    }

    /// The same as one of all arguments: which one is not known.
    pub(crate) fn one_of_all(mut self) -> Self {
        let (all, one) = (Name::new(ALL_ARGUMENTS), Name::new(ONE_ARGUMENT));
        if let Some(trail) = self.carries.remove(&all) {
            self.carries.insert(one.clone(), trail);
        }
        if let Some(proofs) = self.apart.remove(&all) {
            self.apart.insert(one, proofs);
        }
        self
    }

    /// Whether it carries anything of a caller.
    pub fn is_tainted(&self) -> bool {
        !self.carries.is_empty()
    }

    /// Whether it carries anything of a caller, itself or in its parts.
    pub(crate) fn holds_any(&self) -> bool {
        let parts = || self.parts.values().chain(self.items.iter().flat_map(|items| items.iter()));
        self.is_tainted() || parts().any(Shade::holds_any)
    }

    /// The same with a further step in every trail; nothing where it carries nothing.
    pub fn step(mut self, span: Span, text: &str) -> Self {
        for trail in self.carries.values_mut() {
            *trail = trail.then(span, text);
        }
        let is_listed = |items: &&Rc<Vec<Shade>>| items.iter().any(|item| item.is_tainted());
        if let Some(items) = self.items.as_ref().filter(is_listed) {
            self.items = Some(Rc::new(items.iter().map(|item| item.clone().step(span, text)).collect()));
        }
        self
    }

    /// The same under a further local name, which comes first. Names are looked up more often than anything else.
    pub fn under(&self, name: &Name) -> Self {
        let mut of = Vec::with_capacity(self.of.len() + 1);
        of.push(name.clone());
        of.extend_from_slice(&self.of);
        Self {
            carries: self.carries.clone(),
            apart: self.apart.clone(),
            begin: self.begin.clone(),
            constant: self.constant.clone(),
            either: self.either.clone(),
            parts: self.parts.clone(),
            items: self.items.clone(),
            of,
            ..*self
        }
    }

    /// The same without local names, as another function sees it.
    pub fn unnamed(mut self) -> Self {
        self.of.clear();
        if self.items.iter().flat_map(|items| items.iter()).any(|item| !item.of.is_empty()) {
            self.items = self.items.map(|items| Rc::new(items.iter().cloned().map(Shade::unnamed).collect()));
        }
        self
    }

    /// A value made of both, as in a collection or an unknown call: nothing stays proven unless it was of both.
    pub fn with(mut self, other: &Shade) -> Self {
        if !other.is_tainted() {
            return self;
        }
        self.apart = self.proofs_apart(other);
        self.role = Role::joined((self.role, self.is_tainted()), (other.role, true));
        self.proofs = if self.is_tainted() { self.proofs & other.proofs } else { other.proofs };
        take_ways(&mut self.carries, &other.carries);
        self
    }

    /// What is proven of the part of one argument.
    pub fn proofs_of(&self, argument: &Name) -> Proofs {
        self.proofs | self.apart.get(argument).copied().unwrap_or_default()
    }

    fn proofs_apart(&self, other: &Shade) -> BTreeMap<Name, Proofs> {
        let of = |shade: &Shade, name: &Name| shade.carries.contains_key(name).then(|| shade.proofs_of(name));
        let one = |name: &Name| match (of(self, name), of(other, name)) {
            (Some(one), Some(two)) => one & two,
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Proofs::NONE,
        };
        let names = self.carries.keys().chain(other.carries.keys());
        names.map(|name| (name.clone(), one(name))).filter(|(_, proofs)| !proofs.is_none()).collect()
    }

    /// Either of both, where two paths meet.
    pub fn or(&self, other: &Shade) -> Self {
        let parts = either_part(&self.parts, &other.parts);
        let proofs = match (self.is_tainted(), other.is_tainted()) {
            (true, true) | (false, false) => self.proofs & other.proofs,
            (true, false) => self.proofs,
            (false, true) => other.proofs,
        };
        let apart = self.proofs_apart(other);
        let mut carries = self.carries.clone();
        take_ways(&mut carries, &other.carries);
        let items = match (&self.items, &other.items) {
            (Some(one), Some(two)) if Rc::ptr_eq(one, two) => Some(one.clone()),
            (Some(one), Some(two)) => Some(Rc::new(either(one, two))),
            (Some(one), None) if !other.is_tainted() => Some(one.clone()),
            (None, Some(two)) if !self.is_tainted() => Some(two.clone()),
            _ => None,
        };
        let begin = match (&self.begin, &other.begin) {
            (one, two) if one == two => one.clone(),
            (Begin::Nothing, one) | (one, Begin::Nothing) => one.clone(),
            (Begin::Argument, _) | (_, Begin::Argument) => Begin::Argument,
            _ => Begin::Own,
        };
        let constant = self.constant.clone().filter(|own| other.constant.as_ref() == Some(own));
        let either = if constant.is_some() { Vec::new() } else { self.texts_of_either(other) };
        // Where a value is used it is not `None`, so that what is tested of it is tested of the other one.
        let of = match (&self.begin, &other.begin) {
            (Begin::Nothing, _) => other.of.clone(),
            (_, Begin::Nothing) => self.of.clone(),
            _ => self.of.iter().filter(|name| other.of.contains(name)).cloned().collect(),
        };
        let is_bag = self.is_bag || other.is_bag;
        let role = Role::joined((self.role, self.is_tainted()), (other.role, other.is_tainted()));
        let is_there = self.is_there && other.is_there;
        let joined = Self { carries, proofs, apart, begin, is_there, constant, either, parts, items, of, is_bag, role };
        match (&joined.items, &self.items, &other.items) {
            (None, Some(lost), None) | (None, None, Some(lost)) => {
                lost.iter().fold(joined, |all, item| all.with_whole(item))
            }
            _ => joined,
        }
    }

    fn texts_of_either(&self, other: &Shade) -> Vec<Name> {
        let texts = |shade: &Shade| shade.constant.iter().chain(&shade.either).cloned().collect::<Vec<Name>>();
        let mut all = texts(self);
        all.extend(texts(other));
        all.sort();
        all.dedup();
        all.truncate(MAX_TEXTS);
        all
    }

    /// A list of these; too long a one is not told apart.
    pub fn list(items: Vec<Shade>) -> Self {
        if items.len() <= MAX_ITEMS {
            return Self { items: Some(Rc::new(items)), ..Self::default() };
        }
        items.iter().fold(Self::default(), |all, item| all.with_whole(item))
    }

    /// Everything it carries, its parts and elements included.
    pub fn whole(&self) -> Shade {
        let mut whole = Shade { parts: Rc::default(), items: None, ..self.clone() };
        let parts = self.parts.values().chain(self.items.iter().flat_map(|items| items.iter()));
        for part in parts {
            whole = whole.with_whole(part);
        }
        // Any of the elements may come first.
        let is_begin = |item: &Shade| item.is_tainted() && item.begin == Begin::Argument;
        if self.items.iter().flat_map(|items| items.iter()).any(is_begin) {
            whole.begin = Begin::Argument;
        }
        whole
    }

    /// A value made of this one and all of another.
    pub(crate) fn with_whole(self, other: &Shade) -> Self {
        match (other.holds_any(), other.parts.is_empty() && other.items.is_none()) {
            (false, _) => self,
            (true, true) => self.with(other),
            (true, false) => self.with(&other.whole()),
        }
    }

    /// A collection with something more in it, which may be what is taken out, from its first letter on.
    pub(crate) fn with_element(self, element: &Shade) -> Self {
        let whole = element.whole();
        let is_begin = whole.is_tainted() && whole.begin == Begin::Argument;
        let held = self.with_whole(&whole);
        if is_begin { Self { begin: Begin::Argument, ..held } } else { held }
    }

    /// One element of it, whichever: with its members, where they are known.
    pub fn element(&self) -> Shade {
        if let Some(element) = self.parts.get(ELEMENT) {
            return element.clone();
        }
        let is_own = self.carries.is_empty() && self.parts.is_empty();
        match self.items.as_ref().filter(|items| is_own && !items.is_empty()) {
            Some(items) => items.iter().skip(1).fold(items[0].clone(), |all, item| all.or(item)),
            None => self.whole(),
        }
    }

    /// Text that distinguishes shades by all but their trails.
    pub fn key(&self, out: &mut String, depth: u32) {
        for (name, trail) in &self.carries {
            out.push_str(if trail.is_in_sql() { "!" } else { "" });
            out.push_str(name);
            out.push(',');
        }
        out.push('[');
        self.proofs.key(out);
        match &self.begin {
            Begin::Own => {}
            Begin::Argument => out.push('a'),
            Begin::Nothing => out.push('n'),
            Begin::Text(text) => key_of_text('t', text, out),
        }
        self.constant.iter().for_each(|text| key_of_text('c', text, out));
        out.push_str(if self.is_bag { "b" } else { "" });
        out.push_str(if self.is_there { "i" } else { "" });
        out.extend(self.role.map(|role| char::from(b'1' + role as u8)));
        for proofs in self.apart.values() {
            out.push(' ');
            proofs.key(out);
        }
        self.either.iter().for_each(|text| key_of_text('|', text, out));
        if depth < 4 {
            for (name, part) in self.parts.iter() {
                out.push(' ');
                out.push_str(name);
                out.push('=');
                part.key(out, depth + 1);
            }
            for item in self.items.iter().flat_map(|items| items.iter()) {
                item.key(out, depth + 1);
            }
        }
        out.push(']');
    }
}

/// A text behind its sort and length, so that nothing in it is taken for what follows.
fn key_of_text(sort: char, text: &str, out: &mut String) {
    use std::fmt::Write;
    let _ = write!(out, "{sort}{}:{text}", text.len());
}

/// Either of two values' members, name by name.
fn either_part(one: &Rc<BTreeMap<Name, Shade>>, two: &Rc<BTreeMap<Name, Shade>>) -> Rc<BTreeMap<Name, Shade>> {
    let is_same = || two.is_empty() && one.values().all(|part| !part.is_there);
    if Rc::ptr_eq(one, two) || is_same() {
        return one.clone();
    }
    let mut parts = (**one).clone();
    let lacking = |part: &Shade| Shade { is_there: false, ..part.clone() };
    parts.iter_mut().filter(|(name, _)| !two.contains_key(*name)).for_each(|(_, part)| part.is_there = false);
    for (name, part) in two.iter() {
        let joined = parts.get(name).map_or_else(|| lacking(part), |own| own.or(part));
        parts.insert(name.clone(), joined);
    }
    Rc::new(parts)
}

/// Either of two lists: element by element, then what only the longer one has.
fn either(one: &[Shade], two: &[Shade]) -> Vec<Shade> {
    let common = one.len().min(two.len());
    let rest = one.iter().skip(common).chain(two.iter().skip(common));
    let rest = rest.map(|item| Shade { is_there: false, ..item.clone() });
    one.iter().zip(two).map(|(one, two)| element(one, two)).chain(rest).collect()
}

/// Either of two elements; of a text and nothing known, the text is how it begins.
fn element(one: &Shade, two: &Shade) -> Shade {
    let joined = one.or(two);
    match (&one.constant, &two.constant) {
        (Some(text), None) | (None, Some(text)) if !joined.is_tainted() => {
            Shade { begin: Begin::Text(text.clone()), ..joined }
        }
        _ => joined,
    }
}

//! Pieces of a path: what is proven of them by what was proven of the whole.
//!
//! Of a path that is relative to a root and does not leave it no piece is `..`, so that any of them stay below the root
//! however they are joined again. A path that was held as a whole may hold `..` all the same, and pieces of it may leave.

use crate::code::{Language, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::taint::address::{BELOW_OF, marked};
use crate::taint::call::Calling;
use crate::taint::condition::proofs;
use crate::taint::join::concat;
use crate::taint::{Proofs, Shade, Walk, names};

/// Methods that take a text apart at a separator.
const SPLITS: &[&str] = &["split", "rsplit", "splitn", "partition", "rpartition", "split_terminator"];
/// Methods of a list of pieces that give some of them.
const SOME: &[&str] =
    &["slice", "filter", "concat", "reverse", "toReversed", "take", "skip", "splice", "collect", "iter"];
/// Methods of a list of pieces that give one of them.
const ONE: &[&str] = &["at", "shift", "pop", "first", "last", "nth", "next"];

impl<'a> Walk<'a> {
    /// What a call gives that takes a path apart, picks pieces or joins them.
    pub(crate) fn pieces(&mut self, calling: &Calling<'a>, name: &str) -> Option<Shade> {
        let given = |at: usize| calling.given.get(at).map(|given| &given.shade);
        match name {
            "strings.Split" | "strings.SplitN" => return apart(given(0)?, given(1)),
            "strings.Join" => return rejoined(given(0)?, given(1)),
            _ => {}
        }
        let (receiver, method) = (calling.receiver.as_ref()?, calling.method.as_deref()?);
        let of_pieces = |shade: &Shade| shade.items.is_none() && shade.proofs.has(Proofs::PIECES);
        match method {
            _ if SPLITS.contains(&method) => apart(receiver, given(0)),
            "join" if of_pieces(receiver) => rejoined(receiver, given(0)),
            "join" => rejoined(given(0).filter(|one| of_pieces(one))?, Some(receiver)),
            _ if of_pieces(receiver) && SOME.contains(&method) => {
                Some(Shade { of: Vec::new(), constant: None, ..receiver.whole() })
            }
            _ if of_pieces(receiver) && ONE.contains(&method) => {
                let whole = receiver.whole();
                Some(Shade { of: Vec::new(), constant: None, proofs: whole.proofs.without(Proofs::PIECES), ..whole })
            }
            _ => None,
        }
    }
}

/// Whether a text is a separator of paths, as far as it is known.
fn is_separator(one: &Shade) -> bool {
    match one.constant.as_deref() {
        Some(text) => matches!(text, "/" | "\\"),
        None => !one.holds_any(),
    }
}

impl Walk<'_> {
    /// What is proven of the pieces that a call gives by how it cuts: none of them holds the separator at every place of
    /// which the text is cut.
    pub(crate) fn cut_at(&self, calling: &Calling<'_>) -> Proofs {
        const CLASSES: &[&str] =
            &["/", "\\/", "[/\\\\]", "[\\\\/]", "[/\\\\]+", "[\\\\/]+", "\\/+", "[\\/\\\\]", "[\\\\\\/]"];
        let [at] = &calling.code.arguments[..] else { return Proofs::NONE };
        let is_cut = match self.flow.kind(value_in(calling.at.module, at.value)) {
            ValueKind::Regex(pattern) => CLASSES.contains(&pattern.as_str()),
            _ => calling.given.first().is_some_and(|given| given.shade.constant.as_deref() == Some("/")),
        };
        match calling.method.as_deref() == Some("split") && is_cut {
            true => Proofs::NO_SLASH | Proofs::PIECES,
            false => Proofs::NONE,
        }
    }

    /// `Path(x).name`: what tables say of a member of a path.
    pub(crate) fn last_component(&mut self, at: ValueRef, name: &str, part: Shade) -> Shade {
        let language = self.flow.module(at).language;
        if !matches!(name, "name" | "stem") || language != Language::Python || !part.is_tainted() {
            return part;
        }
        let Some(table) = self.effects.of(language) else { return part };
        let frame = self.here().frame.clone();
        let meaning = self.flow.asking(|| self.flow.meaning(at, &frame)).0;
        let member = self.flow.asking(|| names::of_callee(self.flow, &meaning, table)).0.unwrap_or_default();
        match table.value_of(&member) {
            Some(of) => {
                let kept = part.proofs.without(proofs(&of.loses)) | proofs(&of.proves);
                // What is told of the last component says nothing of the folders before it.
                Shade { proofs: kept, apart: Default::default(), of: Vec::new(), ..part }
            }
            None => part,
        }
    }
}

/// A path below another: what is proven of it is proven of the one value that a caller chose in it.
pub(crate) fn joined_path(parts: &[Shade]) -> Shade {
    let mut tainted = parts.iter().filter(|part| part.holds_any());
    let of = match (tainted.next(), tainted.next()) {
        (Some(one), None) if parts.first().is_some_and(|first| first.holds_any()) => one.of.clone(),
        (Some(one), None) => marked(&one.of, BELOW_OF),
        _ => Vec::new(),
    };
    Shade { of, ..concat(parts) }
}

/// The pieces of a path between separators; nothing where something else is taken apart.
fn apart(path: &Shade, separator: Option<&Shade>) -> Option<Shade> {
    let whole = path.whole();
    let at_separator = separator.is_none_or(is_separator);
    let told = of_pieces(whole.proofs);
    if !whole.is_tainted() || !at_separator || told.is_none() {
        return None;
    }
    let kept = Proofs::NUMBER | Proofs::CHOICE | Proofs::SHELL_WORD;
    let proofs = kept.shared(whole.proofs) | told | Proofs::PIECES;
    Some(Shade { proofs, apart: Default::default(), of: Vec::new(), constant: None, ..whole })
}

/// What is proven of each piece.
fn of_pieces(proofs: Proofs) -> Proofs {
    let mut told = Proofs::NONE;
    if proofs.has(Proofs::RELATIVE | Proofs::CONTAINED) {
        told |= Proofs::NO_SLASH | Proofs::NO_DOTS;
    } else if proofs.has(Proofs::NO_DOTS) {
        told |= Proofs::NO_DOTS | Proofs::WEAK_DENY.shared(proofs);
    } else if proofs
        .any(Proofs::CONTAINED | Proofs::BELOW | Proofs::WEAK_PREFIX | Proofs::WEAK_ORDER | Proofs::WEAK_PIECES)
    {
        told |= Proofs::WEAK_PIECES;
    }
    told
}

/// Pieces with something between them: separators, unless it is known to be something else.
fn rejoined(pieces: &Shade, between: Option<&Shade>) -> Option<Shade> {
    let whole = pieces.whole();
    if pieces.items.is_some() || !whole.proofs.has(Proofs::PIECES) {
        return None;
    }
    let mut proofs = whole.proofs.without(Proofs::PIECES);
    let is_plain = proofs.has(Proofs::PLAIN_NAME);
    if between.is_none_or(is_separator) && proofs.has(Proofs::URL_WORD) {
        proofs |= Proofs::WEAK_PIECES;
    }
    if between.is_none_or(is_separator) || between.is_some_and(|text| text.constant.as_deref().is_none_or(leads_on)) {
        // A piece that is encoded may be `..` all the same.
        proofs = proofs.without(Proofs::PLAIN_NAME | Proofs::NO_SLASH | Proofs::URL_WORD);
        if is_plain {
            proofs |= Proofs::CONTAINED | Proofs::RELATIVE | Proofs::DOWNWARD;
        }
    }
    Some(Shade { proofs, of: Vec::new(), constant: None, ..whole })
}

/// Whether a text between pieces makes a path of them.
fn leads_on(text: &str) -> bool {
    text.contains(['/', '\\', '.'])
}

/// A text of parts, in which a part without a separator is one segment together with what is written around it.
pub(crate) fn in_text(mut parts: Vec<Shade>) -> Vec<Shade> {
    let is_more = |text: Option<&str>| text.is_some_and(|text| text.chars().any(|sign| sign != '.'));
    for at in 0..parts.len() {
        let before = at.checked_sub(1).and_then(|before| parts[before].constant.as_deref());
        let before = before.map(|text| text.rsplit(['/', '\\']).next().unwrap_or(text));
        let after = parts.get(at + 1).and_then(|after| after.constant.as_deref());
        let after = after.map(|text| text.split(['/', '\\']).next().unwrap_or(text));
        if (is_more(before) || is_more(after)) && parts[at].proofs.any(Proofs::URL_WORD | Proofs::NO_SLASH) {
            parts[at].proofs |= Proofs::PLAIN_NAME;
        }
    }
    parts
}

/// Whether a method of texts gives all pieces of one.
pub(crate) fn is_split(method: &str) -> bool {
    matches!(method, "split" | "partition")
}

/// `path.resolve(root, x)` of a path that is absolute already is that path.
pub(crate) fn is_resolved_again(calling: &Calling<'_>, all: &[Shade]) -> bool {
    let last = all.last().filter(|_| all.len() == 2 && calling.method.as_deref() == Some("resolve"));
    let is_absolute = |last: &Shade| last.proofs.has(Proofs::ABSOLUTE) && !last.proofs.has(Proofs::RELATIVE);
    last.is_some_and(|last| last.holds_any() && is_absolute(last))
}

/// `attachments[].path`: a member of the elements of a member, where all of them are written.
pub(crate) fn written_member(object: Shade, way: &str) -> Shade {
    way.split('.').fold(object, |shade, step| {
        let part = shade.parts.get(step.trim_end_matches("[]")).cloned().unwrap_or_default();
        if step.ends_with("[]") { part.element() } else { part }
    })
}

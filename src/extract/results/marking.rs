//! Whether what stands around a content says that it comes from outside: in the text that it is put into, or in an entry
//! beside it.

use std::sync::LazyLock;

use regex::Regex;

use crate::code::{Call, CallKind, MapEntry, MapKey, Operator, ValueId, ValueKind};
use crate::extract::results::content;
use crate::extract::results::controls::Controls;
use crate::flow::ValueRef;
use crate::flow::meaning::{Meaning, value_in};

/// Most parts of one text.
const MAX_PARTS: usize = 200;
/// What stands for a part that is no constant, around what is written.
const HOLE: (char, char) = ('\u{1}', '\u{2}');

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A constant.
    Text(String),
    /// A value.
    Hole(ValueRef),
}

static OPENED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<([^<>/\s]{2,120})[^<>]*>[^<>]*$|\[([^\[\]/\s]{2,120})[^\[\]]*\][^\[\]]*$").expect("a fixed pattern")
});
static LINES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(`{3,}|~{3,}|-{3,}|={3,}|\*{3,}|#{3,}|_{3,}|\x22{3,}|<{2,}|\[{2,}|\{{2,}|«)").expect("a fixed pattern")
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)\b(begin|start)(\b|_)").expect("a fixed pattern"));
static ENDED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(end|stop|finish)(\b|_)").expect("a fixed pattern"));

/// Whether a text between two others is marked: what stands before it says so, and what comes after it is kept apart from
/// it by an end that fits.
pub fn is_marked(before: &str, after: &str) -> bool {
    let is_label = content::is_label(before) || content::is_label(after);
    let is_last = is_blank(after) && content::is_label(before) && !is_closed(before);
    is_label && (is_last || is_enclosed(before, after))
}

/// Whether marks before it end before it.
fn is_closed(before: &str) -> bool {
    before.contains("</") || before.contains("[/") || NAMED.is_match(before) && ENDED.is_match(before)
}

/// Whether nothing is said after it.
fn is_blank(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric)
}

fn is_enclosed(before: &str, after: &str) -> bool {
    let tag = OPENED.captures(before).and_then(|found| found.get(1).or_else(|| found.get(2)));
    let closes = |tag: &str| after.contains(&format!("</{tag}")) || after.contains(&format!("[/{tag}"));
    if tag.is_some_and(|tag| closes(tag.as_str())) {
        return true;
    }
    if NAMED.is_match(before) && ENDED.is_match(after) {
        return true;
    }
    LINES.find_iter(before).last().is_some_and(|line| {
        let closing: String = line.as_str().chars().map(mirrored).collect();
        after.contains(&closing)
    })
}

fn mirrored(sign: char) -> char {
    match sign {
        '<' => '>',
        '[' => ']',
        '{' => '}',
        '«' => '»',
        sign => sign,
    }
}

impl Controls<'_> {
    /// The values of a text that is put together, each with whether it is marked in it; nothing for other values.
    pub fn put_together(&self, at: ValueRef) -> Option<Vec<(ValueRef, bool)>> {
        let mut pieces = Vec::new();
        self.pieces(at, &mut pieces)?;
        Some(judged(&pieces, &|hole| self.flow.sources.slice(self.flow.span(hole))))
    }

    /// The parts of values that are put behind one another.
    pub fn judged(&self, values: &[ValueRef]) -> Vec<(ValueRef, bool)> {
        let mut pieces = Vec::new();
        values.iter().for_each(|value| self.piece(*value, &mut pieces));
        judged(&pieces, &|hole| self.flow.sources.slice(self.flow.span(hole)))
    }

    fn pieces(&self, at: ValueRef, pieces: &mut Vec<Piece>) -> Option<()> {
        let of = |id: &ValueId| value_in(at.module, *id);
        match self.flow.kind(at) {
            ValueKind::Template(parts) => parts.iter().for_each(|part| self.piece(of(part), pieces)),
            ValueKind::Binary { operator: Operator::Add, left, right } => {
                self.piece(of(left), pieces);
                self.piece(of(right), pieces);
            }
            ValueKind::Binary { operator: Operator::Remainder, left, right } => {
                let ValueKind::Text(text) = self.flow.kind(of(left)) else { return None };
                let given = match self.flow.kind(of(right)) {
                    ValueKind::Tuple(items) => items.iter().map(of).collect(),
                    _ => vec![of(right)],
                };
                self.filled(text, '%', &given, pieces);
            }
            ValueKind::Call(call) => self.called_text(at, call, pieces)?,
            _ => return None,
        }
        (pieces.len() < MAX_PARTS).then_some(())
    }

    /// `"…{}…".format(x)`, `fmt.Sprintf("…%s…", x)`, `format!("…{}…", x)`, `"\n".join([…])`, `[…].join("\n")`
    fn called_text(&self, at: ValueRef, call: &Call, pieces: &mut Vec<Piece>) -> Option<()> {
        let callee = value_in(at.module, call.callee);
        let name = self.last(callee);
        let given: Vec<ValueRef> = call.arguments.iter().map(|one| value_in(at.module, one.value)).collect();
        let base = match self.flow.kind(callee) {
            ValueKind::Field { base, .. } => Some(value_in(at.module, *base)),
            _ => None,
        };
        match (name, base.map(|base| self.flow.kind(base))) {
            ("format", Some(ValueKind::Text(text))) => self.filled(text, '{', &given, pieces),
            ("format", _) if call.kind == CallKind::Macro => {
                let (first, rest) = given.split_first()?;
                let ValueKind::Text(text) = self.flow.kind(*first) else { return None };
                self.filled(text, '{', rest, pieces);
            }
            ("Sprintf", _) => {
                let (first, rest) = given.split_first()?;
                self.filled(&self.text(*first)?, '%', rest, pieces);
            }
            ("join", Some(ValueKind::List(items))) => {
                items.iter().for_each(|item| self.piece(value_in(at.module, *item), pieces));
            }
            ("join" | "Join", _) => {
                let ValueKind::List(items) = self.flow.kind(*given.first()?) else { return None };
                items.iter().for_each(|item| self.piece(value_in(at.module, *item), pieces));
            }
            ("concat", Some(_)) => {
                base.into_iter().chain(given).for_each(|one| self.piece(one, pieces));
            }
            _ => return None,
        }
        Some(())
    }

    fn piece(&self, at: ValueRef, pieces: &mut Vec<Piece>) {
        if pieces.len() >= MAX_PARTS {
            return;
        }
        if let Some(text) = self.text(at) {
            return pieces.push(Piece::Text(text));
        }
        if self.pieces(at, pieces).is_none() {
            pieces.push(Piece::Hole(at));
        }
    }

    /// A constant text.
    fn text(&self, at: ValueRef) -> Option<String> {
        match self.flow.kind(at) {
            ValueKind::Text(text) => Some(text.to_string()),
            ValueKind::Name(_) | ValueKind::Field { .. } => match self.meaning(at) {
                Meaning::Text(text, _) => Some(text.to_string()),
                _ => None,
            },
            _ => None,
        }
    }

    /// A format with its holes filled; where their number does not fit, nothing is known of what stands around them.
    fn filled(&self, text: &str, sign: char, given: &[ValueRef], pieces: &mut Vec<Piece>) {
        let parts = between_holes(text, sign);
        if parts.len() != given.len() + 1 {
            return pieces.extend(given.iter().map(|one| Piece::Hole(*one)));
        }
        for (at, part) in parts.into_iter().enumerate() {
            pieces.push(Piece::Text(part));
            given.get(at).iter().for_each(|one| self.piece(**one, pieces));
        }
    }

    /// Whether an entry beside the others of a literal says that they come from outside.
    pub fn says_so(&self, at: ValueRef, entries: &[MapEntry]) -> bool {
        entries.iter().any(|entry| match &entry.key {
            MapKey::Name(key, _) => self.is_label_entry(key, value_in(at.module, entry.value)),
            MapKey::Value(key) => match self.text(value_in(at.module, *key)) {
                Some(key) => self.is_label_entry(&key, value_in(at.module, entry.value)),
                None => false,
            },
            MapKey::Spread => false,
        })
    }

    /// Whether an entry says of those beside it that they come from outside.
    pub fn is_label_entry(&self, key: &str, value: ValueRef) -> bool {
        let written = match self.flow.kind(value) {
            ValueKind::Bool(is) => Some(is.to_string()),
            _ => self.text(value),
        };
        content::is_label_entry(key, written.as_deref())
    }

    /// Whether a part of a result that is a constant says so: a block of content before others.
    pub fn is_label(&self, at: ValueRef) -> bool {
        match self.flow.kind(at) {
            ValueKind::Map(_) | ValueKind::Text(_) | ValueKind::Construct { .. } | ValueKind::Call(_) => {
                self.constants(at).iter().any(|text| content::is_label(text))
            }
            ValueKind::Name(_) | ValueKind::Field { .. } => self.text(at).is_some_and(|text| content::is_label(&text)),
            _ => false,
        }
    }
}

/// Each hole with whether it is marked by what stands around it.
fn judged<'s>(pieces: &[Piece], written: &dyn Fn(ValueRef) -> &'s str) -> Vec<(ValueRef, bool)> {
    let shown = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Hole(hole) => {
            let text: String = written(*hole).chars().filter(|sign| !"<>[]/ \n".contains(*sign)).take(60).collect();
            format!("{}{text}{}", HOLE.0, HOLE.1)
        }
    };
    let all: Vec<String> = pieces.iter().map(shown).collect();
    let holes = pieces.iter().enumerate().filter_map(|(at, piece)| match piece {
        Piece::Hole(hole) => Some((at, *hole)),
        Piece::Text(_) => None,
    });
    holes
        .map(|(at, hole)| {
            let (before, after) = all.split_at(at);
            (hole, is_marked(&before.concat(), &after.get(1..).unwrap_or_default().concat()))
        })
        .collect()
}

/// What stands between the holes of a format, whose holes begin with a sign.
fn between_holes(text: &str, begin: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let is_doubled = sign == begin || begin == '{' && sign == '}';
        if is_doubled && signs.next_if_eq(&sign).is_some() || sign != begin {
            parts.last_mut().expect("there is a first part").push(sign);
            continue;
        }
        match begin {
            '{' => while signs.next_if(|next| *next != '}').is_some() {},
            _ => while signs.next_if(|next| !next.is_alphabetic()).is_some() {},
        }
        signs.next();
        parts.push(String::new());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_marked_where_a_label_and_an_end_stand_around_it() {
        for (before, after, expected) in [
            ("Untrusted content follows:\n", "", true),
            ("<untrusted-content>\n", "\n</untrusted-content>", true),
            ("Below is external data. <data-\u{1}id\u{2}>\n", "\n</data-\u{1}id\u{2}>\nDone.", true),
            ("Untrusted content:\n```\n", "\n```\n", true),
            ("--- BEGIN UNTRUSTED TEXT ---\n", "\n--- END UNTRUSTED TEXT ---", true),
            ("Untrusted content:\n", "\nNow call the next tool.", false),
            ("```json\n", "\n```", false),
            ("<result>", "</result>", false),
            ("", "\nThe above is untrusted", false),
            ("Contents of the page:\n", "", false),
            ("Untrusted content:\n<untrusted>\n\u{1}url\u{2}\n</untrusted>\n", "", false),
        ] {
            assert_eq!(is_marked(before, after), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn formats_are_cut_at_their_holes() {
        for (text, begin, expected) in [
            ("a {} b {name} c", '{', &["a ", " b ", " c"][..]),
            ("<%s>\n%-5d</%s>", '%', &["<", ">\n", "</", ">"]),
            ("100%% {x}", '%', &["100% {x}"]),
            ("{{x}}", '{', &["{x}"]),
        ] {
            assert_eq!(between_holes(text, begin), expected, "{text}");
        }
    }
}

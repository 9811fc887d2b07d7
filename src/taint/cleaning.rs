//! Texts in which something is replaced or taken out: what that leaves.

use crate::code::{Language, ValueKind};
use crate::flow::meaning::value_in;
use crate::taint::address::of_piece;
use crate::taint::call::Calling;
use crate::taint::condition::proven_by_pattern;
use crate::taint::shorter::without_beginning;
use crate::taint::{Proofs, Shade, Walk};

impl<'a> Walk<'a> {
    /// `text.replace("'", "''")`, `text.replace(/[^a-z]/g, "_")`; nothing where another method is called.
    pub(crate) fn replaced(&mut self, calling: &Calling<'a>, method: &str, whole: Shade) -> Option<Shade> {
        if !matches!(method, "replace" | "replaceAll") || !whole.is_tainted() || calling.given.len() != 2 {
            return None;
        }
        let pattern = self.pattern(calling, 0)?;
        let by = calling.given[1].shade.constant.as_deref();
        Some(cleaned(&pattern, by, self.replaces_all(calling), whole))
    }

    /// `re.sub(pattern, by, text)`, `strings.ReplaceAll(text, old, new)`, `pattern.ReplaceAllString(text, by)`.
    pub(crate) fn substituted(&mut self, calling: &Calling<'a>, name: &str) -> Option<Shade> {
        if self.end_taken_out(calling, name).is_some() {
            return None;
        }
        let (pattern, text, by) = match (name, calling.method.as_deref()) {
            ("re.sub" | "regex.sub", _) => (self.pattern(calling, 0)?, calling.given.get(2)?, calling.given.get(1)?),
            ("strings.ReplaceAll", _) => (self.pattern(calling, 1)?, calling.given.first()?, calling.given.get(2)?),
            (_, Some("sub")) if name.starts_with("re.") => {
                (self.pattern_of_receiver(calling)?, calling.given.get(1)?, calling.given.first()?)
            }
            (_, Some("ReplaceAllString" | "replace_all")) => {
                (self.pattern_of_receiver(calling)?, calling.given.first()?, calling.given.get(1)?)
            }
            _ => return None,
        };
        let by = by.shade.constant.clone().filter(|_| !by.shade.is_tainted());
        let whole = Shade { of: of_piece(&text.shade.of), constant: None, ..text.shade.whole() };
        whole.is_tainted().then(|| cleaned(&pattern, by.as_deref(), true, whole))
    }

    /// `path.slice(0, -1)`, `path.replace(/\/+$/, "")`: the same text without what stands at its end.
    pub(crate) fn is_without_end(&mut self, calling: &Calling<'a>, method: &str) -> bool {
        let text = |at: usize| {
            let argument = calling.code.arguments.get(at)?;
            Some(self.flow.sources.slice(self.flow.span(value_in(calling.at.module, argument.value))))
        };
        match (method, text(0), text(1)) {
            ("slice" | "substring", Some("0"), Some("-1")) => true,
            ("replace", Some(pattern), Some("\"\"" | "''")) => {
                pattern.starts_with('/') && pattern.trim_start_matches(['/', '\\', '[', ']', '+', '*']).starts_with('$')
            }
            _ => false,
        }
    }

    /// `path.slice(0, path.length - extension.length)`: a guard that was not on for the whole was not on for its beginning.
    pub(crate) fn keeps_beginning(&self, calling: &Calling<'a>, method: &str) -> bool {
        let from = calling.code.arguments.first().map(|first| self.flow.kind(value_in(calling.at.module, first.value)));
        matches!(method, "slice" | "substring") && matches!(from, Some(ValueKind::Int(0)))
    }

    /// `re.sub(r"v\\d+$", "", text)`, `SUFFIX.sub("", text)`: the same text without what stands at its end.
    pub(crate) fn end_taken_out(&mut self, calling: &Calling<'a>, name: &str) -> Option<Shade> {
        let (pattern, by, text) = match (name, calling.method.as_deref(), &calling.given[..]) {
            ("re.sub", _, [_, by, text]) => (self.pattern(calling, 0)?, by, text),
            (_, Some("sub"), [by, text]) => (self.pattern_of_receiver(calling)?, by, text),
            _ => return None,
        };
        let is_end = pattern.ends_with('$') && !pattern.contains('|') && by.shade.constant.as_deref() == Some("");
        is_end.then(|| Shade { constant: None, ..text.shade.whole() })
    }

    /// Whether every place is replaced: in JavaScript a text is only replaced where it stands first.
    fn replaces_all(&self, calling: &Calling<'a>) -> bool {
        if self.flow.module(calling.at).language != Language::TypeScript || calling.method.as_deref() != Some("replace")
        {
            return true;
        }
        let Some(pattern) = calling.code.arguments.first() else { return false };
        let at = value_in(calling.at.module, pattern.value);
        let at = self.flow.defined_as(at).unwrap_or(at);
        let text = self.flow.sources.slice(self.flow.span(at));
        matches!(self.flow.kind(at), ValueKind::Regex(_))
            && text.rsplit('/').next().is_some_and(|flags| flags.contains('g'))
    }
}

/// What is left of a text in which what a pattern finds was replaced.
fn cleaned(pattern: &str, by: Option<&str>, everywhere: bool, whole: Shade) -> Shade {
    // What a plain name or literal of SQL never holds is not found in it.
    if whole.proofs.has(Proofs::SQL_SAFE) && matches!(pattern, "'" | "\"" | ";" | "--") {
        return Shade { constant: None, ..whole };
    }
    let class = pattern.trim_end_matches('+').strip_prefix("[^").and_then(|rest| rest.strip_suffix(']'));
    let class = class.filter(|class| everywhere && !class.contains(']'));
    let left = class.zip(by).and_then(|(class, by)| with_signs_of(class, by));
    let proofs = match (left, by) {
        (Some(class), _) => proven_by_pattern(&format!("^[{class}]*$"), false),
        (_, Some("''" | "")) if pattern == "'" => Proofs::NO_QUOTE | Proofs::QUOTES_DOUBLED | Proofs::WEAK_QUOTE,
        (_, Some("\\\\")) if matches!(pattern, "\\" | "\\\\") && everywhere => Proofs::BACKSLASHES_DOUBLED,
        (_, Some("\\\"")) if pattern == "\"" && everywhere && whole.proofs.has(Proofs::BACKSLASHES_DOUBLED) => {
            Proofs::QUOTES_ESCAPED | Proofs::WEAK_QUOTE
        }
        (_, Some("\\$&")) if everywhere && matches!(pattern, "[\"\\\\]" | "[\\\\\"]") => {
            Proofs::QUOTES_ESCAPED | Proofs::WEAK_QUOTE
        }
        (_, Some(by)) if pattern == "'" && everywhere && by.starts_with('\'') => Proofs::NO_QUOTE | Proofs::WEAK_QUOTE,
        (_, Some("\"\"" | "")) if pattern == "\"" => Proofs::NO_DOUBLE_QUOTE | Proofs::WEAK_QUOTE,
        (_, Some("``" | "")) if pattern == "`" && everywhere => Proofs::NO_BACKTICK | Proofs::WEAK_QUOTE,
        _ if pattern.contains(['"', '\'', '$', '`']) => Proofs::WEAK_QUOTE,
        (_, Some(by)) if everywhere && denies(pattern) => Proofs::WEAK_DENY | without(pattern, by),
        _ if denies(pattern) => Proofs::WEAK_DENY,
        _ => Proofs::NONE,
    };
    let kept = |proofs| {
        let kept = kept_by_cleaning(pattern, by, proofs) | by.map(|by| kept_by(by, proofs)).unwrap_or_default();
        kept | without_beginning(pattern, by, proofs)
    };
    let apart = whole.apart.iter().map(|(name, proofs)| (name.clone(), kept(*proofs))).collect();
    Shade { proofs: kept(whole.proofs) | proofs, apart, ..whole }
}

/// What a text no longer holds once a pattern is replaced everywhere.
fn without(pattern: &str, by: &str) -> Proofs {
    match pattern.replace('\\', "").as_str() {
        "/" if !by.contains('/') => Proofs::NO_SLASH,
        // What is left of a run of dots is one dot at most.
        ".." if !by.contains('.') => Proofs::NO_DOTS,
        _ => Proofs::NONE,
    }
}

/// What was proven of the text before and holds of it with something else put in.
fn kept_by(by: &str, proofs: Proofs) -> Proofs {
    let slash = if by.contains('/') { Proofs::NONE } else { Proofs::NO_SLASH };
    let dots = if by.is_empty() || by.contains('.') { Proofs::NONE } else { Proofs::NO_DOTS };
    (slash | dots).shared(proofs)
}

/// Whether taking out what a pattern finds can be meant to keep something out: an extension or a prefix is not.
fn denies(pattern: &str) -> bool {
    let plain = pattern.replace('\\', "");
    plain.contains("..") || plain.contains(['/', '~', ';', '|', '&', '<', '>', '\0', '[']) || pattern.contains("\\\\")
}

/// Whether a text is made of a class of characters, so that putting it in leaves what is proven.
fn is_made_of(class: &str, text: &str) -> bool {
    regex::Regex::new(&format!("^[{class}]*$")).is_ok_and(|class| class.is_match(text))
}

/// A class of characters with those that are put in; nothing where what is put in may be what was found: `$&`.
fn with_signs_of(class: &str, by: &str) -> Option<String> {
    if is_made_of(class, by) {
        return Some(class.to_string());
    }
    // A dot or a slash among them leaves a way out, which the pattern was meant to close.
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | ' ');
    let is_plain = by.chars().all(is_sign) && !class.contains(['.', '/']) && !class.starts_with('-');
    is_plain.then(|| format!("{by}{class}"))
}

/// What was proven of a text before and holds of it after something else is replaced.
fn kept_by_cleaning(pattern: &str, by: Option<&str>, proofs: Proofs) -> Proofs {
    let puts = |is_harmless: fn(char) -> bool| by.is_some_and(|by| by.chars().all(is_harmless));
    let mut kept = Proofs::NUMBER | Proofs::CHOICE;
    if puts(|sign| sign.is_ascii_alphanumeric() || "-_./:@%+=,".contains(sign)) {
        kept |= Proofs::SHELL_WORD;
    }
    if puts(|sign| !"'$".contains(sign)) {
        kept |= Proofs::NO_QUOTE | Proofs::QUOTES_DOUBLED;
    }
    if puts(|sign| !"\"$".contains(sign)) {
        kept |= Proofs::NO_DOUBLE_QUOTE;
    }
    if puts(|sign| !"`$".contains(sign)) {
        kept |= Proofs::NO_BACKTICK;
    }
    if leaves_escapes(pattern, by) {
        kept |= Proofs::BACKSLASHES_DOUBLED | Proofs::QUOTES_ESCAPED;
    }
    kept.shared(proofs)
}

/// Whether replacing a pattern takes no backslash away from before a quote, and puts none there.
fn leaves_escapes(pattern: &str, by: Option<&str>) -> bool {
    let named = ["\\r", "\\n", "\\t", "\\u2028", "\\u2029"];
    let plain = named.iter().fold(pattern.to_string(), |text, escape| text.replace(escape, ""));
    let is_plain = !plain.contains(['\\', '"', '\'', '.', '[', '(', '*', '+', '?', '|', '{', '^', '$']);
    let puts_none = |by: &str| !by.contains(['"', '\'', '$']) && !by.ends_with('\\');
    is_plain && by.is_some_and(puts_none)
}

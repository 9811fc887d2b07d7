//! Texts from whose ends something is taken: what no text holds, no piece of it holds either.

use crate::code::Language;
use crate::taint::address::of_piece;
use crate::taint::call::Calling;
use crate::taint::{Proofs, Shade, Walk};

/// What is told of all characters of a text, and so of every piece of it.
const OF_EVERY_PIECE: Proofs = Proofs::NUMBER
    .and(Proofs::LOG_SAFE)
    .and(Proofs::NO_SLASH)
    .and(Proofs::NO_DOTS)
    .and(Proofs::NO_QUOTE)
    .and(Proofs::NO_DOUBLE_QUOTE)
    .and(Proofs::NO_BACKTICK)
    .and(Proofs::ONE_STATEMENT)
    .and(Proofs::PLAIN_NAME);

impl<'a> Walk<'a> {
    /// `text.removeprefix("x")`: what is left is a piece of the text.
    pub(crate) fn shortened(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let text = calling.receiver.as_ref().filter(|text| text.is_tainted() && text.items.is_none())?;
        let is_python = self.flow.module(calling.at).language == Language::Python;
        let is_cut = matches!(calling.method.as_deref()?, "removeprefix" | "removesuffix");
        (is_python && is_cut && calling.given.len() == 1).then(|| shorter(text.whole()))
    }

    /// `text.lstrip("/")`, `text.trim_start_matches('/')`: no slash is left before it.
    pub(crate) fn without_slashes_before(&self, calling: &Calling<'a>) -> Proofs {
        let taken = calling.given.first().and_then(|given| given.shade.constant.as_deref()).unwrap_or_default();
        let strips = match (self.flow.module(calling.at).language, calling.method.as_deref()) {
            (Language::Python, Some("lstrip" | "strip")) => taken.contains('/'),
            _ => false,
        };
        if strips { Proofs::NOT_ABSOLUTE } else { Proofs::NONE }
    }
}

/// A piece of a text.
fn shorter(text: Shade) -> Shade {
    let apart = text.apart.iter().map(|(name, proofs)| (name.clone(), of_piece_of(*proofs))).collect();
    Shade { proofs: of_piece_of(text.proofs), apart, of: of_piece(&text.of), constant: None, ..text }
}

/// What of all that is proven of a text holds of every piece of it.
pub(crate) fn of_piece_of(proofs: Proofs) -> Proofs {
    let harmless = Proofs::SHELL_WORD | Proofs::SQL_SAFE;
    let is_harmless = proofs.has(harmless) && !proofs.has(Proofs::SHELL_QUOTED);
    let words = if is_harmless { harmless | Proofs::CODE_SAFE } else { Proofs::NONE };
    OF_EVERY_PIECE.shared(proofs) | words.shared(proofs)
}

/// What is left of a text from whose beginning a pattern was taken out: `text.replace(/^\/+/, "")`.
pub(crate) fn without_beginning(pattern: &str, by: Option<&str>, proofs: Proofs) -> Proofs {
    let Some(rest) = pattern.strip_prefix('^').filter(|rest| by == Some("") && !rest.contains('|')) else {
        return Proofs::NONE;
    };
    let plain = rest.replace(r"\/", "/");
    let is_slashes = ["/+", "/*", "[/]+", r"[/\\]+", r"[\\/]+", r"[/\\]*", r"[\\/]*"].contains(&plain.as_str());
    of_piece_of(proofs) | if is_slashes { Proofs::NOT_ABSOLUTE } else { Proofs::NONE }
}

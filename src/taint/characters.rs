//! Texts that are put together again of the characters that a test lets through.

use crate::code::{Language, ValueKind};
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::{Proofs, Shade, Walk};

impl<'a> Walk<'a> {
    /// `''.join(c for c in text if c.isalnum())`, `text.chars().filter(|c| c.is_alphanumeric()).collect()`: what is
    /// proven of each character is proven of the text, but for what only the order of characters makes.
    pub(crate) fn of_characters(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let module = calling.at.module;
        let of = |id| value_in(module, id);
        let (made, shade) = match calling.method.as_deref()? {
            "join" => {
                let is_close = calling.receiver.as_ref()?.constant.as_deref() == Some("");
                let [given] = &calling.given[..] else { return None };
                let list = of(calling.code.arguments.first()?.value);
                let is_of_each = matches!(self.flow.kind(list), ValueKind::Comprehension(_));
                (is_close && is_of_each).then_some((list, given.shade.whole()))?
            }
            "collect" if self.flow.module(calling.at).language == Language::Rust => {
                let ValueKind::Field { base, .. } = self.flow.kind(of(calling.code.callee)) else { return None };
                (of(*base), calling.receiver.as_ref()?.whole())
            }
            _ => return None,
        };
        let text = self.flow.sources.slice(self.flow.span(made));
        if calling.method.as_deref() == Some("collect") && !text.contains("chars()") {
            return None;
        }
        let proofs = of_each_character(shade.proofs, text);
        Some(Shade { proofs, apart: Default::default(), of: Vec::new(), constant: None, items: None, ..shade })
    }
}

/// What is proven of a text by what is proven of each of its characters in a test that is written so.
pub(crate) fn of_each_character(proofs: Proofs, test: &str) -> Proofs {
    // Two dots in a row are more than two dots, and a hyphen may come first.
    let mut lost = Proofs::CHOICE | Proofs::NUMBER;
    if test.contains('-') {
        lost |= Proofs::NOT_FLAG;
    }
    if test.split(['\'', '"']).skip(1).step_by(2).any(|quoted| quoted.contains(['.', '/', '\\'])) {
        lost |= Proofs::CONTAINED | Proofs::PLAIN_NAME | Proofs::HELD;
    }
    proofs.without(lost)
}

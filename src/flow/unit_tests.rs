//! Code of Rust that is built for tests only.

use crate::code::{Language, Module, ValueId};
use crate::source::{Sources, Span};

/// Modules and functions under `#[cfg(test)]` or `#[test]`.
pub fn of(sources: &Sources, module: &Module) -> Vec<Span> {
    if module.language != Language::Rust {
        return Vec::new();
    }
    let says = |decorators: &[ValueId]| decorators.iter().any(|one| is_test(sources.slice(module.value(*one).span)));
    let classes = module.classes.iter().filter(|class| says(&class.decorators)).map(|class| class.span);
    let functions = module.functions.iter().filter(|function| says(&function.decorators));
    classes.chain(functions.map(|function| function.span)).collect()
}

fn is_test(attribute: &str) -> bool {
    let text = attribute.trim_start_matches(['#', '[', ' ']);
    let name = text.split(['(', ']']).next().unwrap_or(text);
    let mut words = text.split(|sign: char| !(sign.is_alphanumeric() || matches!(sign, '_' | '-' | '"')));
    let is_never_built = !text.contains("not(") && !text.contains("any(");
    name == "test" || name.ends_with("::test") || name == "cfg" && is_never_built && words.any(|word| word == "test")
}

//! Addresses of every interface that the code of a package writes anywhere: an address that is loopback as long as nothing
//! is set may be exchanged for one of these in ways that are not followed.

use std::collections::BTreeSet;

use crate::code::{Language, Module, Operator, ValueId, ValueKind};
use crate::extract::addressed::wide;
use crate::extract::tools::package_root;
use crate::load::Loaded;
use crate::source::Span;

/// Calls that hold an address against others, and bind none.
const COMPARING: &[&str] = &[
    "startsWith",
    "startswith",
    "starts_with",
    "includes",
    "has",
    "contains",
    "equals",
    "HasPrefix",
    "EqualFold",
    "ip_address",
    "ip_network",
    "ParseIP",
    "ParseCIDR",
    "test",
    "match",
];

/// The first such text in the running code of a package.
pub(super) fn written_in(loaded: &Loaded, root: &str) -> Option<Span> {
    loaded.live().into_iter().find_map(|id| {
        let module = loaded.program.module(id);
        let is_own = package_root(loaded, Span::new(module.source, 0, 0)) == root;
        is_own.then(|| written(module)).flatten()
    })
}

fn written(module: &Module) -> Option<Span> {
    let mut wide = module.values.iter().enumerate().filter(|(_, value)| is_wide(module, &value.kind)).peekable();
    wide.peek()?;
    let compared = compared(module);
    wide.find(|(at, _)| !compared.contains(&ValueId(*at as u32))).map(|(_, value)| value.span)
}

fn is_wide(module: &Module, kind: &ValueKind) -> bool {
    let ValueKind::Text(text) = kind else { return false };
    // A port behind a colon is an address in Go alone, and `:` or `*` mean much else.
    let is_address = module.language == Language::Go || text.contains("0.0.0.0") || text.contains("::");
    text.len() < 64 && text.as_str() != "*" && is_address && wide(text.split('%').next().unwrap_or(text)).is_some()
}

/// What addresses are held against: sides of comparisons, elements of lists, arguments of tests.
fn compared(module: &Module) -> BTreeSet<ValueId> {
    let mut found = BTreeSet::new();
    for value in &module.values {
        match &value.kind {
            ValueKind::Binary { operator, left, right } if is_comparison(*operator) => found.extend([*left, *right]),
            ValueKind::List(items) | ValueKind::Tuple(items) if !is_command(module, items) => found.extend(items),
            ValueKind::Call(call) => {
                let name = match &module.value(call.callee).kind {
                    ValueKind::Field { name, .. } | ValueKind::Name(name) => name,
                    _ => continue,
                };
                if COMPARING.contains(&name.as_str()) {
                    found.extend(call.arguments.iter().map(|argument| argument.value));
                }
            }
            _ => {}
        }
    }
    found
}

fn is_comparison(operator: Operator) -> bool {
    use Operator::{Equal, In, Is, IsNot, NotEqual, NotIn};
    matches!(operator, Equal | NotEqual | Is | IsNot | In | NotIn)
}

/// `["--host", "0.0.0.0"]`, and `("0.0.0.0", port)`: a command line, or a socket.
fn is_command(module: &Module, items: &[ValueId]) -> bool {
    let is_flag = |id: &ValueId| matches!(&module.value(*id).kind, ValueKind::Text(text) if text.starts_with('-'));
    let is_text = |id: &ValueId| matches!(module.value(*id).kind, ValueKind::Text(_));
    items.iter().any(is_flag) || items.len() == 2 && !items.iter().all(is_text)
}

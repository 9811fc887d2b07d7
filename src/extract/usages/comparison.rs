//! Comparisons of credentials that stop at the first difference.

use crate::code::{Operator, ValueId, ValueKind};
use crate::extract::requests::{Credential, credential};
use crate::flow::meaning::value_in;
use crate::flow::{Flow, ModuleId, ValueRef};
use crate::model::usage::Usage;
use crate::model::{About, Known};

/// Topic of what is found here and of the comparisons in constant time of the tables.
const TOPIC: &str = "comparison";

/// How functions are called that say whether a credential is right.
const VERIFIERS: &[&str] = &["verify", "validate", "isvalid", "authenticate", "authorize", "checktoken", "checkkey"];

/// `given == expected`, where one is a credential that came with a request or is kept, and the other is one too.
pub fn find(flow: &Flow, module: ModuleId) -> Vec<Usage> {
    let code = flow.program.module(module);
    let mut found = Vec::new();
    for at in 0..code.values.len() {
        let id = value_in(module, ValueId(at as u32));
        let ValueKind::Binary { operator: Operator::Equal | Operator::NotEqual, left, right } = flow.kind(id) else {
            continue;
        };
        let sides = [value_in(module, *left), value_in(module, *right)];
        if sides.iter().any(|side| is_plain(flow, *side)) {
            continue;
        }
        let (Some(one), Some(other)) = (credential(flow, sides[0]), credential(flow, sides[1])) else { continue };
        if !is_given_and_kept(one, other) && !is_verified(flow, sides) {
            continue;
        }
        let span = flow.span(id);
        found.push(Usage {
            about: About::new("comparison of credentials", span),
            topic: TOPIC.to_string(),
            call: "==".to_string(),
            sound: Known::is(false, span),
            setting: "it stops at the first difference".to_string(),
        });
    }
    found
}

/// A constant, or something that is no text.
fn is_plain(flow: &Flow, side: ValueRef) -> bool {
    use ValueKind::{Bool, Float, Int, Null, Text};
    matches!(flow.kind(side), Text(_) | Null | Bool(_) | Int(_) | Float(_))
}

/// Whether one comes with a request, or is said to be what is right, and the other is the other.
fn is_given_and_kept(one: Credential, other: Credential) -> bool {
    match one.max(other) {
        Credential::Header => true,
        Credential::Environment => one != other,
        Credential::Expected => one.min(other) == Credential::Named,
        Credential::Named => false,
    }
}

/// Whether a function that verifies credentials holds the one that it is given against a member of what it belongs to:
/// `verify_token(self, token)` with `token != self._token`.
fn is_verified(flow: &Flow, sides: [ValueRef; 2]) -> bool {
    let function = flow.function(flow.owner(sides[0]));
    let name = function.name.as_ref().map(|name| name.replace('_', "").to_ascii_lowercase()).unwrap_or_default();
    let is_given = |side: ValueRef| match flow.kind(side) {
        ValueKind::Name(name) => function.parameters.iter().any(|one| one.name() == Some(name)),
        _ => false,
    };
    let is_member = |side: ValueRef| matches!(flow.kind(side), ValueKind::Field { .. });
    let [left, right] = sides;
    VERIFIERS.iter().any(|verb| name.starts_with(verb))
        && (is_given(left) && is_member(right) || is_given(right) && is_member(left))
}

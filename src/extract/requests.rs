//! What code reads of a request: which header a value is, and which values are credentials.

use crate::code::{Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::Bound;
use crate::flow::{Flow, ValueRef};

mod environment;

pub(crate) use environment::{is_environment, reads_environment};

/// Deepest chain of names and wrappers that is followed.
const MAX_DEPTH: u32 = 6;

/// Where a credential comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Credential {
    /// It is called one.
    Named,
    /// It is called one, and what is right: `expected_token`.
    Expected,
    /// It is read from the environment.
    Environment,
    /// It is read from a header that carries credentials.
    Header,
}

/// The name of the header that a value reads, in lower case.
pub fn header(flow: &Flow, value: ValueRef) -> Option<String> {
    let of = |id: ValueId| value_in(value.module, id);
    let text = |id: ValueId| match flow.kind(of(id)) {
        ValueKind::Text(text) => Some(text.to_ascii_lowercase()),
        ValueKind::Name(_) | ValueKind::Field { .. } => {
            let (meaning, _) = flow.asking_within(200, || flow.meaning(of(id), &None));
            let outside = match &meaning {
                crate::flow::Meaning::Outside(name) => header_constant(name),
                _ => None,
            };
            outside.or_else(|| meaning.text().map(|text| text.to_ascii_lowercase()))
        }
        _ => None,
    };
    match flow.kind(value) {
        ValueKind::Index { base, key } => is_headers(flow, of(*base)).then(|| text(*key)).flatten(),
        ValueKind::Field { base, name } if !is_method(name) && is_headers(flow, of(*base)) => {
            Some(name.to_ascii_lowercase())
        }
        ValueKind::Call(call) => {
            let ValueKind::Field { base, name } = flow.kind(of(call.callee)) else { return None };
            let is_direct = matches!(name.as_str(), "header" | "getHeader" | "GetHeader");
            let is_getter = is_direct || matches!(name.as_str(), "get" | "Get" | "getlist" | "get_all" | "getFirst");
            if !is_getter {
                return None;
            }
            let first = text(call.arguments.first()?.value)?;
            let is_read = is_direct || is_headers(flow, of(*base)) || is_request_get(flow, of(*base), &first);
            is_read.then_some(first)
        }
        _ => None,
    }
}

/// `http.header.AUTHORIZATION` and the like.
fn header_constant(name: &str) -> Option<String> {
    let (rest, last) = name.rsplit_once(['.', ':', '#'])?;
    rest.to_ascii_lowercase().contains("header").then(|| last.to_ascii_lowercase().replace('_', "-"))
}

fn is_method(name: &str) -> bool {
    matches!(name, "get" | "Get" | "has" | "set" | "items" | "keys" | "forEach" | "entries" | "append" | "delete")
}

/// Whether something holds headers, by what it is called.
pub(crate) fn is_headers(flow: &Flow, value: ValueRef) -> bool {
    let last = match flow.kind(value) {
        ValueKind::Name(name) => name.clone(),
        ValueKind::Field { name, .. } => name.clone(),
        ValueKind::Call(call) => match flow.kind(value_in(value.module, call.callee)) {
            ValueKind::Field { name, .. } | ValueKind::Name(name) => name.clone(),
            _ => return false,
        },
        ValueKind::Binary { left, .. } => return is_headers(flow, value_in(value.module, *left)),
        _ => return false,
    };
    let last = last.to_ascii_lowercase();
    (last.contains("header") || last == "metadata") && !is_of_answer(flow, value)
}

/// Whether headers are those of an answer, by what holds them: `response.headers`.
fn is_of_answer(flow: &Flow, headers: ValueRef) -> bool {
    let ValueKind::Field { base, .. } = flow.kind(headers) else { return false };
    let name = match flow.kind(value_in(headers.module, *base)) {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => name.to_ascii_lowercase(),
        _ => return false,
    };
    matches!(name.as_str(), "res" | "resp" | "reply") || name.ends_with("response")
}

/// `req.get("Authorization")` of express.
fn is_request_get(flow: &Flow, value: ValueRef, header: &str) -> bool {
    let is_request = matches!(flow.kind(value), ValueKind::Name(name) if matches!(name.as_str(), "req" | "request"));
    is_request && (carries_credentials(header) || matches!(header, "origin" | "host"))
}

/// Whether a header carries credentials.
pub fn carries_credentials(header: &str) -> bool {
    let name = header.to_ascii_lowercase();
    let last = name.rsplit('-').next().unwrap_or(&name);
    matches!(name.as_str(), "authorization" | "proxy-authorization" | "apikey" | "api-key")
        || (name.contains('-') && matches!(last, "key" | "token" | "secret" | "auth" | "authorization"))
}

/// What kind of credential a value is, if it is one; followed through names and what only trims or takes apart.
pub fn credential(flow: &Flow, value: ValueRef) -> Option<Credential> {
    credential_at(flow, value, MAX_DEPTH)
}

fn credential_at(flow: &Flow, value: ValueRef, depth: u32) -> Option<Credential> {
    let depth = depth.checked_sub(1)?;
    let of = |id: ValueId| value_in(value.module, id);
    if header(flow, value).is_some_and(|name| carries_credentials(&name)) {
        return Some(Credential::Header);
    }
    match flow.kind(value) {
        ValueKind::Name(name) => bound(flow, value, name, depth).max(by_name(name)),
        ValueKind::Field { base, name } => match is_environment(flow, of(*base)) {
            true => by_name(name).map(|_| Credential::Environment),
            false => by_name(name).or_else(|| taken(name).then(|| credential_at(flow, of(*base), depth)).flatten()),
        },
        ValueKind::Index { base, key } => match flow.kind(of(*key)) {
            ValueKind::Text(name) if is_environment(flow, of(*base)) => by_name(name).map(|_| Credential::Environment),
            ValueKind::Text(name) => by_name(name),
            // `parts[1]`, `header[7:]`
            _ => credential_at(flow, of(*base), depth),
        },
        ValueKind::Call(call) => {
            let first = call.arguments.first().map(|argument| of(argument.value));
            match flow.kind(of(call.callee)) {
                ValueKind::Field { base, name } => {
                    let environment = first.filter(|_| reads_environment(flow, of(call.callee)));
                    match environment.map(|first| flow.kind(first)) {
                        Some(ValueKind::Text(name)) => by_name(name).map(|_| Credential::Environment),
                        _ if taken(name) => {
                            credential_at(flow, of(*base), depth).or_else(|| credential_at(flow, first?, depth))
                        }
                        _ => None,
                    }
                }
                ValueKind::Name(name) if matches!(name.as_str(), "str" | "String" | "bytes" | "len") => {
                    credential_at(flow, first?, depth).filter(|_| name != "len")
                }
                _ => None,
            }
        }
        ValueKind::Template(parts) => parts.iter().filter_map(|part| credential_at(flow, of(*part), depth)).max(),
        ValueKind::Binary { left, right, .. } => {
            credential_at(flow, of(*left), depth).max(credential_at(flow, of(*right), depth))
        }
        ValueKind::Choice { then, otherwise, .. } => {
            let other = otherwise.and_then(|id| credential_at(flow, of(id), depth));
            credential_at(flow, of(*then), depth).max(other)
        }
        ValueKind::Await(inner) | ValueKind::Propagate(inner) | ValueKind::Unary(inner) => {
            credential_at(flow, of(*inner), depth)
        }
        _ => None,
    }
}

/// The variable of the environment that a value reads, where it is called as a credential is.
pub fn credential_variable(flow: &Flow, value: ValueRef) -> Option<Name> {
    let of = |id: ValueId| value_in(value.module, id);
    let name = match flow.kind(value) {
        ValueKind::Field { base, name } if is_environment(flow, of(*base)) => name.clone(),
        ValueKind::Index { base, key } if is_environment(flow, of(*base)) => written(flow, of(*key))?,
        ValueKind::Call(call) if reads_environment(flow, of(call.callee)) => {
            written(flow, of(call.arguments.first()?.value))?
        }
        _ => return None,
    };
    is_credential_name(&name).then_some(name)
}

/// A text that stands there, or in the constant that is named there.
pub(crate) fn written(flow: &Flow, value: ValueRef) -> Option<Name> {
    match flow.kind(value) {
        ValueKind::Text(text) => Some(text.clone()),
        _ => flow.asking_within(500, || flow.meaning(value, &None)).0.text().cloned(),
    }
}

/// Whether something is called as a credential is.
pub fn is_credential_name(name: &str) -> bool {
    by_name(name).is_some() && !is_address(name) || is_secret_variable(name)
}

/// Whether a name is that of who gives credentials out, or is to be given them: `OAUTH_AUTHORIZATION_SERVER`.
fn is_address(name: &str) -> bool {
    const LAST: &[&str] = &["server", "servers", "issuer", "uri", "host", "audience"];
    // The address of a thing that is secret may be told by its name and hold the thing: `API_KEY_SERVER`.
    const SECRET: &[&str] = &["token", "key", "apikey", "secret", "password", "credential", "credentials"];
    let words = words(name);
    words.last().is_some_and(|word| LAST.contains(&word.as_str()))
        && !words.iter().any(|word| SECRET.contains(&word.as_str()))
}

/// Whether a name written as variables of the environment are ends as short names of secrets do: `DB_PASS`, `GITHUB_PAT`.
/// In other names these words mean other things.
fn is_secret_variable(name: &str) -> bool {
    const LAST: &[&str] = &["PASS", "PASSWD", "PASSPHRASE", "PWD", "PAT"];
    let is_variable = name.bytes().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == b'_');
    let ends = |(_, last): (&str, &str)| LAST.contains(&last);
    is_variable && (name.rsplit_once('_').is_some_and(ends) || name.ends_with("PRIVATE_KEY"))
}

/// What a name is bound to, in the functions around.
fn bound(flow: &Flow, at: ValueRef, name: &Name, depth: u32) -> Option<Credential> {
    let (_, bindings) = flow.bindings_around(at, name)?;
    let values = bindings.iter().take(4).filter_map(|binding| match binding.bound {
        Bound::Value(value) | Bound::Matched(Some(value)) => credential_at(flow, value_in(at.module, value), depth),
        _ => None,
    });
    values.max()
}

/// Methods that give the text or a part of it.
pub(crate) fn taken(method: &str) -> bool {
    const METHODS: &[&str] = &[
        "strip",
        "trim",
        "slice",
        "substring",
        "substr",
        "replace",
        "split",
        "removeprefix",
        "lower",
        "toString",
        "encode",
        "unwrap_or",
        "unwrap_or_default",
        "unwrap",
        "strip_prefix",
        "and_then",
        "ok",
        "to_str",
        "pop",
        "at",
        "get_secret_value",
        "as_str",
        "as_bytes",
        "TrimPrefix",
        "TrimSpace",
        "partition",
        "1",
    ];
    METHODS.contains(&method)
}

/// Whether a name is that of a credential.
pub(crate) fn names_credential(name: &str) -> bool {
    by_name(name).is_some()
}

/// What a name says: credentials by their words, without those that only speak about one.
fn by_name(name: &str) -> Option<Credential> {
    const ABOUT: &[&str] = &[
        "type",
        "name",
        "names",
        "count",
        "counts",
        "length",
        "len",
        "index",
        "expires",
        "expiry",
        "id",
        "ids",
        "url",
        "endpoint",
        "limit",
        "usage",
        "use",
        "confirm",
        "confirmation",
        "path",
        "file",
        "kind",
        "budget",
        "prefix",
        "tokens",
        "max",
        "store",
        "provider",
        "status",
        "source",
        "schema",
        "mode",
        "method",
        "env",
        "key_id",
        "error",
        "format",
        "at",
        "ref",
        "line",
        "next",
        "page",
        "previous",
        "cancellation",
        "cancel",
        "csrf",
        "enable",
        "enabled",
        "disable",
        "disabled",
        "allow",
        "passthrough",
        "challenge",
        "arn",
        "ratio",
        "ms",
        "seconds",
        "timeout",
        "require",
        "ttl",
        "region",
    ];
    // What hands a credential out, where it is the last word: `TOKEN_SCRIPT` and not `SCRIPT_TOKEN`.
    const PROGRAMS: &[&str] = &["script", "command", "cmd", "helper"];
    let words = words(name);
    let is_program = words.last().is_some_and(|word| PROGRAMS.contains(&word.as_str()));
    if is_program || words.iter().any(|word| ABOUT.contains(&word.as_str())) {
        return None;
    }
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let is_key = has("apikey") || (has("key") && (has("api") || has("secret") || has("auth") || has("access")));
    let is_it = is_key || has("token") || has("secret") || has("password") || has("bearer") || has("authorization");
    let is_expected =
        ["expected", "valid", "stored", "configured", "server", "required", "auth", "admin", "master", "api"];
    let expects = is_expected.iter().any(|word| has(word));
    is_it.then_some(if expects { Credential::Expected } else { Credential::Named })
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.chars() {
        let starts = !before.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase());
        match words.last_mut().filter(|_| !starts) {
            Some(word) if c.is_alphanumeric() => word.extend(c.to_lowercase()),
            _ if c.is_alphanumeric() => words.push(c.to_lowercase().collect()),
            _ => {}
        }
        before = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_credentials_are_told_from_names_that_speak_of_them() {
        for name in ["token", "apiKey", "API_KEY", "authToken", "expected_token", "bearerToken", "client_secret"] {
            assert!(by_name(name).is_some(), "{name}");
        }
        for name in ["tokenType", "token_count", "maxTokens", "key", "nextPageToken", "confirmPassword", "tokenLimit"] {
            assert!(by_name(name).is_none(), "{name}");
        }
        for name in ["REQUIRE_REQUEST_TOKEN", "DB_SECRET_ARN", "TOKEN_REFRESH_RATIO", "TOKEN_REQUEST_TIMEOUT_MS"] {
            assert!(by_name(name).is_none(), "{name}");
        }
    }

    #[test]
    fn headers_that_carry_credentials_are_known() {
        for name in ["Authorization", "x-api-key", "X-Auth-Token", "x-mcp-proxy-auth"] {
            assert!(carries_credentials(name), "{name}");
        }
        for name in ["origin", "host", "mcp-session-id", "content-type"] {
            assert!(!carries_credentials(name), "{name}");
        }
    }
}

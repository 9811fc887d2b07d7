//! How the credentials that callers bring are kept: as they are, in code, files and databases, or as digests.

use crate::code::{Operator, ValueId, ValueKind};
use crate::extract::usages::asked::{is_credential, is_made_of, values};
use crate::flow::meaning::value_in;
use crate::flow::{Flow, Meaning, ModuleId, ValueRef};
use crate::model::usage::Usage;
use crate::model::{About, Known};

/// Topic of what is found here.
const TOPIC: &str = "key-store";

/// Every place where the credential of a request is looked up, or held against a digest.
pub fn find(flow: &Flow, module: ModuleId) -> Vec<Usage> {
    let found = values(flow, module).filter_map(|value| {
        let (sound, setting) = looked_up(flow, value)?;
        let span = flow.span(value);
        Some(Usage {
            about: About::new("credential of a caller", span),
            topic: TOPIC.to_string(),
            call: "credential of a caller".to_string(),
            sound: Known::is(sound, span),
            setting,
        })
    });
    found.collect()
}

/// Whether a value looks a credential up, and how what it is held against is kept.
fn looked_up(flow: &Flow, value: ValueRef) -> Option<(bool, String)> {
    let of = |id: ValueId| value_in(value.module, id);
    match flow.kind(value) {
        ValueKind::Binary { operator: Operator::In | Operator::NotIn, left, right } => {
            in_collection(flow, of(*left), of(*right))
        }
        ValueKind::Index { base, key } => in_collection(flow, of(*key), of(*base)),
        ValueKind::Call(call) => {
            let arguments: Vec<ValueRef> = call.arguments.iter().map(|argument| of(argument.value)).collect();
            let ValueKind::Field { base, name } = flow.kind(of(call.callee)) else { return None };
            if let Some(found) = against_digest(flow, name, &arguments) {
                return Some(found);
            }
            match (name.as_str(), &arguments[..]) {
                ("includes" | "has" | "get" | "contains" | "contains_key" | "indexOf" | "Has", [first, ..]) => {
                    in_collection(flow, *first, of(*base))
                }
                ("Contains", [list, key]) => in_collection(flow, *key, *list),
                _ => in_database(flow, &arguments),
            }
        }
        _ => None,
    }
}

fn in_collection(flow: &Flow, key: ValueRef, collection: ValueRef) -> Option<(bool, String)> {
    // Where a collection comes from is asked last: it takes longest to find out.
    let is_plain = is_credential(flow, key);
    if !is_plain && !is_digest(flow, key) {
        return None;
    }
    let place = kept(flow, collection)?;
    Some(match is_plain {
        true => (false, format!("it is held against keys that are kept as they are in {place}")),
        false => (true, format!("its digest is looked up in {place}")),
    })
}

/// Where a collection comes from, if it is kept.
fn kept(flow: &Flow, collection: ValueRef) -> Option<&'static str> {
    if !matches!(
        flow.kind(collection),
        ValueKind::Name(_) | ValueKind::Field { .. } | ValueKind::List(_) | ValueKind::Tuple(_) | ValueKind::Map(_)
    ) {
        return None;
    }
    let (meaning, _) = flow.asking_within(400, || flow.meaning(collection, &None));
    let is_literal = match &meaning {
        Meaning::List(items) => items.iter().any(|item| is_text(flow, &item.value)),
        Meaning::Map(entries) => entries.iter().any(|entry| entry.key.is_some()),
        _ => false,
    };
    if is_literal {
        return Some("the code");
    }
    is_made_of(flow, collection, &reads_file).then_some("a file")
}

fn is_text(flow: &Flow, meaning: &Meaning) -> bool {
    matches!(flow.force(meaning), Meaning::Text(..))
}

/// `open(path)`, `readFileSync(path)`, `os.ReadFile(path)`, `Path(p).read_text()`.
fn reads_file(flow: &Flow, value: ValueRef) -> bool {
    let ValueKind::Call(call) = flow.kind(value) else { return false };
    let callee = flow.sources.slice(flow.span(value_in(value.module, call.callee)));
    let last = callee.rsplit(['.', ':']).next().unwrap_or(callee);
    matches!(
        last,
        "open"
            | "readFileSync"
            | "readFile"
            | "ReadFile"
            | "read_text"
            | "read_to_string"
            | "readJson"
            | "readJsonSync"
    )
}

/// A query that compares a column of keys with the credential as it is.
fn in_database(flow: &Flow, arguments: &[ValueRef]) -> Option<(bool, String)> {
    let asks = |one: &ValueRef| matches!(flow.kind(*one), ValueKind::Text(text) if compares_keys(text));
    let rest = arguments.iter().skip_while(|one| !asks(one)).skip(1);
    let given: Vec<ValueRef> = rest.flat_map(|one| parts(flow, *one)).collect();
    if given.iter().any(|one| is_credential(flow, *one)) {
        return Some((false, "it is held against keys that are kept as they are in a database".to_string()));
    }
    let is_hashed = given.iter().any(|one| is_digest(flow, *one));
    is_hashed.then(|| (true, "its digest is looked up in a database".to_string()))
}

fn parts(flow: &Flow, value: ValueRef) -> Vec<ValueRef> {
    match flow.kind(value) {
        ValueKind::List(parts) | ValueKind::Tuple(parts) => {
            parts.iter().take(16).map(|id| value_in(value.module, *id)).collect()
        }
        _ => vec![value],
    }
}

fn compares_keys(sql: &str) -> bool {
    let sql = sql.to_ascii_lowercase();
    let Some((_, tests)) = sql.split_once("where") else { return false };
    let words: Vec<&str> = tests.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let is_select = sql.trim_start().starts_with("select");
    is_select && words.iter().any(|word| ["key", "api_key", "apikey", "token", "access_token", "secret"].contains(word))
}

/// `sha256(token)`, `createHash("sha256").update(token).digest("hex")`.
fn is_digest(flow: &Flow, value: ValueRef) -> bool {
    let hashes = |flow: &Flow, one: ValueRef| {
        let ValueKind::Call(call) = flow.kind(one) else { return false };
        let callee = flow.sources.slice(flow.span(value_in(one.module, call.callee))).to_ascii_lowercase();
        [
            "sha256",
            "sha512",
            "sha3",
            "blake2",
            "blake3",
            "createhash",
            "createhmac",
            "hmac.new",
            "pbkdf2",
            "scrypt",
            "digest",
        ]
        .iter()
        .any(|word| callee.contains(word))
    };
    is_made_of(flow, value, &hashes) && is_made_of(flow, value, &is_credential)
}

/// `bcrypt.compare(token, digest)`, `argon2.verify(digest, token)`.
fn against_digest(flow: &Flow, method: &str, arguments: &[ValueRef]) -> Option<(bool, String)> {
    let is_one = matches!(
        method,
        "compareSync"
            | "checkpw"
            | "check_password_hash"
            | "CompareHashAndPassword"
            | "verify_password"
            | "compare"
            | "verify"
    );
    let (credentials, others): (Vec<ValueRef>, Vec<ValueRef>) =
        arguments.iter().partition(|one| is_credential(flow, **one));
    let is_against_hash = others.iter().any(|other| {
        let text = flow.sources.slice(flow.span(*other)).to_ascii_lowercase();
        text.contains("hash") || text.contains("digest")
    });
    (is_one && !credentials.is_empty() && is_against_hash).then(|| (true, "it is held against a digest".to_string()))
}

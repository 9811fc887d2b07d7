//! Secrets whose values stand in the tree: encoded is not encrypted.

use super::object::Object;
use super::value;
use crate::discover::FileKind;
use crate::document::Node;
use crate::extract::boundary::NO_GIT;
use crate::extract::secrets::{looks_secret, mask};
use crate::load::Loaded;
use crate::model::known::Known;
use crate::model::project::Secret;
use crate::model::{About, Facts};

/// Values of one Secret that are looked at.
const MOST: usize = 200;

/// Finds values of Secrets that are written out in base64; plain ones are found as any other text is.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let files = loaded.documents_of(FileKind::Kubernetes).filter(|(file, _)| file.role.is_own());
    for (file, document) in files {
        let tracked = loaded.git.as_ref().and_then(|git| git.tracks(&file.path));
        let objects = Object::read_all(document.roots(), &file.path);
        // What SOPS has encrypted says so beside it.
        let secrets = objects.iter().filter(|object| object.kind == "Secret" && object.root.get("sops").is_none());
        for (key, node) in secrets.filter_map(|object| object.root.get("data")).flat_map(Node::entries).take(MOST) {
            let known = facts
                .secrets
                .iter()
                .any(|secret| secret.about.span.contains(node.span()) || node.span().contains(secret.about.span));
            if let Some(masked) = written_out(key, node).filter(|_| !known) {
                let span = node.span();
                facts.secrets.push(Secret {
                    about: About::new("kubernetes-secret", span),
                    shape: "kubernetes-secret".into(),
                    masked,
                    file_kind: "manifest".into(),
                    certainty: "high".into(),
                    tracked: tracked.map_or(Known::unknown(NO_GIT, span), |tracked| Known::is(tracked, span)),
                });
            }
        }
    }
}

/// The masked value, where one stands there that is no stand-in.
fn written_out(key: Node<'_>, node: Node<'_>) -> Option<String> {
    let text = value::known(node).value().cloned()?;
    let decoded = String::from_utf8(decode(text.trim())?).ok()?;
    looks_secret(&key.scalar()?, decoded.trim()).map(|_| mask(decoded.trim()))
}

/// Base64 with padding or without.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_and_without_padding() {
        let cases = [("aGVsbG8=", Some("hello")), ("aGVsbG8", Some("hello")), ("", Some("")), ("a b!", None)];
        for (text, expected) in cases {
            assert_eq!(decode(text).and_then(|bytes| String::from_utf8(bytes).ok()).as_deref(), expected, "{text}");
        }
    }
}

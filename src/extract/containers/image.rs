//! Image references: registry, name, tag, digest.

use super::interpolate;
use crate::model::About;
use crate::model::container::Image;
use crate::model::known::{Known, Spanned};

/// Reads a reference; `role` is `run` or `base`.
pub fn read(text: &Spanned<String>, role: &str, built_here: bool) -> Image {
    let reference = interpolate::known(&text.value, text.span);
    let (tag, digest) = match &reference {
        Known::Is(resolved) => {
            let (tag, digest) = parts(&resolved.value);
            let known = |part: Option<&str>| part.map_or(Known::Absent, |part| Known::is(part.to_string(), text.span));
            (known(tag), known(digest))
        }
        Known::Unknown(unknown) => match parts(&text.value).1 {
            Some(digest) if is_digest(digest) => (Known::Absent, Known::is(digest.to_string(), text.span)),
            Some(_) | None => (Known::Unknown(unknown.clone()), Known::Unknown(unknown.clone())),
        },
        Known::Absent => (Known::Absent, Known::Absent),
    };
    let name = reference.value().unwrap_or(&text.value).clone();
    Image { about: About::new(name, text.span), reference, tag, digest, role: role.into(), built_here }
}

/// Tag and digest of a reference.
pub fn parts(reference: &str) -> (Option<&str>, Option<&str>) {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest).filter(|digest| is_digest(digest))),
        None => (reference, None),
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    (last.split_once(':').map(|(_, tag)| tag).filter(|tag| !tag.is_empty()), digest)
}

/// The name without tag, digest and the default registry.
pub fn name(reference: &str) -> &str {
    let name = reference.split_once('@').map_or(reference, |(name, _)| name);
    let folder = name.rfind('/').map_or(0, |at| at + 1);
    let name = name[folder..].find(':').map_or(name, |at| &name[..folder + at]);
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

fn is_digest(text: &str) -> bool {
    let hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.strip_prefix("sha256:").is_some_and(|rest| hex(rest, 64))
        || text.strip_prefix("sha512:").is_some_and(|rest| hex(rest, 128))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};

    #[test]
    fn references_are_taken_apart() {
        let digest = format!("sha256:{}", "a1".repeat(32));
        let mut sources = Sources::default();
        let span = Span::new(sources.add_text("x", ""), 0, 0);
        let cases = [
            ("python", "python", None, false),
            ("docker.io/library/python:3.12", "python", Some("3.12"), false),
            ("localhost:5000/a/b", "localhost:5000/a/b", None, false),
            ("ghcr.io/a/b:1@DIGEST", "ghcr.io/a/b", Some("1"), true),
            ("a@sha256:short", "a", None, false),
            ("a:${TAG:-latest}", "a", Some("latest"), false),
        ];
        for (text, bare, tag, has_digest) in cases {
            let image = read(&Spanned::new(text.replace("DIGEST", &digest), span), "run", false);
            assert_eq!(image.tag.value().map(String::as_str), tag, "{text}");
            assert_eq!(image.digest.value().is_some(), has_digest, "{text}");
            assert_eq!(name(image.reference.value().map_or("", String::as_str)), bare, "{text}");
        }
        let unknown = read(&Spanned::new("a:${TAG}".into(), span), "run", false);
        assert!(matches!((&unknown.tag, &unknown.digest), (Known::Unknown(_), Known::Unknown(_))));
    }
}

//! What a regular expression, a proof's name, and the start of a text tell.

use std::collections::HashMap;
use std::sync::{LazyLock, RwLock};

use regex::RegexBuilder;

use crate::taint::Proofs;

/// Texts that must not pass, by the proof that a pattern gives which refuses all of them.
const SAMPLES: &[(Proofs, &[&str])] = &[
    (
        Proofs::PLAIN_NAME,
        &["../a", "a/../b", "/etc/passwd", "..", "a/b", "..\\a", "C:\\a", "a\\b", "~/a", "../../../../etc/passwd"],
    ),
    (
        Proofs::DOWNWARD,
        &["../a", "a/../b", "a/..", "/etc/passwd", "..", "..\\a", "a\\..\\b", "C:\\a", "~/a", "../../../../etc/passwd"],
    ),
    (
        Proofs::SHELL_WORD,
        &["a;b", "$(a)", "a|b", "a&b", "`a`", "a b", "a>b", "a\nb", "a'b", "a\"b", "a<b", "a\\b", "a*b", "1; rm -rf /"],
    ),
    (Proofs::NOT_FLAG, &["-a", "--a", "--output=x", "-rf", "-oProxyCommand=x"]),
    (Proofs::SQL_SAFE, &["a'b", "a\"b", "a;b", "a--b", "1 OR 1=1", "a b", "a/*b", "a)b", "1; DROP TABLE a"]),
    (
        Proofs::HOST_ALLOWED,
        &[
            "http://127.0.0.1/",
            "http://169.254.169.254/latest",
            "https://evil.example/",
            "file:///etc/passwd",
            "http://a@b/",
        ],
    ),
    (Proofs::CODE_SAFE, &["a(b)", "__import__('os')", "a;b", "a[b]", "require('a')", "a=b", "a.b()"]),
];

/// What patterns prove, which is asked again at each call of what tests by them, by one thread and the others.
static PROVEN: LazyLock<RwLock<HashMap<(String, How), Proofs>>> = LazyLock::new(RwLock::default);

/// How a pattern is held against a text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum How {
    /// It matches, the whole of the text or any part of it.
    Matches { whole: bool },
    /// It is found nowhere.
    IsAbsent,
}

/// Most patterns of which it is remembered what they prove.
const MAX_PROVEN: usize = 1_000;

/// What is proven of a text that a pattern matches: `partial` patterns need not match the whole of it.
pub fn proven_by_pattern(pattern: &str, whole: bool) -> Proofs {
    // A pattern that refuses ordinary text as well tells nothing: it may be looking for one word.
    let plain = pattern.strip_suffix("\\Z").map(|rest| format!("{rest}\\z"));
    let pattern = plain.as_deref().unwrap_or(pattern);
    let begins = pattern.starts_with('^') || pattern.starts_with("\\A");
    let ends = whole || (begins && (pattern.ends_with('$') || pattern.ends_with("\\z")));
    if !ends {
        return proven_by_beginning(pattern);
    }
    once(pattern, How::Matches { whole }, || proven_by(pattern, whole))
}

/// What a pattern proves, worked out when it is first asked for.
fn once(pattern: &str, how: How, ask: impl FnOnce() -> Proofs) -> Proofs {
    let key = (pattern.to_string(), how);
    if let Some(known) = PROVEN.read().ok().and_then(|proven| proven.get(&key).copied()) {
        return known;
    }
    let found = ask();
    if let Some(mut proven) = PROVEN.write().ok().filter(|proven| proven.len() < MAX_PROVEN) {
        proven.insert(key, found);
    }
    found
}

/// What is proven of a text in which a pattern is found nowhere: it holds none of the characters that the pattern finds
/// wherever they stand.
pub fn refused_by(pattern: &str) -> Proofs {
    once(pattern, How::IsAbsent, || proven_by_absence(pattern))
}

fn proven_by_absence(pattern: &str) -> Proofs {
    let Ok(regex) = RegexBuilder::new(pattern).size_limit(1 << 20).build() else { return Proofs::NONE };
    let is_found = |text: &str| {
        let around = ["", "a", "0", " ", "/"];
        around.iter().all(|one| around.iter().all(|two| regex.is_match(&format!("{one}{text}{two}"))))
    };
    // A pattern that finds ordinary text tells nothing: it may be looking for something else.
    if ["", "a", "0"].into_iter().any(|text| regex.is_match(text)) {
        return Proofs::NONE;
    }
    let told = [
        (Proofs::NO_QUOTE, &["'"][..]),
        (Proofs::NO_DOUBLE_QUOTE, &["\""]),
        (Proofs::NO_SLASH, &["/"]),
        (Proofs::NO_DOTS, &[".."]),
        (Proofs::ONE_STATEMENT, &[";"]),
        (Proofs::SHELL_WORD, &[";", "|", "&", "$", "`", "(", "<", ">", "\n", "\t", " ", "'", "\"", "\\", "*"]),
    ];
    told.iter().filter(|(_, all)| all.iter().all(|text| is_found(text))).fold(Proofs::NONE, |all, (one, _)| all | *one)
}

/// What a pattern proves of an address that need not match the whole of it: `^https://[a-z]+\.example\.com/`.
fn proven_by_beginning(pattern: &str) -> Proofs {
    if begins_with_host(pattern) {
        return Proofs::HOST_ALLOWED;
    }
    let labels: Vec<&str> = pattern.split("\\.").collect();
    let names_a_host = labels.len() > 1 && labels.iter().all(|label| label.contains(char::is_alphanumeric));
    if names_a_host { Proofs::WEAK_HOST } else { Proofs::NONE }
}

/// Whether the pattern of a host lets through hosts of one domain alone, which is written there with two labels at least,
/// and nothing that ends a host.
fn is_below_one_domain(pattern: &str) -> bool {
    let unescaped: String =
        pattern.split('\\').enumerate().map(|(at, part)| part.get(usize::from(at > 0)..).unwrap_or("")).collect();
    let is_open =
        ["[^", "@", ":"].iter().any(|open| pattern.contains(open)) || unescaped.contains(['.', '(', '|', '?']);
    let classes = ["\\S", "\\D", "\\W"];
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    let own = pattern.rsplit("\\.").take(2);
    !is_open
        && !classes.iter().any(|class| pattern.contains(class))
        && own.clone().count() == 2
        && own.into_iter().all(is_label)
}

fn proven_by(pattern: &str, whole: bool) -> Proofs {
    let anchored = if whole { format!("^(?:{pattern})$") } else { pattern.to_string() };
    let Ok(regex) = RegexBuilder::new(&anchored).size_limit(1 << 20).build() else { return Proofs::NONE };
    let refused = SAMPLES.iter().filter(|(_, samples)| samples.iter().all(|sample| !regex.is_match(sample)));
    refused.fold(Proofs::NONE, |all, (proof, _)| all | *proof)
}

/// Whether a pattern begins at the beginning and fixes scheme and host of a URL, or its domain, whatever comes after them.
fn begins_with_host(pattern: &str) -> bool {
    let plain = pattern.replace("\\/", "/");
    let Some(rest) = plain.strip_prefix("^(?:").or_else(|| plain.strip_prefix('^')) else { return false };
    let Some((scheme, rest)) = rest.split_once("://") else { return false };
    let Some((host, _)) = rest.split_once('/') else { return false };
    let is_literal = |text: &str| {
        let unescaped = text.replace("\\.", "").replace("\\-", "");
        unescaped.chars().all(|sign| sign.is_ascii_alphanumeric() || "-?:()|".contains(sign))
    };
    let opened = host.matches('(').count();
    let is_whole = opened == host.matches(')').count() && (opened > 0 || !host.contains('|'));
    // Another way to match would begin with something else.
    let has_other = rest[host.len()..].contains('|') || scheme.contains('|') && !scheme.contains('(');
    let is_fixed = !host.is_empty() && is_literal(host) && is_whole || is_below_one_domain(host);
    is_fixed && is_literal(scheme) && !has_other
}

/// The proof of that name in an effect table; nothing for those that no effect asks for.
pub fn proof(name: &str) -> Option<Proofs> {
    let word = Proofs::PLAIN_NAME | Proofs::SHELL_WORD | Proofs::SQL_SAFE;
    Some(match name {
        "number" | "boolean" | "date" => Proofs::NUMBER,
        "choice" => Proofs::CHOICE,
        "plain-name" | "base-name" => Proofs::PLAIN_NAME,
        "alphanumeric" | "identifier" | "uuid" | "hashed" | "address" => word | Proofs::NOT_FLAG | Proofs::CODE_SAFE,
        "encoded" => Proofs::SHELL_WORD | Proofs::SQL_SAFE,
        "shell-word" => Proofs::SHELL_WORD,
        "shell-quoted" => Proofs::SHELL_WORD | Proofs::SHELL_QUOTED,
        "not-flag" | "json" => Proofs::NOT_FLAG,
        "resolved" => Proofs::RESOLVED,
        "normal" => Proofs::NORMAL,
        "absolute" => Proofs::ABSOLUTE,
        "not-absolute" => Proofs::NOT_ABSOLUTE,
        "links-resolved" => Proofs::LINKS_RESOLVED,
        "contained" => Proofs::CONTAINED | Proofs::HELD,
        "host-allowed" => Proofs::HOST_ALLOWED,
        "host-public" | "public-address" => Proofs::HOST_PUBLIC,
        "sql-safe" | "sql-identifier" | "sql-literal" => Proofs::SQL_SAFE,
        "code-safe" => Proofs::CODE_SAFE,
        "relative" => Proofs::RELATIVE,
        "names-only" => Proofs::LOG_SAFE,
        "names-and-values" => Proofs::PAIRS,
        "not-private" => Proofs::NOT_PRIVATE,
        "not-loopback" => Proofs::NOT_LOOPBACK,
        "not-link-local" => Proofs::NOT_LINK,
        "url-quoted" => Proofs::URL_WORD,
        "looked-up" => Proofs::LOOKED_UP,
        "validated" => Proofs::VALIDATED,
        "words" => Proofs::WORDS,
        "text" => Proofs::OF_TEXT,
        "weak-prefix" => Proofs::WEAK_PREFIX,
        "weak-order" => Proofs::WEAK_ORDER,
        "weak-deny" => Proofs::WEAK_DENY,
        "weak-scheme" => Proofs::WEAK_SCHEME,
        "weak-host" => Proofs::WEAK_HOST,
        "weak-sql" => Proofs::WEAK_SQL,
        "weak-quote" => Proofs::WEAK_QUOTE,
        _ => return None,
    })
}

/// All proofs of those names.
pub fn proofs(names: &[String]) -> Proofs {
    names.iter().filter_map(|name| proof(name)).fold(Proofs::NONE, |all, one| all | one)
}

/// Whether a text fixes the host of a URL: scheme, host and what ends it.
pub fn fixes_host(begin: &str) -> bool {
    let Some((scheme, rest)) = begin.split_once("://") else {
        return begin.starts_with('/') && !begin.starts_with("//");
    };
    !scheme.is_empty() && rest.find(['/', '?', '#']).is_some_and(|end| end > 0)
}

/// Whether a text begins a URL and ends before its host does.
pub fn leaves_host_open(begin: &str) -> bool {
    begin.split_once("://").is_some_and(|(scheme, _)| !scheme.is_empty()) && !fixes_host(begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_proves_what_it_refuses() {
        let word = proven_by_pattern("^[A-Za-z0-9_]+$", false);
        assert!(word.has(Proofs::PLAIN_NAME | Proofs::SHELL_WORD | Proofs::NOT_FLAG | Proofs::SQL_SAFE));
        let dashed = proven_by_pattern("^[a-z-]+$", false);
        assert!(dashed.has(Proofs::SHELL_WORD) && !dashed.has(Proofs::NOT_FLAG));
        assert!(proven_by_pattern("[a-z]+", false).is_none(), "not anchored");
        assert!(proven_by_pattern("[a-z]+", true).has(Proofs::PLAIN_NAME), "matched whole");
        assert!(proven_by_pattern("^.*$", false).is_none());
    }

    #[test]
    fn a_pattern_fixes_a_host_by_its_text_and_its_end() {
        for pattern in [
            "^https?://docs\\.example\\.com/",
            "^https:\\/\\/(www\\.)?example\\.com\\/a",
            "^(?:https://a\\.dev/)",
            "^https://[a-z0-9-]+\\.example\\.com/",
        ] {
            assert!(begins_with_host(pattern), "{pattern}");
        }
        for pattern in [
            "https://docs\\.example\\.com/",
            "^https://docs\\.example\\.com",
            "^https://docs.example.com/",
            "^https?://[^/]+/",
            "^https://a\\.dev/|^http://",
            "^https://.*\\.dev/",
            "^https://[a-z]+\\.com/",
            "^https://[a-z.]+\\.example\\.com/|^http://",
        ] {
            assert!(!begins_with_host(pattern), "{pattern}");
        }
    }

    #[test]
    fn a_host_is_fixed_once_something_ends_it() {
        assert!(fixes_host("https://api.example.com/"));
        assert!(fixes_host("https://api.example.com?q="));
        assert!(!fixes_host("https://api."));
        assert!(!fixes_host("https://"));
        assert!(!fixes_host("//"));
        assert!(fixes_host("/v1/items/"));
        assert!(leaves_host_open("https://api."));
        assert!(!leaves_host_open("https://api.example.com/") && !leaves_host_open("SELECT "));
    }
}

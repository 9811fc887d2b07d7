//! What stands where a credential would, and is none.

use std::sync::LazyLock;

use regex::RegexSet;
use serde::Deserialize;

use crate::embedded;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    within: Vec<String>,
    whole: Vec<String>,
    samples: Vec<String>,
    public: Vec<String>,
}

struct Placeholders {
    within: RegexSet,
    whole: RegexSet,
    samples: Vec<String>,
    public: RegexSet,
}

static PLACEHOLDERS: LazyLock<Placeholders> = LazyLock::new(|| {
    let text = embedded::text("phrases/placeholder-shapes.yml").expect("the table is embedded");
    let table: Table = serde_yaml::from_str(text).expect("the built-in table is valid");
    let within = table.within.iter().map(|pattern| format!("(?i){pattern}"));
    let whole = table.whole.iter().map(|pattern| format!("^(?:{pattern})$"));
    Placeholders {
        within: RegexSet::new(within).expect("the built-in patterns are valid"),
        whole: RegexSet::new(whole).expect("the built-in patterns are valid"),
        samples: table.samples,
        public: RegexSet::new(table.public).expect("the built-in patterns are valid"),
    }
});

/// Whether a token of a known shape is a sample from documentation or a pattern drawn by hand.
pub fn is_sample(token: &str) -> bool {
    PLACEHOLDERS.samples.iter().any(|sample| token.contains(sample.as_str())) || PLACEHOLDERS.within.is_match(token)
}

/// Whether a key is made to be public: by its shape, or by what its payload says of itself.
pub fn is_public(token: &str) -> bool {
    let says_anonymous = || {
        let payload = token.split('.').nth(1).map(decoded).unwrap_or_default();
        payload.contains("\"role\":\"anon\"")
    };
    PLACEHOLDERS.public.is_match(token) || token.starts_with("eyJ") && says_anonymous()
}

/// URL-safe base64 as text; what does not decode is left out.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut held = 0u32;
    let mut bits = 0;
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => continue,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a value that is assigned to a secret-like name is no value yet, or not a literal one.
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    value.is_empty() || is_sample(value) || PLACEHOLDERS.whole.is_match(value) || is_reference(value)
}

/// Whether a value is read from elsewhere when it is used: `${VAR}`, `$VAR`, `{{ x }}`, `op://…`, `%VAR%`.
pub fn is_reference(value: &str) -> bool {
    let value = value.trim();
    let starts = [
        "${",
        "$(",
        "{{",
        "{env:",
        "<%",
        "op://",
        "vault:",
        "ref+",
        "arn:",
        "!Ref",
        "ENC[",
        "projects/",
        "file:",
        "env:",
    ];
    let is_variable = value.strip_prefix('$').is_some_and(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    let is_percent = value.len() > 2 && value.starts_with('%') && value.ends_with('%');
    is_variable || is_percent || starts.iter().any(|start| value.starts_with(start)) || value.contains("${")
}

//! Lines of YAML, as our fixes write them, in the words of JSON.

/// `key: value` with both in quotes where JSON wants them; a key alone opens a map.
pub fn entry(line: &str) -> String {
    let bare = line.trim_start();
    let pad = &line[..line.len() - bare.len()];
    match bare.split_once(": ") {
        Some((key, value)) => format!("{pad}\"{key}\": {}", self::value(value)),
        None => format!("{pad}\"{}\":", bare.trim_end_matches(':')),
    }
}

/// A scalar, or a list of scalars on one line.
pub fn value(text: &str) -> String {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let items = inner.split(", ").filter(|item| !item.is_empty()).map(value);
        return format!("[{}]", items.collect::<Vec<_>>().join(", "));
    }
    let is_plain = text.starts_with('"') || matches!(text, "true" | "false" | "null") || text.parse::<f64>().is_ok();
    if is_plain { text.to_string() } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_put_into_quotes() {
        for (line, expected) in [
            ("drop: [ALL]", "\"drop\": [\"ALL\"]"),
            ("  limits:", "  \"limits\":"),
            ("cpu: \"1\"", "\"cpu\": \"1\""),
            ("memory: 512Mi", "\"memory\": \"512Mi\""),
            ("readOnly: true", "\"readOnly\": true"),
            ("runAsUser: 10001", "\"runAsUser\": 10001"),
        ] {
            assert_eq!(entry(line), expected, "{line}");
        }
    }
}

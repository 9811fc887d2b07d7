//! What can be proven of a value: the vocabulary of `proves`, `needs`, `else` and `loses` in the effect tables.

/// Each proof and what it says of the value. `weak-` proofs are those that look like one and are not.
pub const PROOFS: &[(&str, &str)] = &[
    ("address", "an IP address"),
    ("alphanumeric", "letters and digits only"),
    ("base-name", "one component of a path, without a folder"),
    ("boolean", "true or false"),
    ("contained", "lies in a given folder, by whole components"),
    ("data", "parsed as data, not as code"),
    ("date", "a date or a time"),
    ("encoded", "written in an alphabet without meaning for interpreters, as Base64 or hexadecimal"),
    ("hashed", "a digest"),
    ("host", "the host of a URL"),
    ("html-escaped", "without meaning in HTML"),
    ("identifier", "a plain identifier"),
    ("json", "written as JSON"),
    ("links-resolved", "symbolic links are followed"),
    ("matched", "matches a pattern as a whole"),
    ("number", "a number"),
    ("pattern-quoted", "without meaning in a regular expression"),
    ("public-address", "an address that is not private, local or reserved"),
    ("resolved", "an absolute path without `..`"),
    ("same-secret", "equal to a secret, compared in constant time"),
    ("shell-quoted", "one word to a shell"),
    ("sql-identifier", "quoted as an SQL identifier"),
    ("sql-literal", "quoted as an SQL literal"),
    ("url-parsed", "taken apart as a URL"),
    ("url-quoted", "percent-encoded"),
    ("uuid", "a UUID"),
    ("validated", "valid against a schema or model"),
    ("weak-match", "begins with a match, and may go on"),
    ("weak-order", "contained, but looked at before it was resolved"),
    ("weak-prefix", "begins with the text of a folder, as names beside that folder do too"),
    ("words", "split into words, no shell"),
];

/// Whether a proof is in the vocabulary.
pub fn is_known(id: &str) -> bool {
    PROOFS.binary_search_by(|(known, _)| known.cmp(&id)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_are_sorted_for_the_search() {
        assert!(PROOFS.is_sorted());
        assert!(is_known("address") && is_known("words") && !is_known("safe"));
    }
}

//! What can be proven of a value: the vocabulary of `proves`, `needs`, `else` and `loses` in the effect tables.

/// Each proof and what it says of the value. `weak-` proofs are those that look like one and are not.
pub const PROOFS: &[(&str, &str)] = &[
    ("absolute", "an absolute path, whatever stands in it"),
    ("address", "an IP address"),
    ("alphanumeric", "letters and digits only"),
    ("base-name", "one component of a path, without a folder"),
    ("boolean", "true or false"),
    ("choice", "one of a fixed set of values"),
    ("code-safe", "without meaning as code"),
    ("contained", "lies in a given folder, by whole components"),
    ("data", "parsed as data, not as code"),
    ("date", "a date or a time"),
    ("encoded", "written in an alphabet without meaning for interpreters, as Base64 or hexadecimal"),
    ("hashed", "a digest"),
    ("host", "the host of a URL"),
    ("host-allowed", "a host from a list"),
    ("host-public", "a host whose address was looked up and is public"),
    ("html-escaped", "without meaning in HTML"),
    ("identifier", "a plain identifier"),
    ("json", "written as JSON"),
    ("links-resolved", "symbolic links are followed"),
    ("looked-up", "an address that a name was resolved to"),
    ("matched", "matches a pattern as a whole"),
    ("names-and-values", "pairs of the name of a member and its value"),
    ("names-only", "names of members, without their values"),
    ("normal", "a path in which `..` stands at its beginning or nowhere"),
    ("not-absolute", "no absolute path"),
    ("not-flag", "does not begin with a hyphen"),
    ("not-link-local", "an address that is not of this link, as metadata services are"),
    ("not-loopback", "an address that is not this machine"),
    ("not-private", "an address that is of no private network"),
    ("number", "a number"),
    ("pattern-quoted", "without meaning in a regular expression"),
    ("plain-name", "one component of a path, neither `.` nor `..`"),
    ("public-address", "an address that is not private, local or reserved"),
    ("relative", "the way from a root to a path, as a relative path"),
    ("resolved", "an absolute path without `..`"),
    ("resolved-below", "without `..`, where it begins with a folder of the program's own"),
    ("same-secret", "equal to a secret, compared in constant time"),
    ("shell-quoted", "one word to a shell"),
    ("shell-word", "one word to a shell"),
    ("sql-identifier", "quoted as an SQL identifier"),
    ("sql-literal", "quoted as an SQL literal"),
    ("sql-safe", "without meaning in SQL beyond one name or value"),
    ("text", "all that is told of a text by its characters: what a decoder makes of it holds others"),
    ("url-parsed", "taken apart as a URL"),
    ("url-quoted", "percent-encoded"),
    ("uuid", "a UUID"),
    ("validated", "valid against a schema or model"),
    ("weak-deny", "held against a list of what is forbidden"),
    ("weak-host", "the text of a host, whose address was not looked up"),
    ("weak-match", "begins with a match, and may go on"),
    ("weak-order", "contained, but looked at before it was resolved"),
    ("weak-prefix", "begins with the text of a folder, as names beside that folder do too"),
    ("weak-quote", "quoted by hand or for another language"),
    ("weak-scheme", "a URL of which only the form or the scheme was looked at"),
    ("weak-sql", "searched for SQL keywords"),
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

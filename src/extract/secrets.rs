//! Literal credentials.
/// Why a named value is taken for a secret.
pub fn looks_secret(name: &str, _value: &str) -> Option<&'static str> {
    ["TOKEN", "PASSWORD", "SECRET"].iter().any(|part| name.to_ascii_uppercase().contains(part)).then_some("name")
}

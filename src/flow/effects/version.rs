//! Major versions in the paths of Go modules, which change what is imported and not what it does.

use crate::code::Language;

/// A name without the major version in its path: `github.com/redis/go-redis.Client` of `github.com/redis/go-redis/v9.Client`.
pub(super) fn unversioned(language: Option<Language>, name: &str) -> Option<String> {
    if language != Some(Language::Go) {
        return None;
    }
    let (at, version) = name.match_indices("/v").find_map(|(at, _)| Some((at, version(&name[at + 2..])?)))?;
    Some(format!("{}{}", &name[..at], &name[at + 2 + version..]))
}

/// The length of the digits that a text begins with, where a part of a path ends behind them.
fn version(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_end = text[digits..].is_empty() || text[digits..].starts_with(['.', '/']);
    (digits > 0 && is_end).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::unversioned;
    use crate::code::Language;

    #[test]
    fn versions_are_left_out_of_paths() {
        for (name, told) in [
            ("github.com/google/go-github/v62/github.Client", Some("github.com/google/go-github/github.Client")),
            ("github.com/redis/go-redis/v9.NewClient", Some("github.com/redis/go-redis.NewClient")),
            ("github.com/redis/go-redis/v9", Some("github.com/redis/go-redis")),
            ("github.com/shurcooL/githubv4.Client", None),
            ("example.com/v/v2x.Run", None),
            ("example.com/values.Run", None),
        ] {
            assert_eq!(unversioned(Some(Language::Go), name).as_deref(), told, "{name}");
        }
        assert_eq!(unversioned(Some(Language::Rust), "a/v2.b"), None);
    }
}

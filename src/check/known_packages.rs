//! Whether a package's name is nearly that of a well-known one, `rules/known-packages.yml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::check::{Predicate, Question, unseen};
use crate::embedded;
use crate::model::SubjectKind;
use crate::model::subject::SubjectRef;
use crate::rules::Answer;

/// No well-known package has nearly this name.
pub const UNMISTAKABLE: Predicate = Predicate {
    name: "package-is-unmistakable",
    subjects: &[SubjectKind::Dependency, SubjectKind::Definition],
    params: &[],
    holes: &["package", "known"],
    ask: package_is_unmistakable,
};

/// Names shorter than this have too many neighbours to mean anything.
const SHORTEST: usize = 7;
/// Letters that a name must hold for its signs not to matter; short ones are honest names of others.
const TELLING: usize = 16;
/// Longer names than any registry takes are not compared.
const LONGEST: usize = 220;

static KNOWN: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    let text = embedded::text("known-packages.yml").expect("the list is embedded");
    serde_yaml::from_str(text).expect("the built-in list is valid")
});

fn package_is_unmistakable(question: &Question<'_>) -> Answer {
    let named = match question.asked.subject {
        SubjectRef::Dependency(one) if one.origin == "registry" => Some((one.ecosystem.as_str(), &one.about.name)),
        SubjectRef::Definition(one) => {
            let ecosystem = match one.runner.value().map_or("", String::as_str) {
                "npx" | "npm" | "bunx" | "bun" | "pnpx" | "pnpm" | "yarn" => "npm",
                "uvx" | "uv" | "pipx" => "pypi",
                _ => "",
            };
            one.package.value().map(|package| (ecosystem, package))
        }
        _ => None,
    };
    let Some((ecosystem, name)) = named.filter(|(ecosystem, _)| KNOWN.contains_key(*ecosystem)) else {
        return Answer::NotApplicable("no package of a registry whose well-known names are listed".to_string());
    };
    let span = question.asked.subject.about().span;
    match taken_for(ecosystem, name) {
        Some(known) => question.fails(span, &[("package", name), ("known", known)], Vec::new()),
        None => question.holds(span, &[("package", name)], Vec::new()),
    }
}

/// The well-known package that a name is nearly, and is not.
fn taken_for(ecosystem: &str, name: &str) -> Option<&'static str> {
    let known = KNOWN.get(ecosystem)?;
    let plain = plain(name);
    let length = plain.chars().count();
    if known.iter().any(|one| self::plain(one) == plain) && name.is_ascii() {
        return None;
    }
    let near = |one: &&String| {
        if is_without_scope(&plain, one) {
            return true;
        }
        let other = self::plain(one);
        let folded: String = plain.chars().map(unseen::latin_look_alike).collect();
        folded == other
            || (SHORTEST..=LONGEST).contains(&length)
                && SHORTEST <= other.chars().count()
                && is_one_edit_away(&plain.chars().collect::<Vec<_>>(), &other.chars().collect::<Vec<_>>())
    };
    known.iter().find(near).map(String::as_str)
}

/// A name without what registries or eyes pass over.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// Whether a name holds the letters of a scoped one, with nothing or something else where its signs stand.
fn is_without_scope(plain: &str, known: &str) -> bool {
    let letters = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let own = letters(plain);
    known.starts_with('@') && own.len() >= TELLING && own == letters(&known.to_lowercase())
}

/// Whether one letter was added, left out, replaced, or swapped with its neighbour. A number at the end that differs
/// marks an edition, not a slip.
fn is_one_edit_away(one: &[char], other: &[char]) -> bool {
    let front = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[front..], &other[front..]);
    let back = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[..one.len() - back], &other[..other.len() - back]);
    let edition = |rest: &[char]| back == 0 && rest.iter().all(|c| c.is_ascii_digit() || *c == '-');
    match (one, other) {
        ([], []) => false,
        ([extra], []) | ([], [extra]) => !edition(&[*extra]),
        ([a], [b]) => !(edition(&[*a]) && edition(&[*b])),
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_one_letter_is_taken_for_the_known_name() {
        for (ecosystem, name, expected) in [
            ("npm", "@modelcontextprotocol/sdk", None),
            ("npm", "@modelcontextprotocl/sdk", Some("@modelcontextprotocol/sdk")),
            ("npm", "@modelcontextprotocol/server-filesytem", Some("@modelcontextprotocol/server-filesystem")),
            ("npm", "@modelcontextprotocol/server-filesystme", Some("@modelcontextprotocol/server-filesystem")),
            ("npm", "mcp-remot\u{435}", Some("mcp-remote")),
            ("npm", "modelcontextprotocol-sdk", Some("@modelcontextprotocol/sdk")),
            ("npm", "playwright-mcp", None),
            ("npm", "mcp-remote2", None),
            ("npm", "orders-mcp", None),
            ("pypi", "mcp_server_git", None),
            ("pypi", "mcp-server-gti", Some("mcp-server-git")),
            ("pypi", "mcpp", None),
        ] {
            assert_eq!(taken_for(ecosystem, name), expected, "{name}");
        }
    }

    #[test]
    fn known_names_are_no_slips_of_each_other() {
        for (ecosystem, names) in KNOWN.iter() {
            for name in names {
                assert_eq!(taken_for(ecosystem, name), None);
            }
        }
    }
}

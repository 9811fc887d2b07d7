//! Versions of packages, and the ranges that requirements leave open.

use std::cmp::Ordering;

/// The numbers of a version.
///
/// A pre-release counts as what is just below the version before it is out, so that fixes are not credited to it.
#[derive(Clone, Debug)]
pub struct Version(Vec<u64>);

/// Versions from `low` on, and below `below` where there is an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// First version.
    pub low: Version,
    /// First version that is beyond it.
    pub below: Option<Version>,
}

impl Version {
    /// Reads a version; nothing where it has no number.
    pub fn read(text: &str) -> Option<Version> {
        let bare = text.trim().trim_start_matches(['v', '=', ' ']);
        let (core, rest) = bare.split_at(bare.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(bare.len()));
        let mut numbers: Vec<u64> = Vec::new();
        for part in core.split('.').filter(|part| !part.is_empty()) {
            numbers.push(part.parse().ok()?);
        }
        if rest.starts_with('-') || rest.starts_with(['a', 'b', 'r', 'd']) {
            before(&mut numbers);
        }
        (!numbers.is_empty()).then_some(Version(numbers))
    }

    fn at(&self, place: usize) -> u64 {
        self.0.get(place).copied().unwrap_or(0)
    }

    /// The version with the number at a place raised by one, and nothing after it.
    fn raised(&self, place: usize) -> Version {
        let mut numbers: Vec<u64> = (0..=place).map(|at| self.at(at)).collect();
        if let Some(last) = numbers.last_mut() {
            *last = last.saturating_add(1);
        }
        Version(numbers)
    }

    /// The least version above this one.
    fn next(&self) -> Version {
        let mut numbers = self.0.clone();
        while numbers.len() < 4 {
            numbers.push(0);
        }
        numbers.push(1);
        Version(numbers)
    }
}

/// Turns a version into one just below it.
fn before(numbers: &mut Vec<u64>) {
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    if let Some(last) = numbers.last_mut() {
        *last -= 1;
        numbers.push(u64::MAX);
    }
}

impl Ord for Version {
    /// Number by number; what is missing counts as zero.
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        (0..length)
            .map(|place| self.at(place).cmp(&other.at(place)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl Range {
    /// Exactly one version.
    pub fn exact(version: Version) -> Range {
        Range { below: Some(version.next()), low: version }
    }

    /// The versions that a requirement allows, as its ecosystem reads it; of alternatives, everything from the lowest to
    /// the highest. Nothing where it names no version.
    pub fn read(ecosystem: &str, requirement: &str) -> Option<Range> {
        let parts = requirement.split("||").map(|part| conjunction(ecosystem, part));
        let mut all: Option<Range> = None;
        for part in parts {
            let part = part?;
            all = Some(match all {
                None => part,
                Some(known) => Range {
                    low: known.low.min(part.low),
                    below: known.below.zip(part.below).map(|(one, other)| one.max(other)),
                },
            });
        }
        all
    }

    /// Whether a version lies in it.
    pub fn holds(&self, version: &Version) -> bool {
        *version >= self.low && self.below.as_ref().is_none_or(|below| version < below)
    }

    /// Whether all of it lies in `from..until`; nothing where only some of it does.
    pub fn lies_in(&self, from: Option<&Version>, until: Option<&Version>) -> Option<bool> {
        let starts = from.is_none_or(|from| self.low >= *from);
        let ends = until.is_none_or(|until| self.below.as_ref().is_some_and(|below| below <= until));
        if starts && ends {
            return Some(true);
        }
        let is_before = from.is_some_and(|from| self.below.as_ref().is_some_and(|below| below <= from));
        let is_after = until.is_some_and(|until| self.low >= *until);
        (is_before || is_after).then_some(false)
    }
}

/// `>=1.2, <2`: all of them hold.
fn conjunction(ecosystem: &str, text: &str) -> Option<Range> {
    let text = text.rsplit_once('@').filter(|_| text.starts_with("npm:")).map_or(text, |(_, version)| version);
    let mut range: Option<Range> = None;
    let mut words = text.split([',', ' ', '\t']).filter(|word| !word.is_empty() && *word != "-");
    while let Some(word) = words.next() {
        let split = word.find(|c: char| c.is_ascii_digit() || matches!(c, 'v' | 'x' | '*')).unwrap_or(word.len());
        let (operator, version) = word.split_at(split);
        let version = if version.is_empty() { words.next()? } else { version };
        if operator == "!=" {
            continue;
        }
        let one = comparison(ecosystem, operator, version)?;
        range = Some(match range {
            None => one,
            Some(known) => Range {
                low: known.low.max(one.low),
                below: match (known.below, one.below) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                },
            },
        });
    }
    range
}

fn comparison(ecosystem: &str, operator: &str, text: &str) -> Option<Range> {
    let written = text.trim_start_matches('v').split(['-', '+']).next().unwrap_or("");
    let is_open = |part: &&str| matches!(*part, "x" | "X" | "*");
    let given: Vec<&str> =
        written.split('.').take_while(|part| !is_open(part)).filter(|part| !part.is_empty()).collect();
    if given.is_empty() {
        return Some(Range { low: Version(vec![0]), below: None });
    }
    let is_partial = given.len() < 3;
    let has_wildcard = written.split('.').any(|part| is_open(&part));
    let version = Version::read(text.trim_end_matches(['*', 'x', 'X', '.']))?;
    let from = |below: Option<Version>| Some(Range { low: version.clone(), below });
    let least = Version(vec![0]);
    match operator {
        ">=" | "=>" => from(None),
        ">" => Some(Range { low: version.next(), below: None }),
        "<" => Some(Range { low: least, below: Some(version) }),
        "<=" => Some(Range { low: least, below: Some(version.next()) }),
        "^" => from(Some(caret(&version, given.len()))),
        "~" => from(Some(version.raised(given.len().saturating_sub(1).min(1)))),
        "~=" => from(Some(version.raised(given.len().saturating_sub(2)))),
        "" if ecosystem == "crates" && !has_wildcard => from(Some(caret(&version, given.len()))),
        "" if ecosystem == "go" => Some(Range::exact(version)),
        "" | "=" | "==" if has_wildcard || (is_partial && ecosystem != "pypi") => {
            from(Some(version.raised(given.len() - 1)))
        }
        "" | "=" | "==" | "===" => Some(Range::exact(version)),
        _ => None,
    }
}

/// The end of `^version`: the next number at the first place that is not zero.
fn caret(version: &Version, given: usize) -> Version {
    let place = (0..given.min(3)).find(|place| version.at(*place) != 0).unwrap_or(given.clamp(1, 3) - 1);
    version.raised(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::read(text).unwrap()
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        for (one, other) in [
            ("1.9.0", "1.10.0"),
            ("1.10.0-rc.1", "1.10.0"),
            ("1.9.9", "1.10.0-rc.1"),
            ("2.0.0b1", "2.0"),
            ("0.6.2", "2025.7.1"),
        ] {
            assert!(version(one) < version(other), "{one} {other}");
        }
        assert_eq!(version("v1.2"), version("=1.2.0"));
        assert!(Version::read("latest").is_none());
        assert!(Version::read("99999999999999999999").is_none());
    }

    #[test]
    fn requirements_are_ranges() {
        let cases = [
            ("npm", "^1.29.0", "1.29.0", Some("2")),
            ("npm", "~1.2.3", "1.2.3", Some("1.3")),
            ("npm", "1.x", "1", Some("2")),
            ("npm", "1.2", "1.2", Some("1.3")),
            ("npm", ">= 1.2 < 2", "1.2", Some("2")),
            ("npm", "^0.3.1", "0.3.1", Some("0.4")),
            ("npm", "^1.0.0 || ^2.0.0", "1", Some("3")),
            ("npm", "npm:@other/sdk@^1.2.0", "1.2", Some("2")),
            ("npm", "*", "0", None),
            ("pypi", ">=2.10.5", "2.10.5", None),
            ("pypi", ">=1.23,<2", "1.23", Some("2")),
            ("pypi", "~=1.4.2", "1.4.2", Some("1.5")),
            ("pypi", "==1.4.*", "1.4", Some("1.5")),
            ("pypi", ">=1.2,!=1.3", "1.2", None),
            ("crates", "1", "1", Some("2")),
            ("crates", "0.16", "0.16", Some("0.17")),
        ];
        for (ecosystem, text, low, below) in cases {
            let expected = Range { low: version(low), below: below.map(version) };
            assert_eq!(Range::read(ecosystem, text), Some(expected), "{ecosystem} {text}");
        }
        for text in ["latest", "workspace:y", "", "a - b", ">", "^"] {
            assert_eq!(Range::read("npm", text), None, "{text}");
        }
    }

    #[test]
    fn a_range_lies_in_another_or_not_or_partly() {
        let cases = [
            ("pypi", "==1.22.0", None, Some("1.23"), Some(true)),
            ("pypi", "==1.23.0", None, Some("1.23"), Some(false)),
            ("pypi", ">=1.2", None, Some("1.23"), None),
            ("pypi", ">=1.23", Some("1.23"), None, Some(true)),
            ("go", "v1.3.1", Some("1.4"), None, Some(false)),
            ("npm", "^1.24.0", Some("1.24"), Some("2"), Some(true)),
        ];
        for (ecosystem, text, from, until, expected) in cases {
            let (from, until) = (from.map(version), until.map(version));
            let found = Range::read(ecosystem, text).unwrap().lies_in(from.as_ref(), until.as_ref());
            assert_eq!(found, expected, "{text} {from:?} {until:?}");
        }
    }
}

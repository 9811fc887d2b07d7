//! `plimsoll.toml`: what the project gates on, excludes, accepts and calls its own.

use std::collections::BTreeMap;

use crate::document::{self, Node, Syntax};
use crate::gap::{Gap, GapKind};
use crate::mistake::Mistakes;
use crate::model::Spanned;
use crate::reader::Reader;
use crate::rules::Severity;
use crate::source::{Sources, Span};

mod approved;
mod read;
pub mod schema;

/// Everything that `plimsoll.toml` says.
#[derive(Clone, Debug)]
pub struct Config {
    /// Path as given, for people.
    pub path: String,
    /// Text of the file; empty where there is none.
    pub text: String,
    /// Frameworks that decide the exit code; absent where the frameworks' own default does.
    pub frameworks: Option<Vec<String>>,
    /// Findings of this severity or worse decide; absent where none does.
    pub fail_on: Option<Severity>,
    /// Gaps that may stand.
    pub accept_gaps: Vec<AcceptedGap>,
    /// Paths that are not read, with the reason.
    pub exclude: Vec<Excluded>,
    /// Folders of boundary documents.
    pub boundary_folders: Vec<String>,
    /// Folders of attestations.
    pub attestation_folders: Vec<String>,
    /// The project's own functions: role (`gate`, `policy`, …) → language → qualified names.
    pub vocabulary: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Declared environments: name → words that mark it in host names and files.
    pub environments: BTreeMap<String, Vec<String>>,
    /// Host names → network rules that mean them.
    pub hosts: BTreeMap<String, Vec<String>>,
    /// Approved servers.
    pub registry: Vec<ApprovedServer>,
    /// Accepted risks.
    pub waivers: Vec<WaiverEntry>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: String::new(),
            text: String::new(),
            frameworks: None,
            fail_on: Some(Severity::High),
            accept_gaps: Vec::new(),
            exclude: Vec::new(),
            boundary_folders: Vec::new(),
            attestation_folders: Vec::new(),
            vocabulary: BTreeMap::new(),
            environments: BTreeMap::new(),
            hosts: BTreeMap::new(),
            registry: Vec::new(),
            waivers: Vec::new(),
        }
    }
}

/// Gaps that may stand: a kind, under a path or anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedGap {
    /// The kind; any where absent.
    pub kind: Option<GapKind>,
    /// Under this path; anywhere where absent.
    pub path: Option<String>,
}

impl AcceptedGap {
    /// Whether the gap is accepted by this entry.
    pub fn covers(&self, gap: &Gap) -> bool {
        self.kind.is_none_or(|kind| kind == gap.kind)
            && self.path.as_deref().is_none_or(|path| is_under(&gap.path, path))
    }
}

/// Whether a path is the folder or file named, or lies in it.
pub fn is_under(path: &str, folder: &str) -> bool {
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    folder.is_empty()
        || folder == "."
        || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// Path or pattern as written.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A server that may be configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedServer {
    /// Package, image or URL.
    pub name: String,
    /// Approved version.
    pub version: Option<String>,
    /// Approved digest.
    pub digest: Option<String>,
    /// Who looked at it.
    pub reviewed_by: String,
    /// When, `YYYY-MM-DD`.
    pub date: String,
}

/// An accepted risk as the configuration states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverEntry {
    /// Check or item.
    pub of: String,
    /// Only for this server.
    pub server: Option<String>,
    /// Only for this tool.
    pub tool: Option<String>,
    /// Only under this path.
    pub path: Option<String>,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    pub owner: String,
    /// Last day, `YYYY-MM-DD`.
    pub expires: String,
    /// Place in the file.
    pub span: Span,
}

/// Names that a configuration may use.
#[derive(Clone, Debug, Default)]
pub struct Ids<'a> {
    /// Checks, built and planned.
    pub checks: Vec<&'a str>,
    /// Items of all frameworks.
    pub items: Vec<&'a str>,
    /// Frameworks.
    pub frameworks: Vec<&'a str>,
}

/// Reads the configuration; every mistake is told at once.
pub fn load(path: &str, text: &str, ids: &Ids<'_>) -> Result<Config, Mistakes> {
    let mut sources = Sources::default();
    let id = sources.add_text(path, text);
    let (document, gaps) = document::parse(id, Syntax::Toml, text);
    let mut reader = Reader::default();
    for gap in gaps {
        reader.wrong(gap.span.unwrap_or(Span::new(id, 0, 0)), gap.reason, "the configuration is TOML");
    }
    for (_, later) in &document.duplicates {
        reader.wrong(*later, "this key stands twice", "keep one of them");
    }
    let mut config = Config { path: path.to_string(), text: text.to_string(), ..Config::default() };
    if let Some(root) = document.root() {
        read::config(root, &mut config, ids, &mut reader);
    }
    let mut all = reader.mistakes;
    if all.is_empty() {
        return Ok(config);
    }
    all.sort();
    all.dedup();
    Err(Mistakes { sources, all })
}

/// Whether the text is a day of the calendar as `YYYY-MM-DD`.
pub fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, digits: usize| -> Option<u32> {
        (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// A required date under a key.
fn date(map: Node<'_>, key: &str, what: &str, reader: &mut Reader) -> Option<Spanned<String>> {
    let node = map.get(key);
    let text = match node.and_then(|node| node.as_str().map(|text| Spanned::new(text.to_string(), node.span()))) {
        Some(text) => text,
        None => reader.required(map, key, what)?,
    };
    if is_date(&text.value) {
        return Some(text);
    }
    reader.wrong(text.span, format!("`{}` is not a day", text.value), "write it as \"YYYY-MM-DD\"");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Ids<'static> {
        Ids { checks: vec!["runs-as-root"], items: vec!["H5.1"], frameworks: vec!["mcp-hardening-18"] }
    }

    const SOUND: &str = r#"
[gate]
frameworks = ["mcp-hardening-18"]
fail-on = "critical"
accept-gaps = ["dynamic", "unparsed:legacy/", "*:vendor"]

[paths]
exclude = [{ path = "third_party/", reason = "not shipped" }]
boundary = ["boundaries"]

[vocabulary.gate]
python = ["orders.gate.check"]

[environments]
production = ["prod"]

[hosts]
"orders-db.internal" = ["networkpolicy/orders-db"]

[[registry.servers]]
name = "notes-mcp"
version = "1.4.2"
reviewed-by = "ana"
date = "2026-02-28"

[[waiver]]
check = "runs-as-root"
server = "orders"
reason = "moves to its own user in March"
owner = "ops"
expires = "2027-03-31"
"#;

    #[test]
    fn a_sound_configuration_is_read_whole() {
        let config =
            load("plimsoll.toml", SOUND, &ids()).unwrap_or_else(|found| panic!("{}", found.render(100, false)));
        assert_eq!(config.fail_on, Some(Severity::Critical));
        assert_eq!(config.vocabulary["gate"]["python"], ["orders.gate.check"]);
        assert_eq!(config.hosts["orders-db.internal"], ["networkpolicy/orders-db"]);
        assert_eq!(config.environments["production"], ["prod"]);
        assert_eq!(config.registry[0].version.as_deref(), Some("1.4.2"));
        assert_eq!((config.waivers[0].of.as_str(), config.waivers[0].owner.as_str()), ("runs-as-root", "ops"));
        let unparsed = Gap::of_path("legacy/a.py", GapKind::Unparsed, "x");
        assert!(config.accept_gaps.iter().any(|accepted| accepted.covers(&unparsed)));
        let elsewhere = Gap::of_path("legacy2/a.py", GapKind::Unparsed, "x");
        assert!(!config.accept_gaps.iter().any(|accepted| accepted.covers(&elsewhere)));
    }

    #[test]
    fn every_mistake_is_told() {
        let cases = [
            ("fail-on = \"critical\"", "fail-on = \"awful\"", "`awful` is not a known severity"),
            ("[gate]", "[gates]", "`gates` is not a known table"),
            ("mcp-hardening-18", "mcp-hardening-19", "`mcp-hardening-19` is not a known framework"),
            ("\"dynamic\"", "\"dynamik\"", "`dynamik` is not a known kind of gap"),
            ("reason = \"not shipped\"", "why = \"x\"", "`why` is not a known key of an exclusion"),
            ("check = \"runs-as-root\"", "check = \"runs-as-rot\"", "`runs-as-rot` is not a known check"),
            ("check = \"runs-as-root\"", "item = \"H5.9\"", "`H5.9` is not a known item"),
            ("check = \"runs-as-root\"", "", "the waiver names 0 of `check` and `item`"),
            ("2027-03-31", "2027-02-30", "`2027-02-30` is not a day"),
            ("owner = \"ops\"", "owner = 3", "`owner` is a number, not text"),
            ("owner = \"ops\"", "", "the waiver has no `owner`"),
            ("boundary = [\"boundaries\"]", "boundary = \"x\"", "`boundary` is text, not a list"),
            ("[vocabulary.gate]", "[vocabulary.gait]", "`gait` is not a known role"),
            ("python = [\"orders", "pyton = [\"orders", "`pyton` is not a known language"),
            ("[environments]", "[environments", ""),
        ];
        for (from, to, expected) in cases {
            let text = SOUND.replace(from, to);
            assert_ne!(text, SOUND);
            let mistakes = load("plimsoll.toml", &text, &ids()).expect_err(to);
            let found: Vec<&str> = mistakes.all.iter().map(|one| one.message.as_str()).collect();
            assert!(found.iter().any(|one| one.starts_with(expected)), "{to}: {found:#?}");
        }
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        for (text, expected) in [
            ("2024-02-29", true),
            ("2023-02-29", false),
            ("2000-02-29", true),
            ("1900-02-29", false),
            ("2026-13-01", false),
            ("2026-4-01", false),
            ("2026-04-31", false),
            ("+026-04-01", false),
            ("2026-04-01-", false),
        ] {
            assert_eq!(is_date(text), expected, "{text}");
        }
    }

    #[test]
    fn a_folder_covers_whole_segments_only() {
        assert!(
            is_under("src/a.py", "src") && is_under("src", "src/") && is_under("a", ".") && is_under("x/y", "./x/")
        );
        assert!(!is_under("src2/a.py", "src"));
    }
}

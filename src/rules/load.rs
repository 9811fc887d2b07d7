//! Rule files → checks. Built-in and user files take the same path, and every mistake is told at once.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::document::{self, Document, Syntax};
use crate::embedded;
use crate::mistake::Mistakes;
use crate::reader::Reader;
use crate::rules::{Planned, Rule, RuleSet, read};
use crate::source::{SourceId, Sources, Span};

/// A file of the user's own rules, read by whoever may read files.
#[derive(Clone, Debug)]
pub struct UserFile {
    /// Path relative to the folder given, with `/`: `checks/mine/no-telnet.yml`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// One rule file, parsed, before anything is read from it.
pub struct Parsed {
    /// Path, relative to its rules folder.
    pub path: String,
    /// Whether it is the user's.
    pub user: bool,
    /// The tree.
    pub document: Document,
}

/// Rule files being read: their text, their trees, and what was wrong.
#[derive(Default)]
pub struct Files {
    /// Text of all files.
    pub sources: Sources,
    /// In order: built in, then the user's.
    pub parsed: Vec<Parsed>,
    /// Mistakes so far.
    pub reader: Reader,
    digest: Sha256,
}

impl Files {
    /// Parses every built-in file that can hold a mistake of a user's, and the user's own.
    pub fn open(user: &[UserFile]) -> Files {
        Files::of(embedded::FILES, user)
    }

    fn of(built_in: &[(&str, &str)], user: &[UserFile]) -> Files {
        let mut files = Files::default();
        for (path, text) in built_in {
            files.hash(path, text);
            if path.starts_with("checks/") || path.starts_with("frameworks/") || *path == "planned.yml" {
                files.parse(path, text, false);
            }
        }
        let mut user: Vec<&UserFile> = user.iter().collect();
        user.sort_by(|one, other| one.path.cmp(&other.path));
        for file in user {
            files.hash(&file.path, &file.text);
            let id = files.parse(&file.path, &file.text, true);
            if !file.path.starts_with("checks/") && !file.path.starts_with("frameworks/") {
                let help = "put checks in checks/<area>/<id>.yml and frameworks in frameworks/<id>.yml";
                files.reader.wrong(Span::new(id, 0, 0), "this is not a place for rule files", help);
            }
        }
        files
    }

    fn hash(&mut self, path: &str, text: &str) {
        for part in [path, text] {
            self.digest.update((part.len() as u64).to_le_bytes());
            self.digest.update(part.as_bytes());
        }
    }

    fn parse(&mut self, path: &str, text: &str, user: bool) -> SourceId {
        let id = self.sources.add_text(path, text);
        let (document, gaps) = document::parse(id, Syntax::Yaml, text);
        for gap in gaps {
            let span = gap.span.unwrap_or(Span::new(id, 0, 0));
            self.reader.wrong(span, gap.reason, "rule files are YAML");
        }
        for (_, later) in &document.duplicates {
            self.reader.wrong(*later, "this key stands twice", "keep one of them");
        }
        self.parsed.push(Parsed { path: path.to_string(), user, document });
        id
    }

    /// What was wrong, in order of place; nothing if all is well.
    pub fn mistakes(self) -> Option<Mistakes> {
        let mut all = self.reader.mistakes;
        all.sort();
        all.dedup();
        (!all.is_empty()).then_some(Mistakes { sources: self.sources, all })
    }
}

/// The checks, built in and the user's; mistakes go to the reader.
pub fn rules(files: &mut Files) -> RuleSet {
    let mut reader = std::mem::take(&mut files.reader);
    let mut places = BTreeMap::new();
    let mut rules = Vec::new();
    let mut planned = Vec::new();
    for file in &files.parsed {
        let Some(root) = file.document.root() else { continue };
        if file.path == "planned.yml" {
            planned = read_planned(root, &mut reader);
        } else if file.path.starts_with("checks/") {
            let (stem, area) = stem_and_area(file);
            if let Some(rule) = read::rule(root, stem, area, &mut reader) {
                let place = root.get("id").map_or(root.span(), |id| id.span());
                claim(&rule, place, file.user, &mut places, &mut reader);
                rules.push(rule);
            }
        }
    }
    rules.sort_by(|one, other| one.id.cmp(&other.id));
    // A plan names what is wanted; once it is built, the rule file says it all.
    planned.retain(|planned: &Planned| !places.contains_key(&planned.id));
    planned.sort_by(|one, other| one.id.cmp(&other.id));
    files.reader = reader;
    let digest = files.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    RuleSet { rules, planned, digest }
}

/// The checks alone, for callers that need no frameworks.
pub fn load(user: &[UserFile]) -> Result<RuleSet, Mistakes> {
    let mut files = Files::open(user);
    let rules = rules(&mut files);
    match files.mistakes() {
        None => Ok(rules),
        Some(mistakes) => Err(mistakes),
    }
}

fn stem_and_area(file: &Parsed) -> (&str, &str) {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let area = if file.user { "user" } else { folder.rsplit('/').next().unwrap_or_default() };
    (stem, area)
}

/// One id, one rule: a user's rule cannot quietly replace one of ours.
fn claim(rule: &Rule, place: Span, user: bool, places: &mut BTreeMap<String, Span>, reader: &mut Reader) {
    if places.insert(rule.id.clone(), place).is_some() {
        let help = if user { "choose another id; built-in checks cannot be replaced" } else { "choose another id" };
        reader.wrong(place, format!("`{}` is already the id of another check", rule.id), help);
    }
}

fn read_planned(root: document::Node<'_>, reader: &mut Reader) -> Vec<Planned> {
    let mut all: Vec<Planned> = Vec::new();
    for item in root.items() {
        if !reader.map(item, "a planned check", &["id", "area", "severity", "title"]) {
            continue;
        }
        let id = reader.required(item, "id", "the planned check");
        let area = reader.required(item, "area", "the planned check");
        let title = reader.required(item, "title", "the planned check");
        let severity = reader.required(item, "severity", "the planned check");
        let severity = severity.and_then(|text| reader.choice(&text, "severity", read::SEVERITIES));
        if let (Some(id), Some(area), Some(title), Some(severity)) = (id, area, title, severity) {
            if all.iter().any(|other| other.id == id.value) {
                reader.wrong(id.span, format!("`{}` is planned twice", id.value), "keep one of them");
            }
            all.push(Planned { id: id.value, area: area.value, severity, title: title.value });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "\
id: runs-as-root
title: Container runs as root
question: Does the container run as another user than root?
severity: high
confidence: high
subject: container
applies: {field: deployment, is: true}
unless_applies: \"`{name}` is only an image recipe\"
holds: {field: runs_as_root, is: false}
show: user
message: \"container `{name}` runs as root\"
passes: \"container `{name}` runs as `{user}`\"
why: Root inside is one fault away from root outside.
fix: Set a user.
maps: {cwe: [250], cis-docker: [\"4.1\"]}
";

    fn load_of(files: &[(&str, &str)]) -> Result<RuleSet, Mistakes> {
        let mut files = Files::of(files, &[]);
        let rules = rules(&mut files);
        files.mistakes().map_or(Ok(rules), Err)
    }

    /// Replaces one line of the sound rule and returns `line:column message` of each mistake.
    fn mistakes(from: &str, to: &str) -> Vec<String> {
        let text = SOUND.replace(from, to);
        assert_ne!(text, SOUND, "`{from}` is not in the sound rule");
        let mistakes = load_of(&[("checks/sandbox/runs-as-root.yml", &text)]).expect_err(to);
        let place = |span: Span| {
            let start = mistakes.sources.start(span);
            format!("{}:{}", start.line, start.column)
        };
        let show = |mistake: &crate::mistake::Mistake| {
            format!("{} {}", mistake.span.map_or(String::new(), place), mistake.message)
        };
        mistakes.all.iter().map(show).collect()
    }

    #[test]
    fn a_sound_rule_is_read_whole() {
        let set = load_of(&[("checks/sandbox/runs-as-root.yml", SOUND)]).expect("sound");
        let rule = set.get("runs-as-root").expect("loaded");
        assert_eq!((rule.area.as_str(), rule.maps["cwe"].as_slice()), ("sandbox", &["250".to_string()][..]));
        assert_eq!(rule.logic.show, ["user"]);
        assert_eq!(set.digest.len(), 64);
    }

    #[test]
    fn every_mistake_is_told_at_its_place() {
        let cases = [
            ("severity: high", "severity: hihg", "4:11 `hihg` is not a known severity"),
            ("id: runs-as-root", "id: run-as-root", "1:5 the file is named `runs-as-root.yml`"),
            ("id: runs-as-root", "id: RunsAsRoot", "1:5 `RunsAsRoot` is not kebab-case"),
            ("question: Does", "questions: Does", "3:1 `questions` is not a known key of a rule"),
            ("subject: container", "subject: containers", "6:10 `containers` is not a known kind of subject"),
            ("field: runs_as_root", "field: runs_as_rot", "9:16 `runs_as_rot` is not a known field of container"),
            ("runs_as_root, is: false", "runs_as_root, is: low", "9:34 this is text, not a truth value"),
            (
                "runs_as_root, is: false",
                "runs_as_root, contains: x",
                "9:40 `contains` cannot be asked of a truth value",
            ),
            ("runs_as_root, is: false", "user, matches: \"(\"", "9:32 the pattern is not valid: unclosed group"),
            ("runs_as_root, is: false", "user, present: true, is: x", "9:8 `user` has 2 tests"),
            ("holds: {field: runs_as_root, is: false}", "check: nothing", "9:8 `nothing` is not a known predicate"),
            ("holds: {field: runs_as_root, is: false}", "holds: {every: []}", "9:8 this is not a matcher"),
            ("holds: {field: runs_as_root, is: false}", "holds: {all: []}", "9:14 `all` is not a list of matchers"),
            ("runs as root\"", "runs as {usr}\"", "11:11 `usr` is not a known field of container"),
            ("show: user", "show: usr", "10:7 `usr` is not a known field of container"),
            ("cwe: [250]", "cwe: [CWE-250]", "15:14 `CWE-250` is no id of cwe"),
            ("why: Root", "why: \"\"\nfix: Root", "13:7 `why` is empty"),
        ];
        for (from, to, expected) in cases {
            let found = mistakes(from, to);
            assert!(found.iter().any(|one| one.starts_with(expected)), "{to}: {found:#?}");
        }
    }

    #[test]
    fn all_mistakes_come_at_once_and_show_their_frame() {
        let text = SOUND.replace("severity: high", "severity: bad").replace("show: user", "show: usr");
        let mistakes = load_of(&[("checks/sandbox/runs-as-root.yml", &text)]).expect_err("two mistakes");
        assert_eq!(mistakes.all.len(), 2);
        let frames = mistakes.render(100, false);
        assert!(frames.contains("checks/sandbox/runs-as-root.yml:4:11"), "{frames}");
        assert!(frames.contains("did you mean `user`?"), "{frames}");
    }

    #[test]
    fn a_user_rule_cannot_take_the_id_of_a_built_in_one() {
        let user = [UserFile { path: "checks/mine/runs-as-root.yml".into(), text: SOUND.into() }];
        let mut files = Files::of(&[("checks/sandbox/runs-as-root.yml", SOUND)], &user);
        rules(&mut files);
        let mistakes = files.mistakes().expect("a collision");
        assert_eq!(mistakes.all[0].message, "`runs-as-root` is already the id of another check");
        let misplaced = [UserFile { path: "notes.yml".into(), text: "a: 1".into() }];
        assert!(Files::of(&[], &misplaced).mistakes().is_some());
    }

    #[test]
    fn the_built_in_files_are_sound() {
        if let Err(mistakes) = load(&[]) {
            panic!("{}", mistakes.render(120, false));
        }
    }
}

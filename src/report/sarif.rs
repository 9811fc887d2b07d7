//! SARIF 2.1.0 for code scanning: relative places, every check listed, paths as code flows, waivers as suppressions.

use std::collections::{BTreeMap, BTreeSet};

use crate::assess::{Finding, Verdict};
use crate::model::{Evidence, Gap, Note};
use crate::report::text::{escape, percent_encode};
use crate::report::{Renderer, Report, View, convert, json, line_hash};
use crate::rules::{Confidence, Rule, Severity};
use crate::source::{SourceId, Span};

pub use crate::report::sarif_types::*;

/// Results that a run may hold; what is beyond is told in a notification.
const MAX_RESULTS: usize = 25_000;

/// Steps that a result may hold.
const MAX_STEPS: usize = 1_000;

/// Tags that a rule may hold.
const MAX_TAGS: usize = 20;

/// Longest description, in characters.
const MAX_TEXT: usize = 1_024;

/// The `sarif` format.
pub struct Sarif;

impl Renderer for Sarif {
    fn render(&self, report: &Report, _: &View) -> String {
        let log = Log {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: vec![Writer::new(report).run()],
        };
        json::print(&log)
    }
}

/// What is shared by the parts of one run.
struct Writer<'a> {
    report: &'a Report,
    taxonomies: Vec<Taxonomy>,
    artifacts: BTreeMap<String, usize>,
    lines: BTreeMap<SourceId, Vec<String>>,
}

impl<'a> Writer<'a> {
    fn new(report: &'a Report) -> Self {
        let lines = report.assessment.findings.iter().map(|finding| finding.evidence.primary.span.source);
        let lines: BTreeSet<_> = lines.collect();
        Self {
            report,
            taxonomies: taxonomies(report),
            artifacts: artifacts(report),
            lines: lines.into_iter().map(|id| (id, line_hash::hashes(report.sources.get(id).text()))).collect(),
        }
    }

    fn run(&self) -> Run {
        let findings = &self.report.assessment.findings;
        Run {
            tool: Tool { driver: self.driver() },
            automation_details: Automation { id: "plimsoll/".to_owned() },
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: BTreeMap::from([(
                ROOT,
                Base { description: Message::of("top of the checkout, else the audited root") },
            )]),
            invocations: vec![self.invocation(findings.len().saturating_sub(MAX_RESULTS))],
            version_control_provenance: self.provenance(),
            artifacts: self.artifact_list(),
            taxonomies: self.taxonomies.clone(),
            results: findings.iter().take(MAX_RESULTS).map(|finding| self.result(finding)).collect(),
            properties: RunProperties {
                gate: self.report.assessment.verdict.id(),
                because: self.report.assessment.because.clone(),
                date: self.report.assessment.date.clone(),
                inputs: self.report.digest(),
                rules: self.report.rules.digest.clone(),
            },
        }
    }

    fn driver(&self) -> Driver {
        let supported = self.taxonomies.iter().map(|taxonomy| ComponentReference { name: taxonomy.name.clone() });
        Driver {
            name: "plimsoll",
            version: env!("CARGO_PKG_VERSION"),
            semantic_version: env!("CARGO_PKG_VERSION"),
            information_uri: Some(env!("CARGO_PKG_REPOSITORY")).filter(|uri| !uri.is_empty()),
            supported_taxonomies: supported.collect(),
            rules: self.report.rules.rules.iter().map(|rule| self.rule(rule)).collect(),
        }
    }

    fn rule(&self, rule: &Rule) -> ReportingDescriptor {
        let relationships = self.taxa(rule).into_iter().map(|target| Relationship { target, kinds: ["relevant"] });
        ReportingDescriptor {
            id: rule.id.clone(),
            name: rule.id.split('-').map(capital).collect(),
            short_description: Message::of(&limited(&rule.title)),
            full_description: Message::of(&limited(&format!("{} {}", rule.question, rule.why))),
            help: Help { text: help_text(rule), markdown: help_markdown(rule) },
            help_uri: rule.references.iter().find(|link| link.starts_with("https://")).cloned(),
            default_configuration: Configuration { level: level(rule.severity) },
            relationships: relationships.collect(),
            properties: RuleProperties {
                tags: tags(rule),
                precision: precision(rule.confidence),
                problem_severity: problem(rule.severity),
                security_severity: score(rule.severity),
            },
        }
    }

    fn taxa(&self, rule: &Rule) -> Vec<TaxonReference> {
        let mut found = Vec::new();
        for (list, rows) in &rule.maps {
            let Some(at) = self.taxonomies.iter().position(|taxonomy| taxonomy.name == *list) else { continue };
            for row in rows {
                let Some(index) = self.taxonomies[at].taxa.iter().position(|taxon| taxon.id == *row) else { continue };
                let component = ComponentIndex { name: list.clone(), index: at };
                found.push(TaxonReference { id: row.clone(), index, tool_component: component });
            }
        }
        found
    }

    fn result(&self, finding: &Finding) -> SarifResult {
        let report = self.report;
        let span = finding.evidence.primary.span;
        let rule = report.rules.rules.iter().position(|rule| rule.id == finding.check);
        let line = report.sources.start(span).line as usize;
        let hash = self.lines.get(&span.source).and_then(|hashes| hashes.get(line.saturating_sub(1)));
        let mut fingerprints = BTreeMap::from([("plimsoll/v1", finding.fingerprint.clone())]);
        fingerprints.extend(hash.map(|hash| ("primaryLocationLineHash", hash.clone())));
        SarifResult {
            rule_id: finding.check.clone(),
            rule_index: rule,
            kind: "fail",
            level: level(finding.severity),
            message: Message::of(&literal(&finding.message)),
            locations: vec![self.location(span, None, None)],
            related_locations: self.related(&finding.evidence),
            code_flows: self.code_flows(&finding.evidence),
            partial_fingerprints: fingerprints,
            suppressions: finding.waiver.and_then(|at| self.suppression(at)).into_iter().collect(),
            taxa: rule.map(|at| self.taxa(&report.rules.rules[at])).unwrap_or_default(),
            properties: ResultProperties {
                server: finding.server.map(|id| report.facts.server(id).about.name.clone()),
                tool: finding.tool.clone(),
                subject: finding.subject.clone(),
                confidence: finding.confidence.id(),
                security_severity: score(finding.severity),
            },
        }
    }

    fn related(&self, evidence: &Evidence) -> Vec<Location> {
        let steps = evidence.steps.iter().take(MAX_STEPS).enumerate();
        steps.map(|(at, step)| self.location(step.span, Some(&step.text), Some(at + 1))).collect()
    }

    fn code_flows(&self, evidence: &Evidence) -> Vec<CodeFlow> {
        if evidence.steps.is_empty() {
            return Vec::new();
        }
        let step = |note: &Note| FlowLocation { location: self.location(note.span, Some(&note.text), None) };
        let mut locations: Vec<_> = evidence.steps.iter().take(MAX_STEPS - 1).map(step).collect();
        if evidence.steps.last().is_none_or(|last| last.span != evidence.primary.span) {
            locations.push(step(&evidence.primary));
        }
        vec![CodeFlow { thread_flows: [ThreadFlow { locations }] }]
    }

    fn location(&self, span: Span, text: Option<&str>, id: Option<usize>) -> Location {
        let place = convert::location(self.report, span);
        Location {
            id,
            message: text.map(|text| Message::of(&literal(text))),
            physical_location: PhysicalLocation {
                artifact_location: self.artifact_location(&place.path),
                region: Some(Region {
                    start_line: place.line,
                    start_column: place.column,
                    end_line: place.end_line,
                    end_column: place.end_column,
                }),
            },
        }
    }

    fn artifact_location(&self, path: &str) -> ArtifactLocation {
        // Services know the repository, not the folder in it that was audited.
        let uri = match self.report.prefix.as_str() {
            "" => percent_encode(path),
            prefix => percent_encode(&format!("{prefix}/{path}")),
        };
        ArtifactLocation { uri, uri_base_id: ROOT, index: self.artifacts.get(path).copied() }
    }

    fn artifact_list(&self) -> Vec<Artifact> {
        let digests: BTreeMap<_, _> = self.report.sources.iter().map(|(_, one)| (one.path(), one.sha256())).collect();
        let mut paths: Vec<_> = self.artifacts.iter().collect();
        paths.sort_by_key(|(_, at)| **at);
        let artifact = |path: &String| Artifact {
            location: self.artifact_location(path),
            hashes: digests.get(path.as_str()).map(|digest| Hashes { sha256: digest.clone() }),
        };
        paths.into_iter().map(|(path, _)| artifact(path)).collect()
    }

    fn suppression(&self, at: usize) -> Option<Suppression> {
        let waiver = self.report.assessment.waivers.get(at)?;
        let owner = waiver.owner.as_deref().map_or_else(String::new, |owner| format!(", accepted by {owner}"));
        Some(Suppression {
            kind: if waiver.inline { "inSource" } else { "external" },
            status: "accepted",
            justification: escape(&format!("{}{owner}, until {}", waiver.reason, waiver.expires)).into_owned(),
            location: waiver.span.map(|span| self.location(span, None, None)),
        })
    }

    fn invocation(&self, left_out: usize) -> Invocation {
        let assessment = &self.report.assessment;
        let mut notifications: Vec<_> = assessment.gaps.iter().map(|gap| self.notification(gap)).collect();
        if left_out > 0 {
            notifications.push(Notification {
                level: "error",
                message: Message::of(&format!("{left_out} further findings are left out: a run holds {MAX_RESULTS}")),
                locations: Vec::new(),
            });
        }
        Invocation {
            execution_successful: assessment.verdict != Verdict::Incomplete
                && assessment.gaps.iter().all(|gap| !gap.blocks),
            exit_code: assessment.verdict.exit_code(),
            exit_code_description: format!("gate: {}", assessment.verdict.id()),
            tool_execution_notifications: notifications,
        }
    }

    fn notification(&self, gap: &Gap) -> Notification {
        let location = match gap.span {
            Some(span) => Some(self.location(span, None, None)),
            None if gap.path == "." => None,
            None => Some(Location {
                id: None,
                message: None,
                physical_location: PhysicalLocation {
                    artifact_location: self.artifact_location(&gap.path),
                    region: None,
                },
            }),
        };
        Notification {
            level: if gap.blocks { "error" } else { "note" },
            message: Message::of(&literal(&format!("not examined: {} {} ({})", gap.path, gap.reason, gap.kind.id()))),
            locations: location.into_iter().collect(),
        }
    }

    fn provenance(&self) -> Vec<Provenance> {
        let (Some(uri), Some(revision)) = (&self.report.remote, &self.report.revision) else { return Vec::new() };
        if !uri.starts_with("https://") {
            return Vec::new();
        }
        vec![Provenance { repository_uri: uri.clone(), revision_id: revision.clone() }]
    }
}

/// Lists that checks map onto, each with the rows that are used.
fn taxonomies(report: &Report) -> Vec<Taxonomy> {
    let mut lists: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (list, rows) in report.rules.rules.iter().flat_map(|rule| &rule.maps) {
        lists.entry(list).or_default().extend(rows.iter().map(String::as_str));
    }
    let taxonomy = |(list, rows): (&str, BTreeSet<&str>)| Taxonomy {
        name: list.to_owned(),
        taxa: rows.into_iter().map(|row| Taxon { id: row.to_owned() }).collect(),
    };
    lists.into_iter().map(taxonomy).collect()
}

/// Files that results, paths and gaps speak of, with their position in the list of artifacts.
fn artifacts(report: &Report) -> BTreeMap<String, usize> {
    let mut paths = BTreeSet::new();
    for finding in &report.assessment.findings {
        paths.insert(report.sources.path(finding.evidence.primary.span.source));
        paths.extend(finding.evidence.steps.iter().map(|step| report.sources.path(step.span.source)));
    }
    paths.extend(report.assessment.gaps.iter().filter_map(|gap| gap.span).map(|span| report.sources.path(span.source)));
    paths.into_iter().enumerate().map(|(at, path)| (path.to_owned(), at)).collect()
}

/// Untrusted text as a message: nothing hidden, and no embedded link.
fn literal(text: &str) -> String {
    let text = escape(text);
    if text.contains("](") {
        text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        text.into_owned()
    }
}

fn limited(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn help_text(rule: &Rule) -> String {
    let links = rule.references.iter().map(|link| format!("\n{link}")).collect::<String>();
    format!("{}\n\nWhy: {}\n\nFix: {}\n{links}", rule.question, rule.why, rule.fix)
}

fn help_markdown(rule: &Rule) -> String {
    let rows = rule.maps.iter().map(|(list, rows)| format!("- {list}: {}\n", rows.join(", "))).collect::<String>();
    let links = rule.references.iter().map(|link| format!("- <{link}>\n")).collect::<String>();
    format!("{}\n\n**Why.** {}\n\n**Fix.** {}\n\n{rows}{links}", rule.question, rule.why, rule.fix)
}

/// `security`, the area, the CWE entries in the form that services understand, then the other lists.
fn tags(rule: &Rule) -> Vec<String> {
    let mut tags = vec!["security".to_owned(), format!("mcp/{}", rule.area)];
    tags.extend(convert::cwe(rule).into_iter().map(|number| format!("external/cwe/cwe-{number:03}")));
    let others = rule.maps.iter().filter(|(list, _)| *list != "cwe");
    tags.extend(others.flat_map(|(list, rows)| rows.iter().map(move |row| format!("{list}/{row}"))));
    tags.truncate(MAX_TAGS);
    tags
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "recommendation",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// The middle of the band that services give a severity.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn log(report: &Report) -> serde_json::Value {
        serde_json::from_str(&Sarif.render(report, &View::default())).unwrap()
    }

    fn assert_valid(log: &serde_json::Value) {
        // The published document holds one pattern that is not a valid expression (`…{2}]?$`); without it the rest can judge.
        let text = include_str!("../../tests/data/sarif-2.1.0.schema.json").replace("{2}]?$", "{2}$");
        let schema = serde_json::from_str(&text).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(log).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
    }

    #[test]
    fn logs_are_valid_against_the_standard() {
        assert_valid(&log(&sample::failing()));
        assert_valid(&log(&Report::default()));
        let mut report = sample::failing();
        report.prefix = "services/orders".to_owned();
        report.remote = Some("https://example.org/orders.git".to_owned());
        report.revision = Some("0".repeat(40));
        let log = log(&report);
        assert_valid(&log);
        let uri = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
        assert_eq!(log.pointer(uri).unwrap(), "services/orders/server.py", "relative to the checkout");
    }

    #[test]
    fn results_carry_places_paths_fingerprints_and_suppressions() {
        let log = log(&sample::failing());
        let at =
            |pointer: &str| log.pointer(&format!("/runs/0{pointer}")).unwrap_or_else(|| panic!("{pointer}")).clone();
        let place = "/results/0/locations/0/physicalLocation";
        assert_eq!(at(&format!("{place}/artifactLocation/uri")), "server.py");
        assert_eq!(at(&format!("{place}/artifactLocation/uriBaseId")), "%SRCROOT%");
        assert_eq!(at(&format!("{place}/region/startLine")), 3);
        let flow = at("/results/0/codeFlows/0/threadFlows/0/locations");
        assert_eq!(flow.as_array().unwrap().len(), 2, "the step, then the place itself");
        assert_eq!(at("/results/0/partialFingerprints/plimsoll~1v1"), "f48");
        assert!(at("/results/0/partialFingerprints/primaryLocationLineHash").as_str().unwrap().ends_with(":1"));
        assert_eq!(at("/results/2/suppressions/0/kind"), "inSource");
        assert_eq!(at("/tool/driver/rules/0/properties/tags/2"), "external/cwe/cwe-022");
        assert_eq!(at("/results/0/taxa/0/id"), "CWE-22");
        assert_eq!(at("/invocations/0/executionSuccessful"), false);
        assert_eq!(at("/invocations/0/toolExecutionNotifications/0/level"), "error");
    }

    #[test]
    fn a_message_cannot_smuggle_a_link() {
        let mut report = sample::failing();
        report.assessment.findings[0].message = "[click](https://evil.example) \x1b[2J".to_owned();
        let log = log(&report);
        assert_eq!(
            log.pointer("/runs/0/results/0/message/text").unwrap(),
            "\\[click\\](https://evil.example) \\\\u{1b}\\[2J"
        );
    }
}

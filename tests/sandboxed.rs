//! A compose file as guides to sandboxing show it: what it really confines, item by item, with the line that shows it.
#![allow(clippy::unwrap_used, reason = "tests read a fixture of their own")]

use std::path::Path;

use plimsoll::rules::{self, Answer};
use plimsoll::{Request, audit, inventory};

/// What is said of the container: check, outcome, line and what is written there.
const SAID: &[(&str, &str, u32, &str)] = &[
    // The good lines.
    ("no-runtime-boundary", "holds", 4, "report-query"),
    ("privilege-escalation-allowed", "holds", 8, "no-new-privileges:true"),
    ("capabilities-not-dropped", "holds", 10, "ALL"),
    ("dangerous-capability", "holds", 11, "NET_BIND_SERVICE"),
    ("writable-root", "holds", 12, "true"),
    ("exec-tmpfs", "holds", 14, "/tmp:size=100m,noexec"),
    ("writable-mount", "holds", 16, "/data/reports:/data/reports:ro"),
    ("broad-mount", "holds", 16, "/data/reports:/data/reports:ro"),
    ("no-cpu-limit", "holds", 21, "0.5"),
    ("no-memory-limit", "holds", 22, "256M"),
    ("unrestricted-egress", "holds", 27, "true"),
    // The lines that only look it: a right that nothing uses, a profile that is nowhere, an image that is nobody's, no limit of processes.
    ("syscall-filter-off", "unknown", 9, "seccomp:./report-syscalls.json"),
    ("runs-as-root", "unknown", 5, "report-query:latest"),
    ("floating-image", "fails", 5, "report-query:latest"),
    ("image-without-digest", "fails", 5, "report-query:latest"),
    ("unneeded-capability", "fails", 11, "NET_BIND_SERVICE"),
    ("no-process-limit", "fails", 4, "report-query"),
];

/// The aspects of its effective confinement.
const EFFECTIVE: &[(&str, &str, &str)] = &[
    ("boundary", "proven", "a container"),
    ("user", "unknown", "not stated: no user is set, and the image's own user is not visible here"),
    ("root-file-system", "proven", "read-only"),
    ("capabilities", "proven", "all dropped, `NET_BIND_SERVICE` added back"),
    ("escalation", "proven", "no new privileges"),
    ("system-calls", "unknown", "profile `./report-syscalls.json`, which is not in this tree"),
    ("namespaces", "proven", "its own"),
    ("mounts", "proven", "`/data/reports` of the host, read-only"),
    ("limits", "absent", "none for processes"),
    ("secrets", "proven", "none handed over"),
    ("egress", "proven", "denied"),
    ("ingress", "proven", "publishes nothing"),
];

fn request() -> Request {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects/reports-sandboxed");
    Request { today: "2026-11-21".into(), threads: Some(1), ..Request::new(folder) }
}

#[test]
fn each_line_of_a_sandboxed_compose_file_counts_for_what_it_is() {
    let report = audit(&request()).unwrap();
    let mut said = Vec::new();
    for answered in rules::evaluate(&report.rules, &report.facts, &report.sources) {
        let check = report.rules.rules[answered.rule].id.as_str();
        let (outcome, span) = match &answered.answer {
            Answer::Holds(evidence) => ("holds", evidence.primary.span),
            Answer::Fails(evidence) => ("fails", evidence.primary.span),
            Answer::Unknown(gap) => ("unknown", gap.span.unwrap()),
            Answer::NotApplicable(_) => continue,
        };
        if report.sources.path(span.source) == "compose.yaml" {
            said.push((check, outcome, report.sources.start(span).line, report.sources.slice(span)));
        }
    }
    for expected in SAID {
        let of_check: Vec<_> = said.iter().filter(|said| said.0 == expected.0).collect();
        assert!(said.contains(expected), "{expected:?} is not among {of_check:?}");
    }
    let failed = |id: &str| report.assessment.findings.iter().any(|finding| finding.check == id);
    let fails = SAID.iter().filter(|(_, outcome, ..)| *outcome == "fails");
    assert!(fails.clone().count() == 4 && fails.clone().all(|(id, ..)| failed(id)));
}

#[test]
fn the_items_that_it_looks_made_for_do_not_pass() {
    let report = audit(&request()).unwrap();
    let server = &report.assessment.servers[0];
    let items = server.frameworks.iter().flat_map(|framework| &framework.controls).flat_map(|control| &control.items);
    let outcomes: Vec<_> = items.map(|item| (item.id.as_str(), format!("{:?}", item.outcome))).collect();
    for (id, expected) in
        [("H5.1", "Fail"), ("D4.1", "Pass"), ("D4.2", "Fail"), ("D4.3", "NotAssessed"), ("D4.4", "Fail")]
    {
        let (_, outcome) = outcomes.iter().find(|(found, _)| *found == id).unwrap_or_else(|| panic!("no {id}"));
        assert_eq!(outcome, expected, "{id}");
    }
}

#[test]
fn its_effective_confinement_is_told_aspect_by_aspect() {
    let report = inventory(&request()).unwrap();
    let aspects = report.facts.confinements[0].aspects.iter();
    let said: Vec<_> = aspects.map(|aspect| (aspect.id, aspect.state.id(), aspect.says.as_str())).collect();
    assert_eq!(said, EFFECTIVE);
}

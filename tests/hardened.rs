//! The hardened project: no check that is built finds a grave fault with it, and what it accepts it says.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read a fixture of their own")]

use std::path::Path;

use plimsoll::rules::Severity;
use plimsoll::{Configuration, Request, audit};

fn request(folder: &Path) -> Request {
    let text = std::fs::read_to_string(folder.join("plimsoll.toml")).unwrap();
    let configuration = Some(Configuration { path: "plimsoll.toml".into(), text });
    Request { today: "2026-11-21".into(), threads: Some(1), configuration, ..Request::new(folder) }
}

#[test]
fn the_hardened_project_has_no_grave_finding_that_is_not_accepted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects/orders-hardened");
    let report = audit(&request(&folder)).unwrap();
    let (accepted, open): (Vec<_>, Vec<_>) =
        report.assessment.findings.iter().partition(|finding| finding.waiver.is_some());
    let grave = open.iter().filter(|finding| finding.severity >= Severity::High);
    let open: Vec<&str> = grave.map(|finding| finding.check.as_str()).collect();
    assert_eq!(open, [""; 0], "{open:?}");
    assert_eq!(accepted.iter().map(|finding| finding.check.as_str()).collect::<Vec<_>>(), ["unofficial-sdk"]);
    let confinement = report.facts.confinements.first().unwrap();
    assert_eq!(confinement.egress.value().map(String::as_str), Some("denied"));
}

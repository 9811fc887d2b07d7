//! The catalogue is complete: checks, fixtures, frameworks and plans name each other.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read the repository")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use plimsoll::assess::{Catalogue, Proof, catalogue};

fn built_in() -> Catalogue {
    catalogue(&[]).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(120, false)))
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_built_in_rules_and_frameworks_are_sound() {
    let catalogue = built_in();
    assert_eq!(catalogue.frameworks.len(), 7);
    assert_eq!(catalogue.frameworks[0].id, "mcp-hardening-18");
    assert!(catalogue.rules.rules.windows(2).all(|pair| pair[0].id < pair[1].id), "sorted, no id twice");
}

#[test]
fn every_check_of_the_list_is_built_or_planned() {
    let catalogue = built_in();
    let lost: Vec<String> =
        read("tests/data/checks.txt").lines().filter(|id| !catalogue.rules.knows(id)).map(str::to_string).collect();
    assert!(lost.is_empty(), "dropped from the catalogue: {lost:?}");
}

#[test]
fn every_item_stands_as_its_framework_has_it() {
    let catalogue = built_in();
    let ours: Vec<String> = catalogue
        .items()
        .map(|(framework, control, item)| {
            let proof = match item.proof {
                Proof::Static if framework.id == "ciso-questions" => "report",
                Proof::Static => "static",
                Proof::Attested => "attested",
            };
            [&framework.id, &control.id, &item.id, proof, &item.text].join("\t")
        })
        .collect();
    let theirs: Vec<String> = read("tests/data/items.tsv").lines().map(str::to_string).collect();
    let set = |rows: &[String]| rows.iter().cloned().collect::<BTreeSet<_>>();
    let (ours, theirs) = (set(&ours), set(&theirs));
    assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), Vec::<&String>::new(), "ours, not in the frameworks");
    assert_eq!(theirs.difference(&ours).collect::<Vec<_>>(), Vec::<&String>::new(), "in the frameworks, not ours");
}

#[test]
fn shared_controls_and_gates_are_those_of_the_frameworks() {
    let catalogue = built_in();
    let gating: Vec<&str> =
        catalogue.frameworks.iter().filter(|one| one.gates).map(|framework| framework.id.as_str()).collect();
    assert_eq!(gating, ["mcp-hardening-18", "production-12", "incident-readiness-12"]);
    let readiness = &catalogue.frameworks[2];
    let shared = readiness.controls.iter().filter(|control| !control.same_as.is_empty());
    let shared: Vec<String> = shared.map(|control| format!("{}={}", control.id, control.same_as.join("+"))).collect();
    assert_eq!(shared, ["R2=H2+H1.1", "R3=H6", "R4=H5", "R5=H4+H1.1", "R7=H3+H1.3"]);
}

#[test]
fn the_reference_of_the_checks_is_current() {
    let made = built_in().reference();
    let how = "out of date; run `cargo run -q -- list checks --format markdown > docs/checks.md`";
    assert!(made == read("docs/checks.md"), "docs/checks.md is {how}");
}

#[test]
fn every_check_has_cases_and_every_fixture_a_check() {
    let catalogue = built_in();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checks");
    let fixtures: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let checks: BTreeSet<String> = catalogue.rules.rules.iter().map(|rule| rule.id.clone()).collect();
    assert_eq!(checks.difference(&fixtures).collect::<Vec<_>>(), Vec::<&String>::new(), "checks without a fixture");
    assert_eq!(fixtures.difference(&checks).collect::<Vec<_>>(), Vec::<&String>::new(), "fixtures without a check");
}

#[test]
fn every_check_witnesses_an_item_or_says_why_it_matters_elsewhere() {
    let catalogue = built_in();
    let witnessed: BTreeSet<&str> =
        catalogue.items().flat_map(|(_, _, item)| item.checks.iter().map(String::as_str)).collect();
    let idle: Vec<&str> = catalogue
        .rules
        .rules
        .iter()
        .filter(|rule| !witnessed.contains(rule.id.as_str()) && rule.maps.is_empty() && rule.area != "assurance")
        .map(|rule| rule.id.as_str())
        .collect();
    assert!(idle.is_empty(), "neither in a framework nor mapped: {idle:?}");
}

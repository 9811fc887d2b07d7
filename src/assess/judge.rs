//! Answers → the assessment: every item of every framework for every server, the findings, and the verdict.

use std::collections::{BTreeMap, BTreeSet};

use ahash::HashMap;
use rayon::prelude::*;

use crate::assess::framework::{Catalogue, Shared, shared};
use crate::assess::item::{self, Scene, is_accepted};
use crate::assess::waivers::{self, Waivers};
use crate::assess::{
    Assessment, Control, ControlResult, Finding, Framework, FrameworkResult, ItemResult, Outcome, ServerAssessment,
    Verdict, findings,
};
use crate::config::Config;
use crate::gap::{Gap, GapKind};
use crate::model::{Facts, ServerId};
use crate::rules::{Answer, Answered};
use crate::source::{Sources, Span};

/// What an assessment needs besides the answers.
pub struct Inputs<'a> {
    /// Checks and frameworks.
    pub catalogue: &'a Catalogue,
    /// The facts that were asked about.
    pub facts: &'a Facts,
    /// The text they stand in.
    pub sources: &'a Sources,
    /// Places of all comments in documents and code.
    pub comments: &'a [Span],
    /// What the project says, with what the command line overrides.
    pub config: &'a Config,
    /// Day of the audit, `YYYY-MM-DD`.
    pub today: &'a str,
}

impl Inputs<'_> {
    /// Whether a framework decides in this run.
    pub fn gates(&self, framework: &Framework) -> bool {
        self.config.frameworks.as_ref().map_or(framework.gates, |named| named.contains(&framework.id))
    }
}

/// Judges the answers.
pub fn assess(answered: &[Answered], inputs: &Inputs<'_>) -> Assessment {
    let rules = &inputs.catalogue.rules;
    let failing = || findings::findings(answered, rules, inputs.facts);
    let others = || rayon::join(|| by_rule(answered), || gaps(answered, inputs));
    let ((mut findings, positions), (by_rule, gaps)) = rayon::join(failing, others);
    let mut waivers = waivers::gather(inputs);
    waivers.cover(&mut findings, inputs);
    cover_by_items(&mut findings, &mut waivers, inputs);
    let scene =
        Scene { inputs, answered, findings: &findings, positions: &positions, by_rule: &by_rule, waivers: &waivers };
    let ids = (0..inputs.facts.servers.len()).into_par_iter().with_max_len(1);
    let ids = ids.map(|at| ServerId(u32::try_from(at).unwrap_or(u32::MAX)));
    let (servers, used): (Vec<_>, Vec<_>) = ids.map(|server| one_server(server, &scene)).unzip();
    for at in used.into_iter().flatten() {
        waivers.all[at].used += 1;
    }
    findings.extend(waivers.findings(inputs));
    findings::fingerprint(&mut findings, inputs.sources);
    findings.sort_by(findings::order);
    let (verdict, because) = verdict(&servers, &findings, &gaps, inputs);
    Assessment {
        date: inputs.today.to_string(),
        verdict,
        because,
        servers,
        findings,
        gaps,
        waivers: waivers.all,
        answers: counts(answered),
    }
}

/// Positions of the answers of each check to each server.
fn by_rule(answered: &[Answered]) -> HashMap<(usize, Option<ServerId>), Vec<usize>> {
    let mut all: HashMap<_, Vec<usize>> = HashMap::default();
    for (at, one) in answered.iter().enumerate() {
        all.entry((one.rule, one.about.server)).or_default().push(at);
    }
    all
}

/// A finding is covered by waivers of items only where every gating item that it touches is waived for it.
fn cover_by_items(findings: &mut [Finding], waivers: &mut Waivers, inputs: &Inputs<'_>) {
    let mut witnessed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (framework, _, item) in inputs.catalogue.items() {
        for check in item.checks.iter().filter(|_| inputs.gates(framework)) {
            witnessed.entry(check).or_default().push(&item.id);
        }
    }
    for finding in findings.iter_mut().filter(|finding| finding.waiver.is_none()) {
        let items = witnessed.get(finding.check.as_str()).map_or(&[][..], Vec::as_slice);
        let covering: Option<Vec<usize>> =
            items.iter().map(|item| waivers.of_item_for(item, finding, inputs)).collect();
        let Some(covering) = covering.filter(|covering| !covering.is_empty()) else { continue };
        finding.waiver = covering.first().copied();
        for at in covering {
            waivers.all[at].used += 1;
        }
    }
}

fn one_server(server: ServerId, scene: &Scene<'_>) -> (ServerAssessment, Vec<usize>) {
    let frameworks = &scene.inputs.catalogue.frameworks;
    let mut used = Vec::new();
    let mut results: BTreeMap<(&str, &str), ItemResult> = BTreeMap::new();
    for (framework, _, item) in scene.inputs.catalogue.items() {
        let (result, waivers) = item::judge(item, server, scene);
        used.extend(waivers);
        results.insert((&framework.id, &item.id), result);
    }
    let framework = |framework: &Framework| {
        let controls: Vec<ControlResult> =
            framework.controls.iter().map(|control| control_result(framework, control, frameworks, &results)).collect();
        FrameworkResult {
            id: framework.id.clone(),
            title: framework.title.clone(),
            gates: scene.inputs.gates(framework),
            outcome: worst(controls.iter().map(|control| control.outcome)),
            controls,
        }
    };
    (ServerAssessment { server, frameworks: frameworks.iter().map(framework).collect() }, used)
}

type Results<'a> = BTreeMap<(&'a str, &'a str), ItemResult>;

fn control_result(
    framework: &Framework,
    control: &Control,
    frameworks: &[Framework],
    results: &Results<'_>,
) -> ControlResult {
    let items: Vec<ItemResult> =
        control.items.iter().map(|item| results[&(framework.id.as_str(), item.id.as_str())].clone()).collect();
    let same_as: Vec<(String, Outcome)> = control
        .same_as
        .iter()
        .map(|id| {
            let shared = shared_items(framework, id, frameworks);
            (id.clone(), worst(shared.into_iter().map(|key| results[&key].outcome)))
        })
        .collect();
    let outcome = worst(items.iter().map(|item| item.outcome).chain(same_as.iter().map(|(_, outcome)| *outcome)));
    ControlResult { id: control.id.clone(), title: control.title.clone(), outcome, same_as, items }
}

/// Framework and id of every item behind a `same_as` entry; circles are refused when frameworks are loaded.
fn shared_items<'a>(own: &'a Framework, id: &str, frameworks: &'a [Framework]) -> Vec<(&'a str, &'a str)> {
    match shared(frameworks, &own.id, id) {
        None => Vec::new(),
        Some(Shared::Item(framework, item)) => vec![(&framework.id, &item.id)],
        Some(Shared::Control(framework, control)) => {
            let own = control.items.iter().map(|item| (framework.id.as_str(), item.id.as_str()));
            own.chain(control.same_as.iter().flat_map(|id| shared_items(framework, id, frameworks))).collect()
        }
    }
}

/// What several outcomes come to: any fault decides, then any gap; a pass needs one pass at least.
fn worst(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Fail => 3,
        Outcome::NotAssessed => 2,
        Outcome::Pass => 1,
        Outcome::NotApplicable => 0,
    };
    outcomes.max_by_key(rank).unwrap_or(Outcome::NotAssessed)
}

/// Every gap once: those of loading and extraction, and those that left a check without an answer.
fn gaps(answered: &[Answered], inputs: &Inputs<'_>) -> Vec<Gap> {
    let unknown = answered.iter().filter_map(|one| match &one.answer {
        Answer::Unknown(gap) => Some(gap.clone()),
        Answer::Holds(_) | Answer::Fails(_) | Answer::NotApplicable(_) => None,
    });
    let mut all: Vec<Gap> = inputs.facts.gaps.iter().cloned().chain(unknown).collect();
    if inputs.facts.servers.is_empty() {
        all.push(Gap::of_path(".", GapKind::Nothing, "no MCP server was found, so there is nothing to assess"));
    }
    for gap in &mut all {
        gap.blocks &= !is_accepted(gap, inputs);
    }
    all.sort();
    all.dedup();
    all
}

/// Fail before incomplete: a fault stays a fault whatever else could not be read.
fn verdict(
    servers: &[ServerAssessment],
    findings: &[Finding],
    gaps: &[Gap],
    inputs: &Inputs<'_>,
) -> (Verdict, Vec<String>) {
    let mut failing = Vec::new();
    let mut open = Vec::new();
    for server in servers {
        for item in deciding_items(server, inputs) {
            match item.outcome {
                Outcome::Fail => failing.push(item.id.clone()),
                Outcome::NotAssessed => open.push(item.id.clone()),
                Outcome::Pass | Outcome::NotApplicable => {}
            }
        }
    }
    let over = |finding: &&Finding| {
        finding.waiver.is_none() && inputs.config.fail_on.is_some_and(|limit| finding.severity >= limit)
    };
    failing.extend(findings.iter().filter(over).map(|finding| format!("check:{}", finding.check)));
    let loading: BTreeSet<_> = inputs.facts.gaps.iter().map(of_what).collect();
    // Gaps of single answers decide through the items they keep from passing.
    let is_of_loading = |gap: &Gap| gap.kind == GapKind::Nothing || loading.contains(&of_what(gap));
    let blocking = gaps.iter().filter(|gap| gap.blocks && is_of_loading(gap));
    open.extend(blocking.map(|gap| format!("gap:{}", gap.path)));
    match (failing.is_empty(), open.is_empty()) {
        (false, _) => (Verdict::Fail, once(failing)),
        (true, false) => (Verdict::Incomplete, once(open)),
        (true, true) => (Verdict::Pass, Vec::new()),
    }
}

fn of_what(gap: &Gap) -> (&str, Option<Span>, GapKind) {
    (&gap.path, gap.span, gap.kind)
}

/// Items of the frameworks that gate, shared ones included, except those that a waiver or an accepted gap covers.
fn deciding_items<'a>(server: &'a ServerAssessment, inputs: &'a Inputs<'_>) -> Vec<&'a ItemResult> {
    let frameworks = &inputs.catalogue.frameworks;
    let find = |(framework, item): (&str, &str)| {
        let result = server.frameworks.iter().find(|result| result.id == framework)?;
        result.controls.iter().flat_map(|control| &control.items).find(|result| result.id == item)
    };
    let mut all = Vec::new();
    for framework in frameworks.iter().filter(|framework| inputs.gates(framework)) {
        for control in &framework.controls {
            let own = control.items.iter().map(|item| (framework.id.as_str(), item.id.as_str()));
            let shared = control.same_as.iter().flat_map(|id| shared_items(framework, id, frameworks));
            all.extend(own.chain(shared).filter_map(find));
        }
    }
    all.retain(|item| matches!(item.how.as_str(), "static" | "attested"));
    all
}

fn once(mut list: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    list.retain(|entry| seen.insert(entry.clone()));
    list
}

fn counts(answered: &[Answered]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::from([("holds", 0), ("fails", 0), ("not-applicable", 0), ("unknown", 0)]);
    for one in answered {
        let name = match one.answer {
            Answer::Holds(_) => "holds",
            Answer::Fails(_) => "fails",
            Answer::NotApplicable(_) => "not-applicable",
            Answer::Unknown(_) => "unknown",
        };
        *counts.entry(name).or_default() += 1;
    }
    counts
}

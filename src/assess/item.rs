//! One item for one server: what its witnesses answered, and what follows.

use ahash::HashMap;

use crate::assess::judge::Inputs;
use crate::assess::waivers::Waivers;
use crate::assess::{Finding, Item, ItemResult, Outcome, Proof};
use crate::config::is_under;
use crate::gap::Gap;
use crate::model::server::Inventory;
use crate::model::{Evidence, ServerId, SubjectKind};
use crate::rules::{Answer, Answered};

/// Most places that one item shows.
const MOST_EVIDENCE: usize = 20;

/// Everything that items are judged by.
pub struct Scene<'a> {
    /// What the run was given.
    pub inputs: &'a Inputs<'a>,
    /// All answers.
    pub answered: &'a [Answered],
    /// All findings.
    pub findings: &'a [Finding],
    /// For each answer the position of its finding.
    pub positions: &'a [Option<usize>],
    /// Answers by the position of their rule and by their server.
    pub by_rule: &'a HashMap<(usize, Option<ServerId>), Vec<usize>>,
    /// All waivers.
    pub waivers: &'a Waivers,
}

/// What the witnesses of an item said of one server.
#[derive(Default)]
struct Gathered<'a> {
    fails: Vec<&'a Evidence>,
    waived: Vec<&'a Evidence>,
    holds: Vec<&'a Evidence>,
    not_applicable: Option<&'a str>,
    blocks: Vec<Block<'a>>,
    accepted: Vec<&'a str>,
    used: Vec<usize>,
    asks_tools: bool,
}

/// What keeps an item from being assessed.
enum Block<'a> {
    Planned(&'a str),
    Nothing(&'a str),
    Unknown(&'a str, &'a str),
}

impl Block<'_> {
    fn told(&self) -> String {
        match self {
            Block::Planned(check) => format!("the check `{check}` is planned, not built"),
            Block::Nothing(check) => format!("`{check}` found nothing to look at"),
            Block::Unknown(check, reason) => format!("`{check}` cannot be known: {reason}"),
        }
    }
}

/// The result of an item, and the waivers that it used.
pub fn judge<'a>(item: &'a Item, server: ServerId, scene: &Scene<'a>) -> (ItemResult, Vec<usize>) {
    let mut gathered = Gathered::default();
    for check in &item.checks {
        gathered.ask(check, item, server, scene);
    }
    let mut used = std::mem::take(&mut gathered.used);
    let (outcome, mut how, mut why, evidence) = gathered.decide(item, server, scene);
    let decides = matches!(outcome, Outcome::Fail | Outcome::NotAssessed) && matches!(how, "static" | "attested");
    if let (true, Some(at)) = (decides, scene.waivers.of_item(&item.id, server, scene.inputs)) {
        how = "waived";
        let waiver = &scene.waivers.all[at];
        why = format!("waived until {}: {} ({why})", waiver.expires, waiver.reason);
        used.push(at);
    }
    let (id, text, checks) = (item.id.clone(), item.text.clone(), item.checks.clone());
    (ItemResult { id, text, outcome, how: how.to_string(), why, checks, evidence }, used)
}

impl<'a> Gathered<'a> {
    fn ask(&mut self, check: &'a str, item: &Item, server: ServerId, scene: &Scene<'a>) {
        let rules = &scene.inputs.catalogue.rules;
        let Some(at) = rules.find(check) else {
            self.blocks.push(Block::Planned(check));
            return;
        };
        let per_tool = [SubjectKind::Tool, SubjectKind::Parameter, SubjectKind::ModelText];
        self.asks_tools |= per_tool.contains(&rules.rules[at].subject);
        let of = |server| scene.by_rule.get(&(at, server)).map_or(&[][..], Vec::as_slice);
        let mut all = [of(None), of(Some(server))].concat();
        all.sort_unstable();
        all.iter().for_each(|position| self.take(*position, check, item, scene));
        if all.is_empty() {
            self.blocks.push(Block::Nothing(check));
        }
    }

    fn take(&mut self, position: usize, check: &'a str, item: &Item, scene: &Scene<'a>) {
        match &scene.answered[position].answer {
            Answer::Holds(evidence) => self.holds.push(evidence),
            Answer::NotApplicable(reason) => self.not_applicable = self.not_applicable.or(Some(reason)),
            Answer::Unknown(gap) if is_accepted(gap, scene.inputs) => self.accepted.push(&gap.reason),
            Answer::Unknown(gap) => self.blocks.push(Block::Unknown(check, &gap.reason)),
            Answer::Fails(evidence) => {
                let finding = scene.positions[position].map(|at| &scene.findings[at]);
                match finding.and_then(|finding| waiver_for(finding, item, scene)) {
                    None => self.fails.push(evidence),
                    Some((at, of_item)) => {
                        self.waived.push(evidence);
                        self.used.extend(of_item.then_some(at));
                    }
                }
            }
        }
    }

    fn decide(
        self,
        item: &Item,
        server: ServerId,
        scene: &Scene<'_>,
    ) -> (Outcome, &'static str, String, Vec<Evidence>) {
        let facts = &scene.inputs.facts;
        if let Some(first) = self.fails.first() {
            let why = counted(&first.primary.text, self.fails.len());
            return (Outcome::Fail, "static", why, shown(&self.fails));
        }
        if let Some(first) = self.blocks.first() {
            return (Outcome::NotAssessed, "static", counted(&first.told(), self.blocks.len()), shown(&self.waived));
        }
        if item.proof == Proof::Attested {
            let why = "no file can show this; it needs an attestation".to_string();
            return (Outcome::NotAssessed, "attested", why, shown(&self.holds));
        }
        if let Some(gap) = facts.gaps.iter().find(|gap| stands_in_the_way(gap, server, scene.inputs)) {
            let why = format!("a gap stands in the way: {} {}", gap.path, gap.reason);
            return (Outcome::NotAssessed, "static", why, shown(&self.waived));
        }
        let openings = &facts.server(server).openings;
        if self.asks_tools && facts.server(server).inventory == Inventory::Open {
            let why = "some tools exist only at run time, so it cannot be shown for every tool".to_string();
            let evidence = openings.iter().take(MOST_EVIDENCE);
            let evidence = evidence.map(|opening| Evidence::at(opening.span, opening.value.clone())).collect();
            return (Outcome::Fail, "static", why, evidence);
        }
        if let Some(first) = self.waived.first() {
            let why = format!("accepted by waiver: {}", counted(&first.primary.text, self.waived.len()));
            return (Outcome::Fail, "waived", why, shown(&self.waived));
        }
        self.without_faults()
    }

    fn without_faults(self) -> (Outcome, &'static str, String, Vec<Evidence>) {
        if let Some(first) = self.holds.first() {
            return (Outcome::Pass, "static", counted(&first.primary.text, self.holds.len()), shown(&self.holds));
        }
        if let Some(first) = self.accepted.first() {
            let why = format!("accepted by `accept-gaps`: {}", counted(first, self.accepted.len()));
            return (Outcome::NotAssessed, "accepted", why, Vec::new());
        }
        match self.not_applicable {
            Some(first) => (Outcome::NotApplicable, "static", first.to_string(), Vec::new()),
            None => (Outcome::NotAssessed, "static", "no check witnesses it".to_string(), Vec::new()),
        }
    }
}

/// The waiver of a finding as far as this item goes, and whether it is one of the item.
fn waiver_for(finding: &Finding, item: &Item, scene: &Scene<'_>) -> Option<(usize, bool)> {
    let of_check = finding.waiver.filter(|at| scene.waivers.all[*at].of == finding.check);
    let of_item = || scene.waivers.of_item_for(&item.id, finding, scene.inputs);
    of_check.map(|at| (at, false)).or_else(|| of_item().map(|at| (at, true)))
}

/// Whether the configuration lets a gap stand.
pub fn is_accepted(gap: &Gap, inputs: &Inputs<'_>) -> bool {
    inputs.config.accept_gaps.iter().any(|accepted| accepted.covers(gap))
}

fn stands_in_the_way(gap: &Gap, server: ServerId, inputs: &Inputs<'_>) -> bool {
    let root = &inputs.facts.server(server).root;
    gap.blocks && !is_accepted(gap, inputs) && (gap.path == "." || is_under(&gap.path, root))
}

fn shown(all: &[&Evidence]) -> Vec<Evidence> {
    all.iter().take(MOST_EVIDENCE).map(|evidence| (*evidence).clone()).collect()
}

fn counted(first: &str, number: usize) -> String {
    match number {
        0 | 1 => first.to_string(),
        number => format!("{first}, and {} more", number - 1),
    }
}

//! The assessment over hand-made facts: what passes, what does not, and what decides.

use crate::assess::{Assessment, Inputs, ItemResult, Outcome, Verdict, assess, catalogue};
use crate::config::{self, Config};
use crate::extract::containers::RunContainer;
use crate::gap::{Gap, GapKind};
use crate::model::known::{Known, Spanned};
use crate::model::server::{Inventory, Server};
use crate::model::tool::{Tool, ToolOrigin};
use crate::model::{About, Facts, ServerId};
use crate::rules::evaluate;
use crate::rules::load::UserFile;
use crate::source::{Sources, Span};

const RULE: &str = "\
id: house-root
title: Writable root
question: Is the root read-only?
severity: medium
confidence: high
subject: container
applies: {field: deployment, is: true}
unless_applies: \"`{name}` is only a recipe\"
holds: {field: read_only, is: true}
message: \"`{name}` can write to its root\"
passes: \"the root of `{name}` is read-only\"
why: It matters.
fix: Fix it.
";

const FRAMEWORK: &str = "\
id: house
title: House rules
gate: report
controls:
  - id: Z1
    title: Built
    items:
      - {id: Z1.1, proof: static, text: The root is read-only., checks: [house-root]}
  - {id: Z2, title: Shared, same_as: [Z1]}
";

const TOOL_RULE: &str = "\
id: house-title
title: Untitled tool
question: Has the tool a title?
severity: low
confidence: high
subject: tool
holds: {field: title, present: true}
message: \"`{name}` has no title\"
passes: \"`{name}` has the title `{title}`\"
why: It matters.
fix: Fix it.
";

/// Facts of one server called `orders`, and the text they stand in.
struct Tree {
    sources: Sources,
    facts: Facts,
    comments: Vec<Span>,
    framework: String,
}

/// One line for each container.
const COMPOSE: &str =
    "one: ok\ntwo: ok # plimsoll: allow house-root reason=\"old\" until=2027-01-01\nthree: ok\none: ok\n";

impl Tree {
    fn new() -> Self {
        let mut sources = Sources::default();
        let id = sources.add_text("compose.yaml", COMPOSE);
        let mut facts = Facts::default();
        let span = Span::new(id, 0, 3);
        facts.servers.push(Server {
            about: About::new("orders", span),
            implemented: true,
            configured: false,
            inventory: Inventory::Closed,
            transports: Vec::new(),
            root: ".".into(),
            openings: Vec::new(),
            sdks: Vec::new(),
            instructions: Known::Absent,
            places: vec![span],
            locked: crate::model::server::Locked::default(),
        });
        Self { sources, facts, comments: Vec::new(), framework: FRAMEWORK.into() }
    }

    /// Adds a container on a line (from 1) whose root is read-only, writable or unknown.
    fn with(mut self, line: u32, read_only: Option<bool>) -> Self {
        let id = self.sources.find("compose.yaml").expect("added");
        let (text, start) = self.sources.line(id, line).expect("a line of the file");
        let name = text.split(':').next().expect("a name").to_string();
        let span = Span::new(id, start as usize, start as usize + name.len());
        let mut container = RunContainer::new("compose", name, span).container;
        container.about.server = Some(ServerId(0));
        container.read_only = match read_only {
            Some(value) => Known::is(value, span),
            None => Known::unknown("set by ${RO}", span),
        };
        self.facts.containers.push(container);
        self
    }

    fn recipe(mut self) -> Self {
        self = self.with(1, Some(false));
        self.facts.containers[0].deployment = false;
        self
    }

    fn gap(mut self, path: &str) -> Self {
        self.facts.gaps.push(Gap::of_path(path, GapKind::Unparsed, "is not valid"));
        self
    }

    fn framework(mut self, from: &str, to: &str) -> Self {
        assert!(self.framework.contains(from));
        self.framework = self.framework.replace(from, to);
        self
    }

    fn comments(mut self) -> Self {
        let id = self.sources.find("compose.yaml").expect("added");
        let start = COMPOSE.find('#').expect("one comment");
        let end = COMPOSE[start..].find('\n').expect("its end") + start;
        self.comments.push(Span::new(id, start, end));
        self
    }

    fn judge(self, configuration: &str) -> Judged {
        let file = |path: &str, text: &str| UserFile { path: path.into(), text: text.into() };
        let user = [
            file("checks/mine/house-root.yml", RULE),
            file("checks/mine/house-title.yml", TOOL_RULE),
            file("frameworks/house.yml", &self.framework),
        ];
        let catalogue = catalogue(&user).unwrap_or_else(|found| panic!("{}", found.render(100, false)));
        let text = format!("[gate]\nframeworks = [\"house\"]\n{configuration}");
        let config: Config = config::load("plimsoll.toml", &text, &catalogue.ids())
            .unwrap_or_else(|found| panic!("{}", found.render(100, false)));
        let answered: Vec<_> = evaluate(&catalogue.rules, &self.facts, &self.sources)
            .into_iter()
            .filter(|one| catalogue.rules.rules[one.rule].area == "user")
            .collect();
        let inputs = Inputs {
            catalogue: &catalogue,
            facts: &self.facts,
            sources: &self.sources,
            comments: &self.comments,
            config: &config,
            today: "2026-11-21",
        };
        Judged(assess(&answered, &inputs))
    }
}

struct Judged(Assessment);

impl Judged {
    fn item(&self) -> &ItemResult {
        let house = self.0.servers[0].frameworks.iter().find(|one| one.id == "house").expect("judged");
        &house.controls[0].items[0]
    }

    fn shows(&self, outcome: Outcome, how: &str, verdict: Verdict) {
        let item = self.item();
        assert_eq!((item.outcome, item.how.as_str(), self.0.verdict), (outcome, how, verdict), "{}", item.why);
    }
}

const WAIVER: &str = "\
[[waiver]]
OF
reason = \"until spring\"
owner = \"ops\"
expires = \"DATE\"
";

fn waiver(of: &str, date: &str) -> String {
    WAIVER.replace("OF", of).replace("DATE", date)
}

#[test]
fn an_empty_tree_passes_nothing() {
    let mut tree = Tree::new();
    tree.facts.servers.clear();
    let Judged(assessment) = tree.judge("");
    assert_eq!((assessment.verdict, assessment.because), (Verdict::Incomplete, vec!["gap:.".to_string()]));
    assert_eq!(assessment.gaps[0].kind, GapKind::Nothing);
}

#[test]
fn an_item_passes_only_where_every_subject_holds_and_nothing_is_in_the_way() {
    use Outcome::{Fail, NotApplicable, NotAssessed, Pass};
    use Verdict::{Fail as Failed, Incomplete, Pass as Passed};
    let cases = [
        (Tree::new().with(1, Some(true)), Pass, Passed),
        (Tree::new().with(1, Some(true)).with(2, Some(true)), Pass, Passed),
        (Tree::new().with(1, Some(true)).with(2, Some(false)), Fail, Failed),
        (Tree::new().with(1, Some(true)).with(2, None), NotAssessed, Incomplete),
        (Tree::new().with(1, Some(false)).with(2, None), Fail, Failed),
        (Tree::new(), NotAssessed, Incomplete),
        (Tree::new().recipe(), NotApplicable, Passed),
        (Tree::new().recipe().gap("a.py"), NotAssessed, Incomplete),
        (Tree::new().with(1, Some(true)).gap("a.py"), NotAssessed, Incomplete),
        (Tree::new().with(1, Some(false)).gap("a.py"), Fail, Failed),
        (Tree::new().with(1, Some(true)).framework("proof: static", "proof: attested"), NotAssessed, Incomplete),
        (Tree::new().with(1, Some(true)).framework("[house-root]", "[]"), NotAssessed, Incomplete),
        (
            Tree::new().with(1, Some(true)).framework("[house-root]", "[house-root, no-kill-switch]"),
            NotAssessed,
            Incomplete,
        ),
    ];
    for (at, (tree, outcome, verdict)) in cases.into_iter().enumerate() {
        let judged = tree.judge("");
        let item = judged.item();
        assert_eq!((item.outcome, judged.0.verdict), (outcome, verdict), "case {at}: {}", item.why);
    }
}

#[test]
fn a_pass_shows_where_and_a_fault_names_the_item() {
    let judged = Tree::new().with(1, Some(true)).judge("");
    assert_eq!(judged.item().evidence[0].primary.text, "the root of `one` is read-only");
    let judged = Tree::new().with(1, Some(false)).judge("");
    assert_eq!(judged.0.because, ["Z1.1"], "a medium finding alone is below the threshold");
    let judged = Tree::new().with(1, Some(false)).judge("fail-on = \"medium\"\n");
    assert_eq!(judged.0.because, ["Z1.1", "check:house-root"]);
}

#[test]
fn what_cannot_be_listed_cannot_be_shown_for_every_tool() {
    for (inventory, outcome) in [(Inventory::Closed, Outcome::Pass), (Inventory::Open, Outcome::Fail)] {
        let mut tree = Tree::new().with(1, Some(true)).framework("[house-root]", "[house-title]");
        let span = tree.facts.servers[0].about.span;
        tree.facts.servers[0].inventory = inventory;
        tree.facts.servers[0].openings.push(Spanned::new("tools are fetched at run time".into(), span));
        tree.facts.tools.push(titled_tool(span));
        let judged = tree.judge("");
        assert_eq!(judged.item().outcome, outcome, "{}", judged.item().why);
        let shown = &judged.item().evidence[0].primary.text;
        assert_eq!(shown == "tools are fetched at run time", inventory == Inventory::Open, "{shown}");
    }
}

fn titled_tool(span: Span) -> Tool {
    Tool {
        about: About { server: Some(ServerId(0)), ..About::new("search", span) },
        title: Known::is("Search".into(), span),
        description: Known::Absent,
        read_only_hint: Known::Absent,
        destructive_hint: Known::Absent,
        idempotent_hint: Known::Absent,
        open_world_hint: Known::Absent,
        has_input_schema: false,
        has_output_schema: false,
        listed: true,
        dispatched: Known::Absent,
        only_named: false,
        condition: Known::Absent,
        on_by_default: Known::Absent,
        through: None,
        validated: Known::Absent,
        sdk_validates: Known::Absent,
        unknown_keys: Known::Absent,
        enforced: Default::default(),
        followed: Known::Absent,
        input_schema: Known::Absent,
        output_schema: Known::Absent,
        handler: None,
        origin: ToolOrigin::Source,
        copies: Vec::new(),
        places: Vec::new(),
    }
}

#[test]
fn a_waived_fault_stays_visible_and_does_not_decide() {
    for of in ["check = \"house-root\"", "item = \"Z1.1\"", "item = \"Z1.1\"\nserver = \"orders\""] {
        let judged = Tree::new().with(1, Some(false)).judge(&waiver(of, "2026-11-21"));
        judged.shows(Outcome::Fail, "waived", Verdict::Pass);
        assert_eq!(judged.0.findings[0].waiver, Some(0), "{of}");
        assert!(judged.0.waivers[0].used > 0, "{of}");
    }
}

#[test]
fn a_waiver_covers_what_it_names_until_its_day() {
    let cases = [
        (waiver("check = \"house-root\"", "2026-11-20"), "expired"),
        (waiver("check = \"house-root\"\nserver = \"other\"", "2027-01-01"), "another server"),
        (waiver("check = \"house-root\"\ntool = \"search\"", "2027-01-01"), "another tool"),
        (waiver("check = \"house-root\"\npath = \"deploy\"", "2027-01-01"), "another path"),
        (waiver("check = \"runs-as-root\"", "2027-01-01"), "another check"),
    ];
    for (text, name) in cases {
        let judged = Tree::new().with(1, Some(false)).judge(&text);
        assert_eq!(judged.item().how, "static", "{name}");
        assert_eq!(judged.0.verdict, Verdict::Fail, "{name}");
        assert_eq!(judged.0.waivers[0].expired, name == "expired");
    }
}

#[test]
fn a_waiver_of_one_finding_leaves_the_next() {
    let judged = Tree::new().with(2, Some(false)).comments().judge("");
    judged.shows(Outcome::Fail, "waived", Verdict::Pass);
    let judged = Tree::new().with(2, Some(false)).with(3, Some(false)).comments().judge("");
    judged.shows(Outcome::Fail, "static", Verdict::Fail);
    let waived: Vec<bool> = judged.0.findings.iter().map(|finding| finding.waiver.is_some()).collect();
    assert_eq!(waived, [true, false]);
}

#[test]
fn a_waiver_does_not_hide_what_could_not_be_known() {
    let text = waiver("check = \"house-root\"", "2027-01-01");
    let judged = Tree::new().with(1, Some(false)).with(2, None).judge(&text);
    judged.shows(Outcome::NotAssessed, "static", Verdict::Incomplete);
}

#[test]
fn accepted_gaps_do_not_stand_in_the_way() {
    let judged = Tree::new().with(1, Some(true)).gap("legacy/a.py").judge("accept-gaps = [\"unparsed:legacy\"]\n");
    judged.shows(Outcome::Pass, "static", Verdict::Pass);
    assert!(judged.0.gaps.iter().all(|gap| !gap.blocks), "accepted gaps are shown, and block nothing");
    let judged = Tree::new().with(1, Some(true)).gap("src/a.py").judge("accept-gaps = [\"unparsed:legacy\"]\n");
    judged.shows(Outcome::NotAssessed, "static", Verdict::Incomplete);
    let judged = Tree::new().with(1, None).judge("accept-gaps = [\"unresolved\"]\n");
    judged.shows(Outcome::NotAssessed, "accepted", Verdict::Pass);
}

#[test]
fn a_shared_control_is_as_good_as_what_it_shares() {
    let judged = Tree::new().with(1, Some(false)).judge("");
    let house = judged.0.servers[0].frameworks.iter().find(|one| one.id == "house").expect("judged");
    assert_eq!(house.controls[1].same_as, [("Z1".to_string(), Outcome::Fail)]);
    assert_eq!((house.controls[1].outcome, house.outcome, house.gates), (Outcome::Fail, Outcome::Fail, true));
}

#[test]
fn fingerprints_outlive_moved_lines_and_tell_twins_apart() {
    let print = |tree: Tree| -> Vec<String> {
        tree.judge("").0.findings.iter().map(|finding| finding.fingerprint.clone()).collect()
    };
    let one = print(Tree::new().with(1, Some(false)));
    let both = print(Tree::new().with(1, Some(false)).with(4, Some(false)));
    let twice = print(Tree::new().with(1, Some(false)).with(1, Some(false)));
    assert_eq!(twice, one, "what is said twice of one place is one finding");
    assert_eq!(one[0].len(), 64);
    assert!(both.contains(&one[0]) && both[0] != both[1]);
    assert_ne!(one[0], print(Tree::new().with(3, Some(false)))[0]);
}

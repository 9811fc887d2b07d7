//! From the audit's own types to the published JSON types; every field is named here, none leaks by itself.

use crate::assess;
use crate::model::definition::Definition;
use crate::model::effect::Effect;
use crate::model::offer::{Offer, OfferKind};
use crate::model::server::Server;
use crate::model::tool::{Tool, ToolOrigin};
use crate::model::{self, Facts, Known, ServerId, ToolId};
use crate::report::{Report, json, json_confinement};
use crate::source::Span;

/// The result of an audit.
pub fn report(report: &Report) -> json::ReportDocument {
    json::ReportDocument {
        servers: servers(report, true),
        findings: report.assessment.findings.iter().map(|finding| self::finding(report, finding)).collect(),
        ..frame(report)
    }
}

/// The result of an audit without its servers and findings.
pub fn frame(report: &Report) -> json::ReportDocument {
    let assessment = &report.assessment;
    json::ReportDocument {
        schema: json::REPORT.to_owned(),
        tool: tool_version(report),
        date: assessment.date.clone(),
        source: source_state(report),
        gate: json::Gate { outcome: assessment.verdict.id().to_owned(), because: assessment.because.clone() },
        servers: Vec::new(),
        findings: Vec::new(),
        gaps: gaps(report),
        waivers: assessment.waivers.iter().map(waiver).collect(),
        attestations: Vec::new(),
        answers: answers(report),
        inputs: report.inputs.iter().map(input).collect(),
        skipped: report.skipped.iter().map(skipped).collect(),
    }
}

/// Servers and tools without judgement.
pub fn inventory(report: &Report) -> json::InventoryDocument {
    let shown = report.facts.documented.iter().filter(|one| one.about.server.is_none());
    json::InventoryDocument {
        schema: json::INVENTORY.to_owned(),
        tool: tool_version(report),
        source: source_state(report),
        servers: servers(report, false),
        tools: orphans(report).map(|(id, tool)| self::tool(report, id, tool)).collect(),
        documented: shown.map(|one| definition(report, one)).collect(),
        gaps: gaps(report),
    }
}

/// A place with lines and columns.
pub fn location(report: &Report, span: Span) -> json::Location {
    let (start, end) = (report.sources.start(span), report.sources.end(span));
    json::Location {
        path: report.sources.path(span.source).to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// CWE numbers of a finding's check.
pub fn cwe(rule: &crate::rules::Rule) -> Vec<u32> {
    let digits = |text: &String| text.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok();
    rule.maps.get("cwe").into_iter().flatten().filter_map(digits).collect()
}

fn tool_version(report: &Report) -> json::ToolVersion {
    json::ToolVersion {
        name: "plimsoll".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules: report.rules.digest.clone(),
    }
}

fn source_state(report: &Report) -> json::SourceState {
    json::SourceState { revision: report.revision.clone(), remote: report.remote.clone(), digest: report.digest() }
}

fn servers(report: &Report, judged: bool) -> Vec<json::Server> {
    server_ids(report).map(|id| server(report, id, judged)).collect()
}

/// Every server.
pub fn server_ids(report: &Report) -> impl Iterator<Item = ServerId> + use<> {
    (0..report.facts.servers.len()).map(|at| ServerId(at as u32))
}

fn server(report: &Report, id: ServerId, judged: bool) -> json::Server {
    json::Server {
        tools: tools(report, id, true).collect(),
        unlisted: tools(report, id, false).collect(),
        ..server_frame(report, id, judged)
    }
}

/// The tools of a server that are listed, or those that are not.
pub fn tools(report: &Report, id: ServerId, listed: bool) -> impl Iterator<Item = json::Tool> {
    let facts = &report.facts;
    let chosen = facts.tools_of(id).filter(move |(_, tool)| is_listed(tool) == listed && !is_told_twice(facts, tool));
    chosen.map(|(id, tool)| self::tool(report, id, tool))
}

/// A server without its tools.
pub fn server_frame(report: &Report, id: ServerId, judged: bool) -> json::Server {
    let facts = &report.facts;
    let server = facts.server(id);
    let assessed = report.assessment.servers.iter().find(|assessed| assessed.server == id);
    let frameworks =
        || assessed.map_or(Vec::new(), |found| found.frameworks.iter().map(|one| framework(report, one)).collect());
    let definitions = facts.definitions.iter().filter(|definition| definition.about.server == Some(id));
    let documented = facts.documented.iter().filter(|definition| definition.about.server == Some(id));
    let containers = facts.containers.iter().filter(|container| container.about.server == Some(id));
    json::Server {
        name: server.about.name.clone(),
        root: server.root.clone(),
        kind: kinds(server),
        inventory: server.inventory.id().to_owned(),
        openings: server.openings.iter().map(|opening| note(report, opening.span, &opening.value)).collect(),
        transports: server.transports.iter().map(|transport| transport.value.clone()).collect(),
        sdk: server.sdks.iter().map(sdk).collect(),
        tools: Vec::new(),
        unlisted: Vec::new(),
        prompts: offers(report, id, OfferKind::Prompt),
        resources: offers(report, id, OfferKind::Resource),
        definitions: definitions.map(|definition| self::definition(report, definition)).collect(),
        documented: documented.map(|definition| self::definition(report, definition)).collect(),
        confinement: containers.map(|container| confinement(report, container)).collect(),
        effective_confinement: json_confinement::aspects(report, id),
        frameworks: judged.then(frameworks),
    }
}

/// Whether `tools/list` of a server that starts without flags and settings shows a tool, as far as is known.
pub fn is_listed(tool: &Tool) -> bool {
    tool.listed && tool.on_by_default.value() != Some(&false)
}

/// Whether a manifest or listing says again what the code of the same server already says.
pub fn is_told_twice(facts: &Facts, tool: &Tool) -> bool {
    let by_code = |other: &Tool| other.origin == ToolOrigin::Source && other.about.name == tool.about.name;
    tool.origin != ToolOrigin::Source
        && tool.about.server.is_some_and(|server| facts.tools_of(server).any(|(_, other)| by_code(other)))
}

/// `implemented`, `configured`, or both.
pub fn kinds(server: &Server) -> Vec<String> {
    let kinds = [(server.implemented, "implemented"), (server.configured, "configured")];
    kinds.iter().filter(|(is, _)| *is).map(|(_, name)| (*name).to_owned()).collect()
}

fn sdk(sdk: &model::server::Sdk) -> json::Sdk {
    json::Sdk { name: sdk.name.clone(), language: sdk.language.clone(), version: sdk.version.value().cloned() }
}

/// Tools that belong to no server here.
pub fn orphans(report: &Report) -> impl Iterator<Item = (ToolId, &Tool)> {
    let tools = report.facts.tools.iter().enumerate().map(|(at, tool)| (ToolId(at as u32), tool));
    tools.filter(|(_, tool)| tool.about.server.is_none())
}

/// What the handler of a tool does.
pub fn effects_of(report: &Report, id: ToolId) -> impl Iterator<Item = &Effect> {
    report.facts.effects.iter().filter(move |effect| effect.about.tool == Some(id))
}

fn effect(report: &Report, effect: &Effect) -> json::Effect {
    json::Effect {
        kind: effect.kind.clone(),
        call: effect.call.clone(),
        target: effect.target.value().cloned(),
        changes: effect.changes.value().copied(),
        location: location(report, effect.about.span),
        path: effect.path.iter().map(|step| note(report, step.span, &step.text)).collect(),
    }
}

fn tool(report: &Report, id: ToolId, tool: &Tool) -> json::Tool {
    let boundary = boundary_of(report, tool);
    json::Tool {
        name: tool.about.name.clone(),
        location: location(report, tool.about.span),
        handler: tool.handler.as_ref().map(|handler| location(report, handler.span)),
        description: tool.description.value().cloned(),
        annotations: json::Annotations {
            read_only: tool.read_only_hint.value().copied(),
            destructive: tool.destructive_hint.value().copied(),
            idempotent: tool.idempotent_hint.value().copied(),
            open_world: tool.open_world_hint.value().copied(),
        },
        input_schema: tool.input_schema.value().map(schema),
        output_schema: tool.output_schema.value().map(schema),
        condition: condition(report, tool),
        on_by_default: match &tool.condition {
            Known::Absent => Some(true),
            _ => tool.on_by_default.value().copied(),
        },
        reach: json::Reach { listed: tool.listed, dispatched: tool.dispatched.value() != Some(&false) },
        risk: boundary.and_then(|boundary| boundary.risk.value().cloned()),
        boundary: boundary.map(|boundary| location(report, boundary.about.span)),
        effects: effects_of(report, id).map(|one| effect(report, one)).collect(),
        followed: tool.handler.as_ref().map(|_| tool.followed.value() == Some(&true)),
    }
}

fn schema(of: &model::tool::Schema) -> json::Schema {
    json::Schema { schema: of.json.clone(), complete: of.complete }
}

/// What a server offers of a kind beside its tools.
pub fn offers_of(report: &Report, id: ServerId, kind: OfferKind) -> impl Iterator<Item = &Offer> {
    report.facts.offers.iter().filter(move |offer| offer.about.server == Some(id) && offer.kind == kind)
}

fn offers(report: &Report, id: ServerId, kind: OfferKind) -> Vec<json::Offer> {
    let one = |(offer, name, span): (&Offer, String, Span)| json::Offer {
        name,
        location: location(report, span),
        handler: offer.handler.as_ref().map(|handler| location(report, handler.span)),
        effects: offer.effects.iter().map(|one| effect(report, one)).collect(),
        followed: offer.handler.as_ref().map(|_| offer.followed.value() == Some(&true)),
    };
    offers_of(report, id, kind).flat_map(names_of).map(one).collect()
}

/// The names that a function answers for, each with its place; where others may be there, that of the request too.
pub fn names_of(offer: &Offer) -> Vec<(&Offer, String, Span)> {
    let own = (!offer.is_listed_whole).then(|| (offer, offer.about.name.clone(), offer.about.span));
    offer.listed.iter().map(|name| (offer, name.value.clone(), name.span)).chain(own).collect()
}

fn condition(report: &Report, tool: &Tool) -> Option<json::Note> {
    match &tool.condition {
        Known::Is(condition) => Some(note(report, condition.span, &condition.value)),
        Known::Unknown(unknown) => Some(note(report, unknown.span, &unknown.reason)),
        Known::Absent => None,
    }
}

/// The entry of a boundary document that describes a tool.
pub fn boundary_of<'a>(report: &'a Report, tool: &Tool) -> Option<&'a model::boundary::Boundary> {
    let same = |boundary: &&model::boundary::Boundary| {
        boundary.about.name == tool.about.name && boundary.about.server == tool.about.server
    };
    report.facts.boundaries.iter().find(same)
}

fn definition(report: &Report, definition: &Definition) -> json::Definition {
    json::Definition {
        name: definition.about.name.clone(),
        location: location(report, definition.about.span),
        hosts: definition.hosts.clone(),
        launch: launch(definition),
        package: definition.package.value().cloned(),
        version: definition.version.value().cloned(),
        disabled: definition.disabled,
    }
}

/// What an entry starts or reaches, as written.
pub fn launch(definition: &Definition) -> Option<String> {
    let command = definition.command.value().map(|command| {
        let arguments = definition.arguments.iter().map(|argument| argument.value.as_str());
        std::iter::once(command.as_str()).chain(arguments).collect::<Vec<_>>().join(" ")
    });
    command.or_else(|| definition.url.value().cloned())
}

fn confinement(report: &Report, container: &model::container::Container) -> json::Confinement {
    json::Confinement {
        name: container.about.name.clone(),
        kind: container.source_kind.clone(),
        location: location(report, container.about.span),
        user: container.user.value().cloned(),
        read_only: container.read_only.value().copied(),
        privileged: container.privileged.value().copied(),
        egress: container.egress.value().cloned(),
    }
}

fn framework(report: &Report, framework: &assess::FrameworkResult) -> json::Framework {
    json::Framework {
        id: framework.id.clone(),
        title: framework.title.clone(),
        gates: framework.gates,
        outcome: framework.outcome.id().to_owned(),
        controls: framework.controls.iter().map(|one| control(report, one)).collect(),
    }
}

fn control(report: &Report, control: &assess::ControlResult) -> json::Control {
    let shared =
        |(id, outcome): &(String, assess::Outcome)| json::Shared { id: id.clone(), outcome: outcome.id().to_owned() };
    json::Control {
        id: control.id.clone(),
        title: control.title.clone(),
        outcome: control.outcome.id().to_owned(),
        same_as: control.same_as.iter().map(shared).collect(),
        items: control.items.iter().map(|one| item(report, one)).collect(),
    }
}

fn item(report: &Report, item: &assess::ItemResult) -> json::Item {
    let evidence = |evidence: &model::Evidence| json::Evidence {
        location: location(report, evidence.primary.span),
        text: evidence.primary.text.clone(),
        path: evidence.steps.iter().map(|step| note(report, step.span, &step.text)).collect(),
    };
    json::Item {
        id: item.id.clone(),
        text: item.text.clone(),
        outcome: item.outcome.id().to_owned(),
        how: item.how.clone(),
        why: item.why.clone(),
        checks: item.checks.clone(),
        evidence: item.evidence.iter().map(evidence).collect(),
    }
}

fn note(report: &Report, span: Span, text: &str) -> json::Note {
    json::Note { location: location(report, span), text: text.to_owned() }
}

/// A finding as it is published.
pub fn finding(report: &Report, finding: &assess::Finding) -> json::Finding {
    let rule = report.rule(&finding.check);
    let maps = |rule: &crate::rules::Rule| {
        let others = rule.maps.iter().filter(|(list, _)| *list != "cwe");
        others.flat_map(|(_, rows)| rows.iter().cloned()).collect()
    };
    json::Finding {
        check: finding.check.clone(),
        severity: finding.severity.id().to_owned(),
        confidence: finding.confidence.id().to_owned(),
        server: finding.server.map(|id| report.facts.server(id).about.name.clone()),
        tool: finding.tool.clone(),
        subject: finding.subject.clone(),
        message: finding.message.clone(),
        fix: rule.map(|rule| rule.fix.clone()).unwrap_or_default(),
        location: location(report, finding.evidence.primary.span),
        path: finding.evidence.steps.iter().map(|step| note(report, step.span, &step.text)).collect(),
        cwe: rule.map(cwe).unwrap_or_default(),
        maps: rule.map(maps).unwrap_or_default(),
        fingerprint: finding.fingerprint.clone(),
        waiver: finding.waiver,
    }
}

fn gaps(report: &Report) -> Vec<json::Gap> {
    report.assessment.gaps.iter().map(|one| gap(report, one)).collect()
}

fn gap(report: &Report, gap: &model::Gap) -> json::Gap {
    let start = gap.span.map(|span| report.sources.start(span));
    json::Gap {
        location: json::GapLocation {
            path: gap.path.clone(),
            line: start.map(|start| start.line),
            column: start.map(|start| start.column),
        },
        kind: gap.kind.id().to_owned(),
        reason: gap.reason.clone(),
        blocks: gap.blocks,
    }
}

fn waiver(waiver: &assess::Waiver) -> json::Waiver {
    json::Waiver {
        of: waiver.of.clone(),
        server: waiver.server.clone(),
        tool: waiver.tool.clone(),
        path: waiver.path.clone(),
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        expires: waiver.expires.clone(),
        file: waiver.file.clone(),
        line: waiver.line,
        inline: waiver.inline,
        used: waiver.used,
        expired: waiver.expired,
    }
}

fn answers(report: &Report) -> json::Answers {
    let number = |outcome: &str| report.assessment.answers.get(outcome).copied().unwrap_or_default();
    json::Answers {
        holds: number("holds"),
        fails: number("fails"),
        not_applicable: number("not-applicable"),
        unknown: number("unknown"),
    }
}

fn input(input: &crate::report::Input) -> json::Input {
    json::Input { path: input.path.clone(), sha256: input.sha256.clone(), kind: input.kind.to_owned() }
}

fn skipped(skipped: &crate::report::Skipped) -> json::Skipped {
    json::Skipped { path: skipped.path.clone(), reason: skipped.reason.clone() }
}

/// The value of a field as text, `unknown (why)` where it cannot be known, nothing where nothing sets it.
pub fn shown(known: &Known<String>) -> Option<String> {
    match known {
        Known::Absent => None,
        Known::Is(value) => Some(value.value.clone()),
        Known::Unknown(unknown) => Some(format!("unknown ({})", unknown.reason)),
    }
}

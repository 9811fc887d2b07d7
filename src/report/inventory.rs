//! `plimsoll inventory` for people: servers, tools, what launches them and what confines them, without judgement.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::model::confinement::{Aspect, State};
use crate::model::container::Container;
use crate::model::definition::Definition;
use crate::model::effect::Effect;
use crate::model::offer::OfferKind;
use crate::model::server::Server;
use crate::model::tool::Tool;
use crate::model::{Known, ServerId, ToolId};
use crate::report::text::{Tone, count, cut, escape, hang, place};
use crate::report::{Report, View, convert, items, table};

/// The inventory as text, grouped by server.
pub fn human(report: &Report, view: &View) -> String {
    let mut out = String::new();
    let facts = &report.facts;
    let read = count(report.inputs.len(), "file");
    line(
        &mut out,
        &format!("{read} read, {}, {}", count(facts.servers.len(), "server"), count(facts.tools.len(), "tool")),
    );
    for at in 0..facts.servers.len() {
        server(&mut out, report, ServerId(at as u32), view);
    }
    let orphans: Vec<_> = convert::orphans(report).collect();
    if !orphans.is_empty() {
        line(&mut out, &format!("\n{}", view.paint(Tone::Strong, "tools that belong to no server here")));
        tools(&mut out, report, &orphans, view);
    }
    items::gaps(&mut out, report, view);
    out
}

/// The inventory as one line per tool.
pub fn table(report: &Report) -> String {
    let row = |tool: &Tool| {
        let server = tool.about.server.map_or("-", |id| report.facts.server(id).about.name.as_str());
        vec![
            escape(server).into_owned(),
            escape(&tool.about.name).into_owned(),
            place(report, tool.about.span),
            handler(report, tool),
            hints(tool),
        ]
    };
    table::aligned(&report.facts.tools.iter().map(row).collect::<Vec<_>>(), |_, text| text.to_owned())
}

fn server(out: &mut String, report: &Report, id: ServerId, view: &View) {
    let server = report.facts.server(id);
    let name = view.paint(Tone::Strong, &items::server_name(report, id));
    let kinds = convert::kinds(server).join(" and ");
    line(out, &format!("\n── {name} · {kinds}"));
    known_by(out, report, server, view);
    let transports: Vec<_> = server.transports.iter().map(|transport| transport.value.as_str()).collect();
    if !transports.is_empty() {
        line(out, &format!("  transports  {}", escape(&transports.join(", "))));
    }
    for sdk in &server.sdks {
        let version = convert::shown(&sdk.version).unwrap_or_else(|| "version not stated".to_owned());
        line(out, &format!("  sdk         {} {} ({})", escape(&sdk.name), escape(&version), escape(&sdk.language)));
    }
    let of_server: Vec<_> =
        report.facts.tools_of(id).filter(|(_, tool)| !convert::is_told_twice(&report.facts, tool)).collect();
    let (listed, unlisted): (Vec<_>, Vec<_>) = of_server.into_iter().partition(|(_, tool)| convert::is_listed(tool));
    line(out, &format!("  tools       {} known, inventory {}", listed.len(), server.inventory.id()));
    for opening in &server.openings {
        let text = format!("{}: {}", place(report, opening.span), escape(&opening.value));
        hang(out, &format!("              {} ", view.paint(Tone::Doubtful, "not closed:")), 26, &text, view.width);
    }
    tools(out, report, &listed, view);
    if !unlisted.is_empty() {
        line(out, "  unlisted    called though no list shows them, or added by a flag or setting");
        tools(out, report, &unlisted, view);
    }
    offers(out, report, (id, OfferKind::Prompt, "prompts"), view);
    offers(out, report, (id, OfferKind::Resource, "resources"), view);
    let mine = |server: Option<ServerId>| server == Some(id);
    for definition in report.facts.definitions.iter().filter(|definition| mine(definition.about.server)) {
        entry(out, report, definition, view);
    }
    let shown = report.facts.documented.iter().filter(|definition| mine(definition.about.server));
    let (shown, floating): (Vec<_>, Vec<_>) = shown.partition(|definition| definition.version.value().is_some());
    if shown.len() + floating.len() > 0 {
        let text = format!("{} entries, {} without an exact version", shown.len() + floating.len(), floating.len());
        line(out, &format!("  documented  {text}"));
    }
    for container in report.facts.containers.iter().filter(|container| mine(container.about.server)) {
        confinement(out, report, container, view);
    }
    for found in report.facts.confinements.iter().filter(|found| mine(found.about.server)) {
        effective(out, report, &found.aspects, view);
    }
}

/// What really confines the server, aspect by aspect; with every layer where they differ or where that is wanted.
fn effective(out: &mut String, report: &Report, aspects: &[Aspect], view: &View) {
    if aspects.is_empty() {
        return;
    }
    line(out, "  effective confinement, the weakest deployment deciding");
    for aspect in aspects {
        let tone = if aspect.state == State::Proven { Tone::Strong } else { Tone::Doubtful };
        let mark = if aspect.conflict { " (layers differ)" } else { "" };
        let state = view.paint(tone, &format!("{:<9}", aspect.state.id()));
        let at = aspect.layers.first().map_or(String::new(), |layer| format!(", {}", place(report, layer.span)));
        let text = format!("{}{at}{mark}", escape(&aspect.says));
        hang(out, &format!("    {:<17} {state} ", aspect.id), 32, &text, view.width);
        for layer in aspect.layers.iter().skip(1).filter(|_| aspect.conflict || view.verbose) {
            let says = format!("{} {}: {}", layer.kind, layer.deployment, layer.says);
            hang(out, &" ".repeat(32), 32, &format!("{}: {}", place(report, layer.span), escape(&says)), view.width);
        }
    }
}

fn known_by(out: &mut String, report: &Report, server: &Server, view: &View) {
    let mut places = server.places.clone();
    places.dedup();
    for (at, span) in places.iter().enumerate() {
        let word = if at == 0 { "  known by    " } else { "              " };
        line(out, &format!("{word}{}", view.place(report, *span)));
    }
}

fn tools(out: &mut String, report: &Report, tools: &[(ToolId, &Tool)], view: &View) {
    let row = |(_, tool): &(ToolId, &Tool)| {
        let boundary = match convert::boundary_of(report, tool) {
            Some(boundary) => format!("boundary {}", place(report, boundary.about.span)),
            None => "no boundary document".to_owned(),
        };
        let name = cut(&escape(&tool.about.name), 60).into_owned();
        vec![format!("    {name}"), place(report, tool.about.span), handler(report, tool), hints(tool), boundary]
    };
    let rows: Vec<_> = tools.iter().map(row).collect();
    let aligned = table::aligned(&rows, |_, text| view.paint(Tone::Strong, text));
    for (row, (id, tool)) in aligned.lines().zip(tools) {
        line(out, row);
        condition(out, report, tool, view);
        if tool.handler.is_some() {
            effects(out, report, convert::effects_of(report, *id), &tool.followed, view);
        }
    }
}

/// Prompts or resources, each with what its function does.
fn offers(out: &mut String, report: &Report, (id, kind, word): (ServerId, OfferKind, &str), view: &View) {
    let all: Vec<_> = convert::offers_of(report, id, kind).collect();
    if all.is_empty() {
        return;
    }
    let known = all.iter().flat_map(|offer| convert::names_of(offer)).count();
    line(out, &format!("  {word:<11} {known} known"));
    for offer in all {
        let handler = offer.handler.as_ref().map(|handler| format!("  → {}", place(report, handler.span)));
        let handler = handler.unwrap_or_default();
        for (_, name, span) in convert::names_of(offer) {
            let name = view.paint(Tone::Strong, &cut(&escape(&name), 60));
            line(out, &format!("    {name}  {}{handler}", place(report, span)));
        }
        if offer.handler.is_some() {
            effects(out, report, offer.effects.iter(), &offer.followed, view);
        }
    }
}

/// Under which condition a tool is there, and what that is without flags and settings.
fn condition(out: &mut String, report: &Report, tool: &Tool, view: &View) {
    let Known::Is(condition) = &tool.condition else { return };
    let state = match tool.on_by_default.value() {
        Some(true) => "on by default, ",
        Some(false) => "off by default, ",
        None => "",
    };
    let said = ["unless ", "only "].iter().any(|word| condition.value.starts_with(word));
    let word = if said { "" } else { "if " };
    let text = format!("{state}{word}{} ({})", escape(&condition.value), place(report, condition.span));
    hang(out, "      ", 6, &text, view.width);
}

/// One line of what a tool does; with every place where that is wanted.
fn effects<'r>(
    out: &mut String,
    report: &Report,
    effects: impl Iterator<Item = &'r Effect>,
    followed: &Known<bool>,
    view: &View,
) {
    let all: BTreeSet<_> = effects.map(|one| (one.about.span, &one.kind, &one.call)).collect();
    let kinds: BTreeSet<&str> = all.iter().map(|(_, kind, _)| kind.as_str()).collect();
    let mut words: Vec<String> = kinds.into_iter().map(does).collect();
    match followed {
        Known::Is(_) if words.is_empty() => words.push("does nothing outside its process".to_owned()),
        Known::Is(_) | Known::Absent => {}
        Known::Unknown(unknown) => words.push(view.paint(Tone::Doubtful, &unknown.reason)),
    }
    hang(out, "      ", 6, &words.join(", "), view.width);
    for (span, kind, call) in all.iter().filter(|_| view.verbose) {
        let text = format!("{}: {} with {}", place(report, *span), does(kind), escape(&cut(call, 80)));
        hang(out, "        ", 10, &text, view.width);
    }
}

/// What a kind of effect is, as a person would say it.
fn does(kind: &str) -> String {
    let said = match kind {
        "file.read" => "reads files",
        "file.write" => "writes files",
        "file.delete" => "deletes files",
        "process" => "runs programs",
        "network" => "opens connections",
        "sql" => "runs SQL",
        "code" => "evaluates code",
        "template" => "renders templates",
        "deserialise" => "deserialises",
        "archive" => "unpacks archives",
        "send" => "sends to people",
        "log" => "writes logs",
        "secret" => "reads credentials",
        other => return escape(other).into_owned(),
    };
    said.to_owned()
}

fn handler(report: &Report, tool: &Tool) -> String {
    match &tool.handler {
        Some(handler) => format!("→ {}", place(report, handler.span)),
        None => "→ handler not in the tree".to_owned(),
    }
}

/// Annotations as given, and how the tool is reached where that is not as usual.
fn hints(tool: &Tool) -> String {
    let given = [
        (&tool.read_only_hint, "read-only", "not read-only"),
        (&tool.destructive_hint, "destructive", "not destructive"),
        (&tool.idempotent_hint, "idempotent", "not idempotent"),
        (&tool.open_world_hint, "open world", "closed world"),
    ];
    let mut words: Vec<&str> = Vec::new();
    for (hint, yes, no) in given {
        match hint {
            Known::Absent => {}
            Known::Is(value) => words.push(if value.value { yes } else { no }),
            Known::Unknown(_) => words.push("hint set at run time"),
        }
    }
    if words.is_empty() {
        words.push("no annotations");
    }
    let is_dispatched = tool.dispatched.value() != Some(&false);
    for (is, word) in [(tool.listed, "not listed"), (is_dispatched, "not dispatched")] {
        if !is {
            words.push(word);
        }
    }
    if !tool.condition.is_absent() {
        words.push("under a condition");
    }
    words.join(", ")
}

fn entry(out: &mut String, report: &Report, definition: &Definition, view: &View) {
    let launch = convert::launch(definition).or_else(|| definition.package.value().cloned());
    let launch = launch.unwrap_or_else(|| "starts nothing that is stated".to_owned());
    let state = if definition.disabled { " (disabled)" } else { "" };
    let hosts =
        if definition.hosts.is_empty() { String::new() } else { format!(" for {}", definition.hosts.join(", ")) };
    let text = format!("{}{hosts}{state}: {}", place(report, definition.about.span), escape(&launch));
    hang(out, "  configured  ", 14, &text, view.width);
}

fn confinement(out: &mut String, report: &Report, container: &Container, view: &View) {
    let root = match &container.runs_as_root {
        Known::Is(root) if root.value => "runs as root",
        Known::Is(_) => "does not run as root",
        Known::Absent | Known::Unknown(_) => "user not known",
    };
    let egress = convert::shown(&container.egress).unwrap_or_else(|| "not stated".to_owned());
    let text = format!(
        "{} {} at {}: {root}, egress {egress}",
        container.source_kind,
        escape(&container.about.name),
        place(report, container.about.span),
    );
    hang(out, "  confined    ", 14, &text, view.width);
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string cannot fail");
}

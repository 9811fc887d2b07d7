//! Whether what a tool does stays within its boundary document.

use crate::check::{ParamKind, Predicate, Question};
use crate::extract::requests::is_credential_name;
use crate::model::boundary::Boundary;
use crate::model::effect::Effect;
use crate::model::known::{Known, Spanned};
use crate::model::subject::SubjectRef;
use crate::model::usage::Usage;
use crate::model::{Gap, GapKind, Note, SubjectKind};
use crate::rules::Answer;
use crate::rules::logic::Param;

/// No effect of the tool goes beyond a facet of its entry: `operations`, `hosts`, `paths`, `processes` or `credentials`.
pub const WITHIN: Predicate = Predicate {
    name: "effects-within-boundary",
    subjects: &[SubjectKind::Boundary],
    params: &[("facet", ParamKind::Text)],
    holes: &["call", "beyond"],
    ask: within,
};

fn within(question: &Question<'_>) -> Answer {
    let SubjectRef::Boundary(boundary) = question.asked.subject else {
        return Answer::NotApplicable("only boundary entries bound effects".to_string());
    };
    let Some(tool) = boundary.about.tool else {
        return Answer::NotApplicable("no tool of this tree has that name".to_string());
    };
    let Some(Param::Text(facet)) = question.params.get("facet") else {
        return Answer::NotApplicable("the rule names no facet".to_string());
    };
    let effects = question.world.facts.effects.iter().filter(|effect| effect.about.tool == Some(tool));
    let mut open = None;
    for effect in effects {
        if let Some(beyond) = beyond(facet, boundary, effect) {
            let mut steps = effect.path.clone();
            steps.push(Note::new(boundary.about.span, "the boundary document does not have it"));
            return question.fails(effect.about.span, &[("call", &effect.call), ("beyond", &beyond)], steps);
        }
        if open.is_none() && effect.target.value().is_none() && depends_on_target(facet, &effect.kind) {
            open = Some(effect);
        }
    }
    if let Some(effect) = open {
        let reason = format!("what `{}` acts upon is decided at run time", effect.call);
        return question.unknown(Gap::at(effect.about.span, GapKind::Unresolved, reason));
    }
    if let Some(shared) = (facet == "credentials").then(|| shared_credential(question)).flatten() {
        let reason = format!("`{}` is read outside of tools, and which tools use it is not known", shared.call);
        return question.unknown(Gap::at(shared.about.span, GapKind::Unresolved, reason));
    }
    match &question.world.facts.tool(tool).followed {
        Known::Is(_) => question.holds(boundary.about.span, &[], Vec::new()),
        Known::Unknown(unknown) => {
            let reason = format!("what `{}` does is not known whole: {}", boundary.about.name, unknown.reason);
            question.unknown(Gap::at(unknown.span, GapKind::Unresolved, reason))
        }
        Known::Absent => {
            let reason = format!("no handler of `{}` was found to compare with", boundary.about.name);
            question.unknown(Gap::at(boundary.about.span, GapKind::Unresolved, reason))
        }
    }
}

/// A credential of the server that is read when it is loaded or made, not by a tool.
fn shared_credential<'a>(question: &Question<'a>) -> Option<&'a Usage> {
    let server = question.asked.server;
    let is_of = |usage: &&Usage| server.is_none() || usage.about.server.is_none() || usage.about.server == server;
    let is_shared = |usage: &&Usage| usage.topic == "credential-when" && usage.sound.value() != Some(&true);
    question.world.facts.usages.iter().filter(is_of).find(is_shared)
}

/// Whether only the target of such an effect tells if it stays within a facet.
fn depends_on_target(facet: &str, kind: &str) -> bool {
    match facet {
        "hosts" => kind == "network",
        "paths" => matches!(kind, "file.read" | "file.write" | "file.delete"),
        "processes" => kind == "process",
        "credentials" => kind == "secret",
        _ => false,
    }
}

/// What of an effect the entry does not have.
fn beyond(facet: &str, boundary: &Boundary, effect: &Effect) -> Option<String> {
    match facet {
        "operations" => operation_beyond(boundary, &effect.kind),
        "hosts" if effect.kind == "network" => {
            let host = host_of(effect.target.value()?)?;
            unlisted(&boundary.network, |listed| same_host(listed, &host)).then(|| format!("the host `{host}`"))
        }
        "paths" if effect.kind == "file.read" => path_beyond(&[&boundary.read, &boundary.write], effect),
        "paths" if matches!(effect.kind.as_str(), "file.write" | "file.delete") => {
            path_beyond(&[&boundary.write], effect)
        }
        "processes" if effect.kind == "process" => {
            let program = effect.target.value()?.split_whitespace().next()?.to_string();
            let name = program.rsplit('/').next().unwrap_or(&program).to_string();
            let same = |listed: &str| listed == program || listed.rsplit('/').next() == Some(&name);
            unlisted(&boundary.processes, same).then(|| format!("the program `{program}`"))
        }
        "credentials" if effect.kind == "secret" => {
            credential_beyond(boundary, effect.target.value().map(String::as_str))
        }
        "credentials" if effect.kind == "environment" => {
            let variable = effect.target.value().filter(|name| is_credential_name(name))?;
            credential_beyond(boundary, Some(variable))
        }
        _ => None,
    }
}

/// A credential that the entry does not name; any is too much where it says `none`.
fn credential_beyond(boundary: &Boundary, read: Option<&str>) -> Option<String> {
    let documented = boundary.credential.value()?;
    let plain = |name: &str| -> String { name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect() };
    match read {
        None => (documented == "none").then(|| "a credential".to_string()),
        Some(name) => {
            let last = name.rsplit(['/', '#', ':']).next().unwrap_or(name);
            let is_it = documented != "none" && (plain(last) == plain(documented) || plain(name) == plain(documented));
            (!is_it).then(|| format!("the credential `{name}`"))
        }
    }
}

/// Operations that an effect needs one of.
fn operation_beyond(boundary: &Boundary, kind: &str) -> Option<String> {
    let needed: &[&str] = match kind {
        "file.read" => &["read"],
        "file.write" | "archive" => &["create", "update"],
        "file.delete" => &["delete"],
        "process" | "code" => &["execute"],
        "send" => &["send"],
        _ => return None,
    };
    let listed = boundary.operations.iter().any(|operation| needed.contains(&operation.value.as_str()));
    // Whoever may write or delete a file may look at it.
    let implied = kind == "file.read"
        && !boundary.operations.is_empty()
        && boundary.read.value().is_some_and(|read| !read.is_empty());
    (!listed && !implied).then(|| {
        format!("the operation {}", needed.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" or "))
    })
}

fn path_beyond(lists: &[&Known<Vec<Spanned<String>>>], effect: &Effect) -> Option<String> {
    let path = effect.target.value()?;
    let climbs = path.split(['/', '\\']).any(|part| part == "..");
    let inside = |listed: &str| {
        let folder = listed.trim_end_matches("/**").trim_end_matches("/*").trim_end_matches('/');
        let below = || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        path == listed || !climbs && below()
    };
    lists.iter().all(|list| unlisted(list, inside)).then(|| format!("the path `{path}`"))
}

/// Whether the list is stated and nothing in it matches.
fn unlisted(list: &Known<Vec<Spanned<String>>>, matches: impl Fn(&str) -> bool) -> bool {
    list.value().is_some_and(|listed| !listed.iter().any(|entry| matches(&entry.value)))
}

/// Host and port of a URL, or of a bare host.
fn host_of(target: &str) -> Option<String> {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    (!host.is_empty() && host.contains(['.', ':'])).then(|| host.to_string())
}

/// Whether a listed host (with or without port, `*.` for any name below) is this one.
fn same_host(listed: &str, host: &str) -> bool {
    let bare = host.split(':').next().unwrap_or(host);
    let (name, port) = listed.split_once(':').map_or((listed, None), |(name, port)| (name, Some(port)));
    let port_fits = port.is_none_or(|port| host.split_once(':').is_none_or(|(_, own)| own == port));
    let name_fits = name.strip_prefix("*.").map_or(name == bare, |below| bare.ends_with(&format!(".{below}")));
    port_fits && name_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_by_name_and_by_port_where_both_state_one() {
        assert!(same_host("api.example.com", "api.example.com:443"));
        assert!(same_host("api.example.com:443", "api.example.com"));
        assert!(!same_host("api.example.com:443", "api.example.com:8443"));
        assert!(same_host("*.example.com", "a.example.com"));
        assert!(!same_host("*.example.com", "evilexample.com"));
        assert_eq!(host_of("https://user@api.example.com/v1?x").as_deref(), Some("api.example.com"));
        assert_eq!(host_of("items"), None);
    }
}

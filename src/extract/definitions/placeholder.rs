//! Placeholders in values, and whether the reader of the file replaces them.

use std::sync::LazyLock;

use regex::Regex;

use crate::discover::hosts::{Host, Syntax};

/// Values longer than this are not searched.
const MAX_LENGTH: usize = 100_000;

static FORMS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?P<workflow> \$\{\{ [^}]* \}\} )
        | \$\{ (?P<braces> [^${}]* ) \}
        | (?P<template> \{\{ [^{}]* \}\} )
        | \{ (?P<opencode> (?:env|file): [^{}]* ) \}
        | \$ (?P<dollar> [A-Z_][A-Z0-9_]+ )
        | % (?P<percent> [A-Z_][A-Z0-9_]+ ) %
        | \{ (?P<single> [A-Za-z_][A-Za-z0-9_.-]* ) \}
        ",
    )
    .expect("a fixed pattern")
});

/// What the placeholders of a value come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Whether one of them is replaced by a host that reads the file.
    pub reference: bool,
    /// The first that no host replaces.
    pub unexpanded: Option<String>,
    /// Hosts that leave one of them as it is.
    pub left_by: Vec<String>,
}

/// Judges a value for the hosts that read it: those whose own file it is decide, and each that leaves a placeholder as
/// it is is named. Where no host is known, every common syntax counts as replaced.
pub fn judge(value: &str, owners: &[&Host], guests: &[&Host]) -> Judgement {
    let all = if owners.is_empty() { guests } else { owners };
    let mut judgement = judge_syntaxes(value, &|syntax| match all {
        [] => syntax != Syntax::SingleBraces,
        hosts => hosts.iter().any(|host| host.expands.contains(&syntax)),
    });
    if judgement.reference || judgement.unexpanded.is_some() {
        let leaves = |host: &&&Host| judge_for(value, &host.expands).unexpanded.is_some();
        judgement.left_by = owners.iter().chain(guests).filter(leaves).map(|host| host.id.clone()).collect();
    }
    judgement
}

/// Judges a value for a reader that replaces these syntaxes.
pub fn judge_for(value: &str, expands: &[Syntax]) -> Judgement {
    judge_syntaxes(value, &|syntax| expands.contains(&syntax))
}

fn judge_syntaxes(value: &str, expands: &dyn Fn(Syntax) -> bool) -> Judgement {
    let mut judgement = Judgement::default();
    if value.len() > MAX_LENGTH {
        return judgement;
    }
    for found in FORMS.captures_iter(value) {
        let text = found.get(0).map_or("", |all| all.as_str());
        let syntaxes = syntaxes(&found);
        if syntaxes.iter().any(|syntax| expands(*syntax)) {
            judgement.reference = true;
        } else if !matches!(syntaxes, [Syntax::SingleBraces]) {
            judgement.unexpanded.get_or_insert_with(|| text.to_string());
        }
    }
    judgement
}

/// The syntaxes that a form may belong to.
fn syntaxes(found: &regex::Captures<'_>) -> &'static [Syntax] {
    if let Some(inner) = found.name("braces") {
        return in_braces(inner.as_str());
    }
    let forms: [(&str, &'static [Syntax]); 6] = [
        ("workflow", &[Syntax::Workflow]),
        ("template", &[Syntax::Template]),
        ("opencode", &[Syntax::Opencode]),
        ("dollar", &[Syntax::Dollar]),
        ("percent", &[Syntax::Percent]),
        ("single", &[Syntax::SingleBraces]),
    ];
    forms.iter().find(|(name, _)| found.name(name).is_some()).map_or(&[], |(_, syntaxes)| syntaxes)
}

fn in_braces(inner: &str) -> &'static [Syntax] {
    const EDITOR: &[&str] = &[
        "workspaceFolder",
        "workspaceFolderBasename",
        "userHome",
        "pathSeparator",
        "/",
        "cwd",
        "extensionInstallFolder",
    ];
    if inner.starts_with("env:") {
        return &[Syntax::EnvColon];
    }
    if inner.starts_with("input:") {
        return &[Syntax::Input];
    }
    if inner.starts_with("file:") {
        return &[Syntax::FileColon];
    }
    if inner.starts_with("user_config.") {
        return &[Syntax::UserConfig];
    }
    if inner.starts_with("CLAUDE_PLUGIN") || inner == "CLAUDE_PROJECT_DIR" {
        return &[Syntax::Plugin, Syntax::Braces];
    }
    if inner.contains(":-") {
        return &[Syntax::BracesDefault];
    }
    let predefined = EDITOR.contains(&inner) || inner.starts_with("file");
    if predefined || inner.contains(':') {
        return &[Syntax::Editor];
    }
    &[Syntax::Braces]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_readers_own_syntax_is_a_reference() {
        for (value, expands, reference, unexpanded) in [
            ("${TOKEN}", &[Syntax::Braces][..], true, None),
            ("${TOKEN}", &[], false, Some("${TOKEN}")),
            ("$TOKEN", &[Syntax::Braces], false, Some("$TOKEN")),
            ("${env:TOKEN}", &[Syntax::EnvColon], true, None),
            ("${env:TOKEN}", &[Syntax::Braces], false, Some("${env:TOKEN}")),
            ("${input:token}", &[Syntax::Input], true, None),
            ("${input:token}", &[Syntax::EnvColon, Syntax::Editor], false, Some("${input:token}")),
            ("${file:/run/key}", &[Syntax::FileColon], true, None),
            ("${TOKEN:-x}", &[Syntax::Braces], false, Some("${TOKEN:-x}")),
            ("Bearer ${{ secrets.T }}", &[Syntax::Workflow], true, None),
            ("{env:T}", &[Syntax::Opencode], true, None),
            ("pa$sword", &[], false, None),
            ("https://h/{path}", &[], false, None),
            ("100%", &[], false, None),
            ("plain", &[], false, None),
        ] {
            let found = judge_for(value, expands);
            assert_eq!((found.reference, found.unexpanded.as_deref()), (reference, unexpanded), "{value}");
        }
    }
}

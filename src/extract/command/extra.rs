//! What ToolHive runs, and what a script installs before it starts a server.

use crate::extract::command::package::{flags, float};
use crate::extract::command::spec::{Spec, image, is_version, npm_spec, python_spec};
use crate::extract::command::{Launch, Word, program};
use crate::model::known::Known;
use crate::source::Span;

/// Installers, with what stands before the names of packages.
const INSTALLERS: &[(&[&str], bool)] = &[
    (&["pip", "install"], true),
    (&["pip3", "install"], true),
    (&["uv", "pip", "install"], true),
    (&["uv", "tool", "install"], true),
    (&["pipx", "install"], true),
    (&["npm", "install"], false),
    (&["npm", "i"], false),
    (&["npm", "add"], false),
    (&["pnpm", "add"], false),
    (&["yarn", "global", "add"], false),
    (&["bun", "add"], false),
];

/// `thv run image`, `thv run uvx://package@version`: always in a container.
pub fn toolhive(first: &Word, words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    const VALUES: &[&str] = &[
        "--name",
        "--transport",
        "--port",
        "--host",
        "--target-port",
        "--permission-profile",
        "-v",
        "--volume",
        "-e",
        "--env",
        "--secret",
        "--env-file",
        "--authz-config",
        "--audit-config",
        "--tools",
        "--network",
        "--group",
        "--ca-cert",
        "--args",
    ];
    let found = flags(words, &[], VALUES, launch);
    let (named, inner) = found.rest.split_first()?;
    launch.inner = inner.to_vec();
    launch.confinement = Known::is("container".to_string(), first.span);
    let known = |text: Option<String>, span: Span| text.map_or(Known::Absent, |text| Known::is(text, span));
    let spec = match named.value.split_once("://") {
        Some(("npx", rest)) => npm_spec(rest),
        Some(("uvx", rest)) => python_spec(rest),
        Some(("go", rest)) => {
            let (name, version) = rest.split_once('@').unwrap_or((rest, ""));
            let exact = version.strip_prefix('v').is_some_and(is_version).then(|| version.to_string());
            Spec { name: name.into(), requested: (!version.is_empty()).then(|| version.into()), exact }
        }
        Some(("http" | "https", _)) => {
            launch.remote = Known::is(named.value.clone(), named.span);
            return None;
        }
        _ => {
            let (name, tag, digest) = image(&named.value);
            Spec { name, requested: tag.or_else(|| digest.clone()), exact: digest }
        }
    };
    launch.package = Known::is(spec.name, named.span);
    launch.requested = known(spec.requested, named.span);
    launch.version = known(spec.exact, named.span);
    None
}

/// Packages that a script installs before it starts what it starts.
pub fn installed(words: &[Word], launch: &mut Launch) {
    let separates = |word: &Word| matches!(word.value.as_str(), ";" | "&&" | "||" | "|" | "&");
    for command in words.split(separates) {
        let says = |start: &[&str]| {
            command.len() > start.len() && start.iter().zip(command).all(|(said, word)| *said == program(&word.value))
        };
        let Some((start, is_python)) = INSTALLERS.iter().find(|(start, _)| says(start)) else { continue };
        let mut skip = false;
        for word in command.get(start.len()..).unwrap_or_default() {
            if std::mem::take(&mut skip) {
                continue;
            }
            if word.value.starts_with('-') {
                skip = matches!(
                    word.value.as_str(),
                    "-r" | "--requirement"
                        | "-e"
                        | "--editable"
                        | "-c"
                        | "--prefix"
                        | "-t"
                        | "--target"
                        | "--index-url"
                        | "--extra-index-url"
                        | "-i"
                );
                continue;
            }
            let spec = if *is_python { python_spec(&word.value) } else { npm_spec(&word.value) };
            float(word, &spec, launch);
        }
    }
}

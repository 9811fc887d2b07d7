//! Commands that start a process in a container which something else describes: compose services, running containers.

use super::{Word, program};

/// Flags of these commands that take a value.
const VALUED: &[&str] = &[
    "-f",
    "--file",
    "-p",
    "--project-name",
    "--profile",
    "--env-file",
    "--project-directory",
    "--ansi",
    "--progress",
    "--parallel",
    "--context",
    "-H",
    "--host",
    "--config",
    "-e",
    "--env",
    "-v",
    "--volume",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "--name",
    "--entrypoint",
    "-l",
    "--label",
    "--publish",
    "--index",
    "--detach-keys",
    "-n",
    "--namespace",
    "-c",
    "--container",
    "--kubeconfig",
];

/// Kind of what a command enters, and its name: `compose-service`, `running-container`, `pod`.
pub fn entered(words: &[Word]) -> Option<(&'static str, Word)> {
    let (first, rest) = words.split_first()?;
    let rest: Vec<&Word> = plain(rest);
    let word = |at: usize| rest.get(at).map_or("", |word| word.value.as_str());
    let (kind, at) = match (program(&first.value).as_str(), word(0), word(1)) {
        ("docker" | "podman" | "nerdctl", "compose", "run" | "exec") => ("compose-service", 2),
        ("docker-compose" | "podman-compose", "run" | "exec", _) => ("compose-service", 1),
        ("docker" | "podman" | "nerdctl", "container", "exec" | "attach" | "start") => ("running-container", 2),
        ("docker" | "podman" | "nerdctl", "exec" | "attach" | "start", _) => ("running-container", 1),
        ("kubectl" | "oc", "exec" | "attach", _) => ("pod", 1),
        _ => return None,
    };
    Some((kind, (*rest.get(at)?).clone()))
}

/// The words that are neither flags nor their values.
fn plain(words: &[Word]) -> Vec<&Word> {
    let mut found = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.value.as_str() {
            flag if VALUED.contains(&flag) => {
                rest.next();
            }
            flag if flag.starts_with('-') => {}
            _ => found.push(word),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::command::split;
    use crate::model::known::Spanned;
    use crate::source::{Sources, Span};

    #[test]
    fn what_a_command_enters_is_named() {
        let mut sources = Sources::default();
        for (line, expected) in [
            ("docker compose --file compose.yaml run --rm -T orders", Some("compose-service orders")),
            ("docker compose -f a -f b exec -e X=1 orders python x.py", Some("compose-service orders")),
            ("docker-compose run orders", Some("compose-service orders")),
            ("docker exec -i -u 5 orders-1 node x.js", Some("running-container orders-1")),
            ("kubectl exec -i -n tools deploy/orders -- node x.js", Some("pod deploy/orders")),
            ("docker compose up orders", None),
            ("docker run orders", None),
            ("docker exec -i", None),
            ("node exec orders", None),
        ] {
            let id = sources.add_text("x", line);
            let words = split(&Spanned::new(line.to_string(), Span::new(id, 0, line.len())));
            let found = entered(&words).map(|(kind, word)| format!("{kind} {}", word.value));
            assert_eq!(found.as_deref(), expected, "{line}");
        }
    }
}

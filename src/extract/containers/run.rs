//! `docker run`, `podman run`, `nerdctl run`: the argument list as a container.

use super::{RunContainer, capability, image, interpolate, limit, mount, port, setting, switch};
use crate::model::known::{Known, Spanned};

/// Programs that start containers.
const ENGINES: &[&str] = &["docker", "podman", "nerdctl", "finch"];
/// Flags before the verb that take a value.
const GLOBAL_VALUES: &[&str] = &[
    "--context",
    "-c",
    "--host",
    "-H",
    "--config",
    "--log-level",
    "-l",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
    "--connection",
    "--url",
    "--root",
    "--runroot",
    "--namespace",
    "-n",
    "--address",
    "-a",
];
/// Flags after the verb that take none.
const SWITCHES: &[&str] = &[
    "detach",
    "interactive",
    "tty",
    "rm",
    "init",
    "privileged",
    "read-only",
    "publish-all",
    "no-healthcheck",
    "oom-kill-disable",
    "sig-proxy",
    "disable-content-trust",
    "quiet",
    "use-api-socket",
    "replace",
    "tls-verify",
    "rmi",
    "no-hosts",
    "http-proxy",
    "env-host",
    "passwd",
    "read-only-tmpfs",
    "no-hostname",
    "help",
];
/// One-letter switches; other letters take a value.
const LETTER_SWITCHES: &[char] = &['d', 'i', 't', 'P', 'q'];

/// Reads a command line whose first word is the engine; nothing where it does not start a container.
pub fn from_run_arguments(words: &[Spanned<String>]) -> Option<RunContainer> {
    let (engine, rest) = words.split_first()?;
    let program = engine.value.rsplit(['/', '\\']).next().unwrap_or("").trim_end_matches(".exe");
    if !ENGINES.contains(&program) {
        return None;
    }
    let at = verb(rest)?;
    let span = engine.span;
    let mut run = RunContainer::new("docker-run", "", span);
    let mut rest = &rest[at + 1..];
    let mut networks: Vec<Spanned<String>> = Vec::new();
    while let Some((word, tail)) = rest.split_first() {
        rest = tail;
        if word.value == "--" {
            break;
        }
        if !word.value.starts_with('-') || word.value == "-" {
            rest = &words[words.len() - tail.len() - 1..];
            break;
        }
        for (name, value) in flags(word, &mut rest) {
            flag(&mut run, &name, value, &mut networks);
        }
    }
    if let Some((reference, command)) = rest.split_first() {
        let found = image::read(reference, "run", false);
        run.container.image = found.reference.clone();
        if run.container.about.name.is_empty() {
            run.container.about.name = image::name(&found.about.name).to_string();
        }
        run.container.about.span = reference.span;
        run.image = Some(found);
        run.command = command.to_vec();
    } else {
        run.container.image = Known::unknown("no image follows the flags", span);
    }
    set_networks(&mut run, networks);
    run.settle();
    Some(run)
}

/// Position of `run` or `create`, after global flags and `container`.
fn verb(words: &[Spanned<String>]) -> Option<usize> {
    let mut at = 0;
    loop {
        let word = words.get(at)?.value.as_str();
        match word {
            "run" | "create" => return Some(at),
            "container" => at += 1,
            flag if GLOBAL_VALUES.contains(&flag) => at += 2,
            flag if flag.starts_with('-') => at += 1,
            _ => return None,
        }
    }
}

/// The flags of one word, with their value; takes the next word where a flag needs it.
fn flags(word: &Spanned<String>, rest: &mut &[Spanned<String>]) -> Vec<(String, Spanned<String>)> {
    let on = |text: &str| Spanned::new(text.to_string(), word.span);
    if let Some(long) = word.value.strip_prefix("--") {
        return match long.split_once('=') {
            Some((name, value)) => vec![(name.to_string(), on(value))],
            None if SWITCHES.contains(&long) => vec![(long.to_string(), on("true"))],
            None => vec![(long.to_string(), next(word, rest))],
        };
    }
    let mut found = Vec::new();
    let letters: Vec<char> = word.value.chars().skip(1).collect();
    for (at, letter) in letters.iter().enumerate() {
        let name = long_name(*letter).to_string();
        if LETTER_SWITCHES.contains(letter) {
            found.push((name, on("true")));
            continue;
        }
        let glued: String = letters[at + 1..].iter().collect();
        let value = match glued.as_str() {
            "" => next(word, rest),
            glued => on(glued.strip_prefix('=').unwrap_or(glued)),
        };
        found.push((name, value));
        break;
    }
    found
}

fn next(word: &Spanned<String>, rest: &mut &[Spanned<String>]) -> Spanned<String> {
    let Some((value, tail)) = rest.split_first() else { return Spanned::new(String::new(), word.span) };
    *rest = tail;
    value.clone()
}

fn long_name(letter: char) -> &'static str {
    match letter {
        'e' => "env",
        'v' => "volume",
        'p' => "publish",
        'P' => "publish-all",
        'u' => "user",
        'm' => "memory",
        'c' => "cpu-shares",
        'w' => "workdir",
        'h' => "hostname",
        'l' => "label",
        'd' => "detach",
        'i' => "interactive",
        't' => "tty",
        _ => "other",
    }
}

fn flag(run: &mut RunContainer, name: &str, value: Spanned<String>, networks: &mut Vec<Spanned<String>>) {
    let span = value.span;
    let container = &mut run.container;
    match name {
        "name" => container.about.name = value.value,
        "user" => run.set_user(value),
        "read-only" => container.read_only = switch(&value.value, span),
        "privileged" => container.privileged = switch(&value.value, span),
        "cap-add" => container.cap_add.extend(split(&value).iter().map(capability)),
        "cap-drop" => container.cap_drop.extend(split(&value).iter().map(capability)),
        "security-opt" => run.security_option(value),
        "pid" | "ipc" | "uts" => run.namespace(name, &value),
        "userns" => run.namespace("user", &value),
        "cgroupns" => run.namespace("cgroup", &value),
        "network" | "net" => networks.push(value),
        "device" => container.devices.push(value),
        "memory" => container.memory_limit = limit(&value.value, span),
        "cpus" | "cpu-quota" => container.cpu_limit = limit(&value.value, span),
        "pids-limit" => container.process_limit = limit(&value.value, span),
        "runtime" => container.runtime = interpolate::known(&value.value, span),
        "secret" => container.secrets.push(value),
        "volume" => run.mounts.push(mount::short(&value)),
        "mount" => run.mounts.push(mount::long(&value)),
        "tmpfs" => run.mounts.push(mount::tmpfs(&value)),
        "publish" => run.ports.push(port::short(&value)),
        "env" => run.settings.push(setting::assignment("environment", "client-config", &value)),
        "env-file" => run.env_files.push(value),
        "interactive" | "tty" | "rm" | "init" | "detach" | "workdir" | "hostname" | "label" | "entrypoint" | "pull"
        | "platform" | "quiet" | "sig-proxy" => {}
        _ => container.options.push(Spanned::new(format!("{name}={}", value.value), span)),
    }
}

fn split(value: &Spanned<String>) -> Vec<Spanned<String>> {
    value.value.split(',').map(|part| Spanned::new(part.to_string(), value.span)).collect()
}

/// Every network counts: one that is open is enough to leave by.
fn set_networks(run: &mut RunContainer, networks: Vec<Spanned<String>>) {
    let container = &mut run.container;
    let mut egress = Known::Absent;
    for network in &networks {
        let unresolved = interpolate::resolve(&network.value);
        let found = match unresolved.as_deref() {
            Ok("none") => Known::is("denied".to_string(), network.span),
            Ok("host") => {
                container.host_namespaces.push(Spanned::new("network".into(), network.span));
                Known::is("open".to_string(), network.span)
            }
            Ok("" | "bridge" | "default" | "slirp4netns" | "pasta" | "private") => {
                Known::is("open".to_string(), network.span)
            }
            Ok(name) => Known::unknown(format!("network `{name}` is defined outside of this tree"), network.span),
            Err(reason) => Known::unknown(reason.clone(), network.span),
        };
        egress = wider(egress, found);
    }
    let span = container.about.span;
    container.egress = if networks.is_empty() { Known::is("open".into(), span) } else { egress };
    container.networks = networks;
}

/// The wider of two statements: open, then unknown, then denied.
pub fn wider(left: Known<String>, right: Known<String>) -> Known<String> {
    let rank = |known: &Known<String>| match known {
        Known::Is(egress) if egress.value == "open" => 4,
        Known::Unknown(_) => 3,
        Known::Is(egress) if egress.value == "named" => 2,
        Known::Is(_) => 1,
        Known::Absent => 0,
    };
    if rank(&right) > rank(&left) { right } else { left }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};

    fn run(command: &str) -> Option<RunContainer> {
        let mut sources = Sources::default();
        let span = Span::new(sources.add_text("x", ""), 0, 0);
        let words: Vec<_> = command.split(' ').map(|word| Spanned::new(word.to_string(), span)).collect();
        from_run_arguments(&words)
    }

    #[test]
    fn a_hardened_command_line_says_so_in_every_field() {
        let command = "docker run --rm -i --read-only --cap-drop=ALL --cap-drop CAP_SYS_ADMIN --security-opt no-new-privileges \
                       --security-opt seccomp=p.json --network none --user 1000:1000 --memory 256m --cpus=1 --pids-limit 64 \
                       --tmpfs /tmp --runtime runsc -v data:/d:ro -p127.0.0.1:80:80 -e TZ=UTC mcp/x:1 serve --port 80";
        let run = run(command).expect("starts a container");
        let container = &run.container;
        assert_eq!(container.runs_as_root.value(), Some(&false));
        assert_eq!(container.read_only.value(), Some(&true));
        assert_eq!(container.cap_drop.iter().map(|cap| cap.value.as_str()).collect::<Vec<_>>(), ["ALL", "SYS_ADMIN"]);
        assert_eq!(container.privilege_escalation.value(), Some(&false));
        assert_eq!(container.syscall_filter.value().map(String::as_str), Some("p.json"));
        assert_eq!(container.egress.value().map(String::as_str), Some("denied"));
        assert_eq!(container.memory_limit.value().map(String::as_str), Some("256m"));
        assert_eq!(container.cpu_limit.value().map(String::as_str), Some("1"));
        assert_eq!(container.process_limit.value().map(String::as_str), Some("64"));
        assert_eq!(container.runtime.value().map(String::as_str), Some("runsc"));
        assert_eq!((container.about.name.as_str(), container.options.len()), ("mcp/x", 0));
        assert_eq!((run.mounts.len(), run.ports.len(), run.settings.len()), (2, 1, 1));
        assert_eq!(run.ports[0].all_interfaces.value(), Some(&false));
        assert_eq!(run.command.iter().map(|word| word.value.as_str()).collect::<Vec<_>>(), ["serve", "--port", "80"]);
    }

    #[test]
    fn what_is_not_said_is_what_engines_do() {
        let run = run("/usr/local/bin/podman --remote run -itP ghcr.io/a/b").expect("starts a container");
        let container = &run.container;
        assert!(matches!(container.runs_as_root, Known::Unknown(_)));
        assert_eq!(container.privilege_escalation.value(), Some(&true));
        assert_eq!(container.egress.value().map(String::as_str), Some("open"));
        assert_eq!(container.syscall_filter.value().map(String::as_str), Some("default"));
        assert_eq!(container.options[0].value, "publish-all=true");
    }

    #[test]
    fn the_last_scalar_wins_and_lists_add_up() {
        let run =
            run("docker run --user root --user 5 --privileged=false --privileged --pid=host --net host -v /:/h x")
                .expect("runs");
        assert_eq!(run.container.runs_as_root.value(), Some(&false));
        assert_eq!(run.container.privileged.value(), Some(&true));
        assert_eq!(run.container.syscall_filter.value().map(String::as_str), Some("unconfined"));
        let shared: Vec<_> = run.container.host_namespaces.iter().map(|name| name.value.as_str()).collect();
        assert_eq!(shared, ["pid", "network"]);
        assert_eq!(run.container.egress.value().map(String::as_str), Some("open"));
    }

    #[test]
    fn a_variable_without_a_value_passes_the_hosts_own_on() {
        let run = run("docker run -e GITHUB_TOKEN -e KEY=${KEY} --user ${U} --network mine x").expect("runs");
        assert!(run.settings[0].reference && run.settings[0].value.is_absent());
        assert_eq!(run.settings[0].secret.value().map(String::as_str), Some("name"));
        assert!(run.settings[1].reference);
        assert!(matches!(run.container.runs_as_root, Known::Unknown(_)));
        assert!(matches!(run.container.egress, Known::Unknown(_)));
    }

    #[test]
    fn other_commands_start_no_container() {
        for command in [
            "docker compose run x",
            "docker exec -i x sh",
            "docker mcp gateway run",
            "node run x",
            "docker",
            "docker --host",
        ] {
            assert!(run(command).is_none(), "{command}");
        }
        assert!(matches!(run("docker run -e").expect("runs").container.image, Known::Unknown(_)));
    }
}

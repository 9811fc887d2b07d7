//! Mounts of containers: the short syntax, the `--mount` syntax, and what makes a mount broad.

use super::interpolate;
use crate::model::About;
use crate::model::container::Mount;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Ends of paths by which a container engine is controlled.
const SOCKETS: &[&str] = &[
    "docker.sock",
    "containerd.sock",
    "podman.sock",
    "crio.sock",
    "buildkitd.sock",
    "docker_engine",
    "podman-machine-default",
];
/// Host folders that hold the system or all users.
const SYSTEM: &[&str] = &[
    "/etc",
    "/root",
    "/home",
    "/users",
    "/proc",
    "/sys",
    "/dev",
    "/var",
    "/usr",
    "/boot",
    "/lib",
    "/bin",
    "/sbin",
    "/opt",
    "/run",
    "/var/run",
    "/var/lib",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/kubelet",
    "/var/log",
    "/mnt",
    "/media",
    "/srv",
    "/tmp",
    "/private",
    "/library",
    "/system",
    "/volumes",
];
/// Folders of a home that hold credentials or configuration.
const PRIVATE: &[&str] = &[
    ".ssh",
    ".aws",
    ".kube",
    ".config",
    ".gnupg",
    ".docker",
    ".azure",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".password-store",
    ".local",
    ".claude",
    ".cursor",
    ".vscode",
    ".mozilla",
    "library",
];
/// Variables that stand for a home or a working folder.
const HOMES: &[&str] = &["~", "$home", "${home}", "%userprofile%", "${userhome}", "${env:home}", "${localenv:home}"];
const WORKING: &[&str] =
    &["$pwd", "${pwd}", "$(pwd)", "%cd%", "${workspacefolder}", "${localworkspacefolder}", "${workspaceroot}", "`pwd`"];

/// Why a host path gives too much; nothing where it is narrow.
pub fn broad(from: &str) -> Option<&'static str> {
    let path = from.trim().to_ascii_lowercase().replace('\\', "/");
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { &path };
    if matches!(path, "/" | "") || is_drive(path) {
        return (!from.is_empty()).then_some("the root of the host");
    }
    if matches!(path, "." | ".." | "../..") || WORKING.contains(&path) {
        return Some("the whole project folder");
    }
    if SYSTEM.contains(&path) || path.starts_with("/proc/") || path.starts_with("/sys/") || path.ends_with(":/users") {
        return Some("a system folder of the host");
    }
    let inside = home_part(path)?;
    let first = inside.trim_start_matches('/').split('/').next().unwrap_or("");
    match first {
        "" => Some("a home folder"),
        name if PRIVATE.contains(&name) => Some("a folder of credentials or settings in a home"),
        _ => None,
    }
}

/// What follows the home folder in a path that begins with one.
fn home_part(path: &str) -> Option<&str> {
    if let Some(rest) = HOMES.iter().find_map(|home| path.strip_prefix(home)) {
        return (rest.is_empty() || rest.starts_with('/')).then_some(rest);
    }
    if let Some(rest) = path.strip_prefix("/root/") {
        return Some(rest);
    }
    let rest = path.strip_prefix("/home/").or_else(|| path.strip_prefix("/users/")).or_else(|| {
        let (drive, rest) = path.split_once(":/users/")?;
        (drive.len() == 1).then_some(rest)
    })?;
    Some(rest.split_once('/').map_or("", |(_, inside)| inside))
}

fn is_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() == 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

/// Whether a path is a container engine's control socket.
pub fn is_engine_socket(path: &str) -> bool {
    let path = path.to_ascii_lowercase().replace('\\', "/");
    SOCKETS.iter().any(|socket| path.trim_end_matches('/').ends_with(socket))
}

/// What a mount is made of.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Host path or volume name.
    pub from: Option<Spanned<String>>,
    /// Path in the container.
    pub to: Option<Spanned<String>>,
    /// `bind`, `volume`, `tmpfs`, … where the syntax says so.
    pub kind: Option<String>,
    /// Options such as `ro`, `noexec`, `rshared`.
    pub options: Vec<Spanned<String>>,
    /// Whether it is read-only, where that has a key of its own.
    pub read_only: Known<bool>,
}

/// Makes the fact.
pub fn build(parts: Parts, span: Span) -> Mount {
    let text = |part: &Option<Spanned<String>>| {
        part.as_ref().map_or(Known::Absent, |part| interpolate::known(&part.value, part.span))
    };
    let (from, to) = (text(&parts.from), text(&parts.to));
    let written = parts.from.as_ref().map_or("", |part| part.value.as_str());
    let kind = parts.kind.clone().unwrap_or_else(|| kind_of(written).to_string());
    let name = to.value().or(from.value()).cloned().unwrap_or_else(|| written.to_string());
    let option = |names: &[&str]| parts.options.iter().find(|option| names.contains(&option.value.as_str()));
    let is_socket = |known: &Known<String>| known.value().is_some_and(|path| is_engine_socket(path));
    Mount {
        about: About::new(name, span),
        writable: writable(&parts, span),
        executable: executable(&kind, &parts, span),
        engine_socket: is_socket(&from) || is_socket(&to) || is_engine_socket(written),
        broad: if kind == "bind" { broad_fact(&from, &parts.from) } else { Known::Absent },
        propagation: option(&["shared", "rshared", "slave", "rslave", "private", "rprivate"])
            .map_or(Known::Absent, |option| Known::is(option.value.clone(), option.span)),
        mount_kind: kind,
        from,
        to,
    }
}

fn broad_fact(from: &Known<String>, written: &Option<Spanned<String>>) -> Known<String> {
    let Some(written) = written else { return Known::Absent };
    if let Some(reason) = broad(&written.value) {
        return Known::is(reason.to_string(), written.span);
    }
    match from {
        Known::Is(path) => broad(&path.value).map_or(Known::Absent, |reason| Known::is(reason.to_string(), path.span)),
        Known::Unknown(unknown) if home_part(&written.value.to_ascii_lowercase()).is_none() => {
            Known::Unknown(unknown.clone())
        }
        Known::Unknown(_) | Known::Absent => Known::Absent,
    }
}

fn writable(parts: &Parts, span: Span) -> Known<bool> {
    let read_only = parts.options.iter().find(|option| matches!(option.value.as_str(), "ro" | "readonly"));
    match (&parts.read_only, read_only) {
        (Known::Is(set), _) => Known::is(!set.value, set.span),
        (Known::Unknown(unknown), _) => Known::Unknown(unknown.clone()),
        (Known::Absent, Some(option)) => Known::is(false, option.span),
        (Known::Absent, None) => Known::is(true, span),
    }
}

/// A tmpfs of Docker is `noexec` unless told otherwise; other mounts have no such default to go by.
fn executable(kind: &str, parts: &Parts, span: Span) -> Known<bool> {
    let said = parts.options.iter().rev().find(|option| matches!(option.value.as_str(), "exec" | "noexec"));
    match said {
        Some(option) => Known::is(option.value == "exec", option.span),
        None if kind == "tmpfs" => Known::is(false, span),
        None => Known::Absent,
    }
}

/// A source that is a path is a bind, a bare word is a volume.
fn kind_of(from: &str) -> &'static str {
    let is_path =
        from.starts_with(['/', '.', '~', '$', '\\', '%', '`']) || from.contains(['/', '\\']) || is_drive_path(from);
    if is_path { "bind" } else { "volume" }
}

fn is_drive_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

/// `[source:]target[:options]`, with drive letters and variables kept whole.
pub fn short(text: &Spanned<String>) -> Mount {
    let mut fields = split_fields(&text.value);
    let at = |value: String| Spanned::new(value, text.span);
    let mut parts = Parts::default();
    if fields.len() >= 3 {
        let options = fields.split_off(2);
        let words = options.iter().flat_map(|options| options.split(','));
        parts.options = words.map(|word| at(word.trim().to_string())).collect();
    }
    let mut fields = fields.into_iter();
    match (fields.next(), fields.next()) {
        (Some(from), Some(to)) => {
            parts.from = Some(at(from));
            parts.to = Some(at(to));
        }
        (Some(to), None) => parts.to = Some(at(to)),
        (None, _) => {}
    }
    build(parts, text.span)
}

/// Splits at colons outside of `${…}` and not after a drive letter.
pub fn split_fields(text: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut depth = 0usize;
    let letters: Vec<char> = text.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let current = fields.last_mut().expect("there is always one field");
        let is_drive = current.len() == 1
            && current.starts_with(|first: char| first.is_ascii_alphabetic())
            && matches!(letters.get(at + 1), Some('\\' | '/'))
            && (at == 1 || matches!(letters.get(at + 1), Some('\\')));
        match letter {
            ':' if depth == 0 && !is_drive => fields.push(String::new()),
            '{' => {
                depth += 1;
                current.push('{');
            }
            '}' => {
                depth = depth.saturating_sub(1);
                current.push('}');
            }
            other => current.push(*other),
        }
    }
    fields
}

/// `type=bind,source=…,target=…,readonly` of `--mount`.
pub fn long(text: &Spanned<String>) -> Mount {
    let at = |value: &str| Spanned::new(value.trim().to_string(), text.span);
    let mut parts = Parts { kind: Some("volume".into()), ..Parts::default() };
    for field in text.value.split(',') {
        let (key, value) = field.split_once('=').unwrap_or((field, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "type" => parts.kind = Some(value.trim().to_string()),
            "source" | "src" => parts.from = Some(at(value)),
            "target" | "destination" | "dst" => parts.to = Some(at(value)),
            "readonly" | "ro" => parts.read_only = Known::is(!matches!(value.trim(), "false" | "0"), text.span),
            "bind-propagation" => parts.options.push(at(value)),
            _ => parts.options.push(at(field)),
        }
    }
    build(parts, text.span)
}

/// `path[:options]` of `--tmpfs`.
pub fn tmpfs(text: &Spanned<String>) -> Mount {
    let (path, options) = text.value.split_once(':').unwrap_or((&text.value, ""));
    let at = |value: &str| Spanned::new(value.trim().to_string(), text.span);
    let options = options.split(',').filter(|option| !option.is_empty()).map(at).collect();
    build(Parts { to: Some(at(path)), kind: Some("tmpfs".into()), options, ..Parts::default() }, text.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn shown(mount: &Mount) -> String {
        let text = |known: &Known<String>| match known {
            Known::Absent => "-".to_string(),
            Known::Is(value) => value.value.clone(),
            Known::Unknown(_) => "?".to_string(),
        };
        let writable = if mount.writable.value() == Some(&true) { "rw" } else { "ro" };
        let exec = match mount.executable.value() {
            Some(true) => " exec",
            Some(false) => " noexec",
            None => "",
        };
        let broad = if mount.broad.is_absent() { String::new() } else { format!(" broad({})", text(&mount.broad)) };
        let socket = if mount.engine_socket { " socket" } else { "" };
        format!("{} {}>{} {writable}{exec}{broad}{socket}", mount.mount_kind, text(&mount.from), text(&mount.to))
    }

    #[test]
    fn each_syntax_gives_the_same_kind_of_fact() {
        let mut sources = Sources::default();
        let span = Span::new(sources.add_text("x", ""), 0, 0);
        type Syntax = fn(&Spanned<String>) -> Mount;
        let cases: [(Syntax, &str, &str); 21] = [
            (short, "data:/data", "volume data>/data rw"),
            (short, "/data", "volume ->/data rw"),
            (short, "./conf:/etc/app:ro", "bind ./conf>/etc/app ro"),
            (
                short,
                "/var/run/docker.sock:/var/run/docker.sock:ro",
                "bind /var/run/docker.sock>/var/run/docker.sock ro socket",
            ),
            (short, "/:/host", "bind />/host rw broad(the root of the host)"),
            (short, ".:/app", "bind .>/app rw broad(the whole project folder)"),
            (short, "${PWD}:/app", "bind ?>/app rw broad(the whole project folder)"),
            (short, "~/.ssh:/s:ro,z", "bind ~/.ssh>/s ro broad(a folder of credentials or settings in a home)"),
            (short, "/home/ann:/h", "bind /home/ann>/h rw broad(a home folder)"),
            (short, "/home/ann/orders:/h", "bind /home/ann/orders>/h rw"),
            (short, "C:\\Users\\ann:/h:ro", "bind C:\\Users\\ann>/h ro broad(a home folder)"),
            (short, "${DIR:-./data}:/d", "bind ./data>/d rw"),
            (short, "${DIR}/x:/d", "bind ?>/d rw broad(?)"),
            (short, "/etc/localtime:/etc/localtime:ro", "bind /etc/localtime>/etc/localtime ro"),
            (short, "/proc/sys:/p", "bind /proc/sys>/p rw broad(a system folder of the host)"),
            (long, "type=bind,source=/etc,target=/e,readonly", "bind /etc>/e ro broad(a system folder of the host)"),
            (long, "src=v,dst=/v", "volume v>/v rw"),
            (long, "type=bind,src=/srv/a,dst=/v,readonly=false", "bind /srv/a>/v rw"),
            (tmpfs, "/tmp:rw,noexec,size=64m", "tmpfs ->/tmp rw noexec"),
            (tmpfs, "/tmp", "tmpfs ->/tmp rw noexec"),
            (tmpfs, "/tmp:exec", "tmpfs ->/tmp rw exec"),
        ];
        for (read, text, expected) in cases {
            assert_eq!(shown(&read(&Spanned::new(text.to_string(), span))), expected, "{text}");
        }
    }
}

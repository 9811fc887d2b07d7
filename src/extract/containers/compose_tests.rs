//! Compose text to facts, field by field.

use std::collections::BTreeMap;

use super::*;
use crate::model::Subject;
use crate::model::subject::Field;

fn services(text: &str) -> Vec<RunContainer> {
    tree(&[("deploy/compose.yml", text)]).0
}

/// The services of a whole tree, and why some of it could not be followed.
fn tree(files: &[(&str, &str)]) -> (Vec<RunContainer>, Vec<String>) {
    let mut discovered = crate::discover::Discovered::default();
    for (path, text) in files {
        discovered.files.extend(crate::discover::discover_text(path, text.to_string()).files);
    }
    discovered.files.sort_by(|one, other| one.path.cmp(&other.path));
    let loaded = crate::load::load(discovered);
    assert!(loaded.gaps.is_empty(), "{:?}", loaded.gaps);
    let (runs, _, gaps) = read(&loaded, &BTreeMap::new());
    (runs, gaps.into_iter().map(|gap| format!("{} {}", gap.path, gap.reason)).collect())
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
        ("security_opt: ['seccomp=./p.json']", "syscall_filter", "unknown"),
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
    let (all, gaps) = tree(&[("deploy/compose.yml", text)]);
    assert_eq!(gaps, ["deploy/compose.yml `loop` extends itself, directly or through others"]);
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

/// Cases of several files: service, field, what is expected of it.
fn check(files: &[(&str, &str)], expected: &[(&str, &str, &str)], reasons: &[&str]) {
    let (runs, gaps) = tree(files);
    for (service, field, value) in expected {
        let (name, at) = service.split_once('#').unwrap_or((service, "0"));
        let mut named = runs.iter().filter(|run| run.container.about.name == name);
        let run = named.nth(at.parse().unwrap_or(0)).unwrap_or_else(|| panic!("no {service} in {files:?}"));
        assert_eq!(shown(run, field), *value, "{service}: {field} in {files:?}");
    }
    assert_eq!(gaps.len(), reasons.len(), "{gaps:?}");
    for (gap, reason) in gaps.iter().zip(reasons) {
        assert!(gap.contains(reason), "{gap}");
    }
}

#[test]
fn an_override_is_laid_over_the_base_of_its_folder() {
    let base = "services: {app: {image: a, read_only: true, cap_add: [CHOWN], ports: ['127.0.0.1:80:80'], volumes: ['data:/d:ro'], security_opt: ['no-new-privileges:true']}}";
    let over = "services: {app: {read_only: false, cap_add: [SYS_ADMIN, CHOWN], ports: !override ['80:80'], volumes: ['./x:/d'], security_opt: !reset []}}";
    let files = [("compose.yaml", base), ("compose.override.yaml", over)];
    let expected =
        [("app", "read_only", "false"), ("app", "cap_add", "CHOWN,SYS_ADMIN"), ("app", "privilege_escalation", "true")];
    check(&files, &expected, &[]);
    let run = tree(&files).0.remove(0);
    assert_eq!(run.ports.iter().map(|port| port.all_interfaces.value().copied()).collect::<Vec<_>>(), [Some(true)]);
    assert_eq!(run.mounts.iter().map(|mount| mount.mount_kind.as_str()).collect::<Vec<_>>(), ["bind"]);
    let said: Vec<_> = run.container.earlier.iter().map(|one| (one.field, one.says.as_str())).collect();
    assert_eq!(said, [("read_only", "read_only true")]);
}

#[test]
fn variants_are_projects_of_their_own() {
    let base = "services: {app: {image: a, user: '5'}, db: {image: d}}";
    let prod = "services: {app: {read_only: true}}";
    let whole = "services: {app: {image: b, user: '6'}}";
    let files = [("compose.yaml", base), ("compose.prod.yaml", prod), ("docker-compose.dev.yml", whole)];
    let expected = [
        ("app#0", "read_only", "absent"),
        ("app#1", "read_only", "true"),
        ("app#1", "user", "5"),
        ("app#2", "user", "6"),
        ("db", "user", "absent"),
    ];
    check(&files, &expected, &[]);
    assert_eq!(tree(&files).0.len(), 4, "a variant that says nothing about a service adds none");
    let opened = "services: {app: {ports: ['80:80']}}\nnetworks: {default: {internal: false}}";
    let closed = "services: {app: {image: a}, db: {image: d}}\nnetworks: {default: {internal: true}}";
    let files = [("compose.yaml", closed), ("compose.lan.yaml", opened)];
    check(&files, &[("db#0", "egress", "denied"), ("db#1", "egress", "open")], &[]);
}

#[test]
fn the_environment_file_names_the_files_and_fills_in_variables() {
    let files = [
        (".env", "COMPOSE_FILE=a.yaml:deploy/b.yaml\nRUN_AS=0\nTAG=1.2\nDB_PASSWORD=hunter2hunter2\n"),
        ("a.yaml", "services: {app: {image: 'x:${TAG}', user: '${RUN_AS:-7}', environment: {P: '${DB_PASSWORD}'}}}"),
        ("deploy/b.yaml", "services: {app: {image: 'x:${TAG:?none}', read_only: '${RO:-true}', build: {context: .}}}"),
    ];
    let expected = [("app", "user", "0"), ("app", "image", "x:1.2"), ("app", "read_only", "true")];
    check(&files, &expected, &[]);
    let run = tree(&files).0.remove(0);
    assert_eq!(run.settings[0].value.value().map(String::as_str), Some("${DB_PASSWORD}"));
}

#[test]
fn a_base_of_another_file_is_followed_and_brings_no_networks_along() {
    let common = "services: {base: {extends: {service: root}, cap_add: [SYS_ADMIN]}, root: {user: '9', privileged: true}}\nnetworks: {in: {internal: true}}";
    let files = [
        ("compose.yaml", "services: {app: {image: a, extends: {file: lib/common.yml, service: base}, networks: [in]}}"),
        ("lib/common.yml", common),
    ];
    let expected = [
        ("app", "cap_add", "SYS_ADMIN"),
        ("app", "privileged", "true"),
        ("app", "user", "9"),
        ("app", "egress", "unknown"),
    ];
    check(&files, &expected, &[]);
    for (extends, reason) in [
        ("{file: missing.yml, service: base}", "not a compose file of this tree"),
        ("{file: ../out.yml, service: base}", "leads out of the tree"),
        ("{file: '${X}.yml', service: base}", "set by `${X}`"),
        ("{service: nobody}", "which `compose.yaml` does not have"),
        ("{file: compose.yaml, service: app}", "extends itself"),
    ] {
        let text = format!("services: {{app: {{image: a, extends: {extends}}}}}");
        check(&[("compose.yaml", &text)], &[("app", "read_only", "unknown")], &[reason]);
    }
}

#[test]
fn included_files_bring_their_services_with_their_own_variables() {
    let files = [
        ("compose.yaml", "include: [tools/compose.yaml]\nservices: {app: {image: a}}"),
        (".env", "WHO=5\n"),
        ("tools/.env", "WHO=0\nRO=true\n"),
        ("tools/compose.yaml", "services: {tool: {image: t, user: '${WHO}', read_only: '${RO}'}}"),
    ];
    check(&files, &[("tool", "user", "5"), ("tool", "read_only", "true"), ("app", "user", "absent")], &[]);
    assert_eq!(tree(&files).0.len(), 2, "what is included is not judged a second time");
    for (include, reason) in [
        ("[compose.yaml]", "includes itself"),
        ("[{path: [missing.yaml]}]", "not a compose file of this tree"),
        ("['oci://registry.example/x']", "is not in this tree"),
        ("[../x.yaml]", "leads out of the tree"),
    ] {
        let text = format!("include: {include}\nservices: {{app: {{image: a}}}}");
        check(&[("compose.yaml", &text)], &[("app", "user", "absent")], &[reason]);
    }
    let twice = [
        ("compose.yaml", "include: [other.yaml]\nservices: {app: {image: a}}"),
        ("other.yaml", "services: {app: {image: b}}"),
    ];
    check(&twice, &[("app", "image", "a")], &["is defined here and by a file that includes this one"]);
}

#[test]
fn aliases_that_grow_without_end_are_a_gap() {
    let mut text = String::from("x0: &a0 [1]\n");
    for level in 1..30 {
        let alias = format!("*a{}, ", level - 1).repeat(9);
        text.push_str(&format!("x{level}: &a{level} [{alias}]\n"));
    }
    text.push_str("services: {app: {image: a}}\n");
    let (runs, gaps) = tree(&[("compose.yaml", &text)]);
    assert_eq!((runs.len(), gaps.len()), (0, 1), "{gaps:?}");
}

#[test]
fn a_profile_counts_for_what_it_says() {
    let compose = "services: {app: {image: a, security_opt: ['seccomp:./p.json']}}";
    for (profile, expected) in [
        ("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": []}", "./p.json"),
        ("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}", "unconfined"),
        ("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mount\"]}]}", "./p.json"),
        ("{}", "unknown"),
        ("[]", "unknown"),
    ] {
        check(&[("d/compose.yaml", compose), ("d/p.json", profile)], &[("app", "syscall_filter", expected)], &[]);
    }
    let elsewhere = [("d/compose.yaml", compose), ("p.json", "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}")];
    check(&elsewhere, &[("app", "syscall_filter", "unknown")], &[]);
}

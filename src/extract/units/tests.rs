//! Units, and what confines the process that each starts.

use super::*;
use crate::discover::discover_text;
use crate::model::known::{Known, Spanned};

/// The one container of a unit, as one line of what matters.
fn said(path: &str, text: &str) -> String {
    let loaded = crate::load::load(discover_text(path, text.to_string()));
    let mut facts = Facts::default();
    extract(&loaded, &mut facts);
    let Some(container) = facts.containers.first() else { return "none".into() };
    let list = |list: &[Spanned<String>]| list.iter().map(|item| item.value.as_str()).collect::<Vec<_>>().join("+");
    let known = |known: &Known<String>| known.value().cloned().unwrap_or_else(|| "-".into());
    let flag = |known: &Known<bool>| known.value().map_or("-".to_string(), bool::to_string);
    let mounts: Vec<String> = facts.mounts.iter().map(|mount| known(&mount.from)).collect();
    format!(
        "root={} ro={} drop={} add={} up={} filter={} devices={} mem={} egress={} to={} mounts={}",
        flag(&container.runs_as_root),
        flag(&container.read_only),
        list(&container.cap_drop),
        list(&container.cap_add),
        flag(&container.privilege_escalation),
        known(&container.syscall_filter),
        list(&container.devices),
        known(&container.memory_limit),
        known(&container.egress),
        list(&container.egress_to),
        mounts.join("+"),
    )
}

#[test]
fn a_unit_that_says_nothing_confines_nothing() {
    let text = "[Unit]\nDescription=Orders\n[Service]\nExecStart=/usr/bin/node /srv/orders/index.js\n";
    let expected = "root=true ro=- drop= add= up=true filter=- devices=every device that its user may open mem=- \
                    egress=open to= mounts=/home";
    assert_eq!(said("orders.service", text), expected);
    assert_eq!(said("orders.service", "[D-BUS Service]\nName=x\nExec=/bin/x\n"), "none");
    assert_eq!(said("orders.service", ""), "none");
}

#[test]
fn each_directive_counts_as_systemd_takes_it() {
    let base = "[Service]\nExecStart=/srv/x\nUser=orders\nProtectHome=yes\nPrivateDevices=yes\n";
    let quiet = "root=false ro=- drop= add= up=false filter=- devices= mem=- egress=open to= mounts=";
    for (line, expected) in [
        ("", quiet.to_string()),
        ("ProtectSystem=strict", quiet.replace("ro=-", "ro=true")),
        ("ProtectSystem=full", quiet.replace("ro=-", "ro=false")),
        ("CapabilityBoundingSet=", quiet.replace("drop=", "drop=ALL")),
        ("CapabilityBoundingSet=CAP_CHOWN \\\n  CAP_KILL", quiet.replace("drop= add=", "drop=ALL add=CHOWN+KILL")),
        ("CapabilityBoundingSet=~CAP_SYS_ADMIN", quiet.replace("drop=", "drop=SYS_ADMIN")),
        ("AmbientCapabilities=CAP_NET_ADMIN", quiet.replace("add=", "add=NET_ADMIN")),
        ("NoNewPrivileges=no", quiet.replace("up=false", "up=true")),
        ("SystemCallFilter=@system-service", quiet.replace("filter=-", "filter=@system-service")),
        ("SystemCallFilter=@system-service\nSystemCallFilter=", quiet.to_string()),
        ("MemoryMax=512M", quiet.replace("mem=-", "mem=512M")),
        ("PrivateNetwork=yes", quiet.replace("egress=open", "egress=denied")),
        ("RestrictAddressFamilies=AF_UNIX", quiet.replace("egress=open", "egress=denied")),
        ("RestrictAddressFamilies=AF_UNIX AF_INET", quiet.to_string()),
        ("IPAddressDeny=any\nIPAddressAllow=localhost", quiet.replace("egress=open", "egress=denied")),
        ("IPAddressDeny=any\nIPAddressAllow=10.0.0.5", quiet.replace("egress=open to=", "egress=named to=10.0.0.5")),
        ("IPAddressDeny=any\nIPAddressAllow=any", quiet.replace("to=", "to=any")),
        ("ReadWritePaths=/var/lib/orders", format!("{quiet}/var/lib/orders")),
        ("RestrictAddressFamilies=~AF_INET AF_INET6", quiet.replace("egress=open", "egress=denied")),
        ("RestrictAddressFamilies=~AF_INET", quiet.to_string()),
        (
            "RestrictAddressFamilies=AF_UNIX AF_INET\nRestrictAddressFamilies=~AF_INET",
            quiet.replace("egress=open", "egress=denied"),
        ),
        ("IPAddressDeny=0.0.0.0/0", quiet.to_string()),
        ("IPAddressDeny=0.0.0.0/0 ::/0", quiet.replace("egress=open", "egress=denied")),
        ("IPAddressDeny=any\nIPAddressAllow=0.0.0.0/1", quiet.replace("to=", "to=0.0.0.0/1")),
        ("ReadOnlyPaths=/", quiet.replace("ro=-", "ro=true")),
        ("ProtectSystem=strict\nReadWritePaths=/", format!("{}/", quiet.replace("ro=-", "ro=false"))),
        ("CapabilityBoundingSet=\nCapabilityBoundingSet=~", quiet.to_string()),
        (
            "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged",
            quiet.replace("filter=-", "filter=@system-service ~@privileged"),
        ),
        ("ReadWritePaths=%S/%p", format!("{quiet}/var/lib/orders")),
        ("DynamicUser=yes\nProtectSystem=no\nNoNewPrivileges=no", quiet.replace("ro=-", "ro=true")),
        ("DynamicUser=yes\nProtectSystem=full", quiet.replace("ro=-", "ro=false")),
        ("ProtectHome=no\nInaccessiblePaths=/home", quiet.to_string()),
        ("SupplementaryGroups=docker", format!("{quiet}/var/run/docker.sock")),
        ("User=", quiet.replace("root=false", "root=true").replace("up=false", "up=true")),
    ] {
        assert_eq!(said("orders.service", &format!("{base}{line}\n")), expected, "{line}");
    }
}

#[test]
fn a_dynamic_user_brings_its_protections_and_a_mark_takes_them_away() {
    let text = "[Service]\nExecStart=/srv/x\nDynamicUser=yes\n";
    let shown = said("orders.service", text);
    assert!(shown.starts_with("root=false ro=true drop= add= up=false"), "{shown}");
    let shown = said("orders.service", "[Service]\nExecStart=+/srv/x\nUser=orders\nSystemCallFilter=read\n");
    assert!(shown.starts_with("root=true") && shown.contains("filter=unconfined"), "{shown}");
}

#[test]
fn a_quadlet_file_is_the_command_that_it_stands_for() {
    let text = "[Container]\nImage=quay.io/acme/orders-mcp:1\nUser=10001\nReadOnly=true\nDropCapability=all\n\
                NoNewPrivileges=true\nNetwork=none\nVolume=/srv/orders:/data:ro\n[Service]\nMemoryMax=256M\n";
    let expected = "root=false ro=true drop=ALL add= up=false filter=default devices= mem=256M egress=denied to= \
                    mounts=/srv/orders";
    assert_eq!(said("orders.container", text), expected);
}

#[test]
fn a_unit_that_starts_a_container_is_confined_by_the_command() {
    let text = "[Service]\nExecStart=/usr/bin/docker run --rm --read-only --user 5 --network none orders-mcp:1\n";
    let shown = said("orders.service", text);
    assert!(shown.starts_with("root=false ro=true") && shown.contains("egress=denied"), "{shown}");
}

#[test]
fn folders_of_drop_ins_go_from_many_units_to_one() {
    assert_eq!(folders("orders-mcp.service"), ["service.d", "orders-.service.d", "orders-mcp.service.d"]);
    assert_eq!(folders("mcp@blue.service"), ["service.d", "mcp@.service.d", "mcp@blue.service.d"]);
    assert!(is_joined("usr/lib/systemd/system", "etc/systemd/system") && !is_joined("a", "b"));
}

#[test]
fn the_manager_of_one_user_is_not_taken_at_its_word() {
    let text = "[Service]\nExecStart=/srv/x\nProtectSystem=strict\nIPAddressDeny=any\n";
    let shown = said("home/.config/systemd/user/orders.service", text);
    assert!(shown.contains("ro=-") && shown.contains("egress=-"), "{shown}");
    let shown = said("home/.config/systemd/user/orders.service", &format!("{text}PrivateUsers=yes\n"));
    assert!(shown.contains("ro=true"), "{shown}");
}

#[test]
fn drop_ins_are_taken_after_the_unit() {
    let mut directives = Directives::default();
    let mut sources = crate::source::Sources::default();
    for text in ["[Service]\nUser=root\nEnvironment=A=1\n", "[Service]\nUser=orders\nEnvironment=\nEnvironment=B=2\n"] {
        directives.append(Directives::read(sources.add_text("x", text), text));
    }
    assert_eq!(directives.last("Service", "User").map(|user| user.value.as_str()), Some("orders"));
    let words: Vec<_> = directives.words("Service", "Environment").into_iter().map(|word| word.value).collect();
    assert_eq!(words, ["B=2"]);
}

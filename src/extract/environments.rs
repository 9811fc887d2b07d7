//! What production and other environments of one server have in common: the same store, credential or folder.

use std::collections::{BTreeMap, BTreeSet};

use crate::extract::kubernetes::set::environment_of;
use crate::load::Loaded;
use crate::model::container::Mount;
use crate::model::definition::Setting;
use crate::model::known::Spanned;
use crate::model::state::State;
use crate::model::{About, Facts, ServerId};
use crate::source::Span;

/// The environment whose state others must not share.
const PRODUCTION: &str = "production";
/// Schemes of stores.
const STORES: &[&str] = &[
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "mongodb+srv",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "kafka",
    "nats",
    "sqlserver",
    "mssql",
    "oracle",
    "clickhouse",
    "cassandra",
    "neo4j",
    "bolt",
    "s3",
    "gs",
    "elasticsearch",
];
/// Parts of names of variables that hold the address of a store.
const STORE_NAMES: &[&str] = &[
    "DATABASE",
    "DB",
    "PG",
    "POSTGRES",
    "MYSQL",
    "MONGO",
    "MONGODB",
    "REDIS",
    "QDRANT",
    "ELASTIC",
    "OPENSEARCH",
    "WEAVIATE",
    "MILVUS",
    "CHROMA",
    "NEO4J",
    "CLICKHOUSE",
    "KAFKA",
    "RABBITMQ",
    "SNOWFLAKE",
];

/// One use of something by an environment.
struct Use {
    server: ServerId,
    environment: String,
    kind: &'static str,
    /// Tells one from another; never shown.
    key: String,
    name: String,
    span: Span,
}

/// Compares the environments of every server; facts must be tied to their servers.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let uses = uses(loaded, facts);
    let mut described: BTreeMap<ServerId, BTreeSet<&str>> = BTreeMap::new();
    for (server, environment) in environments(loaded, facts) {
        described.entry(server).or_default().insert(environment);
    }
    let several =
        |server: &ServerId| described.get(server).is_some_and(|all| all.contains(PRODUCTION) && all.len() > 1);
    let mut found = Vec::new();
    for one in uses.iter().filter(|one| one.environment == PRODUCTION && several(&one.server)) {
        let same = |other: &&Use| {
            other.server == one.server
                && other.kind == one.kind
                && other.key == one.key
                && other.environment != PRODUCTION
        };
        let shared = uses.iter().filter(same).map(|other| Spanned::new(other.environment.clone(), other.span));
        let about = About { server: Some(one.server), ..About::new(one.name.clone(), one.span) };
        found.push(State {
            about,
            state_kind: one.kind.to_string(),
            environment: PRODUCTION.to_string(),
            shared_with: shared.take(8).collect(),
        });
    }
    facts.states = found;
}

/// Environments that containers and settings of each server speak for.
fn environments<'f>(loaded: &Loaded, facts: &'f Facts) -> Vec<(ServerId, &'static str)> {
    let containers = facts.containers.iter().map(|container| &container.about);
    let settings = facts.settings.iter().map(|setting| &setting.about);
    let of = |about: &'f About| {
        let name = environment(loaded, about)?;
        Some((about.server?, NAMES.iter().copied().find(|known| *known == name)?))
    };
    containers.chain(settings).filter_map(of).collect()
}

/// Names that environments go by here.
const NAMES: &[&str] = &["production", "staging", "test", "development"];

fn environment(loaded: &Loaded, about: &About) -> Option<String> {
    about.environment.clone().or_else(|| environment_of(loaded.sources.path(about.span.source)))
}

fn uses(loaded: &Loaded, facts: &Facts) -> Vec<Use> {
    let mut found = Vec::new();
    let mut add = |about: &About, state: Option<(&'static str, String)>, span: Span| {
        let (Some(server), Some(environment), Some((kind, key))) = (about.server, environment(loaded, about), state)
        else {
            return;
        };
        found.push(Use { server, environment, kind, key, name: about.name.clone(), span });
    };
    for setting in facts.settings.iter().filter(|setting| setting.channel == "environment") {
        let span = setting.value.span().unwrap_or(setting.about.span);
        add(&setting.about, of_setting(setting), span);
    }
    for mount in &facts.mounts {
        add(&mount.about, of_mount(mount), mount.about.span);
    }
    found
}

fn of_setting(setting: &Setting) -> Option<(&'static str, String)> {
    let value = setting.value.value()?;
    if setting.reference {
        return None;
    }
    if let Some(store) = store(&setting.about.name, value) {
        return Some(("store", store));
    }
    let is_secret = setting.secret.value().is_some_and(|why| why != "sample" && why != "reference");
    is_secret.then(|| ("credential", value.clone()))
}

/// Host and path of a store; one that only its own network knows is not shared by its name.
fn store(name: &str, value: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    let by_name = upper.split(['_', '-', '.']).any(|part| STORE_NAMES.contains(&part));
    if upper.split('_').any(|part| part == "BUCKET") {
        return (value.len() > 2 && !value.contains(' ')).then(|| format!("bucket {value}"));
    }
    let (scheme, rest) = value.split_once("://").unwrap_or(("", value));
    let scheme = scheme.split('+').next().unwrap_or(scheme).trim_start_matches("jdbc:");
    if !(STORES.contains(&scheme) || by_name) {
        return None;
    }
    let rest = rest.rsplit('@').next().unwrap_or(rest);
    let host = rest.split(['/', '?', ':', ',']).next().unwrap_or("");
    let is_reachable = host.contains('.')
        && !host.starts_with("127.")
        && host.chars().any(char::is_alphanumeric)
        && !host.contains(' ');
    is_reachable.then(|| rest.split('?').next().unwrap_or(rest).to_ascii_lowercase())
}

/// A folder of the host that the server writes to.
fn of_mount(mount: &Mount) -> Option<(&'static str, String)> {
    let from = mount.from.value().filter(|from| from.starts_with('/'))?;
    let writes = mount.mount_kind == "bind" && mount.writable.value() == Some(&true) && !mount.engine_socket;
    writes.then(|| ("folder", from.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_known_by_its_host_and_path() {
        for (name, value, expected) in [
            ("DATABASE_URL", "postgres://a:b@db.acme.internal:5432/orders?ssl=1", Some("db.acme.internal:5432/orders")),
            ("X", "redis://cache.acme.internal/0", Some("cache.acme.internal/0")),
            ("DB_HOST", "db.acme.internal", Some("db.acme.internal")),
            ("S3_BUCKET", "acme-orders", Some("bucket acme-orders")),
            ("DATABASE_URL", "postgres://db:5432/orders", None),
            ("DATABASE_URL", "postgres://127.0.0.1/orders", None),
            ("API_URL", "https://api.acme.example", None),
            ("DB_NAME", "orders", None),
            ("DEBUG", "a.b", None),
        ] {
            assert_eq!(store(name, value).as_deref(), expected, "{name} {value}");
        }
    }
}

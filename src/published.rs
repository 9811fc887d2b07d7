//! JSON Schemas as they are published: how they are printed, and whether the files under `schemas/` are current.

use schemars::JsonSchema;

/// The schema of a type, as its file under `schemas/` has it.
pub fn schema<T: JsonSchema>() -> String {
    let schema = schemars::schema_for!(T);
    serde_json::to_string_pretty(&schema).expect("a schema is plain JSON") + "\n"
}

/// Compares a schema with its published file; with `UPDATE` set it writes that file.
#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "the test reads and, where asked, writes the published file")]
pub fn assert_current(name: &str, schema: &str) {
    let path = format!("{}/schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, schema).expect("the repository can be written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(published, schema, "schemas/{name}.schema.json is out of date; run the test with UPDATE=1");
}

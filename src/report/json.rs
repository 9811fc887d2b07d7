//! The result as JSON: `plimsoll/report/v1` and `plimsoll/inventory/v1`.

use std::io::{self, Write};

use serde::Serialize;

use crate::published;
pub use crate::report::json_types::*;
use crate::report::streamed::{Lines, Streamed, handed_over};
use crate::report::{Renderer, Report, View, convert, text};

/// Schema name of a result.
pub const REPORT: &str = "plimsoll/report/v1";

/// Schema name of an inventory.
pub const INVENTORY: &str = "plimsoll/inventory/v1";

/// The `json` format.
pub struct Json;

impl Renderer for Json {
    fn render(&self, report: &Report, _: &View) -> String {
        print(&convert::report(report))
    }

    fn write(&self, report: &Report, _: &View, out: &mut dyn Write) -> io::Result<()> {
        let mut lines = Lines::new(out, text::escape_json);
        handed_over(&mut lines, |pieces| serde_json::to_writer_pretty(pieces, &Streamed(report)))?;
        lines.write_all(b"\n")?;
        lines.finish()
    }
}

/// The `json` format of `plimsoll inventory`.
pub fn inventory(report: &Report) -> String {
    print(&convert::inventory(report))
}

/// The published JSON Schema of a result.
pub fn schema() -> String {
    published::schema::<ReportDocument>()
}

/// The published JSON Schema of an inventory.
pub fn inventory_schema() -> String {
    published::schema::<InventoryDocument>()
}

/// A value as JSON, with a line break at the end and nothing hidden in it.
pub fn print(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("keys are strings and numbers are finite");
    text::escape_json(&text).into_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn errors(schema: &str, instance: &str) -> Vec<String> {
        let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
        let instance = serde_json::from_str(instance).unwrap();
        validator.iter_errors(&instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    #[test]
    fn published_schemas_are_current() {
        published::assert_current("report", &schema());
        published::assert_current("inventory", &inventory_schema());
    }

    #[test]
    fn results_are_valid_against_the_published_schema() {
        let report = sample::failing();
        let text = Json.render(&report, &View::default());
        assert_eq!(errors(&schema(), &text), [] as [String; 0]);
        assert_eq!(errors(&inventory_schema(), &inventory(&report)), [] as [String; 0]);
        assert!(!errors(&schema(), &text.replace("report/v1", "report/v2")).is_empty(), "another version is refused");
    }

    #[test]
    fn a_result_reads_back_as_written() {
        let text = Json.render(&sample::failing(), &View::default());
        let document: ReportDocument = serde_json::from_str(&text).unwrap();
        assert_eq!(print(&document), text);
        assert_eq!(document.findings[0].location.line, 3);
        assert_eq!((document.findings[0].cwe.as_slice(), document.findings[2].waiver), ([22].as_slice(), Some(0)));
    }
}

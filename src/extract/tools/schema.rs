//! Input and output schemas of a tool.

use crate::extract::tools::sdk::Slots;
use crate::extract::tools::site::Filled;
use crate::flow::{Flow, FunctionRef};
use crate::model::Known;
use crate::model::tool::{Schema, Tool};

/// Fills the schemas of a tool from its slots, or from its function's signature.
pub fn fill(
    flow: &Flow,
    tool: &mut Tool,
    input: Option<Filled>,
    output: Option<Filled>,
    _function: Option<FunctionRef>,
    _slots: &Slots,
) {
    tool.has_input_schema = input.is_some();
    tool.has_output_schema = output.is_some();
    tool.input_schema = schema(flow, input, tool);
    tool.output_schema = schema(flow, output, tool);
}

fn schema(flow: &Flow, filled: Option<Filled>, tool: &Tool) -> Known<Schema> {
    let Some(filled) = filled else { return Known::Absent };
    let span = filled.span.unwrap_or(tool.about.span);
    match flow.json(&filled.meaning) {
        Some(json) => Known::is(Schema { json: json.value, places: json.places, complete: json.complete }, span),
        None => Known::unknown("is made in a way that is not understood", span),
    }
}

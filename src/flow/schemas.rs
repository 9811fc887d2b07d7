//! What schema libraries do with a value besides what JSON Schema says of it.

use crate::code::{FunctionId, Name};
use crate::source::SourceId;

/// What a schema library does with a value besides what its JSON Schema says.
#[derive(Clone, Debug, PartialEq)]
pub enum SchemaTest {
    /// A function says whether the value fits: `refine`.
    Predicate(SourceId, FunctionId),
    /// A function is given the value first and gives back what goes on, or fails: `transform`, `field_validator`.
    Change(SourceId, FunctionId),
    /// The same, and nothing asks whether the value is of the declared type.
    Instead(SourceId, FunctionId),
    /// The same, and what it gives back is held to the declared type afterwards: `mode="before"`.
    Before(SourceId, FunctionId),
    /// A function fails, or says otherwise, where the value does not fit, and gives nothing back: `superRefine`.
    Refuses(SourceId, FunctionId),
    /// A function says whether the object around it fits, or fails; it finds the value under this member.
    Around(SourceId, FunctionId, Name, bool),
    /// A function is given the object around it and gives back the one that goes on, in which the value is under this
    /// member; the last says whether members were looked at before: `model_validator(mode="before")`, `root_validator`.
    Remade(SourceId, FunctionId, Name, bool),
    /// A function is given what holds the value, and a list that it adds to where the value, or this member of it, does not
    /// fit: `check`.
    Listed(SourceId, FunctionId, Option<Name>),
    /// What went on so far fits another schema.
    Fits(serde_json::Value),
    /// Code calls the member by this name.
    Called(Name),
    /// The value is made one of the declared type, whatever it was.
    Coerced,
    /// Something that nothing is known of gives back what goes on.
    Unknown,
}

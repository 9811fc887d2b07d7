//! Text that reaches a model.

use crate::model::known::Known;
use crate::subject;

subject! {
    /// One text that a server shows to a model: a name, a description, a schema's leaf, instructions.
    pub struct ModelText {
        /// What it is: `name`, `title`, `description`, `parameter-name`, `parameter-description`, `default`, `enum`,
        /// `example`, `annotation`, `instructions`, `prompt`, `resource`, `icon`.
        pub slot: String,
        /// The text.
        pub text: String,
        /// Kind of place it was found in: `source`, `dump`, `manifest`, `documentation`.
        pub found_in: String,
        /// Name of the parameter it belongs to.
        pub parameter: Known<String>,
    }
}

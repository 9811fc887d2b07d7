//! Tool boundary documents, `plimsoll/boundary/v1`.

use crate::model::known::{Known, Spanned};
use crate::model::tool::Schema;
use crate::subject;

subject! {
    /// A boundary document file.
    pub struct BoundaryDocument {
        /// Server that it describes.
        pub server_name: Known<String>,
        /// Whether it validates against the published schema.
        pub valid: bool,
        /// Systems that are allowed.
        pub systems_allowed: Known<Vec<Spanned<String>>>,
        /// Systems that are denied.
        pub systems_denied: Known<Vec<Spanned<String>>>,
        /// Whether git tracks it; unknown outside a checkout.
        pub tracked: Known<bool>,
        /// Entries of the allowed systems that are placeholders or wildcards.
        pub vague: Vec<Spanned<String>>,
        /// Entries of the allowed systems that are wildcards.
        pub wildcards: Vec<Spanned<String>>,
        ..
        /// Each violation of the schema, at its key.
        pub errors: Vec<Spanned<String>>,
    }
}

subject! {
    /// What one tool may do, as its boundary document says.
    pub struct Boundary {
        /// `read`, `create`, `update`, `delete`, `execute`, `send`.
        pub operations: Vec<Spanned<String>>,
        /// Objects as `kind:name`.
        pub objects: Vec<Spanned<String>>,
        /// Name of the credential, `none` where it needs none.
        pub credential: Known<String>,
        /// Store that the credential comes from.
        pub credential_store: Known<String>,
        /// Hosts it may reach.
        pub network: Known<Vec<Spanned<String>>>,
        /// Paths it may read.
        pub read: Known<Vec<Spanned<String>>>,
        /// Paths it may write.
        pub write: Known<Vec<Spanned<String>>>,
        /// Programs it may run.
        pub processes: Known<Vec<Spanned<String>>>,
        /// `low`, `medium`, `high`, `block`.
        pub risk: Known<String>,
        /// `none`, `required`.
        pub approval: Known<String>,
        /// Purpose as written.
        pub purpose: Known<String>,
        /// Owner as written.
        pub owner: Known<String>,
        /// Entries that are placeholders, wildcards, bare root paths or empty.
        pub vague: Vec<Spanned<String>>,
        /// Entries of operations, objects or reach that are wildcards.
        pub wildcards: Vec<Spanned<String>>,
        /// Whether a tool of that name is known to exist; unknown where the server's inventory is open.
        pub tool_exists: Known<bool>,
        ..
        /// Documented input schema, references resolved.
        pub input_schema: Known<Schema>,
    }
}

//! What outlives a call and can be shared: stores, credentials, folders, by the environment that uses them.

use crate::model::known::Spanned;
use crate::subject;

subject! {
    /// A store, credential or folder that a production deployment uses, where other environments are described as well.
    pub struct State {
        /// `store`, `credential` or `folder`.
        pub state_kind: String,
        /// Environment that uses it.
        pub environment: String,
        /// Other environments that use the same.
        pub shared_with: Vec<Spanned<String>>,
    }
}

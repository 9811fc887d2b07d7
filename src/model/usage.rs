//! How code uses its libraries and its language, where that decides about safety.

use crate::model::known::Known;
use crate::subject;

subject! {
    /// A place in code where safety depends on how a library or the language is used.
    pub struct Usage {
        /// What depends on it: a topic of the tables under `rules/usages`.
        pub topic: String,
        /// What is called, made or set.
        pub call: String,
        /// Whether it is used soundly; unknown, with the reason, where run time decides.
        pub sound: Known<bool>,
        /// What is so: `verify` is `false`.
        pub setting: String,
    }
}

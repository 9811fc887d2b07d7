//! Settings that decide which tools there are, and what is handed over to what code starts or makes.

use crate::model::evidence::Note;
use crate::model::known::{Known, Spanned};
use crate::subject;

subject! {
    /// A list of tools that settings cut down.
    pub struct Selection {
        /// Settings that decide which tools are listed.
        pub settings: Vec<Spanned<String>>,
        /// Whether calls are held against them before they are dispatched.
        pub enforced: Known<bool>,
        ..
        /// Where tools are listed and where calls are dispatched.
        pub notes: Vec<Note>,
    }
}

subject! {
    /// An environment, secrets, a caller's token or content from outside that is handed over: to something started or made,
    /// to another service, to the model.
    pub struct Handover {
        /// What it is: `environment`, `secrets`, `token` for a caller's own, `result` for secrets in what a tool returns;
        /// `unmarked`, `unscreened` and `unredacted` for content from outside there, by what may be missing.
        pub what: String,
        /// What it is handed to; of content from outside, what that is.
        pub to: String,
        /// Whether only what is meant for it is handed over: for a token or a result, that nothing of it is; for content,
        /// that what may be missing stands on every way.
        pub narrowed: Known<bool>,
        ..
        /// Where it comes from, and what shows that it is more than the receiver's own.
        pub notes: Vec<Note>,
    }
}

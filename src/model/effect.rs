//! What tools do to the world, and which of their arguments take part.

use crate::model::evidence::Note;
use crate::model::known::Known;
use crate::subject;

subject! {
    /// Something that a tool's handler reaches and that acts on the world.
    pub struct Effect {
        /// What it does: `file.read`, `process`, `network`, `sql`, …
        pub kind: String,
        /// Whether it deletes something that a constant or an argument names.
        pub deletes: Known<bool>,
        /// Full name of the call.
        pub call: String,
        /// What it acts upon, where that is one constant.
        pub target: Known<String>,
        /// Whether it changes, deletes or sends something that a constant or an argument names; unknown where it is
        /// something of the program's own making, as a temporary file.
        pub changes: Known<bool>,
        ..
        /// The calls from the handler to it.
        pub path: Vec<Note>,
    }
}

subject! {
    /// An argument of a tool that arrives at an effect.
    pub struct Arrival {
        /// Class of what could go wrong, as the check that asks for it is called.
        pub class: String,
        /// The argument.
        pub argument: String,
        /// What it is to a reader: an argument by its name, or what else comes from outside.
        pub source: String,
        /// What it is an argument of, where that is no tool: ` of the prompt `review``; else empty.
        pub of: String,
        /// What the effect does.
        pub effect: String,
        /// Full name of the call.
        pub call: String,
        /// What stands in between: `open` for nothing, `weak` for a guard that does not hold, `guarded`.
        pub state: String,
        /// What that guard is.
        pub guard: Known<String>,
        ..
        /// The way of the argument to the effect.
        pub path: Vec<Note>,
        /// All tools of which the same is so at this place, where there are several.
        pub tools: Vec<String>,
    }
}

/// What is said of an argument that stands in the path of a URL and that nothing holds to its place there.
pub const IN_URL_PATH: &str =
    "as a part of its URL's path that nothing encodes or checks: `/` and `..` in it lead elsewhere";

/// Whether an effect of a kind changes, deletes or sends something, whatever it is given. What a program, a connection or
/// a statement does depends on what it is given.
pub fn changes(kind: &str) -> bool {
    matches!(kind, "file.write" | "file.delete" | "send" | "archive")
}

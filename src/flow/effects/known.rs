//! Which packages are known, and how much of them.

use crate::flow::effects::{Table, root};

/// How the names of calls begin that make something, and ask it for nothing.
const MAKERS: &[&str] = &["New", "With", "Default", "new", "with_", "default", "builder"];

impl Table {
    /// The package of a call of which no entry says what it does.
    pub fn unknown_package<'a>(&self, call: &'a str) -> Option<&'a str> {
        let root = root(call);
        let is_known = root.is_empty() || root.starts_with('.') || self.knows_of(root, call);
        (!is_known).then_some(root)
    }

    /// Whether all that a package does is listed, or this call of it makes nothing but a value.
    fn knows_of(&self, root: &str, call: &str) -> bool {
        self.known.contains(root)
            && (!self.is_known_by_call || self.whole.contains(root) || self.is_told(call) || is_made(call))
    }

    /// Whether an entry speaks of a call, whatever it says.
    fn is_told(&self, call: &str) -> bool {
        let is_typed = || self.made_by(call).is_some();
        is_typed() || !self.guards(call).is_empty() || self.fills.contains_key(call) || self.is_clean(call)
    }
}

fn is_made(call: &str) -> bool {
    let name = call.rsplit('.').next().unwrap_or(call);
    MAKERS.iter().any(|word| name.starts_with(word))
}

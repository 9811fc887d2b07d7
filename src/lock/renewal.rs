//! A lock written anew: what it pins, what has changed since the one before, and who approves that.

use super::drift::{self, Drift};
use super::{Lock, NAME, below, file, folder_of, pin, read};
use crate::discover::FileKind;
use crate::load::{File, Loaded};
use crate::mistake::Mistakes;
use crate::model::known::Spanned;
use crate::model::{Facts, ServerId};
use crate::source::Span;

/// A new lock for the tree, and what it changes.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// Text of the file.
    pub text: String,
    /// Whether there was a lock before.
    pub existed: bool,
    /// Servers and tools that it pins.
    pub count: (usize, usize),
    /// What has changed since the lock before, with its place as `path:line:column`.
    pub changed: Vec<(String, String)>,
    /// What is there and cannot be pinned.
    pub unknown: Vec<(String, String)>,
    /// Servers that nobody has approved as they are now.
    pub unapproved: Vec<String>,
}

/// Pins the tree as it is. Approvals of servers that have not changed stay; `approval` (who, day) approves all others.
///
/// # Errors
/// Where the lock that is there cannot be read: its approvals must not be lost unseen.
pub fn renew(loaded: Loaded, facts: &Facts, approval: Option<(&str, &str)>) -> Result<Renewal, Mistakes> {
    let locks: Vec<&File> = loaded.files.iter().filter(|file| file.kind == FileKind::Lock).collect();
    let before = locks.iter().find(|file| file.path == NAME).copied();
    let nested: Vec<&str> = locks.iter().map(|file| folder_of(&file.path)).filter(|folder| *folder != ".").collect();
    let elsewhere = |root: &str| nested.iter().any(|folder| below(folder, root));
    let ids = (0..facts.servers.len() as u32).map(ServerId);
    let here: Vec<ServerId> = ids.filter(|id| !elsewhere(&facts.server(*id).root)).collect();
    let mut now = pin::lock(&loaded, facts, &here, ".");
    let then = match before {
        None => Lock::default(),
        Some(file) => match read(&loaded, file) {
            Ok(then) => then,
            Err(all) => return Err(Mistakes { sources: loaded.sources, all }),
        },
    };
    let place = |span: Span| {
        let start = loaded.sources.start(span);
        format!("{}:{}:{}", loaded.sources.path(span.source), start.line, start.column)
    };
    let mut renewal = Renewal {
        text: String::new(),
        existed: before.is_some(),
        count: (now.servers.len(), now.servers.values().map(|server| server.tools.len()).sum()),
        changed: drift::gone(&then, &now).into_iter().map(|one| (place(one.span), one.value)).collect(),
        unknown: Vec::new(),
        unapproved: Vec::new(),
    };
    for (key, server) in &mut now.servers {
        let Drift { changed, unknown } = match then.servers.get(key) {
            Some(pinned) => drift::between(pinned, server),
            None => drift::new(&key.0, server),
        };
        let kept = then.servers.get(key).and_then(|pinned| pinned.approval.clone()).filter(|_| changed.is_empty());
        let fresh = approval.map(|(by, day)| (Spanned::new(by.to_string(), server.span), day.to_string()));
        server.approval = kept.or(fresh);
        if server.approval.is_none() {
            renewal.unapproved.push(key.0.clone());
        }
        renewal.changed.extend(changed.into_iter().map(|one| (place(one.span), one.value)));
        renewal.unknown.extend(unknown.into_iter().map(|one| (place(one.span), one.value)));
    }
    renewal.text = file::write(&now);
    Ok(renewal)
}

impl Renewal {
    /// Exit code of a comparison: 1 where something has changed or nobody approved it, 3 where not all can be known.
    pub fn exit_code(&self) -> u8 {
        if !self.existed || !self.changed.is_empty() || !self.unapproved.is_empty() {
            return 1;
        }
        if self.unknown.is_empty() { 0 } else { 3 }
    }

    /// What there is to say, for people; `checked` where nothing was written.
    pub fn told(&self, checked: bool, quiet: bool) -> String {
        let mut out = String::new();
        let told: &[(&str, &[(String, String)])] =
            &[("changed", &self.changed), ("not known", if checked { &self.unknown } else { &[] })];
        for (word, list) in told.iter().filter(|_| !quiet && self.existed) {
            for (place, text) in *list {
                out.push_str(&format!("{place}: {word}: {}\n", escape(text)));
            }
        }
        let unapproved: Vec<String> = self.unapproved.iter().map(|name| escape(name)).collect();
        out.push_str(&self.verdict(checked, &unapproved.join(", ")));
        out.push('\n');
        out
    }

    fn verdict(&self, checked: bool, unapproved: &str) -> String {
        let (servers, tools) = self.count;
        let pinned = format!("{}, {}", counted(servers, "server"), counted(tools, "tool"));
        if checked {
            return match self.exit_code() {
                0 => format!("lock: as approved ({pinned})"),
                3 => format!(
                    "lock: unchanged as far as known, {} cannot be compared ({pinned})",
                    counted(self.unknown.len(), "part")
                ),
                _ if !self.existed => "lock: there is none; `plimsoll lock --approved-by NAME` writes it".to_string(),
                _ if self.changed.is_empty() => format!("lock: nobody has approved {unapproved}"),
                _ => format!("lock: {} since it was approved", counted(self.changed.len(), "change")),
            };
        }
        let rest = if self.unapproved.is_empty() {
            "all approved".to_string()
        } else {
            format!("not approved: {unapproved}; look at them and run it with --approved-by NAME")
        };
        format!("{NAME}: {pinned} pinned; {rest}")
    }
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Text of the audited tree without what a terminal would act on.
fn escape(text: &str) -> String {
    let shown = |c: char| c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric();
    text.chars().map(|c| if shown(c) { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

//! Bake files of `docker buildx`, in HCL or JSON, as far as they are literal.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::document::Node;

/// Targets that may inherit from each other in a row.
const DEPTH: usize = 4;
/// Bytes of a bake file that are looked through.
const FILE: usize = 400_000;

/// What a target says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The folder that is sent.
    pub context: Option<String>,
    /// The recipe, relative to that folder.
    pub dockerfile: Option<String>,
    /// The stage.
    pub stage: Option<String>,
    /// References of what comes out.
    pub tags: Vec<String>,
    inherits: Vec<String>,
}

static HEAD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?m)^\s*target\s+"([^"]+)"\s*\{"#).expect("a fixed pattern"));
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    let keys = "context|dockerfile|target|tags|inherits";
    Regex::new(&format!(r#"(?m)^\s*({keys})\s*=\s*("[^"]*"|\[[^\]]*\])"#)).expect("a fixed pattern")
});
static QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""([^"]*)""#).expect("a fixed pattern"));

/// The targets of a file in HCL, with what each inherits.
pub fn of_hcl(text: &str) -> Vec<Target> {
    let text = text.get(..FILE.min(text.len())).unwrap_or(text);
    let mut targets = BTreeMap::new();
    for head in HEAD.captures_iter(text) {
        let (Some(whole), Some(name)) = (head.get(0), head.get(1)) else { continue };
        let body = block(text.get(whole.end()..).unwrap_or(""));
        let mut target = Target::default();
        for pair in KEY.captures_iter(body) {
            let (key, value) = (&pair[1], &pair[2]);
            let texts: Vec<String> = QUOTED.captures_iter(value).map(|text| text[1].to_string()).collect();
            target.set(key, texts);
        }
        targets.insert(name.as_str().to_string(), target);
    }
    whole(&targets)
}

/// The targets of a file in JSON.
pub fn of_json(root: Node<'_>) -> Vec<Target> {
    let mut targets = BTreeMap::new();
    for (name, node) in root.get("target").into_iter().flat_map(Node::entries) {
        let mut target = Target::default();
        for (key, value) in node.entries() {
            let texts = value.items().chain([value]).filter_map(Node::scalar).collect();
            target.set(key.as_str().unwrap_or(""), texts);
        }
        targets.insert(name.scalar().unwrap_or_default(), target);
    }
    whole(&targets)
}

/// The text up to the brace that closes.
fn block(text: &str) -> &str {
    let mut depth = 1usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}

fn whole(targets: &BTreeMap<String, Target>) -> Vec<Target> {
    targets.values().map(|target| inherited(target, targets, DEPTH)).collect()
}

fn inherited(target: &Target, all: &BTreeMap<String, Target>, depth: usize) -> Target {
    let mut own = target.clone();
    let bases = target.inherits.iter().rev().filter_map(|name| all.get(name)).take(DEPTH);
    for base in bases.filter(|_| depth > 0) {
        let base = inherited(base, all, depth - 1);
        own.context = own.context.or(base.context);
        own.dockerfile = own.dockerfile.or(base.dockerfile);
        own.stage = own.stage.or(base.stage);
        if own.tags.is_empty() {
            own.tags = base.tags;
        }
    }
    own
}

impl Target {
    fn set(&mut self, key: &str, texts: Vec<String>) {
        let first = || texts.first().cloned();
        match key {
            "context" => self.context = first(),
            "dockerfile" => self.dockerfile = first(),
            "target" => self.stage = first(),
            "tags" => self.tags = texts,
            "inherits" => self.inherits = texts,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_have_what_they_inherit() {
        let text = "variable \"TAG\" { default = \"1\" }\ntarget \"base\" {\n  context = \"svc\"\n  args = {\n    A = \"b\"\n  }\n}\n\
                    target \"run\" {\n  inherits = [\"base\"]\n  target = \"final\"\n  tags = [\n    \"a/orders:${TAG}\",\n    \"orders\"\n  ]\n}\n";
        let found = of_hcl(text);
        let run = found.iter().find(|target| !target.tags.is_empty()).expect("one has tags");
        assert_eq!((run.context.as_deref(), run.stage.as_deref()), (Some("svc"), Some("final")));
        assert_eq!(run.tags, ["a/orders:${TAG}", "orders"]);
        let circle =
            "target \"a\" {\n inherits = [\"b\", \"b\"]\n}\ntarget \"b\" {\n inherits = [\"a\", \"a\"]\n}\n{{{";
        assert_eq!(of_hcl(circle).len(), 2);
    }
}

//! Chains of keys in configurations, which may be nested or written with dots.

use crate::document::Node;

/// Nodes behind a dotted chain; `*` is any key, and a key of the file may itself hold dots (`"mcp.servers"`).
pub fn at<'a>(root: Node<'a>, chain: &str) -> Vec<Node<'a>> {
    let steps: Vec<&str> = chain.split('.').collect();
    let mut found = Vec::new();
    follow(root, &steps, &mut found);
    found
}

/// Chains are as long as our own tables write them, so recursion is too.
fn follow<'a>(node: Node<'a>, steps: &[&str], found: &mut Vec<Node<'a>>) {
    if steps.is_empty() {
        found.push(node);
        return;
    }
    if steps[0] == "*" {
        for (_, value) in node.entries().take(1_000) {
            follow(value, &steps[1..], found);
        }
        return;
    }
    for taken in 1..=steps.len() {
        if let Some(next) = node.get(&steps[..taken].join(".")) {
            follow(next, &steps[taken..], found);
        }
    }
}

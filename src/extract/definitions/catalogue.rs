//! Docker MCP catalogues: servers by image or URL.

use crate::discover::hosts::Syntax;
use crate::document::{Document, Node};
use crate::extract::command::{Launch, package_of};
use crate::extract::definitions::setting::Origin;
use crate::extract::definitions::{entry, placeholder};
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};

/// Servers that are read from one catalogue.
const MAX_SERVERS: usize = 10_000;

/// Reads every server of `registry`.
pub fn extract(document: &Document, facts: &mut Facts) {
    let registry = document.root().and_then(|root| root.get("registry"));
    for (name, server) in registry.into_iter().flat_map(Node::entries).take(MAX_SERVERS) {
        let text = |node: Node<'_>| Some(Spanned::new(node.scalar()?, node.span()));
        let mut launch = match server.get("image").and_then(text) {
            Some(image) => package_of("oci", &image, None),
            None => Launch::default(),
        };
        if let Some(url) = server.at(&["remote", "url"]).and_then(text) {
            launch.remote = Known::Is(url);
        }
        if launch.package.is_absent() && launch.remote.is_absent() {
            continue;
        }
        let origin = Origin { definition: name.span(), file_kind: "catalogue", hosts: &[] };
        let about = About::new(name.scalar().unwrap_or_default(), name.span());
        let mut definition = entry::launched(about, &[], Vec::new(), launch, origin, facts);
        definition.hosts = vec!["docker-mcp".to_string()];
        let confined = !definition.package.is_absent();
        if confined {
            definition.confinement = Known::is("container".to_string(), name.span());
            definition.transport = Known::is("stdio".to_string(), name.span());
        } else {
            definition.transport = Known::is("http".to_string(), name.span());
        }
        facts.definitions.push(definition);
        for item in server.get("env").into_iter().flat_map(Node::items) {
            let (Some(name), Some(value)) = (item.get("name").and_then(text), item.get("value").and_then(text)) else {
                continue;
            };
            let judgement = placeholder::judge_for(&value.value, &[Syntax::Template]);
            facts.settings.push(origin.judged("environment", &name.value, &value, name.span, judgement));
        }
    }
}

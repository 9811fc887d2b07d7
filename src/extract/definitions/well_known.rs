//! What a host publishes of itself for clients: server cards, catalogues of agents and servers, OAuth metadata.

use crate::document::{Document, Node};
use crate::extract::command::Launch;
use crate::extract::definitions::catalogue::word;
use crate::extract::definitions::setting::Origin;
use crate::extract::definitions::{access, entry, registry};
use crate::extract::dumps;
use crate::load::content;
use crate::model::known::{Known, Spanned};
use crate::model::tool::ToolOrigin;
use crate::model::{About, Facts};

/// Entries that are read from one catalogue.
const MAX_ENTRIES: usize = 10_000;

/// Reads every document of a file by what it holds.
pub fn extract(document: &Document, facts: &mut Facts) {
    for root in document.roots() {
        if content::is_authorization(root) {
            access::metadata(root, facts);
        } else if let Some(entries) = root.get("entries").or_else(|| root.get("servers")).filter(|list| list.is_list())
        {
            entries.items().take(MAX_ENTRIES).for_each(|item| listed(item, facts));
        } else {
            card(root, facts);
        }
    }
}

/// A card of the published form names its remotes as the registry does; the drafts before it name one transport.
fn card(root: Node<'_>, facts: &mut Facts) {
    registry::extract(root, facts);
    let info = root.get("serverInfo").unwrap_or(root);
    let endpoint = root.at(&["transport", "endpoint"]).or_else(|| root.get("endpoint")).and_then(word);
    if let (Some(name), Some(url)) = (info.get("name"), endpoint.filter(|url| url.value.contains("://"))) {
        reached(&name.scalar().unwrap_or_default(), url, "registry", facts);
    }
    if let Some(tools) = root.get("tools").filter(|tools| tools.is_list()) {
        facts.tools.extend(dumps::tools(tools, ToolOrigin::Manifest));
    }
}

/// An entry of a catalogue: a card written out, or the address of one. One that lies in another domain than the name it
/// is listed under is a server of somebody else.
fn listed(item: Node<'_>, facts: &mut Facts) {
    if let Some(card) = item.get("data").filter(|data| data.is_map()) {
        return self::card(card, facts);
    }
    let named = ["identifier", "name", "displayName"].iter().find_map(|key| item.get(key)).and_then(Node::scalar);
    let (Some(name), Some(url)) = (named, item.get("url").and_then(word)) else { return };
    let owner = name.strip_prefix("urn:air:").and_then(|rest| rest.split(':').next()).map(str::to_ascii_lowercase);
    let host = host_of(&url.value).to_ascii_lowercase();
    let own = owner.is_none_or(|owner| host == owner || host.ends_with(&format!(".{owner}")));
    let short = name.rsplit(':').next().unwrap_or(&name).to_string();
    reached(&short, url, if own { "registry" } else { "ai-catalog" }, facts);
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.split(':').next().unwrap_or(host)
}

/// A server that is reached at an address.
fn reached(name: &str, url: Spanned<String>, host: &str, facts: &mut Facts) {
    let origin = Origin { definition: url.span, file_kind: "registry", hosts: &[], guests: &[] };
    let launch = Launch { remote: Known::Is(url.clone()), ..Launch::default() };
    let mut definition = entry::launched(About::new(name, url.span), &[], Vec::new(), launch, origin, facts);
    definition.hosts = vec![host.to_string()];
    definition.transport = Known::is("http".to_string(), url.span);
    facts.settings.push(origin.setting("url", "url", &url, url.span));
    facts.definitions.push(definition);
}

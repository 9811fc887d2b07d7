//! How access is authorised: OAuth metadata that servers publish, and the OAuth part of a client's entry.

use crate::document::Node;
use crate::extract::definitions::catalogue::word;
use crate::model::definition::{Authorization, Definition};
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};
use crate::source::Span;

/// Most scopes and addresses of one document.
const MAX_ITEMS: usize = 1_000;
/// Keys whose value is an address of the authorisation server.
const ENDPOINTS: &[&str] = &[
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "registration_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "resource",
];

fn authorization(kind: &str, name: String, place: Span) -> Authorization {
    Authorization {
        about: About::new(name, place),
        kind: kind.to_string(),
        scopes: Vec::new(),
        asks_for_all: false,
        pkce: Known::Absent,
        plain_addresses: Vec::new(),
    }
}

/// Metadata of a protected resource or of an authorisation server.
pub fn metadata(root: Node<'_>, facts: &mut Facts) {
    let is_resource = root.get("authorization_servers").is_some();
    let Some(subject) = root.get(if is_resource { "resource" } else { "issuer" }) else { return };
    let kind = if is_resource { "protected-resource" } else { "authorization-server" };
    let mut found = authorization(kind, subject.scalar().unwrap_or_default(), subject.span());
    // What an authorisation server can grant is for all of its resources; what a resource lists is what clients ask for.
    if is_resource {
        found.scopes = scopes(root.get("scopes_supported"));
    } else {
        let methods = root.get("code_challenge_methods_supported");
        let strong = methods.is_some_and(|methods| methods.items().any(|method| method.as_str() == Some("S256")));
        found.pkce = Known::is(strong, methods.map_or(subject.span(), |methods| methods.span()));
    }
    let single = ENDPOINTS.iter().filter_map(|key| root.get(key));
    let listed = root.get("authorization_servers").into_iter().flat_map(Node::items).take(MAX_ITEMS);
    found.plain_addresses = single.chain(listed).filter_map(word).filter(|address| is_plain(&address.value)).collect();
    facts.authorizations.push(found);
}

/// What an entry of a client asks for, where it says anything about OAuth.
pub fn of_entry(server: Node<'_>, definition: &Definition, facts: &mut Facts) {
    let blocks = ["oauth", "auth"].iter().filter_map(|key| server.get(key)).filter(|block| block.is_map());
    let block = blocks.clone().next();
    let lists = blocks.flat_map(|block| ["scopes", "scope"].into_iter().filter_map(move |key| block.get(key)));
    let list = lists.chain(server.get("scopes")).next();
    let Some(place) = list.or(block).map(|node| node.span()).filter(|_| definition.url.value().is_some()) else {
        return;
    };
    let mut found = authorization("client", definition.about.name.clone(), place);
    found.scopes = scopes(list);
    // A client that names none is offered whatever the server lists.
    found.asks_for_all = list.is_none() && server.at(&["auth", "CLIENT_ID"]).is_some();
    found.about.part_of = Some(definition.about.span);
    facts.authorizations.push(found);
}

/// A list of scopes, or one text with blanks between them.
pub fn scopes(node: Option<Node<'_>>) -> Vec<Spanned<String>> {
    let Some(node) = node else { return Vec::new() };
    if node.is_list() {
        return node.items().take(MAX_ITEMS).filter_map(word).collect();
    }
    let text = node.as_str().unwrap_or_default();
    text.split([' ', ','])
        .filter(|scope| !scope.is_empty())
        .take(MAX_ITEMS)
        .map(|scope| Spanned::new(scope.to_string(), node.span()))
        .collect()
}

/// An address that anybody on the way can read and change.
fn is_plain(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else { return false };
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or(rest);
    !(host == "localhost" || host.starts_with("127.") || host.starts_with('['))
}

/// Scopes that a gateway offers for what stands behind it.
pub fn offered(name: &str, list: Node<'_>, facts: &mut Facts) {
    let mut found = authorization("protected-resource", name.to_string(), list.span());
    found.scopes = scopes(Some(list));
    facts.authorizations.push(found);
}

/// Scopes that a catalogue asks for on behalf of a server.
pub fn asked(name: &str, oauth: Node<'_>, facts: &mut Facts) {
    let mut found = authorization("client", name.to_string(), oauth.span());
    found.scopes = scopes(oauth.get("scopes"));
    facts.authorizations.push(found);
}

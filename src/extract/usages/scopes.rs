//! Which OAuth scopes code asks for: `rules/oauth-scopes.yml` tells those that open a whole account from narrow ones.

use regex::RegexSet;
use serde::Deserialize;

use crate::code::{MapKey, ValueId, ValueKind};
use crate::embedded;
use crate::extract::usages::table::words;
use crate::flow::meaning::value_in;
use crate::flow::{Flow, Meaning, ModuleId, ValueRef};
use crate::model::usage::Usage;
use crate::model::{About, Known};

/// Topic of what is found here.
const TOPIC: &str = "oauth-scope";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    broad: Vec<String>,
    narrow: Vec<String>,
}

/// What scopes mean.
pub struct Scopes {
    broad: RegexSet,
    narrow: RegexSet,
}

impl Scopes {
    /// The built-in table.
    pub fn built_in() -> Self {
        let text = embedded::text("oauth-scopes.yml").expect("the table is embedded");
        let file: File = serde_yaml::from_str(text).expect("a test reads the built-in table");
        let set = |all: &[String]| {
            let whole: Vec<String> = all.iter().map(|one| format!("^(?:{one})$")).collect();
            RegexSet::new(whole).expect("a test compiles the built-in patterns")
        };
        Self { broad: set(&file.broad), narrow: set(&file.narrow) }
    }

    /// Every place of a module that asks for scopes.
    pub fn find(&self, flow: &Flow, module: ModuleId) -> Vec<Usage> {
        let mut found: Vec<Usage> = Vec::new();
        for at in 0..flow.program.module(module).values.len() {
            let value = value_in(module, ValueId(at as u32));
            let asked = asked_for(flow, value);
            let is_oauth = !asked.is_empty() && speaks_of_oauth(flow.sources.slice(flow.span(value)));
            for usage in asked.into_iter().filter_map(|scopes| self.usage(flow, scopes, is_oauth)) {
                // One list that is handed to several calls is one request.
                if !found.iter().any(|known| known.setting == usage.setting) {
                    found.push(usage);
                }
            }
        }
        found
    }

    fn usage(&self, flow: &Flow, scopes: ValueRef, is_oauth: bool) -> Option<Usage> {
        let (meaning, _) = flow.asking_within(400, || flow.meaning(scopes, &None));
        let all = scopes_of(flow, &meaning)?;
        // `scope: "user"` is said of many things.
        if !is_oauth && !all.iter().any(|scope| scope.contains(['.', ':', '/'])) {
            return None;
        }
        let span = flow.span(scopes);
        let (sound, setting) = match all.iter().find(|scope| self.broad.is_match(scope)) {
            Some(broad) => (Known::is(false, span), format!("`{broad}`")),
            None if !all.iter().any(|scope| self.narrow.is_match(scope)) => return None,
            None => match all.iter().find(|scope| !self.narrow.is_match(scope)) {
                Some(other) => (Known::unknown(format!("not known: what `{other}` opens"), span), all.join(" ")),
                None => (Known::is(true, span), format!("`{}`", all.join(" "))),
            },
        };
        let about = About::new("OAuth scopes", span);
        Some(Usage { about, topic: TOPIC.to_string(), call: "OAuth scopes".to_string(), sound, setting })
    }
}

/// Whether a call or literal names the other parts of a request for a token.
fn speaks_of_oauth(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let words =
        ["client_id", "clientid", "redirect_uri", "redirecturi", "redirecturl", "oauth", "response_type", "token"];
    text.len() < 20_000 && words.iter().any(|word| text.contains(word))
}

/// The scopes that a call, a literal or an object asks for, by keyword or by what the argument is called.
fn asked_for(flow: &Flow, value: ValueRef) -> Vec<ValueRef> {
    let of = |id: ValueId| value_in(value.module, id);
    let is_named = |name: &str| matches!(name, "scope" | "scopes" | "Scopes" | "oauth_scopes" | "oauthScopes");
    let is_list = |name: &str| name.to_ascii_lowercase().ends_with("scopes");
    let entries = |entries: &[crate::code::MapEntry]| -> Vec<ValueRef> {
        let named = entries.iter().filter(|entry| matches!(&entry.key, MapKey::Name(name, _) if is_named(name)));
        named.map(|entry| of(entry.value)).collect()
    };
    match flow.kind(value) {
        ValueKind::Map(all) => entries(all),
        ValueKind::Construct { entries: all, .. } => entries(all),
        ValueKind::Call(call) => {
            let is_scopes = |argument: &&crate::code::Argument| match (&argument.name, flow.kind(of(argument.value))) {
                (Some(name), _) => is_named(name),
                (None, ValueKind::Name(name) | ValueKind::Field { name, .. }) => is_list(name),
                (None, ValueKind::Spread(inner)) => {
                    matches!(flow.kind(of(*inner)), ValueKind::Name(name) if is_list(name))
                }
                _ => false,
            };
            let value = |argument: &crate::code::Argument| match flow.kind(of(argument.value)) {
                ValueKind::Spread(inner) => of(*inner),
                _ => of(argument.value),
            };
            call.arguments.iter().filter(is_scopes).map(value).collect()
        }
        _ => Vec::new(),
    }
}

/// One word for each scope; nothing where they are not all known.
fn scopes_of(flow: &Flow, meaning: &Meaning) -> Option<Vec<String>> {
    let all = words(flow, meaning)?;
    let split =
        |text: &str| text.split([' ', ',']).map(str::to_string).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    Some(all.iter().flat_map(|word| split(&word.text)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_that_open_a_whole_account_are_told_from_narrow_ones() {
        let scopes = Scopes::built_in();
        for broad in [
            "https://www.googleapis.com/auth/drive",
            "repo",
            "Mail.ReadWrite",
            "admin:org",
            "*",
            "https://mail.google.com/",
        ] {
            assert!(scopes.broad.is_match(broad) && !scopes.narrow.is_match(broad), "{broad}");
        }
        for narrow in
            ["https://www.googleapis.com/auth/drive.readonly", "read:user", "openid", "Mail.Read", "channels:read"]
        {
            assert!(scopes.narrow.is_match(narrow) && !scopes.broad.is_match(narrow), "{narrow}");
        }
        assert!(!scopes.broad.is_match("mcp:tools") && !scopes.narrow.is_match("mcp:tools"));
    }
}

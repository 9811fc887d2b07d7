//! Claude Code's hooks on MCP tools: whether one that is meant as a gate can stop a call.

use std::sync::LazyLock;

use regex::Regex;

use crate::discover::pattern;
use crate::document::{Document, Node};
use crate::load::{File, Loaded};
use crate::model::definition::HostSetting;
use crate::model::known::Known;
use crate::model::{About, Facts};
use crate::source::Span;

/// Files that hold hooks.
const FILES: &[&str] =
    &[".claude/settings.json", ".claude/settings.local.json", "managed-settings.json", "hooks/hooks.json"];
/// Most groups of one file.
const MAX_GROUPS: usize = 1_000;

static PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:\$\{?CLAUDE_PROJECT_DIR\}?"?/|\./|(?:^|\s))(?P<path>[A-Za-z0-9_./-]+\.(?:sh|bash|py|js|mjs|cjs|ts|rb|pl))\b"#)
        .expect("a fixed pattern")
});
static BLOCKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\bexit\s*\(?\s*2\b|exitCode\s*=\s*2\b|permissionDecision|["']?decision["']?\s*[:=]\s*\\?["']block|\breturn\s+2\b"#)
        .expect("a fixed pattern")
});
static FAILS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:sys\.|process\.)?exit\s*\(?\s*1\b|exitCode\s*=\s*1\b").expect("a fixed pattern")
});

/// Reads the hooks that run before a tool and are about tools of MCP servers.
pub fn extract(loaded: &Loaded, file: &File, document: &Document, facts: &mut Facts) {
    if !FILES.iter().any(|known| pattern::ends_with(known, &file.path)) {
        return;
    }
    let groups = document.root().and_then(|root| root.at(&["hooks", "PreToolUse"]));
    for group in groups.into_iter().flat_map(Node::items).take(MAX_GROUPS) {
        let Some(matcher) =
            group.get("matcher").filter(|node| node.as_str().is_some_and(|text| text.contains("mcp__")))
        else {
            continue;
        };
        let text = matcher.as_str().unwrap_or_default();
        for hook in group.get("hooks").into_iter().flat_map(Node::items) {
            let fault =
                unmatched(text, file, facts).map(|why| (why, matcher.span())).or_else(|| powerless(loaded, file, hook));
            facts.host_settings.push(fact(text, fault, matcher.span()));
        }
    }
}

fn fact(matcher: &str, fault: Option<(String, Span)>, place: Span) -> HostSetting {
    let (effect, value, span) = match fault {
        Some((why, span)) => ("gates-nothing", why, span),
        None => ("restricts", "runs before the call".to_string(), place),
    };
    HostSetting {
        about: About::new(matcher, span),
        host: "claude-code".into(),
        key: "hooks.PreToolUse".into(),
        value: Known::is(value, span),
        effect: effect.into(),
    }
}

/// Why a matcher matches no tool. Without a special character it is a list of whole names.
fn unmatched(matcher: &str, file: &File, facts: &Facts) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ' | ',' | '|');
    if matcher.chars().all(plain) {
        let mut names = matcher.split(['|', ',']).map(str::trim).filter(|name| name.starts_with("mcp__"));
        let whole = names.find(|name| !name.trim_start_matches("mcp__").contains("__"))?;
        return Some(format!("`{whole}` is compared as a whole name and matches no tool; write `{whole}__.*`"));
    }
    // A plug-in's own servers are named after the plug-in as well.
    let folder = file.path.strip_suffix("hooks/hooks.json")?;
    let server = matcher.trim_start_matches('^').strip_prefix("mcp__")?.split("__").next()?;
    let own = facts.definitions.iter().any(|definition| {
        definition.about.name == server && definition.hosts.iter().any(|host| host == "claude-code-plugin")
    });
    (own && !server.starts_with("plugin_"))
        .then(|| format!("tools of the plug-in in `{folder}` are named `mcp__plugin_<plug-in>_{server}__…`"))
}

/// Why a hook cannot stop a call, where it means to.
fn powerless(loaded: &Loaded, file: &File, hook: Node<'_>) -> Option<(String, Span)> {
    let command = hook.get("command").filter(|node| node.as_str().is_some());
    let line = command.and_then(Node::as_str).unwrap_or_default();
    let script = script(loaded, file, line);
    let place = command.map_or(hook.span(), |node| node.span());
    if let Some(Err(path)) = &script {
        return Some((
            format!("`{path}` is not in the tree, and a command that is not found lets the call pass"),
            place,
        ));
    }
    let text = match &script {
        Some(Ok(text)) => *text,
        _ => line,
    };
    if let Some(switch) = hook.get("async").filter(|node| node.as_bool() == Some(true)) {
        return Some(("it runs beside the call (`async`), which does not wait for it".to_string(), switch.span()));
    }
    let fails = FAILS.is_match(text) && !BLOCKS.is_match(text);
    fails.then(|| {
        ("exit code 1 lets the call pass; only 2, or a `permissionDecision` of `deny`, stops it".to_string(), place)
    })
}

/// Text of the script of the project that a command runs, or its path where there is none.
fn script<'a>(loaded: &'a Loaded, file: &File, line: &str) -> Option<Result<&'a str, String>> {
    let found = PATH.captures(line)?;
    let own = line.contains("CLAUDE_PROJECT_DIR") || !line.contains('$');
    let path = found.name("path").filter(|path| own && !path.as_str().starts_with('/'))?.as_str();
    let project = file.path.rsplit_once(".claude/").map_or("", |(project, _)| project);
    let path = format!("{project}{path}");
    match loaded.find(&path) {
        Some(file) => Some(Ok(loaded.sources.get(file.source).text())),
        None if line.contains("CLAUDE_PROJECT_DIR") && file.path.contains(".claude/") => Some(Err(path)),
        None => None,
    }
}

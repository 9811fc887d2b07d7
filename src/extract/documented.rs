//! Configuration shown in README and other documentation: what it would launch, and secrets that stand in it.

use crate::discover::FileKind;
use crate::document::{self, Node, Syntax};
use crate::extract::definitions;
use crate::extract::secrets::{entropy, is_placeholder, mask};
use crate::gap::Gap;
use crate::load::{File, Loaded};
use crate::model::definition::Setting;
use crate::model::known::Known;
use crate::model::project::Secret;
use crate::model::{About, Facts};

/// Most blocks of one document, and most bytes of one block.
const MAX_BLOCKS: usize = 500;
const MAX_BLOCK: usize = 200_000;

/// Reads the fenced blocks of every document in prose.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    for file in loaded.files.iter().filter(|file| file.kind == FileKind::Prose) {
        let text = loaded.sources.get(file.source).text();
        if !MARKS.iter().any(|mark| text.contains(mark)) {
            continue;
        }
        for block in blocks(text).take(MAX_BLOCKS) {
            read(file, &block, facts);
        }
    }
}

/// What a document must hold to be looked through.
const MARKS: &[&str] =
    &["mcpServers", "mcp_servers", "context_servers", "\"servers\"", "\"mcp\"", "extensions:", "mcp-servers"];

/// A fenced block.
struct Block<'a> {
    info: &'a str,
    text: &'a str,
    start: usize,
}

/// Fenced blocks in order; a fence that is not closed ends with the text.
fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut at = 0;
    let mut open: Option<(&str, &str, usize)> = None;
    let lines: Vec<(usize, &str)> = text
        .split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            (start, line)
        })
        .collect();
    let mut found = Vec::new();
    for (start, line) in lines {
        let bare = line.trim_start().trim_start_matches("> ").trim_end();
        let marks: usize =
            bare.chars().take_while(|c| *c == '`').count().max(bare.chars().take_while(|c| *c == '~').count());
        match open {
            Some((fence, info, from)) if marks >= fence.len() && bare.len() == marks && bare.starts_with(fence) => {
                found.push(Block { info, text: text.get(from..start).unwrap_or_default(), start: from });
                open = None;
            }
            None if marks >= 3 => {
                let (fence, info) = bare.split_at(marks);
                open = Some((fence, info.trim(), start + line.len()));
            }
            _ => {}
        }
    }
    found.into_iter()
}

/// Text of a block within a quotation, the marks of which become spaces; nothing where its lines carry none.
fn unquoted(text: &str) -> Option<String> {
    let is_quoted = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('>');
    if !text.lines().all(is_quoted) {
        return None;
    }
    let line = |line: &str| {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        format!("{}{bare}", " ".repeat(line.len() - bare.len()))
    };
    Some(text.split_inclusive('\n').map(line).collect())
}

fn read(file: &File, block: &Block<'_>, facts: &mut Facts) {
    if block.text.len() > MAX_BLOCK || block.text.trim().is_empty() {
        return;
    }
    let word = block.info.split([' ', '{', ',', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let syntaxes: &[Syntax] = match word.as_str() {
        "json" | "jsonc" | "json5" | "js" | "javascript" => &[Syntax::Json],
        "toml" => &[Syntax::Toml],
        "yaml" | "yml" => &[Syntax::Yaml],
        "" | "text" | "txt" | "config" => &[Syntax::Json, Syntax::Toml],
        // What begins with a brace is no command, whatever the fence says.
        _ if block.text.trim_start().starts_with('{') => &[Syntax::Json],
        _ => return,
    };
    let quoted = unquoted(block.text);
    let text = quoted.as_deref().unwrap_or(block.text);
    // Entries that belong into a file that is there already come without the braces around them.
    let is_piece = text.trim_start().starts_with('"') && block.start > 0;
    let whole = if is_piece { Some(format!("{{{text}}}")) } else { None };
    for syntax in syntaxes {
        let (text, start) = match (&whole, syntax) {
            (Some(whole), Syntax::Json) => (whole.as_str(), block.start - 1),
            (_, _) => (text, block.start),
        };
        let (document, gaps): (_, Vec<Gap>) = document::parse_piece(file.source, *syntax, text, start);
        let Some(root) = document.root().filter(|root| root.is_map() || gaps.is_empty()) else { continue };
        let mut shown = Facts::default();
        for map in definitions::shown_servers(root) {
            definitions::show(map, &mut shown);
        }
        if shown.definitions.is_empty() {
            continue;
        }
        facts.secrets.extend(shown.settings.iter().filter_map(secret));
        facts.documented.extend(shown.definitions);
        return;
    }
}

/// A value under a telling name that is random enough to be one. Those with a provider's shape are found in any text.
fn secret(setting: &Setting) -> Option<Secret> {
    let Known::Is(why) = &setting.secret else { return None };
    let value = setting.value.value()?.trim();
    let random = value.len() >= 24
        && entropy(value) >= 4.2
        && value.chars().any(|c| c.is_ascii_digit())
        && !value.contains([' ', '/', '<', '$', '{']);
    if !matches!(why.value.as_str(), "name" | "entropy") || !random || is_placeholder(value) || setting.reference {
        return None;
    }
    Some(Secret {
        about: About::new("documented-value", why.span),
        shape: "documented-value".into(),
        masked: mask(value),
        file_kind: "documentation".into(),
        certainty: "medium".into(),
        tracked: Known::Absent,
    })
}

/// Whether a node looks like a server that some host starts.
pub fn is_entry(node: Node<'_>) -> bool {
    node.get("command").is_some()
        || node.get("url").is_some()
        || node.get("serverUrl").is_some()
        || node.get("httpUrl").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::discover_text;
    use crate::load::load;

    /// Text of a README, and `name runner package version` of what it shows, with the number of secrets.
    fn check(text: &str, expected: &[&str], secrets: usize) {
        let loaded = load(discover_text("README.md", text.to_string()));
        let mut facts = Facts::default();
        extract(&loaded, &mut facts);
        let value = |known: &Known<String>| known.value().cloned().unwrap_or_else(|| "-".into());
        let shown: Vec<String> = facts
            .documented
            .iter()
            .map(|one| {
                format!("{} {} {} {}", one.about.name, value(&one.runner), value(&one.package), value(&one.version))
            })
            .collect();
        assert_eq!(
            (shown.iter().map(String::as_str).collect::<Vec<_>>(), facts.secrets.len()),
            (expected.to_vec(), secrets),
            "{text}"
        );
        assert!(facts.definitions.is_empty() && facts.settings.is_empty(), "documentation is no deployment");
        for one in &facts.documented {
            assert!(loaded.sources.slice(one.about.span).contains(&one.about.name), "places are those of the file");
        }
    }

    #[test]
    fn blocks_are_read_as_documentation() {
        check(
            "# x\n\n```json\n{\"mcpServers\": {\"a\": {\"command\": \"npx\", \"args\": [\"-y\", \"p@1.0.0\"]}}}\n```\n",
            &["a npx p 1.0.0"],
            0,
        );
        check("```toml\n[mcp_servers.a]\ncommand = \"uvx\"\nargs = [\"p\"]\n```\n", &["a uvx p -"], 0);
        check("~~~yaml\nmcpServers:\n  - name: a\n    command: uvx\n    args: [p]\n~~~\n", &["a uvx p -"], 0);
        check("```json\n{\"mcp\": {\"a\": {\"type\": \"remote\", \"url\": \"https://h\"}}}\n```\n", &["a - - -"], 0);
        check("   ```json\n   {\"mcpServers\": {\"a\": {\"command\": \"x\"}}}\n   ```\n", &["a x - -"], 0);
        check("```json\n\"amp.mcpServers\": {\"a\": {\"command\": \"x\"}}\n```\n", &["a x - -"], 0);
        check("```json\n\"x.y\": {\"mcpServers\": [{\"name\": \"a\", \"command\": \"x\"}]}\n```\n", &["a x - -"], 0);
        check("```bash\n{\"mcpServers\": {\"a\": {\"command\": \"x\"}}}\n```\n", &["a x - -"], 0);
        check("> ```toml\n> [mcp_servers.a]\n> command = \"x\"\n> args = [\n>   \"b\"\n> ]\n> ```\n", &["a x - -"], 0);
        check("```bash\necho mcpServers\n```\n", &[], 0);
        check("```python\nmcpServers = {}\n```\n```json\n{\"mcpServers\": [\n", &[], 0);
        check("``` json\n{\"mcpServers\": {}, \"a\": 1}\n```\n", &[], 0);
    }

    #[test]
    fn secrets_in_documentation_are_told_and_samples_are_not() {
        let text = |value: &str| {
            format!(
                "```json\n{{\"mcpServers\": {{\"a\": {{\"command\": \"x\", \"env\": {{\"API_TOKEN\": \"{value}\"}}}}}}}}\n```\n"
            )
        };
        check(&text("q7Zk2Xw9Lr4Tn8Vb3Hs6Yd1Mc5Pf0Gj"), &["a x - -"], 1);
        for sample in [
            "your-api-token",
            "<token>",
            "${API_TOKEN}",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "YOUR_API_TOKEN_GOES_HERE_1234567",
        ] {
            check(&text(sample), &["a x - -"], 0);
        }
    }
}

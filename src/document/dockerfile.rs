//! Dockerfile text to the spanned tree.
//!
//! The root is a list of instructions in order, each a map with these keys:
//!
//! | key | value |
//! |---|---|
//! | `instruction` | upper-case name: `FROM`, `RUN`, … |
//! | `stage` | number of the stage it stands in, from 0; absent before the first `FROM` |
//! | `onbuild` | `true` for an instruction that `ONBUILD` puts off |
//! | `flags` | list of maps `{name, value}`; `value` is null for a bare flag |
//! | `form` | `exec` for a JSON array, else `shell` |
//! | `value` | all arguments after the flags as one text, continuations joined |
//! | `args` | words of it, or elements of the array, without quotes; variables replaced where Docker replaces them |
//! | `pairs` | for `ENV`, `ARG`, `LABEL`: name to value; null for an `ARG` without default |
//! | `image`, `name` | for `FROM`: image or earlier stage, and the name after `AS` |
//! | `heredocs` | list of maps `{name, text}` |
//! | `unresolved` | names of variables in it that have no value in this file |
//! | `arguments` | names of variables whose value here is the default of an `ARG` |

use std::collections::BTreeMap;

use crate::document::{Document, Entry, NodeId, NodeKind, Syntax};
use crate::gap::{Gap, GapKind};
use crate::source::{SourceId, Span};

mod lines;
mod words;

use lines::{Joined, Line};
use words::{Used, Variable, Variables, Word};

/// Faults told one by one.
const MAX_FAULTS: usize = 20;

const INSTRUCTIONS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
    "CROSS_BUILD",
];

/// Bytes that substitution may build in one file, and bytes of variables that stages may inherit.
const EXPANSION_BUDGET: usize = 16 << 20;

/// Instructions in whose arguments Docker itself replaces variables.
const EXPANDED: &[&str] =
    &["ADD", "ARG", "COPY", "ENV", "EXPOSE", "FROM", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"];

/// Parses one file.
pub fn parse(source: SourceId, text: &str) -> (Document, Vec<Gap>) {
    let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let split = lines::split(text, base);
    let mut document = Document::new(source, Syntax::Dockerfile);
    document.comments = split.comments.iter().map(|(start, end)| Span::new(source, *start, *end)).collect();
    let mut reader =
        Reader { document, text, escape: split.escape, stages: Stages::default(), gaps: Vec::new(), expanded: 0 };
    let items: Vec<NodeId> = split.lines.iter().filter_map(|line| reader.line(line)).collect();
    let whole = Span::new(source, base, text.len());
    let root = reader.document.add(NodeKind::List(items), whole);
    reader.document.roots.push(root);
    reader.gaps.truncate(MAX_FAULTS);
    (reader.document, reader.gaps)
}

/// Variables by scope: before the first `FROM`, and in each stage.
#[derive(Default)]
struct Stages {
    count: usize,
    global: Variables,
    current: Variables,
    environments: BTreeMap<String, Variables>,
    name: Option<String>,
    inherited: usize,
}

impl Stages {
    fn variables(&self) -> &Variables {
        if self.count == 0 { &self.global } else { &self.current }
    }

    /// Keeps the environment of the stage that ends, for those built on it, and starts one on `image`.
    fn start(&mut self, image: &str, name: Option<&str>) {
        self.keep();
        self.current = self.environments.get(&image.to_ascii_lowercase()).cloned().unwrap_or_default();
        self.name = name.map(str::to_ascii_lowercase);
        self.count += 1;
    }

    fn keep(&mut self) {
        let Some(number) = self.count.checked_sub(1) else { return };
        let mut kept = std::mem::take(&mut self.current);
        kept.retain(|_, variable| !matches!(variable, Variable::Argument(_)));
        self.inherited += 16 + kept.iter().map(|(name, variable)| name.len() + variable.size() + 64).sum::<usize>();
        if self.inherited > EXPANSION_BUDGET {
            return;
        }
        if let Some(name) = self.name.take() {
            self.environments.insert(name, kept.clone());
        }
        self.environments.insert(number.to_string(), kept);
    }

    fn set(&mut self, instruction: &str, name: &str, value: Option<String>) {
        let variable = match (instruction, value) {
            ("ENV", Some(value)) => Variable::Environment(value),
            ("ARG", Some(value)) => Variable::Argument(value),
            ("ARG", None) if self.count > 0 => self.global.get(name).cloned().unwrap_or(Variable::Unknown),
            _ => Variable::Unknown,
        };
        let scope = if self.count == 0 { &mut self.global } else { &mut self.current };
        // What ENV sets wins over an ARG of that name, wherever it stands.
        if instruction == "ARG" && matches!(scope.get(name), Some(Variable::Environment(_))) {
            return;
        }
        scope.insert(name.to_string(), variable);
    }
}

struct Reader<'a> {
    document: Document,
    text: &'a str,
    escape: char,
    stages: Stages,
    gaps: Vec<Gap>,
    expanded: usize,
}

/// One instruction while it is read.
struct Instruction<'l> {
    name: String,
    line: &'l Joined,
    /// Where its arguments begin in the logical line, flags skipped.
    from: usize,
    used: Used,
    fields: Vec<(&'static str, NodeId)>,
}

impl Reader<'_> {
    fn line(&mut self, line: &Line) -> Option<NodeId> {
        let text = &line.text;
        let whole = text.span(self.document.source, 0, text.text.trim_end().len());
        if line.open {
            self.gaps.push(Gap::at(whole, GapKind::Unparsed, "opens a here-document that is not ended"));
        }
        let (mut name, mut from) = first_word(&text.text, 0)?;
        let onbuild = name == "ONBUILD";
        if onbuild {
            (name, from) = first_word(&text.text, from)?;
        }
        if !INSTRUCTIONS.contains(&name.as_str()) {
            let span = text.span(self.document.source, 0, from);
            self.gaps.push(Gap::at(span, GapKind::Unparsed, "is not a Dockerfile instruction"));
            return None;
        }
        let end = from;
        let mut instruction = Instruction { name, line: text, from, used: Used::default(), fields: Vec::new() };
        let word = Word { start: end - instruction.name.len(), end };
        let name = instruction.name.clone();
        self.put_text(&mut instruction, "instruction", name, word);
        self.flags(&mut instruction);
        self.arguments(&mut instruction);
        self.heredocs(&mut instruction, line);
        self.names(&mut instruction);
        if onbuild {
            let node = self.document.add(NodeKind::Bool(true), whole);
            instruction.fields.push(("onbuild", node));
        }
        if let Some(stage) = self.stages.count.checked_sub(1) {
            let node = self.document.add(NodeKind::Int(stage as i64), whole);
            instruction.fields.push(("stage", node));
        }
        Some(self.map(instruction.fields, whole))
    }

    fn flags(&mut self, instruction: &mut Instruction<'_>) {
        let mut flags = Vec::new();
        for word in words::split(&instruction.line.text, instruction.from, self.escape) {
            let raw = &instruction.line.text[word.start..word.end];
            let Some(flag) = raw.strip_prefix("--") else { break };
            instruction.from = word.end;
            if flag.is_empty() {
                break;
            }
            let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
            let start = word.start + 2 + name.len() + 1;
            let name_node = self.text(
                instruction.line,
                name.to_string(),
                Word { start: word.start, end: word.start + 2 + name.len() },
            );
            let value_node = match value {
                Some(value) => {
                    let text = self.expand(value, true, &mut instruction.used);
                    self.text(instruction.line, text, Word { start, end: word.end })
                }
                None => {
                    self.document.add(NodeKind::Null, instruction.line.span(self.document.source, word.end, word.end))
                }
            };
            let span = instruction.line.span(self.document.source, word.start, word.end);
            flags.push(self.map(vec![("name", name_node), ("value", value_node)], span));
        }
        let node = self.list(instruction.line, flags, Word { start: instruction.from, end: instruction.from });
        instruction.fields.push(("flags", node));
    }

    fn arguments(&mut self, instruction: &mut Instruction<'_>) {
        let text = &instruction.line.text;
        let rest = &text[instruction.from..];
        let start = instruction.from + rest.len() - rest.trim_start().len();
        let end = text.trim_end().len().max(start);
        let whole = Word { start, end };
        self.put_text(instruction, "value", text[start..end].to_string(), whole);
        // HEALTHCHECK CMD […] has its array after a word of its own.
        let array = match instruction.name.as_str() {
            "HEALTHCHECK" => {
                first_word(text, start).filter(|(word, _)| word == "CMD").map_or(start, |(_, after)| after)
            }
            _ => start,
        };
        let listed = words::exec_form(text, array);
        let form = if listed.is_some() { "exec" } else { "shell" };
        self.put_text(instruction, "form", form.to_string(), whole);
        let replaced = EXPANDED.contains(&instruction.name.as_str());
        let parts: Vec<(String, Word)> = match listed {
            Some(listed) => listed,
            None => words::split(text, start, self.escape)
                .into_iter()
                .map(|word| (self.expand(&text[word.start..word.end], replaced, &mut instruction.used), word))
                .collect(),
        };
        match instruction.name.as_str() {
            "FROM" => self.from(instruction, &parts),
            "ENV" | "ARG" | "LABEL" => self.pairs(instruction),
            _ => {}
        }
        let items = parts.into_iter().map(|(value, word)| self.text(instruction.line, value, word)).collect();
        let node = self.list(instruction.line, items, whole);
        instruction.fields.push(("args", node));
    }

    fn from(&mut self, instruction: &mut Instruction<'_>, parts: &[(String, Word)]) {
        let Some((image, place)) = parts.first() else { return };
        let named = parts.get(1).is_some_and(|(word, _)| word.eq_ignore_ascii_case("as"));
        let name = parts.get(2).filter(|_| named);
        self.put_text(instruction, "image", image.clone(), *place);
        if let Some((name, place)) = name {
            self.put_text(instruction, "name", name.clone(), *place);
        }
        self.stages.start(image, name.map(|(name, _)| name.as_str()));
    }

    /// `NAME=value …`, or the old `NAME value with blanks` of ENV and LABEL.
    fn pairs(&mut self, instruction: &mut Instruction<'_>) {
        let text = &instruction.line.text;
        let words = words::split(text, instruction.from, self.escape);
        let old =
            words.first().is_some_and(|word| !text[word.start..word.end].contains('=')) && instruction.name != "ARG";
        let words = match (old, words.as_slice()) {
            (true, [first, second, ..]) => {
                vec![(*first, Some(Word { start: second.start, end: text.trim_end().len() }))]
            }
            (true, rest) => rest.iter().map(|word| (*word, None)).collect(),
            (false, rest) => rest.iter().map(|word| divided(text, *word)).collect(),
        };
        let mut entries = Vec::new();
        let mut settings = Vec::new();
        for (name, value) in words {
            let name_text = self.expand(&text[name.start..name.end], true, &mut instruction.used);
            let mut used = Used::default();
            let value_text = value.map(|word| self.expand(&text[word.start..word.end], true, &mut used));
            settings.push((name_text.clone(), value_text.clone().filter(|_| used.unresolved.is_empty())));
            instruction.used.unresolved.extend(used.unresolved);
            instruction.used.arguments.extend(used.arguments);
            let key = self.text(instruction.line, name_text, name);
            let value = match (value_text, value) {
                (Some(text), Some(word)) => self.text(instruction.line, text, word),
                _ => self.document.add(NodeKind::Null, instruction.line.span(self.document.source, name.end, name.end)),
            };
            entries.push(Entry { key, value, alias: None });
        }
        if instruction.name != "LABEL" {
            for (name, value) in settings {
                self.stages.set(&instruction.name, &name, value);
            }
        }
        let span = instruction.line.span(self.document.source, instruction.from, text.trim_end().len());
        let node = self.document.add(NodeKind::Map(entries), span);
        instruction.fields.push(("pairs", node));
    }

    fn heredocs(&mut self, instruction: &mut Instruction<'_>, line: &Line) {
        if line.heredocs.is_empty() {
            return;
        }
        let source = self.document.source;
        let mut items = Vec::new();
        for heredoc in &line.heredocs {
            let (start, end) = heredoc.range;
            let span = Span::new(source, start, end);
            let text = self.text.get(start..end).unwrap_or_default();
            let name = self.document.add(NodeKind::Text(heredoc.name.as_str().into()), span);
            let text = self.document.add(NodeKind::Text(text.into()), span);
            items.push(self.map(vec![("name", name), ("text", text)], span));
        }
        let first = line.heredocs.first().map_or(0, |heredoc| heredoc.range.0);
        let last = line.heredocs.last().map_or(first, |heredoc| heredoc.range.1);
        let node = self.document.add(NodeKind::List(items), Span::new(source, first, last));
        instruction.fields.push(("heredocs", node));
    }

    fn names(&mut self, instruction: &mut Instruction<'_>) {
        let end = instruction.line.text.trim_end().len();
        let word = Word { start: instruction.from.min(end), end };
        let used = std::mem::take(&mut instruction.used);
        for (key, names) in [("unresolved", used.unresolved), ("arguments", used.arguments)] {
            if !names.is_empty() {
                let items = names.into_iter().map(|name| self.text(instruction.line, name, word)).collect();
                let node = self.list(instruction.line, items, word);
                instruction.fields.push((key, node));
            }
        }
    }

    /// A word without quotes; what would build too much text is left as written and counts as unresolved.
    fn expand(&mut self, word: &str, replaced: bool, used: &mut Used) -> String {
        let nothing = Variables::new();
        let spent = self.expanded > EXPANSION_BUDGET;
        let variables = if spent { &nothing } else { self.stages.variables() };
        let text = words::expand(word, self.escape, replaced.then_some(variables), used);
        self.expanded += text.len();
        text
    }

    fn put_text(&mut self, instruction: &mut Instruction<'_>, key: &'static str, text: String, word: Word) {
        let node = self.text(instruction.line, text, word);
        instruction.fields.push((key, node));
    }

    fn text(&mut self, line: &Joined, text: String, word: Word) -> NodeId {
        let span = line.span(self.document.source, word.start, word.end);
        self.document.add(NodeKind::Text(text.into()), span)
    }

    fn list(&mut self, line: &Joined, items: Vec<NodeId>, word: Word) -> NodeId {
        let span = line.span(self.document.source, word.start, word.end);
        self.document.add(NodeKind::List(items), span)
    }

    fn map(&mut self, fields: Vec<(&'static str, NodeId)>, span: Span) -> NodeId {
        let mut entries = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let key = self.document.add(NodeKind::Text(name.into()), span);
            entries.push(Entry { key, value, alias: None });
        }
        self.document.add(NodeKind::Map(entries), span)
    }
}

/// The next word in upper case, and where the text after it begins.
fn first_word(text: &str, from: usize) -> Option<(String, usize)> {
    let rest = text.get(from..)?;
    let start = from + rest.len() - rest.trim_start().len();
    let length = text.get(start..)?.find(char::is_whitespace).unwrap_or(text.len() - start);
    (length > 0).then(|| (text[start..start + length].to_ascii_uppercase(), start + length))
}

/// A word at its first `=`: name and value.
fn divided(text: &str, word: Word) -> (Word, Option<Word>) {
    match text[word.start..word.end].find('=') {
        Some(at) => {
            let middle = word.start + at;
            (Word { start: word.start, end: middle }, Some(Word { start: middle + 1, end: word.end }))
        }
        None => (word, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Node;
    use crate::source::Sources;
    use serde_json::{Value, json};

    fn check(text: &str, look: impl Fn(&Sources, Node<'_>, &[Gap])) {
        let mut sources = Sources::default();
        let id = sources.add_text("Dockerfile", text);
        let (document, gaps) = parse(id, text);
        look(&sources, document.root().expect("there is always a list"), &gaps);
    }

    fn pick(node: Node<'_>, keys: &[&str]) -> Value {
        let whole = node.to_json(1000).unwrap_or_default();
        keys.iter().map(|key| whole[*key].clone()).collect()
    }

    #[test]
    fn stages_arguments_and_environment_are_followed() {
        let text = "ARG TAG=3.12\nFROM python:${TAG} AS base\nARG TAG\nENV HOME=/app V=$TAG X=$NOWHERE\nUSER app\n\
                    FROM base\nWORKDIR $HOME/x\nLABEL v=$V t=$TAG\n";
        check(text, |_, root, gaps| {
            assert!(gaps.is_empty());
            let items: Vec<_> = root.items().collect();
            assert_eq!(
                pick(items[1], &["image", "name", "stage", "arguments"]),
                json!(["python:3.12", "base", 0, ["TAG"]])
            );
            assert_eq!(
                pick(items[3], &["pairs", "unresolved"]),
                json!([{"HOME": "/app", "V": "3.12", "X": "$NOWHERE"}, ["NOWHERE"]])
            );
            assert_eq!(pick(items[6], &["args", "stage"]), json!([["/app/x"], 1]));
            assert_eq!(pick(items[7], &["pairs"]), json!([{"v": "3.12", "t": "$TAG"}]));
        });
    }

    #[test]
    fn continuations_comments_and_places_survive() {
        let text = "FROM a\nRUN one \\\n  # told\n\n  && two three \\\n  four\n";
        check(text, |sources, root, _| {
            let run = root.items().nth(1).expect("two instructions");
            assert_eq!(run.get("value").and_then(Node::as_str), Some("one   && two three   four"));
            let args = run.get("args").expect("words");
            let places: Vec<_> = args.items().map(|word| sources.start(word.span()).line).collect();
            assert_eq!(places, [2, 5, 5, 5, 6]);
            assert_eq!(run.document().comments.len(), 1);
        });
    }

    #[test]
    fn forms_flags_and_heredocs_are_told_apart() {
        let text = "# escape=`\nfrom a\nRun --mount=type=secret,id=x --network=none [\"a\", \"b c\"]\nCMD [not json]\n\
                    COPY <<EOF <<-'X' /d/\n one\nEOF\n\ttwo\n\tX\nONBUILD USER root\nHEALTHCHECK --interval=5s CMD [\"x\"]\nRUN a `\n b\n";
        check(text, |_, root, gaps| {
            assert!(gaps.is_empty(), "{gaps:?}");
            let items: Vec<_> = root.items().collect();
            let flags = json!([{"name": "mount", "value": "type=secret,id=x"}, {"name": "network", "value": "none"}]);
            assert_eq!(pick(items[1], &["form", "args", "flags"]), json!(["exec", ["a", "b c"], flags]));
            assert_eq!(pick(items[2], &["form", "args"]), json!(["shell", ["[not", "json]"]]));
            assert_eq!(
                pick(items[3], &["heredocs"]),
                json!([[{"name": "EOF", "text": " one\n"}, {"name": "X", "text": "\ttwo\n"}]])
            );
            assert_eq!(pick(items[4], &["instruction", "onbuild"]), json!(["USER", true]));
            assert_eq!(pick(items[5], &["form", "args"]), json!(["exec", ["x"]]));
            assert_eq!(pick(items[6], &["value"]), json!(["a  b"]));
        });
    }

    #[test]
    fn faults_are_gaps_and_old_forms_are_read() {
        check("FROM a\nFOO bar\nENV A b c\nENV B=1 C=\"2 3\"\nRUN <<EOF\nnever", |_, root, gaps| {
            assert_eq!(gaps.len(), 2);
            let items: Vec<_> = root.items().collect();
            assert_eq!(pick(items[1], &["pairs"]), json!([{"A": "b c"}]));
            assert_eq!(pick(items[2], &["pairs"]), json!([{"B": "1", "C": "2 3"}]));
        });
    }

    #[test]
    fn values_that_double_do_not_grow_for_ever() {
        let text = format!("FROM a\nENV A=xxxxxxxx\n{}", "ENV A=$A$A\n".repeat(60));
        check(&text, |_, root, _| {
            let longest = root.items().filter_map(|item| item.at(&["pairs", "A"])?.as_str()).map(str::len).max();
            assert!(longest.is_some_and(|longest| longest <= 100_000));
        });
    }
}

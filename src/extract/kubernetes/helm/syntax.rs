//! Text of Go templates to actions: what Helm's templates are made of.

use crate::source::{SourceId, Span};

/// Blocks and brackets that may lie within each other.
const DEPTH: usize = 60;

/// One step of a template.
#[derive(Clone, Debug)]
pub enum Step {
    /// Text as it stands, by its bytes.
    Text(usize, usize),
    /// A pipeline whose value is written out.
    Write(Pipeline, Span),
    /// `if`, with its `else if`s and its `else`.
    If(Vec<(Pipeline, Vec<Step>)>, Vec<Step>, Span),
    /// `range`: names of key and value, what is walked, the body, what is done where there is nothing.
    Range(Vec<String>, Pipeline, Vec<Step>, Vec<Step>, Span),
    /// `with`: the name of the value, if it has one.
    With(Option<String>, Pipeline, Vec<Step>, Vec<Step>, Span),
    /// `define`.
    Define(String, Vec<Step>),
    /// What could not be read.
    Broken(Span),
}

/// Commands joined by `|`, and the variable that takes the result.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    /// Variable that is set; its value is then not written.
    pub variable: Option<String>,
    /// Each takes the value of the one before as its last argument.
    pub commands: Vec<Vec<Term>>,
}

/// A word of a command.
#[derive(Clone, Debug)]
pub enum Term {
    /// Text in quotes.
    Text(String),
    /// A number.
    Number(String),
    /// A bare word: a function, `true`, `false`, `nil`.
    Word(String),
    /// `$` or `$name`, and fields of it.
    Variable(String, Vec<String>),
    /// `.` and fields of it.
    Dot(Vec<String>),
    /// Brackets, and fields of what they come to.
    Group(Pipeline, Vec<String>),
}

/// Reads a template.
pub fn read(source: SourceId, text: &str) -> Vec<Step> {
    let mut reader = Reader { source, text, pieces: pieces(text), at: 0 };
    let mut steps = Vec::new();
    while reader.at < reader.pieces.len() {
        let (more, end) = reader.block(DEPTH);
        steps.extend(more);
        if let Some(end) = end {
            // An end without a beginning.
            steps.push(Step::Broken(end));
        }
    }
    steps
}

/// Text between actions, or an action: first byte, one past the last, of the whole and of what is inside.
#[derive(Clone, Copy, Debug)]
enum Piece {
    Text(usize, usize),
    Action { start: usize, end: usize, inner: (usize, usize) },
}

/// Cuts a text at its actions; `{{-` and `-}}` take the white space beside them away.
fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut trims = false;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("{{")).map(|offset| at + offset) {
        let trims_before = text.get(open + 2..).is_some_and(|rest| {
            rest.starts_with("- ") || rest.starts_with("-\n") || rest.starts_with("-\t") || rest.starts_with("-/*")
        });
        let close = closing(text, open + 2);
        push_text(text, at, open, trims, trims_before, &mut found);
        let Some(close) = close else { return found };
        let inner = text.get(open + 2..close).unwrap_or("");
        trims = inner.ends_with('-') && inner.len() > 1;
        let start = open + 2 + usize::from(trims_before);
        let end = close - usize::from(trims);
        found.push(Piece::Action { start: open, end: close + 2, inner: (start.min(end), end) });
        at = close + 2;
    }
    push_text(text, at, text.len(), trims, false, &mut found);
    found
}

fn push_text(text: &str, from: usize, to: usize, trims_start: bool, trims_end: bool, found: &mut Vec<Piece>) {
    let Some(slice) = text.get(from..to) else { return };
    let start = if trims_start { from + (slice.len() - slice.trim_start().len()) } else { from };
    let end = if trims_end { from + slice.trim_end().len() } else { to };
    if start < end {
        found.push(Piece::Text(start, end));
    }
}

/// Where the `}}` stands that ends an action, quotes and comments aside.
fn closing(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let comment = text.get(from..)?.trim_start_matches('-').trim_start();
    if comment.starts_with("/*") {
        let end = text.get(from..)?.find("*/")? + from;
        return Some(text.get(end..)?.find("}}")? + end);
    }
    let mut quote = None;
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(b'"'), b'\\') => at += 1,
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'"' | b'`') => quote = Some(*byte),
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (_, _) => {}
        }
        at += 1;
    }
    None
}

struct Reader<'t> {
    source: SourceId,
    text: &'t str,
    pieces: Vec<Piece>,
    at: usize,
}

/// What ended a block.
enum End {
    End,
    Else(String),
}

impl Reader<'_> {
    /// Steps up to an `end` that nothing here opened.
    fn block(&mut self, depth: usize) -> (Vec<Step>, Option<Span>) {
        let (steps, end) = self.body(depth);
        let span = Span::new(self.source, self.text.len(), self.text.len());
        (steps, end.map(|_| span))
    }

    fn body(&mut self, depth: usize) -> (Vec<Step>, Option<End>) {
        let mut steps = Vec::new();
        while let Some(piece) = self.pieces.get(self.at).copied() {
            self.at += 1;
            let (start, end, inner) = match piece {
                Piece::Text(start, end) => {
                    steps.push(Step::Text(start, end));
                    continue;
                }
                Piece::Action { start, end, inner } => (start, end, inner),
            };
            let span = Span::new(self.source, start, end);
            let action = self.text.get(inner.0..inner.1).unwrap_or("").trim().to_string();
            let (word, rest) = action.split_once(char::is_whitespace).unwrap_or((&action, ""));
            match word {
                "" => {}
                _ if action.starts_with("/*") => {}
                "end" => return (steps, Some(End::End)),
                "else" => return (steps, Some(End::Else(rest.trim().to_string()))),
                "if" | "range" | "with" | "define" | "block" if depth == 0 => steps.push(Step::Broken(span)),
                "if" => {
                    let step = self.if_block(rest, span, depth - 1);
                    steps.push(step);
                }
                "range" | "with" => {
                    let step = self.loop_block(word, rest, span, depth - 1);
                    steps.push(step);
                }
                "define" | "block" => {
                    let name = rest.trim().trim_start_matches('"').split('"').next().unwrap_or("").to_string();
                    let (body, _) = self.body(depth - 1);
                    steps.push(Step::Define(name, body));
                }
                "break" | "continue" => steps.push(Step::Broken(span)),
                "template" => match pipeline(&format!("include {rest}")) {
                    Some(pipeline) => steps.push(Step::Write(pipeline, span)),
                    None => steps.push(Step::Broken(span)),
                },
                _ => match pipeline(&action) {
                    Some(pipeline) => steps.push(Step::Write(pipeline, span)),
                    None => steps.push(Step::Broken(span)),
                },
            }
        }
        (steps, None)
    }

    fn if_block(&mut self, condition: &str, span: Span, depth: usize) -> Step {
        let mut branches = Vec::new();
        let mut condition = condition.to_string();
        loop {
            let (body, end) = self.body(depth);
            let Some(pipeline) = pipeline(&condition) else { return Step::Broken(span) };
            branches.push((pipeline, body));
            match end {
                Some(End::Else(next)) => match next.strip_prefix("if ") {
                    Some(next) => condition = next.to_string(),
                    None => {
                        let (otherwise, _) = self.body(depth);
                        return Step::If(branches, otherwise, span);
                    }
                },
                Some(End::End) | None => return Step::If(branches, Vec::new(), span),
            }
        }
    }

    fn loop_block(&mut self, word: &str, rest: &str, span: Span, depth: usize) -> Step {
        let (body, end) = self.body(depth);
        let otherwise = if let Some(End::Else(_)) = end { self.body(depth).0 } else { Vec::new() };
        let (names, text) = match rest.split_once(":=") {
            Some((names, text)) if names.trim_start().starts_with('$') => {
                (names.split(',').map(|name| name.trim().trim_start_matches('$').to_string()).collect(), text)
            }
            Some(_) | None => (Vec::new(), rest),
        };
        let Some(pipeline) = pipeline(text) else { return Step::Broken(span) };
        match word {
            "range" => Step::Range(names, pipeline, body, otherwise, span),
            _ => Step::With(names.into_iter().next(), pipeline, body, otherwise, span),
        }
    }
}

/// Reads a pipeline; nothing where it is no such thing.
fn pipeline(text: &str) -> Option<Pipeline> {
    let letters: Vec<char> = text.chars().collect();
    let mut words = Words { letters: &letters, at: 0 };
    let found = words.pipeline(DEPTH)?;
    words.space();
    (words.at == letters.len()).then_some(found)
}

struct Words<'t> {
    letters: &'t [char],
    at: usize,
}

impl Words<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn pipeline(&mut self, depth: usize) -> Option<Pipeline> {
        let mut found = Pipeline { variable: self.assigned(), commands: Vec::new() };
        loop {
            let mut command = Vec::new();
            loop {
                self.space();
                match self.peek() {
                    None | Some(')' | '|') => break,
                    Some(_) => command.push(self.term(depth.checked_sub(1)?)?),
                }
            }
            if command.is_empty() {
                return None;
            }
            found.commands.push(command);
            if self.peek() != Some('|') {
                return Some(found);
            }
            self.at += 1;
        }
    }

    /// `$name :=` or `$name =` before a pipeline.
    fn assigned(&mut self) -> Option<String> {
        let start = self.at;
        self.space();
        let name = if self.peek() == Some('$') {
            self.at += 1;
            self.word()
        } else {
            String::new()
        };
        self.space();
        if self.peek() == Some(':') {
            self.at += 1;
        }
        if !name.is_empty() && self.peek() == Some('=') {
            self.at += 1;
            return Some(name);
        }
        self.at = start;
        None
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
            self.at += 1;
        }
        self.letters[start..self.at].iter().collect()
    }

    fn fields(&mut self) -> Vec<String> {
        let mut found = Vec::new();
        while self.peek() == Some('.') {
            self.at += 1;
            let name = self.word();
            if name.is_empty() {
                break;
            }
            found.push(name);
        }
        found
    }

    fn term(&mut self, depth: usize) -> Option<Term> {
        match self.peek()? {
            '"' => self.quoted('"', true).map(Term::Text),
            '`' => self.quoted('`', false).map(Term::Text),
            '(' => {
                self.at += 1;
                let inner = self.pipeline(depth)?;
                self.space();
                if self.peek() != Some(')') {
                    return None;
                }
                self.at += 1;
                Some(Term::Group(inner, self.fields()))
            }
            '$' => {
                self.at += 1;
                let name = self.word();
                Some(Term::Variable(name, self.fields()))
            }
            '.' => Some(Term::Dot(self.fields())),
            letter if letter.is_ascii_digit() || letter == '-' => {
                let start = self.at;
                self.at += 1;
                while self.peek().is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '.') {
                    self.at += 1;
                }
                Some(Term::Number(self.letters[start..self.at].iter().collect()))
            }
            letter if letter.is_alphabetic() || letter == '_' => Some(Term::Word(self.word())),
            _ => None,
        }
    }

    fn quoted(&mut self, quote: char, escapes: bool) -> Option<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let letter = self.peek()?;
            self.at += 1;
            match letter {
                letter if letter == quote => return Some(text),
                '\\' if escapes => {
                    let escaped = self.peek()?;
                    self.at += 1;
                    text.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        other => other,
                    });
                }
                other => text.push(other),
            }
        }
    }
}

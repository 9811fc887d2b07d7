//! Unified diffs of changed files, in which no line that shows a secret appears.

use std::collections::{BTreeMap, BTreeSet};

/// Lines of context around a change.
const CONTEXT: usize = 3;
/// Cells of the comparison of two texts; beyond, what differs in the middle is one change.
const CELLS: usize = 4_000_000;

/// The diff of two trees, for `patch -p1` and `git apply`. An error where it would show a secret.
pub fn unified(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    secret: &BTreeMap<String, BTreeSet<u32>>,
) -> Result<String, String> {
    let none = BTreeSet::new();
    let mut out = String::new();
    for (path, old) in before {
        let Some(new) = after.get(path).filter(|new| *new != old) else { continue };
        // A tab ends a name that holds spaces.
        let tab = if path.contains(' ') { "\t" } else { "" };
        out.push_str(&format!("--- a/{path}{tab}\n+++ b/{path}{tab}\n"));
        out.push_str(&file(old, new, secret.get(path).unwrap_or(&none))?);
    }
    Ok(out)
}

/// A line of the comparison: kept, gone, or new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'t> {
    Kept(&'t str),
    Gone(&'t str),
    New(&'t str),
}

fn file(old: &str, new: &str, secret: &BTreeSet<u32>) -> Result<String, String> {
    let lines = compared(old, new);
    let mut numbers = Vec::with_capacity(lines.len());
    let (mut old_line, mut new_line) = (1u32, 1u32);
    for line in &lines {
        numbers.push((old_line, new_line));
        old_line += u32::from(!matches!(line, Line::New(_)));
        new_line += u32::from(!matches!(line, Line::Gone(_)));
    }
    let shows = |at: usize| !matches!(lines[at], Line::New(_)) && secret.contains(&numbers[at].0);
    let mut out = String::new();
    for hunk in hunks(&lines) {
        let (mut from, mut to) = (hunk.0, hunk.1);
        while from > 0 && hunk.0 - from < CONTEXT && !shows(from - 1) {
            from -= 1;
        }
        while to < lines.len() && to - hunk.1 < CONTEXT && !shows(to) {
            to += 1;
        }
        // Without a line on a side, appliers take the change for the start or the end of the file.
        let is_bare = (from == hunk.0 && from > 0) || (to == hunk.1 && to < lines.len());
        if is_bare || (from..to).any(shows) {
            return Err("the diff would show the line of a secret".into());
        }
        out.push_str(&shown(&lines[from..to], numbers[from]));
    }
    Ok(out)
}

/// Ranges of changes, those close to each other as one.
fn hunks(lines: &[Line<'_>]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if matches!(line, Line::Kept(_)) {
            continue;
        }
        match found.last_mut() {
            Some(last) if at <= last.1 + 2 * CONTEXT => last.1 = at + 1,
            _ => found.push((at, at + 1)),
        }
    }
    found
}

fn shown(lines: &[Line<'_>], (old_line, new_line): (u32, u32)) -> String {
    let olds = lines.iter().filter(|line| !matches!(line, Line::New(_))).count();
    let news = lines.iter().filter(|line| !matches!(line, Line::Gone(_))).count();
    let start = |line: u32, count: usize| if count == 0 { line - 1 } else { line };
    let mut out = format!("@@ -{},{olds} +{},{news} @@\n", start(old_line, olds), start(new_line, news));
    for line in lines {
        let (mark, text) = match line {
            Line::Kept(text) => (' ', text),
            Line::Gone(text) => ('-', text),
            Line::New(text) => ('+', text),
        };
        out.push(mark);
        out.push_str(text);
        if !text.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
    out
}

/// The lines of both texts in one order.
fn compared<'t>(old: &'t str, new: &'t str) -> Vec<Line<'t>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let head = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(one, other)| one == other).count();
    let (old_middle, new_middle) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut lines: Vec<Line<'t>> = old[..head].iter().map(|line| Line::Kept(line)).collect();
    lines.extend(middle(old_middle, new_middle));
    lines.extend(old[old.len() - tail..].iter().map(|line| Line::Kept(line)));
    lines
}

/// The longest common sequence of the lines in the middle.
fn middle<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    if old.len().saturating_mul(new.len()) > CELLS {
        let gone = old.iter().map(|line| Line::Gone(line));
        return gone.chain(new.iter().map(|line| Line::New(line))).collect();
    }
    let width = new.len() + 1;
    let mut longest = vec![0u32; (old.len() + 1) * width];
    for (row, one) in old.iter().enumerate().rev() {
        for (column, other) in new.iter().enumerate().rev() {
            longest[row * width + column] = if one == other {
                longest[(row + 1) * width + column + 1] + 1
            } else {
                longest[(row + 1) * width + column].max(longest[row * width + column + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut lines = Vec::new();
    while row < old.len() || column < new.len() {
        let keep = row < old.len() && column < new.len() && old[row] == new[column];
        let drop = column == new.len()
            || (row < old.len() && longest[(row + 1) * width + column] >= longest[row * width + column + 1]);
        if keep {
            lines.push(Line::Kept(old[row]));
            (row, column) = (row + 1, column + 1);
        } else if drop {
            lines.push(Line::Gone(old[row]));
            row += 1;
        } else {
            lines.push(Line::New(new[column]));
            column += 1;
        }
    }
    lines
}

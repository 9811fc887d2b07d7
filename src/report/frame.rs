//! The few lines of code around a place, with carets under it.

use crate::report::text::{Tone, cell, columns, cut};
use crate::report::{Report, View};
use crate::source::Span;

/// Bytes of a line looked at on either side of a place; the rest of an endless line is never touched.
const REACH: usize = 2_000;

/// Lines of a place shown before the rest is summed up.
const MAX_LINES: u32 = 4;

/// One shown line: its text, and where in it the place is, in columns.
struct Window {
    text: String,
    marked: Option<(usize, usize)>,
}

/// A code frame: one line before, the place with carets, one line after. Lines end without a line break.
pub fn frame(report: &Report, span: Span, view: &View) -> Vec<String> {
    let sources = &report.sources;
    let first = sources.start(span).line;
    let last = sources.position(span.source, span.end.saturating_sub(1).max(span.start)).line.max(first);
    let after = if last - first < MAX_LINES { last + 1 } else { first + MAX_LINES };
    let gutter = after.to_string().len();
    let width = view.width.saturating_sub(gutter + 5).max(40);
    let mut lines = Vec::new();
    for line in first.saturating_sub(1).max(1)..=after {
        let Some(window) = window(report, span, line, width) else { continue };
        let context = line < first || line > last;
        if context && window.text.trim().is_empty() {
            continue;
        }
        if line == after && !context {
            lines.push(view.paint(Tone::Quiet, &format!(" {:>gutter$} │ … to line {last}", "")));
            break;
        }
        let number = view.paint(Tone::Quiet, &format!(" {line:>gutter$} │ "));
        let text = if context { view.paint(Tone::Quiet, &window.text) } else { window.text };
        lines.push(format!("{number}{text}").trim_end().to_owned());
        // A place of several lines is marked on its first; carets under all of them would say no more.
        if let Some((start, length)) = window.marked.filter(|_| line == first) {
            let carets = view.paint(Tone::Bad, &"^".repeat(length));
            lines.push(format!("{}{:start$}{carets}", view.paint(Tone::Quiet, &format!(" {:>gutter$} │ ", "")), ""));
        }
    }
    lines
}

/// The line of a place alone, trimmed and cut.
pub fn line_of(report: &Report, span: Span, width: usize) -> String {
    let line = report.sources.start(span).line;
    let text = window(report, span, line, width.max(40)).map(|window| window.text).unwrap_or_default();
    cut(text.trim(), width).into_owned()
}

fn window(report: &Report, span: Span, number: u32, width: usize) -> Option<Window> {
    let (line, offset) = report.sources.line(span.source, number)?;
    let (line, offset) = (line, offset as usize);
    let start = (span.start as usize).saturating_sub(offset).min(line.len());
    let end = (span.end as usize).saturating_sub(offset).clamp(start, line.len());
    let touches = (span.start as usize) <= offset + line.len() && (span.end as usize) >= offset;
    let from = boundary_before(line, start.saturating_sub(REACH));
    let until = boundary_before(line, start.saturating_add(REACH).min(line.len()));
    let mut text = String::new();
    let (mut left, mut right) = (0, 0);
    for (at, c) in line[from..until].char_indices() {
        if from + at == start {
            left = columns(&text);
        }
        text.push_str(&cell(c));
        if from + at < end.max(start + 1) {
            right = columns(&text);
        }
    }
    if start >= until {
        left = columns(&text);
        right = left + 1;
    }
    let marked = touches.then_some((left, right.saturating_sub(left).max(1)));
    Some(narrow(Window { text, marked }, width, from > 0, until < line.len()))
}

/// Cuts a window down to `width` columns around its mark.
fn narrow(window: Window, width: usize, cut_left: bool, cut_right: bool) -> Window {
    let (start, length) = window.marked.unwrap_or((0, 0));
    let total = columns(&window.text);
    if total <= width && !cut_left && !cut_right {
        let marked = window.marked.map(|_| (start, length));
        return Window { text: window.text, marked };
    }
    let room = width.saturating_sub(2).max(1);
    let skip = if start + length <= room && !cut_left { 0 } else { start.saturating_sub(room / 3) };
    let mut column = 0;
    let mut text = String::from(if skip > 0 || cut_left { "…" } else { "" });
    let shift = columns(&text);
    for c in window.text.chars() {
        let size = columns(c.encode_utf8(&mut [0; 4]));
        if column >= skip && column + size <= skip + room {
            text.push(c);
        }
        column += size;
    }
    if total > skip + room || cut_right {
        text.push('…');
    }
    let visible = (skip + room).saturating_sub(start).max(1);
    Window { text, marked: window.marked.map(|_| (start - skip.min(start) + shift, length.min(visible))) }
}

fn boundary_before(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, needle: &str, width: usize) -> String {
        let mut report = Report::default();
        let id = report.sources.add_text("a.py", text);
        let at = text.find(needle).unwrap();
        let span = Span::new(id, at, at + needle.len());
        frame(&report, span, &View { width, ..View::default() }).join("\n")
    }

    #[test]
    fn a_place_is_shown_with_a_line_on_either_side() {
        let text = "import os\ndef run(cmd):\n    os.system(cmd)\n    return 1\nend()\n";
        let expected = " 2 │ def run(cmd):\n 3 │     os.system(cmd)\n   │     ^^^^^^^^^^^^^^\n 4 │     return 1";
        assert_eq!(shown(text, "os.system(cmd)", 80), expected);
    }

    #[test]
    fn tabs_wide_and_hidden_characters_keep_the_carets_in_place() {
        assert_eq!(shown("\t漢\u{202e}x = 1", "x = 1", 80), " 1 │     漢\\u{202e}x = 1\n   │               ^^^^^");
    }

    #[test]
    fn a_minified_line_is_cut_around_the_place() {
        let text = format!("{}NEEDLE{}", "a".repeat(100_000), "b".repeat(100_000));
        let shown = shown(&text, "NEEDLE", 60);
        let lines: Vec<_> = shown.lines().collect();
        assert!(lines[0].contains("…a") && lines[0].contains("NEEDLE") && lines[0].ends_with('…'), "{shown}");
        assert!(lines.iter().all(|line| columns(line) <= 60), "{shown}");
        let at = |line: &str, needle: char| line.chars().position(|c| c == needle);
        assert_eq!(at(lines[0], 'N'), at(lines[1], '^'), "{shown}");
    }

    #[test]
    fn a_long_place_ends_with_where_it_ends() {
        let text = (1..=20).map(|n| format!("line {n}\n")).collect::<String>();
        let mut report = Report::default();
        let id = report.sources.add_text("a.py", &text);
        let shown = frame(&report, Span::new(id, 7, text.len()), &View::default()).join("\n");
        assert!(shown.contains("line 2\n") && shown.ends_with("… to line 20"), "{shown}");
    }

    #[test]
    fn any_span_of_any_text_makes_a_frame() {
        let text = "é\r\n\u{feff}\n\n漢\tz";
        let mut report = Report::default();
        let id = report.sources.add_text("a.py", text);
        for start in 0..text.len() + 3 {
            for end in start..text.len() + 3 {
                frame(&report, Span::new(id, start, end), &View::default());
            }
        }
    }
}

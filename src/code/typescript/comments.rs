//! Comments that document what follows them.

use oxc_ast::ast::{Comment, Program};

use super::Lower;
use crate::code::Documentation;

/// Comments that stand before code, in source order.
pub struct Comments {
    leading: Vec<Comment>,
}

impl Comments {
    /// Keeps those a reader would take for documentation: no licences, no tool annotations.
    pub fn new(program: &Program<'_>) -> Self {
        let leading = |comment: &&Comment| comment.is_leading() && (comment.is_normal() || comment.is_jsdoc());
        let mut leading: Vec<Comment> = program.comments.iter().filter(leading).copied().collect();
        leading.sort_by_key(|comment| (comment.attached_to, comment.span.start));
        Self { leading }
    }

    fn before(&self, start: u32) -> &[Comment] {
        let first = self.leading.partition_point(|comment| comment.attached_to < start);
        let last = self.leading.partition_point(|comment| comment.attached_to <= start);
        &self.leading[first..last]
    }
}

impl Lower<'_> {
    /// Documentation of a definition that starts at the anchor or at one of `starts`; uses the anchor up.
    pub fn documentation(&mut self, starts: &[u32]) -> Option<Documentation> {
        let anchor = self.anchor.take();
        anchor.iter().chain(starts).find_map(|start| self.documentation_at(*start))
    }

    /// The last doc comment before a place, else the plain comments that end there without a blank line.
    pub fn documentation_at(&self, start: u32) -> Option<Documentation> {
        let comments = self.comments.before(start);
        let run = match comments.iter().rposition(|comment| comment.is_jsdoc()) {
            Some(last) => &comments[last..=last],
            None => &comments[self.run_start(comments)..],
        };
        let (first, last) = (run.first()?, run.last()?);
        let span = self.span(first.span).to(self.span(last.span));
        let text: Vec<String> = run.iter().map(|comment| clean(self.text_of(comment.span))).collect();
        let text = text.join("\n").trim().into();
        Some(Documentation { text, span })
    }

    fn run_start(&self, comments: &[Comment]) -> usize {
        let mut start = comments.len().saturating_sub(1);
        while start > 0 {
            let gap = oxc_span::Span::new(comments[start - 1].span.end, comments[start].span.start);
            if self.text_of(gap).matches('\n').count() > 1 {
                break;
            }
            start -= 1;
        }
        start
    }
}

/// Text of a comment without its markers.
fn clean(comment: &str) -> String {
    let Some(block) = comment.strip_prefix("/*") else {
        return comment.trim_start_matches('/').trim().to_string();
    };
    let block = block.strip_suffix("*/").unwrap_or(block);
    let lines = block.trim_start_matches('*').lines().map(|line| {
        let line = line.trim();
        let line = line.strip_prefix('*').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_string()
}

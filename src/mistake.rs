//! Mistakes in files that the user wrote for us: rules, frameworks, configuration. All are told at once, each in its frame.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use crate::source::{SourceId, Sources, Span};

/// One mistake and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Where it stands in [`Mistakes::sources`]; absent where no file can be pointed at.
    pub span: Option<Span>,
    /// What is wrong, as a clause without a full stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Why a run cannot start: the mistakes and the text they stand in.
#[derive(Debug, Default)]
pub struct Mistakes {
    /// The files that were read.
    pub sources: Sources,
    /// In order of place.
    pub all: Vec<Mistake>,
}

impl Mistakes {
    /// A single mistake without a place in a file.
    pub fn plain(message: impl Into<String>, help: impl Into<String>) -> Self {
        let mistake = Mistake { span: None, message: message.into(), help: help.into() };
        Self { sources: Sources::default(), all: vec![mistake] }
    }

    /// All mistakes as code frames; `width` in columns.
    pub fn render(&self, width: usize, color: bool) -> String {
        let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
        let mut out = String::new();
        for mistake in &self.all {
            let frame = Frame { mistake, window: mistake.span.map(|span| Window { sources: &self.sources, span }) };
            if handler.render_report(&mut out, &frame).is_err() {
                out.push_str(&mistake.message);
            }
            out.push('\n');
        }
        out
    }
}

#[derive(Debug)]
struct Frame<'a> {
    mistake: &'a Mistake,
    window: Option<Window<'a>>,
}

impl fmt::Display for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mistake.message)
    }
}

impl std::error::Error for Frame<'_> {}

impl Diagnostic for Frame<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.mistake.help.is_empty()).then(|| Box::new(&self.mistake.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.mistake.span?;
        let range = (span.start as usize, span.range().len());
        Some(Box::new(std::iter::once(LabeledSpan::new(None, range.0, range.1))))
    }
}

/// The few lines around a place. miette rescans a whole source for every frame; the line index makes that needless.
struct Window<'a> {
    sources: &'a Sources,
    span: Span,
}

impl fmt::Debug for Window<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Window({:?})", self.span)
    }
}

impl SourceCode for Window<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let id: SourceId = self.span.source;
        let end = span.offset().saturating_add(span.len());
        let line_of = |offset: usize| self.sources.position(id, u32::try_from(offset).unwrap_or(u32::MAX)).line;
        let first = line_of(span.offset()).saturating_sub(before as u32).max(1);
        let last = line_of(end).saturating_add(after as u32).min(self.sources.line_count(id));
        let (_, start) = self.sources.line(id, first).ok_or(MietteError::OutOfBounds)?;
        let (text, at) = self.sources.line(id, last).ok_or(MietteError::OutOfBounds)?;
        let range = start as usize..at as usize + text.len();
        let data = self.sources.get(id).text().as_bytes().get(range.clone()).ok_or(MietteError::OutOfBounds)?;
        let window = SourceSpan::from((range.start, range.len()));
        let name = self.sources.path(id).to_string();
        let lines = (last - first + 1) as usize;
        // Asked for no context, miette wants the place itself: the column of its heading.
        let column = if before + after == 0 { self.sources.start(self.span).column as usize - 1 } else { 0 };
        Ok(Box::new(MietteSpanContents::new_named(name, data, window, first as usize - 1, column, lines)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_shows_the_line_and_its_neighbours_only() {
        let mut sources = Sources::default();
        let id = sources.add_text("rules/a.yml", "one: 1\ntwo: 2\nthree: 3\nfour: 4\nfive: 5\n");
        let span = Some(Span::new(id, 15, 19));
        let all = vec![Mistake { span, message: "`three` is unknown".into(), help: "remove it".into() }];
        let text = Mistakes { sources, all }.render(80, false);
        assert!(text.contains("`three` is unknown"), "{text}");
        assert!(text.contains("rules/a.yml:3:2"), "{text}");
        assert!(text.contains("3 │ three: 3"), "{text}");
        assert!(text.contains("help: remove it"), "{text}");
        assert!(!text.contains("five"), "{text}");
    }
}

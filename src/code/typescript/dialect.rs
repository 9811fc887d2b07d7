//! Which dialects a path may hold, and the parse that suits its text best.

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_span::SourceType;

/// Parses in the first dialect that has no complaint, else in the one that has the fewest.
pub fn parse<'a>(allocator: &'a Allocator, path: &str, text: &'a str) -> ParserReturn<'a> {
    let mut dialects = dialects(path).iter();
    let first = dialects.next().expect("every path has a dialect");
    let mut best = parse_as(allocator, text, *first);
    for dialect in dialects {
        if cost(&best) == (false, 0) {
            break;
        }
        let other = parse_as(allocator, text, *dialect);
        if cost(&other) < cost(&best) {
            best = other;
        }
    }
    best
}

fn cost(parsed: &ParserReturn<'_>) -> (bool, usize) {
    (parsed.panicked, parsed.diagnostics.len())
}

fn parse_as<'a>(allocator: &'a Allocator, text: &'a str, dialect: SourceType) -> ParserReturn<'a> {
    let options =
        ParseOptions { allow_return_outside_function: true, preserve_parens: false, ..ParseOptions::default() };
    Parser::new(allocator, text, dialect).with_options(options).parse()
}

/// Whether `<` may open an element in a file of this name.
pub fn may_hold_jsx(path: &str) -> bool {
    !matches!(path.rsplit('.').next(), Some("ts" | "mts" | "cts"))
}

/// Likeliest first. Plain JavaScript may hold JSX, be a module or a script, or carry type annotations.
fn dialects(path: &str) -> &'static [SourceType] {
    const JS: SourceType = SourceType::unambiguous().with_jsx(true);
    const MJS: SourceType = SourceType::mjs().with_jsx(true);
    const CJS: SourceType = SourceType::cjs().with_jsx(true);
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("ts" | "mts" | "cts") if name.contains(".d.") => const { &[SourceType::d_ts(), SourceType::ts()] },
        Some("ts" | "mts") => const { &[SourceType::ts()] },
        Some("cts") => const { &[SourceType::ts().with_commonjs(true), SourceType::ts()] },
        Some("tsx") => const { &[SourceType::tsx()] },
        Some("mjs") => const { &[MJS, JS, SourceType::tsx()] },
        Some("cjs") => const { &[CJS, JS, SourceType::tsx()] },
        _ => const { &[JS, MJS, CJS, SourceType::tsx()] },
    }
}

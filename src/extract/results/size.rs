//! How much of what a tool reads it returns.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::code::ValueKind;
use crate::extract::results::seek::{Made, Way};
use crate::extract::results::{Read, SELECT, words};
use crate::extract::usages::is_made_of;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::{Flow, ValueRef};
use crate::model::usage::Usage;
use crate::model::{About, Known};
use crate::source::Span;

/// A number beyond which nothing is cut that fits into an answer.
const MOST: i64 = 100_000_000;

static LIMIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(limit\s+\d+|top\s*\(?\s*\d+|fetch\s+(first|next)\s+\d+|rownum\s*<=?\s*\d+)")
        .expect("a fixed pattern")
});
static SOME_LIMIT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(limit|top|fetch first|rownum)\b").expect("a fixed pattern"));
static COUNT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)\bcount\s*\(").expect("a fixed pattern"));
static GROUP: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)\bgroup\s+by\b").expect("a fixed pattern"));
static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"--[^\n]*|/\*(?s:.*?)\*/").expect("a fixed pattern"));

/// Whether what was read is returned without an end.
pub(super) fn size(read: &Read, made: &Made, about: &About, cap: Option<Span>) -> Option<Usage> {
    let usage = |span: Span, sound: Known<bool>, setting: String| Usage {
        about: About { span, ..about.clone() },
        topic: "output-size".to_string(),
        call: about.name.clone(),
        sound,
        setting,
    };
    if let Some(cap) = cap {
        return Some(usage(cap, Known::is(true, cap), "a middleware cuts every result".into()));
    }
    let is_sized = |span: &Span| read.effects.get(span).is_some_and(|one| words::delivers(&one.kind, &one.call));
    let sized = made.of.iter().filter(|(span, _)| is_sized(span));
    let judged: Vec<(Span, Judged)> = sized.map(|(span, ways)| (*span, together(read, span, ways))).collect();
    let first = |wanted: fn(&Judged) -> bool| judged.iter().find(|(_, one)| wanted(one));
    if let Some((span, _)) = first(|one| matches!(one, Judged::Open)) {
        let what = read.effects.get(span).map_or_else(String::new, |effect| content(&effect.kind, &effect.call));
        let is_chosen = made.of.get(span).is_some_and(|ways| ways.iter().any(|way| way.chosen));
        let how = if is_chosen { "as much as the caller asks for of " } else { "all of " };
        return Some(usage(*span, Known::is(false, *span), format!("{how}{what}")));
    }
    if let Some((span, _)) = first(|one| matches!(one, Judged::Vague)) {
        let why = "not known: what becomes of it on the way to the result";
        return Some(usage(*span, Known::unknown(why, *span), String::new()));
    }
    let (_, limit) = judged.iter().find_map(|(span, one)| match one {
        Judged::Cut(at) => Some((*span, *at)),
        _ => None,
    })?;
    Some(usage(limit, Known::is(true, limit), "a limit says how much of it is returned".into()))
}

/// A limit on one of the ways of the same content may be before or after the others.
fn together(read: &Read, span: &Span, ways: &BTreeSet<Way>) -> Judged {
    let all: Vec<Judged> = ways.iter().map(|way| judge(read, span, way)).collect();
    let cut = all.iter().find_map(|one| match one {
        Judged::Cut(at) => Some(*at),
        _ => None,
    });
    match (cut, all.iter().all(|one| matches!(one, Judged::Cut(_))), all.iter().any(|one| matches!(one, Judged::Open)))
    {
        (Some(at), true, _) => Judged::Cut(at),
        (None, _, true) => Judged::Open,
        _ => Judged::Vague,
    }
}

enum Judged {
    Open,
    Vague,
    Cut(Span),
}

fn judge(read: &Read, span: &Span, way: &Way) -> Judged {
    if let Some(cut) = way.cut {
        return Judged::Cut(cut);
    }
    let sql = read.sql(span);
    let is_sql = read.effects.get(span).is_some_and(|effect| effect.kind == "sql");
    if is_sql && way.one {
        return Judged::Cut(*span);
    }
    match sql {
        Some(text) if is_limited(&text) => return Judged::Cut(*span),
        Some(text) if SOME_LIMIT.is_match(&text) || !SELECT.is_match(&text) => return Judged::Vague,
        _ => {}
    }
    if way.vague || way.part || !is_sql && read.asks_for_part(span) { Judged::Vague } else { Judged::Open }
}

fn content(kind: &str, call: &str) -> String {
    match kind {
        "file.read" => format!("the file that `{call}` reads"),
        "sql" => format!("the rows that `{call}` finds"),
        _ => format!("the answer that `{call}` gets"),
    }
}

/// Whether a statement says how many rows it gives, not one inside it or a comment.
fn is_limited(sql: &str) -> bool {
    let outer = outermost(&COMMENT.replace_all(sql, " "));
    LIMIT.is_match(&outer) || COUNT.is_match(&outer) && !GROUP.is_match(&outer)
}

/// A statement without those that stand in brackets inside it.
fn outermost(sql: &str) -> String {
    let (mut out, mut inside) = (String::new(), Vec::new());
    for (at, sign) in sql.char_indices() {
        let is_inner = inside.contains(&true);
        match sign {
            '(' => {
                inside.push(sql[at + 1..].trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select")))
            }
            ')' => drop(inside.pop()),
            _ => {}
        }
        if !is_inner {
            out.push(sign);
        }
    }
    out
}

/// Whether a value is a number that bounds what it cuts: a constant, or one that a constant or the schema bounds.
pub(super) fn bounds(read: &Read, value: ValueRef) -> bool {
    let (meaning, _) = read.flow.asking_within(400, || read.flow.meaning(value, &None));
    let numbers: Vec<Meaning> = meaning.alternatives().iter().map(|one| read.flow.force(one)).collect();
    if numbers.iter().all(|one| matches!(one, Meaning::Int(_))) {
        return numbers.iter().all(|one| matches!(one, Meaning::Int(number) if (1..=MOST).contains(number)));
    }
    let clamps = |flow: &Flow, one: ValueRef| match flow.kind(one) {
        ValueKind::Call(call) => {
            let callee = flow.sources.slice(flow.span(value_in(one.module, call.callee)));
            let is_least = matches!(callee.rsplit(['.', ':']).next(), Some("min" | "clamp" | "Min"));
            is_least && call.arguments.iter().any(|argument| is_constant(flow, value_in(one.module, argument.value)))
        }
        ValueKind::Name(name) | ValueKind::Field { name, .. } => {
            read.bounded.iter().any(|known| known == name.as_str())
        }
        _ => false,
    };
    is_made_of(read.flow, value, &clamps)
}

fn is_constant(flow: &Flow, value: ValueRef) -> bool {
    matches!(flow.asking_within(200, || flow.meaning(value, &None)).0, Meaning::Int(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outermost_statement_says_how_many_rows_there_are() {
        for (sql, expected) in [
            ("select a from t limit 50", true),
            ("select top 5 a from t", true),
            ("select count(*) from t", true),
            ("select a, count(*) from t group by a", false),
            ("select a from t -- limit 50", false),
            ("select a from t /* limit 50 */", false),
            ("select a from t where b in (select b from u where lower(c) in (select d from v) limit 5)", false),
            ("select a from t where b in (select b from u) limit 5", true),
            ("select (a + b) from t limit 5", true),
        ] {
            assert_eq!(is_limited(sql), expected, "{sql}");
        }
    }
}

//! Whether all that a tool does was followed, and by name what was not.

use crate::model::known::Known;
use crate::source::{Sources, Span};
use crate::taint::Found;

/// Most calls that are told by name.
const MAX_TOLD: usize = 3;
/// Most characters of a callee that are told; of a longer one its end.
const MAX_CHARACTERS: usize = 48;

/// Whether everything that a walk met was followed.
pub(super) fn followed(sources: &Sources, found: &Found, place: Span) -> Known<bool> {
    match (found.cut, &found.unresolved[..]) {
        (true, _) => Known::unknown("known only in part: it is too large to be walked to its end", place),
        (false, []) => match found.foreign.iter().next() {
            None => Known::is(true, place),
            Some((package, span)) => Known::unknown(told_foreign(package, found.foreign.len()), *span),
        },
        (false, all @ [first, ..]) => {
            let mut callees: Vec<String> = Vec::new();
            for span in all {
                let callee = callee(sources.slice(*span));
                if !callee.is_empty() && !callees.contains(&callee) {
                    callees.push(callee);
                }
            }
            Known::unknown(told_unresolved(all.len(), &callees), *first)
        }
    }
}

fn told_unresolved(calls: usize, callees: &[String]) -> String {
    let told = match calls {
        1 => "known only in part: a call could not be resolved".to_string(),
        more => format!("known only in part: {more} calls could not be resolved"),
    };
    let named: Vec<String> = callees.iter().take(MAX_TOLD).map(|callee| format!("`{callee}`")).collect();
    match (&named[..], callees.len().saturating_sub(MAX_TOLD)) {
        ([], _) => told,
        (named, 0) => format!("{told}: {}", named.join(", ")),
        (named, more) => format!("{told}: {} and {more} more", named.join(", ")),
    }
}

fn told_foreign(package: &str, packages: usize) -> String {
    match packages {
        1 => format!("known only in part: no table says what `{package}` does"),
        more => format!("known only in part: no table says what `{package}` and {} more packages do", more - 1),
    }
}

/// What a call calls, on one line and without what it passes on the way: `of(a).each(b)` calls `of(…).each`.
fn callee(call: &str) -> String {
    let (mut told, mut depth) = (String::new(), 0_usize);
    for character in call.chars() {
        match character {
            '(' | '[' | '{' => {
                told.extend((depth == 0).then_some(character));
                depth += 1;
            }
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                told.extend(['…', character].into_iter().filter(|_| depth == 0));
            }
            _ if depth > 0 => {}
            _ if character.is_whitespace() => told.extend(["new", "await"].contains(&told.as_str()).then_some(' ')),
            _ => told.push(character),
        }
    }
    let told = told.trim_end_matches([';', ' ']).trim_end_matches("(…)");
    match told.char_indices().rev().nth(MAX_CHARACTERS) {
        Some((at, last)) => format!("…{}", &told[at + last.len_utf8()..]),
        None => told.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{callee, told_unresolved};

    #[test]
    fn calls_are_told_by_what_they_call() {
        for (call, told) in [
            ("graph.entities.push({name: 1})", "graph.entities.push"),
            ("of(a, f(b)).each(c => c())", "of(…).each"),
            ("handlers[name](x)", "handlers[…]"),
            ("this.store\n    .find(a)", "this.store.find"),
            ("new Client(a)", "new Client"),
            (")", "…)"),
            (&format!("{}.end()", "a".repeat(100)), &format!("…{}.end", "a".repeat(44))),
        ] {
            assert_eq!(callee(call), told, "{call}");
        }
    }

    #[test]
    fn the_first_calls_are_named() {
        let all = ["a", "b", "c", "d", "e"].map(str::to_string);
        for (calls, named, told) in [
            (1, 0, "a call could not be resolved"),
            (1, 1, "a call could not be resolved: `a`"),
            (9, 3, "9 calls could not be resolved: `a`, `b`, `c`"),
            (9, 5, "9 calls could not be resolved: `a`, `b`, `c` and 2 more"),
        ] {
            assert_eq!(told_unresolved(calls, &all[..named]), format!("known only in part: {told}"));
        }
    }
}

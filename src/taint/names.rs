//! Full names of what is called, and types of what calls make.

use crate::flow::effects::Table;
use crate::flow::{Flow, Meaning};

/// Deepest chain of members and calls that is named.
const MAX_DEPTH: u32 = 32;

/// Full dotted name of something outside, as effect tables write it.
pub fn dotted(outside: &str) -> String {
    outside.replace("#default", "").replace("#*", "").replace('#', ".").replace("::", ".")
}

/// Full name of what a meaning is when it is called.
pub fn of_callee(flow: &Flow<'_>, meaning: &Meaning, table: &Table) -> Option<String> {
    name(flow, meaning, table, MAX_DEPTH)
}

fn name(flow: &Flow<'_>, meaning: &Meaning, table: &Table, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match meaning {
        Meaning::Outside(outside) => Some(dotted(outside)),
        Meaning::Member(base, member) => {
            let base = of_type(flow, &flow.force(base), table, depth)?;
            Some(format!("{base}.{member}"))
        }
        Meaning::Made(made) => {
            let callee = name(flow, &made.callee, table, depth)?;
            let first = made.arguments.first().filter(|_| table.stands_for_first(&callee));
            match first {
                Some(first) => name(flow, &flow.force(&first.value), table, depth),
                None => table.made_by(&callee).map(str::to_string).or(Some(callee)),
            }
        }
        Meaning::Choice(all) | Meaning::Each(all) => {
            all.iter().find_map(|one| name(flow, &flow.force(one), table, depth))
        }
        Meaning::Parameter(..) => match flow.declared(meaning)? {
            Meaning::Outside(outside) => Some(dotted(&outside)),
            _ => None,
        },
        _ => None,
    }
}

/// Full name of the type of an object.
pub fn of_type(flow: &Flow<'_>, meaning: &Meaning, table: &Table, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let declared = || match flow.declared(meaning)? {
        Meaning::Outside(outside) if matches!(meaning, Meaning::Member(..)) => Some(dotted(&outside)),
        _ => None,
    };
    let named = declared().or_else(|| name(flow, meaning, table, depth))?;
    Some(table.made_by(&named).map_or(named.clone(), str::to_string))
}

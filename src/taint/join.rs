//! Values made of others: texts one after the other, lists with more at their end, mixtures.

use crate::code::Name;
use crate::taint::address::Written;
use crate::taint::arrival::says_nothing;
use crate::taint::condition::leaves_host_open;
use crate::taint::format::{is_all_constant, is_quoted};
use crate::taint::sql::marked_in_sql;
use crate::taint::{Begin, Proofs, Shade};

/// A number or truth value of the program's own.
pub(crate) fn number() -> Shade {
    Shade { proofs: Proofs::NUMBER, ..Shade::default() }
}

/// A value made of others in a way that is not known.
pub(crate) fn mix(parts: &[Shade]) -> Shade {
    parts.iter().fold(Shade::default(), |all, part| all.with_whole(part))
}

/// A list with something more at its end.
pub(crate) fn listed(left: &Shade, right: &Shade) -> Shade {
    let items = |shade: &Shade| shade.items.as_ref().map_or_else(|| vec![shade.whole()], |items| items.to_vec());
    let all = items(left).into_iter().chain(items(right)).collect();
    Shade::list(all)
}

/// What is proven of a part of a text once the quotes around it are seen.
fn in_quotes(mut proofs: Proofs, parts: &[Shade], at: usize) -> Proofs {
    let (single, double) = (is_quoted(parts, at, '\''), is_quoted(parts, at, '"'));
    if single && proofs.has(Proofs::NO_QUOTE) {
        proofs |= Proofs::SHELL_WORD;
    }
    let is_closed = |quote, none| is_quoted(parts, at, quote) && proofs.has(none);
    if single && proofs.has(Proofs::QUOTES_DOUBLED)
        || is_closed('"', Proofs::NO_DOUBLE_QUOTE)
        || is_closed('`', Proofs::NO_BACKTICK)
    {
        proofs |= Proofs::SQL_SAFE;
    }
    if double && proofs.has(Proofs::QUOTES_ESCAPED) {
        proofs |= Proofs::CODE_SAFE;
    }
    // Inside quotes its own quotes are text, or end them.
    if proofs.has(Proofs::SHELL_QUOTED) && (single || double) {
        proofs = proofs.without(Proofs::SHELL_WORD | Proofs::SHELL_QUOTED) | Proofs::WEAK_QUOTE;
    }
    proofs
}

/// How a text begins once one more part stands at its end.
fn begun(before: Option<Begin>, part: &Shade, parts: &[Shade], own: &Shade) -> Begin {
    match before {
        None => part.begin.clone(),
        Some(Begin::Text(before)) if is_comment(&before) && is_own_until(parts, own) => behind_comment(before, part),
        Some(Begin::Text(before)) if is_all_constant(&before, parts, own) => match &part.constant {
            Some(text) => Begin::Text(Name::new(format!("{before}{text}"))),
            // The program's own names the host.
            None if !part.is_tainted() && leaves_host_open(&before) => Begin::Own,
            None => Begin::Text(before),
        },
        Some(known) => known,
    }
}

/// Whether a text is a comment of SQL and nothing else, as far as it is known.
fn is_comment(text: &str) -> bool {
    let begins = ["-- ", "--\n", "/*"].iter().any(|mark| text.trim_start().starts_with(mark));
    begins && says_nothing(text)
}

/// Whether nothing before a part comes from a caller.
fn is_own_until(parts: &[Shade], part: &Shade) -> bool {
    parts.iter().take_while(|other| !std::ptr::eq(*other, part)).all(|other| !other.holds_any())
}

/// How a text begins once more stands behind a comment: the comment goes on until it is closed.
fn behind_comment(before: Name, part: &Shade) -> Begin {
    let is_closed = before.contains(['\n', '\r']) || before.contains("*/");
    match &part.begin {
        Begin::Text(text) => Begin::Text(Name::new(format!("{before}{text}"))),
        Begin::Own if is_closed => Begin::Own,
        Begin::Own | Begin::Nothing | Begin::Argument => Begin::Text(before),
    }
}

/// Whether a component that leads upwards stands behind what came from a caller.
pub(crate) fn climbs(parts: &[Shade]) -> bool {
    let behind = parts.iter().skip_while(|part| !part.holds_any()).skip(1);
    let leads_up = |text: &Name| text.split(['/', '\\']).any(|component| component == "..");
    behind.filter_map(|part| part.constant.as_ref()).any(leads_up)
}

/// Texts one after the other.
pub(crate) fn concat(parts: &[Shade]) -> Shade {
    let mut all = Shade::default();
    let mut begin: Option<Begin> = None;
    let mut constant = Some(String::new());
    let mut written = Written::default();
    for (at, part) in parts.iter().enumerate() {
        let mut whole = part.whole();
        whole.proofs = in_quotes(whole.proofs, parts, at);
        if at > 0 && whole.is_tainted() {
            whole.proofs |= Proofs::NOT_FLAG;
        }
        if at > 0
            && whole.proofs.any(Proofs::BELOW | Proofs::DOWNWARD)
            && parts.first().is_some_and(|first| !first.holds_any())
        {
            whole.proofs |= Proofs::CONTAINED;
        }
        if whole.is_tainted() {
            written.place(&mut whole);
        }
        written.then(&whole);
        constant = constant.zip(whole.constant.as_ref()).map(|(before, text)| before + text);
        begin = Some(begun(begin, &whole, parts, part));
        // What is proven of a path as a whole does not hold of a longer one that ends in something else.
        if whole.is_tainted() && parts.len() > 1 {
            whole.proofs = whole.proofs.without(Proofs::RELATIVE);
        }
        all = all.with(&whole);
    }
    let begin = begin.unwrap_or_default();
    if let (Begin::Text(text), true) = (&begin, all.is_tainted())
        && !text.starts_with('-')
        && !text.is_empty()
    {
        all.proofs |= Proofs::NOT_FLAG;
    }
    if all.is_tainted() {
        all.proofs = all.proofs.without(Proofs::PAST_HOST) | written.whole();
    }
    if climbs(parts) {
        let held = Proofs::CONTAINED | Proofs::HELD | Proofs::BELOW | Proofs::PLAIN_NAME | Proofs::DOWNWARD;
        all.proofs = all.proofs.without(held);
        all.apart.values_mut().for_each(|proofs| *proofs = proofs.without(held));
    }
    let constant = constant.filter(|_| !all.is_tainted()).map(Name::new);
    let is_there =
        parts.iter().any(|part| part.is_there && !matches!(&part.begin, Begin::Text(text) if text.is_empty()));
    marked_in_sql(Shade { begin, is_there, constant, of: Vec::new(), ..all }, parts)
}

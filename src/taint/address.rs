//! Addresses: which part of a URL an argument chooses, and what is proven of it there.

use crate::code::Name;
use crate::model::effect::IN_URL_PATH;
use crate::taint::arrival::{CHOSEN, PUBLIC, State, held_by_settings};
use crate::taint::condition::fixes_host;
use crate::taint::join::concat;
use crate::taint::{Begin, Proofs, Shade};

/// Members of a URL that are its host, with the mark that a name of them carries.
const HOSTS: &[&str] = &["hostname", "host", "netloc", "Hostname", "Host", "host_str", "domain"];
/// Members of a URL that are its scheme.
const SCHEMES: &[&str] = &["scheme", "protocol", "Scheme"];
/// After a name: its host is meant.
const HOST_OF: &str = "@host";
/// After a name: its scheme is meant.
const SCHEME_OF: &str = "@scheme";
/// After a name: a piece or a cleaned form of its text is meant.
const PIECE_OF: &str = "@text";
/// After a name: it is meant below a root of the program's own.
pub(crate) const BELOW_OF: &str = "@below";
/// After a name: the first of its elements is meant.
pub(crate) const FIRST_OF: &str = "@first";
/// After a name: the folder that it lies in is meant.
const FOLDER_OF: &str = "@folder";
/// After a name: its text without the spaces around it is meant.
pub(crate) const TRIMMED_OF: &str = "@trimmed";
const MARKS: &[&str] = &[HOST_OF, SCHEME_OF, PIECE_OF, BELOW_OF, FIRST_OF, FOLDER_OF, TRIMMED_OF];

/// Judges a URL: an argument may choose its host, or climb out of its path.
pub(crate) fn url(shade: &Shade, fixed: bool) -> Option<(&'static str, State)> {
    // What stands behind `?` chooses nothing before it, whoever chose that.
    if shade.proofs.has(Proofs::IN_QUERY) {
        return None;
    }
    let in_path = shade.proofs.has(Proofs::SEGMENT);
    let host_is_fixed = match &shade.begin {
        _ if in_path => true,
        Begin::Own | Begin::Nothing => true,
        Begin::Text(text) => fixes_host(text),
        Begin::Argument => false,
    };
    if !host_is_fixed {
        return Some(("ssrf", host(shade.proofs, fixed)));
    }
    in_path.then(|| ("path-traversal", segment(shade.proofs, fixed)))
}

fn segment(proofs: Proofs, fixed: bool) -> State {
    if fixed {
        State::Guarded(CHOSEN)
    } else if proofs.has(Proofs::URL_WORD) {
        State::Guarded("percent-encoded")
    } else if proofs.has(Proofs::PLAIN_NAME) {
        State::Guarded("one segment of a path")
    } else if proofs.has(Proofs::DOWNWARD) {
        State::Guarded("segments that lead nowhere upwards")
    } else if proofs.has(Proofs::WEAK_PIECES) {
        State::Weak("a part of the URL's path whose pieces are encoded one by one, `..` among them as it is")
    } else if proofs.has(Proofs::WEAK_DENY) {
        State::Weak("a part of the URL's path that is held against what is forbidden and not encoded")
    } else {
        State::Weak(IN_URL_PATH)
    }
}

/// Judges the host that a value names.
pub(crate) fn host(proofs: Proofs, fixed: bool) -> State {
    if fixed {
        State::Guarded(CHOSEN)
    } else if proofs.has(Proofs::HOST_ALLOWED) {
        State::Guarded("a host from a list")
    } else if proofs.has(Proofs::HOST_PUBLIC) {
        State::Guarded(PUBLIC)
    } else if proofs.any(Proofs::NOT_PRIVATE | Proofs::NOT_LOOPBACK | Proofs::NOT_LINK) {
        State::Weak("the address is checked for some of what is private, loopback and link-local, not for all")
    } else if proofs.has(Proofs::WEAK_HOST) {
        State::Weak(
            "the host is checked before the connection is made; nothing ties the connection, or a redirect, to what was checked",
        )
    } else if proofs.has(Proofs::WEAK_PART) {
        State::Weak("only a piece of it is checked")
    } else if proofs.any(Proofs::WEAK_DENY) {
        State::Weak("the host is held against what is forbidden")
    } else if proofs.has(Proofs::WEAK_SCHEME) {
        State::Weak("only the scheme is checked")
    } else {
        held_by_settings(proofs)
    }
}

/// Names that a member of a URL tells about: the URL's own, each with the part that is meant.
pub(crate) fn parts_of_url(member: &str, of: &[Name]) -> Vec<Name> {
    let mark = match member {
        _ if HOSTS.contains(&member) => HOST_OF,
        _ if SCHEMES.contains(&member) => SCHEME_OF,
        _ => return Vec::new(),
    };
    marked(of, mark)
}

/// Names that the folder of a resolved path tells about: no `..` and no link stands behind it.
pub(crate) fn folder_of(member: &str, path: &Shade) -> Vec<Name> {
    let is_resolved = path.proofs.has(Proofs::RESOLVED | Proofs::LINKS_RESOLVED);
    if member == "parent" && is_resolved { marked(&path.of, FOLDER_OF) } else { Vec::new() }
}

/// Whether the host of an address is meant, by its names.
pub(crate) fn is_host(of: &[Name]) -> bool {
    of.iter().any(|name| name.ends_with(HOST_OF))
}

/// Names that a piece or cleaned form of a text tells about.
pub(crate) fn of_piece(of: &[Name]) -> Vec<Name> {
    marked(of, PIECE_OF)
}

/// Each name with a mark; those that have one keep it.
pub(crate) fn marked(of: &[Name], mark: &str) -> Vec<Name> {
    let is_marked = |name: &Name| MARKS.iter().any(|mark| name.ends_with(mark));
    of.iter().map(|name| if is_marked(name) { name.clone() } else { Name::new(format!("{name}{mark}")) }).collect()
}

/// The mark that a text is; no text is the mark of the whole.
pub(crate) fn exact_mark(text: &str) -> Option<&'static str> {
    if text.is_empty() { Some("") } else { MARKS.iter().copied().find(|mark| *mark == text) }
}

/// The name that is meant, and what a proof of that part of it says of the whole.
pub(crate) fn of_whole(name: &Name, proofs: Proofs) -> (Name, Proofs) {
    if let Some(whole) = name.strip_suffix(HOST_OF) {
        return (Name::new(whole), of_host(proofs));
    }
    if let Some(whole) = name.strip_suffix(PIECE_OF) {
        return (Name::new(whole), of_part(proofs));
    }
    if let Some(whole) = name.strip_suffix(BELOW_OF) {
        return (Name::new(whole), of_below(proofs));
    }
    if let Some(whole) = name.strip_suffix(FOLDER_OF) {
        let held = Proofs::CONTAINED | Proofs::HELD | Proofs::WEAK_PREFIX | Proofs::WEAK_ORDER;
        return (Name::new(whole), held.shared(proofs));
    }
    if let Some(whole) = name.strip_suffix(FIRST_OF) {
        let chosen = if proofs.has(Proofs::CHOICE) { Proofs::FIRST_CHOSEN } else { Proofs::NONE };
        return (Name::new(whole), of_part(proofs) | chosen);
    }
    // What holds without the spaces around it holds with them; the other way round a flag may come out.
    if let Some(whole) = name.strip_suffix(TRIMMED_OF) {
        return (Name::new(whole), proofs);
    }
    match name.strip_suffix(SCHEME_OF) {
        Some(whole) if proofs.has(Proofs::CHOICE) => (Name::new(whole), Proofs::WEAK_SCHEME | Proofs::NOT_FLAG),
        Some(whole) => (Name::new(whole), Proofs::NONE),
        None => (name.clone(), proofs),
    }
}

/// What is proven of a text by what is proven of a piece of it.
fn of_part(proofs: Proofs) -> Proofs {
    let told = (Proofs::WEAK_DENY | Proofs::WEAK_SQL | Proofs::WEAK_FLAG | Proofs::SEEN).shared(proofs);
    let strong = Proofs::CHOICE | Proofs::PLAIN_NAME | Proofs::SHELL_WORD | Proofs::CONTAINED | Proofs::WEAK_ORDER;
    if proofs.any(strong) { told | Proofs::WEAK_PART } else { told }
}

/// What is proven of a path by what is proven of it below a root.
fn of_below(proofs: Proofs) -> Proofs {
    let weak = Proofs::WEAK_PREFIX | Proofs::WEAK_ORDER | Proofs::WEAK_DENY | Proofs::NO_DOTS | Proofs::SEEN;
    let told = weak.shared(proofs);
    if proofs.any(Proofs::CONTAINED | Proofs::CHOICE) { told | Proofs::BELOW } else { told }
}

/// What is proven of a URL by what is proven of its host.
fn of_host(proofs: Proofs) -> Proofs {
    let kept = Proofs::HOST_ALLOWED | Proofs::HOST_PUBLIC | Proofs::WEAK_HOST | Proofs::WEAK_DENY | Proofs::SEEN;
    let kept = kept | Proofs::NOT_PRIVATE | Proofs::NOT_LOOPBACK | Proofs::NOT_LINK;
    let text = Proofs::WEAK_PREFIX | Proofs::WEAK_ORDER | Proofs::PLAIN_NAME;
    let mut told = kept.shared(proofs);
    if proofs.any(Proofs::CHOICE | Proofs::NUMBER | Proofs::OWN_SUFFIX) {
        told |= Proofs::HOST_ALLOWED;
    } else if proofs.any(text) {
        told |= Proofs::WEAK_HOST;
    }
    told
}

/// What a test of an address that was looked up proves more than the same test of a name.
pub(crate) fn of_looked_up(proofs: Proofs) -> Proofs {
    let tests = Proofs::WEAK_DENY | Proofs::WEAK_HOST | Proofs::PLAIN_NAME | Proofs::CHOICE;
    if proofs.any(tests) { proofs | Proofs::HOST_PUBLIC } else { proofs }
}

/// An address that is neither private nor loopback nor link-local is public.
pub(crate) fn with_public(proofs: Proofs) -> Proofs {
    let all = Proofs::NOT_PRIVATE | Proofs::NOT_LOOPBACK | Proofs::NOT_LINK;
    if proofs.has(all) { proofs | Proofs::HOST_PUBLIC } else { proofs }
}

/// A URL that may be relative, resolved against another.
pub(crate) fn resolved_against(base: &Shade, url: Shade) -> Shade {
    if !base.holds_any() && url.begin != Begin::Own {
        return url;
    }
    let of = url.of.clone();
    let parts = if url.begin == Begin::Argument { [url, base.whole()] } else { [base.whole(), url] };
    Shade { of, ..concat(&parts) }
}

/// How far into a URL text has been written.
#[derive(Default)]
pub(crate) struct Written {
    in_path: bool,
    past: bool,
}

impl Written {
    /// What is known of the whole once all of it is written.
    pub(crate) fn whole(&self) -> Proofs {
        let of = |is: bool, proof: Proofs| if is { proof } else { Proofs::NONE };
        of(self.in_path, Proofs::PAST_HOST) | of(self.past, Proofs::QUERY_BEGUN)
    }

    /// Marks a part that came from a caller by where it stands: what was written into a query before stays in it.
    pub(crate) fn place(&self, part: &mut Shade) {
        let segment = Proofs::SEGMENT;
        if self.past {
            part.proofs = part.proofs.without(segment) | Proofs::IN_QUERY;
            part.apart.values_mut().for_each(|proofs| *proofs = proofs.without(segment));
        } else if self.in_path && !part.apart.values().any(|proofs| proofs.has(Proofs::IN_QUERY)) {
            if !part.proofs.has(Proofs::IN_QUERY) {
                part.proofs |= segment;
            }
        } else if self.in_path {
            for name in part.carries.keys() {
                let proofs = part.apart.entry(name.clone()).or_default();
                if !proofs.has(Proofs::IN_QUERY) {
                    *proofs |= segment;
                }
            }
        }
    }

    /// Takes note of a part that was written.
    pub(crate) fn then(&mut self, part: &Shade) {
        let text = match (&part.constant, &part.begin) {
            (Some(text), _) | (None, Begin::Text(text)) => text.as_str(),
            _ => "",
        };
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        self.past |= text.contains(['?', '#']) || part.proofs.has(Proofs::QUERY_BEGUN);
        self.in_path |= text.contains('/') || part.proofs.any(Proofs::SEGMENT | Proofs::PAST_HOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_of_the_host_tells_of_the_url() {
        let of = parts_of_url("hostname", &[Name::new("url"), Name::new("@0")]);
        assert_eq!(of, ["url@host", "@0@host"]);
        assert_eq!(of_whole(&of[1], Proofs::CHOICE), (Name::new("@0"), Proofs::HOST_ALLOWED));
        assert_eq!(
            of_whole(&Name::new("url@scheme"), Proofs::CHOICE),
            (Name::new("url"), Proofs::WEAK_SCHEME | Proofs::NOT_FLAG)
        );
        assert_eq!(of_whole(&Name::new("url@scheme"), Proofs::WEAK_DENY).1, Proofs::NONE, "a scheme refused");
        assert!(parts_of_url("path", &[Name::new("url")]).is_empty());
    }
}

//! Specifiers of unit files: `%S`, `%h`, `%i` and the like, as the manager of the system fills them in.

/// Name of a unit, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    whole: &'a str,
    /// Whether the manager of one user runs it.
    is_of_user: bool,
}

impl<'a> Name<'a> {
    /// The name of a unit's file.
    pub fn new(whole: &'a str, is_of_user: bool) -> Self {
        Self { whole, is_of_user }
    }

    fn bare(self) -> &'a str {
        self.whole.rsplit_once('.').map_or(self.whole, |(bare, _)| bare)
    }

    /// What stands before `@`, or before the type where there is none.
    fn prefix(self) -> &'a str {
        self.bare().split('@').next().unwrap_or(self.whole)
    }

    /// What stands behind `@`; nothing for a template, which an instance fills in later.
    fn instance(self) -> Option<&'a str> {
        self.bare().split_once('@').map(|(_, instance)| instance).filter(|instance| !instance.is_empty())
    }

    /// What a specifier stands for; nothing where the machine or an instance decides.
    fn stands_for(self, specifier: char) -> Option<&'a str> {
        let of_user = |system: &'static str, user: &'static str| Some(if self.is_of_user { user } else { system });
        match specifier {
            '%' => Some("%"),
            'n' => Some(self.whole),
            'N' => Some(self.bare()),
            'p' | 'P' => Some(self.prefix()),
            'i' | 'I' if !self.bare().contains('@') => Some(""),
            'i' | 'I' => self.instance(),
            'j' | 'J' => self.prefix().rsplit('-').next(),
            'S' => of_user("/var/lib", "~/.local/state"),
            'C' => of_user("/var/cache", "~/.cache"),
            'L' => of_user("/var/log", "~/.local/state/log"),
            'E' => of_user("/etc", "~/.config"),
            'h' => of_user("/root", "~"),
            't' if !self.is_of_user => Some("/run"),
            'u' | 'g' if !self.is_of_user => Some("root"),
            'U' | 'G' if !self.is_of_user => Some("0"),
            'T' => Some("/tmp"),
            'V' => Some("/var/tmp"),
            _ => None,
        }
    }
}

/// A value with its specifiers filled in; what is not known here becomes a variable.
pub fn expand(text: &str, name: Name<'_>) -> String {
    if !text.contains('%') {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some(specifier) => match name.stands_for(specifier) {
                Some(value) => out.push_str(value),
                None if specifier.is_ascii_alphabetic() => out.push_str(&format!("${{unit_{specifier}}}")),
                None => out.extend(['%', specifier]),
            },
            None => out.push('%'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_filled_in_where_the_unit_says_enough() {
        for (unit, text, expected) in [
            ("orders.service", "%S/%p/%%s", "/var/lib/orders/%s"),
            ("orders@blue.service", "%i of %p in %N", "blue of orders in orders@blue"),
            ("orders@.service", "/srv/%i", "/srv/${unit_i}"),
            ("orders.service", "x%i", "x"),
            ("orders.service", "%H %", "${unit_H} %"),
            ("orders.service", "%u %h", "root /root"),
            ("orders.service", "100%!", "100%!"),
        ] {
            assert_eq!(expand(text, Name::new(unit, false)), expected, "{text} in {unit}");
        }
        assert_eq!(expand("%h/x %u", Name::new("a.service", true)), "~/x ${unit_u}");
    }
}

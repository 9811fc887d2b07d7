//! What can be proven of a value, and what holds of two together.

use std::ops::{BitAnd, BitOr, BitOrAssign};

/// Things that can be proven of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proofs(u128);

impl Proofs {
    /// Signs that tell them from others, and a dot.
    pub(crate) fn key(self, out: &mut String) {
        let mut rest = self.0;
        while rest > 0 {
            out.push(char::from(b'0' + (rest & 63) as u8));
            rest >>= 6;
        }
        out.push('.');
    }

    /// Nothing.
    pub const NONE: Proofs = Proofs(0);
    /// A number or a truth value.
    pub const NUMBER: Proofs = Proofs(1);
    /// One of a fixed set of values.
    pub const CHOICE: Proofs = Proofs(1 << 1);
    /// Holds nothing that leaves a folder: no separator, no `..`.
    pub const PLAIN_NAME: Proofs = Proofs(1 << 2);
    /// Holds nothing that a shell reads as more than a word.
    pub const SHELL_WORD: Proofs = Proofs(1 << 3);
    /// Does not begin with a hyphen.
    pub const NOT_FLAG: Proofs = Proofs(1 << 4);
    /// An absolute path without `..`.
    pub const RESOLVED: Proofs = Proofs(1 << 5);
    /// A path whose links are resolved too.
    pub const LINKS_RESOLVED: Proofs = Proofs(1 << 6);
    /// Inside a root, compared by components after resolution.
    pub const CONTAINED: Proofs = Proofs(1 << 7);
    /// What holds it inside a root was asked once its links were resolved.
    pub const HELD: Proofs = Proofs(1 << 55);
    /// A host from a list.
    pub const HOST_ALLOWED: Proofs = Proofs(1 << 8);
    /// A host that was resolved and is no private address.
    pub const HOST_PUBLIC: Proofs = Proofs(1 << 9);
    /// Quoted or escaped for SQL, or a checked identifier.
    pub const SQL_SAFE: Proofs = Proofs(1 << 10);
    /// Holds no dangerous code.
    pub const CODE_SAFE: Proofs = Proofs(1 << 11);
    /// Relative from a root to the value it was made of.
    pub const RELATIVE: Proofs = Proofs(1 << 12);
    /// Holds no single quote that would end a quoted word.
    pub const NO_QUOTE: Proofs = Proofs(1 << 13);
    /// Holds no double quote, or only doubled ones, so that none ends a quoted SQL identifier.
    pub const NO_DOUBLE_QUOTE: Proofs = Proofs(1 << 40);
    /// Holds no backtick, or only doubled ones, so that none ends a quoted SQL identifier.
    pub const NO_BACKTICK: Proofs = Proofs(1 << 58);
    /// Stages of an aggregation none of which writes a collection, or that may write.
    pub const NO_OUT: Proofs = Proofs(1 << 60);
    /// As before, of the stage that merges into one.
    pub const NO_MERGE: Proofs = Proofs(1 << 61);
    /// Holds no single quote, or only doubled ones, so that none ends a literal of SQL.
    pub const QUOTES_DOUBLED: Proofs = Proofs(1 << 49);
    /// Came through a schema that refuses what does not fit.
    pub const VALIDATED: Proofs = Proofs(1 << 43);
    /// Words that a text was split into, or one of them.
    pub const WORDS: Proofs = Proofs(1 << 47);
    /// Holds no slash.
    pub const NO_SLASH: Proofs = Proofs(1 << 41);
    /// Holds no two dots in a row.
    pub const NO_DOTS: Proofs = Proofs(1 << 42);
    /// A list of the pieces of a path: a shape, not a merit.
    pub const PIECES: Proofs = Proofs(1 << 45);
    /// Inside a root once it is joined to one: the join was held, not the value by itself.
    pub const BELOW: Proofs = Proofs(1 << 48);
    /// Weak: pieces of a path that was held as a whole, in which `..` may stand.
    pub const WEAK_PIECES: Proofs = Proofs(1 << 44);
    /// Percent-encoded: one segment or value of a URL.
    pub const URL_WORD: Proofs = Proofs(1 << 14);
    /// Stands in the path of a URL, after other text: a place, not a merit.
    pub const SEGMENT: Proofs = Proofs(1 << 15);
    /// Holds backslashes only in pairs.
    pub const BACKSLASHES_DOUBLED: Proofs = Proofs(1 << 52);
    /// Holds double quotes only behind a backslash, so that none ends a quoted text of code.
    pub const QUOTES_ESCAPED: Proofs = Proofs(1 << 53);
    /// Ends with a dot and a text of the program's own.
    pub const OWN_SUFFIX: Proofs = Proofs(1 << 51);
    /// Stands in the query of a URL: a place, not a merit.
    pub const IN_QUERY: Proofs = Proofs(1 << 50);

    /// Weak: begins with a root's text, compared without separator.
    pub const WEAK_PREFIX: Proofs = Proofs(1 << 16);
    /// Weak: inside a root, but compared before resolution.
    pub const WEAK_ORDER: Proofs = Proofs(1 << 17);
    /// Weak: held against a list of what is forbidden.
    pub const WEAK_DENY: Proofs = Proofs(1 << 18);
    /// Weak: only the scheme was checked.
    pub const WEAK_SCHEME: Proofs = Proofs(1 << 19);
    /// Weak: the host was checked by its text, not by its address.
    pub const WEAK_HOST: Proofs = Proofs(1 << 20);
    /// Weak: keywords were looked for in SQL.
    pub const WEAK_SQL: Proofs = Proofs(1 << 21);
    /// Weak: quoted in part, or by hand.
    pub const WEAK_QUOTE: Proofs = Proofs(1 << 22);

    /// An address that a name was resolved to.
    pub const LOOKED_UP: Proofs = Proofs(1 << 23);
    /// Met before, in a collection of what has been looked at.
    pub const SEEN: Proofs = Proofs(1 << 24);
    /// Holds no semicolon.
    pub const ONE_STATEMENT: Proofs = Proofs(1 << 25);

    /// An address that was looked up and is none of a private network.
    pub const NOT_PRIVATE: Proofs = Proofs(1 << 26);
    /// An address that was looked up and is not this machine.
    pub const NOT_LOOPBACK: Proofs = Proofs(1 << 27);
    /// An address that was looked up and is not of this link, as metadata services are.
    pub const NOT_LINK: Proofs = Proofs(1 << 28);

    /// Any of what makes a path, an address or a text safe to use.
    pub const HOLDING: Proofs =
        Proofs(Self::CONTAINED.0 | Self::HOST_ALLOWED.0 | Self::HOST_PUBLIC.0 | Self::SQL_SAFE.0 | Self::CODE_SAFE.0);

    /// What is told of a text by its characters, which hold others once it is decoded.
    pub const OF_TEXT: Proofs = Proofs(
        Self::HOLDING.0
            | Self::PLAIN_NAME.0
            | Self::SHELL_WORD.0
            | Self::NOT_FLAG.0
            | Self::RESOLVED.0
            | Self::LINKS_RESOLVED.0
            | Self::HELD.0
            | Self::NORMAL.0
            | Self::BELOW.0
            | Self::NO_SLASH.0
            | Self::NO_DOTS.0
            | Self::NO_QUOTE.0
            | Self::NO_DOUBLE_QUOTE.0
            | Self::NO_BACKTICK.0
            | Self::QUOTES_DOUBLED.0
            | Self::QUOTES_ESCAPED.0
            | Self::BACKSLASHES_DOUBLED.0
            | Self::ONE_STATEMENT.0
            | Self::URL_WORD.0
            | Self::WORDS.0
            | Self::SHELL_QUOTED.0,
    );

    /// Weak: only a piece of it was checked.
    pub const WEAK_PART: Proofs = Proofs(1 << 29);
    /// Weak: none of the flags that are forbidden, but others.
    pub const WEAK_FLAG: Proofs = Proofs(1 << 30);
    /// Weak: held against something that is empty as long as the environment says nothing, and then lets all pass.
    pub const WEAK_UNSET: Proofs = Proofs(1 << 59);
    /// Weak: one of a collection that callers add to.
    pub const WEAK_GROWN: Proofs = Proofs(1 << 67);
    /// Held against what may be anything: what holds makes up for it.
    const UNHELD: Proofs = Proofs(Self::WEAK_UNSET.0 | Self::WEAK_GROWN.0);
    /// Names of members or counts only, or taken out: nothing that must be kept from a log.
    pub const LOG_SAFE: Proofs = Proofs(1 << 31);
    /// A path that a separator was put after, so that its beginning is compared by whole components.
    pub const CLOSED: Proofs = Proofs(1 << 32);
    /// What the schema that it came through proves is in its parts: a shape, not a merit.
    pub const SCHEMED: Proofs = Proofs(1 << 56);
    /// One word to a shell by quotes of its own: a shape, not a merit.
    pub const SHELL_QUOTED: Proofs = Proofs(1 << 57);
    /// The very argument, as it was taken out of all: a shape, not a merit.
    pub const AS_GIVEN: Proofs = Proofs(1 << 33);
    /// A URL whose query has begun: a shape, not a merit.
    pub const QUERY_BEGUN: Proofs = Proofs(1 << 34);
    /// A path from which `..` was taken out, but at its beginning: a shape, not a merit.
    pub const NORMAL: Proofs = Proofs(1 << 36);
    /// An absolute path: a shape, not a merit.
    pub const ABSOLUTE: Proofs = Proofs(1 << 64);
    /// An object whose members are all arguments one by one: a shape, not a merit.
    pub const MADE_OF_ALL: Proofs = Proofs(1 << 65);
    /// One of many that are gone through, of which no other says anything: a shape, not a merit.
    pub const ONE_OF_MANY: Proofs = Proofs(1 << 66);
    /// Not an absolute path.
    pub const NOT_ABSOLUTE: Proofs = Proofs(1 << 37);
    /// Does not begin with `..` and a separator.
    pub const NOT_FROM_ABOVE: Proofs = Proofs(1 << 38);
    /// Is not `..` itself.
    pub const NOT_ABOVE: Proofs = Proofs(1 << 39);
    /// Words of which the first is one of a fixed set: a shape, not a merit.
    pub const FIRST_CHOSEN: Proofs = Proofs(1 << 62);
    /// What a call names, which no call lacks: a shape, not a merit.
    pub const NAMED: Proofs = Proofs(1 << 63);
    /// A relative path that leads nowhere upwards.
    pub const DOWNWARD: Proofs = Proofs(1 << 35);
    /// Pairs of a name and what it names.
    pub const PAIRS: Proofs = Proofs(1 << 46);
    /// The text of a URL that goes on past its host, so that nothing written behind it is part of the host.
    pub const PAST_HOST: Proofs = Proofs(1 << 54);

    /// Any of what looks like a guard and does not hold.
    pub const WEAK: Proofs =
        Proofs(0b111_1111 << 16 | Self::WEAK_PART.0 | Self::WEAK_FLAG.0 | Self::WEAK_PIECES.0 | Self::UNHELD.0);

    /// With everything that follows from what is proven.
    fn implied(self) -> Proofs {
        const FOLLOWS: &[(Proofs, u128)] = &[
            // Behind a resolved folder it leads nowhere else.
            (
                Proofs::PLAIN_NAME,
                Proofs::CONTAINED.0
                    | Proofs::DOWNWARD.0
                    | Proofs::HELD.0
                    | Proofs::RESOLVED.0
                    | Proofs::LINKS_RESOLVED.0,
            ),
            (
                Proofs::CONTAINED,
                Proofs::WEAK_PREFIX.0
                    | Proofs::WEAK_ORDER.0
                    | Proofs::WEAK_DENY.0
                    | Proofs::WEAK_PIECES.0
                    | Proofs::UNHELD.0
                    | Proofs::BELOW.0,
            ),
            (Proofs::HOST_ALLOWED, Proofs::HOST_PUBLIC.0),
            (Proofs::HOST_PUBLIC, Proofs::WEAK_HOST.0 | Proofs::WEAK_DENY.0 | Proofs::UNHELD.0),
            (Proofs::WEAK_HOST, Proofs::WEAK_SCHEME.0),
            (Proofs::SHELL_WORD, Proofs::WEAK_QUOTE.0 | Proofs::WEAK_DENY.0 | Proofs::UNHELD.0),
            (Proofs::SQL_SAFE, Proofs::WEAK_SQL.0 | Proofs::WEAK_DENY.0 | Proofs::UNHELD.0),
            (Proofs::CODE_SAFE, Proofs::WEAK_DENY.0 | Proofs::UNHELD.0),
            (Proofs::NOT_FLAG, Proofs::WEAK_FLAG.0),
            (Proofs::WEAK_DENY, Proofs::WEAK_FLAG.0),
        ];
        let shape = Proofs::RESOLVED
            | Proofs::LINKS_RESOLVED
            | Proofs::ABSOLUTE
            | Proofs::RELATIVE
            | Proofs::SEGMENT
            | Proofs::IN_QUERY
            | Proofs::QUERY_BEGUN
            | Proofs::SEEN
            | Proofs::PIECES
            | Proofs::PAIRS
            | Proofs::WORDS
            | Proofs::SHELL_QUOTED
            | Proofs::PAST_HOST
            | Proofs::NORMAL
            | Proofs::FIRST_CHOSEN
            | Proofs::NAMED
            | Proofs::MADE_OF_ALL
            | Proofs::ONE_OF_MANY
            | Proofs::CLOSED;
        if self.any(Proofs::NUMBER | Proofs::CHOICE) {
            return Proofs(!shape.0 | self.0);
        }
        FOLLOWS.iter().fold(self, |all, (from, to)| if all.has(*from) { Proofs(all.0 | to) } else { all })
    }

    /// What both name, as a constant.
    pub(crate) const fn and(self, other: Proofs) -> Proofs {
        Proofs(self.0 | other.0)
    }

    /// Whether all of `other` is proven.
    pub fn has(self, other: Proofs) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is proven.
    pub fn any(self, other: Proofs) -> bool {
        self.0 & other.0 != 0
    }

    /// What is proven here and not in `other`.
    pub fn without(self, other: Proofs) -> Proofs {
        Proofs(self.0 & !other.0)
    }

    /// What is proven here and in `other`, bit by bit.
    pub fn shared(self, other: Proofs) -> Proofs {
        Proofs(self.0 & other.0)
    }

    /// Whether nothing is proven.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Proofs {
    type Output = Proofs;
    fn bitor(self, other: Proofs) -> Proofs {
        // What holds neither a slash nor two dots is one component of a path.
        const NAME: u128 = Proofs::NO_SLASH.0 | Proofs::NO_DOTS.0;
        // A relative path holds no way upwards, or has its ways upwards at its beginning alone, where none is.
        const NO_WAY_UP: u128 = Proofs::NOT_ABSOLUTE.0 | Proofs::NO_DOTS.0;
        const NONE_LEFT: u128 =
            Proofs::NOT_ABSOLUTE.0 | Proofs::NORMAL.0 | Proofs::NOT_FROM_ABOVE.0 | Proofs::NOT_ABOVE.0;
        let mut both = self.0 | other.0;
        if both & NAME == NAME {
            both |= Proofs::PLAIN_NAME.0;
        }
        if both & NO_WAY_UP == NO_WAY_UP || both & NONE_LEFT == NONE_LEFT {
            both |= Proofs::DOWNWARD.0;
        }
        Proofs(both)
    }
}

impl BitOrAssign for Proofs {
    fn bitor_assign(&mut self, other: Proofs) {
        *self = *self | other;
    }
}

/// What holds either way: a bit of one side that the other side proves too, or proves more than.
impl BitAnd for Proofs {
    type Output = Proofs;
    fn bitand(self, other: Proofs) -> Proofs {
        let (one, two) = (self.implied().0, other.implied().0);
        let sure = (one & other.0) | (self.0 & two);
        let flag = if sure & Proofs::NOT_FLAG.0 == 0 { one & two & Proofs::WEAK_FLAG.0 } else { 0 };
        Proofs(sure | flag)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_proof_has_a_bit_of_its_own() {
        let bits = include_str!("proofs.rs").lines().filter_map(|line| line.split("= Proofs(1 << ").nth(1));
        let mut seen = BTreeSet::new();
        for bit in bits {
            assert!(seen.insert(bit), "two proofs share a bit: {bit}");
        }
        assert!(seen.len() > 50);
    }
}

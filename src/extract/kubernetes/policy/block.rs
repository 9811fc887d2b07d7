//! Address blocks: whether one is a good part of all addresses once its exceptions are taken away.

use std::net::IpAddr;

/// Shortest prefix of IPv4 that still names something; a shorter one is a good part of the internet.
const NAMED_PREFIX: u32 = 8;
/// Blocks of IPv6 that stay within an organisation, however large they are.
const OWN: &[&str] = &["fc00::/7", "fe80::/10"];

/// First and last address of a block, in a family of so many bits.
#[derive(Clone, Copy)]
struct Block {
    bits: u32,
    first: u128,
    last: u128,
}

impl Block {
    fn read(text: &str) -> Option<Self> {
        let (address, prefix) = text.trim().split_once('/')?;
        let prefix: u32 = prefix.trim().parse().ok()?;
        let (bits, start): (u32, u128) = match address.trim().parse().ok()? {
            IpAddr::V4(address) => (32, u128::from(u32::from(address))),
            IpAddr::V6(address) => (128, u128::from(address)),
        };
        let size = 1_u128.checked_shl(bits.checked_sub(prefix)?);
        let mask = size.map_or(u128::MAX, |size| size - 1);
        Some(Self { bits, first: start & !mask, last: start | mask })
    }

    fn lies_in(self, other: Self) -> bool {
        self.bits == other.bits && other.first <= self.first && self.last <= other.last
    }

    /// How many of its addresses the others do not cover.
    fn left(self, others: &[Self]) -> u128 {
        let mut inside: Vec<Self> = others.iter().copied().filter(|other| other.bits == self.bits).collect();
        inside.sort_by_key(|other| other.first);
        let (mut left, mut next) = (0_u128, self.first);
        for other in inside {
            let start = other.first.min(self.last.saturating_add(1));
            left = left.saturating_add(start.saturating_sub(next));
            if other.last >= self.last {
                return left;
            }
            next = next.max(other.last.saturating_add(1));
        }
        left.saturating_add(self.last.saturating_sub(next)).saturating_add(1)
    }
}

/// Whether an address block is a good part of all addresses, once these are excepted.
pub fn is_anywhere(cidr: &str, except: &[String]) -> bool {
    let Some(whole) = Block::read(cidr) else { return false };
    let except: Vec<Block> = except.iter().filter_map(|text| Block::read(text)).collect();
    let is_own = OWN.iter().filter_map(|text| Block::read(text)).any(|own| whole.lies_in(own));
    let named = if whole.bits == 32 { 1_u128 << (32 - NAMED_PREFIX) } else { 1_u128 << (128 - 2 * NAMED_PREFIX) };
    !is_own && whole.left(&except) > named
}

/// Whether these blocks together are every address of IPv4, or of IPv6 where they are of that.
pub fn is_everything(cidrs: &[String]) -> bool {
    let all: Vec<Block> = cidrs.iter().filter_map(|text| Block::read(text)).collect();
    let whole = |text: &str| Block::read(text).is_some_and(|whole| whole.left(&all) == 0);
    whole("0.0.0.0/0") || (all.iter().all(|block| block.bits == 128) && whole("::/0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_most_addresses_is_anywhere() {
        for (cidr, expected) in [
            ("0.0.0.0/0", true),
            ("128.0.0.0/1", true),
            ("::/0", true),
            ("2000::/3", true),
            ("10.0.0.0/8", false),
            ("10.1.2.3/32", false),
            ("fd00::/16", false),
            ("fc00::/7", false),
            ("10.1.2.3", false),
            ("10.0.0.0/40", false),
            ("x/y", false),
        ] {
            assert_eq!(is_anywhere(cidr, &[]), expected, "{cidr}");
        }
    }

    #[test]
    fn exceptions_count_by_what_they_leave() {
        for (cidr, except, expected) in [
            ("0.0.0.0/0", "169.254.169.254/32", true),
            ("0.0.0.0/0", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16", true),
            ("0.0.0.0/0", "0.0.0.0/1 128.0.0.0/1", false),
            ("0.0.0.0/0", "128.0.0.0/1 0.0.0.0/2 64.0.0.0/3 96.0.0.0/4 112.0.0.0/5", true),
            ("0.0.0.0/0", "0.0.0.0/0", false),
            ("10.0.0.0/7", "10.0.0.0/8", false),
            ("10.0.0.0/7", "12.0.0.0/8", true),
            ("0.0.0.0/0", "::/0", true),
            ("::/0", "::/0", false),
            ("::/0", "8000::/1", true),
            ("255.255.255.0/0", "nothing", true),
        ] {
            let except: Vec<String> = except.split(' ').map(str::to_string).collect();
            assert_eq!(is_anywhere(cidr, &except), expected, "{cidr} without {except:?}");
        }
    }

    #[test]
    fn everything_is_told_from_nearly_everything() {
        for (cidrs, expected) in [
            ("0.0.0.0/0", true),
            ("0.0.0.0/0 ::/0", true),
            ("0.0.0.0/1 128.0.0.0/1", true),
            ("0.0.0.0/1 128.0.0.0/2", false),
            ("::/0", true),
            ("", false),
        ] {
            let cidrs: Vec<String> = cidrs.split(' ').map(str::to_string).collect();
            assert_eq!(is_everything(&cidrs), expected, "{cidrs:?}");
        }
    }
}

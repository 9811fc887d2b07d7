//! Paths in a git index, versions 2 to 4.

/// Most entries that are read.
const MAX_ENTRIES: u32 = 5_000_000;

/// Every path of an index; `None` where it is not one or is cut short. Paths that are not UTF-8 are left out, and so
/// are paths of a sparse or split index, which does not list all.
pub fn paths(bytes: &[u8]) -> Option<Vec<String>> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take(4)? != b"DIRC" {
        return None;
    }
    let version = reader.number()?;
    let count = reader.number()?;
    if !(2..=4).contains(&version) || count > MAX_ENTRIES {
        return None;
    }
    let mut paths = Vec::new();
    let mut previous: Vec<u8> = Vec::new();
    for _ in 0..count {
        let path = reader.entry(version, &previous)?;
        if let Ok(text) = std::str::from_utf8(&path) {
            paths.push(text.to_string());
        }
        previous = path;
    }
    // A split index ("link") names another file that holds the rest.
    let extensions = bytes.get(reader.at..).unwrap_or_default();
    (!extensions.starts_with(b"link")).then_some(paths)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// One entry: 62 bytes of metadata with SHA-1 (flags at byte 60), two more where extended, then the path.
    fn entry(&mut self, version: u32, previous: &[u8]) -> Option<Vec<u8>> {
        let start = self.at;
        self.take(60)?;
        let flags = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        if flags & 0x4000 != 0 {
            if version < 3 {
                return None;
            }
            self.take(2)?;
        }
        if version == 4 {
            let drop = self.offset()?;
            let keep = previous.len().checked_sub(drop)?;
            let mut path = previous.get(..keep)?.to_vec();
            path.extend_from_slice(self.until_nul()?);
            return Some(path);
        }
        let path = self.until_nul()?.to_vec();
        // Entries are padded with one to eight NULs to a multiple of eight; one of them has been taken.
        let length = self.at - start;
        self.take((8 - length % 8) % 8)?;
        Some(path)
    }

    fn until_nul(&mut self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().position(|byte| *byte == 0)?;
        let text = self.take(length)?;
        self.take(1)?;
        Some(text)
    }

    /// Variable-width number as in pack files: every further byte adds one.
    fn offset(&mut self) -> Option<usize> {
        let mut byte = *self.take(1)?.first()?;
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = *self.take(1)?.first()?;
            value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(version: u32, entries: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend((entries.len() as u32).to_be_bytes());
        for (prefix, name) in entries {
            let start = bytes.len();
            bytes.extend([0; 62]);
            bytes.extend(*prefix);
            bytes.extend(*name);
            bytes.push(0);
            while version < 4 && !(bytes.len() - start).is_multiple_of(8) {
                bytes.push(0);
            }
        }
        bytes.extend([0; 20]);
        bytes
    }

    #[test]
    fn paths_of_all_versions_are_read() {
        let two = index(2, &[(b"", b"a/b.py"), (b"", b"c"), (b"", b"exactly-filling-up-it-all")]);
        assert_eq!(paths(&two), Some(vec!["a/b.py".into(), "c".into(), "exactly-filling-up-it-all".into()]));
        let four = index(4, &[(&[0], b"src/a.py"), (&[4], b"b.py"), (&[8], b"t.md")]);
        assert_eq!(paths(&four), Some(vec!["src/a.py".into(), "src/b.py".into(), "t.md".into()]));
    }

    #[test]
    fn garbage_is_not_an_index() {
        let good = index(2, &[(b"", b"a")]);
        for cut in 0..good.len() - 20 {
            assert_eq!(paths(&good[..cut]), None, "{cut}");
        }
        assert_eq!(paths(&index(4, &[(&[9], b"a")])), None, "drops more than there is");
        assert_eq!(paths(b"DIRC\0\0\0\x02\xff\xff\xff\xff"), None);
    }
}

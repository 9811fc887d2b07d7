//! Path patterns: `*` within a name, `**` across folders, `?` one character.

/// Whether a pattern matches the end of a path, beginning at a folder boundary.
pub fn ends_with(pattern: &str, path: &str) -> bool {
    if !pattern.bytes().any(|sign| matches!(sign, b'*' | b'?')) {
        return path.strip_suffix(pattern).is_some_and(|above| above.is_empty() || above.ends_with('/'));
    }
    let mut names = path.rsplit('/');
    pattern.rsplit('/').all(|pattern| names.next().is_some_and(|name| name_matches(pattern, name)))
}

/// Whether a pattern covers a path or a folder above it. A pattern without `/` may match any name on the way; one with
/// `/` begins at the root.
pub fn covers(pattern: &str, path: &str) -> bool {
    let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
    if trimmed.is_empty() {
        return false;
    }
    if !trimmed.contains('/') {
        return path.split('/').any(|name| trimmed == "**" || name_matches(trimmed, name));
    }
    let pattern: Vec<&str> = trimmed.trim_start_matches('/').split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    segments_match(&pattern, &path)
}

/// Row by row over the pattern, so that many `**` cost no more than pattern times path.
fn segments_match(pattern: &[&str], path: &[&str]) -> bool {
    let mut reachable = vec![false; path.len() + 1];
    reachable[0] = true;
    for segment in pattern {
        let mut next = vec![false; path.len() + 1];
        for at in 0..=path.len() {
            if *segment == "**" {
                next[at] = reachable[at] || (at > 0 && next[at - 1]);
            } else if at > 0 {
                next[at] = reachable[at - 1] && name_matches(segment, path[at - 1]);
            }
        }
        reachable = next;
    }
    // What lies below a matched folder is covered too.
    reachable.iter().any(|reached| *reached)
}

/// Whether one name matches, with `*` and `?`; linear but for one point of return.
pub fn name_matches(pattern: &str, name: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == name;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_folders_and_what_lies_below() {
        for (pattern, path, expected) in [
            ("docs", "docs/a.md", true),
            ("docs", "x/docs/a.md", true),
            ("docs/", "docs", true),
            ("/docs", "x/docs/a.md", false),
            ("a/*.py", "a/b.py", true),
            ("a/*.py", "a/b/c.py", false),
            ("a/**/c.py", "a/b/d/c.py", true),
            ("a/**/c.py", "a/c.py", true),
            ("**/gen/*", "x/y/gen/z.ts", true),
            ("*.min.js", "lib/a.min.js", true),
            ("*.min.js", "lib/a.js", false),
            ("", "a", false),
            ("test?", "tests/x", true),
        ] {
            assert_eq!(covers(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn many_stars_end_quickly() {
        let pattern = "*a".repeat(200);
        assert!(!name_matches(&pattern, &"a".repeat(150)));
        assert!(!covers(&format!("{}z", "**/".repeat(300)), &"a/".repeat(300)));
    }
}

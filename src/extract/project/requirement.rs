//! One requirement: where it comes from, and whether it names one exact thing.

/// A requirement as written, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// As written; empty where any version will do.
    pub text: String,
    /// Whether it names one exact version, digest or commit.
    pub exact: bool,
    /// `registry`, `git`, `url`, `path`.
    pub origin: &'static str,
    /// For git: the full commit.
    pub commit: Option<String>,
}

impl Requirement {
    /// A version of a registry.
    pub fn registry(text: &str, exact: bool) -> Self {
        Self { text: text.trim().into(), exact, origin: "registry", commit: None }
    }

    /// A folder of this tree.
    pub fn path(text: &str) -> Self {
        Self { text: text.into(), exact: true, origin: "path", commit: None }
    }

    /// An archive; exact where a hash stands with it.
    pub fn url(text: &str) -> Self {
        let exact = ["#sha256=", "#sha512=", "--hash="].iter().any(|mark| text.contains(mark));
        Self { text: text.into(), exact, origin: "url", commit: None }
    }

    /// A repository at a reference.
    pub fn git(text: &str, reference: Option<&str>) -> Self {
        let commit = reference.filter(|reference| is_commit(reference)).map(str::to_string);
        Self { text: text.into(), exact: commit.is_some(), origin: "git", commit }
    }

    /// As `package.json` writes it.
    pub fn of_npm(text: &str) -> Self {
        let text = text.trim();
        let starts = |list: &[&str]| list.iter().any(|start| text.starts_with(start));
        let reference = text.split_once('#').map(|(_, reference)| reference);
        if starts(&["file:", "link:", "workspace:", "portal:", "./", "../", "catalog:"]) {
            return Self::path(text);
        }
        let is_shorthand =
            !text.contains(':') && !text.starts_with('@') && text.split('/').count() == 2 && !text.contains(' ');
        if starts(&["git+", "git:", "git@", "github:", "gitlab:", "bitbucket:"])
            || is_shorthand
            || text.contains(".git#")
        {
            return Self::git(text, reference);
        }
        if starts(&["http:", "https:"]) {
            return Self::url(text);
        }
        let version = match text.strip_prefix("npm:") {
            Some(alias) => alias.rsplit_once('@').map_or("", |(_, version)| version),
            None => text,
        };
        Self::registry(text, is_exact(version.trim_start_matches(['=', 'v'])))
    }

    /// As PEP 508 writes what follows the name and extras.
    pub fn of_python(text: &str) -> Self {
        let spec = text.split(';').next().unwrap_or("").split(" #").next().unwrap_or("").trim();
        if let Some(url) = spec.strip_prefix('@') {
            return Self::of_python_url(url.trim());
        }
        let hashed = spec.contains("--hash=");
        let spec = spec.split(" --").next().unwrap_or("").trim().trim_start_matches('(').trim_end_matches(')');
        let version = spec.strip_prefix("===").or_else(|| spec.strip_prefix("=="));
        let exact = version.is_some_and(|version| !version.contains(['*', ',']) && !version.trim().is_empty());
        Self::registry(spec, exact || hashed)
    }

    /// A direct reference of Python: `git+https://…@ref`, an archive, a folder.
    pub fn of_python_url(url: &str) -> Self {
        if url.starts_with("git+") {
            let path = url.split_once("://").map_or(url, |(_, rest)| rest);
            let path = path.split('#').next().unwrap_or(path);
            let reference =
                path.rsplit_once('@').map(|(_, reference)| reference).filter(|reference| !reference.contains('/'));
            return Self::git(url, reference);
        }
        if url.starts_with("file:") || url.starts_with('.') || url.starts_with('/') {
            Self::path(url)
        } else {
            Self::url(url)
        }
    }
}

/// Whether a text is one full semantic version.
pub fn is_exact(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or("");
    let numbers: Vec<&str> = core.split('.').collect();
    let rest = version.get(core.len()..).unwrap_or("");
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    numbers.len() == 3
        && numbers.iter().all(is_number)
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'))
}

/// Whether a reference is a full commit.
pub fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_floats_is_told_from_what_is_exact() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let npm = [
            ("1.2.3", "registry", true),
            ("=1.2.3-rc.1", "registry", true),
            ("^1.2.3", "registry", false),
            ("1.2", "registry", false),
            ("latest", "registry", false),
            ("", "registry", false),
            ("1.2.3 || 2.0.0", "registry", false),
            ("npm:other@1.2.3", "registry", true),
            ("npm:@a/b@^1", "registry", false),
            ("workspace:*", "path", true),
            ("file:../x", "path", true),
            ("someone/thing", "git", false),
            ("github:someone/thing#v1", "git", false),
            ("git+https://a.example/x.git#COMMIT", "git", true),
            ("https://a.example/x.tgz", "url", false),
        ];
        for (text, origin, exact) in npm {
            let found = Requirement::of_npm(&text.replace("COMMIT", commit));
            assert_eq!((found.origin, found.exact), (origin, exact), "{text}");
        }
        let python = [
            ("==1.2", "registry", true),
            ("== 1.2.*", "registry", false),
            (">=1,<2", "registry", false),
            ("==1.0 ; python_version < '3.9'", "registry", true),
            ("", "registry", false),
            ("@ git+https://a.example/x.git@main", "git", false),
            ("@ git+ssh://git@a.example/x.git", "git", false),
            ("@ git+https://a.example/x@COMMIT#egg=x", "git", true),
            ("@ https://a.example/x.whl", "url", false),
            ("@ https://a.example/x.whl#sha256=aa", "url", true),
            ("@ file:///x", "path", true),
        ];
        for (text, origin, exact) in python {
            let found = Requirement::of_python(&text.replace("COMMIT", commit));
            assert_eq!((found.origin, found.exact), (origin, exact), "{text}");
        }
    }
}

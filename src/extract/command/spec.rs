//! Specifications of packages: name, version as written, and whether that is exact.

/// A specification taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Spec {
    /// Name of the package, without version.
    pub name: String,
    /// Version as written.
    pub requested: Option<String>,
    /// Exact version or commit.
    pub exact: Option<String>,
}

/// `name@version`, `@scope/name@version`, `alias@npm:name@version`, git and URL forms.
pub fn npm_spec(text: &str) -> Spec {
    if is_remote(text) {
        return remote_spec(text, '#');
    }
    let from = usize::from(text.starts_with('@'));
    match text.get(from..).and_then(|rest| rest.find('@')) {
        Some(at) => {
            let (name, version) = (&text[..from + at], &text[from + at + 1..]);
            if let Some(target) = version.strip_prefix("npm:") {
                return npm_spec(target);
            }
            let bare = version.strip_prefix(['=', 'v']).unwrap_or(version);
            Spec { name: name.into(), requested: Some(version.into()), exact: is_semver(bare).then(|| bare.into()) }
        }
        None => Spec { name: text.into(), ..Spec::default() },
    }
}

/// PEP 508 and uv's `name@version`.
pub fn python_spec(text: &str) -> Spec {
    let text = text.trim();
    if let Some((name, url)) = text.split_once(" @ ") {
        return Spec { name: name.trim().into(), ..remote_spec(url.trim(), '@') };
    }
    if is_remote(text) {
        return remote_spec(text, '@');
    }
    let at = text.find(['=', '<', '>', '!', '~', '@', ';', ' ']).unwrap_or(text.len());
    let (name, requirement) = (text[..at].split('[').next().unwrap_or_default(), text[at..].trim());
    let requirement = requirement.split(';').next().unwrap_or_default().trim();
    let pinned = requirement.strip_prefix("===").or_else(|| requirement.strip_prefix("==")).map(str::trim);
    let exact = pinned.or_else(|| requirement.strip_prefix('@')).filter(|version| is_version(version));
    let requested = requirement.strip_prefix('@').unwrap_or(requirement);
    Spec {
        name: name.into(),
        requested: (!requested.is_empty()).then(|| requested.into()),
        exact: exact.map(Into::into),
    }
}

fn is_remote(text: &str) -> bool {
    text.contains("://")
        || text.starts_with("git+")
        || text.starts_with("github:")
        || text.starts_with("gitlab:")
        || text.starts_with("bitbucket:")
        || text.starts_with("gist:")
        || (!text.starts_with('@') && text.split('#').next().is_some_and(|path| path.matches('/').count() == 1))
}

/// Git and URL forms: only a full commit is exact, and a URL is never.
fn remote_spec(text: &str, separator: char) -> Spec {
    let body = text.find("://").map_or(0, |at| at + 3);
    let path = text[body..].find('/').map_or(body, |at| body + at);
    let Some(at) = text[path..].rfind(separator) else { return Spec { name: text.into(), ..Spec::default() } };
    let (name, reference) = (&text[..path + at], &text[path + at + 1..]);
    let reference = reference.split(['#', '&']).next().unwrap_or_default();
    Spec { name: name.into(), requested: Some(reference.into()), exact: is_commit(reference).then(|| reference.into()) }
}

/// A full commit.
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Three numbers, and whatever follows a `-` or `+`.
pub fn is_semver(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    core.split('.').count() == 3 && is_version(text)
}

/// Starts with a digit and holds no wildcard, range or blank.
pub fn is_version(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '+' | '!' | '_'))
        && !text.split('.').any(|part| matches!(part, "x" | "X"))
}

/// Name, tag and digest of an image reference.
pub fn image(reference: &str) -> (String, Option<String>, Option<String>) {
    let (rest, digest) = match reference.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest.to_string())),
        None => (reference, None),
    };
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    match rest[slash..].find(':') {
        Some(at) => (rest[..slash + at].to_string(), Some(rest[slash + at + 1..].to_string()), digest),
        None => (rest.to_string(), None, digest),
    }
}

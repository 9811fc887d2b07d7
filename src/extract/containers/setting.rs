//! Values handed to a container's process.

use super::interpolate;
use crate::extract::secrets;
use crate::model::About;
use crate::model::definition::Setting;
use crate::model::known::{Known, Spanned};

/// Variables that change how programs are loaded or trusted.
const DANGEROUS: &[&str] = &[
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONHOME",
    "PYTHONHTTPSVERIFY",
    "RUBYOPT",
    "PERL5OPT",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "BASH_ENV",
    "ENV",
    "GIT_SSH_COMMAND",
    "GIT_SSL_NO_VERIFY",
    "NPM_CONFIG_REGISTRY",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "PATH",
];

/// Whether a variable changes how programs are loaded or trusted.
pub fn is_dangerous(name: &str) -> bool {
    DANGEROUS.contains(&name.to_ascii_uppercase().as_str())
}

/// A variable; `value` is absent where the host's own value is passed on.
pub fn variable(channel: &str, file_kind: &str, name: &Spanned<String>, value: Option<&Spanned<String>>) -> Setting {
    let written = value.map_or_else(|| format!("${{{}}}", name.value), |value| value.value.clone());
    let place = value.map_or(name.span, |value| value.span);
    // What stands in a deployment runs: a stand-in there is a weak credential, or the place of a real one.
    let stand_in = || secrets::stands_for_secret(&name.value, &written).filter(|_| file_kind == "compose");
    let secret = secrets::looks_secret(&name.value, &written).or_else(stand_in);
    Setting {
        about: About::new(name.value.clone(), name.span),
        channel: channel.into(),
        file_kind: file_kind.into(),
        value: value.map_or(Known::Absent, |value| Known::is(value.value.clone(), value.span)),
        reference: value.is_none() || interpolate::has_variable(&written),
        unexpanded: Known::Absent,
        left_by: Vec::new(),
        asked: Known::Absent,
        secret: secret.map_or(Known::Absent, |why| Known::is(why.to_string(), place)),
        dangerous: is_dangerous(&name.value),
        tracked: Known::Absent,
    }
}

/// `NAME=value`, or `NAME` alone.
pub fn assignment(channel: &str, file_kind: &str, text: &Spanned<String>) -> Setting {
    match text.value.split_once('=') {
        Some((name, value)) => {
            let value = Spanned::new(value.to_string(), text.span);
            variable(channel, file_kind, &Spanned::new(name.trim().to_string(), text.span), Some(&value))
        }
        None => variable(channel, file_kind, &Spanned::new(text.value.trim().to_string(), text.span), None),
    }
}

/// A file of variables that is not read here: everything in it reaches the process.
pub fn file(file_kind: &str, path: &Spanned<String>) -> Setting {
    let reason = format!("every variable of `{}` is passed on", path.value);
    Setting {
        about: About::new(path.value.clone(), path.span),
        channel: "environment".into(),
        file_kind: file_kind.into(),
        value: Known::unknown(reason.clone(), path.span),
        reference: true,
        unexpanded: Known::Absent,
        left_by: Vec::new(),
        asked: Known::Absent,
        secret: Known::unknown(reason, path.span),
        dangerous: false,
        tracked: Known::Absent,
    }
}

//! System-call profiles that a service names: what counts is the file, not that one is named.

use crate::extract::boundary::reference;
use crate::extract::containers::RunContainer;
use crate::load::Loaded;
use crate::model::known::Known;

/// Profiles that the engine has by itself.
const BUILT_IN: &[&str] = &["default", "unconfined", "builtin", "runtime-default"];

/// Looks into the profile, which is found from the project's folder; one that allows by default and names nothing to
/// refuse filters nothing.
pub fn settle(run: &mut RunContainer, loaded: &Loaded, folder: &str) {
    let Known::Is(named) = run.container.syscall_filter.clone() else { return };
    if BUILT_IN.contains(&named.value.as_str()) {
        return;
    }
    let path = reference::under(folder, &named.value);
    let document = path.and_then(|path| loaded.document(loaded.find(&path)?)).and_then(|document| document.root());
    let Some(profile) = document.filter(|profile| profile.is_map()) else {
        let reason = format!("profile `{}`, which is not in this tree", named.value);
        run.container.syscall_filter = Known::unknown(reason, named.span);
        return;
    };
    let Some(action) = profile.get("defaultAction") else {
        let reason = format!("profile `{}`, which states no default action", named.value);
        run.container.syscall_filter = Known::unknown(reason, profile.span());
        return;
    };
    run.container.note(
        "syscall_filter",
        "profile",
        format!("default action {}", action.scalar().unwrap_or_default()),
        action.span(),
    );
    let refuses = profile.get("syscalls").is_some_and(|calls| calls.items().next().is_some());
    if matches!(action.as_str(), Some("SCMP_ACT_ALLOW" | "SCMP_ACT_LOG")) && !refuses {
        run.container.syscall_filter = Known::is("unconfined".into(), action.span());
    }
}

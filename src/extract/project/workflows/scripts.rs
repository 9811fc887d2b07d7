//! Scripts of package manifests that steps run: `npm run audit` does what `package.json` says.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::discover::FileKind;
use crate::discover::kind::name_of;
use crate::document::Node;
use crate::load::Loaded;
use crate::model::known::Spanned;
use crate::model::project::WorkflowStep;

/// Scripts that one command is followed to.
const MOST: usize = 20;

static RUNS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:npm|pnpm|yarn|bun)\s+(?:--?[\w-]+(?:=\S+)?\s+)*(?:run(?:-script)?\s+)?(?P<name>[A-Za-z][\w:.-]*)")
        .expect("a fixed pattern")
});

/// Adds to every step the scripts that it runs, those which these run included.
pub fn add(loaded: &Loaded, steps: &mut [WorkflowStep]) {
    let scripts = scripts(loaded);
    if scripts.is_empty() {
        return;
    }
    for step in steps {
        let Some(run) = step.run.value().cloned() else { continue };
        let mut open = vec![run];
        while let Some(text) = open.pop().filter(|_| step.scripts.len() < MOST) {
            for found in RUNS.captures_iter(&text).filter_map(|found| found.name("name")) {
                let Some(script) = scripts.get(found.as_str()).filter(|script| !step.scripts.contains(script)) else {
                    continue;
                };
                step.scripts.push(script.clone());
                open.push(script.value.clone());
            }
        }
    }
}

/// Scripts by name; of several manifests, the first by path.
fn scripts(loaded: &Loaded) -> BTreeMap<String, Spanned<String>> {
    let mut found = BTreeMap::new();
    let own = loaded.documents_of(FileKind::PackageManifest).filter(|(file, _)| file.role.is_own());
    for (_, document) in own.filter(|(file, _)| name_of(&file.path) == "package.json") {
        for (key, value) in document.root().and_then(|root| root.get("scripts")).into_iter().flat_map(Node::entries) {
            if let (Some(name), Some(text)) = (key.scalar(), value.scalar()) {
                found.entry(name).or_insert(Spanned::new(text, value.span()));
            }
        }
    }
    found
}

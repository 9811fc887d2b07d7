//! Tests of which nothing is asked but what they import: they are no part of what runs, and often half of a tree.
//!
//! What code that runs imports from them is lowered whole, however far the way is.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::code::limits::on_deep_stack;
use crate::code::{self, Language, Module};
use crate::discover::{FileKind, Role};
use crate::flow::ModuleId;
use crate::flow::link::Links;
use crate::load::{File, Loaded, reached};
use crate::source::FILES_AT_ONCE;

/// Whether a file is such a test, as long as nothing imports it.
pub(super) fn is_asked_little(file: &File) -> bool {
    file.kind == FileKind::Code(Language::Python) && file.role == Role::Test
}

/// The modules of which nothing but what they import is there yet.
pub(super) fn waiting(loaded: &Loaded) -> BTreeSet<ModuleId> {
    let is_it = |module: &Module| loaded.file(module.source).is_some_and(is_asked_little);
    loaded.program.iter().filter(|(_, module)| is_it(module)).map(|(id, _)| id).collect()
}

/// Lowers the tests that other code imports. Where nothing else is there, the tests are what runs.
pub(super) fn lower_reached(loaded: &mut Loaded, waiting: BTreeSet<ModuleId>) {
    if waiting.is_empty() {
        return;
    }
    let program = &loaded.program;
    let file_of = |id: ModuleId| loaded.file(program.module(id).source);
    let runs = |id: ModuleId| file_of(id).is_some_and(|file| file.role.is_own());
    let wanted = match program.iter().any(|(id, _)| runs(id)) {
        true => imported_from_elsewhere(loaded, waiting, &runs),
        false => waiting.into_iter().collect(),
    };
    let lowered = |id: &ModuleId| -> Option<(ModuleId, Module)> {
        let file = file_of(*id)?;
        let (module, _) = code::parse(file.source, &file.path, loaded.sources.get(file.source).text())?;
        Some((*id, module))
    };
    let at_once = || wanted.par_iter().with_max_len(FILES_AT_ONCE);
    let lowered: Vec<_> = on_deep_stack(None, || at_once().filter_map(lowered).collect());
    for (id, module) in lowered {
        if let Some(place) = loaded.program.modules.get_mut(id.0 as usize) {
            *place = module;
        }
    }
}

/// Those that run after all, and those that a module imports that waits for nothing, or one of those themselves.
fn imported_from_elsewhere(
    loaded: &Loaded,
    mut waiting: BTreeSet<ModuleId>,
    runs: &dyn Fn(ModuleId) -> bool,
) -> Vec<ModuleId> {
    let (program, sources) = (&loaded.program, &loaded.sources);
    let links = Links::new(program, sources);
    let imports = |from: ModuleId| reached::imported(&links, program, sources, (from, true));
    let is_other = |id: &ModuleId| !waiting.contains(id) && program.module(*id).language == Language::Python;
    let others: Vec<ModuleId> = program.iter().map(|(id, _)| id).filter(is_other).collect();
    let mut next: Vec<ModuleId> = others.into_par_iter().with_max_len(FILES_AT_ONCE).flat_map_iter(imports).collect();
    next.extend(waiting.iter().copied().filter(|id| runs(*id)));
    let mut wanted = Vec::new();
    while let Some(id) = next.pop() {
        if waiting.remove(&id) {
            wanted.push(id);
            next.extend(imports(id));
        }
    }
    wanted
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests write the trees they read")]
mod tests {
    use std::fs;

    use crate::discover::discover_all;
    use crate::gap::GapKind;
    use crate::load::{Loaded, load};

    fn loaded(files: &[(&str, &str)]) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        load(discover_all(&[folder.path().to_path_buf()], &Default::default()).unwrap())
    }

    fn is_lowered(loaded: &Loaded, path: &str) -> bool {
        !loaded.program.module(loaded.program.by_path[path]).values.is_empty()
    }

    #[test]
    fn tests_are_lowered_as_far_as_other_code_imports_them() {
        let loaded = loaded(&[
            ("server.py", "def f():\n    from tests.helper import run\n    return run()\n"),
            ("tests/__init__.py", ""),
            ("tests/helper.py", "from . import deeper\nrun = deeper.run\n"),
            ("tests/deeper.py", "run = print\n"),
            ("tests/test_server.py", "from server import f\nassert f() == 1\n"),
        ]);
        assert!(is_lowered(&loaded, "tests/helper.py") && is_lowered(&loaded, "tests/deeper.py"));
        assert!(!is_lowered(&loaded, "tests/test_server.py"));
        assert_eq!(loaded.program.module(loaded.program.by_path["tests/test_server.py"]).imports.len(), 1);
    }

    #[test]
    fn what_does_not_parse_is_told_of_tests_too() {
        let loaded = loaded(&[("server.py", "x = 1\n"), ("tests/test_x.py", "# why\ndef (:\n")]);
        assert!(loaded.gaps.iter().any(|gap| gap.kind == GapKind::Unparsed && gap.path == "tests/test_x.py"));
        assert_eq!(loaded.program.module(loaded.program.by_path["tests/test_x.py"]).comments.len(), 1);
    }

    #[test]
    fn where_there_are_only_tests_they_are_what_runs() {
        let loaded = loaded(&[("tests/test_x.py", "x = 1\n")]);
        assert!(is_lowered(&loaded, "tests/test_x.py"));
    }
}

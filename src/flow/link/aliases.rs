//! Names that a project gives to its own folders: `paths` of a `tsconfig.json`, `imports` of a `package.json`.

use serde_json::Value;

use super::{folder, join, normalise, strings};

/// One name: `#lib/*` and where it leads.
#[derive(Debug)]
struct Alias {
    /// Folder of the file that gives it.
    scope: String,
    /// What stands before `*`, or all of it.
    before: String,
    /// What stands after `*`; absent where there is none.
    after: Option<String>,
    /// Paths, with their own `*`.
    targets: Vec<String>,
}

/// All of them, innermost folder and longest name first.
#[derive(Debug, Default)]
pub struct Aliases(Vec<Alias>);

impl Aliases {
    /// Reads a `tsconfig.json` or `jsconfig.json`.
    pub fn add_config(&mut self, path: &str, text: &str) {
        let Some(json) = relaxed(text) else { return };
        let Some(options) = json.get("compilerOptions") else { return };
        let base = options.get("baseUrl").and_then(Value::as_str);
        let root = join(folder(path), base.unwrap_or("."));
        for (name, targets) in options.get("paths").and_then(Value::as_object).into_iter().flatten() {
            self.add(path, name, targets, &root);
        }
        if base.is_some() {
            self.add(path, "*", &Value::String("*".to_string()), &root);
        }
    }

    /// Reads the `imports` of a `package.json`.
    pub fn add_package(&mut self, path: &str, json: &Value) {
        for (name, targets) in json.get("imports").and_then(Value::as_object).into_iter().flatten() {
            self.add(path, name, targets, folder(path));
        }
    }

    fn add(&mut self, path: &str, name: &str, targets: &Value, root: &str) {
        let mut written = Vec::new();
        strings(targets, 0, &mut written);
        let targets = written.iter().map(|target| normalise(&join(root, target))).collect();
        let (before, after) = match name.split_once('*') {
            Some((before, after)) => (before, Some(after.to_string())),
            None => (name, None),
        };
        self.0.push(Alias { scope: folder(path).to_string(), before: before.to_string(), after, targets });
    }

    /// Puts the nearest and most exact first.
    pub fn settle(&mut self) {
        self.0.sort_by(|a, b| {
            let rank = |alias: &Alias| (alias.scope.len(), alias.before.len());
            rank(b).cmp(&rank(a)).then_with(|| a.scope.cmp(&b.scope))
        });
    }

    /// The paths that a name may mean in a file.
    pub fn paths<'s>(&'s self, from: &'s str, module: &'s str) -> impl Iterator<Item = String> + 's {
        let is_below = move |alias: &&Alias| {
            alias.scope.is_empty() || from.strip_prefix(&alias.scope).is_some_and(|rest| rest.starts_with('/'))
        };
        self.0.iter().filter(is_below).flat_map(move |alias| alias.expanded(module))
    }
}

impl Alias {
    fn expanded(&self, module: &str) -> Vec<String> {
        let rest = module.strip_prefix(self.before.as_str());
        let middle = match (&self.after, rest) {
            (Some(after), Some(rest)) => rest.strip_suffix(after.as_str()),
            (None, Some("")) => Some(""),
            _ => None,
        };
        let Some(middle) = middle else { return Vec::new() };
        let whole = self.targets.iter().map(|target| target.replacen('*', middle, 1));
        // What is built is written elsewhere.
        whole.flat_map(|path| [path.replacen("dist/", "src/", 1), path]).collect()
    }
}

/// JSON with comments and trailing commas.
fn relaxed(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}');
    if let Ok(json) = serde_json::from_str(text) {
        return Some(json);
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut in_text = false;
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some(_)) if in_text => {
                plain.push(letter);
                plain.extend(letters.next());
                continue;
            }
            ('"', _) => in_text = !in_text,
            ('/', Some('/')) if !in_text => {
                letters.by_ref().find(|letter| *letter == '\n');
                continue;
            }
            ('/', Some('*')) if !in_text => {
                letters.next();
                let mut last = ' ';
                letters.by_ref().find(|letter| std::mem::replace(&mut last, *letter) == '*' && *letter == '/');
                continue;
            }
            ('}' | ']', _) if !in_text && plain.trim_end().ends_with(',') => {
                plain.truncate(plain.trim_end().len() - 1);
            }
            _ => {}
        }
        plain.push(letter);
    }
    serde_json::from_str(&plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders_lead_to_paths() {
        let mut aliases = Aliases::default();
        aliases.add_config(
            "app/tsconfig.json",
            "{ // own\n\"compilerOptions\": {\"baseUrl\": \"./src\", \"paths\": {\"#srv/*\": [\"./server/*\"], \"one\": [\"a//b.ts\"],},},\n}",
        );
        aliases.add_package("app/package.json", &serde_json::json!({"imports": {"#lib/*.js": "./dist/lib/*.js"}}));
        aliases.settle();
        for (from, module, expected) in [
            ("app/src/a.ts", "#srv/x", "app/src/server/x"),
            ("app/src/a.ts", "one", "app/src/a/b.ts"),
            ("app/src/a.ts", "#lib/y.js", "app/src/lib/y.js"),
            ("app/src/a.ts", "plain/z", "app/src/plain/z"),
            ("other/a.ts", "one", ""),
        ] {
            assert_eq!(aliases.paths(from, module).next().unwrap_or_default(), expected, "{module} in {from}");
        }
    }
}

//! Which host reads which file: the table of `rules/hosts.yml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::discover::pattern;
use crate::embedded;

/// A client or host of MCP servers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Kebab-case name: `claude-code`.
    pub id: String,
    /// Files it reads.
    pub files: Vec<HostFile>,
    /// Dotted chains of keys that lead to its servers; `*` is any key.
    pub servers: Vec<String>,
    /// Whether an entry can name the tools that it enables.
    #[serde(default)]
    pub names_tools: bool,
    /// Placeholder syntaxes that it replaces in values.
    pub expands: Vec<Syntax>,
}

/// A file that a host reads.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostFile {
    /// Path suffix, as [`pattern::ends_with`] reads it.
    pub path: String,
    /// Whose file it is.
    #[serde(default)]
    pub scope: Scope,
    /// Whether it is another host's own file, which this one reads as well.
    #[serde(default)]
    pub also: bool,
}

/// Whose file a configuration is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Committed with a project.
    #[default]
    Project,
    /// In one user's home.
    User,
    /// Set by an administrator.
    Managed,
}

/// A placeholder syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// `${V}`
    Braces,
    /// `${V:-d}`
    BracesDefault,
    /// `$V`
    Dollar,
    /// `%V%`
    Percent,
    /// `${env:V}`
    EnvColon,
    /// `${input:V}`
    Input,
    /// `${file:path}`
    FileColon,
    /// `${workspaceFolder}` and the like, and other `${name:V}`.
    Editor,
    /// `{env:V}`, `{file:path}`
    Opencode,
    /// `{{V}}`
    Template,
    /// `${{ secrets.V }}`
    Workflow,
    /// `${user_config.V}`
    UserConfig,
    /// `${CLAUDE_PLUGIN_ROOT}` and the like.
    Plugin,
    /// `{V}`
    SingleBraces,
}

/// Every host, in the order of the file.
pub static HOSTS: LazyLock<Vec<Host>> = LazyLock::new(|| {
    let text = embedded::text("hosts.yml").expect("rules/hosts.yml is embedded");
    serde_yaml::from_str(text).expect("rules/hosts.yml is checked by a test")
});

/// The host of an id.
pub fn by_id(id: &str) -> Option<&'static Host> {
    HOSTS.iter().find(|host| host.id == id)
}

/// The hosts that read a path, each with the scope of that file.
pub fn of_path(path: &str) -> impl Iterator<Item = (&'static Host, Scope)> {
    HOSTS.iter().filter_map(move |host| {
        let file = host.files.iter().find(|file| pattern::ends_with(&file.path, path))?;
        Some((host, file.scope))
    })
}

impl Host {
    /// Whether a path is another host's own file, which this one reads as well.
    pub fn is_guest_of(&self, path: &str) -> bool {
        self.files.iter().find(|file| pattern::ends_with(&file.path, path)).is_some_and(|file| file.also)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_may_be_read_by_several_hosts() {
        let hosts = |path| of_path(path).map(|(host, _)| host.id.as_str()).collect::<Vec<_>>();
        assert_eq!(
            hosts("a/.mcp.json"),
            ["claude-code", "cursor", "vscode", "copilot-cli", "visual-studio", "windsurf", "jetbrains"]
        );
        assert_eq!(hosts(".cursor/mcp.json"), ["cursor", "visual-studio"]);
        assert_eq!(hosts(".continue/mcpServers/db.yaml"), ["continue"]);
        assert_eq!(hosts("x.mcp.json"), [""; 0]);
    }
}

//! What kind of file a path is, by its name and folders.

use crate::code::Language;
use crate::discover::{hosts, pattern};
use crate::document::Syntax;

/// Kind of a file. Files of kind [`FileKind::Data`] may turn out to be something else once they are parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// Source in a language that we lower.
    Code(Language),
    /// Source in a language that we do not read yet; its name.
    UnreadCode(&'static str),
    /// Client, host or gateway configuration that launches or reaches servers.
    Definition,
    /// Settings of a host that decide what is approved, without servers of their own.
    HostSettings,
    /// MCP registry entry, `server.json`.
    Registry,
    /// MCP bundle manifest, `manifest.json`.
    Bundle,
    /// Gateway catalogue or run configuration: Docker MCP catalogue, Smithery, ToolHive.
    Catalogue,
    /// What a host publishes of itself: server card, catalogue of agents, OAuth metadata.
    WellKnown,
    /// `tools/list` dump.
    Dump,
    /// Tool boundary document.
    Boundary,
    /// Attestation.
    Attestation,
    /// Dockerfile or Containerfile.
    Dockerfile,
    /// Compose file.
    Compose,
    /// Kubernetes manifest.
    Kubernetes,
    /// systemd or Quadlet unit.
    Unit,
    /// Development container.
    Devcontainer,
    /// Package manifest.
    PackageManifest,
    /// Lock file of a package manager.
    LockFile,
    /// CI workflow.
    Workflow,
    /// Code owners.
    CodeOwners,
    /// Dependency update configuration.
    UpdateConfig,
    /// `.env` and the like.
    EnvironmentFile,
    /// `plimsoll.toml`.
    Configuration,
    /// `plimsoll.lock`.
    Lock,
    /// Policy file: Rego, Cedar.
    Policy,
    /// Ignore file of git or Docker.
    Ignore,
    /// Shell script.
    Script,
    /// Other structured data.
    Data,
    /// Markdown and other prose.
    Prose,
    /// Other text.
    Text,
}

impl FileKind {
    /// Whether a verdict may depend on the file, so that not reading it stands in the way.
    pub fn matters(self) -> bool {
        !matches!(self, FileKind::Data | FileKind::Prose | FileKind::Text | FileKind::Script | FileKind::UnreadCode(_))
    }
}

impl FileKind {
    /// What it is read as, in the list of inputs: `source`, `definition`, `boundary`, `manifest`, `evidence`.
    pub fn group(self) -> &'static str {
        match self {
            FileKind::Code(_) | FileKind::UnreadCode(_) | FileKind::Script => "source",
            FileKind::Definition
            | FileKind::HostSettings
            | FileKind::Registry
            | FileKind::Bundle
            | FileKind::Catalogue
            | FileKind::WellKnown
            | FileKind::Dump => "definition",
            FileKind::Boundary => "boundary",
            FileKind::Dockerfile
            | FileKind::Compose
            | FileKind::Kubernetes
            | FileKind::Unit
            | FileKind::Devcontainer
            | FileKind::PackageManifest => "manifest",
            FileKind::Attestation
            | FileKind::LockFile
            | FileKind::Workflow
            | FileKind::CodeOwners
            | FileKind::UpdateConfig
            | FileKind::EnvironmentFile
            | FileKind::Configuration
            | FileKind::Lock
            | FileKind::Policy
            | FileKind::Ignore
            | FileKind::Data
            | FileKind::Prose
            | FileKind::Text => "evidence",
        }
    }
}

/// How a file of a kind is parsed, if it is: by its name, since kinds come in several formats.
pub fn syntax_of(kind: FileKind, path: &str) -> Option<Syntax> {
    let name = name_of(path);
    match kind {
        FileKind::Dockerfile => return Some(Syntax::Dockerfile),
        FileKind::Lock | FileKind::Configuration => return Some(Syntax::Toml),
        FileKind::WellKnown => return Some(Syntax::Json),
        FileKind::Code(_) | FileKind::Prose | FileKind::Ignore | FileKind::CodeOwners => return None,
        _ => {}
    }
    match name {
        "Pipfile" | "uv.lock" | "poetry.lock" | "Cargo.lock" | "pdm.lock" => return Some(Syntax::Toml),
        "Pipfile.lock" | ".npmrc.json" | "composer.lock" | "deno.lock" | ".devcontainer.json" => {
            return Some(Syntax::Json);
        }
        "opencode" if kind == FileKind::Definition => return Some(Syntax::Json),
        "Kustomization" => return Some(Syntax::Yaml),
        ".clinerules" | "yarn.lock" => return None,
        _ => {}
    }
    match extension(name)? {
        // Front matter; the rest is prose.
        "md" if kind == FileKind::Definition => Some(Syntax::Yaml),
        "json" | "jsonc" | "json5" | "code-workspace" => Some(Syntax::Json),
        "jsonl" | "ndjson" => Some(Syntax::JsonLines),
        "yaml" | "yml" => Some(Syntax::Yaml),
        "toml" => Some(Syntax::Toml),
        _ => None,
    }
}

/// The kind of a path relative to the audited root.
pub fn of_path(path: &str) -> FileKind {
    let name = name_of(path);
    by_name(name)
        .or_else(|| by_place(path, name))
        .or_else(|| Language::of_path(path).map(FileKind::Code))
        .or_else(|| by_extension(name))
        .unwrap_or(FileKind::Text)
}

fn by_name(name: &str) -> Option<FileKind> {
    let lower = name.to_ascii_lowercase();
    if is_dockerfile(&lower) {
        return Some(FileKind::Dockerfile);
    }
    if is_compose(&lower) {
        return Some(FileKind::Compose);
    }
    if is_environment_file(&lower) {
        return Some(FileKind::EnvironmentFile);
    }
    Some(match name {
        "plimsoll.toml" => FileKind::Configuration,
        "plimsoll.lock" => FileKind::Lock,
        "server.json" => FileKind::Registry,
        "smithery.yaml" | "smithery.yml" | "docker-mcp.yaml" | "mcp-catalog.yaml" => FileKind::Catalogue,
        "devcontainer.json" | ".devcontainer.json" => FileKind::Devcontainer,
        "CODEOWNERS" => FileKind::CodeOwners,
        "package.json"
        | "pyproject.toml"
        | "setup.cfg"
        | "Pipfile"
        | "Cargo.toml"
        | "go.mod"
        | "pom.xml"
        | "build.gradle"
        | "build.gradle.kts"
        | "Gemfile"
        | "composer.json"
        | "deno.json"
        | "deno.jsonc"
        | "pnpm-workspace.yaml" => FileKind::PackageManifest,
        "package-lock.json"
        | "npm-shrinkwrap.json"
        | "yarn.lock"
        | "pnpm-lock.yaml"
        | "bun.lock"
        | "bun.lockb"
        | "uv.lock"
        | "poetry.lock"
        | "pdm.lock"
        | "Pipfile.lock"
        | "Cargo.lock"
        | "go.sum"
        | "go.work.sum"
        | "Gemfile.lock"
        | "composer.lock"
        | "deno.lock"
        | "packages.lock.json"
        | "gradle.lockfile" => FileKind::LockFile,
        "renovate.json" | "renovate.json5" | ".renovaterc" | ".renovaterc.json" | ".renovaterc.json5"
        | "dependabot.yml" | "dependabot.yaml" => FileKind::UpdateConfig,
        ".gitignore" | ".dockerignore" | ".containerignore" | ".npmignore" | ".gitattributes" => FileKind::Ignore,
        "kustomization.yaml" | "kustomization.yml" | "Kustomization" => FileKind::Kubernetes,
        ".gitlab-ci.yml"
        | ".gitlab-ci.yaml"
        | "azure-pipelines.yml"
        | "azure-pipelines.yaml"
        | ".travis.yml"
        | "bitbucket-pipelines.yml"
        | "Jenkinsfile"
        | ".drone.yml"
        | ".woodpecker.yml"
        | ".woodpecker.yaml"
        | "cloudbuild.yaml"
        | "cloudbuild.yml" => FileKind::Workflow,
        _ if lower.starts_with("requirements") && (lower.ends_with(".txt") || lower.ends_with(".in")) => {
            FileKind::PackageManifest
        }
        _ if lower.ends_with(".csproj") => FileKind::PackageManifest,
        _ => return None,
    })
}

fn is_dockerfile(lower: &str) -> bool {
    let stem = |name: &str| name == "dockerfile" || name == "containerfile";
    if Language::of_path(lower).is_some() || matches!(extension(lower), Some("dockerignore" | "md" | "j2" | "sh")) {
        return false;
    }
    let first = lower.split('.').next().unwrap_or_default();
    stem(lower) || stem(first) || extension(lower).is_some_and(stem) || lower.starts_with("dockerfile-")
}

fn is_compose(lower: &str) -> bool {
    let Some(base) = lower.strip_suffix(".yml").or_else(|| lower.strip_suffix(".yaml")) else { return false };
    let first = base.split(['.', '-', '_']).next().unwrap_or_default();
    let named =
        |stem: &str| base == stem || base.strip_prefix(stem).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
    named("docker-compose")
        || named("docker_compose")
        || named("podman-compose")
        || (first == "compose" && named("compose"))
        || base.ends_with(".compose")
        || base.ends_with("-compose")
}

fn is_environment_file(lower: &str) -> bool {
    if matches!(extension(lower), Some("ts" | "js" | "mjs" | "py" | "md" | "json" | "yml" | "yaml" | "sh")) {
        return false;
    }
    lower == ".env" || lower.starts_with(".env.") || lower == ".envrc" || lower.ends_with(".env")
}

fn by_place(path: &str, name: &str) -> Option<FileKind> {
    if hosts::of_path(path).next().is_some() {
        return Some(FileKind::Definition);
    }
    let folder = |pattern: &str| pattern::ends_with(pattern, path);
    let yaml = matches!(extension(name), Some("yml" | "yaml"));
    if yaml && (folder(".github/workflows/*") || folder(".gitea/workflows/*") || folder(".forgejo/workflows/*")) {
        return Some(FileKind::Workflow);
    }
    let ci = [".circleci", ".buildkite", ".woodpecker", ".azure-pipelines", "azure-pipelines", ".gitlab/ci"];
    if yaml && ci.iter().any(|place| folder(&format!("{place}/*"))) {
        return Some(FileKind::Workflow);
    }
    if yaml && name.starts_with("action.") {
        return Some(FileKind::Workflow);
    }
    if folder(".claude/settings.json") || folder(".claude/settings.local.json") || folder("managed-settings.json") {
        return Some(FileKind::HostSettings);
    }
    if folder(".cursor/cli.json") || folder(".cursor/cli-config.json") {
        return Some(FileKind::HostSettings);
    }
    if folder("goose/permission.yaml") || folder("goose/config/permission.yaml") || folder(".goose/permission.yaml") {
        return Some(FileKind::HostSettings);
    }
    if folder("*.service.d/*.conf") || folder("service.d/*.conf") || folder("*.container.d/*.conf") {
        return Some(FileKind::Unit);
    }
    if folder(".docker/mcp/*.yaml") || folder(".docker/mcp/catalogs/*.yaml") {
        return Some(FileKind::Catalogue);
    }
    if is_well_known(path) {
        return Some(FileKind::WellKnown);
    }
    None
}

/// Documents of `/.well-known/` that speak of servers or of how access to them is authorised. Paths of resources follow
/// the name (`oauth-protected-resource/mcp`), and endings are optional.
fn is_well_known(path: &str) -> bool {
    const DOCUMENTS: &[&str] =
        &["oauth-protected-resource", "oauth-authorization-server", "openid-configuration", "ai-catalog"];
    let inside = path.strip_prefix(".well-known/").or_else(|| path.split_once("/.well-known/").map(|(_, rest)| rest));
    let Some(inside) = inside else { return false };
    let whole = inside.strip_suffix(".json").unwrap_or(inside);
    let first = whole.split('/').next().unwrap_or(whole);
    DOCUMENTS.contains(&first)
        || matches!(whole, "mcp" | "mcp-server-card" | "mcp/server-card" | "mcp/catalog" | "server-card")
}

fn by_extension(name: &str) -> Option<FileKind> {
    Some(match extension(name)? {
        "service" | "container" | "socket" | "pod" | "kube" | "quadlet" => FileKind::Unit,
        "rego" | "cedar" | "cedarschema" => FileKind::Policy,
        "sh" | "bash" | "zsh" | "ps1" | "bat" | "cmd" | "fish" => FileKind::Script,
        "json" | "jsonc" | "json5" | "jsonl" | "ndjson" | "yaml" | "yml" | "toml" | "code-workspace" => FileKind::Data,
        "md" | "mdx" | "markdown" | "rst" | "adoc" | "txt" => FileKind::Prose,
        "java" => FileKind::UnreadCode("java"),
        "kt" | "kts" => FileKind::UnreadCode("kotlin"),
        "cs" => FileKind::UnreadCode("csharp"),
        "rb" => FileKind::UnreadCode("ruby"),
        "php" => FileKind::UnreadCode("php"),
        "swift" => FileKind::UnreadCode("swift"),
        "scala" => FileKind::UnreadCode("scala"),
        "ex" | "exs" => FileKind::UnreadCode("elixir"),
        "dart" => FileKind::UnreadCode("dart"),
        "c" | "cc" | "cpp" | "h" | "hpp" => FileKind::UnreadCode("c"),
        "clj" | "cljs" => FileKind::UnreadCode("clojure"),
        "vue" | "svelte" | "astro" => FileKind::UnreadCode("component"),
        "ipynb" => FileKind::UnreadCode("notebook"),
        _ => return None,
    })
}

/// Last segment of a path.
pub fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Extension of a name without its dot; a name that only starts with a dot has none.
pub fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_folders_tell_the_kind() {
        for (path, kind) in [
            ("src/a.py", FileKind::Code(Language::Python)),
            ("a.tsx", FileKind::Code(Language::TypeScript)),
            ("Main.java", FileKind::UnreadCode("java")),
            ("x/.mcp.json", FileKind::Definition),
            (".vscode/mcp.json", FileKind::Definition),
            ("claude_desktop_config.json", FileKind::Definition),
            (".codex/config.toml", FileKind::Definition),
            ("mcp.json", FileKind::Data),
            ("Dockerfile.dev", FileKind::Dockerfile),
            ("build/api.Dockerfile", FileKind::Dockerfile),
            ("Containerfile", FileKind::Dockerfile),
            ("Dockerfile.dockerignore", FileKind::Text),
            ("dockerfile.py", FileKind::Code(Language::Python)),
            ("dockerfile.rs", FileKind::Code(Language::Rust)),
            ("docker-compose.prod.yml", FileKind::Compose),
            ("compose.override.yaml", FileKind::Compose),
            ("composer.json", FileKind::PackageManifest),
            ("compositions.yaml", FileKind::Data),
            (".env.production", FileKind::EnvironmentFile),
            ("prod.env", FileKind::EnvironmentFile),
            ("environment.ts", FileKind::Code(Language::TypeScript)),
            ("requirements-dev.txt", FileKind::PackageManifest),
            (".github/workflows/ci.yml", FileKind::Workflow),
            (".claude/settings.json", FileKind::HostSettings),
            ("server.json", FileKind::Registry),
            ("x.service", FileKind::Unit),
            ("x.service.d/10-limits.conf", FileKind::Unit),
            ("nginx/x.conf", FileKind::Text),
            ("README.md", FileKind::Prose),
            (".well-known/oauth-protected-resource/mcp", FileKind::WellKnown),
            ("public/.well-known/mcp/server-card.json", FileKind::WellKnown),
            ("public/.well-known/assetlinks.json", FileKind::Data),
            (".goose/recipes/review.yaml", FileKind::Definition),
            ("LICENSE", FileKind::Text),
        ] {
            assert_eq!(of_path(path), kind, "{path}");
        }
    }
}

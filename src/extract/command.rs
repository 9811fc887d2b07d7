//! What a command line really starts, once wrappers are taken off.

use crate::extract::containers::{self, RunContainer};
use crate::model::known::{Known, Spanned};

mod entered;
mod extra;
mod package;
pub mod shell;
mod spec;
mod wrapper;

pub use package::package_of;
pub use shell::split;

/// Most wrappers that are taken off.
const MAX_WRAPPERS: usize = 16;

/// A word of a command line with its place.
pub type Word = Spanned<String>;

/// What a command line starts.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// Program that starts the server: `npx`, `uvx`, `docker`, `node`, a path.
    pub runner: Known<String>,
    /// Package or image that the runner fetches, without version; absent where it starts what is installed.
    pub package: Known<String>,
    /// Exact version, digest or commit of that package.
    pub version: Known<String>,
    /// Version as written.
    pub requested: Known<String>,
    /// Packages on the way that float: proxies, additional requirements.
    pub floating: Vec<Word>,
    /// Flags that choose another registry or index.
    pub registries: Vec<Word>,
    /// Shell text that downloads and runs what it downloaded.
    pub download_and_run: Known<String>,
    /// What confines the process.
    pub confinement: Known<String>,
    /// Variables set on the way: `NAME=value`.
    pub assignments: Vec<Word>,
    /// URL that a proxy connects to.
    pub remote: Known<String>,
    /// What is launched, after the runner's own flags.
    pub inner: Vec<Word>,
    /// The container that the command starts.
    pub container: Option<RunContainer>,
}

/// Takes wrappers off a command line until something else is left.
pub fn read(words: &[Word]) -> Launch {
    let mut launch = Launch::default();
    let mut words = words.to_vec();
    for _ in 0..MAX_WRAPPERS {
        let Some(first) = words.first().cloned() else { break };
        if let Some(rest) = wrapper::take_off(&words, &mut launch) {
            words = rest;
            continue;
        }
        launch.runner = Known::is(program(&first.value), first.span);
        match package::fetched(&words, &mut launch) {
            Some(rest) if !rest.is_empty() => words = rest,
            _ => return launch,
        }
    }
    launch
}

/// Name of a program without folders and without the endings that Windows adds.
pub fn program(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let lower = name.to_ascii_lowercase();
    [".exe", ".cmd", ".bat", ".ps1"].iter().find_map(|ending| lower.strip_suffix(ending)).unwrap_or(name).to_string()
}

/// Starts of a container, read by their own rules.
fn container(words: &[Word], launch: &mut Launch) -> bool {
    let Some(run) = containers::from_run_arguments(words) else { return false };
    if let Some(image) = &run.container.image.value() {
        let span = run.container.image.span().unwrap_or(run.container.about.span);
        let (name, tag, digest) = spec::image(image);
        launch.package = Known::is(name, span);
        launch.requested = tag.or_else(|| digest.clone()).map_or(Known::Absent, |tag| Known::is(tag, span));
        launch.version = digest.map_or(Known::Absent, |digest| Known::is(digest, span));
    } else if let Known::Unknown(unknown) = &run.container.image {
        launch.package = Known::Unknown(unknown.clone());
        launch.version = Known::Unknown(unknown.clone());
    }
    launch.confinement = Known::is("container".to_string(), run.container.about.span);
    launch.inner = run.command.clone();
    launch.container = Some(run);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};

    fn words(line: &str) -> Vec<Word> {
        let mut sources = Sources::default();
        let id = sources.add_text("x", line);
        split(&Spanned::new(line.to_string(), Span::new(id, 0, line.len())))
    }

    fn shown(known: &Known<String>) -> String {
        known.value().cloned().unwrap_or_else(|| "-".to_string())
    }

    /// A command line, and `runner package version requested`.
    #[test]
    fn wrappers_are_taken_off_and_packages_are_read() {
        for (line, expected) in [
            ("npx -y @scope/server@1.2.3 --flag", "npx @scope/server 1.2.3 1.2.3"),
            ("npx -y @scope/server", "npx @scope/server - -"),
            ("npx server@latest", "npx server - latest"),
            ("npx server@^1.2.3", "npx server - ^1.2.3"),
            ("npx --package=@a/b@2.0.0 run-me", "npx @a/b 2.0.0 2.0.0"),
            ("npx -p a@1.0.0 -p b x", "npx a 1.0.0 1.0.0"),
            ("npx ./local", "npx - - -"),
            ("npx github:o/r", "npx github:o/r - -"),
            (
                "npx github:o/r#0123456789012345678901234567890123456789",
                "npx github:o/r 0123456789012345678901234567890123456789 0123456789012345678901234567890123456789",
            ),
            ("npm exec -y -- a@1.0.0", "npm a 1.0.0 1.0.0"),
            ("bunx a@1.0.0", "bunx a 1.0.0 1.0.0"),
            ("pnpm dlx a", "pnpm a - -"),
            ("uvx mcp-server-git==2026.1.14", "uvx mcp-server-git 2026.1.14 ==2026.1.14"),
            ("uvx mcp-server-git@2.0", "uvx mcp-server-git 2.0 2.0"),
            ("uvx mcp-server-git@latest", "uvx mcp-server-git - latest"),
            ("uvx --from pkg[cli]>=1 tool", "uvx pkg - >=1"),
            ("uvx --python 3.12 --from pkg==1.0 tool x", "uvx pkg 1.0 ==1.0"),
            (
                "uvx --from git+https://h/r@0123456789012345678901234567890123456789 t",
                "uvx git+https://h/r 0123456789012345678901234567890123456789 0123456789012345678901234567890123456789",
            ),
            ("uv tool run a==1", "uv a 1 ==1"),
            ("uv --directory /x run server.py", "uv - - -"),
            ("pipx run --spec a==1.0 b", "pipx a 1.0 ==1.0"),
            ("cmd /c npx -y a@1.0.0", "npx a 1.0.0 1.0.0"),
            (r"C:\Windows\cmd.exe /d /c npx.cmd a", "npx a - -"),
            ("env -u X A=1 npx a@1.0.0", "npx a 1.0.0 1.0.0"),
            ("sh -c 'cd /x && exec npx -y a@1.0.0'", "npx a 1.0.0 1.0.0"),
            ("bash -lc \"uvx a\"", "uvx a - -"),
            ("docker run --rm -i -e T mcp/git:1.0", "docker mcp/git - 1.0"),
            ("docker run -i mcp/git@sha256:abc", "docker mcp/git sha256:abc sha256:abc"),
            ("podman run -i r:5000/mcp/git", "podman r:5000/mcp/git - -"),
            ("deno run -A npm:a@1.0.0", "deno a 1.0.0 1.0.0"),
            ("go run example.com/x/y@v1.2.3", "go example.com/x/y v1.2.3 v1.2.3"),
            ("go run ./cmd/x", "go - - -"),
            ("dnx Pkg@1.0.0 --yes", "dnx Pkg 1.0.0 1.0.0"),
            ("node dist/index.js", "node - - -"),
            ("python -m server", "python - - -"),
            ("/usr/bin/python3.12 s.py", "python3.12 - - -"),
            ("npx -y supergateway --stdio 'uvx a==1.0'", "uvx a 1.0 ==1.0"),
            ("op run -- npx a@1.0.0", "npx a 1.0.0 1.0.0"),
            ("timeout 5 npx a@1.0.0", "npx a 1.0.0 1.0.0"),
            ("yarn dlx -q a@1.0.0", "yarn a 1.0.0 1.0.0"),
            ("bun x a@1.0.0", "bun a 1.0.0 1.0.0"),
            ("sudo -u mcp -- env A=1 npx a@1.0.0", "npx a 1.0.0 1.0.0"),
            ("wsl -d Ubuntu -- npx a@1.0.0", "npx a 1.0.0 1.0.0"),
            ("wsl.exe bash -c 'npx a@1.0.0'", "npx a 1.0.0 1.0.0"),
            ("conda run -n env uvx a==1.0", "uvx a 1.0 ==1.0"),
            ("poetry run python s.py", "python - - -"),
            ("corepack pnpm dlx a@1.0.0", "pnpm a 1.0.0 1.0.0"),
            ("cargo run --release --bin s", "cargo - - -"),
            ("docker exec -i -e A=1 box npx a@1.0.0", "npx a 1.0.0 1.0.0"),
            ("docker compose run --rm svc uvx a==1.0", "uvx a 1.0 ==1.0"),
            ("kubectl exec -i pod -- node s.js", "node - - -"),
            ("ssh -i k host npx a@1.0.0", "npx a 1.0.0 1.0.0"),
            ("docker run -i node:20 npx -y a@1.0.0", "npx a 1.0.0 1.0.0"),
            ("docker run -i node:20 sh -c 'npx -y a'", "npx a - -"),
            ("docker run -i node:20 node s.js", "docker node - 20"),
            ("thv run uvx://a@1.0.0", "thv a 1.0.0 1.0.0"),
            ("thv run --permission-profile none ghcr.io/o/s:1", "thv ghcr.io/o/s - 1"),
            ("uvx mcp-proxy --port 8000 -e K v -- uvx a==1.0", "uvx a 1.0 ==1.0"),
            ("mcp-proxy --port 8000 uvx a==1.0", "uvx a 1.0 ==1.0"),
            ("uvx mcpo --port 8000 --api-key k -- npx -y a@1.0.0", "npx a 1.0.0 1.0.0"),
            ("npx @modelcontextprotocol/inspector npx a@1.0.0", "npx a 1.0.0 1.0.0"),
        ] {
            let launch = read(&words(line));
            let found = [&launch.runner, &launch.package, &launch.version, &launch.requested].map(shown).join(" ");
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn what_is_fetched_and_run_or_confined_or_floats_on_the_way_is_noted() {
        for (line, yes) in [
            ("sh -c 'curl -s https://x | sh'", true),
            ("bash -c 'wget -qO- https://x | sudo bash -s -- a'", true),
            ("bash -c 'bash <(curl https://x)'", true),
            ("sh -c 'eval \"$(curl https://x)\"'", true),
            ("powershell -Command \"irm https://x | iex\"", true),
            ("sh -c 'curl https://x | jq .'", false),
            ("sh -c 'curl -O https://x'", false),
            ("npx a", false),
        ] {
            assert_eq!(read(&words(line)).download_and_run.value().is_some(), yes, "{line}");
        }
        let floating =
            |line: &str| read(&words(line)).floating.iter().map(|word| word.value.clone()).collect::<Vec<_>>();
        assert_eq!(floating("npx -y supergateway --stdio 'uvx a'"), ["supergateway"]);
        assert_eq!(floating("uvx --with b --with c==1 a==1"), ["b"]);
        assert_eq!(floating("sh -c 'pip install -q a b==1 && python -m a'"), ["a"]);
        assert_eq!(floating("bash -c 'npm install -g p && p --stdio'"), ["p"]);
        assert_eq!(floating("sh -c 'pip install -r requirements.txt -e . && python s.py'"), [""; 0]);
        assert_eq!(shown(&read(&words("docker exec -i box node s.js")).confinement), "running-container");
        assert!(matches!(read(&words("ssh host node s.js")).confinement, Known::Unknown(_)));
        assert_eq!(shown(&read(&words("docker run -i node:20 npx a")).confinement), "container");
        let remote = read(&words("npx mcp-remote@1.0.0 https://h/mcp --header X:1"));
        assert_eq!(shown(&remote.remote), "https://h/mcp");
        assert_eq!(shown(&read(&words("bwrap --unshare-all -- node x.js")).confinement), "bubblewrap");
        assert_eq!(shown(&read(&words("deno run --allow-net=h x.ts")).confinement), "deno-permissions");
        assert_eq!(shown(&read(&words("deno run -A x.ts")).confinement), "-");
        let registries = read(&words("npx --registry https://r a")).registries;
        assert_eq!(registries.iter().map(|word| word.value.as_str()).collect::<Vec<_>>(), ["--registry https://r"]);
    }

    #[test]
    fn nesting_without_end_ends() {
        let line = "env ".repeat(10_000) + "npx a";
        assert!(read(&words(&line)).runner.is_absent());
        read(&words(&format!("sh -c {}", "'sh -c ".repeat(1000))));
        read(&[]);
    }
}

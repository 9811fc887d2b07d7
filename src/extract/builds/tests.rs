//! Which recipe a deployment that only names an image is given.

use crate::discover::{Discovered, discover_text};
use crate::extract::extract;
use crate::load::load;
use crate::model::known::Known;

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: orders-mcp}\nspec:\n  containers:\n    - name: orders\n      image: registry.acme.example/orders-mcp:1.4\n";
const RECIPE: &str = "FROM python:3.12 AS base\nUSER 10001\nFROM base AS debug\nUSER root\nFROM base\n";
const SERVER: &str = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP(\"billing\")\n";

/// Whether the pod runs as root, and from what it is built.
fn pod(files: &[(&str, &str)]) -> (Option<bool>, Option<String>) {
    let mut all = Discovered::default();
    let mut files = files.to_vec();
    files.sort();
    for (path, text) in files {
        all.files.extend(discover_text(path, text.to_string()).files);
    }
    let facts = extract(&load(all));
    let pod = facts.containers.iter().find(|container| container.source_kind == "kubernetes").expect("a pod is there");
    (pod.runs_as_root.value().copied(), pod.built_from.clone())
}

#[test]
fn a_pod_has_the_user_of_the_image_that_a_file_says_is_built_here() {
    let at = |path: &str| Some(path.to_string());
    for (hint, text, expected) in [
        (
            "Makefile",
            "build:\n\tdocker build -t registry.acme.example/orders-mcp:$(TAG) svc\n",
            (Some(false), at("svc/Dockerfile")),
        ),
        (
            "compose.yaml",
            "services:\n  x:\n    image: orders-mcp\n    build: ./svc\n",
            (Some(false), at("svc/Dockerfile")),
        ),
        (
            "compose.yaml",
            "services:\n  x:\n    image: orders-mcp\n    build: {context: svc, target: debug}\n",
            (Some(true), at("svc/Dockerfile")),
        ),
        (
            "skaffold.yaml",
            "apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n    - image: registry.acme.example/orders-mcp\n      context: svc\n",
            (Some(false), at("svc/Dockerfile")),
        ),
        (
            "docker-bake.hcl",
            "target \"x\" {\n  context = \"svc\"\n  tags = [\"registry.acme.example/orders-mcp:${V}\"]\n}\n",
            (Some(false), at("svc/Dockerfile")),
        ),
        (
            ".github/workflows/a.yml",
            "on: push\njobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {context: svc, tags: 'registry.acme.example/orders-mcp:${{ github.sha }}'}\n",
            (Some(false), at("svc/Dockerfile")),
        ),
        (
            ".github/workflows/a.yml",
            "on: push\njobs:\n  a:\n    steps:\n      - id: meta\n        uses: docker/metadata-action@v5\n        with: {images: registry.acme.example/orders-mcp}\n      - uses: docker/build-push-action@v6\n        with: {file: svc/Dockerfile, tags: '${{ steps.meta.outputs.tags }}'}\n",
            (Some(false), at("svc/Dockerfile")),
        ),
        // Another image, a name that a variable sets, a recipe that is not here, two recipes for one name.
        ("Makefile", "build:\n\tdocker build -t other-mcp svc\n", (None, None)),
        ("Makefile", "build:\n\tdocker build -t $(NAME) svc\n", (None, None)),
        ("Makefile", "build:\n\tdocker build -t orders-mcp elsewhere\n", (None, None)),
        (
            "Makefile",
            "build:\n\tdocker build -t orders-mcp svc\n\tdocker build -t orders-mcp --target debug svc\n",
            (None, None),
        ),
        ("README.md", "```sh\ndocker build -t orders-mcp svc\n```\n", (None, None)),
    ] {
        let files = [("k8s/pod.yaml", POD), ("svc/Dockerfile", RECIPE), (hint, text)];
        assert_eq!(pod(&files), expected, "{text}");
    }
}

#[test]
fn what_the_pod_says_of_its_user_stands() {
    let hint = ("Makefile", "build:\n\tdocker build -t orders-mcp svc\n");
    let stated = format!("{POD}      securityContext: {{runAsUser: 0}}\n");
    let refused = format!("{POD}      securityContext: {{runAsNonRoot: true}}\n");
    for (text, recipe, expected) in [
        (&stated, RECIPE, Some(true)),
        (&refused, "FROM python:3.12\n", Some(false)),
        (&POD.to_string(), "FROM python:3.12\n", Some(true)),
        (&POD.to_string(), "FROM ghcr.io/some/base\n", None),
    ] {
        let found = pod(&[("k8s/pod.yaml", text), ("svc/Dockerfile", recipe), hint]);
        assert_eq!(found.0, expected, "{text} {recipe}");
    }
}

#[test]
fn the_only_recipe_of_a_server_is_that_of_the_image_with_its_name() {
    let server = SERVER.replace("billing", "orders");
    let files = [("k8s/pod.yaml", POD), ("Dockerfile", RECIPE), ("server.py", server.as_str())];
    assert_eq!(pod(&files), (Some(false), Some("Dockerfile".into())));
    let two = [files[0], files[1], files[2], ("Dockerfile.dev", "FROM python:3.12\n")];
    assert_eq!(pod(&two), (None, None));
    let other = [files[0], files[1], ("server.py", SERVER)];
    assert_eq!(pod(&other), (None, None), "the image of another name may be any image");
}

#[test]
fn a_recipe_speaks_only_where_the_pod_is_silent() {
    let mut all = Discovered::default();
    for (path, text) in [
        ("Makefile", "a:\n\tdocker build -t orders-mcp svc\n".to_string()),
        ("k8s/pod.yaml", format!("{POD}      securityContext: {{runAsUser: \"${{U}}\"}}\n")),
        ("svc/Dockerfile", RECIPE.to_string()),
    ] {
        all.files.extend(discover_text(path, text).files);
    }
    let facts = extract(&load(all));
    let pod = facts.containers.iter().find(|container| container.source_kind == "kubernetes").expect("a pod is there");
    assert!(matches!(pod.user, Known::Unknown(_)) && !pod.earlier.is_empty(), "{pod:?}");
}

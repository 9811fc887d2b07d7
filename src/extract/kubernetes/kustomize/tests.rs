//! Small trees of overlays and bases, and what they come to.

use super::*;
use crate::discover::{Discovered, discover_text};
use crate::extract::kubernetes;
use crate::model::Facts;
use crate::model::known::Known;

const BASE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: orders}\nspec:\n  template:\n    \
    metadata: {labels: {app: orders}}\n    spec:\n      containers:\n        - name: orders\n          image: orders-mcp\n          \
    env: [{name: LEVEL, value: info}]\n        - {name: side, image: side:1}\n";

/// A tree of files, loaded.
fn load(files: &[(&str, &str)]) -> Loaded {
    let mut all = Discovered::default();
    for (path, text) in files {
        all.files.extend(discover_text(path, (*text).to_string()).files);
    }
    all.files.sort_by(|one, other| one.path.cmp(&other.path));
    crate::load::load(all)
}

/// The containers that a tree runs, one line each: name, image, root, variables.
fn said(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let loaded = load(files);
    let mut facts = Facts::default();
    kubernetes::extract(&loaded, &mut facts);
    let line = |container: &crate::model::container::Container| {
        let known = |known: &Known<String>| known.value().cloned().unwrap_or_else(|| "-".into());
        let read_only = container.read_only.value().map_or("-".into(), bool::to_string);
        format!("{} {} ro={read_only}", container.about.name, known(&container.image))
    };
    let mut lines: Vec<String> = facts.containers.iter().map(line).collect();
    lines.extend(
        facts
            .settings
            .iter()
            .map(|setting| format!("{}={}", setting.about.name, setting.value.value().cloned().unwrap_or_default())),
    );
    (lines, facts.gaps.into_iter().map(|gap| format!("{}: {}", gap.path, gap.reason)).collect())
}

#[test]
fn an_overlay_is_applied_and_its_base_is_not() {
    for (overlay, expected) in [
        ("resources: [../base]\n", vec!["orders orders-mcp ro=-", "side side:1 ro=-", "LEVEL=info"]),
        (
            "bases: [../base]\nimages: [{name: orders-mcp, newName: ghcr.io/a/orders, newTag: \"2\"}]\n",
            vec!["orders ghcr.io/a/orders:2 ro=-", "side side:1 ro=-", "LEVEL=info"],
        ),
        (
            "resources: [../base]\npatches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: orders}\n      \
             spec: {template: {spec: {containers: [{name: orders, securityContext: {readOnlyRootFilesystem: true}}, {name: side, $patch: delete}]}}}\n",
            vec!["orders orders-mcp ro=true", "LEVEL=info"],
        ),
        (
            "resources: [../base]\npatches:\n  - target: {kind: Deployment}\n    patch: |-\n      - {op: replace, path: /spec/template/spec/containers/1/image, value: side:2}\n      \
             - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: TZ, value: UTC}}\n",
            vec!["orders orders-mcp ro=-", "side side:2 ro=-", "LEVEL=info", "TZ=UTC"],
        ),
        (
            "resources: [../base]\npatchesStrategicMerge: [env.yaml]\n",
            vec!["orders orders-mcp ro=-", "side side:1 ro=-", "LEVEL=debug"],
        ),
        (
            "resources: [../base]\ncomponents: [../part]\n",
            vec!["orders orders-mcp:9 ro=-", "side side:1 ro=-", "LEVEL=info"],
        ),
    ] {
        let files = [
            ("k/base/deployment.yaml", BASE),
            ("k/base/kustomization.yaml", "resources: [deployment.yaml]\n"),
            (
                "k/over/env.yaml",
                "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: orders}\nspec: {template: {spec: {containers: [{name: orders, env: [{name: LEVEL, value: debug}]}]}}}\n",
            ),
            ("k/over/kustomization.yaml", overlay),
            (
                "k/part/kustomization.yaml",
                "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nimages: [{name: orders-mcp, newTag: \"9\"}]\n",
            ),
        ];
        let used = |path: &str| match path {
            "k/over/env.yaml" => overlay.contains("env.yaml"),
            _ => true,
        };
        let files: Vec<_> = files.into_iter().filter(|(path, _)| used(path)).collect();
        let (lines, gaps) = said(&files);
        assert_eq!(lines, expected, "{overlay}");
        assert_eq!(gaps, [""; 0], "{overlay}");
    }
}

#[test]
fn fields_are_replaced_by_those_of_other_objects() {
    let source = "resources: [d.yaml]\nconfigMapGenerator:\n  - {name: pins, literals: [\"image=ghcr.io/a/orders:2\", \"tag=7\"]}\n";
    let replace = |from: &str, target: &str| {
        format!(
            "{source}replacements:\n  - source: {{kind: ConfigMap, name: pins, fieldPath: {from}}}\n    targets:\n      - select: {{kind: Deployment}}\n        {target}\n"
        )
    };
    let whole = "fieldPaths: [\"spec.template.spec.containers.[name=orders].image\"]";
    let tag = "fieldPaths: [\"spec.template.spec.containers.*.image\"]\n        options: {delimiter: \":\", index: 1}";
    let create = "fieldPaths: [\"spec.template.spec.containers.0.securityContext.readOnlyRootFilesystem\"]\n        options: {create: true}";
    for (text, expected) in [
        (replace("data.image", whole), vec!["orders ghcr.io/a/orders:2 ro=-", "side side:1 ro=-", "LEVEL=info"]),
        (replace("data.tag", tag), vec!["orders orders-mcp:7 ro=-", "side side:7 ro=-", "LEVEL=info"]),
    ] {
        assert_eq!(said(&[("d.yaml", BASE), ("kustomization.yaml", &text)]), (lines(&expected), vec![]), "{text}");
    }
    for (text, reason) in [
        (replace("data.none", whole), "takes its value from nothing that is in this tree"),
        (replace("data.tag", "fieldPaths: [spec.none]"), "replaces nothing that is in this tree"),
        (replace("data.tag", create), "replaces nothing that is in this tree"),
    ] {
        let (_, gaps) = said(&[("d.yaml", BASE), ("kustomization.yaml", &text)]);
        assert_eq!(gaps, [format!("kustomization.yaml: {reason}")], "{text}");
    }
}

#[test]
fn generated_variables_come_from_files_as_well() {
    let text = BASE.replace("env: [{name: LEVEL, value: info}]", "envFrom: [{configMapRef: {name: set}}]");
    for (generator, expected) in [
        ("envs: [a.env]", vec!["LEVEL=debug", "TZ=UTC"]),
        ("env: a.env", vec!["LEVEL=debug", "TZ=UTC"]),
        ("files: [MODE=b.txt]", vec!["MODE=fast"]),
        ("literals: [MODE=slow]", vec!["MODE=slow"]),
    ] {
        let kustomization = format!("resources: [d.yaml]\nconfigMapGenerator:\n  - name: set\n    {generator}\n");
        let files = [
            ("a.env", "LEVEL=debug\nTZ=UTC\n"),
            ("b.txt", "fast"),
            ("d.yaml", &text),
            ("kustomization.yaml", &kustomization),
        ];
        let (found, gaps) = said(&files);
        assert_eq!((found[2..].to_vec(), gaps), (lines(&expected), vec![]), "{generator}");
    }
    let (_, gaps) = said(&[("kustomization.yaml", "secretGenerator: [{name: x, envs: [gone.env]}]\n")]);
    assert_eq!(gaps, ["kustomization.yaml: names a file of variables that is not in this tree"]);
}

fn lines(all: &[&str]) -> Vec<String> {
    all.iter().map(|line| line.to_string()).collect()
}

#[test]
fn what_cannot_be_built_is_a_gap_at_its_place() {
    for (text, reason) in [
        ("resources: [\"https://a.example/x.yaml\"]\n", "names what stands in another place, which is not read here"),
        ("resources: [../../../../etc/passwd]\n", "leads out of the tree"),
        ("resources: [gone.yaml]\n", "names a resource that is not in this tree"),
        ("resources: [../over]\n", "builds upon itself, or upon more than it may"),
        ("helmCharts: [{name: x}]\n", "`helmCharts` of a kustomization is not built here"),
        ("patches: [{path: gone.yaml}]\n", "names a patch that could not be read"),
        (
            "patches: [{target: {kind: Job}, patch: \"- {op: remove, path: /spec}\"}]\n",
            "patches nothing that is in this tree",
        ),
    ] {
        let (_, gaps) = said(&[("over/kustomization.yaml", text)]);
        assert_eq!(gaps, [format!("over/kustomization.yaml: {reason}")], "{text}");
    }
}

#[test]
fn kustomizations_in_a_circle_end() {
    let (lines, gaps) = said(&[
        ("a/kustomization.yaml", "resources: [../b, x.yaml]\n"),
        ("a/x.yaml", BASE),
        ("b/kustomization.yaml", "resources: [../a]\n"),
    ]);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(gaps.iter().all(|gap| gap.ends_with("builds upon itself, or upon more than it may")), "{gaps:?}");
}

#[test]
fn a_patch_in_place_has_its_own_place() {
    let patch = "resources: [d.yaml]\npatches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: orders\n      \
                 spec:\n        template:\n          spec:\n            containers:\n              - name: orders\n                image: two:2\n";
    let loaded = load(&[("d.yaml", BASE), ("kustomization.yaml", patch)]);
    let mut facts = Facts::default();
    kubernetes::extract(&loaded, &mut facts);
    let span = facts.containers[0].image.span().expect("it has an image");
    assert_eq!(loaded.sources.slice(span), "two:2");
    assert_eq!(loaded.sources.path(span.source), "kustomization.yaml");
}

#[test]
fn variables_are_filled_in_from_the_objects_that_they_refer_to() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {ports: [{port: 5432}]}\n";
    let pod = BASE.replace("value: info", "value: \"http://$(DB):$(PORT)/$(NONE)\"");
    let kustomization = "resources: [pod.yaml, db.yaml]\nvars:\n  - {name: DB, objref: {kind: Service, name: db}}\n  \
        - {name: PORT, objref: {kind: Service, name: db}, fieldref: {fieldpath: 'spec.ports[0].port'}}\n";
    let files = [("k/pod.yaml", pod.as_str()), ("k/db.yaml", service), ("k/kustomization.yaml", kustomization)];
    let (lines, gaps) = said(&files);
    assert!(lines.contains(&"LEVEL=http://db:5432/$(NONE)".to_string()), "{lines:?}");
    assert_eq!(gaps, [""; 0]);
    let other = kustomization.replace("name: db}}", "name: elsewhere}}");
    let (_, gaps) = said(&[files[0], files[1], ("k/kustomization.yaml", &other)]);
    assert_eq!(gaps, ["k/kustomization.yaml: takes its value from nothing that is in this tree"]);
}

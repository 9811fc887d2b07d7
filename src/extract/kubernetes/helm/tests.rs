//! Charts, and what they come to with the values of the tree.

use super::*;
use crate::discover::{Discovered, discover_text};

/// Objects of a chart as JSON, one line each, and the gaps.
fn said(template: &str, values: &str) -> (Vec<String>, Vec<String>) {
    let loaded = load(template, values);
    let build = build(&loaded);
    let roots = build.rendered.iter().flat_map(|rendered| rendered.document.roots());
    let lines = roots.filter_map(|root| root.to_json(10_000)).map(|json| json.to_string()).collect();
    (lines, build.gaps.into_iter().map(|gap| gap.reason).collect())
}

fn load(template: &str, values: &str) -> Loaded {
    let helpers = "{{- define \"x.name\" -}}\n{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix \"-\" }}\n{{- end }}\n\
                   {{- define \"x.labels\" -}}\napp: {{ include \"x.name\" . }}\nrelease: {{ .Release.Name }}\n{{- end }}\n";
    let mut all = Discovered::default();
    for (path, text) in [
        ("chart/Chart.yaml", "name: orders\nversion: 1.0.0\n"),
        ("chart/templates/_helpers.tpl", helpers),
        ("chart/templates/a.yaml", template),
        ("chart/values.yaml", values),
    ] {
        all.files.extend(discover_text(path, text.to_string()).files);
    }
    crate::load::load(all)
}

#[test]
fn templates_come_to_what_their_values_say() {
    for (template, values, expected) in [
        ("a: {{ .Values.x }}\n", "x: 1\n", "{\"a\":1}"),
        ("a: {{ .Values.x | quote }}\n", "x: 1\n", "{\"a\":\"1\"}"),
        ("a: {{ .Values.none | default \"d\" }}\n", "", "{\"a\":\"d\"}"),
        ("a: {{ include \"x.name\" . }}\n", "nameOverride: \"\"\n", "{\"a\":\"orders\"}"),
        (
            "a:\n  {{- include \"x.labels\" . | nindent 2 }}\n",
            "",
            "{\"a\":{\"app\":\"orders\",\"release\":\"release-name\"}}",
        ),
        (
            "a:\n  {{- toYaml .Values.x | nindent 2 }}\n",
            "x: {b: [1, {c: \"yes\"}], d: {}}\n",
            "{\"a\":{\"b\":[1,{\"c\":\"yes\"}],\"d\":{}}}",
        ),
        (
            "{{- if .Values.on }}\na: 1\n{{- else if eq .Values.mode \"b\" }}\na: 2\n{{- else }}\na: 3\n{{- end }}\n",
            "mode: b\n",
            "{\"a\":2}",
        ),
        ("a:\n{{- range .Values.x }}\n  - {{ .n }}\n{{- end }}\n", "x: [{n: 1}, {n: 2}]\n", "{\"a\":[1,2]}"),
        (
            "a:\n{{- range $k, $v := .Values.x }}\n  {{ $k }}: {{ $v | quote }}\n{{- end }}\n",
            "x: {p: 1, q: 2}\n",
            "{\"a\":{\"p\":\"1\",\"q\":\"2\"}}",
        ),
        ("{{- with .Values.x }}\na: {{ .y }}{{ $.Chart.Name }}\n{{- end }}\n", "x: {y: z}\n", "{\"a\":\"zorders\"}"),
        ("{{- $n := printf \"%s-%d\" .Chart.Name 3 -}}\na: {{ $n }}\n", "", "{\"a\":\"orders-3\"}"),
        ("a: {{ ternary \"y\" \"n\" (and .Values.x (not .Values.y)) }}\n", "x: true\n", "{\"a\":\"y\"}"),
        ("a: {{ .Values.a.b.c }}\n", "a: {}\n", "{\"a\":null}"),
        ("a: {{/* }} */}}1\n", "", "{\"a\":1}"),
        (
            "a: {{ if semverCompare \">=1.19-0\" .Capabilities.KubeVersion.GitVersion }}1{{ else }}2{{ end }}\n",
            "",
            "{\"a\":1}",
        ),
    ] {
        assert_eq!(said(template, values), (vec![expected.to_string()], vec![]), "{template}");
    }
}

/// Objects of a chart with one below it, and the gaps.
fn with_dependency(about: &str, values: &str) -> (Vec<String>, Vec<String>) {
    let mut all = Discovered::default();
    let about = format!("name: shop\nversion: 1.0.0\n{about}");
    for (path, text) in [
        ("c/Chart.yaml", about.as_str()),
        ("c/charts/orders/Chart.yaml", "name: orders\nversion: 1.0.0\n"),
        ("c/charts/orders/templates/a.yaml", "a: {{ .Values.x }}{{ .Values.global.y }} {{ .Chart.Name }}\n"),
        ("c/charts/orders/values.yaml", "x: own\nglobal: {y: g}\n"),
        ("c/templates/b.yaml", "b: 1\n"),
        ("c/values.yaml", values),
    ] {
        all.files.extend(discover_text(path, text.to_string()).files);
    }
    let loaded = crate::load::load(all);
    let build = build(&loaded);
    let roots = build.rendered.iter().flat_map(|rendered| rendered.document.roots());
    let lines = roots.filter_map(|root| root.to_json(10_000)).map(|json| json.to_string()).collect();
    (lines, build.gaps.into_iter().map(|gap| gap.reason).collect())
}

#[test]
fn a_chart_below_is_rendered_with_the_values_that_it_is_given() {
    let on = |text: &str| vec!["{\"b\":1}".to_string(), format!("{{\"a\":\"{text} orders\"}}")];
    let off = vec!["{\"b\":1}".to_string()];
    let entry = |more: &str| format!("dependencies:\n  - name: orders\n    version: 1.0.0\n{more}");
    for (about, values, expected) in [
        (String::new(), "z: 1\n", on("owng")),
        (String::new(), "orders: {x: given}\nglobal: {y: h}\n", on("givenh")),
        (entry("    alias: o\n"), "orders: {x: no}\no: {x: yes-}\n", on("yes-g")),
        (entry("    condition: orders.enabled\n"), "orders: {enabled: false}\n", off.clone()),
        (entry("    condition: orders.enabled\n"), "orders: {enabled: true}\n", on("owng")),
        (entry("    condition: none.set\n    tags: [t]\n"), "tags: {t: false}\n", off),
        (entry("    tags: [t, u]\n"), "tags: {t: false, u: true}\n", on("owng")),
    ] {
        assert_eq!(with_dependency(&about, values), (expected, vec![]), "{about} {values}");
    }
    let elsewhere = "dependencies:\n  - name: redis\n    repository: https://charts.example\n";
    let (lines, gaps) = with_dependency(elsewhere, "z: 1\n");
    assert_eq!((lines.len(), gaps), (2, vec!["depends on the chart `redis`, which is not in this tree".to_string()]));
}

#[test]
fn what_is_not_known_stays_open() {
    let (lines, gaps) = said("a: {{ randAlphaNum 8 }}\nb: {{ lookup \"v1\" \"Secret\" \"\" \"\" | len }}\n", "");
    assert_eq!((lines, gaps), (vec!["{\"a\":\"$unrendered\",\"b\":0}".to_string()], vec![]));
    let open = "depends on what only a release of the chart knows";
    for template in [
        "a: 1\n{{- if .Files.Get \"x\" }}\nb: 1\n{{- end }}\n",
        "a: 1\n{{- if .Files.Glob \"x/*\" }}\nb: 1\n{{- end }}\n",
        "a: 1\n{{- if 1 2 ( }}\nb: 1\n{{- end }}\n",
    ] {
        assert_eq!(said(template, ""), (vec!["{\"a\":1}".to_string()], vec![open.to_string()]), "{template}");
    }
    let (lines, gaps) = said("a: [\n", "");
    assert!(gaps.len() == 1, "{lines:?} {gaps:?}");
}

#[test]
fn values_that_refer_to_themselves_end() {
    for template in [
        "{{- define \"a\" }}{{ include \"a\" . }}{{ end }}a: {{ include \"a\" . }}\n",
        "{{- range until 3 }}x{{ end }}\n",
        "{{ range 1000 }}{{ range 1000 }}{{ range 1000 }}x{{ end }}{{ end }}{{ end }}\n",
        "{{ end }}{{ else }}{{ if }}{{",
        "{{ \"",
    ] {
        let _ = said(template, "");
    }
    let nested = format!("{}a{}", "{{ if true }}".repeat(500), "{{ end }}".repeat(500));
    let brackets = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    let _ = (said(&nested, ""), said(&brackets, ""));
}

#[test]
fn nodes_keep_the_places_of_templates_and_values() {
    let loaded =
        load("a: {{ .Values.x }}\nb: here\nc:\n  {{- toYaml .Values.y | nindent 2 }}\n", "x: there\ny: {z: deep}\n");
    let build = build(&loaded);
    let root = build.rendered[0].document.root().expect("it comes to a document");
    let place = |keys: &[&str]| {
        let span = root.at(keys).expect("the key is there").span();
        (loaded.sources.path(span.source).to_string(), loaded.sources.slice(span).to_string())
    };
    assert_eq!(place(&["a"]), ("chart/values.yaml".into(), "there".into()));
    assert_eq!(place(&["b"]), ("chart/templates/a.yaml".into(), "here".into()));
    assert_eq!(place(&["c", "z"]), ("chart/values.yaml".into(), "deep".into()));
}

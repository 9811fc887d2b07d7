//! Uses of libraries, as code to what is said of them.

use super::find;
use crate::flow::{Flow, Index, Program};
use crate::model::known::Known;
use crate::source::Sources;

/// What is found in one file, as `line topic verdict`.
fn check(path: &str, text: &str, expected: &[&str]) {
    let mut sources = Sources::default();
    let id = sources.add_text(path, text);
    let (module, gaps) = crate::code::parse(id, path, text).unwrap();
    assert!(gaps.is_empty(), "{gaps:?}");
    let program = Program::new(vec![module], &sources);
    let index = Index::new(&program, &sources);
    let flow = Flow::new(&program, &sources, &index);
    let live: Vec<_> = program.iter().map(|(id, _)| id).collect();
    let show = |usage: &crate::model::usage::Usage| {
        let line = text[..usage.about.span.start as usize].matches('\n').count() + 1;
        let verdict = match &usage.sound {
            Known::Is(is) if is.value => "sound",
            Known::Is(_) => "unsound",
            Known::Unknown(_) => "unknown",
            Known::Absent => "absent",
        };
        format!("{line} {} {verdict}", usage.topic)
    };
    let found: Vec<String> = find(&flow, &live).iter().map(show).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn certificate_checks_are_judged_where_clients_are_used() {
    check(
        "a.py",
        "import requests\nrequests.get(u)\nrequests.get(u, verify=False)\n",
        &["2 certificates sound", "3 certificates unsound"],
    );
    check("a.py", "import httpx\nOFF = False\nc = httpx.AsyncClient(verify=OFF)\n", &["3 certificates unsound"]);
    check("a.py", "import requests\ndef f(check):\n    requests.get(u, verify=check)\n", &["3 certificates unknown"]);
    check("a.py", "import requests\ns = requests.Session()\ns.verify = False\n", &["3 certificates unsound"]);
    check(
        "a.ts",
        "import https from 'https';\nnew https.Agent({ rejectUnauthorized: false });\n",
        &["2 certificates unsound"],
    );
    check("a.ts", "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';\n", &["1 certificates unsound"]);
    check(
        "a.go",
        "package a\nimport \"crypto/tls\"\nvar c = &tls.Config{InsecureSkipVerify: true}\nvar d = &tls.Config{}\n",
        &["3 certificates unsound", "4 certificates sound"],
    );
    check(
        "a.rs",
        "fn f() { let c = reqwest::Client::builder().danger_accept_invalid_certs(true).build(); }\n",
        &["1 certificates unsound"],
    );
}

#[test]
fn credentials_are_compared_in_constant_time_or_not() {
    check(
        "a.py",
        "def f(request, token):\n    if request.headers.get('Authorization') != f'Bearer {token}':\n        raise X\n",
        &["2 comparison unsound"],
    );
    check(
        "a.py",
        "import hmac\ndef f(given, token):\n    return hmac.compare_digest(given, token)\n",
        &["3 comparison sound"],
    );
    check(
        "a.ts",
        "const key = req.headers['x-api-key'];\nif (key !== process.env.API_KEY) { deny(); }\n",
        &["2 comparison unsound"],
    );
    check("a.ts", "if (tokenType === otherType || token === undefined) { go(); }\n", &[]);
    check("a.ts", "if (authHeader === 'Bearer x') { go(); }\n", &[]);
    check(
        "a.go",
        "package a\nfunc f(r *http.Request, want string) bool {\n\ttoken := r.Header.Get(\"Authorization\")\n\treturn token == \"Bearer \"+want\n}\n",
        &[],
    );
    check(
        "a.go",
        "package a\nfunc f(r *http.Request, authToken string) bool {\n\ttoken := r.Header.Get(\"Authorization\")\n\treturn token == \"Bearer \"+authToken\n}\n",
        &["4 comparison unsound"],
    );
}

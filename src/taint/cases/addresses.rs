//! Hosts, URLs and their paths.

use super::{check_all, check_script};

#[test]
fn script_addresses_are_judged_by_the_part_that_is_chosen() {
    let client = "class Api { constructor(base) { this.base = base; } url(way) { return new URL(way, this.base); } async get(way) { return fetch(this.url(way)); } }\n\
                  const api = new Api(process.env.BASE);\n";
    const WEAK: &[&str] = &["path-traversal p weak"];
    const HELD: &[&str] = &["path-traversal p guarded"];
    check_script(&[
        ("the whole of it", "", "await fetch(p);", &["ssrf p open"]),
        ("the host", "", "await fetch(`https://${p}/x`);", &["ssrf p open"]),
        ("the end of a host", "", "await fetch(`https://api.${p}`);", &["ssrf p open"]),
        ("a segment", "", "await fetch(`https://api.example.com/items/${p}`);", WEAK),
        ("a segment of a path below a base", client, "await api.get(`/items/${p}`);", WEAK),
        ("a segment of a joined path", client, "await api.get([\"\", \"items\", p].join(\"/\"));", WEAK),
        ("encoded", client, "await api.get(`/items/${encodeURIComponent(p)}`);", HELD),
        ("encoded for another purpose", client, "await api.get(`/items/${encodeURI(p)}`);", WEAK),
        ("a number", client, "await api.get(`/items/${n}`);", &["path-traversal n guarded"]),
        ("a value of the query", client, "await api.get(`/items?q=${p}`);", &[]),
        ("a value of a query beside a segment", client, "await api.get(`/items/${p}?q=${q}`);", WEAK),
        ("an option", client, "await fetch(\"https://api.example.com/items\", { headers: { p } });", &[]),
        (
            "one of a list",
            client,
            "if (![\"a\", \"b\"].includes(p)) throw new Error(p); await api.get(`/items/${p}`);",
            HELD,
        ),
        ("a pattern", client, "if (!/^[\\w-]+$/.test(p)) throw new Error(p); await api.get(`/items/${p}`);", HELD),
        (
            "a pattern that is not anchored",
            client,
            "if (!/[\\w-]+/.test(p)) throw new Error(p); await api.get(`/items/${p}`);",
            WEAK,
        ),
        (
            "the host of a list",
            "",
            "const url = new URL(p); if (![\"a.example\", \"b.example\"].includes(url.hostname)) throw new Error(p); await fetch(url);",
            &["ssrf p guarded"],
        ),
        (
            "the host of a list, of another value",
            "",
            "const url = new URL(q); if (![\"a.example\"].includes(url.hostname)) throw new Error(p); await fetch(p);",
            &["ssrf p open"],
        ),
        (
            "the scheme alone",
            "",
            "const url = new URL(p); if (url.protocol !== \"https:\") throw new Error(p); await fetch(url);",
            &["ssrf p weak"],
        ),
        (
            "hosts that are forbidden",
            "",
            "const url = new URL(p); if ([\"localhost\", \"127.0.0.1\"].includes(url.hostname)) throw new Error(p); await fetch(url);",
            &["ssrf p weak"],
        ),
        (
            "an address that was looked up",
            "import dns from \"dns/promises\";\nfunction isPrivate(ip) { return ip.startsWith(\"10.\") || /^127\\./.test(ip); }",
            "const { address } = await dns.lookup(new URL(p).hostname); if (isPrivate(address)) throw new Error(p); await fetch(p);",
            &["ssrf p weak"],
        ),
        (
            "an address that was looked up, where it may not lead on",
            "import dns from \"dns/promises\";\nfunction isPrivate(ip) { return ip.startsWith(\"10.\") || /^127\\./.test(ip); }",
            "const { address } = await dns.lookup(new URL(p).hostname); if (isPrivate(address)) throw new Error(p); await fetch(p, { redirect: \"error\" });",
            &["ssrf p guarded"],
        ),
        (
            "every address that was looked up",
            "import dns from \"dns\";\nfunction isPrivate(ip) { return ip.startsWith(\"10.\") || /^127\\./.test(ip); }",
            "const all = await dns.promises.lookup(new URL(p).hostname, { all: true }); if (all.some(one => isPrivate(one.address))) throw new Error(p); await fetch(p, { redirect: \"manual\" });",
            &["ssrf p guarded"],
        ),
    ]);
}

#[test]
fn an_address_is_public_once_what_it_resolves_to_was_looked_at() {
    let head = "import asyncio, os, socket, ipaddress, httpx, requests\nfrom urllib.parse import urlparse, quote\n";
    let resolving = "def check(url, block=True):\n    host = urlparse(url).hostname\n    seen = set()\n    for *_, address in socket.getaddrinfo(host, None):\n        \
        ip = address[0]\n        if ip in seen:\n            continue\n        seen.add(ip)\n        if ipaddress.ip_address(ip).is_private:\n            \
        return False, 'private'\n    return True, ''\n\n";
    let literal = "def check(url):\n    host = urlparse(url).hostname\n    if host.lower() in {'localhost', '127.0.0.1'}:\n        return False, 'local'\n    \
        return True, ''\n\n";
    let call = "def t(p: str):\n    fine, why = check(p)\n    if not fine:\n        raise ValueError(why)\n    return httpx.get(p).text\n";
    check_all(
        head,
        &[
            ("nothing", "", "def t(p: str):\n    return httpx.get(p).text\n", &["ssrf open"][..]),
            ("every address that it resolves to", resolving, call, &["ssrf guarded"]),
            ("the text of its host", literal, call, &["ssrf weak"]),
            (
                "a test whose answer is thrown away",
                resolving,
                "def t(p: str):\n    check(p)\n    return httpx.get(p).text\n",
                &["ssrf open"],
            ),
            (
                "loopback alone",
                "",
                "def t(p: str):\n    ip = ipaddress.ip_address(socket.gethostbyname(urlparse(p).hostname))\n    if ip.is_loopback:\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf weak"],
            ),
            (
                "one address, private or not",
                "",
                "def t(p: str):\n    ip = ipaddress.ip_address(socket.gethostbyname(urlparse(p).hostname))\n    if ip.is_private:\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf guarded"],
            ),
            (
                "every address, looked up in a thread",
                "async def check(url):\n    for info in await asyncio.to_thread(socket.getaddrinfo, urlparse(url).hostname, 443):\n        \
                 if not ipaddress.ip_address(info[4][0]).is_global:\n            raise ValueError(url)\n\n",
                "async def t(p: str):\n    await check(p)\n    return httpx.get(p).text\n",
                &["ssrf guarded"],
            ),
            (
                "every address, those that are none passed over",
                "def check(url):\n    for *_, address in socket.getaddrinfo(urlparse(url).hostname, None):\n        try:\n            \
                 ip = ipaddress.ip_address(address[0])\n            if not ip.is_global:\n                return 'private'\n        \
                 except ValueError:\n            continue\n    return None\n\n",
                "def t(p: str):\n    if check(p):\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf guarded"],
            ),
            (
                "every address, behind a test whose error is handed on",
                "def literal(host):\n    if host == 'localhost':\n        return 'local'\n    return None\n\ndef resolved(host):\n    \
                 for *_, address in socket.getaddrinfo(host, None):\n        if not ipaddress.ip_address(address[0]).is_global:\n            \
                 return 'private'\n    return None\n\ndef check(url):\n    host = urlparse(url).hostname\n    error = literal(host)\n    \
                 if error:\n        return error\n    error_too = resolved(host)\n    if error_too:\n        return error_too\n    return None\n\n",
                "def t(p: str):\n    if check(p):\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf guarded"],
            ),
            (
                "an address as it is written, names passed over",
                "def check(host):\n    try:\n        ip = ipaddress.ip_address(host)\n    except ValueError:\n        return None\n    \
                 return 'private' if ip.is_private else None\n\n",
                "def t(p: str):\n    if check(p):\n        raise ValueError(p)\n    return httpx.get(f'http://{p}/').text\n",
                &["ssrf open"],
            ),
            (
                "unless the program's own switch is on",
                "class Client:\n    def __init__(self, allow_private=False):\n        self.allow_private = allow_private\n    \
                 def guard(self, url):\n        if not self.allow_private:\n            for *_, address in socket.getaddrinfo(urlparse(url).hostname, None):\n                \
                 if ipaddress.ip_address(address[0]).is_private:\n                    raise ValueError(url)\n\nclient = Client()\n\n",
                "def t(p: str):\n    client.guard(p)\n    return httpx.get(p).text\n",
                &["ssrf guarded"],
            ),
            (
                "unless the caller switches it off",
                "",
                "def t(p: str, private: bool):\n    if not private:\n        for *_, address in socket.getaddrinfo(urlparse(p).hostname, None):\n            \
                 if ipaddress.ip_address(address[0]).is_private:\n                raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf open"],
            ),
            (
                "a host below a domain of the program's own",
                "DOMAINS = os.environ['DOMAINS'].split(',')\n\ndef fits(host):\n    for domain in DOMAINS:\n        \
                 if host == domain or host.endswith(f'.{domain}'):\n            return True\n    return False\n\n",
                "def t(p: str):\n    if not fits(urlparse(p).hostname.lower()):\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf guarded"],
            ),
            (
                "a host that ends like a domain of the program's own",
                "DOMAINS = os.environ['DOMAINS'].split(',')\n\ndef fits(host):\n    for domain in DOMAINS:\n        \
                 if host == domain or host.endswith(domain):\n            return True\n    return False\n\n",
                "def t(p: str):\n    if not fits(urlparse(p).hostname.lower()):\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf open"],
            ),
            (
                "a URL that ends like a domain",
                "",
                "def t(p: str):\n    if not p.endswith('.example.com'):\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf open"],
            ),
            (
                "an address written out",
                "",
                "def t(p: str):\n    if ipaddress.ip_address(urlparse(p).hostname).is_private:\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf weak"],
            ),
            (
                "the scheme",
                "",
                "def t(p: str):\n    if urlparse(p).scheme not in ('http', 'https'):\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf weak"],
            ),
            (
                "the scheme by its beginning",
                "",
                "def t(p: str):\n    if not p.startswith(('http://', 'https://')):\n        raise ValueError(p)\n    return httpx.get(p).text\n",
                &["ssrf weak"],
            ),
            (
                "a segment",
                "",
                "def t(p: str):\n    return requests.get(f'https://api.example.com/items/{p}').text\n",
                &["path-traversal weak"],
            ),
            (
                "a segment put in by a percent sign",
                "",
                "def t(p: str):\n    return requests.get('https://api.example.com/items/%s/x' % p).text\n",
                &["path-traversal weak"],
            ),
            (
                "a segment put in by format",
                "",
                "def t(p: str):\n    return requests.get('https://api.example.com/items/{}?q=1'.format(p)).text\n",
                &["path-traversal weak"],
            ),
            (
                "quoted, with slashes left",
                "",
                "def t(p: str):\n    return requests.get('https://api.example.com/items/' + quote(p)).text\n",
                &["path-traversal weak"],
            ),
            (
                "quoted",
                "",
                "def t(p: str):\n    return requests.get('https://api.example.com/items/' + quote(p, safe='')).text\n",
                &["path-traversal guarded"],
            ),
            (
                "a parameter of the query",
                "",
                "def t(p: str):\n    return requests.get('https://api.example.com/items', params={'q': p}).text\n",
                &[],
            ),
        ],
    );
}

//! Pieces of a path that are joined again.

use super::{HELD, OPEN, WEAK, check};

#[test]
fn pieces_of_a_path_are_held_only_where_none_of_them_can_leave() {
    for (name, body, expected) in [
        (
            "of a path relative to its root",
            "    way = os.path.relpath(os.path.realpath(os.path.join('/srv/data', p)), '/srv/data')\n    if way.startswith('..'):\n        raise ValueError(p)\n    parts = way.split('/')\n    return open(os.path.join('/srv/data', '/'.join(parts[:-1]))).read()\n",
            HELD,
        ),
        (
            "of a path in which two dots are refused",
            "    if '..' in p:\n        raise ValueError(p)\n    parts = p.split('/')\n    return open(os.path.join('/srv/data', '/'.join(parts))).read()\n",
            WEAK,
        ),
        (
            "of a path that was held as a whole",
            "    full = (ROOT / p).resolve()\n    if not full.is_relative_to(ROOT):\n        raise ValueError(p)\n    parts = p.split('/')\n    parts.pop()\n    return open(os.path.join('/srv/data', '/'.join(parts))).read()\n",
            WEAK,
        ),
        (
            "of a path that nothing held",
            "    return open(os.path.join('/srv/data', '/'.join(p.split('/')[1:]))).read()\n",
            OPEN,
        ),
        (
            "tested one by one",
            "    parts = p.split('/')\n    if any(part in ('', '.', '..') for part in parts):\n        raise ValueError(p)\n    return open(os.path.join('/srv/data', *parts)).read()\n",
            HELD,
        ),
        (
            "tested in turn and joined again",
            "    parts = p.split('/')\n    for part in parts:\n        if part == '..':\n            raise ValueError(p)\n    return open(os.path.join('/srv/data', '/'.join(parts))).read()\n",
            HELD,
        ),
        (
            "tested for something else",
            "    parts = p.split('/')\n    if any(part in ('', '.') for part in parts):\n        raise ValueError(p)\n    return open(os.path.join('/srv/data', *parts)).read()\n",
            WEAK,
        ),
        (
            "cut once, so that slashes are left",
            "    first, rest = p.split('/', 1)\n    if first == '..' or rest == '..':\n        raise ValueError(p)\n    return open(os.path.join('/srv/data', first, rest)).read()\n",
            OPEN,
        ),
        (
            "its slashes replaced, before an ending",
            "    name = p.replace('/', '__')\n    return open(f'/srv/data/{name}.json').read()\n",
            HELD,
        ),
        (
            "its slashes replaced, and nothing after it",
            "    return open(os.path.join('/srv/data', p.replace('/', '__'))).read()\n",
            WEAK,
        ),
        (
            "a part without slash between other text",
            "    if '/' in p:\n        raise ValueError(p)\n    return open(f'/srv/data/{p}.md').read()\n",
            HELD,
        ),
        (
            "a part without slash alone",
            "    if '/' in p:\n        raise ValueError(p)\n    return open(f'/srv/data/{p}/').read()\n",
            WEAK,
        ),
    ] {
        check(name, &format!("@mcp.tool()\ndef t(p: str):\n{body}"), expected);
    }
}

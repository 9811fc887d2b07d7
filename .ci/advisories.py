#!/usr/bin/env python3
"""Rebuilds rules/advisories.yml from downloaded advisories in the OSV format.

    python3 .ci/advisories.py --date 2026-11-21 npm/all.zip PyPI/all.zip crates.io/all.zip Go/all.zip

Each argument is an archive as osv.dev publishes it by ecosystem, or a folder of such files (a checkout of an advisory
database). Nothing is downloaded here. Kept are advisories of the packages that the present list names, and of any
package whose name says that it speaks the protocol. A row that the archives do not know stays, and is
told; titles written by hand stay.
"""

import argparse
import io
import json
import re
import sys
import zipfile
from pathlib import Path

import yaml

RULES = Path(__file__).resolve().parent.parent / "rules"
ECOSYSTEMS = {"npm": "npm", "PyPI": "pypi", "crates.io": "crates", "Go": "go"}
SPEAKS = re.compile(r"(^|[^a-z])(mcp|modelcontextprotocol|rmcp|fastmcp)([^a-z]|$)")
HEAD = """\
# Published advisories of MCP servers and SDKs. `mended` is the first version without the fault; `from` the first with
# it; `last` the last known to have it where no version mends it; `over: http` those that no server has which only speaks
# over standard streams. Rebuilt by `.ci/advisories.py` from an OSV archive.
"""


def documents(path):
    """Every OSV document of an archive or folder."""
    if path.is_dir():
        for file in sorted(path.rglob("*.json")):
            yield json.loads(file.read_text("utf-8"))
        return
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".json"):
                yield json.load(io.TextIOWrapper(archive.open(name), "utf-8"))


def plain(ecosystem, name):
    """A name as its registry compares it."""
    return re.sub(r"[-_.]+", "-", name.lower()) if ecosystem == "pypi" else name


def name_of(document):
    """The identifier that most people know: CVE, then GHSA, then its own."""
    ids = [*document.get("aliases", []), document["id"]]
    for start in ("CVE-", "RUSTSEC-", "GHSA-"):
        found = sorted(one for one in ids if one.startswith(start))
        if found:
            return found[0]
    return document["id"]


def ranges(affected):
    """Pairs of `from` and either `mended` or `last`; ranges without an end say nothing that a version could be held to."""
    for one in affected.get("ranges", []):
        if one.get("type") not in ("SEMVER", "ECOSYSTEM"):
            continue
        start = None
        for event in one.get("events", []):
            if "introduced" in event:
                start = event["introduced"]
            elif "fixed" in event:
                yield {"from": start, "mended": event["fixed"]}
            elif "last_affected" in event:
                yield {"from": start, "last": event["last_affected"]}


def rows(document, wanted):
    if document.get("withdrawn") or document["id"].startswith("MAL-"):
        return
    for affected in document.get("affected", []):
        package = affected.get("package", {})
        ecosystem = ECOSYSTEMS.get(package.get("ecosystem"))
        name = package.get("name", "")
        known = (ecosystem, plain(ecosystem, name)) in wanted
        if ecosystem is None or not (known or SPEAKS.search(name.lower())):
            continue
        for limits in ranges(affected):
            title = (document.get("summary") or document.get("details") or name).strip().splitlines()[0][:120]
            row = {"ecosystem": ecosystem, "package": name, "id": name_of(document), **limits, "title": title}
            yield {key: value for key, value in row.items() if value not in (None, "0")}


def key(row):
    return row["ecosystem"], plain(row["ecosystem"], row["package"]), row["id"], row.get("from", "")


def written(row):
    parts = [f"{name}: {json.dumps(value) if needs_quotes(value) else value}" for name, value in row.items()]
    return "  - {" + ", ".join(parts) + "}"


def needs_quotes(value):
    """Whether flow YAML would read the text as something else."""
    return bool(re.search(r"[,\[\]{}#\"'&*!|>%@`]|: |^[\d.]+$", value)) and not re.fullmatch(r"\d+(\.\d+){2,}[\w.-]*", value)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--date", required=True, help="day of the archives, YYYY-MM-DD")
    parser.add_argument("--out", type=Path, default=RULES / "advisories.yml")
    asked = parser.parse_args()
    present = yaml.safe_load((RULES / "advisories.yml").read_text("utf-8"))["advisories"]
    present = [{name: str(value) for name, value in row.items()} for row in present]
    wanted = {(row["ecosystem"], plain(row["ecosystem"], row["package"])) for row in present}
    found = {}
    for path in asked.archives:
        for document in documents(path):
            found.update({key(row): row for row in rows(document, wanted)})
    titles = {(row["ecosystem"], row["package"], row["id"]): row["title"] for row in present}
    over = {(row["ecosystem"], row["package"], row["id"]): row["over"] for row in present if "over" in row}
    for row in found.values():
        known = row["ecosystem"], row["package"], row["id"]
        title = titles.get(known, row.pop("title"))
        row.update({"over": over[known]} if known in over else {}, title=title)
    told = {(row["ecosystem"], plain(row["ecosystem"], row["package"]), row["id"]) for row in found.values()}
    for row in present:
        if key(row)[:3] not in told:
            print(f"not in the archives, kept: {row['package']} {row['id']}", file=sys.stderr)
            found[key(row)] = row
    lines = [written(found[at]) for at in sorted(found)]
    asked.out.write_text(HEAD + f"date: {asked.date}\nadvisories:\n" + "\n".join(lines) + "\n", "utf-8")
    print(f"{len(lines)} rows of {len({at[:2] for at in found})} packages", file=sys.stderr)


if __name__ == "__main__":
    main()

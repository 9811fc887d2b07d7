#!/usr/bin/env bash
# Times plimsoll, `bandit -r` and `ast-grep` with one rule on the same trees, in turn, in one run.
#
#   benches/compare.sh TREE...        plimsoll is target/release/plimsoll, or $PLIMSOLL
#   RUNS=9 benches/compare.sh TREE    runs of each, after one that is not counted; 5 otherwise
#   SERVERS=60 benches/compare.sh TREE...    one monorepo of so many packages, copied from the trees in turn
#
# Prints medians: wall and CPU seconds, peak memory, and megabytes a second of the source that each tool reads.
# A tool that is not installed is left out: `pip install bandit`, `npm install -g @ast-grep/cli`. Needs GNU time.
set -euo pipefail

plimsoll=${PLIMSOLL:-$(dirname "$0")/../target/release/plimsoll}
runs=${RUNS:-5}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

source_bytes() { # TREE EXTENSION...
    local tree=$1 names=()
    shift
    for extension in "$@"; do names+=(-o -name "*.$extension"); done
    find "$tree" \( -name node_modules -o -name .git \) -prune -o -type f \( "${names[@]:1}" \) -printf '%s\n' |
        awk '{ sum += $1 } END { print sum + 0 }'
}

median() { sort -n "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

measure() { # NAME BYTES COMMAND...
    local name=$1 bytes=$2
    shift 2
    : > "$scratch/wall"
    : > "$scratch/cpu"
    : > "$scratch/memory"
    for run in $(seq 0 "$runs"); do
        # Findings make these tools exit with another code than 0; the figures are what counts.
        /usr/bin/time -o "$scratch/time" -f '%e %U %S %M' "$@" > /dev/null 2>&1 || true
        read -r wall user system memory < <(tail -n 1 "$scratch/time")
        [ "$run" = 0 ] && continue
        echo "$wall" >> "$scratch/wall"
        awk "BEGIN { print $user + $system }" >> "$scratch/cpu"
        echo "$memory" >> "$scratch/memory"
    done
    awk -v name="$name" -v bytes="$bytes" -v wall="$(median "$scratch/wall")" -v cpu="$(median "$scratch/cpu")" \
        -v memory="$(median "$scratch/memory")" 'BEGIN {
            rate = wall > 0 ? bytes / wall / 1e6 : 0
            printf "%-28s %9.2f %8.2f %8.0f %8.1f %8.1f\n", name, wall, cpu, memory / 1024, bytes / 1e6, rate }'
}

monorepo() { # COUNT TREE...
    local count=$1 at tree
    shift
    for at in $(seq "$count"); do
        tree=${*:(at - 1) % $# + 1:1}
        mkdir -p "$scratch/monorepo/packages"
        cp -r "$tree" "$scratch/monorepo/packages/server-$at"
    done
}

if [ -n "${SERVERS:-}" ]; then
    monorepo "$SERVERS" "$@"
    set -- "$scratch/monorepo"
fi

for tree in "$@"; do
    echo "$tree"
    printf '%-28s %9s %8s %8s %8s %8s\n' '' 'wall s' 'CPU s' 'MiB' 'MB read' 'MB/s'
    python=$(source_bytes "$tree" py)
    script=$(source_bytes "$tree" ts tsx mts js mjs cjs)
    all=$(source_bytes "$tree" py ts tsx mts js mjs cjs go rs)
    measure plimsoll "$all" "$plimsoll" audit "$tree" --format json
    if command -v bandit > /dev/null && [ "$python" -gt 0 ]; then
        measure 'bandit -r' "$python" bandit -q -r "$tree" -f json
    fi
    if command -v ast-grep > /dev/null; then
        if [ "$python" -ge "$script" ]; then
            measure 'ast-grep, 1 rule (Python)' "$python" ast-grep run -l python -p 'subprocess.run($$$)' --no-ignore hidden "$tree"
        else
            measure 'ast-grep, 1 rule (TS, JS)' "$script" ast-grep scan --inline-rules '{id: e, language: ts, rule: {pattern: "exec($$$)"}}
---
{id: f, language: js, rule: {pattern: "exec($$$)"}}' "$tree"
        fi
    fi
done

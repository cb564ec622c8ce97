#!/bin/sh
# Compares the layers block of docs/architecture.md with what the sources do, in both directions: with the graph of includes, and with
# that of symbols (symbol_graph.sh), which has no circle of files. The block's lines are in order: none names a layer below itself.
#
# usage: architecture.sh <source folder> <build folder>
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$2
cd "$1"

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
failed=

# What is linked together, one line each.
programs='runtime/CMakeFiles/greywave_objects.dir
llvm-plugin/CMakeFiles/greywave-llvm22.dir
asmgcroot/CMakeFiles/asmgcroot.dir asmgcroot/CMakeFiles/gw-asmgcroot.dir
driver/CMakeFiles/gwcc.dir'

# ---- What is written ------------------------------------------------------------------------------------

sed -n '/^```layers$/,/^```$/p' docs/architecture.md | grep ':' >"$folder/block"
cut -d : -f 1 "$folder/block" >"$folder/layers"
while IFS=: read -r layer allowed; do
    for other in $allowed; do echo "$layer $other"; done
done <"$folder/block" | sort -u >"$folder/declared"

if ! awk '
    FNR == NR { place[$1] = FNR; next }
    place[$2] >= place[$1] || !place[$2] { print "docs/architecture.md: " $1 " may use only what stands above it, and names " $2; bad = 1 }
    END { exit bad }' "$folder/layers" "$folder/declared"; then failed=yes; fi

# ---- What is so -----------------------------------------------------------------------------------------

# Files relative to the source folder, those of runtime/ to that. What is included and not here is LLVM's, or public.
find runtime/*/ llvm-plugin asmgcroot driver \( -name '*.[chS]' -o -name '*.cpp' \) -not -path 'runtime/include/*' |
    xargs grep -oE '^#include "[a-z0-9_/]+\.h"' | sed 's/:#include "/ /; s/"$//' | while read -r file header; do
    for path in "${file%/*}/$header" "${file%%/*}/$header" "runtime/$header"; do
        [ ! -e "$path" ] || { echo "${file#runtime/} ${path#runtime/} include"; break; }
    done
done >"$folder/edges"
echo "$programs" | while read -r objects; do
    # shellcheck disable=SC2086 # several folders
    "$here/symbol_graph.sh" "$build" $objects || echo >"$folder/failed"
done >>"$folder/edges"
[ ! -e "$folder/failed" ] || failed=yes

# An edge of layers, with one of its files and symbols. A file's layer is the longest name in the block that it lies in.
awk '
    FNR == NR { layers[$1]; next }
    {
        from = layer($1); to = layer($2)
        if (!from) print "in-no-layer", $1
        else if (from != to && !((from, to) in found)) { found[from, to]; print from, to, "(" $1 " -> " $2 ": " $3 ")" }
    }
    function layer(path) {
        sub(/\.[a-zA-Z]*$/, "", path)
        while (!(path in layers)) if (!sub(/\/[^\/]*$/, "", path)) return ""
        return path
    }' "$folder/layers" "$folder/edges" | sort -u >"$folder/found"

cut -d ' ' -f 1,2 "$folder/found" | sort -u >"$folder/found_layers"
if ! diff "$folder/declared" "$folder/found_layers" >"$folder/differences"; then
    echo "docs/architecture.md ('<') and the sources ('>') differ:"
    grep '^[<>]' "$folder/differences"
    sed -n 's/^> //p' "$folder/differences" | grep -F -f - "$folder/found" || true
    failed=yes
fi
[ -z "$failed" ]

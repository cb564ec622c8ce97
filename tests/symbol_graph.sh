#!/bin/sh
# The graph of source files by symbols: an edge from each file to those whose functions and variables its object file wants. Includes
# do not show it: a file can call upwards through a public header. Prints a line `from to symbol` for each edge, with files relative
# to the source folder, those of runtime/ to that; fails on a circle of files and prints its edges.
#
# usage: symbol_graph.sh <build folder> <folder of object files in it>...
#   symbol_graph.sh build runtime/CMakeFiles/greywave_objects.dir
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$1"
shift
for objects; do
    [ -d "$objects" ] || { echo "$objects is missing: build what it belongs to" >&2; exit 1; }
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

find "$@" -name '*.o' | sort | while read -r object; do
    source=${object%.o}
    source=$top/$(echo "$source" | sed 's|CMakeFiles/[^/]*\.dir/||')
    [ ! -e "$source" ] || echo "$object" # what is left of a source that is gone does not count
done | xargs nm -A --format=posix | awk '
    {
        file = $1
        sub(/:$/, "", file)
        sub(/\.o$/, "", file)
        sub(/CMakeFiles\/[^\/]*\.dir\//, "", file)
        sub(/^runtime\//, "", file)
    }
    $3 ~ /^[Uwv]$/ { wants[++count] = file; symbol[count] = $2 }
    $3 ~ /^[A-Tu]$|^[VW]$/ { defines[$2] = file }
    END {
        for (i = 1; i <= count; i++) {
            to = defines[symbol[i]]
            if (to && to != wants[i]) print wants[i], to, symbol[i]
        }
    }' | sort >"$folder/edges"
[ -s "$folder/edges" ] || { echo "no file here wants anything of another: $*" >&2; exit 1; }
cat "$folder/edges"

# Two files are in one circle if each reaches the other.
awk '
    { edge[$1, $2] = edge[$1, $2] " " $3; reaches[$1, $2] = 1 }
    !($1 in known) { known[$1]; files[++n] = $1 }
    END {
        for (k = 1; k <= n; k++)
            for (i = 1; i <= n; i++)
                if ((files[i], files[k]) in reaches)
                    for (j = 1; j <= n; j++)
                        if ((files[k], files[j]) in reaches) reaches[files[i], files[j]] = 1
        for (i = 1; i <= n; i++) if (!(files[i] in told) && (files[i], files[i]) in reaches) tell(files[i])
        exit circles != 0
    }
    function tell(first,   size, members, i, k) {
        for (i = 1; i <= n; i++)
            if ((first, files[i]) in reaches && (files[i], first) in reaches) { members[++size] = files[i]; told[files[i]] }
        print "a circle of " size " files:"
        for (i = 1; i <= size; i++)
            for (k = 1; k <= size; k++)
                if ((members[i], members[k]) in edge) print "    " members[i] " -> " members[k] ":" edge[members[i], members[k]]
        circles++
    }' "$folder/edges" >&2

#!/bin/sh
# Compares the layers block of docs/architecture.md with the includes in runtime/, llvm-plugin/ and asmgcroot/, in both
# directions.
set -eu
cd "$1"

layer_of() { # a file's layer: the longest one named in the block that it lies in
    case $1 in
    observe/*) name=${1%.*}; echo "$name" ;;
    *) echo "${1%%/*}" ;;
    esac
}

declared=$(sed -n '/^```layers$/,/^```$/p' docs/architecture.md | grep ':' |
    while IFS=: read -r layer allowed; do for other in $allowed; do echo "$layer $other"; done; done | sort -u)

found=$(cd runtime && find abi arch collect heap observe os roots ../llvm-plugin ../asmgcroot -name '*.[chS]' -o -name '*.cpp' |
    while read -r file; do
        grep -hoE '^#include "[a-z0-9_/]+\.h"' "$file" | sed 's/#include "//; s/"$//' | while read -r header; do
            [ "${header#*/}" != "$header" ] || header=$(dirname "$file")/$header
            from=$(layer_of "${file#../}") to=$(layer_of "${header#../}")
            [ ! -e "$header" ] || [ "$from" = "$to" ] || echo "$from $to" # what is not here is LLVM's, or public
        done
    done | sort -u)

if [ "$declared" != "$found" ]; then
    echo "docs/architecture.md and the includes of runtime/ differ ('declared' left, 'found' right):"
    printf '%s\n' "$declared" >"${TMPDIR:-/tmp}/declared.$$"
    printf '%s\n' "$found" | diff "${TMPDIR:-/tmp}/declared.$$" - || true
    rm -f "${TMPDIR:-/tmp}/declared.$$"
    exit 1
fi

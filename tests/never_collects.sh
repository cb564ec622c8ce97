#!/bin/sh
# The list of the runtime's functions that never collect (runtime/abi/never_collects.h) is what the public headers declare
# GW_NOCOLLECT: no name is missing there, and none too many. A declaration planted in a copy of a header is found.
#
# usage: never_collects.sh <source folder> <clang>
set -eu
cd "$1"
clang=$2

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

listed() {
    printf '#include "abi/never_collects.h"\n%s\n' "$1" | "$clang" -E -P -Iruntime -x c - | grep -o '"[^"]*"' | tr -d '"'
}

# declared <include folder>: the preprocessor's output, a declaration a line; the name stands in front of its parameters
declared() {
    for header in "$1"/greywave/greywave.h "$1"/greywave/abi.h; do
        "$clang" -E -P -D__GREYWAVE__=1 -I"$1" "$header"
    done | tr '\n' ' ' | tr ';' '\n' | sed 's/__attribute__((address_space(1)))//g' |
        sed -n 's/.*__attribute__((annotate("gc-leaf-function")))//p' | sed 's/ *(.*//; s/.*[ *]//' | sort -u
}

listed GW_RUNTIME_NEVER_COLLECTS | sort >"$folder/listed"
declared runtime/include >"$folder/declared"
[ "$(wc -l <"$folder/declared")" -ge 60 ] || { echo "the headers' declarations are not read as they were"; exit 1; }
diff "$folder/listed" "$folder/declared" ||
    { echo "runtime/abi/never_collects.h (<) and the declarations of the public headers (>) differ"; exit 1; }

cp -r runtime/include "$folder/include"
sed -i 's/^GW_NOCOLLECT size_t gw_length/GW_NOCOLLECT void GW *gw_planted(int);\n&/' "$folder/include/greywave/objects.h"
declared "$folder/include" | diff "$folder/listed" - >"$folder/difference" && { echo "a planted declaration is not found"; exit 1; }
grep -qx '> gw_planted' "$folder/difference" || { cat "$folder/difference"; exit 1; }

{ listed GW_RUNTIME_NEVER_COLLECTS; listed GW_LIBRARY_NEVER_COLLECTS; listed GW_MATH_NEVER_COLLECTS; } | sort | uniq -d >"$folder/twice"
[ ! -s "$folder/twice" ] || { echo "listed twice:"; cat "$folder/twice"; exit 1; }

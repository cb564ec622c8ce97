#!/bin/sh
# Threads with heaps of their own against a runtime that looks for data races; see threads.c. No suppressions.
#
# usage: threads.sh <build folder> <llvm version> <seconds>
set -eu
build=$1 llvm=$2 seconds=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
libraries=
for number in 1 2 3 4; do
    library=$folder/library$number.so
    [ "$number" -gt 1 ] || "$build/bin/gwcc" --llvm="$llvm" -O2 -std=gnu17 -Wall -Wextra -Werror -fPIC -shared "$here/threads_library.c" -o "$library"
    [ -f "$library" ] || cp "$folder/library1.so" "$library" # an image of its own, with globals of its own
    libraries="$libraries $library"
done
${CC:-cc} -std=gnu17 -O1 -g -fsanitize=thread -Wall -Wextra -Werror "-I$build/include" "$here/threads.c" "-L$build/raced" -lgreywave \
    "-Wl,-rpath,$build/raced" -pthread -o "$folder/threads"

failures=0
# run <wanted status> <argument...>
run() {
    wanted=$1 status=0
    shift
    timeout $((seconds + 120)) "$folder/threads" "$@" >"$folder/out" 2>&1 || status=$?
    [ "$status" -eq "$wanted" ] && ! grep -q ThreadSanitizer "$folder/out" && return
    echo "threads $*: status $status, wanted $wanted"
    head -n 200 "$folder/out"
    failures=$((failures + 1))
}
# shellcheck disable=SC2086 # a list of names
run 0 "$seconds" $libraries
# shellcheck disable=SC2086
run 134 message $libraries
grep -q "greywave: fatal: gw_alloc_array: 'node' is not an array type" "$folder/out" || { cat "$folder/out"; failures=1; }
[ "$failures" -eq 0 ]

#!/bin/sh
# A collecting program among what real programs do; see surroundings.c. `seconds` is how long the daemon collects, `children` how
# many are made beside threads that collect and load.
#
# usage: surroundings.sh <build folder> <llvm version> [seconds [children]]
set -eu
build=$1 llvm=$2 seconds=${3:-5} children=${4:-60}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
gwcc() { "$build/bin/gwcc" --llvm="$llvm" -Wall -Wextra -Werror -std=gnu17 "$@"; }
gwcc -O2 -fPIC -shared "$here/loaded_library.c" -o "$folder/library.so"

failures=0
fail() {
    echo "$*"
    cat "$folder/out"
    failures=$((failures + 1))
}

# run <wanted status> <argument...>
run() {
    wanted=$1 status=0
    shift
    timeout 300 "$folder/program" "$@" >"$folder/out" 2>&1 || status=$?
    [ "$status" -eq "$wanted" ] || fail "$level $*: status $status, wanted $wanted"
}

for level in -O0 -O2; do
    gwcc "$level" -pthread "$here/surroundings.c" -o "$folder/program"
    for what in locked descriptors page_end conventions frozen; do run 0 "$what"; done
    GREYWAVE=stress=alloc+move,poison=1,verify=1,verify-walk=1 run 0 conventions
    run 0 forks "$folder/library.so" "$children"
    run 134 message "$folder/library.so"
    grep -q 'managed function believer .*has no frame map' "$folder/out" || fail "$level: the message does not name believer"
    # 400 MB of address space: what fits runs, and more ends in NULL.
    (
        ulimit -v 400000
        failures=0
        run 0 ring 60
        run 7 ring 500
        [ "$failures" -eq 0 ]
    ) || failures=$((failures + 1))
done
run 0 daemon "$folder" "$seconds"

# With other rights than its caller's a program does not read GREYWAVE. Needs root, and a file system that allows it.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    gwcc -O2 -static -pthread "$here/surroundings.c" -o "$folder/program" 2>/dev/null # dlopen warns
    chmod 755 "$folder" && chmod 4755 "$folder/program"
    export GREYWAVE=nonsense
    run 2 start
    if [ "$(setpriv --reuid=65534 --clear-groups "$folder/program" start 2>&1)" != good ] && ! mount | grep -q nosuid; then
        fail "GREYWAVE was read by a program with its owner's rights"
    fi
fi
[ "$failures" -eq 0 ]

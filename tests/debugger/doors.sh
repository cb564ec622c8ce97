#!/bin/sh
# Backtraces lead out of the runtime at each instruction of its doors, by gdb, libunwind and elfutils (perf), and at each instruction of all of it
# by the C compiler's unwinder.
#
# usage: doors.sh <build folder> <LLVM version> <library> <unwound>
set -eu
build=$1 version=$2 library=$3 unwound=$4
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
"$build/bin/gwcc" --llvm="$version" -O2 -g "$here/doors.c" -o doors
# Those that doors.c may come to.
nm "$library" | awk '$2 ~ /[tT]/ && ($3 ~ /^gw_barrier_slow|^barrier_|^gw_alloc(_array)?_slow$|^greywave_(alloc_room|collect|collect_step|weak_new|barrier_slow|stack_new|stack_switch|stack_yield|check_store)$/) { print $3 }' | sort -u >list
gdb -nx -batch -ex "set \$doors = \"$folder/list\"" -x "$here/doors.py" doors >said 2>&1 </dev/null || { tail said; exit 1; }
grep -E '^(broken|endless)' said && exit 1
grep -q 'exited normally' said || { tail said; exit 1; }

# enough <output>: doors of all kinds were gone through
enough() {
    tail -1 "$1" | awk '$1 == "doors" { found = $2 >= 10 && $4 >= 300 } END { exit !found }' || { tail -1 "$1"; exit 1; }
    for door in greywave_collect gw_alloc_slow greywave_stack_switch greywave_stack_yield barrier_; do
        tail -1 "$1" | grep -q " $door" || { echo "not entered: $door"; exit 1; }
    done
}
enough said
"$unwound" ./doors list >unwound.said || { head -20 unwound.said; exit 1; }
enough unwound.said

"$build/bin/gwcc" --llvm="$version" -O1 -g "$here/stepped.c" -o stepped
./stepped >stepped.said || { echo "stepped: status $?"; exit 1; }
grep '^broken' stepped.said && exit 1
sed -n 's/^instructions \([0-9]*\) broken 0$/\1/p' stepped.said | awk '{ found = $1 > 10000 } END { exit !found }' || { cat stepped.said; exit 1; }

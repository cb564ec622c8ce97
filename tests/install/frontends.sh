#!/bin/sh
# The two example frontends, built the way their readers would: against an install prefix. Each runs under stress.
#
# usage: frontends.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
examples=$(CDPATH='' cd -- "$(dirname -- "$0")/../../examples" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cmake --install "$build" --prefix "$folder/prefix" >"$folder/log" || { cat "$folder/log"; exit 1; }

failures=0
# prints <expected> <command>...: under each kind of stress
prints() {
    expected=$1
    shift
    for stress in '' stress=alloc,poison=1,verify=1,verify-walk=1 stress=alloc+move,poison=1,verify=1; do
        found=$(GREYWAVE=$stress timeout 120 "$@" 2>"$folder/err") || found="status $?: $found"
        [ "$found" != "$expected" ] || continue
        echo "GREYWAVE=$stress $* prints '$found', not '$expected'"
        cat "$folder/err"
        failures=$((failures + 1))
    done
}

# The IR by hand, with LLVM's tools.
sh "$examples/frontend-ir/build.sh" "$folder/prefix" "$llvm" "$folder"
prints 'tree 63, kept 127' "$folder/trees-default"
prints 'tree 63, kept 127' "$folder/trees-named"

# The compiler on the C API: an object file, linked by cc, and the JIT.
cmake -S "$examples/frontend-capi" -B "$folder/capi" -DLLVM="$llvm" -DCMAKE_PREFIX_PATH="$folder/prefix" \
    -DCMAKE_C_FLAGS=-Werror >"$folder/log" && cmake --build "$folder/capi" >>"$folder/log" || { cat "$folder/log"; exit 1; }
frontend=$folder/capi/frontend-capi
"$frontend" object "$folder/lists.o"
libraries=$(echo "$folder"/prefix/lib*)
cc -I"$folder/prefix/include" "$examples/frontend-capi/linked.c" "$folder/lists.o" -L"$libraries" -lgreywave \
    -Wl,-rpath,"$libraries" -o "$folder/linked"
prints 'total 2319007' "$folder/linked" 20
prints 'total 2319007' "$frontend" run 20
grep -qx '20 modules came and went' "$folder/err"

# GDB is told of what RuntimeDyld links; perf reads what is written for it, if the header has no flags that it does not know.
if command -v gdb >/dev/null; then
    gdb -q -batch -ex 'set breakpoint pending on' -ex 'break extend_3' -ex run -ex backtrace --args "$frontend" run 5 debugger >"$folder/log" 2>&1 </dev/null
    grep -q 'Breakpoint 1, .* in extend_3 ()' "$folder/log" && grep -q '^#2 .* in run ()' "$folder/log" || { cat "$folder/log"; failures=1; }
fi
JITDUMPDIR=$folder prints 'total 339907' "$frontend" run 2 profiler
dumps=$(find "$folder/.debug" -name 'jit-*.dump')
[ "$(echo "$dumps" | wc -l)" -eq 3 ] || { echo "no jitdump of each run: $dumps"; failures=1; }
for dump in $dumps; do
    [ "$(od -An -tx8 -j32 -N8 "$dump")" = ' 0000000000000000' ] && grep -q extend_1 "$dump" || { echo "perf does not read $dump"; failures=1; }
done

# A module that is refused comes back with a status.
bin=/usr/lib/llvm-$llvm/bin
# shellcheck disable=SC2046
cc -I"$folder/prefix/include" $("$bin/llvm-config" --cflags) "${0%/*}/refused.c" "$libraries/libgreywave-llvm$llvm.so" \
    "$("$bin/llvm-config" --libdir)/libLLVM.so" -Wl,-rpath,"$libraries" -o "$folder/refused"
prints '1 1 0, told 1, handler kept 1' "$folder/refused"
grep -q '^error: .*greywave: a pointer into an object is passed to a function' "$folder/err"
[ "$failures" -eq 0 ]

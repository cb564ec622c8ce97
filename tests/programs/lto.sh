#!/bin/sh
# Link-time optimisation, full and thin: a demo program cut in two files, so that calls and references cross the border
# between modules, another in one file, places.c, inlined.c with parts of other
# modules, and what is in two files at different levels. Each prints what it prints without, under stress.
#
# usage: lto.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
demo=$here/../../examples/demo

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

gwcc() { "$build/bin/gwcc" --llvm="$llvm" -std=gnu17 -Wall -Wextra -Werror "$@"; }

failures=0
# prints <what> <options> <program argument>...: the program "linked" prints what is expected
prints() {
    what=$1 stress=$2
    shift 2
    status=0
    GREYWAVE=$stress timeout 120 "$folder/linked" "$@" >"$folder/out" || status=$?
    [ "$status" -eq 0 ] && cmp -s "$folder/expected" "$folder/out" && return
    echo "$what with GREYWAVE=$stress: status $status, or other output than without -flto"
    diff "$folder/expected" "$folder/out" | head -n 10 || true
    failures=$((failures + 1))
}

# halves <demo program> <program argument>...
halves() {
    program=$1
    shift
    ${CC:-cc} -std=gnu17 -DDEMO_MALLOC -I"$build/include" "$demo/$program.c" -o "$folder/malloc"
    "$folder/malloc" "$@" >"$folder/expected"
    for mode in -flto -flto=thin; do
        for level in -O0 -O2; do
            for half in 1 2; do gwcc $mode $level -c -DDEMO_HALF=$half "$demo/$program.c" -o "$folder/$half.o"; done
            gwcc $mode $level "$folder/1.o" "$folder/2.o" -o "$folder/linked"
            prints "$program $mode $level" stress=alloc,poison=1,verify=1,verify-walk=1 "$@"
        done
    done
}

halves word_table 1 "$here/../../LICENSE"

${CC:-cc} -std=gnu17 -DDEMO_MALLOC -I"$build/include" "$demo/lisp.c" -o "$folder/malloc"
"$folder/malloc" 5 "$here/small.lisp" >"$folder/expected"
gwcc -flto=thin -Os "$demo/lisp.c" -o "$folder/linked"
prints "lisp -flto=thin -Os" stress=alloc,poison=1,verify=1 5 "$here/small.lisp"

gwcc -O2 "$here/places.c" -o "$folder/plain"
"$folder/plain" >"$folder/expected"
for mode in -flto -flto=thin; do
    gwcc $mode -O3 -static "$here/places.c" -o "$folder/linked"
    prints "places $mode -static" stress=alloc+move,poison=1,verify=1
done

# Functions that come from another module with their references, to one that holds none before the link: its main has a map.
for half in importing imported; do gwcc -flto=thin -O2 -c "$here/$half.c" -o "$folder/$half.o"; done
gwcc -flto=thin -O2 "$folder/importing.o" "$folder/imported.o" -o "$folder/linked"
: >"$folder/expected"
prints "importing -flto=thin" stress=alloc+move,poison=1,verify=1
"$build/bin/gw-maps" --dump "$folder/linked" | grep -qw main || {
    echo "importing -flto=thin: nothing was imported, main has no map"
    failures=$((failures + 1))
}

# Parts that meet the references of their callers at the link only, with maps and without: compiled by gwcc, by clang alone, and as
# inline functions of which the module has a copy of its own. The program says itself what is right.
echo 'inlined: right' >"$folder/expected"
for mode in -flto -flto=thin; do
    gwcc $mode -O2 -DPARTS_APART -c "$here/inlined.c" -o "$folder/inlined.o"
    gwcc $mode -O2 -DPARTS_APART -c "$here/inlined_parts.c" -o "$folder/parts.o"
    "/usr/lib/llvm-$llvm/bin/clang" $mode -O2 -DPARTS_APART -c "$here/inlined_parts.c" -o "$folder/strange.o"
    for parts in parts strange; do
        gwcc $mode -O2 "$folder/inlined.o" "$folder/$parts.o" -o "$folder/linked"
        prints "inlined $mode, $parts" stress=alloc+move,poison=1,verify=1
    done
done

# Variables that become the linked module's own, and jumps from file to file.
echo 'crossing: right' >"$folder/expected"
for mode in -flto -flto=thin; do
    for levels in '-O0 -O0' '-O2 -O2' '-O0 -O3'; do
        for part in 1 2; do gwcc $mode "${levels#* }" -DPART=$part -c "$here/crossing.c" -o "$folder/$part.o"; done
        gwcc $mode "${levels% *}" "$folder/1.o" "$folder/2.o" -o "$folder/linked"
        prints "crossing $mode, linked with ${levels% *}, compiled with ${levels#* }" stress=alloc+move,poison=1,verify=1
    done
done

# Inline functions, types and variables of which two files have a copy, compiled at different levels: either copy is kept.
echo 'inline functions: one of each' >"$folder/expected"
plus() { "$build/bin/gwcc" --llvm="$llvm" -std=gnu++17 -Wall -Werror "$@"; }
for mode in -fno-lto -flto -flto=thin; do
    for levels in '-O0 -O3' '-O2 -O0'; do
        plus $mode "${levels% *}" -c "$here/inline_functions.cc" -o "$folder/1.o"
        plus $mode "${levels#* }" -c "$here/inline_functions_other.cc" -o "$folder/2.o"
        for order in '1 2' '2 1'; do
            plus $mode -O2 "$folder/${order% *}.o" "$folder/${order#* }.o" -lstdc++ -o "$folder/linked"
            prints "inline_functions $mode $levels, in order $order" stress=alloc+move,poison=1,verify=1
        done
    done
done
[ "$failures" -eq 0 ]

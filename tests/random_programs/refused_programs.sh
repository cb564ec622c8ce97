#!/bin/sh
# Pieces of programs that are refused (refused.c): every level of optimisation must refuse each, with the same words at the
# same line. Some may be accepted, then by all.
#
# What is stored in native memory is found at compile time or when it happens, so that too need only be alike.
#
# usage: refused_programs.sh <build folder> <llvm version> <first seed> <seeds for each construct> some | all [construct]...
#   some: four sets of options; all: each level, and with link-time optimisation
set -eu
build=$1 llvm=$2 first=$3 count=$4 which=$5
shift 5
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
levels='-O0 -O2 -Oz -O2+-flto=thin'
[ "$which" = some ] || levels='-O0 -O1 -O2 -O3 -Og -Os -Oz -O0+-flto -O2+-flto -O2+-flto=thin -O3+-flto=thin'
# shellcheck disable=SC2046 # several names
[ $# -gt 0 ] || set -- $("$build/bin/random_program" --help | sed -n 's/^Refused://p')
alike=' malloc inlined moved setjmp '

# messages <level>: what the compiler says of the program, or that it says nothing
messages() {
    # shellcheck disable=SC2046 # one option or two
    if "$build/bin/gwcc" --llvm="$llvm" -std=gnu17 -w $(echo "$1" | tr + ' ') -gline-tables-only -I"$here" -c "$folder/program.c" \
        -o "$folder/program.o" 2>"$folder/err"; then
        echo accepted
    else
        sed -n "s,^$folder/,,; s,^\(program.c:[0-9]*\):[0-9]*:,\1:,; /error: /p" "$folder/err" | sort -u
    fi
}

# wanted <construct>: what the compiler said will do, if all say the same
wanted() {
    grep -q 'error: greywave: ' "$folder/other" && ! grep -q 'internal error' "$folder/other" && return
    case $alike in *" $1 "*) grep -qx accepted "$folder/other" ;; *) false ;; esac
}

failures=0 tried=0
# complain <construct> <seed> <what>: with the messages of both levels below it
complain() {
    echo "$1, seed $2: $3"
    sed 's/^/  | /' "$folder/first" "$folder/other"
    echo "  again: $0 $build $llvm $2 1 $which $1"
    failures=$((failures + 1))
}

for construct in "$@"; do
    seed=$first
    while [ "$seed" -lt $((first + count)) ]; do
        "$build/bin/random_program" --seed "$seed" --refused "$construct" >"$folder/program.c"
        tried=$((tried + 1))
        : >"$folder/first"
        for level in $levels; do
            messages "$level" >"$folder/other"
            if ! wanted "$construct"; then complain "$construct" "$seed" "not refused with $level"; break; fi
            [ -s "$folder/first" ] || cp "$folder/other" "$folder/first"
            cmp -s "$folder/first" "$folder/other" || { complain "$construct" "$seed" "other words with $level than with -O0"; break; }
        done
        seed=$((seed + 1))
    done
done
echo "$tried programs, LLVM $llvm: $failures failures"
[ "$failures" -eq 0 ]

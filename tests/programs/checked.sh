#!/bin/sh
# A reference that is stored or copied to memory where the collector does not look ends the program, at every level, unless
# the compiler has refused it; so does the number of one that is written after a collection. With --no-check nothing is said.
#
# usage: checked.sh <build folder> <llvm version> <level>...: those at which each variant is compiled
set -eu
build=$1 llvm=$2
shift 2
levels=$*
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

failures=0
# at_place <level> <place> <words, or "fine"> [words behind the place]
at_place() {
    status=0
    "$folder/unscanned" "$2" >"$folder/out" 2>"$folder/err" || status=$?
    if [ "$3" = fine ]; then
        [ "$status" -eq 0 ] && return
    else
        [ "$status" -ne 0 ] && grep -q "check: .*: a reference to 0x[0-9a-f]* is $3 0x[0-9a-f]*, ${4:-where the collector does not look}" \
            "$folder/err" && return
    fi
    echo "$1 $2: status $status, wanted: $3"
    cat "$folder/err"
    failures=$((failures + 1))
}

${CC:-cc} -O2 -c "$here/unscanned_native.c" -o "$folder/native.o"
for level in -O0 -O1 -O2 -O3; do
    "$build/bin/gwcc" --llvm="$llvm" "$level" "$here/unscanned.c" "$folder/native.o" -o "$folder/unscanned"
    for stress in '' stress=alloc+move,poison=1,verify=1; do
        export GREYWAVE="$stress"
        at_place "$level" known fine
    done
    export GREYWAVE=
    for place in malloc leaf buffer stack unwound beside given removed; do at_place "$level" $place 'stored at'; done
    at_place "$level" inside 'stored at' 'inside an object'
    for place in copied object; do at_place "$level" $place 'copied to'; done
done
# Whatever form the library's functions have.
for form in '-D_FORTIFY_SOURCE=2' '-fno-builtin' '-ffreestanding'; do
    "$build/bin/gwcc" --llvm="$llvm" -O2 "$form" "$here/unscanned.c" "$folder/native.o" -o "$folder/unscanned"
    at_place "$form" known fine
    for place in copied object; do at_place "$form" $place 'copied to'; done
done
"$build/bin/gwcc" --llvm="$llvm" -O2 --no-check "$here/unscanned.c" "$folder/native.o" -o "$folder/unscanned"
for place in known malloc stack copied; do at_place --no-check $place fine; done

# These say in each variant what becomes of it: refused when compiling, at every level, or found when it runs.
# as_it_says <file> <level> <variant> <outcome>
as_it_says() {
    compiled=0 ran=0
    "$build/bin/gwcc" --llvm="$llvm" "$2" -DVARIANT="$3" "$here/$1" "$folder/native.o" -latomic -o "$folder/table" 2>"$folder/err" || compiled=$?
    [ "$compiled" -ne 0 ] || "$folder/table" >"$folder/out" 2>"$folder/err" || ran=$?
    case $4 in
    refused) [ "$compiled" -ne 0 ] && grep -q 'error: greywave: ' "$folder/err" && return ;;
    found) [ "$compiled" -eq 0 ] && [ "$ran" -ne 0 ] && grep -q 'where the collector does not look' "$folder/err" && return ;;
    stale) [ "$compiled" -eq 0 ] && [ "$ran" -ne 0 ] && grep -q 'check: .* as a number that was read before a call that may collect' \
        "$folder/err" && return ;;
    fine) [ "$compiled" -eq 0 ] && [ "$ran" -eq 0 ] && return ;;
    esac
    echo "$2 $1 variant $3: compiled $compiled, ran $ran, wanted: $4"
    cat "$folder/err"
    echo failed >>"$folder/failures"
}

# Each variant is a compilation of its own.
for file in native_tables.c native_containers.cc stale_words.c; do
    for level in $levels; do
        grep -o 'variant [0-9]*: [a-z]*' "$here/$file" | while read -r _ number outcome; do
            as_it_says "$file" "$level" "${number%:}" "$outcome"
        done
    done
done
[ "$failures" -eq 0 ] && [ ! -e "$folder/failures" ]

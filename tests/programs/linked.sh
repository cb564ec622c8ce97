#!/bin/sh
# Whole programs under options of the compiler that change what the plug-in meets or who runs it: link-time optimisation
# of both kinds, debug information, sections, instruction sets, sanitizers, code models. Each must pass
# its own checks, and print with a collection at every allocation what it prints without.
#
# usage: linked.sh <build folder> <llvm version> <options for gwcc>...
#        linked.sh <build folder> <llvm version> set:<name>      (of option_sets.sh)
#   PROGRAMS=<sources> in the environment: those only, of what is compiled in one step
set -eu
build=$1 llvm=$2
shift 2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
demo=$here/../../examples/demo
stress=stress=alloc+move,poison=1,verify=1

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

case $1 in
set:*)
    . "$here/../option_sets.sh"
    options=$(option_set "${1#set:}")
    # shellcheck disable=SC2086 # several options
    set -- $options ;;
esac

failures=0
# run <program> <its arguments>...: linked under the options, compared with what it prints otherwise
run() {
    program=$1
    shift
    status=0
    GREYWAVE=$stress timeout 120 "$folder/$program" "$@" >"$folder/out" || status=$?
    if [ "$status" -ne 0 ] || ! cmp -s "$folder/expected" "$folder/out"; then
        echo "$program: status $status, output:"
        head -n 20 "$folder/out"
        failures=$((failures + 1))
    fi
}

compile() { "$build/bin/gwcc" --llvm="$llvm" "$@"; }

${CC:-cc} -O2 -c "$here/native.c" -o "$folder/native.o"
all='places.c undefined.c addresses.c callbacks.c constructs.c by_value.c results.c memory_writes.c second_returns.c exceptions.cc inline_functions.cc'
for source in ${PROGRAMS:-$all}; do
    program=${source%.*}
    parts='' dialect=gnu17
    case "$source $* " in
    *.cc*' -ffreestanding '*) continue ;; # where C++ knows no main
    *.cc*) dialect=gnu++17 ;;
    esac
    case $program in
    callbacks | exceptions) parts=$folder/native.o ;;
    inline_functions)
        compile "$@" -std=$dialect -c "$here/inline_functions_other.cc" -o "$folder/other.o"
        parts=$folder/other.o ;;
    esac
    # shellcheck disable=SC2086 # nothing, or one name
    compile "$@" -std=$dialect "$here/$source" $parts -o "$folder/$program"
    "$folder/$program" >"$folder/expected"
    run "$program"
done

# Two files with a copy each of what both include.
[ -n "${PROGRAMS:-}" ] || for program in binary_trees word_table; do
    arguments=5
    [ $program = binary_trees ] || arguments="1 $demo/../../LICENSE"
    ${CC:-cc} -std=gnu17 -DDEMO_MALLOC -I"$build/include" "$demo/$program.c" -o "$folder/malloc"
    # shellcheck disable=SC2086
    "$folder/malloc" $arguments >"$folder/expected"
    for half in 1 2; do compile -std=gnu17 "$@" -DDEMO_HALF=$half -c "$demo/$program.c" -o "$folder/half$half.o"; done
    compile "$@" "$folder/half1.o" "$folder/half2.o" -o "$folder/$program"
    # shellcheck disable=SC2086
    run "$program" $arguments
done
[ "$failures" -eq 0 ]

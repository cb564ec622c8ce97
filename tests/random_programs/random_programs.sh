#!/bin/sh
# Random programs: each must print the same with malloc, without any collection, and collected under stress. The
# optimisation level or the option set goes with the seed, so that consecutive seeds take all of them. Two of seven are compiled
# once more, for most of the time goes to the compiler: without roots at all (--roots=none), or with a shadow stack.
#
# usage: random_programs.sh <build folder> <llvm version> <first seed> <number of programs> [option of random_program]...
#   KEEP=<folder> in the environment: see compare.sh
#   LEVEL=<options> in the environment: for the compiler, instead of those that go with the seed
#   with --threads N each program is one of threads that share a heap
set -eu
build=$1 llvm=$2 first=$3 count=$4
shift 4
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
options=$*
. "$here/compare.sh"
. "$here/../option_sets.sh"
case $options in
*"--language c++"*) source=program.cc dialect=gnu++17 native=${CXX:-c++} ;;
*) source=program.c dialect=gnu17 native=${CC:-cc} ;;
esac
case $options in *--threads*) threads=-pthread ;; *) threads= ;; esac

# Optimised at the link, code neither polls nor waits outside, so that threads would wait for each other (docs/frontend-guide.md).
level_of() {
    if [ -n "$threads" ]; then any_level_of "$1" | sed 's/-flto[^ ]* //'; else any_level_of "$1"; fi
}

any_level_of() {
    [ -z "${LEVEL:-}" ] || { echo "$LEVEL"; return; }
    case $(($1 % 16)) in
    0) echo -O0 ;; 1) echo -O1 ;; 2) echo -O2 ;; 3) echo -O3 ;;
    4) echo -Os ;; 5) echo "-O2 -fPIC -shared-libgcc" ;; 6) echo "-O1 -fno-omit-frame-pointer" ;;
    *) option_set "$(echo "$option_set_names" | cut -d ' ' -f $(($1 % 16 - 6)))" ;;
    esac
}

describe() { echo "LLVM $llvm, $(level_of "$1")"; }
again() { echo "$0 $build $llvm $1 1 $options"; }

# Every other program has frame marks, unless it is optimised at the link.
marks_of() {
    case $2$(level_of "$1") in
    *-flto*) ;;
    statepoint*) [ $(($1 / 3 % 2)) -ne 0 ] || echo --frame-marks ;;
    esac
}

# Two of five keep references in words of the frame: all that live across calls, or what most calls would list. The linker is not told.
words_of() {
    case $(($1 % 5))$(level_of "$1") in
    *-flto*) ;;
    1*) echo "-mllvm -greywave-most-operands=0" ;;
    3*) echo "-mllvm -greywave-most-operands=20" ;;
    esac
}

# With link-time optimisation roots are found by maps alone. Threads stop each other, so something has to find roots.
second_roots() {
    case $(($1 % 7))$(level_of "$1") in
    *-flto*) ;;
    0*) [ -n "$threads" ] || echo none ;;
    3*) echo shadow ;;
    esac
}

# Two of four programs have a marker beside their threads.
options_of_threads() {
    [ -z "$threads" ] || echo ",helpers=$(($1 / 2 % 2))"
}

# compile <seed> <roots>
compile() {
    # shellcheck disable=SC2046 # several options
    "$build/bin/gwcc" --llvm="$llvm" --roots="$2" "-DPROGRAM_ROOTS_$2" -std=$dialect -w -Wno-narrowing $(level_of "$1") $threads \
        $(words_of "$1") $(marks_of "$1" "$2") -I"$here" "$folder/$source" -o "$folder/collected" 2>"$folder/err" && return
    complain "$1" "does not compile with --roots=$2" <"$folder/err"
    return 1
}

plain() {
    case $dialect in *++*) clang=clang++ ;; *) clang=clang ;; esac
    # shellcheck disable=SC2046 # several options
    "/usr/lib/llvm-$llvm/bin/$clang" -std=$dialect -w -Wno-narrowing $(level_of "$1") $threads -DPROGRAM_MALLOC -I"$here" \
        -I"$build/include" "$folder/$source" -o "$folder/plain"
}

# try <seed> [option]...
try() {
    seed=$1
    shift
    "$build/bin/random_program" --seed "$seed" "$@" >"$folder/$source"
    # shellcheck disable=SC2086 # an option or none
    $native -std=$dialect -w -Wno-narrowing -O0 $threads -DPROGRAM_MALLOC -I"$here" -I"$build/include" "$folder/$source" -o "$folder/malloc"
    "$folder/malloc" >"$folder/expected"
    compile "$seed" statepoint || return 0
    more=$(options_of_threads "$seed")
    run "$seed" "nursery=1g$more"
    run "$seed" "stress=alloc,$checks,verify-walk=1$more"
    PROGRAM_MINOR=1 run "$seed" "stress=alloc+move,$checks$more"
    run "$seed" "stress=3+safepoint,$checks,age=2,helpers=$((seed / 3 % 2))$more"
    # Cycles end in many places: in steps, with a thread that marks beside the program for one seed in three.
    case $((seed % 3)) in
    0) run "$seed" "stress=40+step,$checks$more,helpers=1" ;;
    *) run "$seed" "stress=25+move+step,$checks$more" ;;
    esac
    case $(second_roots "$seed") in
    none) ! compile "$seed" none || run "$seed" nursery=1g ;;
    shadow) ! compile "$seed" shadow || run "$seed" "stress=alloc+move,$checks$more" ;;
    esac
}

try_all "$@"
echo "seeds $first to $((first + count - 1)), LLVM $llvm: $failures failures"
[ "$failures" -eq 0 ]

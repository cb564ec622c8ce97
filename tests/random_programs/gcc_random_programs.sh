#!/bin/sh
# Random programs in their macro form by GCC, roots by asm: each must print what the malloc build prints, under stress. Level
# and GCC go with the seed.
#
# usage: gcc_random_programs.sh <build folder> <first seed> <number of programs> [option of random_program]...
#   KEEP=<folder> in the environment: see compare.sh
#   LEVEL=<options> in the environment: for the compiler, instead of those that go with the seed
set -eu
build=$1 first=$2 count=$3
shift 3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
options=$*
. "$here/compare.sh"
. "$here/../option_sets.sh"

level_of() {
    [ -z "${LEVEL:-}" ] || { echo "$LEVEL"; return; }
    case $(($1 % 18)) in
    0) echo -O0 ;; 1) echo -O1 ;; 2) echo -O2 ;; 3) echo -O3 ;; 4) echo -Os ;; 5) echo "-O2 -fPIC -fcf-protection" ;;
    6) echo "-O2 -fno-omit-frame-pointer -g" ;; 7) echo "-O3 -march=x86-64-v3" ;; 8) echo "-Og -fstack-protector-all" ;;
    *) option_set_of_gcc "$(echo "$option_set_names" | cut -d ' ' -f $(($1 % 18 - 8)))" ;;
    esac
}
older=$(command -v gcc-11 >/dev/null && echo gcc-11 || echo gcc-12)
gcc_of() { [ $(($1 / 18 % 2)) -eq 0 ] && echo gcc-12 || echo "$older"; }

describe() { echo "$(gcc_of "$1"), $(level_of "$1")"; }
again() { echo "$0 $build $1 1 $options"; }

plain() {
    # shellcheck disable=SC2046 # several options
    "$(gcc_of "$1")" -std=gnu17 -w $(level_of "$1") -DPROGRAM_MALLOC -I"$here" -I"$build/include" "$folder/program.c" -o "$folder/plain"
}

# try <seed> [option]...
try() {
    seed=$1
    shift
    "$build/bin/random_program" --seed "$seed" --form macro "$@" >"$folder/program.c"
    "$(gcc_of "$seed")" -std=gnu17 -w -O0 -DPROGRAM_MALLOC -I"$here" -I"$build/include" "$folder/program.c" -o "$folder/malloc"
    "$folder/malloc" >"$folder/expected"
    # shellcheck disable=SC2046 # several options
    if ! "$build/bin/gwcc" --roots=asm --gcc="$(gcc_of "$seed")" -std=gnu17 -w $(level_of "$seed") -I"$here" \
        "$folder/program.c" -o "$folder/collected" 2>"$folder/err"; then
        # Code motion guarded by a flag, and arrays cleared by a loop (docs/asmgcroot.md, limits): refused in words, and counted.
        if grep -q 'which nothing has written on a path' "$folder/err"; then
            refused=$((refused + 1))
            return
        fi
        complain "$seed" "does not compile" <"$folder/err"
        return
    fi
    run "$seed" stress=alloc,$checks,verify-walk=1
    run "$seed" stress=alloc+move,$checks
    run "$seed" stress=3+safepoint,$checks,age=2
    run "$seed" stress=25+move+step,$checks
}

refused=0
try_all "$@"
echo "seeds $first to $((first + count - 1)), GCC: $failures failures, $refused refused"
[ "$failures" -eq 0 ] && [ $((refused * 10)) -le "$count" ]

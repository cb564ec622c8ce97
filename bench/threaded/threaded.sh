#!/bin/sh
# A threaded interpreter with the plug-in and without: nanoseconds, machine instructions and code of its handlers.
#
# usage: threaded.sh <build folder> [turns [rounds]]     with --check after the build folder: few turns, and the code has to be the same
set -eu
build=$1 check=
shift
[ "${1:-}" != --check ] || { check=yes; shift; set -- 10000 1; }
turns=${1:-5000000} rounds=${2:-5}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
clang=${CLANG:-clang-22} bin=$(dirname "$(command -v "$clang")")
objdump=$(command -v llvm-objdump-22 || command -v llvm-objdump)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
steady=
chrt -f 10 taskset -c 1 true 2>/dev/null && [ -z "$check" ] && steady='chrt -f 10 taskset -c 1'

"$clang" -O2 -c "$here/plain.c" -o "$folder/plain.o"

# build <kind> <convention> <definitions>: <kind>-<convention>-{with,without}
build_both()
{
    name=$1-$2 convention=$2
    shift 2
    "$clang" -O2 -std=gnu17 -falign-functions=64 -D__GREYWAVE__=1 -I"$build/include" "$@" -Xclang -disable-llvm-passes -S -emit-llvm "$here/loop.c" -o "$folder/loop.ll"
    sed "s/preserve_nonecc/$convention/g" "$folder/loop.ll" >"$folder/$name.ll"
    grep -q "musttail call $convention" "$folder/$name.ll" || { echo "threaded.sh: no handler jumps by $convention"; exit 1; }
    "$build/bin/gwcc" -O2 -c "$folder/$name.ll" -o "$folder/$name-with.o"
    "$build/bin/gwcc" "$folder/$name-with.o" -o "$folder/$name-with"
    "$clang" -O2 -Wno-override-module -c "$folder/$name.ll" -o "$folder/$name-without.o"
    "$clang" "$folder/$name-without.o" "$folder/plain.o" -o "$folder/$name-without"
}

# The instructions of each handler, a line each, without addresses.
handlers()
{
    "$objdump" -d --no-show-raw-insn --no-leading-addr "$folder/$1.o" |
        sed -n 's/ *<[^>]*+0x[0-9a-f]*>//; s/\t0x[0-9a-f]*$//; s/^<\(op_[a-z_]*\)>:$/@\1/; s/[ \t][ \t]*/ /g; p' |
        awk '/^@op_/ { name = substr($0, 2) } /^[<D]/ { name = "" } name && !/^@/ && !/nop/ && NF { text[name] = text[name] $0 ";" }
             END { for (n in text) print n, text[n] }' | sort
}

best()
{
    sort -n "$folder/$1.times" | head -n 1
}

same_code()
{
    handlers "$1-with" >"$folder/with.s"
    handlers "$1-without" >"$folder/without.s"
    [ "$(wc -l <"$folder/with.s")" -ge 9 ] || { echo "threaded.sh: handlers are missing"; exit 1; }
    same=$(comm -12 "$folder/with.s" "$folder/without.s" | wc -l)
    others=$(comm -13 "$folder/with.s" "$folder/without.s" | cut -d' ' -f1 | tr '\n' ' ')
    echo "$same of $(wc -l <"$folder/with.s") alike${others:+, but not $others}"
}

# Machine instructions a turn of the loop, of the difference of two runs.
counted()
{
    for turns in 4096 8192; do
        GREYWAVE=max-heap=64m valgrind --tool=callgrind --callgrind-out-file="$folder/calls" "$folder/$1" $turns 2>&1 >/dev/null |
            sed -n 's/.*Collected : //p'
    done | awk '{ n[NR] = $1 } END { printf "%.3f", (n[2] - n[1]) / 4096 }'
}

[ -n "$check" ] || printf '%-32s %10s %10s %8s  %s\n' 'ns an instruction, best' 'plug-in' clang ratio 'machine code of handlers'
failures=0
for kind in none references; do
    define=
    [ $kind = none ] || define=-DREFERENCES
    for convention in preserve_nonecc tailcc; do
        build_both $kind $convention $define
        name=$kind-$convention
        for round in $(seq "$rounds"); do
            for side in with without; do
                $steady "$folder/$name-$side" "$turns" >"$folder/out"
                sed 's/ .*//' "$folder/out" >>"$folder/$name-$side.times"
                sed 's/.*result //' "$folder/out" >"$folder/$side.result"
            done
            cmp -s "$folder/with.result" "$folder/without.result" || { echo "$name: results differ"; failures=1; }
        done
        code=$(same_code $name)
        if [ -n "$check" ]; then
            case $kind,$code in
                none,*'but not'*) echo "$name: $code"; failures=1 ;;
                references,*'but not op_frame ') ;;
                references,*'but not'*) echo "$name: $code"; failures=1 ;;
            esac
            continue
        fi
        with=$(best $name-with) without=$(best $name-without)
        printf '%-32s %10s %10s %8s  %s\n' "$kind, $convention" "$with" "$without" "$(echo "$with $without" | awk '{ printf "%.3f", $1 / $2 }')" "$code"
        ! command -v valgrind >/dev/null ||
            printf '%-32s %10s %10s\n' '  machine instructions a turn' "$(counted $name-with)" "$(counted $name-without)"
    done
done
exit $failures

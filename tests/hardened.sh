#!/bin/sh
# What the linker and the compiler were asked for against attacks, read back from the library and the tools.
#
# usage: hardened.sh <build folder>
set -eu
build=$1
failures=0

wants() { # wants <file> <what> <command that succeeds when it is so>
    file=$1 what=$2
    shift 2
    "$@" && return
    echo "$file: $what"
    failures=$((failures + 1))
}

has() { readelf -W "$1" "$2" | grep -Eq "$3"; }
has_not() { ! has "$@"; }
features() { # every object of the archive that has code says that it keeps indirect branches and returns in order
    [ "$(readelf -nW "$1" 2>/dev/null | grep -c 'x86 feature: IBT, SHSTK')" -eq "$(ar t "$1" | wc -l)" ]
}

# An indirect call may come to each function that other objects see: it begins with the mark that the processor looks for.
marked() {
    readelf -sW "$1" | awk '$4 == "FUNC" && $5 == "GLOBAL" && $7 != "UND" { print $8 }' >"$folder/global"
    objdump -d --no-show-raw-insn "$1" | awk -v names="$folder/global" '
        BEGIN { while ((getline name < names) > 0) global["<" name ">:"] = 1 }
        /^[0-9a-f]+ <.*>:$/ && $2 in global { functions++; name = $2; getline; if (!/endbr64/) { print name; bad++ } }
        END { exit bad || functions < 100 }'
}
# Every return goes where the shadow stack says: nothing but calls, returns and the frame itself moves the stack pointer, and what changes
# stacks (switching_door, stack_base), of which gw_stack_new makes none where the processor keeps a shadow stack.
keeps_stack() { ! objdump -d --no-show-raw-insn "$1" | sed '/<\(greywave_stack_switch\|greywave_stack_yield\|gw_stack_base\)>:/,/^$/s/lea  *-0x8(%rax),%rsp//' | grep -E "(,|pop +)%(rsp|esp)\$|xchg.*%rsp" | grep -Ev '(add|sub|and) +\$0x|mov +%rbp,%rsp|lea +-0x[0-9a-f]+\(%rbx\),%rsp'; } # where a door notes its frame

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

for file in "$build/lib/libgreywave.so" "$build"/bin/gwcc "$build"/bin/gw-asmgcroot "$build"/bin/gw-maps "$build"/bin/gw-heap "$build"/bin/gw-timeline "$build"/lib/libgreywave-llvm*.so; do
    wants "$file" "no RELRO" has -l "$file" GNU_RELRO
    wants "$file" "not bound when loaded" has -d "$file" 'BIND_NOW|Flags:.* NOW'
    wants "$file" "its stack can be executed" has -l "$file" 'GNU_STACK.* RW '
    wants "$file" "relocations in its code" has_not -d "$file" TEXTREL
    wants "$file" "a segment both written and executed" has_not -l "$file" 'LOAD.* RWE'
    wants "$file" "not at an address of the loader's choice" has -h "$file" 'Type: +DYN'
    case $file in *libgreywave-llvm*) continue ;; esac
    wants "$file" "no stack protector" has --dyn-syms "$file" '__stack_chk_fail'
    wants "$file" "not fortified" has --dyn-syms "$file" '__[a-z]*printf_chk'
done
wants "$build/lib/libgreywave.a" "an object without the notes IBT and SHSTK" features "$build/lib/libgreywave.a"
wants "$build/lib/libgreywave.a" "a function that others see without endbr64" marked "$build/lib/libgreywave.a"
wants "$build/lib/libgreywave.a" "something moves the stack pointer" keeps_stack "$build/lib/libgreywave.a"
wants "$build/lib/libgreywave.so" "the environment is not read with secure_getenv" has --dyn-syms "$build/lib/libgreywave.so" ' secure_getenv@'
wants "$build/lib/libgreywave.so" "the environment is read for programs with other rights, too" has_not --dyn-syms "$build/lib/libgreywave.so" ' getenv@'
[ "$failures" -eq 0 ]

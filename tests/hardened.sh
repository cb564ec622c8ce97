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

for file in "$build/lib/libgreywave.so" "$build"/bin/gwcc "$build"/bin/gw-asmgcroot "$build"/bin/gw-maps "$build"/lib/libgreywave-llvm*.so; do
    wants "$file" "no RELRO" has -l "$file" GNU_RELRO
    wants "$file" "not bound when loaded" has -d "$file" 'BIND_NOW|Flags:.* NOW'
    wants "$file" "its stack can be executed" has -l "$file" 'GNU_STACK.* RW '
    wants "$file" "relocations in its code" has_not -d "$file" TEXTREL
    wants "$file" "a segment both written and executed" has_not -l "$file" 'LOAD.* RWE'
    case $file in *libgreywave-llvm*) continue ;; esac
    wants "$file" "no stack protector" has --dyn-syms "$file" '__stack_chk_fail'
    wants "$file" "not fortified" has --dyn-syms "$file" '__[a-z]*printf_chk'
done
wants "$build/lib/libgreywave.a" "an object without the notes IBT and SHSTK" features "$build/lib/libgreywave.a"
[ "$failures" -eq 0 ]

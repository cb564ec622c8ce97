#!/bin/sh
# What must end with a clear message: option text that makes no sense, a managed frame that no map describes, types that cannot be aligned.
#
# usage: refusals.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

gwcc() { "$build/bin/gwcc" --llvm="$llvm" -std=gnu17 -O2 "$@"; }

failures=0
# refused <words that standard error must contain> <command>...
refused() {
    words=$1
    shift
    status=0
    "$@" >"$folder/out" 2>"$folder/err" || status=$?
    if [ "$status" -eq 0 ]; then
        echo "not refused: GREYWAVE=${GREYWAVE:-} $*"
        failures=$((failures + 1))
    elif ! grep -q -- "$words" "$folder/err"; then
        echo "GREYWAVE=${GREYWAVE:-} $*: status $status, but the message does not say \"$words\":"
        cat "$folder/err"
        failures=$((failures + 1))
    fi
}

gwcc "$here/roots.c" -o "$folder/roots"
gwcc "$here/shared_heap.c" -o "$folder/without_polls"
refused "the executable has loops that do not poll" "$folder/without_polls"
export GREYWAVE
for text in nursary=2m nursery=2x nursery= max-heap=-1 stress=sometimes poison=maybe =2m age; do
    GREYWAVE=$text
    key=${text%%=*}
    refused "option .$key" "$folder/roots"
done
GREYWAVE=max-heap=64m,,nursery=1m
"$folder/roots" >"$folder/out" 2>&1 || [ $? -le 2 ] # an empty item: accepted or refused, but no crash

GREYWAVE=
${CC:-cc} -c "$here/uncovered.c" -o "$folder/uncovered.o"
gwcc "$here/uncovered_main.c" "$folder/uncovered.o" -o "$folder/uncovered"
refused uncovered "$folder/uncovered"

# A word that the program computes, and that is no immediate, at every level and by every compiler.
cat >"$folder/word.c" <<'END'
#include <greywave/greywave.h>
static void GW *as_word(uintptr_t word) { return gw_immediate_word(word); }
int main(int count, char **arguments)
{
    if (gw_init(arguments[count]) != GW_OK) return 1;
    return as_word((uintptr_t)count * 3) != gw_immediate_word(3) || as_word((uintptr_t)count * 4096 + 8) == NULL;
}
END
for level in -O0 -O2; do
    gwcc "$level" "$folder/word.c" -o "$folder/word"
    refused 'check: [a-z_]* (.*word): gw_immediate_word is given 0x1008, which the collector would follow' "$folder/word"
done
${CC:-cc} -I"$build/include" "$folder/word.c" -L"$build/lib" -lgreywave -Wl,-rpath,"$build/lib" -o "$folder/word"
refused 'check: [a-z_]* (.*word): gw_immediate_word is given 0x1008, which' "$folder/word"

# A module of another binary contract, in a program and in a library that is loaded.
gwcc -S "$here/roots.c" -o - | awk '/^gw_module_record_[0-9]+:/ { found = 1 } found && /\.long\t[0-9]+/ { sub(/[0-9]+/, "1000"); found = 0 } 1' |
    sed 's/\(gw_module_[a-z]*_\)[0-9]*/\11000/g' >"$folder/other.s"
gwcc "$folder/other.s" -o "$folder/other"
refused 'is refused: the module was compiled for ABI version 1000, this runtime has [0-9]*: recompile it' "$folder/other"
# The same, linked with files of this contract, first or last.
cat >"$folder/this.c" <<'END'
#include <greywave/greywave.h>
struct cell { struct cell GW *next; };
GW_TYPE(cell, struct cell);
struct cell GW *cell_make(struct cell GW *next)
{
    struct cell GW *made = gw_new(cell);
    made->next = next;
    return made;
}
END
for order in "this.c other.s" "other.s this.c"; do
    (cd "$folder" && eval "gwcc $order -o both")
    refused 'is refused: the module was compiled for ABI version 1000, this runtime has [0-9]*: recompile it' "$folder/both"
done

# Two runtimes in one process: in the program and in a library beside it, and in one that is loaded.
libraries=$(echo "$build"/lib*)
gwcc -c "$here/loaded.c" -o "$folder/loaded.o"
gwcc -fPIC -shared "$here/loaded_library.c" -o "$folder/loaded_library.so"
${CC:-cc} "$folder/loaded.o" "$libraries/libgreywave.a" -lpthread -ldl -o "$folder/loaded"
refused 'two Greywave runtimes in one process, in .*libgreywave.so.* and in the executable' "$folder/loaded" "$folder/loaded_library.so"
${CC:-cc} "$folder/loaded.o" "$libraries/libgreywave.a" "$libraries/libgreywave.so" "-Wl,--no-as-needed,-rpath,$libraries" \
    "$folder/loaded_library.so" -lpthread -ldl -o "$folder/loaded"
refused 'two Greywave runtimes in one process' "$folder/loaded"

# One object file without roots is enough.
gwcc --roots=none "$here/roots.c" -o "$folder/rootless"
refused 'compiled with --roots=none' "$folder/rootless"

# A function of the C library that calls the program back, which collects: the message says how to call it.
cat >"$folder/stream.c" <<'EOF'
#define _GNU_SOURCE
#include <greywave/greywave.h>
#include <stdio.h>
struct cell { struct cell GW *next; long value; };
GW_TYPE(cell, struct cell);
static ssize_t count(void *cell, const char *text, size_t bytes)
{
    gw_collect(GW_FULL);
    (*(struct cell GW **)cell)->value += (long)bytes;
    return (ssize_t)bytes;
}
int main(void)
{
    gw_init(NULL);
    struct cell GW *cell = gw_new(cell);
    FILE *stream = fopencookie(&cell, "w", (cookie_io_functions_t){.write = count});
    setvbuf(stream, NULL, _IONBF, 0);
    int (*volatile put)(const char *, FILE *) = fputs;
    PUT("hello", stream);
    return cell->value != 5;
}
EOF
gwcc -DPUT=fputs "$folder/stream.c" -o "$folder/stream"
refused 'is called through a volatile pointer' "$folder/stream"
gwcc -DPUT=put "$folder/stream.c" -o "$folder/stream"
"$folder/stream" || failures=$((failures + 1))

# Options that lay the runtime's structs out otherwise.
for option in -fshort-enums -fpack-struct=4; do
    refused 'compile without -fshort-enums and -fpack-struct' gwcc "$option" -c "$folder/stream.c" -o "$folder/stream.o"
    refused 'compile without -fshort-enums and -fpack-struct'         "${CC:-cc}" "-I$build/include" "$option" -c "$folder/stream.c" -o "$folder/stream.o"
done

# Compilers without the plug-in see alignment, too.
cat >"$folder/wide.c" <<'EOF'
#include <greywave/greywave.h>
struct wide { double v __attribute__((aligned(32))); };
GW_TYPE_LEAF(wide, struct wide);
EOF
refused 'objects are aligned to 16 bytes at most' "${CC:-cc}" "-I$build/include" -c "$folder/wide.c" -o "$folder/wide.o"
[ "$failures" -eq 0 ]

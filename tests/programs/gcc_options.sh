#!/bin/sh
# Options that change what GCC's code looks like, with asm roots: bytecode.c and live_objects.c print the same with all of them,
# under stress, or gwcc says in words what cannot be done.
#
# usage: gcc_options.sh <build folder> <gcc>
set -eu
build=$1 gcc=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder" # some options leave files behind
failures=0

compile() { "$build/bin/gwcc" --roots=asm --gcc="$gcc" -std=gnu17 -w "$@"; }

# works <program> <option>...: compared with -O0
works() {
    program=$1 status=0
    shift
    compile "$@" "$here/$program.c" -o program 2>err || { echo "$* $program.c: does not compile"; cat err; failures=$((failures + 1)); return; }
    GREYWAVE=stress=alloc,poison=1,verify=1,verify-walk=1 timeout 120 ./program >out 2>err || status=$?
    [ -f "$program.expected" ] || cp out "$program.expected"
    [ "$status" -ne 0 ] || ! cmp -s "$program.expected" out || return 0
    echo "$* $program.c: status $status, or other output than with -O0"
    cat err
    failures=$((failures + 1))
}

# refused <text> <option or file>...: the compiler fails, and a line says the text
refused() {
    text=$1
    shift
    if ! compile "$@" >err 2>&1 && grep -qF -- "$text" err; then return; fi
    echo "$*: compiles, or no line says: $text"
    cat err
    failures=$((failures + 1))
}

while read -r options; do
    # shellcheck disable=SC2086 # several options
    for program in bytecode live_objects; do works "$program" $options; done
done <<END
-O0
-O1
-Os
-Og -g
-O2 -march=native
-O3 -march=x86-64-v3
-O2 -march=x86-64-v3 -fPIC -pie -fno-plt
-O2 -D_FORTIFY_SOURCE=2
-O2 -fstack-clash-protection
-O2 -fstack-protector-all
-O2 -fno-omit-frame-pointer -g3
-O2 -pg
-O0 -pg -fPIC -pie
-O2 -pg -mfentry
-O2 -finstrument-functions
-O2 -fpatchable-function-entry=16,8
-O2 -mno-red-zone
-O2 -fno-asynchronous-unwind-tables -fno-exceptions
-O2 -fno-dwarf2-cfi-asm
-O2 -fcf-protection=full
-O2 -fverbose-asm -pipe
-O2 -fsanitize=undefined
-O1 -fsanitize=address
-O2 --coverage
-O2 -fprofile-generate
-O2 -mindirect-branch=thunk
-O2 -fno-jump-tables
-O2 -mstackrealign -maccumulate-outgoing-args
-O2 -ffunction-sections -fdata-sections -Wl,--gc-sections
-O2 -fno-toplevel-reorder
-O2 -fwhole-program
-O3 -funroll-loops -fipa-pta -fno-ipa-ra
-O2 -fno-shrink-wrap -fno-reorder-blocks
-O2 -fzero-call-used-regs=used
-O2 -fnon-call-exceptions
-O2 -mcmodel=large -fno-pic -no-pie
-Ofast
END
# Instructions that this machine need not have.
compile -O2 -march=skylake-avx512 -mprefer-vector-width=512 "$here/bytecode.c" -o program

for option in -flto '-flto -c' '-ffat-lto-objects -S'; do
    # shellcheck disable=SC2086 # several options
    refused 'reads the assembler output of each file, and link-time optimisation has none; leave it out' $option "$here/bytecode.c"
done
for option in -masm=intel -fsplit-stack -m32 -mx32; do
    refused "$option: gw-asmgcroot reads 64-bit code in AT&T notation on stacks of one piece; leave it out" $option "$here/bytecode.c"
done

# ---- Whatever runs the assembler -----------------------------------------------------------------------------

cat >one.c <<END
#include <greywave/greywave.h>
struct node { struct node GW *next; };
GW_TYPE_FIELDS(node, struct node, next);
struct node GW *one(struct node GW *kept)
{
    struct node GW *made;
    GW_CALL(made = gw_new(node), kept);
    GW_STORE(made, next, kept);
    return made;
}
END
sed 's/one(struct/two(struct/' one.c >two.c
has_maps() { # has_maps <how it was made> <object>...
    how=$1
    shift
    for object in "$@"; do
        readelf -SW "$object" | grep -q ' gw_maps ' || { echo "$how: $object has no maps"; failures=$((failures + 1)); }
        rm -f "$object"
    done
}
for options in '' -pipe -save-temps '-save-temps=obj -g'; do
    # shellcheck disable=SC2086 # several options, or none
    compile -O2 $options -c one.c two.c
    has_maps "$options -c" one.o two.o
    # shellcheck disable=SC2086
    compile -O2 $options -c -o x one.c
    has_maps "$options -c -o x" x
    # shellcheck disable=SC2086
    compile -O2 $options -shared -fPIC one.c two.c -o both.so
    has_maps "$options -shared" both.so
done
compile -O2 -S one.c -o one.s
compile -c one.s -o one.o
has_maps '-S, and -c of what that wrote' one.o
status=0
as one.s -o one.o 2>err || status=$?
[ "$status" -ne 0 ] && grep -q 'gw-asmgcroot has not read this file' err || { echo "another assembler takes a file with references"; cat err; failures=$((failures + 1)); }

# Another assembler where GCC looks first is refused, also for files that include nothing of ours; COMPILER_PATH comes later.
mkdir other
ln -s "$(command -v as)" other/as
echo 'int three(void) { return 3; }' >three.c
for options in -c '-c -pipe' '-c -save-temps' '-c -o three.o' '-shared -fPIC -o three.so'; do
    # shellcheck disable=SC2086 # several options
    refused 'GCC has not run gw-asmgcroot in the assembler' -Bother/ $options three.c
    [ ! -e three.o ] && [ ! -e three.so ] || { echo "$options: something was made by another assembler"; rm -f three.o three.so; }
done
refused 'put that one into PATH' -B "$folder/other" -c one.c two.c
COMPILER_PATH=$folder/other compile -O2 -c one.c
has_maps 'COMPILER_PATH' one.o

# A stand-in that goes while GCC runs: the compiler takes it away first.
mkdir -p prefix/bin prefix/lib/greywave
cp "$build/bin/gwcc" prefix/bin/
ln -s "$(readlink -f "$build/include")" prefix/include
ln -s "$build/bin/gw-asmgcroot" prefix/lib/greywave/as
for library in "$build"/lib/libgreywave*; do ln -s "$library" prefix/lib/; done
printf '#!/bin/sh\nrm -f %s\nexec %s "$@"\n' "$folder/prefix/lib/greywave/as" "$gcc" >vanishing
chmod +x vanishing
status=0
prefix/bin/gwcc --roots=asm "--gcc=$folder/vanishing" -O2 -c one.c 2>err || status=$?
[ "$status" -ne 0 ] && [ ! -e one.o ] && grep -q 'lib/greywave/as has gone, install it again' err ||
    { echo "the assembler's stand-in went away, and an object was made or nothing said"; cat err; failures=$((failures + 1)); }

cat >setjmp.c <<END
#include <greywave/greywave.h>
#include <setjmp.h>
struct node { struct node GW *next; };
GW_TYPE_FIELDS(node, struct node, next);
jmp_buf buffer;
struct node GW *f(void)
{
    struct node GW *kept = gw_new(node);
    if (SAVE(buffer) == 0) GW_CALL(kept->next = gw_new(node), kept);
    return kept;
}
END
for save in 'setjmp(b)' 'sigsetjmp(b,1)' '__builtin_setjmp((void**)(b))'; do
    for level in '-O0' '-O2 -fno-plt -fPIC'; do
        # shellcheck disable=SC2086 # several options
        refused 'keep the reference in a function of its own' $level "-DSAVE(b)=$save" -c setjmp.c
    done
done
cat >nested.c <<END
#include <greywave/greywave.h>
struct node { struct node GW *next; };
GW_TYPE_FIELDS(node, struct node, next);
void call(void (*)(void));
struct node GW *f(struct node GW *kept)
{
    __label__ out;
    void leave(void) { goto out; }
    struct node GW *other;
    GW_CALL(other = gw_new(node), kept);
    GW_CALL(call(leave), kept, other);
out:
    GW_CALL(other = gw_new(node), kept);
    return kept;
}
END
for level in -O0 -O2; do refused 'keep the reference in a function of its own' $level -c nested.c; done
[ "$failures" -eq 0 ]

#!/bin/sh
# Options of clang's code generation that touch frames, calls, registers, sections or thread-local variables: each compiles and links a
# program that then passes under stress, or is refused with the words that its row says. None may end in LLVM's own words.
#
# usage: code_options.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"

# options : the words, or nothing when the program must run
rows() {
    cat <<'END'
-O0 -mretpoline : a call by pointer that may collect cannot go through a thunk (-mretpoline, -mlvi-hardening, -mseses)
-O2 -mretpoline-external-thunk : a call by pointer that may collect cannot go through a thunk (-mretpoline, -mlvi-hardening, -mseses)
-O1 -mlvi-hardening : a call by pointer that may collect cannot go through a thunk (-mretpoline, -mlvi-hardening, -mseses)
-O2 -mlvi-cfi : a call by pointer that may collect cannot go through a thunk (-mretpoline, -mlvi-hardening, -mseses)
-O2 -mseses : a call by pointer that may collect cannot go through a thunk (-mretpoline, -mlvi-hardening, -mseses)
-O2 -mspeculative-load-hardening : speculative load hardening puts code between a call and the address that its frame map names
-O2 -femulated-tls : gwcc: -femulated-tls: compiled code and the runtime share a thread-local variable, and the runtime's is not emulated
-O2 -fembed-bitcode : gwcc: -fembed-bitcode: the code would be made of that bitcode by a compiler that has not loaded the plug-in
-O2 -fembed-bitcode=all : gwcc: -fembed-bitcode=all: the code would be made of that bitcode by a compiler that has not loaded the plug-in
-O2 -fsplit-machine-functions : gwcc: -fsplit-machine-functions: the frame maps describe functions in one piece
-O2 -fbasic-block-sections=all : gwcc: -fbasic-block-sections=all: the frame maps describe functions in one piece
-O0 -mllvm -global-isel : gwcc: -global-isel: GlobalISel makes no code of statepoints
-O0 -fglobal-isel : gwcc: -fglobal-isel: GlobalISel makes no code of statepoints
-O2 -mllvm -enable-coldcc-stress-test : gwcc: -enable-coldcc-stress-test: LLVM loses what functions of this convention return in more than a register
-O2 -m32 : gwcc: -m32: references have 64 bits
-O2 -mx32 : gwcc: -mx32: references have 64 bits
-O2 -fsanitize=dataflow : gwcc: -fsanitize=dataflow: it gives functions other names, which the runtime's do not have
-O1 -fsanitize=memory : the sanitizer keeps marks in the bits of pointers or beside them, which do not move with an object
-O1 -fsanitize=hwaddress : the sanitizer keeps marks in the bits of pointers or beside them, which do not move with an object
-O1 -fsanitize=safe-stack : moves variables with references to a second stack, where the collector does not look
-O1 -fsanitize=kcfi : -fsanitize=kcfi would not check this call, which may collect
-O1 -fsplit-stack : stacks in pieces (-fsplit-stack) cannot be walked
-O2 -fpack-struct : compile without -fshort-enums and -fpack-struct
-O2 -fsanitize=thread :
-O2 -fsanitize=function,bounds,integer,pointer-overflow,object-size,alignment :
-O2 -fsanitize=cfi -flto -fvisibility=hidden :
-O2 -fwhole-program-vtables -flto -fvisibility=hidden :
-O1 -fprofile-instr-generate -fcoverage-mapping :
-O2 -fprofile-generate :
-O2 --coverage :
-O2 -fsanitize-coverage=inline-8bit-counters,pc-table :
-O2 -fcf-protection=full -mno-red-zone :
-O2 -fzero-call-used-regs=all :
-O2 -ftrivial-auto-var-init=pattern -fstack-clash-protection :
-O2 -fpatchable-function-entry=5,2 :
-O1 -pg :
-O2 -pg -mfentry :
-O2 -finstrument-functions :
-O0 -fxray-instrument -fxray-instruction-threshold=1 :
-O2 -g -gsplit-dwarf :
-O2 -mcmodel=large :
-O2 -mcmodel=medium -mlarge-data-threshold=1 :
-O2 -fno-asynchronous-unwind-tables -fno-unwind-tables :
-O2 -fomit-frame-pointer -mno-sse -mno-mmx :
-O2 -mstackrealign -mstack-alignment=64 :
-O2 -mharden-sls=all -mindirect-branch-cs-prefix :
-O2 -moutline -mllvm -enable-ipra :
-O2 -mllvm -fixup-allow-gcptr-in-csr -mllvm -use-registers-for-deopt-values :
-O2 -mllvm -regalloc=basic :
-O2 -ftls-model=initial-exec -mno-tls-direct-seg-refs :
-O2 -funique-internal-linkage-names -fno-integrated-as :
-Ofast -fno-semantic-interposition -fPIC :
END
}

status=0
# one <options> <words>
one() {
    compiled=0
    # shellcheck disable=SC2086 # several options
    GREYWAVE='' "$build/bin/gwcc" --llvm="$llvm" -std=gnu17 -w $1 "$here/places.c" -o program 2>err || compiled=$?
    if [ -n "$2" ]; then
        [ "$compiled" -ne 0 ] && [ "$compiled" -lt 128 ] && grep -qF -- "$2" err && ! grep -q 'LLVM ERROR\|error in backend' err && return
    else
        [ "$compiled" -eq 0 ] && GREYWAVE=stress=alloc+move,poison=1,verify=1 timeout 60 ./program >out 2>>err && return
    fi
    echo "$1: compiled $compiled, wanted: ${2:-a program that passes}"
    head -n 5 err
    return 1
}

# Hooks that collect, called from functions that would never collect without them.
cat >hooks.c <<'END'
#include "check.h"
static bool enabled;
__attribute__((no_instrument_function)) void __cyg_profile_func_enter(void *function, void *site)
{
    (void)function, (void)site;
    if (enabled) gw_collect(GW_MINOR);
}
__attribute__((no_instrument_function)) void __cyg_profile_func_exit(void *function, void *site)
{
    (void)function, (void)site;
    if (enabled) gw_collect(GW_MINOR);
}
__attribute__((noinline)) static struct node GW *next_of(struct node GW *node)
{
    return node->next;
}
int main(void)
{
    start(NULL);
    enabled = true;
    struct node GW *node = node_make(1, node_make(2, NULL));
    CHECK(next_of(node)->value == 2 && node->value == 1);
    return 0;
}
END

rows >rows
while IFS= read -r row; do
    one "${row%% :*}" "$(printf '%s' "${row#* :}" | sed 's/^ //')" </dev/null || status=1
done <rows
for level in -O0 -O1 -O2; do
    "$build/bin/gwcc" --llvm="$llvm" -std=gnu17 $level -finstrument-functions -I"$here" hooks.c -o program
    GREYWAVE=stress=alloc+move,poison=1,verify=1 timeout 60 ./program && continue
    echo "hooks that collect at $level"
    status=1
done
exit $status

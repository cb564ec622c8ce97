#!/bin/sh
# Code made at run time: jit.cc, as C++17 over LLVM's C API, with one of LLVM's two JIT linkers.
#
# usage: jit.sh <build folder> <llvm version> jitlink|rtdyld
set -eu
build=$1 llvm=$2 linker=$3
. "$(dirname -- "$0")/compiled.sh"

compile jit

failures=0
fail() {
    echo "$linker: $1"
    cat "$folder/out" "$folder/err"
    failures=$((failures + 1))
}

# prints <stress> <expected> <case> [argument]
prints() {
    stress=$1 expected=$2
    shift 2
    status=0
    GREYWAVE=$stress timeout 120 "$folder/jit" "$linker" "$@" >"$folder/out" 2>"$folder/err" || status=$?
    [ "$status" -eq 0 ] && [ "$(cat "$folder/out")" = "$expected" ] || fail "GREYWAVE=$stress $*: status $status, and not what was expected"
}

# ends <words> <case>: the process ends with a fatal message
ends() {
    words=$1
    shift
    status=0
    GREYWAVE=stress=alloc+move,poison=1,verify=1 timeout 120 "$folder/jit" "$linker" "$@" >"$folder/out" 2>"$folder/err" || status=$?
    [ "$status" -ge 128 ] && grep -qF -- "$words" "$folder/err" || fail "$*: status $status, without the words '$words'"
}

# ---- Values, under each kind of stress ----
all_found='2222222 2222222 2222222 2222222 2222222 2222222
through 42, thrown 7, jumped
native 43, thrown 7, jumped
guarded 43, thrown 7, jumped
cleaned 44'
for stress in '' stress=alloc,poison=1,verify=1,verify-walk=1 stress=alloc+move,poison=1,verify=1; do
    prints "$stress" "$all_found" values
    prints "$stress" "$all_found" shadow
    prints "$stress" '20 rounds, 0 objects outlive their type' churn 20
    prints "$stress" 'wide 1015, 5 MB of code, table x' wide
done
prints '' '200 rounds, 0 objects outlive their type' churn 200

# ---- What is left out is noticed ----
ends 'only gw_unwind_register knows the code made at run time' without-maps
ends 'no usable unwind information' without-unwind
ends 'and no such code is registered, so its references cannot be found' stock
GREYWAVE=stress=alloc+move,poison=1 timeout 120 "$folder/jit" "$linker" without-globals >"$folder/out" 2>"$folder/err" || :
[ "$(cat "$folder/out")" != "$all_found" ] || fail 'nothing shows that variables are not registered'

# ---- Tools ----
# JITLink: of the module with lines alone, and LLVM takes nothing back.
[ "$linker" = jitlink ] && objects='0, 1, 1' || objects='1, 2, 1'
prints stress=alloc+move "lined 5, objects known $objects" debugger
JITDUMPDIR=$folder prints stress=alloc+move 'lined 5' profiler
find "$folder" -name 'jit-*.dump' | xargs grep -q lined || fail 'no jitdump names the function'

# ---- What cannot be ----
abi=$(sed -n 's/^#define GW_ABI_VERSION //p' "$build/include/greywave/abi.h")
prints '' "$(cat <<END
size: greywave: options of another greywave/llvm.h, or none; begin with greywave_jit_defaults()
runtime: greywave: the runtime's functions are missing; begin with greywave_jit_defaults()
linker: greywave: no such linker; it is one of enum greywave_linker
version: greywave: the module was compiled for ABI version $((abi + 1)), this runtime has $abi: recompile it
unwind: greywave: gw_unwind_register: the section describes no function
END
)" layers
prints '' "$(cat <<'END'
address: 1 <unknown>:0:0: in function f void (ptr addrspace(1)): greywave: a pointer into an object is passed to a function, where only a reference to a whole object can be followed; keep the object and the field or index [in function 'f']
invalid: 1 greywave: the module does not verify: Instruction does not dominate all uses!
  %b = add i64 1, 1
  %a = add i64 %b, 1
level: 1 greywave: no such option: level is 0 to 3, roots one of enum greywave_roots
roots: 1 greywave: no such option: level is 0 to 3, roots one of enum greywave_roots
no size: 1 greywave: options of a newer greywave/llvm.h, or without their size; begin with greywave_pipeline_defaults()
newer: 1 greywave: options of a newer greywave/llvm.h, or without their size; begin with greywave_pipeline_defaults()
jit without roots: 1 greywave: a module for a JIT (module flag greywave-jit) cannot be without roots; use frame maps or the shadow stack
again: 1 greywave: the passes have been at this module before; it is ready for code generation
address: 1 <unknown>:0:0: in function f void (ptr addrspace(1)): greywave: a pointer into an object is passed to a function, where only a reference to a whole object can be followed; keep the object and the field or index [in function 'f']
again: 1 greywave: the module was refused before
handler kept 1
END
)" refusals
prints '' "$(cat <<'END'
defaults: gc.statepoint 1 shadow_reserve 0 without_roots 0 poll_slow 0 frame.mark 0 check_store 1 thread_offset 0 %same 0
shadow: gc.statepoint 0 shadow_reserve 1 without_roots 0 poll_slow 0 frame.mark 0 check_store 1 thread_offset 0 %same 0
none: gc.statepoint 0 shadow_reserve 0 without_roots 1 poll_slow 0 frame.mark 0 check_store 0 thread_offset 0 %same 0
polls: gc.statepoint 1 shadow_reserve 0 without_roots 0 poll_slow 1 frame.mark 0 check_store 1 thread_offset 0 %same 0
frame marks: gc.statepoint 1 shadow_reserve 0 without_roots 0 poll_slow 0 frame.mark 1 check_store 1 thread_offset 0 %same 0
no check: gc.statepoint 1 shadow_reserve 0 without_roots 0 poll_slow 0 frame.mark 0 check_store 0 thread_offset 0 %same 0
jit: gc.statepoint 1 shadow_reserve 0 without_roots 0 poll_slow 0 frame.mark 0 check_store 1 thread_offset 1 %same 0
level 0: gc.statepoint 1 shadow_reserve 0 without_roots 0 poll_slow 0 frame.mark 0 check_store 1 thread_offset 0 %same 1
defaults again: gc.statepoint 1 shadow_reserve 0 without_roots 0 poll_slow 0 frame.mark 0 check_store 1 thread_offset 0 %same 0
END
)" options
[ "$failures" -eq 0 ]

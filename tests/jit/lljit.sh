#!/bin/sh
# Greywave's layer in a JIT that is written against LLVM's C++ API; and that the plug-in is loaded where there is no ORC.
#
# usage: lljit.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
. "$(dirname -- "$0")/compiled.sh"

compile lljit -fno-rtti
for stress in '' stress=alloc,poison=1,verify=1,verify-walk=1 stress=alloc+move,poison=1,verify=1; do
    found=$(GREYWAVE=$stress timeout 120 "$folder/lljit" 2>"$folder/err") || found="status $?: $found"
    [ "$found" = 2222222 ] || { echo "GREYWAVE=$stress: $found, not 2222222"; cat "$folder/err"; exit 1; }
done

# What only the JIT's layers want of LLVM must not be missed where the plug-in is loaded to compile.
nm -DC --undefined-only "$libraries/libgreywave-llvm$llvm.so" >"$folder/wanted"
grep -q ' w llvm::orc::ExecutionSession' "$folder/wanted" || { echo "the layers are not there"; exit 1; }
! grep -E ' U (vtable for )?llvm::(orc|jitlink|RuntimeDyld|RTDyld|JITEventListener)' "$folder/wanted" || { echo "is not weak"; exit 1; }

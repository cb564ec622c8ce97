#!/bin/sh
# Compiles trees.ll with LLVM's own tools and the plug-in, in two ways, to two programs that do the same.
#
# usage: build.sh <where Greywave is installed> [LLVM version [folder for the results]]
set -eu
prefix=$1 llvm=${2:-22} out=${3:-.}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
bin=/usr/lib/llvm-$llvm/bin
plugin=$(find "$prefix"/lib* -name "libgreywave-llvm$llvm.so" | head -n 1) # Debian's is in a folder of the machine's
libraries=${plugin%/*}

# With the plug-in loaded, LLVM's default pipelines have both passes in their places.
"$bin/opt" -load-pass-plugin="$plugin" -passes='default<O2>' "$here/trees.ll" -o "$out/default.bc"
# By name: greywave-prepare before, and greywave after, whatever passes a frontend chooses.
"$bin/opt" -load-pass-plugin="$plugin" -passes='greywave-prepare,function(sroa,instcombine,simplifycfg),greywave' \
    "$here/trees.ll" -o "$out/named.bc"

for form in default named; do
    # llc needs the plug-in too: it writes the frame maps.
    "$bin/llc" -load="$plugin" -O2 -relocation-model=pic -filetype=obj "$out/$form.bc" -o "$out/$form.o"
    cc "$out/$form.o" -L"$libraries" -lgreywave -Wl,-rpath,"$libraries" -o "$out/trees-$form"
done

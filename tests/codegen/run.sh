#!/bin/sh
# Runs the RUN lines of one codegen test, in the manner of LLVM's lit.
#
# usage: run.sh <build folder> <llvm version> <test file>
#   %s the test file, %S its folder, %t a temporary name, %gwcc the driver, %gwc++ by its other name, %gw-maps the tool, %opt opt with the plug-in loaded,
#   %llc llc with the plug-in loaded, %clang clang with the plug-in and nothing else, %readelf llvm-readelf,
#   %bin LLVM's folder of tools, %plugin the plug-in's file, %include the public headers, %runtime the shared runtime, %check FileCheck on the test file, %filecheck FileCheck alone.
#   `refused` before a command: it must fail, but not crash.
# FileCheck sees the prefixes CHECK and LLVM22 or LLVM19.
set -eu
build=$1 llvm=$2 test=$3
bin=/usr/lib/llvm-$llvm/bin
plugin=$(echo "$build"/lib*/libgreywave-llvm"$llvm".so)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

cat >"$folder/run" <<EOF
set -euo pipefail
refused() {
    local status=0
    "\$@" || status=\$?
    if [ \$status -eq 0 ] || [ \$status -ge 128 ]; then echo "status \$status: \$*" >&2; exit 99; fi
}
cd $(dirname "$test")
EOF
sed -n 's/^.*RUN: //p' "$test" | sed \
    -e "s|%readelf|$bin/llvm-readelf|g" \
    -e "s|%gw-maps|$build/bin/gw-maps|g" \
    -e "s|%gwcc|$build/bin/gwcc --llvm=$llvm -std=gnu17|g" \
    -e "s|%gwc++|$build/bin/gwc++ --llvm=$llvm|g" \
    -e "s|%opt|$bin/opt -load-pass-plugin=$plugin -S|g" \
    -e "s|%clang|$bin/clang -fpass-plugin=$plugin -D__GREYWAVE__=1 -I$build/include|g" \
    -e "s|%filecheck|$bin/FileCheck|g" \
    -e "s|%bin|$bin|g" \
    -e "s|%plugin|$plugin|g" \
    -e "s|%include|$build/include|g" \
    -e "s|%runtime|${plugin%/*}/libgreywave.so|g" \
    -e "s|%llc|$bin/llc -load=$plugin|g" \
    -e "s|%check|$bin/FileCheck --allow-unused-prefixes --dump-input-context=12 --check-prefixes=CHECK,LLVM$llvm $test|g" \
    -e "s|%S|$(dirname "$test")|g" -e "s|%s|$test|g" -e "s|%t|$folder/t|g" >>"$folder/run"
[ -n "$(sed -n 's/^.*RUN: //p' "$test")" ] || { echo "$test has no RUN lines"; exit 1; }
bash "$folder/run" || { sed 's/^/  | /' "$folder/run"; exit 1; }

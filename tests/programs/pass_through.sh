#!/bin/sh
# A program without collected pointers comes out of the compiler the same with the plug-in as without: object files
# equal byte for byte, by clang -fpass-plugin and by gwcc, for the stb libraries (Debian's libstb-dev, header-only).
#
# usage: pass_through.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
clang=/usr/lib/llvm-$llvm/bin/clang
plugin=$(echo "$build"/lib*/libgreywave-llvm"$llvm".so)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

{
    for name in IMAGE IMAGE_WRITE RECT_PACK TRUETYPE SPRINTF DS; do
        echo "#define STB_${name}_IMPLEMENTATION"
        echo "#include <stb/stb_$(echo $name | tr 'A-Z' 'a-z').h>"
    done
    echo '#include <stb/stb_vorbis.h>'
} >"$folder/library.c"

# Lines that are compiled: what is left of the headers after preprocessing, without blank ones.
lines=$("$clang" -E "$folder/library.c" | awk '/^# [0-9]+ "/ { inside = $3 ~ /\/stb\// } !/^#/ && NF && inside' | wc -l)
echo "$lines lines of C"
[ "$lines" -ge 10000 ]

failures=0
# compare <what> <command>...: against clang's object file at the present level
compare() {
    what=$1
    shift
    # shellcheck disable=SC2086 # several options
    "$@" $level -w -c "$folder/library.c" -o "$folder/with.o"
    cmp "$folder/without.o" "$folder/with.o" && return
    echo "$what $level: the object files differ"
    failures=$((failures + 1))
}

for level in -O0 '-O2 -g -fPIC'; do
    # shellcheck disable=SC2086
    "$clang" $level -w -c "$folder/library.c" -o "$folder/without.o"
    compare "clang -fpass-plugin" "$clang" "-fpass-plugin=$plugin"
    compare gwcc "$build/bin/gwcc" "--llvm=$llvm"
done

# The comparison can fail: with one reference in it the file comes out otherwise.
level=-O2
printf '#include <greywave/abi.h>\nvoid other(void);\nvoid *GW *keep(void *GW *p) { other(); return p; }\n' >"$folder/library.c"
"$clang" -O2 -D__GREYWAVE__ -I"$build/include" -c "$folder/library.c" -o "$folder/without.o"
"$build/bin/gwcc" --llvm="$llvm" -O2 -c "$folder/library.c" -o "$folder/with.o"
! cmp -s "$folder/without.o" "$folder/with.o" || { echo "the plug-in does nothing"; failures=1; }
[ "$failures" -eq 0 ]

#!/bin/sh
# The CMake package in projects of several languages, compilers, configurations and ways to link (languages/): what it makes runs, and
# what cannot be had is refused when the project is configured. The install prefix has a space in it and was moved.
#
# usage: cmake.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
other=$([ "$llvm" = 22 ] && echo 19 || echo 22)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cmake --install "$build" --prefix "$folder/first" >"$folder/log" || { cat "$folder/log"; exit 1; }
mv "$folder/first" "$folder/a prefix"
prefix="$folder/a prefix" cxx=-DCMAKE_CXX_COMPILER=clang++-$llvm

failures=0
fail() {
    echo "$*"
    cat "$folder/log"
    failures=$((failures + 1))
}

configure() {
    rm -rf "$folder/made"
    cmake -G "${generator:-Ninja}" -S "$here/languages" -B "$folder/made" -DCMAKE_PREFIX_PATH="$prefix" "$@" >"$folder/log" 2>&1
}

# prints <what> <expected> <program>: under stress
prints() {
    found=$(GREYWAVE=stress=alloc,poison=1,verify=1,verify-walk=1 "$folder/made/program/$3" 2>>"$folder/log") || found="status $?: $found"
    [ "$found" = "$2" ] || fail "$1: $3 prints '$found', not '$2'"
}

# runs <what> <option>...: both programs
runs() {
    what=$1
    shift
    configure "$@" && cmake --build "$folder/made" -v >>"$folder/log" 2>&1 || { fail "$what: not built"; return; }
    prints "$what" "499500 9 moved" collected
    prints "$what" 499500 native
}

# The package's own doing, whatever the LLVM.
once() { [ "$llvm" != 22 ] || "$@"; }

# refused <what> <words> <option>...: by the package, whose words CMake wraps
refused() { once is_refused "$@"; }
is_refused() {
    what=$1 words=$2
    shift 2
    if configure "$@" || ! tr -s '\n ' ' ' <"$folder/log" | grep -qe "$words"; then fail "$what: not refused with '$words'"; fi
}

loads_plugin() { # <what>: the command that links `collected` has the linker load the passes
    grep -q "load-pass-plugin=.*-o program/.*collected" "$folder/log" || fail "$1: the linker does not load the passes"
}

# ---- Languages and compilers ----

runs "C++ alone" -DLANGUAGES=CXX "$cxx" -DCMAKE_BUILD_TYPE=Release
! grep -q 'load-pass-plugin' "$folder/log" || fail "the linker loads the passes without link-time optimisation"
once runs "C by gcc, C++ by clang" "-DLANGUAGES=C;CXX" -DCMAKE_C_COMPILER=gcc "$cxx" -DC_IN=native
runs "two versions of LLVM" "-DLANGUAGES=C;CXX" -DCMAKE_C_COMPILER="clang-$other" "$cxx" -DC_IN=collected
refused "C by gcc in a collected target" 'greywave_collected(collected) needs clang.* for the C sources of collected.*GNU.*-DCMAKE_C_COMPILER=clang-' \
    "-DLANGUAGES=C;CXX" -DCMAKE_C_COMPILER=gcc "$cxx" -DC_IN=collected
refused "C++ by g++" 'greywave_collected(chain) needs clang.*-DCMAKE_CXX_COMPILER=clang++-' -DLANGUAGES=CXX -DCMAKE_CXX_COMPILER=g++
if command -v clang++-14 >/dev/null; then
    refused "another clang" 'but the CXX compiler is Clang 14' -DLANGUAGES=CXX -DCMAKE_CXX_COMPILER=clang++-14
fi
refused "another version of the package" 'compatible with requested version "0.2"' -DLANGUAGES=CXX "$cxx" -DVERSION=0.2
refused "a part that it does not have" 'Greywave_FOUND to FALSE' -DLANGUAGES=CXX "$cxx" "-DCOMPONENTS=COMPONENTS;nothing"
once runs "checks, polls and marks of frames chosen" -DLANGUAGES=CXX "$cxx" "-DWITH=POLLS;FRAME_MARKS;NO_CHECK"
once grep -q 'greywave-polls.*greywave-frame-marks.*greywave-no-check' "$folder/log" || fail "the plug-in is not told"

# Packages of their own: one plug-in, no driver; and none.
parts() {
    whole=$prefix prefix=$folder/parts
    cp -r "$whole" "$prefix"
    rm "$prefix/bin/gwcc"
    find "$prefix" -name 'libgreywave-llvm22.so' -delete
    is_refused "a plug-in that is not installed" 'needs clang 19 for the CXX sources' -DLANGUAGES=CXX "$cxx"
    configure -DLANGUAGES=CXX -DCMAKE_CXX_COMPILER=clang++-19 || fail "one plug-in, no driver"
    find "$prefix" -name 'libgreywave-llvm19.so' -delete
    is_refused "no plug-in" 'no plug-in is installed beside the runtime.*greywave-llvm22' -DLANGUAGES=CXX "$cxx"
    prefix=$whole
}
once parts

# ---- gwcc as the compiler ----

export GWCC_LLVM="$llvm"
gwcxx="-DCMAKE_CXX_COMPILER=$prefix/bin/gwc++"
once runs "gwc++, static" -DLANGUAGES=CXX "$gwcxx" -DCMAKE_EXE_LINKER_FLAGS=-static
runs "gwc++, link-time optimisation" -DLANGUAGES=CXX "$gwcxx" -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON -DWITH=NO_CHECK
refused "gwc++ and STATIC" 'leave out STATIC, and link with -static' -DLANGUAGES=CXX "$gwcxx" -DWITH=STATIC
unset GWCC_LLVM

# What the package says to do where the compiler is to be GCC.
by_gcc() {
    mkdir "$folder/demo"
    cp "$here/../../examples/demo/binary_trees.c" "$here/../../examples/demo/memory.h" "$folder/demo"
    cat >"$folder/demo/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(demo C)
find_package(Greywave REQUIRED)
add_executable(trees binary_trees.c)
greywave_collected(trees)
END
    cmake -S "$folder/demo" -B "$folder/made/program" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$prefix/bin/gwcc" \
        -DCMAKE_C_FLAGS=--roots=asm >"$folder/log" 2>&1 && cmake --build "$folder/made/program" >>"$folder/log" 2>&1 &&
        "$folder/made/program/trees" 4 >>"$folder/log" 2>&1 && grep -q 'compiler identification is GNU' "$folder/log" || fail "GCC by gwcc"
}
rm -rf "$folder/made"
once by_gcc

# ---- Ways to link ----

once runs "static" -DLANGUAGES=CXX "$cxx" -DWITH=STATIC -DCMAKE_EXE_LINKER_FLAGS=-static
runs "link-time optimisation, not optimised" -DLANGUAGES=CXX "$cxx" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON
loads_plugin "link-time optimisation"
grep -q "lto-O1" "$folder/log" || fail "without an optimiser the linker does not call the passes"
configure -DLANGUAGES=CXX "$cxx" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-flto &&
    cmake --build "$folder/made" --target collected >>"$folder/log" 2>&1 || fail "-flto: not built"
prints "-flto" "499500 9 moved" collected
refused "link-time optimisation by two versions" 'are of versions' "-DLANGUAGES=C;CXX" -DCMAKE_C_COMPILER="clang-$other" "$cxx" \
    -DC_IN=collected -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON
other_way="-DLANGUAGES=C;CXX -DCMAKE_C_COMPILER=clang-$llvm -DCMAKE_CXX_COMPILER=g++ -DBY_OTHER=ON"
by_other() {
    # shellcheck disable=SC2086 # several options
    configure $other_way && cmake --build "$folder/made" >>"$folder/log" 2>&1 || fail "C by clang, linked by g++: not built"
    prints "C by clang, linked by g++" 499500 other
}
once by_other
# shellcheck disable=SC2086
refused "link-time optimisation, linked by g++" "No target \"link-time-optimisation-of-whole-needs-clang-$llvm-to-link\"" $other_way \
    -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON
refused "link-time optimisation and polls" 'POLLS and link-time optimisation do not go together' -DLANGUAGES=CXX "$cxx" "-DWITH=POLLS;NO_CHECK" \
    -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON
refused "another kind of link-time optimisation" '-ffat-lto-objects: of link-time optimisation' -DLANGUAGES=CXX "$cxx" \
    "-DCMAKE_CXX_FLAGS=-flto -ffat-lto-objects"
cat >"$folder/clang-of-old-lld" <<END
#!/bin/sh
[ "\$1" != -print-prog-name=ld.lld ] || { echo /nowhere/ld.lld; exit; }
exec clang++-$llvm "\$@"
END
chmod +x "$folder/clang-of-old-lld"
refused "link-time optimisation without lld" "install lld $llvm" -DLANGUAGES=CXX -DCMAKE_CXX_COMPILER="$folder/clang-of-old-lld" \
    -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON

# Several configurations, of which one is optimised by the linker.
several_configurations() {
    generator="Ninja Multi-Config"
    configure -DLANGUAGES=CXX "$cxx" -DCMAKE_INTERPROCEDURAL_OPTIMIZATION_RELEASE=ON || fail "several configurations"
    for config in Debug Release; do
        cmake --build "$folder/made" --config $config -v >"$folder/log" 2>&1 || fail "$config: not built"
        prints "one of several configurations" "499500 9 moved" $config/collected
        prints "one of several configurations" 499500 $config/native
        loaded=$(grep -q load-pass-plugin "$folder/log" && echo Release || echo Debug)
        [ "$loaded" = $config ] || fail "$config: the linker loads the passes as for $loaded"
    done
}
once several_configurations
[ "$failures" -eq 0 ]

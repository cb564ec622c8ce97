#!/bin/sh
# The sources configure in a folder where nothing has been built: what an older build left behind hides what a new one lacks. A C library
# that is not glibc is refused in words: musl's where its compiler is installed, and in any case one whose header lacks what is needed.
#
# usage: configured.sh <source folder> <cmake generator>
set -eu
source=$1 generator=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cmake -S "$source" -B "$folder/build" -G "$generator" >"$folder/said" 2>&1 || {
    cat "$folder/said"
    exit 1
}

refused() { # <what> <option>...
    what=$1
    shift
    rm -rf "$folder/build"
    if cmake -S "$source" -B "$folder/build" -G "$generator" "$@" >"$folder/said" 2>&1 ||
        ! tr -s '\n ' ' ' <"$folder/said" | grep -q 'needs the GNU C library, 2.35 or newer'; then
        echo "$what: not refused, or not in words"
        cat "$folder/said"
        exit 1
    fi
}
mkdir "$folder/headers"
: >"$folder/headers/dlfcn.h"
refused 'a C library without _dl_find_object' "-DCMAKE_C_FLAGS=-I$folder/headers"
if command -v musl-gcc >/dev/null; then refused musl -DCMAKE_C_COMPILER=musl-gcc; fi

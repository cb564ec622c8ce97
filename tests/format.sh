#!/bin/sh
# One style: all C and C++ is as .clang-format says, but for lists and tables that say otherwise, and for inputs of tests whose lines count.
#
# usage: format.sh <source folder> <clang-format>
set -eu
cd "$1"
find asmgcroot bench driver examples llvm-plugin runtime tests \( -name '*.[ch]' -o -name '*.cc' -o -name '*.cpp' -o -name '*.hpp' \) \
    -not -path 'tests/codegen/*' -not -path 'tests/fuzz/seeds/*' | sort | xargs -n 40 "$2" --dry-run --Werror || {
    echo "in another style: $2 -i <file> brings a file into this one"
    exit 1
}

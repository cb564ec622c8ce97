#!/bin/sh
# The part of the emulated tests that ./gw test runs.
#
# usage: quick.sh <folder of the emulated build>
set -eu
[ -f "$1/CTestTestfile.cmake" ] || { echo "$1 is not built: ./gw test does it"; exit 77; }
exec ctest --test-dir "$1" -L quick --no-tests=error --output-on-failure

#!/bin/sh
# The sources configure in a folder where nothing has been built: what an older build left behind hides what a new one lacks.
#
# usage: configured.sh <source folder> <cmake generator>
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cmake -S "$1" -B "$folder/build" -G "$2" >"$folder/said" 2>&1 || {
    cat "$folder/said"
    exit 1
}

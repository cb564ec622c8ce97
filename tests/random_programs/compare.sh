# Sourced by the scripts that compile random programs and compare what they print. A script sets `first`, `count` and `options`
# and defines
#   describe <seed>          compiler and options, in words
#   again <seed>             the command that tries this seed alone
#   try <seed> [option]...   makes $folder/expected and $folder/collected, and runs it
# KEEP=<folder> in the environment: the sources and binaries of seeds that fail are put there.
checks=poison=1,verify=1

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# complain <seed> <what>: with standard input shown below it
complain() {
    echo "seed $1, $(describe "$1"): $2"
    head -n 12 | sed 's/^/  | /'
    echo "  again: $(again "$1")"
    [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP/$1" && cp "$folder"/* "$KEEP/$1"; }
    echo "$1" >>"$folder/failed" # not a variable: this may run at the end of a pipe
}

# run <seed> <options>: the collected program against the expected output
run() {
    status=0
    GREYWAVE=$2 timeout 300 "$folder/collected" >"$folder/out" 2>"$folder/err" || status=$?
    [ "$status" -ne 0 ] || ! cmp -s "$folder/expected" "$folder/out" || return 0
    { cat "$folder/err"; diff "$folder/expected" "$folder/out" || true; } |
        complain "$1" "status $status or other output with GREYWAVE=$2"
}

# try_all [option]...: sets `failures`
try_all() {
    seed=$first
    : >"$folder/failed"
    while [ "$seed" -lt $((first + count)) ]; do
        try "$seed" "$@"
        seed=$((seed + 1))
    done
    # shellcheck disable=SC2034 # the script reads it
    failures=$(wc -l <"$folder/failed")
}

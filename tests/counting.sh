# Sourced by tests that go on after a failure: `folder` is their own, gone when they end; `fail` says what is wrong and counts it in `failures`.
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
failures=0

fail() {
    echo "$@"
    failures=$((failures + 1))
}

# For matrix.sh and gcc_matrix.sh, which read this file: running the forms of a program and comparing what they print. Wants $folder,
# which holds the forms and the output expected, and $stress.

# run <form>: the program of that form, compared with the expected output
run() {
    form=$1
    shift
    status=0
    GREYWAVE=$stress timeout "${LIMIT:-120}" "$folder/$form" "$@" >"$folder/$form.out" || status=$?
    if [ "$status" -ne 0 ]; then
        echo "$form: status $status with GREYWAVE=$stress, arguments: $*"
        failures=$((failures + 1))
    elif ! cmp -s "$folder/expected" "$folder/$form.out"; then
        echo "$form: the output differs from the malloc program's:"
        diff "$folder/expected" "$folder/$form.out" | head -n 20 || true
        failures=$((failures + 1))
    fi
}

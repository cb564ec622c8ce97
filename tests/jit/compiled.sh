# Sourced by the scripts of this folder, which have set `build` and `llvm`: where things are, a `folder` that goes at the end, and how their
# programs are compiled.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
libraries=$(echo "$build"/lib*) llvm_folder=/usr/lib/llvm-$llvm

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# compile <name> [option...]: <name>.cc, as C++17 over LLVM, into the folder
compile() {
    name=$1
    shift
    "${CXX:-c++}" -std=c++17 -Wall -Wextra -Werror "$@" -I"$build/include" -isystem "$llvm_folder/include" "$here/$name.cc" \
        "$libraries/libgreywave-llvm$llvm.so" -L"$libraries" -lgreywave "$llvm_folder/lib/libLLVM.so" -Wl,-rpath,"$libraries" \
        -o "$folder/$name"
}

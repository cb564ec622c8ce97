# Options that distributions compile their packages with, and others that change what becomes of a library call, by name. Read by the
# scripts that compile programs with them. As of Debian 12, Fedora 41, Ubuntu 24.04, Arch Linux of 2025 and the OpenSSF's hardening guide; left out
# are specs files, -ffat-lto-objects (refused: docs/constructs.md) and, where one is named below, the folder that -ffile-prefix-map drops.

option_set_names='debian fedora ubuntu arch openssf pattern fortify3 no_builtin freestanding'

# option_set <name>: for compiling and linking in one
option_set() {
    frame='-fno-omit-frame-pointer -mno-omit-leaf-frame-pointer'
    machine='-m64 -march=x86-64' guard=-fcf-protection
    [ "${MACHINE:-x86_64}" = x86_64 ] || machine=-march=armv8-a guard=-mbranch-protection=standard
    hardened="-fstack-clash-protection $guard"
    now='-Wl,-z,relro -Wl,-z,now'
    case $1 in
    debian) # dpkg-buildflags with DEB_BUILD_MAINT_OPTIONS=hardening=+all
        echo "-g -O2 -ffile-prefix-map=/build=. -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -pie $now" ;;
    fedora)
        echo "-O2 -flto=thin -fexceptions -g -pipe -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3 -Wp,-D_GLIBCXX_ASSERTIONS" \
            "-fstack-protector-strong $machine -mtune=generic -fasynchronous-unwind-tables $hardened $frame -fPIE -pie $now" \
            "-Wl,--as-needed -Wl,-z,pack-relative-relocs -Wl,--build-id=sha1" ;;
    ubuntu)
        echo "-g -O2 $frame -flto -fstack-protector-strong $hardened -D_FORTIFY_SOURCE=3 -fPIE -pie $now -Wl,-Bsymbolic-functions" ;;
    arch)
        echo "${machine#-m64 } -mtune=generic -O2 -pipe -fno-plt -fexceptions -Wp,-D_FORTIFY_SOURCE=3 -Wp,-D_GLIBCXX_ASSERTIONS $hardened" \
            "$frame -flto -fPIE -pie $now -Wl,-O1 -Wl,--sort-common -Wl,--as-needed -Wl,-z,pack-relative-relocs" ;;
    openssf)
        echo "-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS -fstack-protector-all $hardened -ftrivial-auto-var-init=zero" \
            "-fzero-call-used-regs=used-gpr -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing -fPIE -pie $now" ;;
    pattern) echo "-O1 -ftrivial-auto-var-init=pattern -fzero-call-used-regs=all-gpr -fno-plt" ;;
    fortify3) echo "-O3 -D_FORTIFY_SOURCE=3" ;;
    no_builtin) echo "-O2 -fno-builtin -lm" ;;
    freestanding) echo "-O2 -ffreestanding -lm" ;;
    *)
        echo "no option set '$1': $option_set_names" >&2
        return 2 ;;
    esac
}

# The same for GCC with asm roots, which reads the assembler output of each file: without link-time optimisation, and without what
# GCC 11 does not know.
option_set_of_gcc() { option_set "$1" | sed 's/-flto[^ ]* //; s/-mno-omit-leaf-frame-pointer //; s/-ftrivial-auto-var-init=[a-z]* //'; }

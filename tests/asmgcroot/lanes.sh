#!/bin/sh
# Vector instructions as the machine does them and as gw-asmgcroot reads them: each form of this table, with each immediate.
#
# usage: lanes.sh <source folder> <library of the tool's parts>
set -eu
source=$1 library=$2

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# The immediates' number, then the instruction with I for the immediate. Registers 0 and 1 are sources, 2 the target.
forms() {
    cat <<'END'
1 movq %xmm0, %xmm2
1 movsd %xmm0, %xmm2
1 movsd (%rsi), %xmm2
1 movhpd (%rsi), %xmm2
1 movlpd (%rsi), %xmm2
1 movaps %xmm0, %xmm2
1 movddup %xmm0, %xmm2
1 movhlps %xmm0, %xmm2
1 movlhps %xmm0, %xmm2
1 punpcklqdq %xmm0, %xmm2
1 punpckhqdq (%rsi), %xmm2
256 shufpd $I, %xmm0, %xmm2
256 shufps $I, %xmm0, %xmm2
256 pshufd $I, %xmm0, %xmm2
256 palignr $I, %xmm0, %xmm2
256 blendps $I, %xmm0, %xmm2
256 blendpd $I, %xmm0, %xmm2
256 pblendw $I, %xmm0, %xmm2
256 psrldq $I, %xmm2
256 pslldq $I, %xmm2
END
    grep -qw avx2 /proc/cpuinfo && cat <<'END'
1 vmovq %xmm0, %xmm2
1 vmovsd %xmm0, %xmm1, %xmm2
1 vmovhpd (%rsi), %xmm1, %xmm2
1 vmovlpd (%rsi), %xmm1, %xmm2
1 vmovdqu (%rsi), %ymm2
1 vmovdqa %xmm0, %xmm2
1 vmovddup %ymm0, %ymm2
1 vmovddup (%rsi), %xmm2
1 vmovhlps %xmm0, %xmm1, %xmm2
1 vunpcklpd %ymm0, %ymm1, %ymm2
1 vpunpckhqdq %ymm0, %ymm1, %ymm2
1 vpbroadcastq %xmm0, %ymm2
1 vbroadcastsd (%rsi), %ymm2
1 vbroadcasti128 (%rsi), %ymm2
2 vinserti128 $I, %xmm0, %ymm1, %ymm2
2 vinsertf128 $I, (%rsi), %ymm1, %ymm2
2 vextracti128 $I, %ymm0, %xmm2
256 vperm2i128 $I, %ymm0, %ymm1, %ymm2
256 vperm2f128 $I, (%rsi), %ymm1, %ymm2
256 vpermq $I, %ymm0, %ymm2
256 vpermpd $I, (%rsi), %ymm2
256 vpermilpd $I, %ymm0, %ymm2
256 vpermilps $I, %ymm0, %ymm2
256 vshufpd $I, %ymm0, %ymm1, %ymm2
256 vshufps $I, %ymm0, %ymm1, %ymm2
256 vpshufd $I, (%rsi), %ymm2
256 vpblendd $I, %ymm0, %ymm1, %ymm2
256 vblendpd $I, %ymm0, %ymm1, %ymm2
256 vblendps $I, %ymm0, %ymm1, %ymm2
256 vpblendw $I, %ymm0, %ymm1, %ymm2
256 vpalignr $I, %ymm0, %ymm1, %ymm2
256 vpsrldq $I, %ymm0, %ymm2
256 vpslldq $I, %xmm0, %xmm2
END
    grep -qw avx512dq /proc/cpuinfo && grep -qw avx512vl /proc/cpuinfo && cat <<'END'
1 vmovdqu64 (%rsi), %zmm2
1 vunpcklpd %zmm0, %zmm1, %zmm2
1 vbroadcasti64x2 (%rsi), %zmm2
1 vbroadcasti64x4 (%rsi), %zmm2
1 vbroadcastf32x4 (%rsi), %ymm2
256 vinserti64x2 $I, %xmm0, %zmm1, %zmm2
256 vinserti32x4 $I, %xmm0, %ymm1, %ymm2
256 vinserti64x4 $I, %ymm0, %zmm1, %zmm2
256 vinsertf32x8 $I, (%rsi), %zmm1, %zmm2
256 vextracti64x2 $I, %zmm0, %xmm2
256 vextractf64x4 $I, %zmm0, %ymm2
256 vshufi64x2 $I, %ymm0, %ymm1, %ymm2
256 vshuff64x2 $I, %zmm0, %zmm1, %zmm2
256 vshufi32x4 $I, %zmm0, %zmm1, %zmm2
256 vpermq $I, %zmm0, %zmm2
256 vpermilpd $I, %zmm0, %zmm2
256 vshufpd $I, %zmm0, %zmm1, %zmm2
256 valignq $I, %zmm0, %zmm1, %zmm2
256 valignq $I, (%rsi), %ymm1, %ymm2
256 vpalignr $I, %zmm0, %zmm1, %zmm2
END
    return 0
}

move=movups register=xmm
if grep -qw avx2 /proc/cpuinfo; then move=vmovups register=ymm; fi
if grep -qw avx512vl /proc/cpuinfo; then move=vmovups register=zmm; fi
forms | awk -v move="$move" -v register="$register" '
    {
        count = $1; form = substr($0, length($1) + 2)
        for (immediate = 0; immediate < count; immediate++) {
            text = form
            sub(/\$I/, "$" immediate, text)
            printf ".Lrun%d:\n", n
            for (r = 0; r < 3; r++) printf "\t%s %d(%%rdi), %%%s%d\n", move, 64 * r, register, r
            printf "\t%s\n\t%s %%%s2, 256(%%rdi)\n\tret\n", text, move, register
            lines[n++] = text; forms[n - 1] = form
        }
    }
    END {
        print "\t.section .data.rel.ro,\"aw\"\n\t.globl tests, test_count\n\t.p2align 3\ntest_count:\t.quad " n "\ntests:"
        for (i = 0; i < n; i++) printf "\t.quad .Ltext%d, .Lform%d, .Lrun%d\n", i, i, i
        print "\t.section .rodata"
        for (i = 0; i < n; i++) printf ".Ltext%d:\t.asciz \"%s\"\n.Lform%d:\t.asciz \"%s\"\n", i, lines[i], i, forms[i]
        print "\t.section .note.GNU-stack,\"\",@progbits"
    }' >"$folder/cases.s"
cc -std=gnu17 -Wall -Wextra -Werror -I"$source/asmgcroot" "$source/tests/asmgcroot/lanes.c" "$folder/cases.s" "$library" \
    -o "$folder/lanes"
"$folder/lanes"

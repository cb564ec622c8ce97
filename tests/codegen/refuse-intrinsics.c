// Words that were read before a call that may collect and are written by intrinsics, of which the runtime cannot check where.
// RUN: for level in -O0 -O1 -O2 -O3; do refused %gwcc $level -ferror-limit=0 -c %s -o %t 2>&1 | %check; done
// RUN: for level in -O0 -O1 -O2 -O3; do %gwcc $level -DALLOWED -Werror -S -emit-llvm %s -o - | %filecheck %s --check-prefix=ALLOWED; done
// RUN: %gwcc -O2 --no-check -c -DUNCHECKED %s -o %t
#include <greywave/greywave.h>
#include <immintrin.h>

struct node {
    struct node GW *next;
    long value;
};
typedef struct node GW *node;
void may_collect(void);

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512vl")))
#define DIRECT __attribute__((target("movdiri,movdir64b")))

#ifndef ALLOWED
AVX512 void compressed(void *to, const void *from)
{
    __m256i words = _mm256_loadu_si256(from);
    may_collect();
    // CHECK-DAG: refuse-intrinsics.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written by an intrinsic that is not checked after a call that may collect
    _mm256_mask_compressstoreu_epi64(to, 3, words);
}

AVX512 void scattered(void *to, const void *from)
{
    __m512i words = _mm512_loadu_si512(from), numbers = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    may_collect();
    // CHECK-DAG: refuse-intrinsics.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written by an intrinsic that is not checked after a call that may collect
    _mm512_i64scatter_epi64(to, numbers, words, 8);
}

AVX512 void gathered(void *to, const void *from)
{
    __m256i numbers = _mm256_set_epi64x(3, 2, 1, 0), words = _mm256_i64gather_epi64(from, numbers, 8);
    may_collect();
    // CHECK-DAG: refuse-intrinsics.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written by an intrinsic that is not checked after a call that may collect
    _mm256_i64scatter_epi64(to, numbers, words, 8);
}
#endif
#if !defined ALLOWED && !defined UNCHECKED
// Where the file shows that references lie there.
DIRECT static void shown(void *p)
{
    long word = *(long *)p;
    may_collect();
    // CHECK-DAG: refuse-intrinsics.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs after a call that may collect
    _directstoreu_u64(p, (unsigned long)word);
}
DIRECT static void shown_line(void *p)
{
    long line[8] __attribute__((aligned(64)));
    _movdir64b(line, p);
    may_collect();
    // CHECK-DAG: refuse-intrinsics.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs after a call that may collect
    _movdir64b(p, line);
}
long show(node n)
{
    struct {
        node at[8];
    } __attribute__((aligned(64))) nodes = {{n, n, n, n, n, n, n, n}};
    shown(&nodes.at[1]);
    shown_line(&nodes);
    return nodes.at[1]->value;
}
#endif

#ifdef ALLOWED
// Each word that is written whole is looked at.
// ALLOWED-LABEL: @masked(
// ALLOWED-COUNT-4: call void @greywave_check_word
// ALLOWED: masked.store
AVX512 void masked(void *to, const void *from, unsigned char mask)
{
    __m256i words = _mm256_loadu_si256(from);
    may_collect();
    _mm256_mask_storeu_epi64(to, mask, words);
}

// What is read behind the call, calculated, or read where the type shows numbers.
// ALLOWED-LABEL: @fine(
// ALLOWED-NOT: call void @greywave_check_word
struct numbers {
    long at[4];
};
AVX512 void fine(void *to, const void *from, const struct numbers *numbers, node n)
{
    __m256i these = _mm256_loadu_si256((const __m256i *)numbers->at), sum = _mm256_add_epi64(these, _mm256_loadu_si256(from));
    may_collect();
    _mm256_mask_compressstoreu_epi64(to, 3, _mm256_loadu_si256(from));
    _mm256_mask_compressstoreu_epi64(to, 3, these);
    _mm256_mask_compressstoreu_epi64(to, 3, sum);
    n->value = 1;
}
// ALLOWED-LABEL: @last(
void last(void)
{
}
#endif

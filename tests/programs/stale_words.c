/* The bits of a reference, read as a number before a collection and written behind it, one variant after another. Where the file shows
 * that a reference lies there the compiler refuses it, at every level; the rest is found when the program runs. */
#include "check.h"
#include <immintrin.h>
#include <sys/types.h>

#define AVX __attribute__((target("avx2")))
#define APART __attribute__((noinline))

struct shown {
    int64_t number;
    struct node GW *node;
};
typedef int64_t pair __attribute__((vector_size(16)));

static void *volatile place; /* where nobody looks for what it leads to */

#if VARIANT == 1
/* variant 1: stale. A pointer out of memory, in a loop. */
APART static void rewrite(struct shown *shown)
{
    place = &shown->node;
    int64_t *p = place;
    for (int i = 0; i < 2; i++) {
        int64_t word = *p;
        churn();
        *p = word;
    }
}
#elif VARIANT == 2
/* variant 2: stale. By a pointer to a function, as a number that is kept beside others. */
APART static void exchange(int64_t *a, int64_t *b)
{
    int64_t first = *a, second = *b;
    churn();
    *a = second;
    *b = first;
}
void (*exchanges)(int64_t *, int64_t *) = exchange; /* another file may set it */
static void rewrite(struct shown *shown)
{
    exchanges((int64_t *)&shown[0].node, (int64_t *)&shown[1].node);
}
#elif VARIANT == 3
/* variant 3: stale. Two words at once. */
APART static void rewrite(struct shown *shown)
{
    place = shown;
    pair *p = place, both = *p;
    churn();
    *p = both;
}
#elif VARIANT == 4
/* variant 4: stale. As a plain pointer, and a reference in a global variable. */
static struct node GW *global;
APART static void rewrite(struct shown *shown)
{
    global = shown->node;
    place = &global;
    void **p = place, *word = *p;
    churn();
    *p = word;
}
#elif VARIANT == 5
/* variant 5: refused. The only caller shows the reference. */
APART static void rewrite(struct shown *shown)
{
    for (int64_t *p = (int64_t *)shown; p < (int64_t *)(shown + 2); p++) {
        int64_t word = *p;
        churn();
        *p = word;
    }
}
#elif VARIANT == 6
/* variant 6: fine. Numbers, at the same kind of place; and a reference, with nothing in between that collects. */
APART static void rewrite(struct shown *shown)
{
    place = &shown->number;
    int64_t *p = place, word = *p;
    churn();
    *p = word;
    place = &shown->node;
    p = place;
    churn();
    word = *p;
    *p = word;
}
#elif VARIANT == 7
/* variant 7: stale. By memcpy. */
APART static void rewrite(struct shown *shown)
{
    place = &shown->node;
    int64_t word = (int64_t)(uintptr_t)shown->node;
    churn();
    memcpy(place, &word, sizeof word);
}
#elif VARIANT == 8
/* variant 8: stale. By assignment of a struct, behind a number. */
APART static void rewrite(struct shown *shown)
{
    struct {
        int64_t number, word;
    } both = {1, (int64_t)(uintptr_t)shown->node}, *p;
    place = shown;
    churn();
    p = place;
    *p = both;
}
#elif VARIANT == 9
/* variant 9: stale. Put into a word that is null. */
APART static void rewrite(struct shown *shown)
{
    place = &shown->node;
    int64_t word = (int64_t)(uintptr_t)shown->node, *p;
    shown->node = NULL;
    churn();
    p = place;
    __atomic_fetch_or(p, word, __ATOMIC_SEQ_CST);
}
#elif VARIANT == 10
/* variant 10: fine. The number of before is overwritten by that of the moment, or lies beside it. */
APART static void rewrite(struct shown *shown)
{
    struct {
        int64_t number, word;
    } both = {(int64_t)(uintptr_t)shown->node, (int64_t)(uintptr_t)shown->node}, *p;
    int64_t word = both.word;
    place = &shown->node;
    churn();
    word = (int64_t)(uintptr_t)shown->node;
    memcpy(place, &word, sizeof word);
    place = shown;
    p = place;
    both.word = (int64_t)(uintptr_t)shown->node;
    *p = both;
    shown->number = 1;
}
#elif VARIANT == 11
/* variant 11: stale. By a masked store of a vector. */
APART AVX static void rewrite(struct shown *shown)
{
    place = shown;
    __m256i all = _mm256_set1_epi64x(-1), words = _mm256_maskload_epi64(place, all);
    churn();
    _mm256_maskstore_epi64(place, all, words);
}
#elif VARIANT == 12
/* variant 12: stale. By a masked store of lanes of half a word, two of which are written. */
APART AVX static void rewrite(struct shown *shown)
{
    place = shown;
    __m256 words = _mm256_loadu_ps(place);
    churn();
    _mm256_maskstore_ps(place, _mm256_set_epi32(0, 0, 0, 0, -1, -1, 0, 0), words);
}
#elif VARIANT == 13
/* variant 13: stale. By a masked store of bytes. */
APART static void rewrite(struct shown *shown)
{
    place = shown;
    __m128i bytes = _mm_loadu_si128(place);
    churn();
    _mm_maskmoveu_si128(bytes, _mm_set1_epi8(-1), place);
}
#elif VARIANT == 14
/* variant 14: fine. The masks leave out what is a reference: the rest are numbers. */
APART AVX static void rewrite(struct shown *shown)
{
    place = shown;
    __m256i words = _mm256_loadu_si256(place);
    __m128i bytes = _mm_loadu_si128(place);
    churn();
    _mm256_maskstore_epi64(place, _mm256_set_epi64x(0, -1, 0, -1), words);
    _mm256_maskstore_epi32(place, _mm256_set_epi32(0, 0, 0, 0, 0, 0, -1, -1), words);
    _mm_maskmoveu_si128(bytes, _mm_set_epi64x(0, -1), place);
}
#elif VARIANT == 15
/* variant 15: stale. Read by assembler, at an address in a register. */
APART static void rewrite(struct shown *shown)
{
    place = &shown->node;
    int64_t word;
    __asm__ volatile("movq (%1), %0" : "=r"(word) : "r"(place) : "memory");
    churn();
    *(int64_t *)place = word;
}
#elif VARIANT == 16
/* variant 16: refused. The same, where the file shows the reference. */
APART static void rewrite(struct shown *shown)
{
    int64_t word;
    __asm__ volatile("movq 8(%1), %0" : "=r"(word) : "r"(shown) : "memory");
    churn();
    int64_t *words = (int64_t *)shown;
    words[1] = word;
}
#elif VARIANT == 17
/* variant 17: refused. Copied by assembler to a buffer, and by memcpy from there. */
APART static void rewrite(struct shown *shown)
{
    int64_t words[2], *to = words, count = 2;
    struct shown *from = shown;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    churn();
    memcpy((void *)shown, words, sizeof words);
}
#elif VARIANT == 18
/* variant 18: fine. Assembler that reads what is none of ours, or what it reads is compared. */
APART static void rewrite(struct shown *shown)
{
    static int64_t lock, words[2];
    struct {
        int64_t word, times;
    } mine = {0, 0}, *taken = &mine;
    int64_t low, high, old = 1;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    __asm__ volatile("xchgq %0, (%1)" : "+r"(old) : "r"(&lock) : "memory");
    __asm__ volatile("movq %1, (%0)" : : "r"(&taken->word), "r"(old) : "memory");
    churn();
    place = words;
    ((int64_t *)place)[0] = low;
    ((int64_t *)place)[1] = old;
    shown->number += old + mine.word;
    __asm__ volatile("lock; addq $0, (%%rsp)" : : : "memory", "cc");
}
#elif VARIANT == 19
/* variant 19: stale. By the library's functions for atomic structs. */
APART static void rewrite(struct shown *shown)
{
    struct four {
        int64_t word[4];
    } words;
    place = shown;
    __atomic_load((struct four *)place, &words, __ATOMIC_SEQ_CST);
    churn();
    __atomic_store((struct four *)place, &words, __ATOMIC_SEQ_CST);
}
#elif VARIANT == 20
/* variant 20: refused. The same by exchange, where the file shows the references. */
APART static void rewrite(struct shown *shown)
{
    struct four {
        int64_t word[4];
    } none = {{1}}, words;
    __atomic_exchange((struct four *)shown, &none, &words, __ATOMIC_SEQ_CST);
    churn();
    __atomic_compare_exchange((struct four *)shown, &none, &words, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
#elif VARIANT == 21
/* variant 21: stale. With the bytes of each pair exchanged, twice. */
void swab(const void *restrict from, void *restrict to, ssize_t bytes);
APART static void rewrite(struct shown *shown)
{
    char bytes[32];
    place = shown;
    swab(place, bytes, sizeof bytes);
    churn();
    swab(bytes, place, sizeof bytes);
}
#elif VARIANT == 22
/* variant 22: fine. Read again behind what collects; and numbers by the same functions. */
APART static void rewrite(struct shown *shown)
{
    struct two {
        int64_t word[2];
    } *numbers = malloc(sizeof *numbers), words;
    struct four {
        int64_t word[4];
    } all;
    numbers->word[0] = 1;
    __atomic_load(numbers, &words, __ATOMIC_SEQ_CST);
    place = shown;
    churn();
    __atomic_load((struct four *)place, &all, __ATOMIC_SEQ_CST);
    __atomic_store((struct four *)place, &all, __ATOMIC_SEQ_CST);
    __atomic_store(numbers, &words, __ATOMIC_SEQ_CST);
    CHECK(numbers->word[0] == 1);
    free(numbers);
}
#elif VARIANT == 23
/* variant 23: stale. Read by a function that is handed the address. */
APART static int64_t word_at(const void *p)
{
    return *(const int64_t *)p;
}
APART static void rewrite(struct shown *shown)
{
    place = &shown->node;
    int64_t word = word_at(place);
    churn();
    *(int64_t *)place = word;
}
#elif VARIANT == 24
/* variant 24: stale. Stored into an object, of which nothing is known either. */
struct cell {
    struct node GW *node;
};
GW_TYPE(cell, struct cell);
APART static void store(void GW *object)
{
    int64_t word = *(int64_t *)place;
    churn();
    *(int64_t GW *)object = word;
}
static void rewrite(struct shown *shown)
{
    struct cell GW *cell = gw_new(cell);
    place = &shown->node;
    store(cell);
    CHECK(cell->node->value == 7);
}
#elif VARIANT == 25
/* variant 25: fine. The same with a number, and with what is read again. */
struct cell {
    struct node GW *node;
    int64_t number;
};
GW_TYPE(cell, struct cell);
APART static void store(char GW *object)
{
    place = &(int64_t){9};
    int64_t number = *(int64_t *)place;
    churn();
    *(int64_t GW *)(object + 8) = number;
}
static void rewrite(struct shown *shown)
{
    struct cell GW *cell = gw_new(cell);
    cell->node = shown->node;
    store((char GW *)cell);
    churn();
    CHECK(cell->node->value == 7 && cell->number == 9);
}
#elif VARIANT == 26
/* variant 26: stale. In a struct of one number, passed by value: the compiler reads it as its field. */
struct one {
    int64_t word;
};
APART static void put(void *to, struct one one)
{
    churn();
    *(struct one *)to = one;
}
static void rewrite(struct shown *shown)
{
    place = &shown->node;
    put(place, *(struct one *)place);
}
#elif VARIANT == 27
/* variant 27: stale. In a struct that is passed in memory. */
struct three {
    int64_t words[3];
};
APART static void put(void *to, struct three three)
{
    churn();
    *(struct three *)to = three;
}
static void rewrite(struct shown *shown)
{
    place = shown;
    put(place, *(struct three *)place);
}
#elif VARIANT == 28
/* variant 28: fine. Numbers in such structs; and references, with nothing in between that collects. */
struct one {
    int64_t word;
};
struct three {
    int64_t words[3];
};
APART static void put(void *to, struct one one, struct three three)
{
    churn();
    *(struct one *)to = one;
    ((struct one *)to)->word += three.words[2] - three.words[0];
}
APART static void put_at_once(void *to, struct three three)
{
    *(struct three *)to = three;
}
static void rewrite(struct shown *shown)
{
    struct three three = {{7, 8, 7}};
    place = shown;
    put(place, *(struct one *)place, three);
    put_at_once(place, *(struct three *)place);
}
#elif VARIANT == 29
/* variant 29: fine. A number that is an object's address, as keys of tables are, written to a number in an object that shows nothing. */
struct key {
    int64_t number;
    struct node GW *node;
};
GW_TYPE_FIELDS(key, struct key, node);
static struct key GW *key;
APART static void copy_number(void GW *to, const int64_t *from)
{
    int64_t word = *from;
    churn();
    *(int64_t GW *)to = word;
}
static void rewrite(struct shown *shown)
{
    static int64_t number;
    key = gw_new(key);
    key->node = shown->node;
    number = (int64_t)(uintptr_t)key->node;
    place = &number;
    copy_number(key, place);
    CHECK(key->number == number);
}
#endif

int main(void)
{
    start("stress=alloc+move,poison=1,verify=1");
    struct shown shown[2] = {{1, node_make(7, NULL)}, {2, node_make(7, NULL)}};
    rewrite(shown);
    churn();
    CHECK(shown[0].node->value == 7 && shown[1].node->value == 7 && shown[0].number == 1);
    return 0;
}

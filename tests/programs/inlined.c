/* What the optimiser uncovers by inlining and by moving code about. Each of these is accepted in front of it, and so must be right
 * behind it, at every level and whichever module the parts come from. */
#include "check.h"
#include "inlined_parts.h"
#ifndef PARTS_APART
#include "inlined_parts.c"
#endif

#define APART __attribute__((noinline))

struct text {
    struct node GW *owner;
    char letters[32];
};
GW_TYPE(text, struct text);

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

static struct text GW *text_make(void)
{
    struct text GW *text = gw_new(text);
    CHECK(text);
    for (size_t i = 0; i < sizeof alphabet; i++) text->letters[i] = alphabet[i];
    return text;
}

GW_NOCOLLECT APART static long look(const char *text, long i)
{
    return text[i];
}

/* ---- Moved ------------------------------------------------------------------------------------------------------------- */

/* The choice does not change in the loop, and is made in front of it: the address would be that of before the first collection. */
APART static long choices_in_loops(struct text GW *text, long rounds)
{
    long sum = 0;
    for (long i = 0; i < rounds; i++) {
        node_make(i, NULL);
        sum += look(rounds > 5 ? (const char *)text->letters : "ZZZ", i % 3);
    }
    return sum;
}

APART static long choices_with_distance(struct text GW *text, long rounds, long from)
{
    long sum = 0;
    for (long i = 0; i < rounds; i++) {
        const char *at = rounds > 5 ? (const char *)text->letters + from : alphabet;
        sum += look(at + 2, 0);
        node_make(i, NULL);
        churn();
        sum += look((rounds > 5 ? (const char *)text->letters + from : alphabet) + 3, 0);
    }
    return sum;
}

/* ---- Inlined ----------------------------------------------------------------------------------------------------------- */

APART static long jumps(struct text GW *text, uint64_t n)
{
    churn();
    long before = (long)jump(n);
    churn();
    return before + (long)jump(n - 1) + text->letters[1];
}

APART static long masked_moves(struct text GW *text)
{
    struct text GW *copy = gw_new(text);
    copy_lanes((char *)copy->letters, (const char *)text->letters);
    churn();
    return copy->letters[15] - text->letters[15];
}

APART static long addresses_that_come_back(struct text GW *text, long from)
{
    long sum = look(skip((const char *)text->letters, from), 1);
    churn();
    const char *at = skip((const char *)text->letters, from);
    if (*at == 'c') sum += look(at, 2);
    const char *found = strchr((const char *)text->letters, 'e');
    if (found) sum += *found;
    return sum;
}

APART static long addresses_that_are_kept(struct text GW *text)
{
    long sum = 0;
    for (int i = 0; i < 3; i++) {
        keep((const char *)text->letters);
        sum += kept_letter(i);
        churn();
    }
    struct slice slice = slice_of((const char *)text->letters, 3);
    for (long i = 0; i < slice.length; i++) sum += slice.from[i];
    return sum;
}

/* What is made of an address by functions that read no memory: the optimiser would join two such calls, or move one over a collection. */
static uintptr_t number_behind(const void *at)
{
    return (uintptr_t)at + 8;
}
static bool is_odd(const void *at)
{
    return (uintptr_t)at >> 4 & 1;
}
APART static bool is_before(const void *at, const void *other)
{
    return at < other;
}
static long distance(const char *at, const char *other)
{
    return at - other;
}
static struct ends {
    const char *begin, *end;
} ends_of(const char *begin, long length)
{
    return (struct ends){begin, begin + length};
}
char *aligned(const void *at, long words)
{
    return (char *)(((uintptr_t)at & ~(uintptr_t)7) + 8 * (uintptr_t)words);
}

static bool numbers_agree(struct text GW *text, struct text GW *other)
{
    uintptr_t number = (uintptr_t)text, another = (uintptr_t)other;
    return number_behind((const void *)text) == number + 8 && is_odd((const void *)text) == (number >> 4 & 1) &&
           is_before((const void *)text, (const void *)other) == (number < another) &&
           distance((const char *)text, (const char *)other) == (long)(number - another);
}

static bool pointers_agree(struct text GW *text)
{
    struct ends ends = ends_of((const char *)text->letters, 3);
    return *(const char *)number_behind((const void *)text) == 'a' && *ends.begin == 'a' && ends.end[-1] == 'c' &&
           *aligned((const void *)text, 1) == 'a';
}

APART static int addresses_that_are_looked_at(struct text GW *text, struct text GW *other, int rounds)
{
    int agree = 0;
    for (int i = 0; i < rounds; i++) {
        agree += numbers_agree(text, other);
        agree += pointers_agree(text);
        node_make(i, NULL);
        if (i == 2) churn();
    }
    return agree;
}

APART static int64_t words_beside_references(struct text GW *text, uint64_t word)
{
    struct {
        uint64_t number;
        struct text GW *text;
    } both = {0, text};
    set_word(&both.number, word);
    churn();
    return (int64_t)both.number + both.text->letters[0];
}

APART static int jumps_back(struct text GW *text, int value)
{
    churn();
    int back = there_and_back(value);
    churn();
    return back + text->letters[0];
}

int main(void)
{
    start(NULL);
    struct text GW *text = text_make();
    CHECK(choices_in_loops(text, 3) == 3 * 'Z');
    CHECK(choices_in_loops(text, 9) == 3 * ('a' + 'b' + 'c'));
    CHECK(choices_with_distance(text, 2, 1) == 2 * ('c' + 'd'));
    CHECK(choices_with_distance(text, 6, 1) == 6 * ('d' + 'e'));
    CHECK(jumps(text, 1) == 1 + 0 + 'b');
    CHECK(masked_moves(text) == 0);
    CHECK(addresses_that_come_back(text, 2) == 'd' + 'e' + 'e');
    CHECK(addresses_that_are_kept(text) == 2 * ('a' + 'b' + 'c'));
    CHECK(addresses_that_are_looked_at(text, text_make(), 6) == 12);
    CHECK(words_beside_references(text, 7) == 7 + 'a');
    CHECK(jumps_back(text, 3) == 3 + 'a');
    printf("inlined: right\n");
    return 0;
}

#include "inlined_parts.h"
#include <emmintrin.h>
#include <setjmp.h>

static const char *kept_text;
static jmp_buf way_back;

PART uint64_t jump(uint64_t n)
{
    __asm__ goto("test %0, %0; jz %l1" : : "r"(n) : "cc" : zero);
    return n;
zero:
    return 0;
}

PART void copy_lanes(char *to, const char *from)
{
    _mm_maskmoveu_si128(_mm_loadu_si128((const __m128i *)from), _mm_set1_epi8(-1), to);
}

PART const char *skip(const char *text, long letters)
{
    return text + letters;
}

PART void keep(const char *text)
{
    kept_text = text;
}

PART long kept_letter(long i)
{
    return kept_text[i];
}

PART struct slice slice_of(const char *text, long length)
{
    return (struct slice){text, length};
}

PART void set_word(uint64_t *to, uint64_t word)
{
    *to = word;
}

PART int there_and_back(int value)
{
    int back = setjmp(way_back);
    if (!back && value) longjmp(way_back, value);
    return back;
}

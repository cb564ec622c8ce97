/* Arrays of lengths that the program computes, from none to more than inline code allocates: each is clear, knows its length, and leaves
 * its neighbours alone. Prints how many were right. */
#include "check.h"
#include <stdbool.h>

struct text {
    uint64_t length;
    char bytes[];
};
GW_TYPE_BYTES(text, struct text, length, bytes);

struct list {
    uint64_t length;
    struct text GW *at[];
};
GW_TYPE_REFERENCES(list, struct list, length, at);

struct row {
    struct text GW *name;
    long number;
    struct text GW *note;
};
struct rows {
    struct text GW *title;
    uint64_t count;
    struct row row[];
};
GW_TYPE_ARRAY(rows, struct rows, count, row);

#define APART __attribute__((noinline))

static int right;

static bool is_clear(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i]) return false;
    return true;
}

/* Its bytes are its own: neighbours that are cleared or written later change nothing. */
APART static struct text GW *make_text(size_t length)
{
    struct text GW *text = gw_new_array(text, length);
    CHECK(text->length == length && is_clear((const char *)text->bytes, length));
    for (size_t i = 0; i < length; i++) text->bytes[i] = (char)(length + i + 1);
    right++;
    return text;
}

APART static void check_text(const struct text GW *text, size_t length)
{
    CHECK(text->length == length);
    for (size_t i = 0; i < length; i++) CHECK(text->bytes[i] == (char)(length + i + 1));
}

APART static struct list GW *make_list(size_t length)
{
    struct list GW *list = gw_new_array(list, length);
    CHECK(list->length == length);
    for (size_t i = 0; i < length; i++) CHECK(!list->at[i]);
    for (size_t i = 0; i < length; i++) list->at[i] = make_text(i);
    for (size_t i = 0; i < length; i++) check_text(list->at[i], i);
    right++;
    return list;
}

APART static void make_rows(size_t count)
{
    struct rows GW *rows = gw_new_array(rows, count);
    CHECK(rows->count == count && !rows->title);
    for (size_t i = 0; i < count; i++) CHECK(!rows->row[i].name && !rows->row[i].number && !rows->row[i].note);
    rows->title = make_text(count);
    if (count) rows->row[count - 1].note = rows->title;
    check_text(count ? rows->row[count - 1].note : rows->title, count);
    right++;
}

/* Lengths with which the size overflows, to something small for some of them. */
APART static int too_large(void)
{
    static const size_t lengths[] = {SIZE_MAX,          SIZE_MAX / 8,    SIZE_MAX / 8 - 1, SIZE_MAX / 8 + 1,
                                     SIZE_MAX / 24 + 1, (size_t)1 << 61, (size_t)1 << 63};
    int refused = 0;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        refused += !gw_new_array(list, lengths[i]) && !gw_new_array(rows, lengths[i]);
    return refused;
}

int main(void)
{
    start("max-heap=64m");
    static const size_t lengths[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 23, 61, 62, 63, 64, 495, 496, 497, 504, 505, 512, 513, 4096};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct text GW *before = make_text(5), *text = make_text(lengths[i]), *after = make_text(6);
        check_text(before, 5);
        check_text(text, lengths[i]);
        check_text(after, 6);
        if (lengths[i] <= 64) make_list(lengths[i]), make_rows(lengths[i]);
    }
    CHECK(too_large() == 7);
    CHECK(gw_verify() == GW_OK);
    printf("unsized_arrays: %d right\n", right);
    return 0;
}

/* gw_sort: sorts, keeps equals in their order, and compares only elements that are all in their places. */
#include <criterion/criterion.h>
#include <greywave/greywave.h>
#include <stdlib.h>
#include <string.h>

struct element {
    int key, order;
    char rest[24];
};

static struct element *elements;
static size_t count;
static long sum;

static long sum_of_orders(void)
{
    long total = 0;
    for (size_t i = 0; i < count; i++) total += elements[i].order;
    return total;
}

/* Every element is in the array exactly once whenever the comparison runs. */
static int compare(const void *a, const void *b)
{
    const struct element *left = a, *right = b;
    cr_assert(left >= elements && left < elements + count && right >= elements && right < elements + count);
    if (count <= 64) cr_assert(sum_of_orders() == sum);
    return (left->key > right->key) - (left->key < right->key);
}

static void sort_and_check(size_t length, int keys, unsigned seed)
{
    struct element array[600];
    elements = array, count = length;
    srand(seed);
    for (size_t i = 0; i < length; i++)
        array[i] = (struct element){keys > 0 ? rand() % keys : (int)i * (keys ? -1 : 1), 1 << (i % 30), "rest"};
    if (length > 30)
        for (size_t i = 0; i < length; i++) array[i].order = (int)i;
    sum = sum_of_orders();
    gw_sort(array, length, sizeof *array, compare);
    for (size_t i = 0; i < length; i++) cr_assert(strcmp(array[i].rest, "rest") == 0);
    for (size_t i = 1; i < length; i++) {
        cr_assert(array[i - 1].key <= array[i].key, "length %zu keys %d seed %u", length, keys, seed);
        if (array[i - 1].key == array[i].key)
            cr_assert(array[i - 1].order < array[i].order, "equals change places: length %zu keys %d seed %u", length, keys, seed);
    }
}

Test(sort, random_arrays_of_every_small_length)
{
    for (unsigned seed = 1; seed <= 20; seed++)
        for (size_t length = 0; length < 70; length++) sort_and_check(length, 1 + (int)(seed % 7) * 5, seed);
}

Test(sort, long_arrays)
{
    for (unsigned seed = 1; seed <= 10; seed++) sort_and_check(600, 100, seed);
}

Test(sort, sorted_and_reversed)
{
    for (size_t length = 0; length < 70; length++) {
        sort_and_check(length, 0, 1);
        sort_and_check(length, -1, 1);
    }
}

static int compare_with_data(const void *a, const void *b, void *data)
{
    ++*(int *)data;
    return *(const char *)a - *(const char *)b;
}

Test(sort, elements_of_odd_size_and_data)
{
    char text[][3] = {"zz", "ab", "mm", "aa", "kk"};
    int comparisons = 0;
    gw_sort_r(text, 5, 3, compare_with_data, &comparisons);
    cr_assert(strcmp(text[0], "ab") == 0 && strcmp(text[1], "aa") == 0 && strcmp(text[4], "zz") == 0);
    cr_assert(comparisons > 0);
}

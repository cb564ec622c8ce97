/* The queens puzzle on lists, as in Gabriel's Lisp benchmarks: rows to try, rows tried, rows taken. Stresses small
 * lists that share their tails, and recursion with three references a frame. */
#include "program.h"

struct cell {
    struct cell GW *next;
    long row;
};
GW_TYPE_FIELDS(cell, struct cell, next);

static inline struct cell GW *cons(long row, struct cell GW *next)
{
    struct cell GW *cell;
    GW_CALL(cell = gw_new(cell), next);
    cell->row = row;
    GW_STORE(cell, next, next);
    return cell;
}

static struct cell GW *append(const struct cell GW *list, struct cell GW *rest)
{
    if (!list) return rest;
    struct cell GW *tail;
    GW_CALL(tail = append(list->next, rest), list);
    return cons(list->row, tail);
}

static bool is_safe(long row, const struct cell GW *taken)
{
    for (long distance = 1; taken; taken = taken->next, distance++)
        if (taken->row == row || taken->row == row + distance || taken->row == row - distance) return false;
    return true;
}

static long count_solutions(struct cell GW *untried, struct cell GW *tried, struct cell GW *taken)
{
    if (!untried) return tried ? 0 : 1;
    long count = 0;
    struct cell GW *left, *more;
    if (is_safe(untried->row, taken)) {
        GW_CALL(left = append(untried->next, tried), untried, tried, taken);
        GW_CALL(more = cons(untried->row, taken), untried, tried, taken, left);
        GW_CALL(count = count_solutions(left, NULL, more), untried, tried, taken);
    }
    GW_CALL(more = cons(untried->row, tried), untried, taken);
    return count + count_solutions(untried->next, more, taken);
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 13, 16);
    uint64_t started = memory_start();
    struct cell GW *rows = NULL;
    for (long row = size; row > 0; row--) rows = cons(row, rows);
    printf("%ld queens: %ld solutions\n", size, count_solutions(rows, NULL, NULL));
    return memory_finish(started);
}

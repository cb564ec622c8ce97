/* An interpreter as translators write them, for --roots=asm: a table of labels that GCC puts behind all functions of the file,
 * a switch in one of its instructions, references in registers, in an array on the stack and in a struct result. Prints sums. */
#include <greywave/greywave.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct cell {
    struct cell GW *car, *cdr;
    long number;
};
GW_TYPE_FIELDS(cell, struct cell, car, cdr);

struct pair {
    struct cell GW *first, *second;
    long count;
};

enum { HALT, PUSH, CONS, SUM, SWAP, LOOP, SPLIT, MANY };

static struct cell GW *cons(struct cell GW *car, struct cell GW *cdr, long number)
{
    struct cell GW *cell;
    GW_CALL(cell = gw_new(cell), car, cdr);
    GW_STORE(cell, car, car);
    GW_STORE(cell, cdr, cdr);
    cell->number = number;
    return cell;
}

static long sum(const struct cell GW *cell)
{
    long total = 0;
    for (; cell; cell = cell->cdr) total = total * 3 + cell->number + sum(cell->car);
    return total & 0xffffff;
}

__attribute__((noinline)) static struct pair split(struct cell GW *cell)
{
    struct pair pair = {NULL, NULL, 0};
    for (; cell; pair.count++) {
        GW_CALL(pair.first = cons(NULL, pair.first, cell->number), cell, pair.second);
        GW_CALL(pair.second = cons(pair.first, pair.second, pair.count), cell, pair.first);
        cell = cell->cdr;
    }
    return pair;
}

__attribute__((noinline)) static struct cell GW *list_of(struct cell GW *head, int count, ...)
{
    va_list list;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        int number = va_arg(list, int);
        head = cons(i % 2 ? head : NULL, head, number);
    }
    va_end(list);
    return head;
}

static long run(const unsigned char *code, long times)
{
    static const void *const labels[] = {&&halt, &&push, &&cons, &&sum, &&swap, &&loop, &&split, &&many};
    const unsigned char *start = code;
    struct cell GW *stack[4] = {NULL, NULL, NULL, NULL}, *top = NULL;
    long total = 0;
    goto *labels[*code++];
push:
    stack[3] = stack[2], stack[2] = stack[1], stack[1] = stack[0], stack[0] = top;
    GW_CALL(top = cons(NULL, NULL, *code), stack[0], stack[1], stack[2], stack[3]);
    code++;
    goto *labels[*code++];
cons:
    GW_CALL(top = cons(stack[0], top, total & 7), stack[0], stack[1], stack[2], stack[3]);
    goto *labels[*code++];
sum:
    total += sum(top);
    goto *labels[*code++];
swap:
    switch (*code++) {
    case 0: stack[0] = top; break;
    case 1: top = stack[1]; break;
    case 2: GW_CALL(stack[2] = cons(NULL, stack[3], 2), top, stack[0], stack[1], stack[3]); break;
    case 3: stack[3] = NULL; break;
    case 4: top = top ? top->cdr : NULL; break;
    case 5: GW_CALL(top = cons(top, top, 5), top, stack[0], stack[1], stack[2], stack[3]); break;
    default: abort();
    }
    goto *labels[*code++];
loop:
    if (--times > 0) code = start;
    goto *labels[*code++];
split: {
    struct pair pair;
    GW_CALL(pair = split(top), top, stack[0], stack[1], stack[2], stack[3]);
    GW_CALL(top = cons(pair.first, pair.second, pair.count), stack[0], stack[1], stack[2], stack[3]);
    goto *labels[*code++];
}
many:
    GW_CALL(top = list_of(top, 7, 1, 2, 3, 4, 5, 6, (int)total & 7), stack[0], stack[1], stack[2], stack[3]);
    goto *labels[*code++];
halt:
    return total + sum(top) + sum(stack[3]);
}

__attribute__((noinline)) static long sorted(long count)
{
    struct cell GW *chain = NULL;
    for (long i = 0; i < count; i++) {
        struct cell GW *rest = NULL;
        GW_CALL(rest = cons(chain, rest, i * 7 % 11), chain);
        chain = rest->number % 2 ? rest : chain;
    }
    return sum(chain);
}

int main(void)
{
    static const unsigned char code[] = {PUSH,  3,    PUSH, 5,    CONS, SWAP, 0, PUSH, 9, SWAP,  2,   SUM,  SWAP, 5,
                                         SPLIT, SWAP, 1,    MANY, SUM,  SWAP, 4, SWAP, 3, SPLIT, SUM, LOOP, HALT};
    if (gw_init(NULL) != GW_OK) return fprintf(stderr, "%s\n", gw_error_text()), 2;
    long total;
    GW_CALL(total = run(code, 12)); /* the first call, and no variable at it */
    printf("%ld\n", total);
    struct cell GW *kept = cons(NULL, NULL, 4);
    GW_CALL(total = sorted(40), kept);
    printf("%ld %ld\n", total, kept->number);
    return 0;
}

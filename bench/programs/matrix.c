/* Products of matrices whose elements are boxed numbers. Stresses arrays of references, large ones among them, and one
 * short-lived object for each step of the arithmetic. */
#include "program.h"

struct number {
    double value;
};
GW_TYPE_LEAF(number, struct number);

struct row {
    uint64_t length;
    struct number GW *at[];
};
GW_TYPE_REFERENCES(row, struct row, length, at);

struct matrix {
    uint64_t length;
    struct row GW *at[];
};
GW_TYPE_REFERENCES(matrix, struct matrix, length, at);

static inline struct number GW *box(double value)
{
    struct number GW *number = gw_new(number);
    number->value = value;
    return number;
}

static struct matrix GW *make_matrix(uint64_t size)
{
    struct matrix GW *matrix = gw_new_array(matrix, size);
    for (uint64_t i = 0; i < size; i++) {
        struct row GW *row;
        GW_CALL(row = gw_new_array(row, size), matrix);
        GW_STORE(matrix, at[i], row);
    }
    return matrix;
}

static void fill(struct matrix GW *matrix, struct random *random)
{
    for (uint64_t i = 0; i < matrix->length; i++) {
        struct row GW *row = matrix->at[i];
        for (uint64_t j = 0; j < row->length; j++) {
            struct number GW *number;
            GW_CALL(number = box((double)random_below(random, 10)), matrix, row);
            GW_STORE(row, at[j], number);
        }
    }
}

/* The sum is a new number after every step, as in a language that boxes all of them. */
static struct number GW *inner_product(struct row GW *row, struct matrix GW *matrix, uint64_t column)
{
    struct number GW *sum;
    GW_CALL(sum = box(0), row, matrix);
    for (uint64_t i = 0; i < row->length; i++) {
        struct number GW *next;
        double value = sum->value + row->at[i]->value * matrix->at[i]->at[column]->value;
        GW_CALL(next = box(value), row, matrix);
        memory_release(sum);
        sum = next;
    }
    return sum;
}

static struct matrix GW *product(struct matrix GW *a, struct matrix GW *b)
{
    struct matrix GW *result;
    GW_CALL(result = make_matrix(a->length), a, b);
    for (uint64_t i = 0; i < a->length; i++) {
        for (uint64_t j = 0; j < a->length; j++) {
            struct number GW *number;
            GW_CALL(number = inner_product(a->at[i], b, j), a, b, result);
            struct row GW *row = result->at[i];
            GW_STORE(row, at[j], number);
        }
    }
    return result;
}

/* Keeps the numbers small from one product to the next. */
static void reduce(struct matrix GW *matrix)
{
    for (uint64_t i = 0; i < matrix->length; i++)
        for (uint64_t j = 0; j < matrix->length; j++) {
            struct number GW *number = matrix->at[i]->at[j];
            number->value = (double)((long)number->value % 10);
        }
}

static void release(struct matrix GW *matrix)
{
#if MEMORY_EXPLICIT
    for (uint64_t i = 0; i < matrix->length; i++) {
        for (uint64_t j = 0; j < matrix->length; j++) memory_release(matrix->at[i]->at[j]);
        memory_release(matrix->at[i]);
    }
#endif
    memory_release(matrix);
    (void)matrix;
}

static long sum_of(const struct matrix GW *matrix)
{
    long sum = 0;
    for (uint64_t i = 0; i < matrix->length; i++)
        for (uint64_t j = 0; j < matrix->length; j++) sum = checksum(sum, (long)matrix->at[i]->at[j]->value);
    return sum;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 240, 4000);
    uint64_t started = memory_start();
    struct random random = {42};
    struct matrix GW *a, *b, *next;
    a = make_matrix((uint64_t)size);
    GW_CALL(fill(a, &random), a);
    GW_CALL(b = make_matrix((uint64_t)size), a);
    GW_CALL(fill(b, &random), a, b);
    for (int i = 0; i < 5; i++) {
        GW_CALL(next = product(a, b), b, a);
        reduce(next);
        release(a);
        a = next;
    }
    printf("%ld x %ld, checksum %ld\n", size, size, sum_of(a));
    release(a);
    release(b);
    return memory_finish(started);
}

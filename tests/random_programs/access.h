/* Fields that the program can reach from its variables. */
#ifndef GW_RANDOM_PROGRAMS_ACCESS_H
#define GW_RANDOM_PROGRAMS_ACCESS_H

#include "program.h"

struct access {
    const char *guard;  /* condition under which the field is there */
    const char *object; /* variable that refers to the object */
    const char *member; /* `f1`, `f2[i % 3].f0`, `at[i % r1->length]` */
    struct value value;
    bool bits;
    const char *ctype; /* of words */
};

/* A field of a collected object; `wanted.type` -1: of any type. False: none was found. */
bool find_access(struct program *program, struct value wanted, struct access *access);
/* A field of a plain struct in a local variable: `member` is the whole expression, there is no guard. */
bool find_part_access(struct program *program, struct value wanted, struct access *access);

#endif

/* Growable arrays. A vector is any struct with `at`, `count` and `room`; clearing keeps the memory for the next
 * function. */
#ifndef GW_ASMGCROOT_VECTOR_H
#define GW_ASMGCROOT_VECTOR_H

#include <stddef.h>

#define VECTOR(T)                                                                                                                          \
    struct {                                                                                                                               \
        T *at;                                                                                                                             \
        size_t count, room;                                                                                                                \
    }

/* `at`, with room for at least `count` items of `size` bytes. Ends the process when memory is exhausted. */
void *vector_grown(void *at, size_t *room, size_t count, size_t size);

/* The address of a new last item, whose bytes are undefined. */
#define vector_add(v)                                                                                                                      \
    ((v)->count < (v)->room ? &(v)->at[(v)->count++]                                                                                       \
                            : ((v)->at = vector_grown((v)->at, &(v)->room, (v)->count + 1, sizeof *(v)->at), &(v)->at[(v)->count++]))
#define vector_push(v, ...) ((void)(*vector_add(v) = (__VA_ARGS__)))
#define vector_clear(v) ((void)((v)->count = 0))
#define vector_free(v) (free((v)->at), (v)->at = NULL, (v)->count = (v)->room = 0)

#endif

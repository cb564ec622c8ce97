/* Native code, compiled without the plug-in, that stands between managed frames. */
#ifndef GW_PROGRAMS_NATIVE_H
#define GW_PROGRAMS_NATIVE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Calls visit(data, 0), visit(data, 1) and so on, and returns the sum of the results. */
long native_each(long count, long (*visit)(void *data, long i), void *data);
/* visit(data, depth) below `depth` native frames. */
long native_deep(long depth, long (*visit)(void *data, long i), void *data);

/* visit(two) with its words exchanged. */
struct native_two {
    void *a, *b;
};
struct native_two native_exchanged(struct native_two two, struct native_two (*visit)(struct native_two));
/* visit(one), which comes behind the last register for arguments. */
struct native_one {
    void *a;
};
struct native_one native_handed(long a, long b, long c, long d, long e, long f, long g, struct native_one one,
                                struct native_one (*visit)(struct native_one));

#ifdef __cplusplus
}
#endif

#endif

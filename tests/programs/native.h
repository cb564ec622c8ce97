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

#ifdef __cplusplus
}
#endif

#endif

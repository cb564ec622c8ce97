/* The library for callers without collected pointers. */
#ifdef __cplusplus
extern "C" {
#endif

long chain_sum(long count);
long next_value(long value);

#ifdef __cplusplus
}
#endif

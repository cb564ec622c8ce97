/* Runs one program and says what it cost: time, processor time, peak memory, and what it reported about its collector.
 * Owns nothing between runs. */
#ifndef GW_BENCH_MEASURE_H
#define GW_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

/* What a program reports through DEMO_STATS, see examples/demo/memory.h. */
struct collector_report {
    uint64_t minor_collections, major_collections;
    uint64_t longest_pause_ns;
    uint64_t peak_heap_bytes, live_bytes;
    uint64_t collecting_ns; /* of processor time that the collector says was its own */
    uint64_t allocated_bytes;
};

struct measurement {
    double wall, user, system; /* seconds, of the whole process */
    double peak_mb;            /* peak resident set, 2^20 bytes */
    uint64_t output_hash;      /* of everything the program wrote to standard output */
    bool reported;             /* `report` is valid */
    struct collector_report report;
};

/* Runs argv[0] (a path, or found in PATH) with no input and these settings ("NAME=value", ending with NULL; or NULL)
 * added to the environment. False, after a message on standard error, when it cannot be started or fails. Of what the
 * program itself says on standard error the first line is repeated. */
bool measure(char *const argv[], const char *const settings[], struct measurement *result);

/* Runs it under callgrind instead: how many instructions its main took, and what that called. Linking at start-up, which is most of
 * a small run, is not counted. */
bool measure_instructions(char *const argv[], const char *const settings[], double *instructions);

/* The processor that measured programs are pinned to, or -1 when they are not. */
int measure_pin(void);

#endif

/* For the C contestants: prints the line `version …` of the memory manager that this file was compiled for. */
#ifndef GW_BENCH_CONTEST_MEMORY_VERSION_H
#define GW_BENCH_CONTEST_MEMORY_VERSION_H

#include <stdio.h>

#if defined(CONTEST_MALLOC)
#include <gnu/libc-version.h>
extern int mi_version(void) __attribute__((weak)); /* there when mimalloc provides malloc */

static void print_version(void)
{
    if (mi_version) printf("version mimalloc %d.%d\n", mi_version() / 100, mi_version() % 100);
    else printf("version glibc %s\n", gnu_get_libc_version());
}
#elif defined(CONTEST_BOEHM)
#include <gc.h>

static void print_version(void)
{
    unsigned version = GC_get_version();
    printf("version bdwgc %u.%u.%u\n", version >> 16, version >> 8 & 255, version & 255);
}
#else
#include <greywave/greywave.h>

static void print_version(void)
{
    printf("version greywave %s\n", gw_version());
}
#endif

#endif

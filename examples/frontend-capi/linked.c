/* Linked with the object file that frontend-capi writes. An ordinary C program: its calls pass no references. */
#include <greywave/greywave.h>
#include <stdio.h>
#include <stdlib.h>

int64_t run(int64_t rounds);

int main(int argc, char **argv)
{
    if (gw_init(NULL) != GW_OK) return 2;
    printf("total %ld\n", (long)run(argc > 1 ? strtol(argv[1], NULL, 10) : 10));
    return 0;
}

/* Random damage to valid maps: the reader may accept or refuse, but reads nothing outside the bytes and accepts only
 * images that check. The seed is printed; GW_SEED repeats a run. */
#include "map_bytes.h"
#include "roots/map_reader.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 200000

static uint64_t state;

static uint64_t random_word(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void damage(uint8_t *bytes, size_t *size)
{
    for (uint64_t n = random_word() % 4 + 1; n && *size; n--) {
        size_t at = random_word() % *size;
        switch (random_word() % 5) {
        case 0: bytes[at] = (uint8_t)random_word(); break;
        case 1: bytes[at] ^= (uint8_t)(1u << random_word() % 8); break;
        case 2: bytes[at] = 0xff; break;
        case 3: memmove(bytes + at, bytes + at + 1, --*size - at); break;
        case 4: *size = at; break;
        }
    }
}

Test(map_mutation, given_random_damage_then_never_a_wrong_read, .timeout = 120)
{
    const char *seed = getenv("GW_SEED");
    state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL) * UINT64_C(0x9e3779b97f4a7c15) | 1;
    fprintf(stderr, "map_mutation: GW_SEED=%#llx\n", (unsigned long long)state);
    struct map_bytes sample = {.size = 0};
    put_sample(&sample, 0x10000, 0x20000);
    size_t accepted = 0;
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = sample.size;
        uint8_t *bytes = malloc(size);
        memcpy(bytes, sample.data, size);
        damage(bytes, &size);
        bytes = realloc(bytes, size ? size : 1);
        struct gw_image image = {0};
        gw_status status = gw_map_read_image(bytes, size, 0x10000, &image);
        if (status == GW_OK && gw_image_seal(&image) == GW_OK) {
            accepted++;
            cr_assert(gw_image_check(&image), "round %d", round);
        } else {
            cr_assert_eq(status == GW_OK ? GW_ERROR_MAP : status, GW_ERROR_MAP, "round %d", round);
        }
        gw_image_free(&image);
        free(bytes);
    }
    cr_assert_gt(accepted, 0);
}

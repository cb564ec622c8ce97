/* OCaml's library has no monotonic clock: nanoseconds, as an untagged integer. */
#include <caml/mlvalues.h>
#include <stdint.h>
#include <time.h>

intnat monotonic_clock(value unit);
value monotonic_clock_byte(value unit);

intnat monotonic_clock(value unit)
{
    (void)unit;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (intnat)now.tv_sec * 1000000000 + now.tv_nsec;
}

value monotonic_clock_byte(value unit)
{
    return Val_long(monotonic_clock(unit));
}

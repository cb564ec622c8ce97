/* Knows nothing of the collector. With link-time optimisation the functions that it calls come here, references and
 * all. */
#include "imported.h"

int main(void)
{
    long sum = 0;
    if (!imported_start()) return 1;
    for (long i = 0; i < 20; i++) sum += imported_made(i) + imported_last();
    return sum == 19 * 20 ? 0 : 2;
}

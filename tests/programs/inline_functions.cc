// Inline functions and variables with references, defined in two files: one copy's code, maps and roots are kept.
#include "inline_functions.h"

int main()
{
    start(NULL);
    for (int64_t i = 0; i < 6; i++) {
        CHECK(holder<3>::put(i) == i);
        CHECK(from_the_other_file(i) == i + 100);
        churn();
        CHECK(holder<3>::at[i % 3]->value == i + 100 && holder<3>::at[i % 3]->next->value == i);
        CHECK(shared_variable == holder<3>::at[i % 3]);
    }
    CHECK(remembered(7)->next == shared_variable);
    CHECK(gw_verify() == GW_OK);
    puts("inline functions: one of each");
    return 0;
}

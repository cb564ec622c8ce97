#include "../library/chain.h"
#include <cstdio>
#include <string>

int main()
{
    if (gw_init(nullptr) != GW_OK) return 2;
    struct link GW *first = chain_make(1000), *second = chain_make(10);
    long sum = 0;
    for (struct link GW *link = first; link; link = link->next) sum += link->value;
    struct gw_stats stats;
    gw_get_stats(&stats);
    std::string text =
        std::to_string(sum) + " " + std::to_string(second->value) + (stats.minor_collections >= 1000 ? " moved" : " not moved");
    std::puts(text.c_str());
}

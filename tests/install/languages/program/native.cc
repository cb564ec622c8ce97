#include "../library/native.h"
#include <cstdio>

int main()
{
    std::printf("%ld\n", chain_sum(1000));
}

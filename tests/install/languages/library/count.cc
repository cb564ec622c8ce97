#include "count.c"

// leaving.c by exception.
#include "leaving.c"

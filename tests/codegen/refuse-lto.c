// Link-time optimisation would run after statepoints are in place: the driver and the plug-in both refuse.
// RUN: refused %gwcc -flto -c %s -o %t 2>&1 | %filecheck --check-prefix=DRIVER %s
// DRIVER: gwcc: -flto: link-time optimisation is not supported
// RUN: refused %clang -flto -O0 -c %s -o %t 2>&1 | %filecheck --check-prefix=PLUGIN %s
// RUN: refused %clang -flto=thin -O2 -c %s -o %t 2>&1 | %filecheck --check-prefix=PLUGIN %s
// PLUGIN: greywave: link-time optimisation is not supported
#include <greywave/greywave.h>
void GW *identity(void GW *reference) { return reference; }

/* Calls what known.ll defines, once for each convention of calling. */
#include "check.h"

struct node GW *make(int64_t value, struct node GW *next) { return node_make(value, next); }
void collect(void) { churn(); }

#define EACH(X)                                                                                                        \
    X(ccc) X(fastcc) X(coldcc) X(tailcc) X(preserve_mostcc) X(preserve_allcc) X(preserve_nonecc) X(swiftcc)            \
    X(swifttailcc) X(win64cc) X(x86_64_sysvcc) X(x86_vectorcallcc) X(x86_regcallcc) X(x86_stdcallcc)                   \
    X(x86_fastcallcc) X(x86_thiscallcc) X(intel_ocl_bicc)
#define DECLARE(convention) int64_t call_##convention(struct node GW *, struct node GW *);
EACH(DECLARE)
int64_t attributes(struct node GW *, struct node GW *), contexts(struct node GW *, struct node GW *);
int64_t lanes(struct node GW *, struct node GW *), distances(struct node GW *, struct node GW *);
int64_t variables(struct node GW *, struct node GW *);

int main(void)
{
    start(NULL);
    struct node GW *a = node_make(2, NULL);
    struct node GW *b = node_make(5, a);
#define CALL(convention) CHECK(call_##convention(a, b) == 4225);
    EACH(CALL)
    CHECK(attributes(a, b) == 725);
    CHECK(contexts(a, b) == 525);
    CHECK(lanes(a, b) == 525);
    CHECK(variables(a, b) == 525);
    CHECK(distances(a, b) == 52);
    return 0;
}

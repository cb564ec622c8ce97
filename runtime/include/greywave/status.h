/* What calls answer when they fail. */
#ifndef GREYWAVE_STATUS_H
#define GREYWAVE_STATUS_H

#include <greywave/abi.h>

/* The runtime fills structs in as it lays them out itself. */
#define GW_LAID_OUT_(T, bytes)                                                                                                             \
    GW_STATIC_ASSERT(sizeof(T) == (bytes), "the runtime lays out " #T " otherwise: compile without -fshort-enums and -fpack-struct")

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* What a call answers. */
typedef enum gw_status {
    GW_OK = 0,
    GW_ERROR_OPTION,   /* unknown key, or a value out of range: gw_error_text names it */
    GW_ERROR_MEMORY,   /* the operating system refused memory, or the heap limit is reached */
    GW_ERROR_STATE,    /* not now: no heap attached, already attached, still in use */
    GW_ERROR_ARGUMENT, /* this value can never be right */
    GW_ERROR_MAP,      /* a module's maps are corrupt or of another version */
} gw_status;

/* The last failed call's complaint on this thread; "" when none. Valid until the next failing call. */
GW_NOCOLLECT const char *gw_error_text(void);
GW_NOCOLLECT const char *gw_version(void);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif

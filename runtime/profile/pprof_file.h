/* Profiles in pprof's format: profile.proto, gzipped. */
#ifndef GW_PROFILE_PPROF_FILE_H
#define GW_PROFILE_PPROF_FILE_H

#include "heap/samples.h"
#include <greywave/greywave.h>

/* Writes the file anew. GW_ERROR_ARGUMENT: it cannot be made or written, and is no more; GW_ERROR_MEMORY. */
gw_status gw_pprof_write(const struct gw_samples *samples, const char *path);

/* The same for a name of an option's file (heap/file_names.h), which heaps may share: what a second one adds counts with the first. */
gw_status gw_pprof_add(const struct gw_samples *samples, uint16_t file_name);

#endif

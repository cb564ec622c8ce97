#ifndef GW_BENCH_VERSIONS_H
#define GW_BENCH_VERSIONS_H

/* The first line of what a shell command prints, or "" when it fails: "clang-22 --version". Asked once, then
 * remembered; the text stays valid. */
const char *version_of(const char *command);

#endif

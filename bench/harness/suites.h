/* What `bench` runs over the programs of the catalogue. Each prints tables, keeps its results, and returns the exit
 * status; argv[0] is the benchmark's name. */
#ifndef GW_BENCH_SUITES_H
#define GW_BENCH_SUITES_H

int run_roots(int argc, char **argv);
int run_codegen(int argc, char **argv);
int run_compile(int argc, char **argv);
int run_peers(int argc, char **argv);
int run_sweep(int argc, char **argv);
int run_pauses(int argc, char **argv);
/* Keeps nothing. */
int run_against(int argc, char **argv);

#endif

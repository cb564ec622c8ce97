/* One runtime a process: two would each know half of the modules, and walk the other half's frames as native ones. */
#ifndef GW_ROOTS_ONLY_RUNTIME_H
#define GW_ROOTS_ONLY_RUNTIME_H

/* Ends the process with a message when another image brought a runtime of its own, linked statically or another copy of the
 * shared library. Runs whenever a runtime is loaded, and when a module registers from a constructor. */
void gw_require_only_runtime(void);

#endif

/* What is written of a heap at the latest when the process ends: snapshots and profiles by option, and what timelines have not written yet.
 */
#ifndef GW_API_PROCESS_END_H
#define GW_API_PROCESS_END_H

/* Any thread; once is enough. */
void gw_watch_end_of_process(void);

#endif

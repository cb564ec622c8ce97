/* Where the thread's state is, for code whose linker knows no thread-local symbols. */
#include <greywave/abi.h>

intptr_t gw_current_thread_offset;

/* The initial-exec model places the variable at the same distance from the thread pointer on every thread. */
__attribute__((constructor)) static void measure(void)
{
    char *thread_pointer;
    __asm__("movq %%fs:0, %0" : "=r"(thread_pointer));
    gw_current_thread_offset = (char *)&gw_current_thread - thread_pointer;
}

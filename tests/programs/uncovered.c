/* A function that a frame map covers, but whose call is not among the map's sites: the walk must end with a clear
 * message and not go on without that frame's roots. Native code, linked into uncovered_main.c's program. */
/* No sites; layout of a function record: docs/abi.md. The function is written in assembler so that its size is known.
 */
__asm__(".text\n"
        ".globl uncovered\n"
        ".type uncovered, @function\n"
        "uncovered:\n"
        "    .cfi_startproc\n"
        "    subq $8, %rsp\n"
        "    .cfi_def_cfa_offset 16\n"
        "    movl $1, %edi\n"
        "    call greywave_collect@PLT\n"
        "    addq $8, %rsp\n"
        "    .cfi_def_cfa_offset 8\n"
        "    ret\n"
        "    .cfi_endproc\n"
        "uncovered_end:\n"
        ".size uncovered, uncovered_end - uncovered\n"
        ".section gw_maps, \"ao\", @progbits, uncovered\n"
        ".byte 0x67\n"
        ".long uncovered - .\n"
        ".uleb128 uncovered_end - uncovered\n"
        ".uleb128 2\n" /* bytes that follow: flags and site count */
        ".uleb128 0\n"
        ".uleb128 0\n"
        ".text\n"
        ".section .note.GNU-stack, \"\", @progbits\n");

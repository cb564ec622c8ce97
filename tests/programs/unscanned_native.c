/* Native code for unscanned.c and native_tables.c, compiled without the plug-in. */
void *native_fill(void (*fill)(void **place));

void *native_fill(void (*fill)(void **place))
{
    void *variable = 0;
    fill(&variable);
    return variable;
}

void touch(void *memory);

void touch(void *memory)
{
    *(char *)memory = 0;
}

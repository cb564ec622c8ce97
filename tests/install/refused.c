/* greywave_run_pipeline hands back a module that it refuses, whatever handler of diagnostics the context has: none, when LLVM would end the
 * process, or one that is told. Afterwards the process compiles what is right. */
#include <greywave/llvm.h>
#include <llvm-c/Core.h>
#include <llvm-c/IRReader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "target datalayout = \"e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128\"\n"
                           "target triple = \"x86_64-pc-linux-gnu\"\n"
                           "declare void @use(ptr addrspace(1))\n"
                           "define void @f(ptr addrspace(1) %o) {\n";
static const char wrong[] = "  %p = getelementptr i8, ptr addrspace(1) %o, i64 8\n"
                            "  call void @use(ptr addrspace(1) %p)\n  ret void\n}\n";
static const char right[] = "  call void @use(ptr addrspace(1) %o)\n  ret void\n}\n";

static int told;

static void tell(LLVMDiagnosticInfoRef info, void *text)
{
    char *description = LLVMGetDiagInfoDescription(info);
    if (LLVMGetDiagInfoSeverity(info) == LLVMDSError && strstr(description, text)) told++;
    LLVMDisposeMessage(description);
}

static int run(LLVMContextRef context, const char *body)
{
    char text[2048], *error;
    snprintf(text, sizeof text, "%s%s", head, body);
    LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "module");
    LLVMModuleRef module;
    if (LLVMParseIRInContext(context, buffer, &module, &error)) abort();
    int status = greywave_run_pipeline(module, NULL, 2);
    LLVMDisposeModule(module);
    return status;
}

int main(void)
{
    LLVMContextRef context = LLVMContextCreate();
    int silent = run(context, wrong);
    LLVMContextSetDiagnosticHandler(context, tell, "a pointer into an object is passed to a function");
    int handled = run(context, wrong), fine = run(context, right);
    int kept = LLVMContextGetDiagnosticHandler(context) == tell;
    LLVMContextDispose(context);
    printf("%d %d %d, told %d, handler kept %d\n", silent, handled, fine, told, kept);
    return 0;
}

#include "versions.h"

#include <stdio.h>
#include <string.h>

enum { MOST_COMMANDS = 32 };

struct answer {
    char command[128], version[128];
};
static struct answer answers[MOST_COMMANDS];
static int answer_count;

static void ask(struct answer *answer)
{
    char line[sizeof answer->command + 16];
    snprintf(line, sizeof line, "%s 2>&1", answer->command);
    FILE *pipe = popen(line, "r");
    if (!pipe) return;
    if (!fgets(answer->version, sizeof answer->version, pipe)) *answer->version = '\0';
    answer->version[strcspn(answer->version, "\n")] = '\0';
    while (fgets(line, sizeof line, pipe)) continue;
    if (pclose(pipe)) *answer->version = '\0';
}

const char *version_of(const char *command)
{
    for (int i = 0; i < answer_count; i++)
        if (strcmp(answers[i].command, command) == 0) return answers[i].version;
    if (answer_count == MOST_COMMANDS) return "";
    struct answer *answer = &answers[answer_count++];
    snprintf(answer->command, sizeof answer->command, "%s", command);
    ask(answer);
    return answer->version;
}

#include "command_line.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_KEY = 256 /* no option has a letter */, DESCRIPTION_SIZE = 200, STATUS_WRONG_USE = 2 };

static void take_number(const struct known_option *option, const char *argument, struct argp_state *state)
{
    char *end;
    errno = 0;
    long number = strtol(argument, &end, 10);
    if (end == argument || *end || errno || number < option->least || number > option->most)
        argp_error(state, "--%s takes a number from %ld to %ld, not \"%s\"", option->name, option->least, option->most, argument);
    *option->number = number;
}

static void take_option(const struct known_option *option, char *argument, struct argp_state *state)
{
    if (option->number) take_number(option, argument, state);
    else if (option->text) *option->text = argument;
    else *option->flag = true;
}

static void take_word(const struct command_line *line, const char *word, struct argp_state *state)
{
    if (line->first_word) {
        *line->first_word = state->next - 1;
        state->next = state->argc;
    } else if (!line->take_word || !line->take_word(line->context, word)) {
        argp_error(state, "\"%s\" may not stand here", word);
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    const struct command_line *line = state->input;
    if (key == ARGP_KEY_ARG) return take_word(line, argument, state), 0;
    if (key < FIRST_KEY || key >= FIRST_KEY + (int)line->option_count) return ARGP_ERR_UNKNOWN;
    take_option(&line->options[key - FIRST_KEY], argument, state);
    return 0;
}

static void describe(const struct known_option *option, char description[DESCRIPTION_SIZE])
{
    if (option->number && *option->number < option->least)
        snprintf(description, DESCRIPTION_SIZE, "%s; %ld to %ld", option->what, option->least, option->most);
    else if (option->number)
        snprintf(description, DESCRIPTION_SIZE, "%s; %ld to %ld, default %ld", option->what, option->least, option->most, *option->number);
    else if (option->text) snprintf(description, DESCRIPTION_SIZE, "%s, default %s", option->what, *option->text ? *option->text : "none");
    else snprintf(description, DESCRIPTION_SIZE, "%s", option->what);
}

void command_line_read(const struct command_line *line, int argc, char **argv)
{
    struct argp_option options[MOST_OPTIONS + 1] = {0};
    char descriptions[MOST_OPTIONS][DESCRIPTION_SIZE], *documentation;
    if (line->option_count > MOST_OPTIONS || asprintf(&documentation, "%s\v%s", line->what, line->more ? line->more : "") < 0) abort();
    for (size_t i = 0; i < line->option_count; i++) {
        describe(&line->options[i], descriptions[i]);
        options[i] = (struct argp_option){
            .name = line->options[i].name, .key = FIRST_KEY + (int)i, .arg = line->options[i].argument, .doc = descriptions[i]};
    }
    const struct argp argp = {.options = options, .parser = parse, .args_doc = line->words, .doc = documentation};
    argp_err_exit_status = STATUS_WRONG_USE;
    argv[0] = (char *)(size_t)line->program;
    if (line->first_word) *line->first_word = argc;
    argp_parse(&argp, argc, argv, line->first_word ? ARGP_IN_ORDER : 0, NULL, (void *)(size_t)line);
    free(documentation);
}

#include "analysis.h"
#include "explain.h"
#include "map_file.h"
#include "source/second_return.h"
#include "source/summaries.h"

#include <stdlib.h>

struct analysis {
    const struct analysis_options *options;
    struct graph graph;
    struct frame frame;
    struct follow follow;
    struct maps maps;
    struct complaints complaints;
    FILE *explanation;
};

/* ---- One function ---------------------------------------------------------------------------------- */

static bool is_wanted(struct text name, const struct function *function)
{
    return name.size && text_equal(name, function->name);
}

static void explain(struct analysis *analysis, const struct analysed *analysed, const struct follow *follow)
{
    if (is_wanted(analysis->options->explain, analysed->function)) explain_text(analysis->explanation, analysed, follow);
    if (is_wanted(analysis->options->dot, analysed->function)) explain_dot(analysis->explanation, analysed, follow);
}

/* The whole way for a function with markers. */
static void follow_function(struct analysis *analysis, const struct analysed *analysed)
{
    const struct function *function = analysed->function;
    if (!graph_build(&analysis->graph, function, &analysis->complaints)) return;
    if (!frame_follow(&analysis->frame, &analysis->graph, function, &analysis->complaints)) return;
    bool followed = follow_markers(&analysis->follow, analysed);
    explain(analysis, analysed, &analysis->follow);
    if (followed) maps_add(&analysis->maps, analysed, &analysis->follow);
}

static void finished(void *context, struct source *source, struct function *function)
{
    struct analysis *analysis = context;
    struct analysed analysed = {source, function, &analysis->graph, &analysis->frame, &analysis->complaints};
    const struct analysis_options *options = analysis->options;
    check_second_returns(function, &analysis->complaints);
    bool wanted = options->all || is_wanted(options->explain, function) || is_wanted(options->dot, function);
    if (function->markers) {
        follow_function(analysis, &analysed);
    } else {
        if (wanted && graph_build(&analysis->graph, function, &analysis->complaints) &&
            frame_follow(&analysis->frame, &analysis->graph, function, &analysis->complaints))
            explain(analysis, &analysed, NULL);
        maps_add(&analysis->maps, &analysed, NULL);
    }
}

/* A function of a file without maps. */
static void finished_native(void *context, struct source *source, struct function *function)
{
    struct analysis *analysis = context;
    (void)source;
    check_second_returns(function, &analysis->complaints);
}

/* ---- One file -------------------------------------------------------------------------------------- */

static void free_analysis(struct analysis *analysis)
{
    graph_free(&analysis->graph);
    frame_free(&analysis->frame);
    follow_free(&analysis->follow);
    maps_free(&analysis->maps);
}

/* Text that is not what is assembled, so that its calls cannot be numbered. Without markers the file is native. */
static bool is_unsupported(struct analysis *analysis, const struct source *source)
{
    if (!source->unsupported.line) return false;
    if (source->has_markers)
        complain(
            &analysis->complaints, source->unsupported,
            "a file with references contains a directive under which the text is not what is assembled; leave it out of inline assembler");
    return true;
}

unsigned analyse(const char *name, struct text text, const struct analysis_options *options, FILE *out, FILE *explanation, FILE *complaints)
{
    struct analysis analysis = {.options = options, .complaints = {.file = name, .out = complaints}, .explanation = explanation};
    struct source source = {.text = text, .complaints = &analysis.complaints};
    char *body = NULL;
    size_t size = 0;
    analysis.maps.out = open_memstream(&body, &size);
    if (!analysis.maps.out) give_up("out of memory");
    summaries_make(&source);
    source_read(&source, is_unsupported(&analysis, &source) ? finished_native : finished, &analysis);
    if (fclose(analysis.maps.out) != 0) give_up("out of memory");
    if (!analysis.complaints.count) map_file_write(&analysis.maps, &source, (struct text){body, size}, out);
    free(body);
    source_free(&source);
    free_analysis(&analysis);
    return analysis.complaints.count;
}

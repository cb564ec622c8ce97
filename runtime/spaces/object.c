/* Questions about one object. */
#include "spaces/object.h"

#include "base/report.h"
#include "os/linux/memory.h"

#include <greywave/greywave.h>

size_t gw_length(const void *object)
{
    gw_refuse_null(object, "gw_length");
    uintptr_t ref = (uintptr_t)object;
    return gw_object_length(ref, gw_object_type(ref));
}

const struct gw_type *gw_type_of(const void *object)
{
    gw_refuse_null(object, "gw_type_of");
    return gw_object_type((uintptr_t)object);
}

void gw_trace_edge(struct gw_tracer *tracer, void *slot)
{
    gw_refuse_null(tracer, "gw_trace_edge");
    gw_refuse_null(slot, "gw_trace_edge");
    tracer->visit(tracer->context, slot);
}

void gw_call_trace(const struct gw_type *type, uintptr_t ref, struct gw_tracer *tracer)
{
    GW_MUST_RETURN("a trace function", type->trace((void *)ref, tracer));
}

static void trace_slot(void *context, uintptr_t *slot)
{
    struct gw_tracer *tracer = context;
    tracer->visit(tracer->context, slot);
}

static void trace_runs(uintptr_t ref, struct gw_tracer *tracer)
{
    const struct gw_type *type = gw_object_type(ref);
    gw_each_run(ref, gw_fixed_part(type), trace_slot, tracer);
    if (gw_elements_refer(type)) gw_each_element_field(ref, type, 0, gw_object_length(ref, type), trace_slot, tracer);
}

void gw_trace_runs(void *payload, struct gw_tracer *tracer)
{
    gw_refuse_null(payload, "gw_trace_runs");
    gw_refuse_null(tracer, "gw_trace_runs");
    trace_runs((uintptr_t)payload, tracer);
}

void gw_trace_tagged(void *payload, struct gw_tracer *tracer)
{
    gw_refuse_null(payload, "gw_trace_tagged");
    gw_refuse_null(tracer, "gw_trace_tagged");
    trace_runs((uintptr_t)payload, tracer);
}

void gw_call_destructor(const struct gw_type *type, uintptr_t ref)
{
    GW_MUST_RETURN("a destructor", type->destroy((void *)ref));
}

bool gw_is_static_object(uintptr_t ref)
{
    uint64_t header = 0;
    enum gw_peek peek = gw_peek(ref - GW_HEADER_SIZE, &header);
    if (peek == GW_PEEK_FORBIDDEN) return true;
    return peek == GW_PEEK_READ && (header & GW_HEADER_STATIC) && gw_header_is_plausible(header);
}

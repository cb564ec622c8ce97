# From protoc's text of a trace to a line for each span, inner ones first, as a reader draws them:
#
#     span <depth> <start> <end> <flow or -> <allocated or -> <promoted or -> <counters> <name>
#
# Says `unknown`, `stray` or `late` for what is no timeline: fields without a name, an end without a beginning, times that go back. At the end
# `open <depth>`, and `tracks <described> <used and not described>`.
/^packet \{/ { type = ""; name = ""; flow = allocated = promoted = "-"; counters = 0; track = ""; label = "" }
/^ *[0-9]+[:{ ]/ { print "unknown", $0 }
/^  timestamp:/ { ns = $2 }
/^  timestamp_clock_id:/ && $2 != 3 { print "unknown clock", $2 }
/^    type:/ { type = $2 }
/^    name:/ { name = $0; sub(/^ *name: /, "", name) }
/^    uuid:/ { described[$2] = 1; tracks++ }
/^    (track_uuid|extra_counter_track_uuids|extra_double_counter_track_uuids):/ { used[$2] = 1 }
/^    track_uuid:/ { track = $2 }
/^    flow_ids:/ { flow = $2 }
/^      name:/ { label = $0 }
/^      uint_value:/ { number = $2 }
/^      name:/ && /allocated/ { allocated = number }
/^      name:/ && /promoted/ { promoted = number }
/^    (extra_counter_values|extra_double_counter_values):/ { counters++ }
/^\}/ && type == "TYPE_SLICE_BEGIN" {
    if (ns < last[track]) print "late", ns
    last[track] = ns
    depth[track]++
    start[track, depth[track]] = ns
    names[track, depth[track]] = name
    flows[track, depth[track]] = flow
}
/^\}/ && type == "TYPE_SLICE_END" {
    if (ns < last[track]) print "late", ns
    last[track] = ns
    d = depth[track]
    if (!d) print "stray", ns
    else {
        print "span", d, start[track, d], ns, flows[track, d], allocated, promoted, counters, names[track, d]
        depth[track]--
    }
}
END {
    for (track in depth) if (depth[track]) print "open", depth[track]
    for (track in used) missing += !(track in described)
    print "tracks", tracks + 0, missing + 0
}

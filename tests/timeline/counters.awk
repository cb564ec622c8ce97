# From protoc's text of a trace to what is on tracks beside spans, a line each:
#
#     counter <ns> <bytes or value> <value> <name>, process <name>, thread <number> <name>
/^packet \{/ { uuid = ""; numbers = values = 0; process = "" }
/^  timestamp:/ { ns = $2 }
/^    uuid:/ { uuid = $2 }
/^    name:/ { name = $0; sub(/^ *name: "/, "", name); sub(/"$/, "", name); if (uuid) { names[uuid] = name; units[uuid] = "value" } }
/^      unit: 3/ { units[uuid] = "bytes" }
/^      process_name:/ { sub(/^ *process_name: "/, ""); sub(/"$/, ""); print "process", $0 }
/^      tid:/ { tid = $2 }
/^      thread_name:/ { sub(/^ *thread_name: "/, ""); sub(/"$/, ""); print "thread", tid, $0 }
/^    (extra_counter_track_uuids|extra_double_counter_track_uuids):/ { counters[++numbers] = $2 }
/^    (extra_counter_values|extra_double_counter_values):/ { value_of[++values] = $2 }
/^\}/ { for (i = 1; i <= values; i++) print "counter", ns, units[counters[i]], value_of[i], names[counters[i]] }

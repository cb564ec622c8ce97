# From protoc's text of a profile to its sums, a line for each function at the end of a sample's calls:
#
#     <function> <objects allocated> <bytes> <objects alive> <bytes>
#
# Says `bad` for numbers that nothing has, values that are too many or few, samples without labels, and addresses outside of their images.
function text(number) { return substr(line_of_text[number], 3, length(line_of_text[number]) - 4) }
/^[a-z_]+ \{/ { part = $1; id = name = first = ""; values = labels = 0; place = mapping = function_of = start = end = "" }
/^string_table:/ { sub(/^string_table: /, ""); line_of_text[texts++] = "x" $0 "x" }
/^ *[0-9]+[:{ ]/ { print "bad field", $0 }
part == "sample" && /^  location_id:/ { used[$2] = 1; if (first == "") first = $2 }
part == "sample" && /^  value:/ { value[values++] = $2 }
part == "sample" && /^    (str|num):/ { labels++ }
/^  id:/ { id = $2; if ((part, id) in seen) print "bad: twice", part, id; seen[part, id] = 1 }
part == "function" && /^  name:/ { name_of[id] = $2 }
part == "location" && /^  mapping_id:/ { mapping_of[id] = $2 }
part == "location" && /^  address:/ { address_of[id] = $2 }
part == "location" && /^    function_id:/ { function_at[id] = $2 }
part == "mapping" && /^  memory_start:/ { start_of[id] = $2 }
part == "mapping" && /^  memory_limit:/ { end_of[id] = $2 }
part == "sample" && /^\}/ {
    samples++
    if (values != 4 || labels != 2) print "bad: a sample of", values, "values and", labels, "labels"
    for (i = 0; i < 4; i++) sum[first, i] += value[i]
    firsts[first] = 1
}
END {
    if (texts && text(0) != "") print "bad: the first text is", text(0)
    for (at in used) if (!(at in address_of)) print "bad: no location", at
    for (at in mapping_of) {
        of = mapping_of[at]
        if (!(of in start_of)) print "bad: no mapping", of
        else if (address_of[at] < start_of[of] || address_of[at] >= end_of[of]) print "bad: outside its image", at
    }
    for (at in function_at) if (!(function_at[at] in name_of)) print "bad: no function", function_at[at]
    for (first in firsts) {
        name = text(name_of[function_at[first]])
        for (i = 0; i < 4; i++) total[name, i] += sum[first, i]
        names[name] = 1
    }
    for (name in names) printf "%s %d %d %d %d\n", name, total[name, 0], total[name, 1], total[name, 2], total[name, 3]
}

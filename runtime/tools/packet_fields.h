/* Protocol Buffers as they are read: the fields of one message after the other. What is damaged ends there, and is told. */
#ifndef GW_TOOLS_PACKET_FIELDS_H
#define GW_TOOLS_PACKET_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

/* The bytes of one message that are still to be read. */
struct message {
    const uint8_t *at, *end;
    bool bad;
};

struct field {
    unsigned number;
    uint64_t value;         /* of a number */
    struct message message; /* of bytes: a message or a text */
};

/* False at the end of the message, or where it is `bad`. */
bool next_field(struct message *message, struct field *field);

bool is_text(const struct message *message, const char *text);

/* Of a field of eight bytes that holds a real number. */
double field_as_double(const struct field *field);

#endif

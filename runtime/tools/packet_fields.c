#include "tools/packet_fields.h"

#include <stddef.h>
#include <string.h>

static uint64_t read_number(struct message *message)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && message->at < message->end; shift += 7) {
        uint8_t byte = *message->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    message->bad = true;
    return 0;
}

static uint64_t read_fixed(struct message *message, size_t bytes)
{
    uint64_t value = 0;
    if ((size_t)(message->end - message->at) < bytes) message->bad = true;
    else memcpy(&value, message->at, bytes);
    message->at = message->bad ? message->end : message->at + bytes;
    return value;
}

static struct message read_bytes(struct message *message)
{
    uint64_t length = read_number(message);
    message->bad |= length > (uint64_t)(message->end - message->at);
    if (message->bad) return (struct message){message->end, message->end, true};
    struct message inside = {message->at, message->at + length, false};
    message->at += length;
    return inside;
}

bool next_field(struct message *message, struct field *field)
{
    if (message->bad || message->at == message->end) return false;
    uint64_t tag = read_number(message);
    *field = (struct field){.number = (unsigned)(tag >> 3)};
    switch (tag & 7) {
    case 0: field->value = read_number(message); break;
    case 1: field->value = read_fixed(message, 8); break;
    case 2: field->message = read_bytes(message); break;
    case 5: field->value = read_fixed(message, 4); break;
    default: message->bad = true;
    }
    return !message->bad;
}

bool is_text(const struct message *message, const char *text)
{
    size_t length = (size_t)(message->end - message->at);
    return length == strlen(text) && memcmp(message->at, text, length) == 0;
}

double field_as_double(const struct field *field)
{
    double real;
    memcpy(&real, &field->value, sizeof real);
    return real;
}

/* Wire format: a field's number and kind, then a number in groups of seven bits, eight bytes, or so many bytes. */
#include "base/packets.h"

#include <string.h>

enum wire { WIRE_VARINT, WIRE_FIXED, WIRE_LENGTH };

#define LENGTH_BYTES 2 /* of an open message's length: two groups, whatever they turn out to hold */

static void put_varint(struct gw_packets *packets, uint64_t number)
{
    for (; number >= 0x80; number >>= 7) packets->buffer[packets->used++] = (char)(number | 0x80);
    packets->buffer[packets->used++] = (char)number;
}

static void put_tag(struct gw_packets *packets, unsigned field, enum wire wire)
{
    put_varint(packets, (uint64_t)field << 3 | wire);
}

void gw_packets_flush(struct gw_packets *packets)
{
    if (!packets->error) packets->error = packets->sink(packets->context, packets->buffer, packets->whole);
    memmove(packets->buffer, packets->buffer + packets->whole, packets->used - packets->whole);
    packets->used -= packets->whole;
    packets->whole = 0;
}

static void make_room(struct gw_packets *packets)
{
    if (GW_PACKETS_BYTES - packets->used < GW_LARGEST_PACKET) gw_packets_flush(packets);
}

void gw_packet_begin(struct gw_packets *packets, unsigned field)
{
    make_room(packets);
    gw_packets_begin(packets, field);
}

void gw_packet_text(struct gw_packets *packets, unsigned field, const char *text)
{
    make_room(packets);
    gw_packets_text(packets, field, text);
    packets->whole = packets->used;
}

void gw_packet_number(struct gw_packets *packets, unsigned field, uint64_t number)
{
    make_room(packets);
    gw_packets_number(packets, field, number);
    packets->whole = packets->used;
}

void gw_packets_begin(struct gw_packets *packets, unsigned field)
{
    put_tag(packets, field, WIRE_LENGTH);
    packets->messages[packets->depth++] = packets->used;
    packets->used += LENGTH_BYTES;
}

void gw_packets_end(struct gw_packets *packets)
{
    size_t at = packets->messages[--packets->depth], length = packets->used - at - LENGTH_BYTES;
    packets->buffer[at] = (char)(length | 0x80);
    packets->buffer[at + 1] = (char)(length >> 7);
    if (!packets->depth) packets->whole = packets->used;
}

void gw_packets_number(struct gw_packets *packets, unsigned field, uint64_t number)
{
    put_tag(packets, field, WIRE_VARINT);
    put_varint(packets, number);
}

void gw_packets_fixed(struct gw_packets *packets, unsigned field, uint64_t number)
{
    put_tag(packets, field, WIRE_FIXED);
    memcpy(packets->buffer + packets->used, &number, sizeof number);
    packets->used += sizeof number;
}

void gw_packets_real(struct gw_packets *packets, unsigned field, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    gw_packets_fixed(packets, field, bits);
}

void gw_packets_text(struct gw_packets *packets, unsigned field, const char *text)
{
    size_t length = strnlen(text, GW_LONGEST_TEXT);
    put_tag(packets, field, WIRE_LENGTH);
    put_varint(packets, length);
    memcpy(packets->buffer + packets->used, text, length);
    packets->used += length;
}

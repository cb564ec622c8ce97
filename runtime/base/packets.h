/* Protocol Buffers as they are written: through a buffer of fixed size, in whole packets.
 *
 * A packet is a field of the outermost message that is a message itself, or a text. Fields may be repeated and come in any order, so what
 * several writers append to one file in whole packets is a message too, and so is the front part of one. */
#ifndef GW_BASE_PACKETS_H
#define GW_BASE_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_PACKETS_BYTES 16384
#define GW_LARGEST_PACKET 4096
#define GW_LONGEST_TEXT 1023 /* longer ones are cut */
#define GW_PACKET_DEPTH 4

/* Writes bytes away. 0, or an errno. */
typedef int gw_packets_sink(void *context, const char *bytes, size_t count);

struct gw_packets {
    gw_packets_sink *sink;
    void *context;
    int error;                        /* errno of the first write that failed; nothing is written behind it */
    size_t used;                      /* bytes of the buffer, */
    size_t whole;                     /* and of them, in packets that have ended */
    size_t messages[GW_PACKET_DEPTH]; /* where the lengths of open messages stand */
    unsigned depth;
    char buffer[GW_PACKETS_BYTES];
};

/* A packet, which is a message, and ends with gw_packets_end. */
void gw_packet_begin(struct gw_packets *packets, unsigned field);

/* Packets that are a text, and a number. */
void gw_packet_text(struct gw_packets *packets, unsigned field, const char *text);
void gw_packet_number(struct gw_packets *packets, unsigned field, uint64_t number);

/* A message in a message. */
void gw_packets_begin(struct gw_packets *packets, unsigned field);
void gw_packets_end(struct gw_packets *packets);

void gw_packets_number(struct gw_packets *packets, unsigned field, uint64_t number);
void gw_packets_fixed(struct gw_packets *packets, unsigned field, uint64_t number);
void gw_packets_real(struct gw_packets *packets, unsigned field, double number);
void gw_packets_text(struct gw_packets *packets, unsigned field, const char *text);

/* Hands all whole packets to the sink. */
void gw_packets_flush(struct gw_packets *packets);

#endif

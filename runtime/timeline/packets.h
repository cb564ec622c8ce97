/* Perfetto's trace packets as they are written: Protocol Buffers' wire format, through a buffer of fixed size.
 *
 * A trace is one message whose field 1 is repeated, a packet each time, so that what several writers append to one file in whole packets is
 * a trace too, and so is the front part of one. */
#ifndef GW_TIMELINE_PACKETS_H
#define GW_TIMELINE_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_PACKETS_BYTES 16384
#define GW_LARGEST_PACKET 2048 /* texts in it are cut */
#define GW_PACKET_DEPTH 4

struct gw_packets {
    int descriptor;
    int error;                        /* errno of the first write that failed; nothing is written behind it */
    size_t used;                      /* bytes of the buffer, */
    size_t whole;                     /* and of them, in packets that have ended */
    size_t messages[GW_PACKET_DEPTH]; /* where the lengths of open messages stand */
    unsigned depth;
    char buffer[GW_PACKETS_BYTES];
};

/* A packet: field 1 of the trace. Ends with gw_packets_end. */
void gw_packet_begin(struct gw_packets *packets);

/* A message in a message. */
void gw_packets_begin(struct gw_packets *packets, unsigned field);
void gw_packets_end(struct gw_packets *packets);

void gw_packets_number(struct gw_packets *packets, unsigned field, uint64_t number);
void gw_packets_fixed(struct gw_packets *packets, unsigned field, uint64_t number);
void gw_packets_real(struct gw_packets *packets, unsigned field, double number);
void gw_packets_text(struct gw_packets *packets, unsigned field, const char *text);

/* Hands all whole packets to the system. */
void gw_packets_flush(struct gw_packets *packets);

#endif

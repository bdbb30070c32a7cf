/* A sequencer that is not there, for a program that will not start without one.
 *
 * Qtractor wants the ALSA sequencer, which a machine without /dev/snd does not have. Preloaded, this library answers
 * every call that would reach the kernel: queries find nothing, orders succeed, no event ever comes. What only touches
 * memory (filling in port descriptions, coding MIDI bytes) is left to the real library.
 *
 *   cc -shared -fPIC -O2 -o alsa_seq_shim.so alsa_seq_shim.c        LD_PRELOAD=./alsa_seq_shim.so qtractor
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* A handle is a pipe nobody writes to, so that waiting for events waits; and a counter for ports. */
typedef struct {
    int ends[2];
    int next_port;
} Nothing;

int snd_seq_open(void **handle, const char *name, int streams, int mode) {
    (void)name, (void)streams, (void)mode;
    Nothing *nothing = calloc(1, sizeof *nothing);
    if (!nothing || pipe(nothing->ends)) {
        free(nothing);
        return -ENOMEM;
    }
    *handle = nothing;
    return 0;
}

int snd_seq_close(void *handle) {
    Nothing *nothing = handle;
    close(nothing->ends[0]);
    close(nothing->ends[1]);
    free(nothing);
    return 0;
}

/* 128 is the first id the kernel gives to programs. */
int snd_seq_client_id(void *handle) { return (void)handle, 128; }

int snd_seq_create_simple_port(void *handle, const char *name, unsigned caps, unsigned type) {
    (void)name, (void)caps, (void)type;
    return ((Nothing *)handle)->next_port++;
}

int snd_seq_poll_descriptors_count(void *handle, short events) { return (void)handle, (void)events, 1; }

int snd_seq_poll_descriptors(void *handle, struct pollfd *fds, unsigned room, short events) {
    if (room == 0) return 0;
    *fds = (struct pollfd){.fd = ((Nothing *)handle)->ends[0], .events = events};
    return 1;
}

int snd_seq_event_input(void *handle, void **event) {
    (void)handle;
    if (event) *event = NULL;
    return -EAGAIN;
}

#define SUCCEEDS(call) int call() { return 0; }
SUCCEEDS(snd_seq_set_client_name)
SUCCEEDS(snd_seq_alloc_queue)
SUCCEEDS(snd_seq_free_queue)
SUCCEEDS(snd_seq_control_queue)
SUCCEEDS(snd_seq_get_queue_tempo)
SUCCEEDS(snd_seq_set_queue_tempo)
SUCCEEDS(snd_seq_set_queue_timer)
SUCCEEDS(snd_seq_get_port_info)
SUCCEEDS(snd_seq_set_port_info)
SUCCEEDS(snd_seq_delete_simple_port)
SUCCEEDS(snd_seq_subscribe_port)
SUCCEEDS(snd_seq_unsubscribe_port)
SUCCEEDS(snd_seq_event_output)
SUCCEEDS(snd_seq_event_output_direct)
SUCCEEDS(snd_seq_event_input_pending)
SUCCEEDS(snd_seq_drain_output)
SUCCEEDS(snd_seq_drop_output)
SUCCEEDS(snd_seq_drop_input)
SUCCEEDS(snd_seq_remove_events)
SUCCEEDS(snd_seq_free_event)

#define FINDS_NOTHING(call) int call() { return -ENOENT; }
FINDS_NOTHING(snd_seq_query_next_client)
FINDS_NOTHING(snd_seq_query_next_port)
FINDS_NOTHING(snd_seq_query_port_subscribers)
FINDS_NOTHING(snd_seq_get_any_client_info)
FINDS_NOTHING(snd_seq_get_any_port_info)
FINDS_NOTHING(snd_seq_get_queue_status)
FINDS_NOTHING(snd_timer_query_open)

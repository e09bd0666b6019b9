/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "daemon/proc/process.h"
#include "lib/history.h"
#include "lib/log.h"
#include "record/recording.h"

/* So often the buffer goes to the process. */
#define RECORDER_EVERY (100 * USEC_PER_MSEC)
/* A fuller buffer goes at the end of the loop's turn. */
#define RECORDER_FULL 12288
/* Bytes that may be on their way before inputs are dropped. */
#define RECORDER_BEHIND ((uint64_t)4 << 20)
/* After a failure of the disk; it is also how often a gap may begin. */
#define RECORDER_RETRY (5 * USEC_PER_SEC)

struct recorder {
	struct loop *loop;
	struct history *history;
	struct balance *balance; /* NULL: nothing is recorded */
	struct recording_writer *writer;
	struct process *process;
	struct loop_timer flush;
	struct loop_timer retry;
	struct loop_task full;
	char path[IPC_RECORD_PATH_MAX]; /* "": nothing is recorded */
	uint64_t most; /* bytes of one of the two files */

	uint64_t sent; /* bytes, since IPC_RECORD_OPEN; likewise TAKEN */
	uint64_t inputs; /* sent since the last beginning */
	uint32_t begun; /* beginnings that were sent since IPC_RECORD_OPEN */
	struct ipc_record_state state; /* as the process said last */
	bool opened; /* the process has the path */
	bool dropping;
	int error; /* the file's, as it was logged; 0: none */
	uint64_t lost; /* inputs, in this gap */
	uint64_t lost_ever;
	usec_t lost_since;
};

static usec_t recorder_wall(const struct recorder *recorder)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000 -
	       loop_now(recorder->loop);
}

static void recorder_lose(struct recorder *recorder, uint64_t inputs)
{
	if (recorder->lost == 0 && recorder->lost_since == 0)
		recorder->lost_since = loop_now(recorder->loop);
	recorder->lost += inputs;
	recorder->lost_ever += inputs;
}

static uint64_t recorder_under_way(const struct recorder *recorder)
{
	if (recorder->state.begun != recorder->begun)
		return recorder->inputs;
	return recorder->inputs > recorder->state.inputs ?
		       recorder->inputs - recorder->state.inputs :
		       0;
}

/* From now on inputs are dropped, those in the buffer as well. */
static void recorder_drop(struct recorder *recorder, const char *why)
{
	size_t length;

	if (!recorder->dropping) {
		log_warning("recorder", "%s: %s; inputs are not recorded",
			    recorder->path, why);
		recorder->dropping = true;
		/* Messages on their way may be lost as well. */
		recorder_lose(recorder, recorder_under_way(recorder));
	}
	recorder_lose(recorder, recording_writer_inputs(recorder->writer));
	recording_writer_take(recorder->writer, &length);
	loop_timer_set(&recorder->retry,
		       loop_now(recorder->loop) + RECORDER_RETRY);
}

static void recorder_heard(void *arg, const struct balance_input *input)
{
	struct recorder *recorder = arg;

	if (recorder->dropping) {
		if (input->kind != INPUT_DECIDED)
			recorder_lose(recorder, 1);
		return;
	}
	recording_writer_hear(recorder->writer, input);
	if (recording_writer_ready(recorder->writer) > RECORDER_FULL)
		loop_task_want(&recorder->full);
	else if (!recorder->flush.set)
		loop_timer_set(&recorder->flush,
			       loop_now(recorder->loop) + RECORDER_EVERY);
}

static void recorder_note(void *arg, const char *text)
{
	struct recorder *recorder = arg;

	if (!recorder->balance || recorder->dropping)
		return;
	recording_writer_note(recorder->writer, loop_now(recorder->loop), text);
	if (!recorder->flush.set)
		loop_timer_set(&recorder->flush,
			       loop_now(recorder->loop) + RECORDER_EVERY);
}

/* BYTES in a memfd. Returns it or -errno. */
static int recorder_memfd(const unsigned char *bytes, size_t length)
{
	int fd = memfd_create("evenkeel.recording", MFD_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = write_whole(fd, bytes, length);
	if (error < 0) {
		close(fd);
		return error;
	}
	return fd;
}

static int recorder_send_blob(struct recorder *recorder,
			      const unsigned char *bytes,
			      const struct ipc_record_blob *blob)
{
	int fd = recorder_memfd(bytes, blob->length), error;

	if (fd < 0)
		return fd;
	error = process_send(recorder->process, IPC_RECORD_BLOB, 0, blob,
			     sizeof(*blob), fd);
	close(fd);
	return error;
}

static int recorder_send_bytes(struct recorder *recorder,
			       const unsigned char *bytes,
			       const struct ipc_record_blob *blob)
{
	unsigned char body[IPC_MESSAGE_MAX];
	struct ipc_record_bytes head = { .inputs = blob->inputs };

	memcpy(body, &head, sizeof(head));
	memcpy(body + sizeof(head), bytes, blob->length);
	return process_send(recorder->process, IPC_RECORD_BYTES, 0, body,
			    sizeof(head) + blob->length, -1);
}

/* The ready frames go to the process, together. */
static void recorder_send(struct recorder *recorder, unsigned flags)
{
	struct ipc_record_blob blob = {
		.inputs = recording_writer_inputs(recorder->writer),
		.flags = flags,
	};
	size_t length;
	const unsigned char *bytes =
		recording_writer_take(recorder->writer, &length);
	int error;

	recording_writer_clock(recorder->writer, recorder_wall(recorder));
	if (length == 0)
		return;
	blob.length = length;
	if (flags || length > IPC_RECORD_BYTES_MAX)
		error = recorder_send_blob(recorder, bytes, &blob);
	else
		error = recorder_send_bytes(recorder, bytes, &blob);
	recorder->sent += length;
	recorder->inputs += blob.inputs;
	if (error < 0)
		recorder_drop(recorder, strerror(-error));
}

static void recorder_begin(struct recorder *recorder, enum record_reason reason,
			   unsigned flags)
{
	struct recording_begin begin = { .reason = reason,
					 .now = loop_now(recorder->loop),
					 .lost = recorder->lost,
					 .lost_since = recorder->lost_since };

	if (reason == RECORD_GAP)
		log_notice("recorder", "%s goes on after a gap of %llu inputs",
			   recorder->path, (unsigned long long)recorder->lost);
	recorder->dropping = false;
	recorder->lost = 0;
	recorder->lost_since = 0;
	loop_timer_clear(&recorder->retry);
	recording_writer_clock(recorder->writer, recorder_wall(recorder));
	recording_writer_begin(recorder->writer, &begin, recorder->balance);
	recorder->inputs = 0;
	recorder->begun++;
	recorder_send(recorder, flags | IPC_RECORD_BEGINS);
}

static uint64_t recorder_behind(const struct recorder *recorder)
{
	return recorder->sent - recorder->state.taken;
}

/* The half that is left for the last frames and the roll itself. */
static bool recorder_is_full(const struct recorder *recorder)
{
	return recorder->state.size + recorder_behind(recorder) >
	       recorder->most - recorder->most / 4;
}

static void recorder_flush(struct recorder *recorder)
{
	loop_timer_clear(&recorder->flush);
	if (!recorder->balance || recorder->dropping)
		return;
	if (!recorder->opened) {
		/* The process is being started, or was lost. */
		if (recording_writer_ready(recorder->writer) > RECORDER_BEHIND)
			recorder_drop(recorder, "its process does not run");
		return;
	}
	if (recorder_behind(recorder) > RECORDER_BEHIND) {
		recorder_drop(recorder, "the disk does not keep up");
		return;
	}
	recorder_send(recorder, 0);
	if (recorder_is_full(recorder) && !recorder->dropping)
		recorder_begin(recorder, RECORD_ROLLED, IPC_RECORD_ROLL);
}

static void recorder_flush_timer(struct loop_timer *timer)
{
	recorder_flush(container_of(timer, struct recorder, flush));
}

static void recorder_flush_task(struct loop_task *task)
{
	recorder_flush(container_of(task, struct recorder, full));
}

/* After a gap, as soon as the process has taken all its messages. */
static void recorder_resume(struct recorder *recorder)
{
	if (!recorder->balance || !recorder->dropping || !recorder->opened)
		return;
	if (recorder_behind(recorder) > 0)
		loop_timer_set(&recorder->retry,
			       loop_now(recorder->loop) + RECORDER_RETRY);
	else
		recorder_begin(recorder, RECORD_GAP, 0);
}

static void recorder_retry(struct loop_timer *timer)
{
	recorder_resume(container_of(timer, struct recorder, retry));
}

static void recorder_tell_error(struct recorder *recorder, int error)
{
	if (error == recorder->error)
		return;
	recorder->error = error;
	if (!error) {
		log_notice("recorder", "%s can be written again",
			   recorder->path);
		history_add(recorder->history, "the recording can be written");
		return;
	}
	log_error("recorder",
		  "%s cannot be written: %s%s; it is tried again every %lld s",
		  recorder->path, strerror(error),
		  error == EPERM ?
			  " (the file must be root's alone, with mode 0600, "
			  "and no link, and nobody else may write to its "
			  "folder; remove it, or name another one)" :
		  error == EFBIG ? " (a larger 'size' is needed)" :
				   "",
		  (long long)(RECORDER_RETRY / USEC_PER_SEC));
	history_add(recorder->history, "the recording cannot be written: %s",
		    strerror(error));
}

static void recorder_take_state(void *arg, const struct ipc_message *msg)
{
	struct recorder *recorder = arg;

	memcpy(&recorder->state, msg->body, sizeof(recorder->state));
	/* An answer from before the last beginning says nothing of it. */
	if (!recorder->balance || recorder->state.begun != recorder->begun)
		return;
	if (recorder->state.error && !recorder->dropping)
		recorder_drop(recorder, strerror((int)recorder->state.error));
	recorder_tell_error(recorder, (int)recorder->state.error);
}

static int recorder_send_conf(void *arg)
{
	struct recorder *recorder = arg;
	struct ipc_record_open open = { .most = recorder->most };
	int error;

	if (!recorder->balance)
		return 0;
	snprintf(open.path, sizeof(open.path), "%s", recorder->path);
	error = process_send(recorder->process, IPC_RECORD_OPEN, 0, &open,
			     sizeof(open), -1);
	if (error < 0)
		return error;
	recorder->opened = true;
	recorder->state = (struct ipc_record_state){ 0 };
	recorder->sent = 0;
	recorder->begun = 0;
	recorder->inputs = 0;
	if (recorder->dropping) {
		recorder_begin(recorder, RECORD_GAP, 0);
		return 0;
	}
	/* The buffer begins with the beginning. */
	recorder->begun = 1;
	recorder_send(recorder, IPC_RECORD_BEGINS);
	return 0;
}

static void recorder_ended(void *arg, const char *why)
{
	struct recorder *recorder = arg;

	recorder->opened = false;
	if (recorder->balance)
		recorder_drop(recorder, why);
}

static const struct ipc_handler recorder_messages[] = {
	{ IPC_RECORD_STATE, recorder_take_state },
	{ IPC_NONE, NULL },
};

/* A write may wait long for a disk, and costs nobody anything meanwhile. */
static const struct process_role recorder_role = {
	.name = "recorder",
	.patience = 60,
	.messages = recorder_messages,
	.send_conf = recorder_send_conf,
	.ended = recorder_ended,
};

struct recorder *recorder_new(struct loop *loop, struct history *history)
{
	struct recorder *recorder = xcalloc(1, sizeof(*recorder));

	recorder->loop = loop;
	recorder->history = history;
	recorder->writer = recording_writer_new();
	loop_timer_init(loop, &recorder->flush, recorder_flush_timer);
	loop_timer_init(loop, &recorder->retry, recorder_retry);
	loop_task_init(loop, &recorder->full, recorder_flush_task);
	history_listen(history, recorder_note, recorder);
	return recorder;
}

/* The process writes the rest of its channel before it ends. */
static void recorder_stop(struct recorder *recorder)
{
	recorder_flush(recorder);
	process_leave(recorder->process);
	recorder->process = NULL;
	recorder->opened = false;
	recorder->dropping = false;
	recorder->lost = recorder->lost_ever = 0;
	recorder->lost_since = 0;
	recorder->error = 0;
	recorder->path[0] = '\0';
	loop_timer_clear(&recorder->retry);
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	history_listen(recorder->history, NULL, NULL);
	recorder_stop(recorder);
	if (recorder->balance)
		balance_listen(recorder->balance, NULL, NULL);
	loop_timer_clear(&recorder->flush);
	loop_task_clear(&recorder->full);
	recording_writer_free(recorder->writer);
	free(recorder);
}

/* The recording begins here, in memory; recorder_start() does the rest. */
static void recorder_switch_on(struct recorder *recorder,
			       const struct conf_global *global,
			       enum record_reason reason, usec_t now)
{
	struct recording_begin begin = { .reason = reason, .now = now };

	snprintf(recorder->path, sizeof(recorder->path), "%s",
		 global->recorder_file);
	recording_writer_clock(recorder->writer, recorder_wall(recorder));
	recording_writer_begin(recorder->writer, &begin, recorder->balance);
	log_notice("recorder", "%s gets every input of the decision",
		   recorder->path);
}

void recorder_follow(struct recorder *recorder, struct balance *balance,
		     bool fresh, usec_t now)
{
	const struct conf_global *global = &balance_conf(balance)->global;
	bool same = global->recorder_file &&
		    strcmp(global->recorder_file, recorder->path) == 0 &&
		    global->recorder_size / 2 == recorder->most;

	if (!same && recorder->path[0]) {
		log_notice("recorder", "%s gets no more", recorder->path);
		recorder_stop(recorder);
	}
	recorder->balance = global->recorder_file ? balance : NULL;
	if (!global->recorder_file)
		return;
	recorder->most = global->recorder_size / 2;
	if (!same)
		recorder_switch_on(recorder, global,
				   fresh ? RECORD_START : RECORD_SWITCHED_ON,
				   now);
	else if (!recorder->dropping)
		recording_writer_reload(recorder->writer, balance, now);
	else
		recorder_lose(recorder, 1);
	balance_listen(balance, recorder_heard, recorder);
	loop_timer_set(&recorder->flush, now + RECORDER_EVERY);
}

void recorder_start(struct recorder *recorder)
{
	if (!recorder->balance || recorder->process)
		return;
	recorder->process = process_new(recorder->loop, &recorder_role,
					recorder->history, recorder);
	process_configure(recorder->process, NULL);
}

void recorder_get(const struct recorder *recorder, struct recorder_view *view)
{
	*view = (struct recorder_view){
		.file = recorder->path[0] ? recorder->path : NULL,
		.writing = recorder->balance && !recorder->dropping,
		.error = recorder->error,
		.lost = recorder->lost_ever,
		.size = recorder->state.size,
	};
}

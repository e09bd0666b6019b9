/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a broken or hostile main could send to the checker: any bytes as
 * messages, with or without a descriptor, through the same path as in the
 * process. No probe is ever started, because the loop does not run.
 *
 * The input is a series of chunks: two bytes of length, a byte that tells
 * whether the chunk after this one is the text of a memfd to pass along, and
 * the message.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/checker_process.h"
#include "checkers/mysql/zygote.h"
#include "lib/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at;
	size_t left;
};

struct chunk {
	const uint8_t *data;
	size_t size;
	bool with_fd;
};

static bool fuzz_next(struct input *input, struct chunk *chunk)
{
	if (input->left < 3)
		return false;
	chunk->size = input->at[0] | (size_t)input->at[1] << 8;
	chunk->with_fd = input->at[2] & 1;
	chunk->data = input->at + 3;
	if (chunk->size > input->left - 3)
		chunk->size = input->left - 3;
	input->at = chunk->data + chunk->size;
	input->left -= 3 + chunk->size;
	return true;
}

static int fuzz_memfd(const struct chunk *text)
{
	int fd = memfd_create("conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, text->data, text->size) != (ssize_t)text->size)
		abort();
	/* An unsealed text is refused before it is read. */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) <
	    0)
		abort();
	return fd;
}

static void fuzz_send(int sock, const struct chunk *chunk, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)chunk->data,
			     .iov_len = chunk->size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (fd >= 0) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	if (sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		abort();
}

static void fuzz_one(struct checker *checker, int main_sock, int sock,
		     struct input *input)
{
	static struct ipc_message msg;
	struct chunk chunk, text;
	int fd = -1;

	while (fuzz_next(input, &chunk)) {
		if (chunk.size == 0)
			continue; /* the end of the stream, to the receiver */
		if (chunk.with_fd && fuzz_next(input, &text))
			fd = fuzz_memfd(&text);
		fuzz_send(main_sock, &chunk, fd);
		if (fd >= 0)
			close(fd);
		fd = -1;
		if (ipc_recv(sock, &msg) == 1)
			checker_handle(checker, &msg);
		/* A message may have set the level; nobody reads the log. */
		log_set_level((enum log_level) - 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .at = data, .left = size };
	struct zygote zygote = { .sock = -1 };
	struct checker *checker;
	int ends[2];

	log_set_level((enum log_level) - 1);
	if (ipc_pair(ends) < 0)
		abort();
	checker = checker_new(ends[1], &zygote);
	if (!checker)
		abort();
	fuzz_one(checker, ends[0], ends[1], &input);
	checker_free(checker);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

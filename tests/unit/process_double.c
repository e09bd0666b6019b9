/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process_double.h"

#include <criterion/criterion.h>
#include <string.h>

struct process_double process_double;

struct process *__wrap_process_new(struct loop *loop,
				   const struct process_role *role,
				   struct history *history, void *arg);
struct process *__wrap_process_new(struct loop *loop,
				   const struct process_role *role,
				   struct history *history, void *arg)
{
	process_double.role = role;
	process_double.arg = arg;
	return (struct process *)(void *)&process_double;
}

void __wrap_process_free(struct process *process);
void __wrap_process_free(struct process *process)
{
}

void __wrap_process_configure(struct process *process, const char *user);
void __wrap_process_configure(struct process *process, const char *user)
{
}

void __wrap_process_set_style(struct process *process,
			      const struct conf_process *style);
void __wrap_process_set_style(struct process *process,
			      const struct conf_process *style)
{
}

bool __wrap_process_wanted(const struct process *process);
bool __wrap_process_wanted(const struct process *process)
{
	return false;
}

bool __wrap_process_running(const struct process *process);
bool __wrap_process_running(const struct process *process)
{
	return true;
}

bool __wrap_process_has_mail(const struct process *process);
bool __wrap_process_has_mail(const struct process *process)
{
	return process_double.mail;
}

bool __wrap_process_is_behind(const struct process *process);
bool __wrap_process_is_behind(const struct process *process)
{
	return process_double.behind && process_double.behind();
}

void __wrap_process_get(const struct process *process,
			struct process_view *view);
void __wrap_process_get(const struct process *process,
			struct process_view *view)
{
	*view = (struct process_view){ .running = true, .answering = true };
}

int __wrap_process_send(struct process *process, enum ipc_type type,
			uint32_t generation, const void *body, size_t length,
			int fd);
int __wrap_process_send(struct process *process, enum ipc_type type,
			uint32_t generation, const void *body, size_t length,
			int fd)
{
	return process_double.send ?
		       process_double.send(type, generation, body, length, fd) :
		       0;
}

void process_double_say(enum ipc_type type, uint32_t generation,
			const void *body, size_t length)
{
	static struct ipc_message msg;

	msg.header.type = type;
	msg.header.generation = generation;
	msg.length = length;
	msg.fd = -1;
	memcpy(msg.body, body, length);
	cr_assert(ipc_dispatch(process_double.role->messages,
			       process_double.arg, &msg));
}

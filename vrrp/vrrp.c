/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process around the routers: main's messages, changes of interfaces,
 * signals, and the scheduling that the configuration asks for.
 */
#include "vrrp/vrrp.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/sealed.h"
#include "lib/log.h"
#include "vrrp/vips.h"
#include "vrrp/vrrp_internal.h"
#include "vrrp/yield.h"

#define REPORT_RETRY (20 * USEC_PER_MSEC)

static void vrrp_send_reports(struct vrrp *vrrp)
{
	struct vrrp_router *router;
	uint32_t i;
	int error;

	for (i = 0; i < vrrp->nr_routers; i++) {
		router = vrrp->routers[i];
		if (!router->report_due)
			continue;
		vrrp_router_report(router);
		error = ipc_send(vrrp->sock, IPC_VRRP_STATE, vrrp->generation,
				 &router->report, sizeof(router->report), -1);
		if (error == -EAGAIN || error == -ENOBUFS) {
			loop_timer_set(&vrrp->report_retry,
				       loop_now(vrrp->loop) + REPORT_RETRY);
			return;
		}
		/* A main that is gone is seen by the end of its stream. */
		router->report_due = false;
	}
}

static void vrrp_report_task(struct loop_task *task)
{
	vrrp_send_reports(container_of(task, struct vrrp, report));
}

static void vrrp_report_expired(struct loop_timer *timer)
{
	vrrp_send_reports(container_of(timer, struct vrrp, report_retry));
}

static void vrrp_send_ready(struct vrrp *vrrp)
{
	struct ipc_ready ready = { .checks = 0 };
	int error;

	error = ipc_send(vrrp->sock, IPC_READY, vrrp->generation, &ready,
			 sizeof(ready), -1);
	if (error < 0)
		log_warning("vrrp", "cannot send to main: %s",
			    strerror(-error));
}

static void vrrp_forget_keys(struct vrrp *vrrp)
{
	if (vrrp->nr_keys > 0)
		explicit_bzero(vrrp->keys, vrrp->nr_keys * sizeof(*vrrp->keys));
	vrrp->nr_keys = 0;
}

static void vrrp_take_key(void *arg, const struct ipc_message *msg)
{
	struct vrrp *vrrp = arg;

	if (msg->header.generation != vrrp->keys_generation)
		vrrp_forget_keys(vrrp);
	vrrp->keys_generation = msg->header.generation;
	/* They stay where they are as long as there are any, so no copy is left. */
	if (vrrp->nr_keys == IPC_VRRP_KEYS_MAX)
		return;
	if (!vrrp->keys)
		vrrp->keys = xcalloc(IPC_VRRP_KEYS_MAX, sizeof(*vrrp->keys));
	memcpy(&vrrp->keys[vrrp->nr_keys++], msg->body, sizeof(*vrrp->keys));
}

static void vrrp_take_conf(void *arg, const struct ipc_message *msg)
{
	struct vrrp *vrrp = arg;
	struct conf *conf;
	int error = conf_from_message(msg, CONF_PART_VRRP, &conf);

	if (error < 0) {
		log_error("vrrp",
			  "cannot use the configuration that main sent: %s",
			  strerror(-error));
		return;
	}
	vrrp_use_scheduling(vrrp, conf->vrrp);
	vrrp->generation = msg->header.generation;
	if (vrrp->keys_generation != vrrp->generation)
		vrrp_forget_keys(vrrp);
	vrrp_reload(vrrp, conf);
	vrrp_forget_keys(vrrp);
	vrrp_send_ready(vrrp);
}

static void vrrp_check_routes(struct vrrp *vrrp, bool rule)
{
	uint32_t i;

	vrrp_routes_check(&vrrp->routes, rule);
	for (i = 0; i < vrrp->nr_routers; i++)
		vrrp_routes_check(&vrrp->routers[i]->routes, rule);
}

static void vrrp_route_removed(void *arg, bool rule)
{
	vrrp_check_routes(arg, rule);
}

static void vrrp_take_tracks(void *arg, const struct ipc_message *msg)
{
	struct vrrp *vrrp = arg;
	const struct ipc_vrrp_track *tracks = (const void *)msg->body;
	size_t count = msg->length / sizeof(*tracks);

	/* Values of an older configuration have other indices. */
	if (!vrrp->conf || msg->header.generation != vrrp->generation)
		return;
	vrrp_trackers_set(vrrp, tracks, count);
}

static void vrrp_take_ask(void *arg, const struct ipc_message *msg)
{
	struct vrrp *vrrp = arg;
	uint32_t i;

	for (i = 0; i < vrrp->nr_routers; i++)
		vrrp_router_report_soon(vrrp->routers[i]);
}

static void vrrp_take_yield(void *arg, const struct ipc_message *msg)
{
	struct vrrp *vrrp = arg;

	/* An older configuration has other indices. */
	if (!vrrp->conf || msg->header.generation != vrrp->generation)
		return;
	vrrp_yield(vrrp, (const void *)msg->body,
		   (const void *)(msg->body + sizeof(struct ipc_vrrp_yield)),
		   (msg->length - sizeof(struct ipc_vrrp_yield)) /
			   sizeof(struct ipc_vrrp_behind));
}

static void vrrp_take_log_level(void *arg, const struct ipc_message *msg)
{
	ipc_obey_log_level(msg);
}

static void vrrp_take_ping(void *arg, const struct ipc_message *msg)
{
	struct vrrp *vrrp = arg;

	ipc_answer(vrrp->sock, msg);
}

static const struct ipc_handler vrrp_messages[] = {
	{ IPC_VRRP_KEY, vrrp_take_key },	{ IPC_CONF, vrrp_take_conf },
	{ IPC_VRRP_TRACK, vrrp_take_tracks },	{ IPC_VRRP_ASK, vrrp_take_ask },
	{ IPC_LOG_LEVEL, vrrp_take_log_level }, { IPC_PING, vrrp_take_ping },
	{ IPC_VRRP_YIELD, vrrp_take_yield },	{ IPC_NONE, NULL },
};

static void vrrp_main_ready(struct loop_io *io, unsigned what)
{
	struct vrrp *vrrp = container_of(io, struct vrrp, io);
	static struct ipc_message msg;
	int got = ipc_recv(vrrp->sock, &msg);

	if (got == 0 || got == -EPIPE || got == -ECONNRESET) {
		log_notice("vrrp", "main is gone, stopping");
		loop_stop(vrrp->loop);
		return;
	}
	if (got < 0) {
		if (got != -EAGAIN)
			log_warning("vrrp", "bad message from main: %s",
				    strerror(-got));
		return;
	}
	if (!ipc_dispatch(vrrp_messages, vrrp, &msg))
		log_warning("vrrp", "unexpected message %u from main",
			    msg.header.type);
	if (msg.fd >= 0)
		close(msg.fd);
}

static void vrrp_signal_caught(struct loop_signal *sig, int signo)
{
	loop_stop(sig->loop);
}

static void vrrp_link_changed(void *arg, int index)
{
	struct vrrp *vrrp = arg;
	uint32_t i;

	/* Few links change, and any may be tracked by an instance. */
	if (vrrp->conf)
		vrrp_track_interfaces(vrrp);
	for (i = 0; i < vrrp->nr_routers; i++) {
		vrrp_router_update(vrrp->routers[i]);
		vrrp_vips_check(vrrp->routers[i], NULL);
	}
	vrrp_check_routes(vrrp, false);
}

static void vrrp_address_changed(void *arg, const struct vrrp_ifaddr *ifaddr,
				 bool present)
{
	struct vrrp *vrrp = arg;
	struct vrrp_router *router;
	uint32_t i;

	vrrp_check_routes(vrrp, false);
	for (i = 0; i < vrrp->nr_routers; i++) {
		router = vrrp->routers[i];
		vrrp_vips_check(router, &ifaddr->addr);
		/* The source may have come or gone. */
		if (vrrp->conf && ifaddr->addr.family == router->conf->family &&
		    !vrrp_vips_is_virtual(vrrp, &ifaddr->addr))
			vrrp_router_update_link(router);
	}
}

static int vrrp_open(struct vrrp *vrrp)
{
	struct vrrp_net_events events = { .link = vrrp_link_changed,
					  .address = vrrp_address_changed,
					  .route = vrrp_route_removed,
					  .arg = vrrp };
	int error;

	vrrp->loop = loop_new();
	if (!vrrp->loop)
		return -errno;
	log_pump_start(&vrrp->pump, vrrp->loop);
	loop_task_init(vrrp->loop, &vrrp->report, vrrp_report_task);
	loop_timer_init(vrrp->loop, &vrrp->report_retry, vrrp_report_expired);
	vrrp_routes_init(&vrrp->routes, vrrp, NULL);
	vrrp->announce_fd = vrrp_announce_socket();
	if (vrrp->announce_fd < 0)
		return -errno;
	error = loop_signal_start(vrrp->loop, &vrrp->term, SIGTERM,
				  vrrp_signal_caught);
	if (error == 0)
		error = loop_signal_start(vrrp->loop, &vrrp->interrupt, SIGINT,
					  vrrp_signal_caught);
	if (error == 0)
		error = vrrp_net_open(&vrrp->net, vrrp->loop, &events);
	if (error == 0)
		error = loop_io_start(vrrp->loop, &vrrp->io, vrrp->sock,
				      LOOP_READ, vrrp_main_ready);
	return error;
}

static void vrrp_close(struct vrrp *vrrp)
{
	vrrp_unload(vrrp);
	vrrp_forget_keys(vrrp);
	free(vrrp->keys);
	loop_io_stop(&vrrp->io);
	vrrp_net_close(&vrrp->net);
	loop_signal_stop(&vrrp->term);
	loop_signal_stop(&vrrp->interrupt);
	if (vrrp->announce_fd >= 0)
		close(vrrp->announce_fd);
	if (vrrp->loop) {
		loop_timer_clear(&vrrp->report_retry);
		loop_task_clear(&vrrp->report);
		log_pump_stop(&vrrp->pump);
		loop_free(vrrp->loop);
	}
}

int vrrp_main(int sock)
{
	struct vrrp vrrp = { .sock = sock,
			     .drain = vrrp_input_drain,
			     .announce_fd = -1 };
	int error;

	/* A reload is main's, and comes as a message. */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	error = vrrp_open(&vrrp);
	if (error < 0)
		log_error("vrrp", "cannot start: %s", strerror(-error));
	else
		error = loop_run(vrrp.loop);
	vrrp_close(&vrrp);
	return error < 0 ? 1 : 0;
}

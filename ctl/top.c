/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/top.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ctl/client.h"
#include "ctl/ctl_command.h"
#include "ctl/fields.h"
#include "ctl/filter.h"
#include "ctl/top_frame.h"
#include "ctl/top_rows.h"

/* A daemon that does not answer must not hold up the keys for long. */
#define TOP_PATIENCE_S 2
#define TOP_INTERVAL 2
#define TOP_INTERVAL_MAX 60
#define TOP_EVENTS_MAX 1000
#define TOP_CTRL(c) ((c)&0x1f)
/* Off and on: another screen; the cursor. */
#define TOP_ENTER "\033[?1049h\033[?25l\033[2J"
#define TOP_LEAVE "\033[?25h\033[?1049l"

struct top {
	struct ctl *ctl;
	struct top_data data;
	struct top_choice choice;
	struct top_window window;
	struct top_table table;
	unsigned interval; /* seconds */
	usec_t next; /* when the daemon is asked again */
	char clock[16]; /* of the last answer */
	char why[256]; /* why there is none; empty: there is */
	long long event; /* the last one's number */
	char *page; /* help or a chain, instead of the table */
	bool ended;
	struct termios before;
};

static volatile sig_atomic_t top_signal_end, top_signal_size;

static void top_on_end(int number)
{
	top_signal_end = 1;
}

static void top_on_size(int number)
{
	top_signal_size = 1;
}

static struct json_object *top_ask(struct top *top, const char *request)
{
	struct json_object *answer = client_try(top->ctl->socket, request,
						TOP_PATIENCE_S, top->why,
						sizeof(top->why));
	const char *error;

	if (!answer)
		return NULL;
	error = json_object_get_string(field(answer, "error"));
	if (!error)
		return answer;
	snprintf(top->why, sizeof(top->why), "%s", error);
	json_object_put(answer);
	return NULL;
}

/* The newest events, of which an answer has only some. */
static void top_ask_events(struct top *top)
{
	struct json_object *answer, *list, *one;
	size_t nr, i;
	char request[64];

	if (!top->data.events)
		top->data.events = json_object_new_array();
	do {
		snprintf(request, sizeof(request), "events %lld", top->event);
		answer = top_ask(top, request);
		list = field(answer, "events");
		nr = list ? json_object_array_length(list) : 0;
		for (i = 0; i < nr; i++) {
			one = json_object_array_get_idx(list, i);
			top->event = field_number(one, "number");
			json_object_array_add(top->data.events,
					      json_object_get(one));
		}
		json_object_put(answer);
	} while (nr > 0);
	nr = json_object_array_length(top->data.events);
	if (nr > TOP_EVENTS_MAX)
		json_object_array_del_idx(top->data.events, 0,
					  nr - TOP_EVENTS_MAX);
}

static void top_refresh(struct top *top)
{
	struct filter filter = { .virtual_server = top->ctl->virtual_server,
				 .server = top->ctl->nr_args ?
						   top->ctl->args[0] :
						   NULL };
	struct json_object *status = top_ask(top, "status");
	time_t now = time(NULL);
	struct tm tm;

	if (!status)
		return;
	top->why[0] = '\0';
	if (filter.virtual_server || filter.server)
		filter_status(&filter, status);
	/* The table's rows point into the answer that goes. */
	top_table_clear(&top->table);
	json_object_put(top->data.status_before);
	top->data.status_before = top->data.status;
	top->data.when_before = top->data.when;
	top->data.status = status;
	top->data.when = clock_now();
	localtime_r(&now, &tm);
	strftime(top->clock, sizeof(top->clock), "%H:%M:%S", &tm);
	if (strcmp(top->choice.view->word, "pair") == 0) {
		json_object_put(top->data.vrrp);
		top->data.vrrp = top_ask(top, "vrrp");
	} else if (strcmp(top->choice.view->word, "events") == 0) {
		top_ask_events(top);
	}
}

static void top_draw(struct top *top)
{
	char stale[320], *head;

	if (top->page) {
		top_page_print(stdout, &top->window, top->page);
		fflush(stdout);
		return;
	}
	top_table_fill(&top->table, top->choice.view, &top->data);
	top_table_order(&top->table, &top->choice);
	head = top_head(&top->data, &top->choice, top->clock);
	snprintf(stale, sizeof(stale), "OLD FIGURES, %.0f s: %s",
		 top->data.when ? (double)(clock_now() - top->data.when) / 1e6 :
				  0,
		 top->why);
	top_frame_print(stdout, &top->window, &top->table, &top->choice, head,
			top->why[0] ? stale : NULL);
	free(head);
	fflush(stdout);
}

static void top_page_help(struct top *top)
{
	top->page = xstrdup(
		"1 servers, 2 pools, 3 rates, 4 checks, 5 events, 6 pair\n"
		"\n"
		"s        sort by the next column, after the last one worst first\n"
		"r        the other way round\n"
		"/        show only rows that hold a word; Enter ends it, Escape\n"
		"         shows all rows again\n"
		"e Enter  why the marked server has its weight\n"
		"up down  mark another row; also j and k, pages, home and end\n"
		"space    stop asking the daemon, and go on\n"
		"+ -      ask less or more often\n"
		"q        quit\n");
}

static void top_page_explain(struct top *top)
{
	struct json_object *answer, *list, *chain, *link;
	const struct top_row *row;
	char request[400];
	size_t size, nr, i;
	FILE *out;

	if (top->choice.selected >= top->table.nr)
		return;
	row = &top->table.rows[top->choice.selected];
	if (!row->server)
		return;
	snprintf(request, sizeof(request), "explain %s %s", row->server,
		 row->virtual_server);
	answer = top_ask(top, request);
	out = open_memstream(&top->page, &size);
	if (!out)
		return;
	fprintf(out, "%s of %s\n\n", row->server, row->virtual_server);
	if (!answer)
		fprintf(out, "%s\n", top->why);
	list = field(answer, "servers");
	chain = list ? field(json_object_array_get_idx(list, 0), "chain") :
		       NULL;
	nr = chain ? json_object_array_length(chain) : 0;
	for (i = 0; i < nr; i++) {
		link = json_object_array_get_idx(chain, i);
		fprintf(out, "%-9s %s\n", field_text(link, "step"),
			field_text(link, "text"));
	}
	fclose(out);
	json_object_put(answer);
}

/* The next column, and after the last one the worst first. */
static void top_sort_next(struct top_choice *choice)
{
	choice->sort++;
	if (choice->sort == TOP_COLUMNS || !choice->view->heads[choice->sort])
		choice->sort = -1;
}

static void top_key_filter(struct top_choice *choice, char key)
{
	size_t length = strlen(choice->filter);

	if (key == '\r' || key == '\n') {
		choice->typing = false;
	} else if (key == '\033') {
		choice->typing = false;
		choice->filter[0] = '\0';
	} else if (key == 0x7f || key == '\b') {
		choice->filter[length ? length - 1 : 0] = '\0';
	} else if (key >= ' ' && length + 1 < sizeof(choice->filter)) {
		choice->filter[length] = key;
		choice->filter[length + 1] = '\0';
	}
}

static void top_move(struct top *top, long rows)
{
	size_t *selected = &top->choice.selected;

	if (rows < 0 && *selected < (size_t)-rows)
		*selected = 0;
	else
		*selected += (size_t)rows;
	if (*selected >= top->table.nr)
		*selected = top->table.nr ? top->table.nr - 1 : 0;
}

/* Returns false if KEY moves nothing. */
static bool top_key_move(struct top *top, char key)
{
	long page =
		(long)top->window.height > 8 ? (long)top->window.height - 6 : 1;

	switch (key) {
	case 'j':
	case 'B':
		top_move(top, 1);
		return true;
	case 'k':
	case 'A':
		top_move(top, -1);
		return true;
	case 'F':
		top_move(top, (long)top->table.nr);
		return true;
	case 'H':
		top_move(top, -(long)top->table.nr);
		return true;
	case '5':
		top_move(top, -page);
		return true;
	case '6':
		top_move(top, page);
		return true;
	}
	return false;
}

static void top_view_change(struct top *top, const struct top_view *view)
{
	top->choice.view = view;
	top->choice.sort = -1;
	top->choice.reverse = false;
	top->choice.selected = top->choice.first = 0;
	top->next = 0;
}

static void top_terminal_enter(struct top *top)
{
	struct termios raw = top->before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	fputs(TOP_ENTER, stdout);
	fflush(stdout);
}

static void top_terminal_leave(struct top *top)
{
	fputs(TOP_LEAVE, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &top->before);
}

static void top_interval(struct top *top, int step)
{
	if (step < 0 && top->interval > 1)
		top->interval--;
	else if (step > 0 && top->interval < TOP_INTERVAL_MAX)
		top->interval++;
}

static void top_key(struct top *top, char key)
{
	const struct top_view *view = top_view_of_key(key);

	if (view) {
		top_view_change(top, view);
		return;
	}
	switch (key) {
	case 'q':
	case TOP_CTRL('c'):
		top->ended = true;
		break;
	case TOP_CTRL('z'):
		top_terminal_leave(top);
		raise(SIGSTOP);
		top_terminal_enter(top);
		break;
	case 's':
		top_sort_next(&top->choice);
		break;
	case 'r':
		top->choice.reverse = !top->choice.reverse;
		break;
	case '/':
		top->choice.typing = true;
		break;
	case '\033':
		top->choice.filter[0] = '\0';
		break;
	case ' ':
		top->choice.paused = !top->choice.paused;
		top->next = 0;
		break;
	case 'e':
	case '\r':
	case '\n':
		top_page_explain(top);
		break;
	case '+':
	case '-':
		top_interval(top, key == '+' ? 1 : -1);
		break;
	case '?':
	case 'h':
		top_page_help(top);
		break;
	case 'j':
	case 'k':
		top_key_move(top, key);
		break;
	}
}

/* Keys as they come: a few bytes begin with Escape, as an arrow does. */
static void top_keys(struct top *top)
{
	char keys[64];
	ssize_t got = read(STDIN_FILENO, keys, sizeof(keys)), i;

	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
		top->ended = true; /* the terminal is gone */
	for (i = 0; i < got; i++) {
		if (top->page) {
			free(top->page);
			top->page = NULL;
			fputs("\033[2J", stdout);
			return;
		}
		if (keys[i] == '\033' && i + 2 < got &&
		    (keys[i + 1] == '[' || keys[i + 1] == 'O')) {
			top_key_move(top, keys[i + 2]);
			i += 2 + (i + 3 < got && keys[i + 3] == '~');
		} else if (top->choice.typing) {
			top_key_filter(&top->choice, keys[i]);
		} else {
			top_key(top, keys[i]);
		}
	}
}

static void top_measure_window(struct top *top)
{
	struct winsize size = { 0 };

	top->window.colour = top->ctl->output.colour;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 10)
		size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
	top->window.width = size.ws_col;
	top->window.height = size.ws_row < 5 ? 5 : size.ws_row;
}

static void top_wait(struct top *top, const sigset_t *mask)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	usec_t now = clock_now();
	usec_t wait = top->next > now ? top->next - now : 0;
	struct timespec patience = { .tv_sec = wait / USEC_PER_SEC,
				     .tv_nsec = wait % USEC_PER_SEC * 1000 };
	int ready = ppoll(&keys, 1, &patience, mask);

	if (top_signal_size) {
		top_signal_size = 0;
		top_measure_window(top);
		fputs("\033[2J", stdout);
	}
	if (ready > 0)
		top_keys(top);
}

static void top_loop(struct top *top, const sigset_t *mask)
{
	while (!top->ended && !top_signal_end) {
		if (clock_now() >= top->next) {
			if (!top->choice.paused || !top->data.status)
				top_refresh(top);
			top->next = clock_now() + top->interval * USEC_PER_SEC;
		}
		top_draw(top);
		top_wait(top, mask);
	}
}

static void top_catch(sigset_t *mask)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction end = { .sa_handler = top_on_end };
	struct sigaction size = { .sa_handler = top_on_size };
	sigset_t block;
	size_t i;

	sigemptyset(&block);
	sigaddset(&block, SIGWINCH);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		sigaddset(&block, ends[i]);
		sigaction(ends[i], &end, NULL);
	}
	sigaction(SIGWINCH, &size, NULL);
	sigprocmask(SIG_BLOCK, &block, mask);
	sigdelset(mask, SIGWINCH);
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		sigdelset(mask, ends[i]);
}

static int top_interactive(struct top *top)
{
	sigset_t mask;

	if (tcgetattr(STDIN_FILENO, &top->before) < 0)
		return 1;
	top->window.terminal = true;
	top_measure_window(top);
	top_catch(&mask);
	top_terminal_enter(top);
	top_loop(top, &mask);
	top_terminal_leave(top);
	return 0;
}

/* Frames for a pipe or a log, of all rows; a blank line between them. */
static int top_plain(struct top *top)
{
	struct timespec pause = { .tv_sec = top->interval };

	for (;;) {
		top_refresh(top);
		if (top->why[0])
			fprintf(stderr, "evenkeel: %s\n", top->why);
		if (!top->why[0])
			top_draw(top);
		if (top->ctl->once)
			return top->why[0] ? 1 : 0;
		if (ferror(stdout))
			return 1;
		nanosleep(&pause, NULL);
		if (!top->why[0])
			putchar('\n');
	}
}

static int top_options(struct top *top)
{
	const char *view = top->ctl->view, *interval = top->ctl->interval;
	unsigned long seconds;
	char *end;

	if (view && !top_view_find(view)) {
		fprintf(stderr,
			"evenkeel: '%s' is not a view; there are servers, pools, rates, "
			"checks, events and pair\n",
			view);
		return -EINVAL;
	}
	top->choice.view = view ? top_view_find(view) : top_view_at(0);
	top->choice.sort = -1;
	top->interval = TOP_INTERVAL;
	if (!interval)
		return 0;
	seconds = strtoul(interval, &end, 10);
	if (*end || seconds < 1 || seconds > TOP_INTERVAL_MAX) {
		fprintf(stderr,
			"evenkeel: '%s' is not a number of seconds from 1 to %u\n",
			interval, TOP_INTERVAL_MAX);
		return -EINVAL;
	}
	top->interval = (unsigned)seconds;
	return 0;
}

int top_run(struct ctl *ctl, const struct command *command)
{
	struct top top = { .ctl = ctl };
	int status;

	if (top_options(&top) < 0)
		return 2;
	if (!ctl->once && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		status = top_interactive(&top);
	else
		status = top_plain(&top);
	top_table_clear(&top.table);
	json_object_put(top.data.status);
	json_object_put(top.data.status_before);
	json_object_put(top.data.vrrp);
	json_object_put(top.data.events);
	free(top.page);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inputs as data: to a listener, and back into a balance. */
#include "balance/balance_internal.h"

void balance_listen(struct balance *balance,
		    void (*heard)(void *arg, const struct balance_input *input),
		    void *arg)
{
	balance->heard = heard;
	balance->heard_arg = arg;
}

void balance_take(struct balance *balance, const struct balance_input *input,
		  struct table *wanted)
{
	switch (input->kind) {
	case INPUT_ADOPT:
		balance_adopt(balance, input->table, input->now);
		break;
	case INPUT_VERDICT:
		balance_verdict(balance, input->verdict, input->now);
		break;
	case INPUT_OVERRIDE:
		balance_override(balance, input->server, input->override,
				 input->weight, input->now);
		break;
	case INPUT_SEAT:
		balance_seat(balance, input->server, input->term);
		break;
	case INPUT_FAILBACK:
		balance_failback(balance, input->server);
		break;
	case INPUT_RESERVE:
		balance_reserve(balance, input->reserve);
		break;
	case INPUT_CONNECTIONS:
		balance_note_connections(balance, input->table);
		break;
	case INPUT_DECIDE:
		balance_decide(balance, input->now, wanted);
		break;
	case INPUT_PAUSE:
		balance_pause(balance, input->vs, input->until, input->now);
		break;
	case INPUT_FELL:
		balance_fell(balance, input->server);
		break;
	case INPUT_SEAT_LEFT:
		balance_seat_left(balance, input->vs, input->term);
		break;
	case INPUT_DECIDED:
	case INPUTS:
		break;
	}
}

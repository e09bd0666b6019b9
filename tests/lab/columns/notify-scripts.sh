# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: keepalived with notify scripts, sync daemons by ipvsadm, BIRD 2
# limit: 1600
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/columns.sh
. /src/tests/lab/lib/columns.sh

DIRECTORS_ROUTER=bird
DIRECTORS_SPEAKERS=bird
DIRECTORS_CONTROLLER=keepalived
COLUMN_KEEPS=no
COLUMN_ROWS="$COLUMN_PLAIN cut-swap boots-swap"
column_run

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: BIRD 2, neither sync nor mh, ordinary hash
# limit: 1400
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/columns.sh
. /src/tests/lab/lib/columns.sh

DIRECTORS_ROUTER=bird
DIRECTORS_SPEAKERS=bird
DIRECTORS_GLOBAL=MESH
COLUMN_SYNCED=no
COLUMN_KEEPS=no
COLUMN_ROWS="$COLUMN_PLAIN cut-swap boots-swap"
column_run

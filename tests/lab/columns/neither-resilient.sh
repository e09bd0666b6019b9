# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: BIRD 2, neither sync nor mh, resilient groups
# limit: 1500
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/columns.sh
. /src/tests/lab/lib/columns.sh

DIRECTORS_ROUTER=bird
DIRECTORS_SPEAKERS=bird
DIRECTORS_GLOBAL=MESH
COLUMN_SYNCED=no
COLUMN_KEEPS=no
DIRECTORS_HASH=resilient
COLUMN_ROWS='drained returns cut boots silent cut-swap boots-swap'
column_run

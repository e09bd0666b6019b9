# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: FRR of this release with BFD of 3 times 100 ms, connection sync
# limit: 1500
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/columns.sh
. /src/tests/lab/lib/columns.sh

DIRECTORS_GLOBAL='lvs_sync_daemon eth0 id 77
lvs_sync_tuning on
MESH'
DIRECTORS_GROUP=''
DIRECTORS_BFD=yes
COLUMN_ROWS='drained returns silent'
column_run

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: BIRD 2, connection sync, ordinary hash
# limit: 1700
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/columns.sh
. /src/tests/lab/lib/columns.sh

DIRECTORS_ROUTER=bird
DIRECTORS_SPEAKERS=bird
DIRECTORS_GLOBAL='lvs_sync_daemon eth0 id 77
lvs_sync_tuning on
MESH'
DIRECTORS_GROUP=''
column_run

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes ./configure from configure.ac; needed once after a checkout from git.
set -e
cd "$(dirname "$0")"
exec autoreconf --force --install

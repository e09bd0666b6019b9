# SPDX-License-Identifier: GPL-2.0-or-later
dist_man_MANS += man/evenkeel.conf.5 man/evenkeel.8 man/evenkeeld.8 man/evenkeel-scenario.5 \
	man/evenkeel-recording.5

# The documents for people, and the test that holds them against the sources.
EXTRA_DIST += README.md doc CONTRIBUTING.md SECURITY.md CHANGELOG.md COPYING
EXTRA_DIST += dev .ci debian tests/bench tests/dev tests/docs tests/lab tests/mysql tests/net
TESTS += tests/docs/run tests/conf/run

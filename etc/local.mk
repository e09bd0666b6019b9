# SPDX-License-Identifier: GPL-2.0-or-later
# The systemd unit: its paths are those of this installation. Type=notify-reload
# came with systemd 253; an older one gets the same reload by a signal. To build
# for another host's systemd: make SYSTEMD_VERSION=252.
SYSTEMD_VERSION = `systemctl --version 2>/dev/null | \
	sed -n '1s/^systemd \([0-9]*\).*/\1/p'`

etc/evenkeel.service: etc/evenkeel.service.in Makefile
	$(AM_V_GEN)mkdir -p etc && version=$(SYSTEMD_VERSION) && \
	if test "$${version:-253}" -lt 253; then \
		type='Type=notify\nExecReload=/bin/kill -HUP $$MAINPID'; \
	else \
		type='Type=notify-reload'; \
	fi && \
	sed -e 's|@sbindir[@]|$(sbindir)|g' \
		-e "s|^Type=notify-reload$$|$$type|" \
		$(top_srcdir)/etc/evenkeel.service.in > $@.new && \
	mv $@.new $@

EXTRA_DIST += etc/evenkeel.service.in etc/evenkeel.conf etc/pair.conf etc/replicas.conf \
	etc/prometheus/evenkeel-dashboard.json \
	etc/prometheus/evenkeel.rules.yml etc/prometheus/evenkeel.rules.test.yml
CLEANFILES += etc/evenkeel.service
if HAVE_SYSTEMD
systemdsystemunit_DATA = etc/evenkeel.service
endif

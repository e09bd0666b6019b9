# SPDX-License-Identifier: GPL-2.0-or-later
# The files of the status page; web/embed makes them part of the program.
WEB_PAGE = \
	web/page/icon-bad.svg web/page/icon-faint.svg \
	web/page/icon-good.svg web/page/icon-warn.svg \
	web/page/index.html web/page/page.css web/page/page.js \
	web/page/page_dom.js web/page/page_fresh.js web/page/page_pair.js \
	web/page/page_pools.js web/page/page_words.js
EXTRA_DIST += web/embed $(WEB_PAGE)

noinst_LIBRARIES += web/libweb.a
web_libweb_a_SOURCES = \
	web/figures.c web/figures.h \
	web/http_words.c web/http_words.h \
	web/listener.c web/listener.h \
	web/page_files.h \
	web/pages.c web/pages.h \
	web/store.c web/store.h \
	web/web.c web/web.h
nodist_web_libweb_a_SOURCES = web/page_files.c
web_libweb_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(LIBEVENT_CFLAGS) $(MICROHTTPD_CFLAGS)
CLEANFILES += web/page_files.c

web/page_files.c: web/embed $(WEB_PAGE) web/local.mk
	$(AM_V_GEN)$(MKDIR_P) web && cd $(srcdir) && \
		sh web/embed $(WEB_PAGE) >$(abs_builddir)/$@.new && \
		mv $(abs_builddir)/$@.new $(abs_builddir)/$@

WEB_LIBS = web/libweb.a ctl/libctl.a $(LIB_LIBS) $(JSONC_LIBS) $(MICROHTTPD_LIBS)

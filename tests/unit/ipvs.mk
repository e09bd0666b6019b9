# SPDX-License-Identifier: GPL-2.0-or-later
# Drives ipvs/ against the lab's kernel; see tests/lab/scenarios/ipvs-*.sh.
noinst_PROGRAMS += tests/lab/ipvs/roundtrip
tests_lab_ipvs_roundtrip_SOURCES = tests/lab/ipvs/roundtrip.c \
	tests/lab/ipvs/roundtrip.h tests/lab/ipvs/matrix.c \
	tests/lab/ipvs/faults.c tests/lab/ipvs/speed.c
tests_lab_ipvs_roundtrip_LDADD = $(IPVS_LIBS) $(LIB_LIBS)

# SPDX-License-Identifier: GPL-2.0-or-later
# Drives ipvs/ against the lab's kernel; see tests/lab/scenarios/ipvs-*.sh.
noinst_PROGRAMS += tests/lab/ipvs/roundtrip
tests_lab_ipvs_roundtrip_SOURCES = tests/lab/ipvs/roundtrip.c \
	tests/lab/ipvs/roundtrip.h tests/lab/ipvs/matrix.c \
	tests/lab/ipvs/faults.c tests/lab/ipvs/speed.c
tests_lab_ipvs_roundtrip_LDADD = $(IPVS_LIBS) $(LIB_LIBS)

if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_ipvs
tests_unit_test_ipvs_SOURCES = tests/unit/ipvs_fake.c \
	tests/unit/ipvs_fake.h tests/unit/ipvs_world.c \
	tests/unit/ipvs_world.h \
	tests/unit/test_ipvs_apply.c \
	tests/unit/test_ipvs_decode.c \
	tests/unit/test_ipvs_diff.c tests/unit/test_ipvs_encode.c \
	tests/unit/test_ipvs_link.c tests/unit/test_ipvs_random.c \
	tests/unit/test_ipvs_read.c tests/unit/test_ipvs_sort.c \
	tests/unit/test_ipvs_validate.c
tests_unit_test_ipvs_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBNL_CFLAGS)
tests_unit_test_ipvs_LDADD = $(IPVS_LIBS) $(LIB_LIBS) $(CRITERION_LIBS)
endif

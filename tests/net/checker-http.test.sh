#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# HTTP_GET and SSL_GET: what answers mean, what a bad server cannot do, and how
# many can be asked at once.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

WEB=$NET_DIR/web
LAST=0
# web ADDRESS PORT COUNT [CERT KEY]: the server, up when this returns.
web() {
	python3 "$SRC/tests/net/tools/httpserver.py" "$@" >"$WEB.$2" 2>&1 &
	poll 20 grep -q ready "$WEB.$2" || assert_fail "httpserver.py $*"
}

# One server for each line of a check: rs_web KIND PORT CHECK-LINE URL-LINE...
# LAST is the number of its own address, 127.0.1.LAST.
rs_web() {
	LAST=$((LAST + 1))
	rs_begin 127.0.1.$LAST 80
	printf '%s\n' "$1 {" "connect_ip ${WEB_IP:-127.0.0.1}" \
		"connect_port $2" "$3" "url {" "${@:4}" "}" "}"
	rs_end
}
# serves_not PORT: closed or nonsense, as the server likes.
serves_not() { of "127.0.0.1:$1" | tail -n 1 | grep -E "^(closed|garbage)"; }

ip link set lo up
# curl must not listen to these.
export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9
web 127.0.0.1 7000 60

step "status codes"
SUM=$(printf 'hello\n' | md5sum | cut -d' ' -f1)
{
	vs_begin "delay_loop 0.5" "connect_timeout 2" "fall 1"
	rs_web HTTP_GET 7000 "" "path /page"
	rs_web HTTP_GET 7001 "" "path /status/503"
	rs_web HTTP_GET 7002 "" "path /status/503" "status_code 500-510"
	rs_web HTTP_GET 7003 "drain_code 404" "path /status/404"
	rs_web HTTP_GET 7004 "drain_code 404" "path /status/200"
	rs_web HTTP_GET 7005 "" "path /page" "digest $SUM"
	rs_web HTTP_GET 7006 "" "path /page" "digest ${SUM//[0-7]/8}"
	rs_web HTTP_GET 7007 "" "path /redirect"
	rs_web HTTP_GET 7008 "" "path /interim"
	rs_web HTTP_GET 7009 "virtualhost www.example.com" "path /host"
	rs_web HTTP_GET 7010 "" "path /host" "virtualhost www.example.com"
	rs_web HTTP_GET 7011 "" "path /host"
	rs_web HTTP_GET 7012 "http_protocol 1.1" "path /page" "digest ${SUM^^}"
	rs_web HTTP_GET 7013 "" 'path "/two words"'
	rs_web HTTP_GET 7014 "drain_code 300-399 404" "path /status/307" "status_code 200 307"
	rs_web HTTP_GET 7099 "" "path /page"
	rs_web HTTP_GET 7015 "bindto 192.0.2.99" "path /page"
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 10 "a good page is ok" last_is 127.0.0.1:7000 ok
wait_for 10 "503 is not" last_is 127.0.0.1:7001 status
says() { of "$1" | tail -n 1 | grep -F -- "$2"; }
check "and says so" says 127.0.0.1:7001 "status 503, expected 200-299"
wait_for 10 "unless the file accepts it" last_is 127.0.0.1:7002 ok
wait_for 10 "a drain_code drains" last_is 127.0.0.1:7003 drain
check "in words" says 127.0.0.1:7003 "status 404 is a drain_code"
check "and with its number" says 127.0.0.1:7003 "http_status=404"
wait_for 10 "only that one" last_is 127.0.0.1:7004 ok
wait_for 10 "the right digest is ok" last_is 127.0.0.1:7005 ok
wait_for 10 "the wrong one is not" last_is 127.0.0.1:7006 status
check "and both are named" says 127.0.0.1:7006 "digest is $SUM, expected"
wait_for 10 "a redirection is an answer like others" last_is 127.0.0.1:7007 status
check "and not followed" says 127.0.0.1:7007 "status 302"
wait_for 10 "an interim answer is not the answer" last_is 127.0.0.1:7008 ok
wait_for 10 "virtualhost of the check" last_is 127.0.0.1:7009 ok
wait_for 10 "virtualhost of the page" last_is 127.0.0.1:7010 ok
wait_for 10 "none" last_is 127.0.0.1:7011 status
wait_for 10 "HTTP/1.1; digits of a digest in capitals" last_is 127.0.0.1:7012 ok
wait_for 10 "a path with a blank is the file's fault" last_is 127.0.0.1:7013 misconfigured
wait_for 10 "drain_code goes before status_code" last_is 127.0.0.1:7014 drain
wait_for 10 "a closed port is refused" last_is 127.0.0.1:7099 refused
wait_for 10 "a source address that is not ours is our own fault" \
	last_is 127.0.0.1:7015 local-fault
wait_for 10 "enough rounds" count_reaches 127.0.0.1:7000 ok 8
wait_for 10 "a page is asked for as often as another" keeps_up 127.0.0.1:7000 127.0.0.1:7001
check "the request is HTTP/1.0, unless said" grep -q '^7000 1 GET /page HTTP/1.0 127.0.0.1:7000$' "$WEB.7000"
# shellcheck disable=SC2016
check "each probe has a connection of its own" \
	awk '$1 == 7012 && $2 != 1 { bad = 1 } END { exit bad }' "$WEB.7000"
check_not "main is never left without a word" grep silent "$OUT"
drive_stop

step "several pages"
{
	vs_begin "delay_loop 0.5" "connect_timeout 2" "fall 1"
	rs_web HTTP_GET 7000 "http_protocol 1.1" "path /page" "}" "url {" "path /status/200" "}" "url {" "path /host" "virtualhost www.example.com"
	rs_web HTTP_GET 7001 "" "path /page" "}" "url {" "path /status/204"
	rs_web HTTP_GET 7002 "" "path /page" "}" "url {" "path /status/500" "}" "url {" "path /page"
	rs_web HTTP_GET 7003 "drain_code 404" "path /status/404" "}" "url {" "path /page"
	rs_web HTTP_GET 7004 "drain_code 404" "path /status/404" "}" "url {" "path /status/500"
	vs_end
} >"$NET_DIR/conf"
: >"$WEB.7000"
drive_start
wait_for 10 "all good" last_is 127.0.0.1:7000 ok
check "they shared a connection" grep -q '^7000 3 GET /host HTTP/1.1 www.example.com' "$WEB.7000"
wait_for 10 "all good, with HTTP/1.0" last_is 127.0.0.1:7001 ok
wait_for 10 "the second bad" last_is 127.0.0.1:7002 status
check "it is named" says 127.0.0.1:7002 "/status/500: status 500, expected 200-299"
wait_for 10 "one drains, the other is good" last_is 127.0.0.1:7003 drain
wait_for 10 "one drains, the other is bad" last_is 127.0.0.1:7004 status
drive_stop

step "what a page says"
{
	vs_begin "delay_loop 0.5" "connect_timeout 2" "fall 1"
	rs_web HTTP_GET 7000 "" "path /page" 'regex "^hel+o$"'
	rs_web HTTP_GET 7001 "" "path /page" "regex hullo"
	rs_web HTTP_GET 7002 "" "path /page" "regex hello" "regex_no_match"
	rs_web HTTP_GET 7003 "" "path /page" "regex HELLO" "regex_options caseless"
	rs_web HTTP_GET 7004 "" "path /page" "regex l" "regex_max_offset 1"
	rs_web HTTP_GET 7005 "" "path /page" "regex l" "regex_min_offset 3"
	rs_web HTTP_GET 7006 "" "path /page" "regex hello" "digest ${SUM//[0-7]/8}"
	rs_web HTTP_GET 7007 "" "path /long" "regex hello"
	rs_web HTTP_GET 7008 "" "path /short" "regex hello"
	rs_web HTTP_GET 7009 "" "path /short" "regex hullo"
	rs_web HTTP_GET 7010 "" "path /trickle" "regex x"
	rs_web HTTP_GET 7011 "drain_code 404" "path /status/404" "regex nothing"
	rs_web HTTP_GET 7012 "http_protocol 1.1" "path /page" "regex hello" "}" "url {" "path /said/well" "regex ^well$"
	rs_web HTTP_GET 7013 "http_protocol 1.1" "path /said/well" "regex well" "}" "url {" "path /said/ill" "regex well"
	rs_web HTTP_GET 7014 "" "path /said/$(printf '%01000d' 0)" 'regex "(0*)*1"'
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 10 "it matches" last_is 127.0.0.1:7000 ok
wait_for 10 "it does not" last_is 127.0.0.1:7001 status
check "and says so" says 127.0.0.1:7001 "the page does not match 'regex'"
wait_for 10 "it must not match" last_is 127.0.0.1:7002 status
check "and says so" says 127.0.0.1:7002 "the page matches 'regex', and must not"
wait_for 10 "with an option" last_is 127.0.0.1:7003 ok
wait_for 10 "not so early" last_is 127.0.0.1:7004 status
wait_for 10 "late enough" last_is 127.0.0.1:7005 ok
wait_for 10 "the digest counts as well" last_is 127.0.0.1:7006 status
wait_for 10 "a page that is too long" last_is 127.0.0.1:7007 garbage
check "which says" says 127.0.0.1:7007 "body is longer than 256 KiB"
wait_for 10 "closed in the middle: what came counts" last_is 127.0.0.1:7008 ok
wait_for 10 "and that does not match" last_is 127.0.0.1:7009 status
wait_for 10 "a page without an end, slowly" last_is 127.0.0.1:7010 hung
wait_for 10 "a drain_code goes before it" last_is 127.0.0.1:7011 drain
wait_for 10 "two pages, each with its own" last_is 127.0.0.1:7012 ok
wait_for 10 "of which the second does not match" last_is 127.0.0.1:7013 status
check "which says" says 127.0.0.1:7013 "/said/ill: the page does not match"
wait_for 10 "enough rounds" count_reaches 127.0.0.1:7000 ok 8
wait_for 10 "an expression without an end ends" last_is 127.0.0.1:7014 status
check_not "main is never left without a word" grep silent "$OUT"
drive_stop

step "bad servers"
{
	vs_begin "delay_loop 2" "connect_timeout 1" "fall 1"
	rs_web HTTP_GET 7000 "" "path /page"
	rs_web HTTP_GET 7001 "" "path /silent"
	rs_web HTTP_GET 7002 "" "path /slow"
	rs_web HTTP_GET 7003 "" "path /trickle"
	rs_web HTTP_GET 7004 "" "path /endless"
	rs_web HTTP_GET 7005 "" "path /endless" "digest $SUM"
	rs_web HTTP_GET 7006 "" "path /header"
	rs_web HTTP_GET 7007 "" "path /line"
	rs_web HTTP_GET 7008 "" "path /garbage"
	rs_web HTTP_GET 7009 "" "path /close"
	rs_web HTTP_GET 7010 "" "path /short"
	rs_web HTTP_GET 7011 "" "path /short" "digest $SUM"
	rs_web HTTP_GET 7012 "" "path /trickle" "digest $SUM"
	rs_web HTTP_GET 7013 "" "path /trickle" "}" "url {" "path /page"
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 10 "a good one beside them" last_is 127.0.0.1:7000 ok
wait_for 10 "no answer" last_is 127.0.0.1:7001 hung
wait_for 10 "a header without an end, slowly" last_is 127.0.0.1:7002 hung
wait_for 10 "a body without an end, slowly: its status counts" last_is 127.0.0.1:7003 ok
check "and what was seen is said" says 127.0.0.1:7003 "status 200, but the page did not end"
wait_for 10 "unless there is a digest to compare" last_is 127.0.0.1:7012 hung
check "which says" says 127.0.0.1:7012 "status 200, but the page did not end"
wait_for 10 "or another page, to which it never comes" last_is 127.0.0.1:7013 hung
wait_for 10 "a body without an end, quickly: its status counts" last_is 127.0.0.1:7004 ok
wait_for 10 "unless there is a digest to compare" last_is 127.0.0.1:7005 garbage
check "which says" says 127.0.0.1:7005 "body is longer than 4096 KiB"
wait_for 10 "header lines without an end" last_is 127.0.0.1:7006 garbage
check "which says" says 127.0.0.1:7006 "header is longer than 64 KiB"
wait_for 10 "a header line without an end" last_is 127.0.0.1:7007 garbage
wait_for 10 "garbage" last_is 127.0.0.1:7008 garbage
wait_for 10 "closed without an answer" last_is 127.0.0.1:7009 closed
wait_for 10 "closed in the middle: its status counts" last_is 127.0.0.1:7010 ok
check "and what was seen is said" says 127.0.0.1:7010 "status 200, but the page ended too early"
wait_for 10 "unless there is a digest to compare" last_is 127.0.0.1:7011 closed
check "which says" says 127.0.0.1:7011 "status 200, but the page ended too early"
wait_for 15 "a few rounds" count_reaches 127.0.0.1:7001 hung 3
wait_for 10 "the others do not wait for it" keeps_up 127.0.0.1:7000 127.0.0.1:7001
check "the good one is never anything else" only 127.0.0.1:7000 ok
check_not "main is never left without a word" grep silent "$OUT"
drive_stop

step "requests that a server does not answer"
{
	vs_begin "delay_loop 0.3" "connect_timeout 0.3" "fall 1"
	rs_web HTTP_GET 7050 "" "path /silent"
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 20 "twelve rounds" count_reaches 127.0.0.1:7050 hung 12
held() { ss -Htn state connected "sport = :7050" | grep -vc TIME-WAIT; }
few_held() { ss -Htn state connected "sport = :7050"; [ "$(held)" -le 2 ]; }
check "two of them are there at most" few_held
check "which is what is said" says 127.0.0.1:7050 "2 earlier requests"
drive_stop

step "TLS"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other.example \
	-keyout "$NET_DIR/key" -out "$NET_DIR/cert" >/dev/null 2>&1
web 127.0.0.1 7100 10 "$NET_DIR/cert" "$NET_DIR/key"
{
	vs_begin "delay_loop 0.5" "connect_timeout 3" "fall 1"
	rs_web SSL_GET 7100 "" "path /page" "digest $SUM"
	rs_web SSL_GET 7101 "enable_sni" "path /sni" "virtualhost db.example.com"
	rs_web SSL_GET 7102 "" "path /sni" "virtualhost db.example.com"
	rs_web SSL_GET 7103 "http_protocol 1.1" "path /page" "}" "url {" "path /status/200"
	rs_web SSL_GET 7000 "" "path /page"
	rs_web HTTP_GET 7104 "" "path /page"
	rs_web SSL_GET 7105 "drain_code 404" "path /status/404"
	rs_web SSL_GET 7106 "enable_sni" "path /page" 'virtualhost "a/b"'
	rs_web SSL_GET 7107 "sni_name other.example.com" "path /asked/other.example.com" "virtualhost db.example.com"
	rs_web SSL_GET 7108 "sni_name other.example.com" "path /asked/other.example.com"
	rs_web SSL_GET 7109 "sni_name" "path /sni" "virtualhost db.example.com"
	vs_end
} >"$NET_DIR/conf"
: >"$WEB.7100"
drive_start
wait_for 10 "a certificate of nobody's is accepted, as keepalived does" last_is 127.0.0.1:7100 ok
wait_for 10 "enable_sni asks for the name" last_is 127.0.0.1:7101 ok
wait_for 10 "without it none is asked for" last_is 127.0.0.1:7102 status
wait_for 10 "two pages on one connection" last_is 127.0.0.1:7103 ok
check "it was one" grep -q '^7103 2 GET /status/200' "$WEB.7100"
wait_for 10 "a server that waits for a request without TLS" last_is 127.0.0.1:7000 hung
wait_for 10 "TLS where none is expected" serves_not 7104
wait_for 10 "a drain_code" last_is 127.0.0.1:7105 drain
wait_for 10 "a name that TLS cannot ask for" last_is 127.0.0.1:7106 misconfigured
wait_for 10 "sni_name is the name" last_is 127.0.0.1:7107 ok
check "and not the host" grep -q '^7107 1 GET .* db.example.com$' "$WEB.7100"
wait_for 10 "nor without a virtualhost" last_is 127.0.0.1:7108 ok
check "where the host is the address" grep -q '^7108 1 GET .* 127.0.0.1:7108$' "$WEB.7100"
wait_for 10 "sni_name without a name is enable_sni" last_is 127.0.0.1:7109 ok
drive_stop

step "IPv6"
web ::1 7200 2
{
	printf '%s\n' "virtual_server fd00::1 80 {" "lvs_sched rr" \
		"lvs_method NAT" "protocol TCP" "delay_loop 0.5" "fall 1"
	rs_begin ::1 7200
	printf '%s\n' "HTTP_GET {" "url {" "path /page" "}" "}"
	rs_end
	rs_begin ::1 7201
	printf '%s\n' "HTTP_GET {" "bindto ::1" "url {" "path /page" "}" "}"
	rs_end
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 10 "asked for its address" last_is "[::1]:7200" ok
check "in brackets" grep -q '^7200 1 GET /page HTTP/1.0 \[::1\]:7200$' "$WEB.7200"
wait_for 10 "with a source address" last_is "[::1]:7201" ok
drive_stop

step "five hundred at once"
{
	# No host is so slow that this is a verdict about it.
	vs_begin "delay_loop 1" "connect_timeout 60" "fall 1" "warmup 0"
	for i in $(seq 500); do
		rs 127.0.2.$((i % 250 + 1)) $((6000 + i / 250)) HTTP_GET \
			"connect_port $((6000 + i))" "url {" "path /page" "}"
	done
	rs 127.0.0.1 7001 HTTP_GET "url {" "path /silent" "}"
	vs_end
} >"$NET_DIR/conf"
web 0.0.0.0 6000 501
drive_start
# all_ok TIMES: each of them has been so often.
all_ok() {
	[ "$(awk -v least="$1" '$1 == "verdict" && $6 == "ok" { n += ++seen[$5] == least }
		END { print n + 0 }' "$OUT")" = 500 ]
}
wait_for 30 "all five hundred are ok" all_ok 1
wait_for 30 "again and again" all_ok 4
bad() { awk '$1 == "verdict" && $5 != "127.0.0.1:7001" && $6 != "ok"' "$OUT" | grep .; }
check_not "and stay so beside one that hangs" bad
descriptors() { find "/proc/$CHECKER_PID/fd" -mindepth 1 | wc -l; }
echo "descriptors: $(descriptors)"
kill "$DRIVE_PID"
wait "$DRIVE_PID"
check "the checker ended well" grep -q '^end 0 ' "$OUT"
grep '^end' "$OUT"
finish

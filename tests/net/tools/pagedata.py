#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up answers for the status page, with the fields of evenkeel's own.

tests/net/page.test.sh holds the fields against those of a real daemon, so that
what is shown of these is what would be shown of that.
"""


def process(**more):
    return dict({"running": True, "answering": True, "pid": 812, "restarts": 0,
                 "spoke_s": 0.3}, **more)


def check(**more):
    return dict({"type": "MYSQL_CHECK", "target": "10.78.0.1:3306",
                 "state": "up", "outcome": "ok", "text": "ok", "error": 0,
                 "failures": 0, "rise": 1, "fall": 2, "proven": True,
                 "stale": False, "duration_ms": 1.84, "age_s": 0.4}, **more)


def server(address, **more):
    made = {
        "address": address, "state": "up", "since_s": 93784.2,
        "weight_configured": 100, "slow_start_percent": 100,
        "response_percent": 100, "saturation_percent": 100, "operator": None,
        "drained": False, "drain_cut": 0, "weight_wanted": 100,
        "weight_kernel": 100, "active": 40, "inactive": 3, "connections_total": 9120, "read_only": True,
        "replica": True, "channels": 1, "lag_s": 0.0,
        "reason": "its check succeeds: 10.11.6-MariaDB, lag 0 s",
        "checks": [check(target=address)]}
    made.update(more)
    return made


def pool(name, servers, **more):
    up = sum(one["state"] == "up" for one in servers)
    serving = sum(bool(one["weight_kernel"]) for one in servers)
    return dict({
        "name": name, "services": [f"TCP {name}"], "scheduler": "wlc",
        "level": "normal", "quorum": True, "quorum_configured": 1, "up": up,
        "serving": serving, "min_serving": (len(servers) + 1) // 2,
        "soft_failed": 0, "kept_though_soft_failed": 0, "backups_serving": 0,
        "sources": 0, "writers": 0, "spares": 0, "connections_total": 48213,
        "bytes_in_total": 918230123, "bytes_out_total": 7812398123,
        "paused": False, "pause_keeps_table": False, "pause_left_s": None,
        "servers_all": len(servers), "servers": servers}, **more)


def headroom(pools, survives=1):
    return {"virtual_servers": [{
        "name": one["name"], "servers": one["serving"], "servers_unknown": 0,
        "target": 1, "survives": survives, "survives_peak": survives,
        "connections": sum(s["active"] for s in one["servers"]),
        "connections_peak": 310, "connections_room": 604,
        "worst_server": one["servers"][0]["address"] if one["servers"] else None,
        "worst_needs": 80, "worst_max": 151} for one in pools], "advice": []}


def status(pools, **more):
    return {"daemon": dict({
        "version": "0.1.0", "pid": 801, "uptime_s": 93801.5,
        "config_file": "/etc/evenkeel/evenkeel.conf", "generation": 4,
        "keepalived_compat": False, "log_lines_lost": 0,
        "checker": process(ready=True, verdicts=381223, stale_checks=0),
        "kernel": {"reached": True, "changes": 31, "failures": 0, "repairs": 0,
                   "audited_s": 12.1},
        "vrrp": process(ready=True, waits_for_table=False, master=1, backup=0,
                        fault=0),
        "peer": process(address="10.78.0.253:2444", heard_s=1.1, silent=False),
        }, **more), "virtual_servers": pools}


def report(**more):
    """The process of the operator channel, and what the other balancer reports."""
    return process(**dict({
        "address": "10.78.0.253:2444", "heard_s": 1.1, "silent": False,
        "reports": True, "clocks_apart": False, "report_s": 0.7, "version": "0.1.0",
        "same_version": True, "same_configuration": True, "table_complete": True,
        "verdicts_complete": True, "clock_ahead_s": -0.02,
        "instances": [{"name": "VI_1", "state": "BACKUP"}],
        "pools": [{"name": "10.78.0.1:1", "up": 1}]}, **more))


def neighbour(name, state, **more):
    known = state != "unknown"
    return dict({"name": name, "neighbor": "10.78.0.254", "state": state,
                 "since_s": 61.5 if known else None,
                 "why": "no BFD packet came within the detection time"
                        if known else None}, **more)


def announced(name, *others, **more):
    """An announce_group; OTHERS: what each other balancer says of it, None: not heard."""
    return dict({
        "name": name, "addresses": ["203.0.113.10"], "state": "announced",
        "announced": True, "interface": "evk-up", "since_s": 3605.0,
        "why": "its virtual servers work", "works": True, "others": len(others),
        "others_silent": None in others, "others_said": [
            {"address": f"10.78.0.{i + 3}:2444", "heard": said is not None, "state": said}
            for i, said in enumerate(others)],
        "turns_to": None, "turns_in_s": None, "trouble": None}, **more)


def instance(**more):
    return dict({
        "name": "VI_1", "state": "MASTER", "interface": "eth0", "version": 3,
        "vrid": 51, "priority_configured": 150,
        "addresses": ["10.78.0.100/32"], "group": None,
        "why": "no advert was heard for long enough", "since_s": 93790.0,
        "priority": 150, "faults": [], "source": "10.78.0.252",
        "peer": "10.78.0.253", "peer_priority": 100, "heard_s": 93790.0,
        "interval_s": 1.0, "timer_s": 0.5, "adverts_sent": 93791,
        "adverts_received": 12, "stops_sent": 0, "stops_received": 0,
        "send_errors": 0, "takeovers": 1, "lower_masters_heard": 0,
        "strays": 0, "dropped": {}, "odd": {}}, **more)


def vrrp(*instances, **more):
    return dict({
        "process": process(ready=True, waits_for_table=False),
        "instances": list(instances), "trackers": [
            {"name": "10.78.0.100:3306", "kind": "virtual server", "value": 1,
             "since_s": 93788.1, "text": "the quorum is reached"}],
        "sync": {"sends": True, "receives": False, "interface": "eth1",
                 "id": 1}}, **more)


def events(*texts):
    return {"events": [
        {"number": i + 1, "time": f"2026-11-27T09:{40 + i // 60:02d}:{i % 60:02d}.120+0000",
         "text": text} for i, text in enumerate(texts)]}


def chain():
    return [{"step": step, "text": text} for step, text in (
        ("check", "MYSQL_CHECK 10.78.0.2:3306 failed 14 times in a row (fall 2): "
                  "connection refused, last result 0.4 s ago"),
        ("standing", "down for 2 min"),
        ("pool", "does not serve; min_serving 2, serving 3, level normal"),
        ("weight", "100, if it served"), ("result", "not in the table"))]


def story():
    """A pool with one of each: what a screenshot should show."""
    reads = [
        server("10.78.0.1:3306", active=61, weight_kernel=100),
        server("10.78.0.2:3306", state="down", since_s=131.0,
               weight_wanted=None, weight_kernel=None, active=0, inactive=0,
               read_only=None, replica=None, lag_s=None,
               reason="Connection refused",
               checks=[check(state="down", outcome="refused", failures=14,
                             duration_ms=0.1)]),
        server("10.78.0.3:3306", state="soft-failed", since_s=48.0,
               weight_wanted=0, weight_kernel=0, active=12, lag_s=31.2,
               reason="31.2 s behind its source, max_lag 5 s",
               checks=[check(outcome="lag", duration_ms=4.1)]),
        server("10.78.0.4:3306", operator="drain", drained=False,
               weight_wanted=0, weight_kernel=0, active=4, since_s=4012.0,
               reason="drain by the operator for 3 min, 4 connections left"),
        server("10.78.0.5:3306", active=22, weight_kernel=40, weight_wanted=40,
               slow_start_percent=40, reason="slow start: 40 % of its weight"),
        server("10.78.0.6:3306", active=70, inactive=14,
               checks=[check(duration_ms=12.5)]),
    ]
    writes = [server("10.78.0.9:3306", read_only=False, replica=False,
                     lag_s=None, active=31, weight_configured=1,
                     weight_wanted=1, weight_kernel=1,
                     reason="its check succeeds: source, writable"),
              server("10.78.0.10:3306", state="spare", weight_configured=1,
                     weight_wanted=None, weight_kernel=None, active=0,
                     inactive=0, reason="could serve; writers 1")]
    pools = [pool("10.78.0.100:3306", reads, soft_failed=1),
             pool("10.78.0.101:3306", writes, writers=1, sources=1, spares=1)]
    return pools

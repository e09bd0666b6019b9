#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The shape of the sources in figures, held against the rules of CONTRIBUTING.

  - functions: how many are longer than 40 and than 60 lines, and the longest;
    lists of rows and flat switches may be longer than 60 (FLAT);
  - parameters: how many functions have more than four, and the most;
  - files: how many are longer than 800 lines, and the longest; 850 is too long;
  - #if in functions, and switches with a default: none;
  - journeys: the files that a reader opens to follow one event through the
    program, named by the functions on its way. A function that is gone, or is
    not named by the one before it where it is called, is a finding: the journey
    has to be told anew;
  - a newcomer's task: the sources of the product that name a keyword of one
    check (kinds.py counts the files that name a kind).

Prints the figures, and each finding; the exit status is 1 if there is one. "-v"
names the files of the journeys.
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from names import sources  # noqa: E402

LONG, LONGER, PARAMETERS = 40, 60, 4
FILE_LONG, FILE_MOST = 800, 850  # "about 800": the next one is to be split
LONG_MOST, PARAMETERS_MOST = 1.0, 5.0  # percent
FLAT = {"order_apply"}
NOISE = re.compile(
    r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
FUNCTION = re.compile(
    r"^(?P<head>[A-Za-z_][^;{}#=]*?\b(?P<name>[A-Za-z_]\w*)\("
    r"(?P<args>[^;{}]*)\))\s*^\{(?P<body>.*?)^\}", re.M | re.S)

# "|" is a border that no call crosses: a message, a task, a table of functions;
# behind it the way goes on, or goes back to a function named before. The figure
# is what the same way took before the house was rebuilt.
JOURNEYS = {
    "a MYSQL_CHECK's answer to a weight in the kernel": (33, """
        helper_answer mysql_session_probe session_try mysql_session_judge
        mysql_classify | pool_helper_reply |
        mysql_done check_finish check_conclude check_report outbox_put | checker_flush
        checker_send outbox_send ipc_send | process_take |
        checker_proc_take_verdicts | core_verdict balance_verdict
        verdict_step health_step | verdict_step soft_step | balance_verdict
        stats_verdict | core_decide core_judge core_make_table
        balance_decide balance_settle_server standing_of_server | balance_decide
        arbiter_choose correlate_decide | balance_decide quorum_decide |
        balance_decide saturation_decide | balance_decide ramp_decide |
        balance_decide fastest_decide | balance_decide headroom_decide |
        balance_decide build_service | core_decide kernel_apply
        ipvs_sort_table | kernel_apply kernel_compare ipvs_diff |
        kernel_apply kernel_carry_out ipvs_apply | netlink_submit |
        netlink_send_batch netlink_encode_batch ipvs_encode_request |
        netlink_send_batch ipvs_link_send"""),
    "SIGHUP to a changed VRRP priority": (19, """
        main_reload core_reload reload_begin |
        reload_rehearsed reload_read config_load configuration_read conf_read |
        configuration_read conf_parse
        | conf_bind_vrrp_instance | conf_vrrp_settle settle_priority |
        config_load config_new sealed_part sealed_same_part vrrp_conf_equal |
        core_use_config pair_configure vrrp_proc_configure process_configure |
        vrrp_proc_send_conf process_send ipc_send | vrrp_take_conf
        conf_from_message | vrrp_reload reload_start_all vrrp_router_update
        router_apply_trackers vrrp_track_judge | router_apply_trackers
        vrrp_router_step vrrp_fsm_step"""),
    "'evenkeel drain' to the kernel and the peer": (17, """
        operate_run client_ask | control_read control_take control_answer |
        answer_operator operator_parse | core_operate overrides_apply
        operator_apply balance_override | overrides_apply overrides_replicate
        override_store_say | overrides_replicate peer_proc_say
        process_send | peer_main_take_words |
        peer_main_send_words peer_encode | overrides_apply overrides_save state_format |
        overrides_save keeper_put
        | build_placement override_placement"""),
}


# A keyword of MYSQL_CHECK: its member, its row, and where it is acted on.
KEYWORD, KEYWORD_MOST = "fresh_login", 3


class Source:
    """One file: its lines, and its text without comments and strings."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        self.path = path
        self.lines = self.text.count("\n")
        self.bare = NOISE.sub(
            lambda found: re.sub(r"[^\n]", " ", found.group(0)), self.text)
        self.functions = list(FUNCTION.finditer(self.bare))


def length(function):
    return function.group(0).count("\n") + 1


def parameters(function):
    args = re.sub(r"\([^()]*\)", "", function["args"])
    return 0 if args.strip() in ("", "void") else args.count(",") + 1


def share(part, whole):
    return f"{part} of {whole} ({100 * part / max(whole, 1):.1f} %)"


def judge_functions(found, faults):
    long = [one for one in found if length(one[1]) > LONG]
    longer = [one for one in found if length(one[1]) > LONGER]
    many = [one for one in found if parameters(one[1]) > PARAMETERS]
    print(f"{share(len(long), len(found))} functions are longer than {LONG} "
          f"lines, {LONG_MOST:.0f} % may; {len(longer)} than {LONGER}")
    longest = sorted(found, key=lambda one: -length(one[1]))[:5]
    print("  " + ", ".join(f"{length(function)} {function['name']}"
                           for _, function in longest))
    most = max(parameters(function) for _, function in found)
    print(f"{share(len(many), len(found))} have more than {PARAMETERS} "
          f"parameters, {PARAMETERS_MOST:.0f} % may; the most is {most}")
    for source, function in longer:
        if function["name"] not in FLAT:
            faults.append(f"{source.path}: {function['name']}() has "
                          f"{length(function)} lines")
    if 100 * len(long) > LONG_MOST * len(found):
        faults.append(f"too many functions of more than {LONG} lines")
    if 100 * len(many) > PARAMETERS_MOST * len(found):
        faults.append(f"too many functions of more than {PARAMETERS} "
                      "parameters")
    for source, function in found:
        for pattern, what in ((r"^\s*#\s*if", "#if"),
                              (r"\bdefault\s*:", "a default in a switch")):
            if re.search(pattern, function["body"], re.M):
                faults.append(f"{source.path}: {function['name']}() has {what}")


def judge_files(all_sources, faults):
    files = sorted((one for one in all_sources if one.path.endswith(".c")),
                   key=lambda one: -one.lines)
    print(f"{len(files)} files of {sum(one.lines for one in all_sources)} "
          f"lines with their headers, half of them under "
          f"{files[len(files) // 2].lines}")
    print("  " + ", ".join(f"{one.lines} {one.path}" for one in files[:5]))
    long = sum(one.lines > FILE_LONG for one in all_sources)
    print(f"{long} files are longer than {FILE_LONG} lines, none may be than "
          f"{FILE_MOST}")
    for one in all_sources:
        if one.lines > FILE_MOST:
            faults.append(f"{one.path}: {one.lines} lines")


def judge_journeys(found, faults):
    where = {function["name"]: (source.path, function["body"])
             for source, function in found}
    for what, (before, way) in JOURNEYS.items():
        paths, last = [], None
        for name in way.split():
            if name == "|":
                last = None
                continue
            if name not in where:
                faults.append(f"{what}: there is no {name}() any more")
                last = None
                continue
            if last and not re.search(rf"\b{name}\b", where[last][1]):
                faults.append(f"{what}: {last}() does not name {name}()")
            if where[name][0] not in paths:
                paths.append(where[name][0])
            last = name
        print(f"{len(paths)} files from {what} ({before} before the house was "
              "rebuilt)")
        if "-v" in sys.argv:
            print("  " + "\n  ".join(paths))
        if len(paths) > before:
            faults.append(f"{what}: more files than before")


def judge_keyword(all_sources, faults):
    paths = [one.path for one in all_sources
             if re.search(rf"\b{KEYWORD}\b", one.text)]
    print(f"{len(paths)} sources name the keyword '{KEYWORD}': "
          + ", ".join(paths))
    if len(paths) > KEYWORD_MOST:
        faults.append(f"'{KEYWORD}': at most {KEYWORD_MOST} may")


def main():
    faults = []
    all_sources = [Source(path) for path in sorted(sources())]
    found = [(source, function) for source in all_sources
             for function in source.functions]
    judge_functions(found, faults)
    judge_files(all_sources, faults)
    judge_journeys(found, faults)
    judge_keyword(all_sources, faults)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

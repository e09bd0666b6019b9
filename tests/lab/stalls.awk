# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads what guest-plan's watch over main and vrrp has traced, and prints a line
# for each system call in which one of them slept for more than 10 ms: nothing may
# hold them but their loop's own wait. The trace has two kinds of lines:
#
#   evenkeeld-631  ... 73.249191: ek_call: took=318659 id=46
#   checker-639    ... 73.249145: ek_sleep: took=318542 pid=631
#
# a call that ended, other than the loop's epoll_wait, and a sleep that ended, with
# the task that ended it. A call that took long without a sleep was kept from the
# processor by the scenario's other processes, and is no stall.
#
# A process counts from its loop's first wait to the last one: at its end it may
# wait for its children.

function value(name,  at) {
	at = index($0, name "=")
	return at ? substr($0, at + length(name) + 1) + 0 : 0
}

function task(  parts, count) {
	count = split($1, parts, "-")
	return parts[count]
}

function at(  i) {
	for (i = 2; i <= NF; i++)
		if ($i ~ /^[0-9]+\.[0-9]+:$/)
			return $i + 0
	return 0
}

function called(id) {
	return id in names ? names[id] : "system call " id
}

# The sleep I was in the call C: the last one in it is the one that counts.
function judge_sleep(i,  c, pid) {
	pid = sleeper[i]
	for (c = first_call[pid]; c; c = next_call[c]) {
		if (ended[c] < until[i])
			continue
		if (ended[c] - took[c] > until[i] - slept[i] + 0.001)
			break
		within[c] = i
		return
	}
	if (!(pid in loop_begins) || until[i] < loop_begins[pid])
		loop_begins[pid] = until[i]
	if (until[i] > loop_ends[pid])
		loop_ends[pid] = until[i]
}

BEGIN {
	count = split("0 read 1 write 3 close 7 poll 20 writev 23 select " \
		"35 nanosleep 42 connect 43 accept 44 sendto 45 recvfrom " \
		"46 sendmsg 47 recvmsg 56 clone 57 fork 58 vfork 59 execve " \
		"61 wait4 72 fcntl 73 flock 74 fsync 75 fdatasync 82 rename " \
		"87 unlink 202 futex 230 clock_nanosleep 247 waitid " \
		"257 openat 262 newfstatat 263 unlinkat 264 renameat " \
		"271 ppoll 435 clone3", words, " ")
	for (i = 1; i < count; i += 2)
		names[words[i]] = words[i + 1]
}

/ ek_sleep: / {
	sleeper[++sleeps] = value("pid")
	until[sleeps] = at()
	slept[sleeps] = value("took") / 1000000
	waker[sleeps] = $1
}

/ ek_call: / {
	pid = task()
	who[++calls] = $1
	id[calls] = value("id")
	ended[calls] = at()
	took[calls] = value("took") / 1000000
	if (pid in last_call)
		next_call[last_call[pid]] = calls
	else
		first_call[pid] = calls
	last_call[pid] = calls
	caller[calls] = pid
}

END {
	for (i = 1; i <= sleeps; i++)
		judge_sleep(i)
	for (c = 1; c <= calls; c++) {
		i = within[c]
		pid = caller[c]
		if (!i || !(pid in loop_begins) || until[i] < loop_begins[pid] ||
		    until[i] > loop_ends[pid])
			continue
		printf "%s slept %d ms in %s until %s came, at %.6f\n", who[c],
			slept[i] * 1000, called(id[c]), waker[i], until[i]
	}
}

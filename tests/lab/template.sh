# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A MariaDB data folder made once on the host, where it takes a second, instead
# of in every emulated machine, where it takes ten. Sourced by ./dev. The guest
# runs the host's own mariadbd, so the versions always fit.

# The users and tables that scenarios rely on.
lab_template_sql() {
	cat <<-'END'
		CREATE DATABASE app;
		CREATE TABLE app.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(99))
			ENGINE=InnoDB;
		TRUNCATE mysql.help_topic;
		FLUSH PRIVILEGES;
		CREATE USER app@'%' IDENTIFIED BY 'app-secret';
		GRANT ALL ON app.* TO app@'%';
		CREATE USER 'check'@'%' IDENTIFIED BY 'check-secret';
		GRANT REPLICA MONITOR, BINLOG MONITOR ON *.* TO 'check'@'%';
		CREATE USER repl@'%' IDENTIFIED BY 'repl-secret';
		GRANT REPLICATION SLAVE ON *.* TO repl@'%';
	END
}

lab_template_build() {
	local work=$1 data=$1/data user=()
	local small=(--innodb-buffer-pool-size=16M --innodb-log-file-size=8M
		--innodb-use-native-aio=0)
	# Servers that start beside it empty the common folder of temporary files.
	local -x TMPDIR=$work
	[ "$(id -u)" = 0 ] && user=(--user=root)
	mariadb-install-db --no-defaults --force "${user[@]}" --datadir="$data" \
		--auth-root-authentication-method=normal --skip-test-db \
		--skip-name-resolve "${small[@]}" || return 1
	lab_template_sql | tr -d '\t\n' | sed 's/;/;\n/g' |
		mariadbd --no-defaults "${user[@]}" --bootstrap \
			--datadir="$data" "${small[@]}" || return 1
	# Sparse: the files are mostly holes, and so they stay in the guest.
	tar -c -S -C "$work" -f "$work/mariadb.tar" data
}

# Prints the path of the template, made if need be.
lab_template() {
	local version file work
	version=$(mariadbd --no-defaults --version) || return 1
	version=$( (echo "$version"; cat "$LAB_DIR/template.sh") | sha1sum)
	file=$LAB_CACHE/mariadb-${version:0:12}.tar
	if [ ! -e "$file" ]; then
		mkdir -p "$LAB_CACHE" &&
			work=$(mktemp -d "$LAB_CACHE/template.XXXXXX") || return 1
		if ! lab_template_build "$work" >"$work/log" 2>&1; then
			tail -n 20 "$work/log" >&2
			rm -rf "$work"
			return 1
		fi
		rm -f "$LAB_CACHE"/mariadb-*.tar
		mv "$work/mariadb.tar" "$file"
		rm -rf "$work"
	fi
	echo "$file"
}

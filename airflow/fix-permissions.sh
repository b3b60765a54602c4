#!/usr/bin/env bash
# Lets the Airflow user write to /project/data and /project/outputs of the host, for any owner, by giving them to its group (0).
# Lets all containers read the mounted directories, also those of a clone made under umask 077.
# It runs as the Airflow user, not as root: chgrp and chmod in /opt/fix-permissions have one capability each, if the container grants it.
set -euo pipefail

bin=/opt/fix-permissions
for directory in /project/*; do
  if [[ -n $(find "$directory" ! -perm -o=r 2>&1 | head -1) ]]; then # an error is a directory that cannot be read
    "$bin/chmod" -R a+rX "$directory" || true # the disk may have no modes; the services report what they cannot read
  fi
done

for directory in /project/data /project/outputs; do
  for path in "$directory" "$directory"/netflix.db*; do # another user's file, if `netflix etl` was run on the host
    [[ ! -e $path || -w $path ]] && continue
    { "$bin/chgrp" 0 "$path" && "$bin/chmod" g+rwX "$path"; } || true # checked below
    [[ -w $path ]] || { echo "$path: the Airflow user ($(id -u)) cannot write it. Run on the host: chmod o+rwX ${path#/project/}" >&2; exit 73; }
  done
done

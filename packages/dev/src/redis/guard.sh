#!/bin/sh
# Runs a server for exactly as long as this script's standard input stays open.
#
# usage: guard.sh <log file> <folder to remove afterwards, or empty> <command> [argument...]
#
# The program that starts a server holds the other end of that pipe, so however it ends, by kill -9 too, the
# pipe closes, the server is killed and its private folder is removed. Being the server's parent, the script
# can never kill a stranger that got the same process id. Prints the server's process id and, when it has ended,
# the end of its log; exits as it did.
log=$1
folder=$2
shift 2

exec 3<&0
"$@" </dev/null >>"$log" 2>&1 3<&- &
server=$!
trap 'kill "$server" 2>/dev/null' HUP INT TERM

( while read -r _; do :; done <&3; kill -9 "$server" ) >/dev/null 2>&1 &
watcher=$!

echo "$server"

wait "$server"
status=$?
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  status=$?
done

kill "$watcher" 2>/dev/null
tail -n 12 "$log" 2>/dev/null
if [ -n "$folder" ]; then
  rm -rf "$folder" 2>/dev/null
  # Where the starter is gone, what it had started may outlive it for a moment and write there again.
  tries=5
  while [ "$tries" -gt 0 ] && ! kill -0 "$PPID" 2>/dev/null; do
    tries=$((tries - 1))
    sleep 2
    rm -rf "$folder" 2>/dev/null
  done
fi
exit "$status"

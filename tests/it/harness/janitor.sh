#!/bin/sh
# Cleans up after a test run, however the run ends: the run holds this script's standard input open, and when the run is
# over (also by SIGKILL) the pipe closes. Reads commands, one per line:
#
#   process SIGNAL PID   send SIGNAL to PID at the end
#   ended PID            PID is gone already, forget it
#   directory PATH       delete PATH at the end
trap '' HUP INT TERM
processes=
directories=

while read -r verb value; do
    case $verb in
    process) processes="$processes$value
" ;;
    ended) processes=$(printf '%s' "$processes" | grep -v " $value\$")
        processes="$processes${processes:+
}" ;;
    directory) directories="$directories$value
" ;;
    esac
done

printf '%s' "$processes" | while read -r signal pid; do
    kill -s "$signal" "$pid" 2>/dev/null
done
printf '%s' "$processes" | while read -r signal pid; do
    rounds=0
    while kill -0 "$pid" 2>/dev/null; do
        rounds=$((rounds + 1))
        if [ "$rounds" -gt 50 ]; then
            kill -s KILL "$pid" 2>/dev/null
            break
        fi
        sleep 0.1
    done
done
printf '%s' "$directories" | while read -r directory; do
    rm -rf -- "$directory"
done

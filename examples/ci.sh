#!/bin/sh
# ci.sh [PLAN] [OPTIONS of check-gates]: a step for any CI. It ends with the exit code of the last judgement.
# HOLD (4), nothing to judge by (5) and somebody else at work (7) are judged again: TRIES times, PAUSE seconds apart.
set -eu

tries=${TRIES:-10}
pause=${PAUSE:-60}

while :; do
    code=0
    result=$(rollout check-gates "$@") || code=$?
    tries=$((tries - 1))
    case $code in
    3) echo "NO-GO: find out why; rollout rollback takes the last step back" >&2 ;;
    4 | 5 | 7)
        if [ "$tries" -gt 0 ]; then
            echo "exit $code: once more in $pause s" >&2
            sleep "$pause"
            continue
        fi
        ;;
    6) echo "ROLLBACK: a trigger has fired; rollout rollback --emergency takes everything back" >&2 ;;
    esac
    printf '%s\n' "$result" # of the last judgement alone: it may be a document
    exit "$code"
done

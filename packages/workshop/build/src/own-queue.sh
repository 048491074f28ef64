#!/bin/sh
# For the flows as root: queue/ belongs to the account that runs queue in them, as a set-uid qmail-queue's would.
exec chown -R 65534:65534 "$1/queue"

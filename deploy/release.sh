#!/bin/sh
# Runs on the target machine: loads a new image, migrates, replaces the container, and goes back to the old image when the
# new one does not become healthy.
#
#   release.sh IMAGE.tar ENV_FILE
set -eu
archive=$1
env_file=$2

previous=$(docker image inspect --format '{{.Id}}' hijrah:latest 2>/dev/null || true)
docker load --input "$archive"
rm -f "$archive"

start() {
    docker stop --time 35 hijrah 2>/dev/null || true
    docker rm hijrah 2>/dev/null || true
    docker run --detach --name hijrah --restart unless-stopped --env-file "$env_file" \
        --publish 5000:5000 --volume hijrah-uploads:/var/lib/hijrah/data "$1" >/dev/null
}

# Migrations only add: the old container can serve until it is replaced.
docker run --rm --env-file "$env_file" hijrah:latest migration up

start hijrah:latest
rounds=0
until [ "$(docker inspect --format '{{.State.Health.Status}}' hijrah)" = healthy ]; do
    rounds=$((rounds + 1))
    if [ "$rounds" -gt 30 ]; then
        docker logs --tail 50 hijrah >&2
        [ -z "$previous" ] || start "$previous"
        echo "the new version did not become healthy" >&2
        exit 1
    fi
    sleep 2
done
docker image prune --force --filter until=24h >/dev/null
docker ps --filter name=hijrah

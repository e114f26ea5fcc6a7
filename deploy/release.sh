#!/bin/sh
# Runs on the target machine: replaces the running version by another one, and keeps the old one serving if anything fails.
#
#   release.sh IMAGE.tar ENV_FILE     deploys the image in the archive, which is deleted in any case
#   release.sh rollback [REVISION]    goes back to the version that served before, or to a kept revision
#   release.sh status                 what serves, is it ready, and which revisions are kept
#
# The new version first becomes ready while the old one serves. Only then the old one is stopped, and its
# container is kept until the new one is ready in its place and stays so. Whatever fails at whatever command, what served before
# serves afterwards.
#
# Exit status: 0 the new version serves, 1 the old version serves, 2 nothing serves. `status`: 0 ready, 2 not.
#
# Environment (default):
#   ENV_FILE       (/home/application/.env)    for `rollback`: settings of the server, as ENV_FILE above
#   SECRETS_DIR    (`secrets` next to ENV_FILE) mounted as /run/secrets where it exists, for the variables `<NAME>_FILE`
#   READY_SECONDS  (60)                        patience until a version is ready
#   STEADY_SECONDS (10)                        how long it must stay ready before the old one is removed
#   PUBLISH        (5000:5000)                 where the server is reached
set -eu

NAME=hijrah
CANDIDATE=$NAME-next
OLD=$NAME-previous
# A `docker tag` records the image that served before the present one.
PREVIOUS_IMAGE=$NAME:previous
VOLUME=hijrah-uploads
KEEP=3
# Between SIGTERM and SIGKILL: the server hands its work over within 30 s.
STOP_SECONDS=35
# The candidate gets no requests; several checks detect one that dies after its first answer.
CANDIDATE_STEADY_SECONDS=3

env_file=${ENV_FILE:-/home/application/.env}
archive=
image=
is_new_image=no
loaded=
has_lock=no
# `true` or `false` once it was looked at.
was_running=
current_image=
current_name=
is_replacing=no
is_started=no
is_done=no
names=
doing='starting'

say() { printf '%s\n' "$*" >&2 || true; }

fail() {
    say "release.sh: $*"
    exit 1
}

# Without the descriptor of the lock, so that processes that Docker starts do not hold it.
docker() { command docker "$@" 9<&-; }

# Up to three times, for commands that must not fail because Docker was busy for a moment. The output of a failed attempt is discarded.
insist() {
    for pause in 1 2 0; do
        if answer=$("$@"); then
            [ -z "$answer" ] || printf '%s\n' "$answer"
            return 0
        fi
        [ "$pause" = 0 ] || sleep "$pause"
    done
    return 1
}

# The names of all containers. `inspect` fails alike for one that is absent and for a daemon that does not answer.
look() { names=$(insist docker ps --all --format '{{.Names}}'); }

has() { printf '%s\n' "$names" | grep -q -x "$1"; }

# Succeeds if the container does not exist afterwards, even if it never existed.
remove() {
    if look && ! has "$1"; then
        return 0
    fi
    insist docker rm --force "$1" >/dev/null
}

is_running() { [ "$(insist docker inspect --format '{{.State.Running}}' "$1" 2>/dev/null)" = true ]; }

# The image's health check asks `/health/ready`.
is_ready() { [ "$(insist docker inspect --format '{{.State.Health.Status}}' "$1" 2>/dev/null)" = healthy ]; }

image_id() { insist docker image inspect --format '{{.Id}}' "$1"; }

tags() { insist docker images --format '{{.Tag}}' "$NAME"; }

# Starts a container as the server runs in production: what is written goes to the volume, nothing else.
run() {
    secrets=${SECRETS_DIR:-$(dirname "$env_file")/secrets}
    if [ -d "$secrets" ]; then
        set -- "--volume=$secrets:/run/secrets:ro" "$@"
    fi
    docker run --env-file "$env_file" --volume "$VOLUME:/var/lib/hijrah/data" \
        --read-only --tmpfs=/tmp --cap-drop=ALL --security-opt=no-new-privileges:true "$@"
}

once() {
    doing="running '$*' of the new version"
    run --rm "$image" "$@"
}

# Waits until a container is ready and has stayed so for some seconds.
await() {
    waited=0
    steady=0
    until [ "$steady" -ge "$2" ]; do
        if ! is_running "$1"; then
            say "the container '$1' has ended"
            return 1
        elif is_ready "$1"; then
            steady=$((steady + 1))
        elif [ "$steady" -gt 0 ]; then
            say "the container '$1' was ready and is not any more"
            return 1
        elif [ "$waited" -ge "${READY_SECONDS:-60}" ]; then
            say "the container '$1' is not ready after $waited s"
            return 1
        fi
        waited=$((waited + 1))
        sleep 1
    done
}

# As `await`, and prints the last lines of the container if it failed.
await_or_tell() {
    await "$@" && return 0
    docker logs --tail 50 "$1" >&2 || true
    return 1
}

# The environment file identifies the installation: every release reads it, and it always exists.
take_lock() {
    [ -r "$env_file" ] || fail "there is no readable environment file '$env_file'"
    command -v flock >/dev/null || fail "flock (util-linux) is needed"
    exec 9<"$env_file"
    flock -n 9 || fail "another release is under way"
    has_lock=yes
}

# A release that was killed left its containers. The version that served before it has to serve again.
recover() {
    doing='cleaning up after an interrupted release'
    remove "$CANDIDATE"
    look
    if has "$OLD" && has "$NAME"; then
        if is_running "$NAME" && is_ready "$NAME"; then
            remove "$OLD"
        else
            remove "$NAME"
        fi
        look
    fi
    if has "$OLD"; then
        docker rename "$OLD" "$NAME"
        # If it cannot be started again, this release replaces it.
        { insist docker start "$NAME" >/dev/null && await "$NAME" 1; } || say "the version before the interrupted release does not serve"
        look
    fi
}

# What runs now, by its container: a tag may have been moved by a release that failed.
note_current() {
    doing='looking at what runs'
    if has "$NAME"; then
        current_image=$(insist docker inspect --format '{{.Image}}' "$NAME")
        was_running=$(insist docker inspect --format '{{.State.Running}}' "$NAME")
        current_name=$(docker inspect --format '{{.Config.Image}}' "$NAME") || current_name=
    else
        was_running=false
    fi
}

load() {
    doing="loading $archive"
    # An image that was there before is not this release's to remove.
    known=$(tags) || known=unknown
    loaded=$(docker load --input "$archive")
    rm -f "$archive"
    loaded=$(printf '%s\n' "$loaded" | sed -n 's/^Loaded image: //p' | head -n 1)
    [ -n "$loaded" ] || fail "'$archive' holds no image with a name"
    revision=${loaded##*:}
    if [ "$revision" = latest ]; then
        revision=$(revision_of "$loaded")
    fi
    image=$NAME:$revision
    if [ "$image" != "$loaded" ]; then
        docker tag "$loaded" "$image"
    fi
    if [ "$known" != unknown ] && ! printf '%s\n' "$known" | grep -q -x "$revision"; then
        is_new_image=yes
    fi
}

# What the image was built from, by its label; without one, the beginning of its id.
revision_of() {
    label=$(docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.revision"}}' "$1" 2>/dev/null) || label=
    case $label in
    '' | unknown | *[!0-9a-f]*)
        id=$(image_id "$1") || return 1
        printf '%s' "${id#sha256:}" | cut -c 1-12
        ;;
    *) printf '%s' "$label" ;;
    esac
}

# Puts a container of $image in the place of the running one.
replace() {
    doing='starting the new version beside the old one'
    # Serves only: jobs would be handed over again in a minute.
    run --detach --name "$CANDIDATE" --env=WORKER_CONCURRENCY=0 "$image" >/dev/null
    doing='waiting for the new version to be ready beside the old one'
    await_or_tell "$CANDIDATE" "$CANDIDATE_STEADY_SECONDS"
    if [ -n "$current_image" ]; then
        doing='stopping the old version'
        is_replacing=yes
        docker rename "$NAME" "$OLD"
        docker stop -t "$STOP_SECONDS" "$OLD" >/dev/null
    fi
    doing='starting the new version in the place of the old one'
    is_started=yes
    run --detach --name "$NAME" --restart unless-stopped --publish "${PUBLISH:-5000:5000}" "$image" >/dev/null
    doing='waiting for the new version to be ready'
    await_or_tell "$NAME" "${STEADY_SECONDS:-10}"
}

# From here on the new version serves; a failure is reported and costs only disk space.
tidy() {
    trap '' HUP INT TERM
    is_done=yes
    set +e
    remove "$CANDIDATE" || say "could not remove the container '$CANDIDATE'"
    if [ -n "$current_image" ]; then
        remove "$OLD" || say "could not remove the container '$OLD'"
        if [ "$current_image" != "$(image_id "$image")" ]; then
            insist docker tag "$current_image" "$PREVIOUS_IMAGE" || say "could not note the previous image: rollback needs a REVISION"
        fi
    fi
    remove_old_images || say 'could not remove all old images'
    say "$image serves"
    exit 0
}

# The present and the previous image stay, and the newest of the others.
remove_old_images() {
    present=$(image_id "$image") || return 1
    previous=$(docker image inspect --format '{{.Id}}' "$PREVIOUS_IMAGE" 2>/dev/null) || previous=
    kept=$present
    if [ -n "$previous" ] && [ "$previous" != "$present" ]; then
        kept="$kept $previous"
    fi
    # Newest first.
    for tag in $(tags); do
        id=$(docker image inspect --format '{{.Id}}' "$NAME:$tag" 2>/dev/null) || continue
        case " $kept " in
        *" $id "*) continue ;;
        esac
        if [ "$(printf '%s\n' "$kept" | wc -w)" -lt "$KEEP" ]; then
            kept="$kept $id"
        else
            docker image rm "$NAME:$tag" >/dev/null || say "could not remove the image '$NAME:$tag'"
        fi
    done
}

# Restores the version that served before. Succeeds if it serves.
restore() {
    serving=$NAME
    if [ "$has_lock" = no ] || [ -z "$was_running" ]; then
        # Nothing was touched; a Docker that does not answer has not ended what serves.
        state=$(insist docker inspect --format '{{.State.Running}}' "$NAME" 2>/dev/null) || { ! look || has "$NAME"; return; }
        [ "$state" = true ]
        return
    fi
    look
    if [ "$is_started" = yes ] && { [ -z "$current_image" ] || has "$OLD"; }; then
        # The new one holds the name and the port.
        remove "$NAME" || { docker stop -t "$STOP_SECONDS" "$NAME" && docker rename "$NAME" "$NAME-failed"; } >/dev/null
    fi
    remove "$CANDIDATE" || say "the container '$CANDIDATE' may still exist; it serves no requests"
    if [ "$is_replacing" = yes ] && look && has "$OLD"; then
        # A command that was reported as failed may have succeeded: here and below the actual state counts.
        insist docker rename "$OLD" "$NAME" || { look && has "$NAME"; } || serving=$OLD
    fi
    [ "$was_running" = true ] || return 1
    is_running "$serving" || insist docker start "$serving" >/dev/null || is_running "$serving" || again
    await "$serving" 1
}

# If the old container cannot be started any more, a new one of its image is started.
again() {
    remove "$serving"
    serving=$NAME
    insist run --detach --name "$NAME" --restart unless-stopped --publish "${PUBLISH:-5000:5000}" "$current_image" >/dev/null
}

forget_image() {
    if [ "$is_new_image" = yes ] && [ "$(image_id "$image")" != "$current_image" ]; then
        docker image rm "$image" >/dev/null || say "could not remove the image '$image'"
        [ "$loaded" = "$image" ] || docker image rm "$loaded" >/dev/null
    elif [ -n "$image" ] && [ "$image" = "$current_name" ] && [ "$(image_id "$image")" != "$current_image" ]; then
        # Another build of the same revision has taken the name of what serves.
        docker tag "$current_image" "$image" || say "the name '$image' is that of the failed version now"
    fi
}

# Every exit goes through here, also that by a signal.
finish() {
    status=$?
    trap '' HUP INT TERM PIPE
    trap - EXIT
    set +e
    [ -z "$archive" ] || rm -f "$archive"
    if [ "$is_done" = yes ]; then
        exit "$status"
    fi
    say "failed while $doing; bringing back what served before"
    if restore; then
        forget_image
        say 'the old version serves'
        exit 1
    fi
    forget_image
    say 'nothing serves'
    exit 2
}

deploy() {
    archive=$1
    env_file=$2
    [ -r "$archive" ] || fail "there is no readable archive '$archive'"
    take_lock
    recover
    note_current
    load
    once server config check
    # Migrations only add: the old version serves with the new schema.
    once migration up
    if [ -z "$current_image" ]; then
        once seed
    fi
    replace
    tidy
}

rollback() {
    take_lock
    recover
    note_current
    doing='looking for the image to go back to'
    if [ -n "${1:-}" ]; then
        image=$NAME:$1
        wanted=$(image_id "$image") || fail "there is no image '$image'; 'release.sh status' shows those that are kept"
    else
        wanted=$(image_id "$PREVIOUS_IMAGE") || fail 'no version served before this one; name a REVISION'
        image=$PREVIOUS_IMAGE
        for tag in $(tags); do
            if [ "$NAME:$tag" != "$PREVIOUS_IMAGE" ] && [ "$(image_id "$NAME:$tag")" = "$wanted" ]; then
                image=$NAME:$tag
            fi
        done
    fi
    [ "$wanted" != "$current_image" ] || [ "$was_running" != true ] || fail "'$image' serves already"
    replace
    tidy
}

status() {
    is_done=yes
    look || exit 2
    if ! has "$NAME"; then
        echo 'nothing serves'
        exit 2
    fi
    echo "image: $(docker inspect --format '{{.Config.Image}}' "$NAME" || true)"
    if is_running "$NAME" && is_ready "$NAME"; then
        echo 'state: ready'
    else
        echo 'state: not ready'
    fi
    echo "kept: $(tags | tr '\n' ' ')"
    is_running "$NAME" && is_ready "$NAME" || exit 2
}

trap finish EXIT
trap 'exit 1' HUP INT TERM
# A connection that broke must not end what puts the old version back.
trap '' PIPE
case "${1:-} $#" in
'status 1') status ;;
'rollback 1') rollback ;;
'rollback 2') rollback "$2" ;;
*' 2') deploy "$1" "$2" ;;
*)
    is_done=yes
    say 'usage: release.sh IMAGE.tar ENV_FILE | rollback [REVISION] | status'
    exit 1
    ;;
esac

#!/usr/bin/env bash
# Builds the image of the Dockerfile without a container engine or a registry, and runs it.
# It needs Debian 12, root and the network. Debian's own Python 3.11 stands for the base image, which
# only a registry has; buildah carries out the steps of the Dockerfile, each in a chroot.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
for tool in buildah debootstrap; do
    command -v "$tool" > /dev/null || missing+=("$tool")
done
if ((${#missing[@]})); then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq --no-install-recommends "${missing[@]}" > /dev/null
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
as_said=(--isolation chroot --root "$work/images" --runroot "$work/run" --storage-driver vfs)
buildah() { command buildah "${as_said[@]:2}" "$@"; }

# The base: what python:3.11-slim-bookworm has, from Debian.
debootstrap --variant=minbase --include=python3,python3-pip,ca-certificates bookworm "$work/base" > "$work/log"
rm -f "$work"/base/usr/lib/python3*/EXTERNALLY-MANAGED "$work"/base/var/cache/apt/archives/*.deb
ln -s python3 "$work/base/usr/bin/python"
base=$(buildah from scratch)
buildah copy --quiet "$base" "$work/base" / > "$work/log"
buildah commit --quiet "$base" localhost/base > "$work/log"
buildah rm "$base" > "$work/log"
rm -rf "$work/base"

# The certificates are this machine's, in case it reaches the network through a proxy.
buildah build --quiet "${as_said[@]:0:2}" --build-arg BASE=localhost/base \
    --volume /etc/ssl/certs:/etc/ssl/certs:ro --tag localhost/hoso . > "$work/log"

made=$(buildah from localhost/hoso)
in_image() { buildah run "${as_said[@]:0:2}" "$made" -- "$@"; }
[[ $(buildah inspect --format '{{.OCIv1.Config.User}}' localhost/hoso) == hoso ]]
[[ $(in_image id --user) == 10001 ]]
in_image python -c 'import hoso; print("import hoso:", hoso.__file__)'
in_image hoso demo
in_image hoso simulate --dossiers 100 --seed 1 --out events.jsonl
in_image hoso ingest events.jsonl
if in_image touch /opt/hoso/x 2> "$work/log"; then
    echo "the image's user can write the image's own files" >&2
    exit 1
fi
echo "image: built and run as $(in_image id --user --name)"

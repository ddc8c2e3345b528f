#!/usr/bin/env bash
# What the tests of real parts need on Debian 12: PostgreSQL, Java and Maven for Apache Kafka,
# LibreOffice, which opens the spreadsheets and the letters that reports are filed in, Chromium, which
# opens pages, the font in which pictures of pages are compared, Node.js for a client of the HTTP
# interface, Go, whose transparency logs are held against hoso's, and promtool of Prometheus, which
# checks the alert rules.
# What is there already stays as it is; only what is missing takes root and Debian's packages.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || missing+=(postgresql)
command -v java > /dev/null || missing+=(default-jre-headless)
command -v mvn > /dev/null || missing+=(maven)
command -v soffice > /dev/null || missing+=(libreoffice-calc fonts-liberation)
[[ -e /usr/lib/libreoffice/program/libswlo.so ]] || missing+=(libreoffice-writer-nogui)
command -v chromium > /dev/null || missing+=(chromium)
[[ -e /usr/local/go/bin/go ]] || command -v go > /dev/null || missing+=(golang-go)
command -v node > /dev/null || missing+=(nodejs)
[[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ]] || missing+=(fonts-dejavu-core)

if ((${#missing[@]})); then
    # The tests start databases of their own; the package is not to make and start one as well.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/hoso.conf
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq --no-install-recommends "${missing[@]}" > /dev/null
fi

# Installed, the package would also start a server: only promtool is taken out of it.
if ! command -v promtool > /dev/null; then
    package=$(mktemp -d)
    trap 'rm -r "$package"' EXIT
    apt-get update -qq
    (cd "$package" && apt-get download -qq -o APT::Sandbox::User=root prometheus)
    dpkg-deb --extract "$package"/prometheus_*.deb "$package"
    install "$package/usr/bin/promtool" /usr/local/bin/promtool
fi

"${PYTHON:-python3}" -m tests.services.jars

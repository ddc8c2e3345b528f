# hoso in a container. It runs as a user that owns its data and nothing else: `docker run hoso demo`
# The base is pinned by the digest of its list of platforms. `make image` gives another one, with
# which it builds this file where there is no container engine.
ARG BASE=docker.io/library/python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
FROM ${BASE}

WORKDIR /opt/hoso
COPY pyproject.toml requirements.txt README.md LICENSE ./
RUN pip install --no-cache-dir --root-user-action ignore --require-hashes --requirement requirements.txt
# hoso has links to the four folders that follow it.
COPY hoso hoso
COPY domain domain
COPY projections projections
COPY consumers consumers
COPY tools tools
RUN pip install --no-cache-dir --root-user-action ignore --no-deps . \
 && useradd --create-home --uid 10001 hoso \
 && install --directory --owner hoso /var/lib/hoso

USER hoso
WORKDIR /var/lib/hoso
VOLUME /var/lib/hoso
ENTRYPOINT ["hoso"]
CMD ["demo"]

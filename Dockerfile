# hoso in a container. It runs as a user that owns its data and nothing else: `docker run hoso demo`
FROM python:3.11-slim

WORKDIR /opt/hoso
COPY pyproject.toml constraints.txt README.md LICENSE ./
# hoso has links to the four folders that follow it.
COPY hoso hoso
COPY domain domain
COPY projections projections
COPY consumers consumers
COPY tools tools
RUN pip install --no-cache-dir --root-user-action ignore --constraint constraints.txt . \
 && useradd --create-home --uid 10001 hoso \
 && install --directory --owner hoso /var/lib/hoso

USER hoso
WORKDIR /var/lib/hoso
VOLUME /var/lib/hoso
ENTRYPOINT ["hoso"]
CMD ["demo"]

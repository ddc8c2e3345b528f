# hoso in a container, as a user that owns nothing but its data. `docker run hoso demo`
FROM python:3.11-slim

WORKDIR /opt/hoso
COPY pyproject.toml constraints.txt README.md LICENSE ./
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

# Two images from one build: `airflow` (Airflow with the three programs) and `pipeline` (the programs on a slim Debian).
# docker-compose.yml builds both; `docker build .` builds `pipeline`.
# COPY sets modes, because those of a clone made under umask 077 would be unreadable for the users of the images.

ARG AIRFLOW_TAG=3.3.2-python3.13
# Packages that the programs link or call.
ARG LIBRARIES="librdkafka1 libpq5 libsqlite3-0 libmicrohttpd12 gnuplot-nox fonts-dejavu-core"

FROM docker.io/library/swift:6.3-bookworm AS build
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      pkg-config librdkafka-dev libpq-dev libsqlite3-dev libmicrohttpd-dev && apt-get clean && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
COPY scripts/install.sh scripts/
RUN --mount=type=cache,id=netflix-build,target=/source/.build,sharing=locked scripts/install.sh build && PREFIX=/programs scripts/install.sh install

FROM docker.io/apache/airflow:${AIRFLOW_TAG} AS airflow
ARG LIBRARIES
USER root
# The package lists of other archives in the image are not needed, and an expired key of theirs fails the update.
# The copies of chgrp and chmod have one capability each, so that airflow/fix-permissions.sh needs no root.
RUN if [ -e /etc/apt/sources.list.d/debian.sources ]; then rm -f /etc/apt/sources.list.d/*.list; fi \
 && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $LIBRARIES libcap2-bin \
 && apt-get clean && rm -rf /var/lib/apt/lists/* \
 && install -d /opt/fix-permissions && cp /bin/chgrp /bin/chmod /opt/fix-permissions/ \
 && setcap cap_chown+ep /opt/fix-permissions/chgrp && setcap cap_fowner+ep /opt/fix-permissions/chmod
COPY --from=build /programs/ /usr/local/
COPY --chmod=755 airflow/init-airflow.sh airflow/fix-permissions.sh /opt/airflow/
RUN install -d -o airflow -g 0 -m 2775 /opt/airflow/data /opt/airflow/nifi /opt/airflow/outputs
USER airflow

FROM docker.io/library/debian:bookworm-slim AS pipeline
ARG LIBRARIES
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      $LIBRARIES libjs-chart.js ca-certificates tini \
 && apt-get clean && rm -rf /var/lib/apt/lists/* && useradd --uid 10001 --gid 0 --no-create-home --home-dir /app netflix
COPY --from=build /programs/ /usr/local/
COPY --chmod=755 scripts/healthcheck.sh /usr/local/bin/healthcheck
WORKDIR /app
COPY --chmod=644 data/datapackage.json data/*.csv data/
RUN install -d -o netflix -g 0 -m 2775 /app/data /app/outputs
USER 10001:0
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --retries=6 CMD ["healthcheck", "8501"]
ENTRYPOINT ["tini", "--"]
CMD ["netflix", "--help"]

# Two images of one build: `airflow`, Airflow with the three programs in it, and `pipeline`, the programs on a slim Debian.
# docker-compose.yml builds both; `docker build .` makes the second.

ARG AIRFLOW_TAG=3.3.2-python3.13
# What the programs link and call.
ARG LIBRARIES="librdkafka1 libpq5 libsqlite3-0 libmicrohttpd12 gnuplot-nox fonts-dejavu-core"

FROM swift:6.3-bookworm AS build
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      pkg-config librdkafka-dev libpq-dev libsqlite3-dev libmicrohttpd-dev && apt-get clean && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
COPY scripts/image-build.sh scripts/
RUN --mount=type=cache,id=netflix-build,target=/source/.build,sharing=locked scripts/image-build.sh /programs

FROM apache/airflow:${AIRFLOW_TAG} AS airflow
ARG LIBRARIES
USER root
# The image's lists of other archives are not needed, and a key of theirs that has run out breaks the update.
# The two copies at the end can give a folder to Airflow's group without being root: airflow/folders says what for.
RUN if [ -e /etc/apt/sources.list.d/debian.sources ]; then rm -f /etc/apt/sources.list.d/*.list; fi \
 && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $LIBRARIES libcap2-bin \
 && apt-get clean && rm -rf /var/lib/apt/lists/* \
 && install -d /opt/folders && cp /bin/chgrp /bin/chmod /opt/folders/ \
 && setcap cap_chown+ep /opt/folders/chgrp && setcap cap_fowner+ep /opt/folders/chmod
COPY --from=build /programs/ /usr/local/
COPY airflow/init airflow/folders /opt/airflow/
RUN install -d -o airflow -g 0 -m 2775 /opt/airflow/data /opt/airflow/nifi /opt/airflow/outputs
USER airflow

FROM debian:bookworm-slim AS pipeline
ARG LIBRARIES
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      $LIBRARIES libjs-chart.js ca-certificates tini \
 && apt-get clean && rm -rf /var/lib/apt/lists/* && useradd --uid 10001 --gid 0 --no-create-home --home-dir /app netflix
COPY --from=build /programs/ /usr/local/
COPY scripts/healthy.sh /usr/local/bin/healthy
WORKDIR /app
COPY data/datapackage.json data/*.csv data/
RUN install -d -o netflix -g 0 -m 2775 /app/data /app/outputs
USER 10001:0
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --retries=6 CMD ["healthy", "8501"]
ENTRYPOINT ["tini", "--"]
CMD ["netflix", "--help"]

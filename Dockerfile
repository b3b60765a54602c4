# The three programs on a slim Debian. airflow/Dockerfile puts the same into Airflow's image.

FROM swift:6.3-bookworm AS build
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      pkg-config librdkafka-dev libpq-dev libsqlite3-dev libmicrohttpd-dev libjs-chart.js && apt-get clean && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
COPY scripts/image-build.sh scripts/
RUN --mount=type=cache,id=netflix-build,target=/source/.build,sharing=locked scripts/image-build.sh /programs

FROM debian:bookworm-slim
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      librdkafka1 libpq5 libsqlite3-0 libmicrohttpd12 gnuplot-nox fonts-dejavu-core libjs-chart.js ca-certificates tini \
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

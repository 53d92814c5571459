# The image of cosfuse: the program, the libraries that it is linked to, the CA certificates; nothing else.
#
#   podman build -t cosfuse .
#
# BASE may name any image of Debian 13 (or 12): the test of this file builds on one that it made itself.
ARG BASE=debian:trixie-slim

FROM ${BASE} AS build
COPY scripts/install-dependencies /source/scripts/
RUN /source/scripts/install-dependencies build
COPY . /source
RUN cd /source && cmake --preset release -B /build \
 && ninja -C /build --quiet cosfuse \
 && strip /build/cosfuse \
 && ldd /build/cosfuse | awk '$3 ~ /^\// {print $3}' | xargs -n 1 realpath | xargs dpkg -S | cut -d: -f1 | sort -u \
      > /build/packages

FROM ${BASE}
# Names of library packages change from release to release; the linker's answer of the first stage does not go stale.
RUN --mount=type=bind,from=build,source=/build/packages,target=/run/packages \
    apt-get -q update \
 && xargs -a /run/packages env DEBIAN_FRONTEND=noninteractive \
      apt-get -q -y install --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log /var/cache/debconf/*-old \
 && useradd --system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin cosfuse
COPY --from=build /build/cosfuse /usr/local/bin/cosfuse
# A mount needs root and its capabilities. The user `cosfuse` is for programs under `cosfuse run` that should not.
ENTRYPOINT ["cosfuse"]
CMD ["--help"]

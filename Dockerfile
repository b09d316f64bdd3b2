# Brokerscope in a container: `docker build -t brokerscope .`
#
# Three stages: crates from elsewhere (rebuilt only when a manifest changes), the
# page and the server, and a small system with nothing but the server's program.

# --- crates from elsewhere -------------------------------------------------------
FROM rust:1.95-bookworm AS dependencies
WORKDIR /src
RUN rustup target add wasm32-unknown-unknown
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY contract/Cargo.toml contract/
COPY figures/Cargo.toml figures/
COPY judge/Cargo.toml judge/
COPY pictures/Cargo.toml pictures/
COPY collectors/Cargo.toml collectors/
COPY store/Cargo.toml store/
COPY server/Cargo.toml server/
COPY frontend/Cargo.toml frontend/
COPY tests/Cargo.toml tests/
COPY benchmarks/Cargo.toml benchmarks/
COPY embedded-broker/Cargo.toml embedded-broker/
COPY demo/Cargo.toml demo/
COPY xtask/Cargo.toml xtask/
# Empty crates in place of ours, so that Cargo compiles what they depend on.
RUN set -eu; \
    for crate in contract figures judge pictures collectors store server frontend tests benchmarks \
        embedded-broker demo; do \
        mkdir -p "$crate/src"; touch "$crate/src/lib.rs"; \
    done; \
    mkdir -p xtask/src tests/tests; \
    for program in xtask/src server/src tests/tests; do echo 'fn main() {}' > "$program/main.rs"; done; \
    # Programs that a manifest names must be there.
    for crate in tests benchmarks; do \
        mkdir -p "$crate/src/bin"; \
        for program in $(sed -n '/^\[\[bin\]\]/{n;s/^name = "\(.*\)"/\1/p;}' "$crate/Cargo.toml"); do \
            echo 'fn main() {}' > "$crate/src/bin/$program.rs"; \
        done; \
    done
RUN cargo build --locked --profile xtask --package xtask
RUN cargo build --locked --profile page --package brokerscope-frontend \
        --target wasm32-unknown-unknown --target-dir target/page
RUN cargo build --locked --release --package brokerscope

# --- page and server -------------------------------------------------------------
FROM dependencies AS build
# A program whose file is a folder now would be there twice.
RUN rm -rf -- */src tests/tests
COPY . .
# Newer than the empty crates, or Cargo would take those for the finished work.
RUN find . -path ./target -prune -o -name '*.rs' -exec touch {} +
RUN cargo xtask page --release
RUN cargo build --locked --release --package brokerscope

# --- what runs -------------------------------------------------------------------
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/brokerscope --create-home brokerscope
COPY --from=build /src/target/release/brokerscope /usr/local/bin/brokerscope
COPY LICENSE LICENSE-MIT LICENSE-APACHE /usr/share/doc/brokerscope/
COPY assets/fonts/inter-OFL.txt assets/fonts/jetbrains-mono-OFL.txt /usr/share/doc/brokerscope/
USER brokerscope
ENV BROKERSCOPE_DATA_DIR=/var/lib/brokerscope
VOLUME /var/lib/brokerscope
EXPOSE 7070
# The image has no curl; bash can open the connection itself.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD \
    ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/7070 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["brokerscope"]
# Listens on the container's own loopback: run it with `--network host`, or see
# compose.yaml for how to publish the port to this machine only.
CMD ["serve"]

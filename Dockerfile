# syntax=docker/dockerfile:1
# Shardbridge in a container, built from a clone: docker build --tag shardbridge .
ARG NODE=24

FROM node:${NODE}-slim AS package
WORKDIR /build
COPY package.json package-lock.json ./
# No script is needed: node-pty comes ready-made.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm pack

FROM node:${NODE}-slim
# git and ssh for repos and their remotes, ps for agents, tini to be process 1: it passes signals on and buries what shards leave behind.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends bash ca-certificates curl git openssh-client procps tini \
  && rm -rf /var/lib/apt/lists/*
# Agents' CLIs from npm, with versions if you like: --build-arg AGENTS="@anthropic-ai/claude-code @openai/codex"
ARG AGENTS=""
RUN if [ -n "$AGENTS" ]; then npm install --global --no-audit --no-fund $AGENTS; fi
COPY --from=package /build/shardbridge-*.tgz /tmp/
RUN npm install --global --ignore-scripts --no-audit --no-fund /tmp/shardbridge-*.tgz && rm /tmp/shardbridge-*.tgz
# Your own ids, where repos are mounted that are yours: --build-arg USER_ID="$(id -u)" --build-arg GROUP_ID="$(id -g)"
ARG USER_ID=1000
ARG GROUP_ID=1000
RUN groupmod --non-unique --gid "$GROUP_ID" node \
  && usermod --non-unique --uid "$USER_ID" --gid "$GROUP_ID" --shell /bin/bash node \
  && mkdir -p /state /config /repos \
  && chown -R node:node /home/node /state /config /repos
ENV SHARDBRIDGE_HOME=/state SHELL=/bin/bash LANG=C.UTF-8
USER node
# Here is the .env with the tokens, which the bot reads by itself: what is in a container's environment can be read by every agent.
WORKDIR /config
VOLUME ["/state", "/home/node"]
ENTRYPOINT ["tini", "--", "shardbridge"]
CMD ["start"]

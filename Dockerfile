# docker build -t service-window .
FROM node:24-bookworm-slim AS build
WORKDIR /srv/service-window
COPY package.json package-lock.json ./
COPY console/package.json console/
# The image's own Node runs everything: no install script is needed.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY . .
RUN node --import ./check-node.mjs server/build.ts

FROM node:24-bookworm-slim
# SANDBOX=on tries it without a real account. The platform and the console need HTTPS in front: docs/deploy.md.
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data SANDBOX=off
WORKDIR /srv/service-window
COPY --from=build /srv/service-window ./
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--import", "./check-node.mjs", "server/main.ts"]

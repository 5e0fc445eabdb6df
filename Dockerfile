# syntax=docker/dockerfile:1
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# What `crmgraph version` says.
ARG VERSION
# The address is a default and no variable, which would win over `listen` in a mounted file.
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X main.release=${VERSION} -X main.defaultListen=:8080" -o /crmgraph ./server

# The program needs certificates and nothing else: zones and the explorer are part of it.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /crmgraph /crmgraph
# Nobody. A number, so that an orchestrator can see that it is not root.
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=2s CMD ["/crmgraph", "healthcheck"]
ENTRYPOINT ["/crmgraph"]

# Set-up and everything else in two commands: make run, make test. Needs Go 1.26, gcc and Node 20.
.DEFAULT_GOAL := run
SPEED ?= 60
export CGO_ENABLED = 1

run: yitang ## a whole hall with simulated devices and people
	./yitang demo --dir data-demo --speed $(SPEED)

yitang: web/dist/home.html FORCE
	go build -o $@ .

web/dist/home.html: $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print) | tools
	cd web && npm ci --no-audit --no-fund && npm run build
	@touch $@ web/dist/.gitkeep

tools: ## says which tool is missing and how to get it
	@command -v go >/dev/null || { echo "Go is missing: install Go 1.26 from your distribution or go.dev"; exit 1; }
	@command -v gcc >/dev/null || { echo "gcc is missing: sudo apt-get install -y gcc libc6-dev"; exit 1; }
	@command -v npm >/dev/null || { echo "Node is missing: sudo apt-get install -y nodejs npm (20 or newer)"; exit 1; }

browser: ## Chromium, fonts and a voice for the browser tests
	@command -v chromium >/dev/null && command -v espeak-ng >/dev/null && fc-list :lang=zh | grep -q . && fc-list :lang=ug | grep -q . || { \
	test "$$(id -u)" = 0 || { echo "Run: sudo apt-get install -y chromium espeak-ng fonts-noto-cjk fonts-noto-core fonts-ukij-uyghur"; exit 1; }; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	chromium espeak-ng fontconfig fonts-noto-cjk fonts-noto-core fonts-ukij-uyghur >/dev/null; }

test: yitang browser ## every test, with the race detector
	cd web && npm run check
	go vet ./...
	go test -race -timeout 6m ./...

truths: ## what theory says of queues beside what the simulation finds: docs/truths.md
	go run ./docs/truths --out docs/truths.md

fuzz: ## each parser for a minute
	@for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep ^Fuzz); do \
	echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime 60s $$p || exit 1; done; done

torture: yitang ## 10,000 hall days with faults, 1,000 torn logs, 1,000 kills
	go test -v -timeout 60m -run DaysWithFaults ./server/engine -days 10000
	go test -v -timeout 60m -run TornLog ./db -torn 1000
	go test -v -timeout 180m -run 'Crash$$' . -kills 1000

screenshots: yitang browser ## the pictures in docs/
	go run ./docs/shoot --out docs

deb: yitang ## the Debian package, tried in a fresh Debian (root)
	mkdir -p bin && ARCH=$$(dpkg --print-architecture) VERSION=0.1.0 \
	go run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0 package -f deploy/yitang.yaml -p deb -t bin/yitang.deb
	deploy/chroot-test.sh bin/yitang.deb

hour: yitang browser ## an hour of a screen in Chromium: memory, console, other hosts
	go run ./docs/hour --for 1h

FORCE:
.PHONY: run tools browser test truths fuzz torture screenshots hour deb FORCE

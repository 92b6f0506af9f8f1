# Set-up and everything else in two commands: make run, make test. Needs Go 1.26, gcc and Node 20.
.DEFAULT_GOAL := run
SPEED ?= 60
BROWSER = chromium espeak-ng fontconfig fonts-noto-cjk fonts-noto-core fonts-ukij-uyghur
export CGO_ENABLED = 1

run: yitang ## a whole hall with simulated devices and people
	./yitang demo --dir data-demo --speed $(SPEED)

yitang: web/dist/home.html FORCE
	go build -ldflags "-s -w" -o $@ .

web/dist/home.html: $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print) | tools
	cd web && npm ci --no-audit --no-fund && npm run build
	@touch $@ web/dist/.gitkeep

tools: ## says which tool is missing and how to get it
	@for t in "go:Go 1.26 from your distribution or go.dev" "gcc:sudo apt-get install -y gcc libc6-dev" "npm:Node 20 or newer"; do \
	command -v $${t%%:*} >/dev/null || { echo "$${t%%:*} is missing; install $${t#*:}"; exit 1; }; done

browser: ## Chromium, fonts and a voice for the browser tests
	@command -v chromium >/dev/null && command -v espeak-ng >/dev/null && fc-list :lang=zh | grep -q . && fc-list :lang=ug | grep -q . || { \
	test "$$(id -u)" = 0 || { echo "Run: sudo apt-get install -y $(BROWSER)"; exit 1; }; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(BROWSER) >/dev/null; }

postgres: | browser ## PostgreSQL for the city's tests; a test that finds none says NOT TESTED and skips
	@test -x /usr/local/bin/initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	test "$$(id -u)" = 0 || { echo "Run: sudo apt-get install -y postgresql"; exit 1; }; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; }

compiled: | tools ## what needs no pages, while npm works: SQLite with the race detector takes longest
	go build -race ./db ./drivers/... ./server/... ./kiosk ./display/... ./city/...

test: yitang browser postgres compiled ## every test with the race detector, and every check of go vet
	cd web && npm run check
	go test -race -vet=all -p 3 -timeout 25m ./...

screenshots: yitang browser ## the pictures in docs/
	go run ./docs/shoot --out docs

deb: yitang ## the Debian package, tried in a fresh Debian (root, debootstrap)
	deploy/package.sh

include measure.mk
FORCE:
.PHONY: run tools browser postgres compiled test screenshots deb FORCE

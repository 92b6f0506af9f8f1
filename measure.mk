# What takes too long for every test run: measurements and long tests, each by one command.

coverage: ## forecasts against simulated halls whose truth is known: 20,000 tickets each, about ten minutes
	go test ./server/forecast -run KnownTruth -truth 20000 -timeout 3h -v

truths: ## what theory says of queues beside what the simulation finds: docs/truths.md
	go run ./docs/truths --out docs/truths.md

fuzz: ## each parser for a minute
	@for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep ^Fuzz); do \
	echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime 60s $$p || exit 1; done; done

torture: yitang ## 10,000 hall days with faults, 1,000 torn logs, 1,000 kills
	go test -v -timeout 60m -run DaysWithFaults ./server/engine -days 10000
	go test -v -timeout 60m -run TornLog ./db -torn 1000
	go test -v -timeout 180m -run 'Crash$$' . -kills 1000

hour: yitang browser ## an hour of a screen in Chromium: memory, console, other hosts
	go run ./docs/hour --for 1h

# Every exception stands at its line with its reason (#nosec, lint:ignore), but for one: the forecast's numbers are places in
# lists and words of a random number, dozens of them in its innermost loops, and nothing from outside.
GOSEC = github.com/securego/gosec/v2/cmd/gosec@v2.30.0 -quiet -exclude-generated -exclude-rules='server/forecast/.*:G115'
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
lint-sec: ## staticcheck and gosec: clean, or each exception with its reason
	go run $(STATICCHECK) ./...
	go run $(GOSEC) ./...

OUTSIDE = zbar-tools tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-uig
outside: ## what others make of our bytes: receiptio prints, zbarimg and tesseract read; needs npm and the network
	@command -v tesseract >/dev/null && command -v zbarimg >/dev/null || { \
	test "$$(id -u)" = 0 || { echo "Run: sudo apt-get install -y $(OUTSIDE)"; exit 1; }; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(OUTSIDE) >/dev/null; }
	YITANG_OUTSIDE=1 go test -count=1 -run TestOutside -v ./drivers/escpos

.PHONY: lint-sec coverage truths fuzz torture hour outside

standby-loss: yitang ## what a standby lacks when its primary is killed under load, 50 times: docs/standby.md
	go test -v -timeout 60m -run StandbyLoss . -losses 50

.PHONY: standby-loss

start: yitang ## how long a hall with 10 million tickets behind it takes to its first request, and what memory: about 11 GB of disk
	go test -v -timeout 60m -run StartWithHistory . -start.tickets 10000000

.PHONY: start

city: yitang postgres ## a city under load: 1,000 halls' day, a hall a day behind, a cluster that loses a server and its database: docs/city.md
	go run ./docs/cityload --halls 1 --behind 20000
	go run ./docs/cityload --halls 200 --tickets 200 --servers 3 --kill-one --restart
	go run ./docs/cityload --halls 1000 --tickets 15 --days 12 --year
	go run ./docs/cityload --halls 100 --tickets 200 --apart
	go run ./docs/cityload --halls 100 --tickets 200 --apart --pack 1
	go run ./docs/cityload --halls 1000 --tickets 1000

.PHONY: city

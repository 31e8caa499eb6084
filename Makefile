.PHONY: help run test check bench clean reset supabase web

help: ## List these verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: ## Start everything on this machine: http://127.0.0.1:8080
	cargo xtask run

supabase: ## Start the same against `supabase start` or the project in .env
	cargo xtask run --supabase

web: ## Build the dashboard into dist/dashboard
	cargo xtask web

test: ## Run every test, the browser ones included
	cargo xtask test

check: ## Check format, lints and the repository's own rules
	cargo xtask check

bench: ## Measure races, the board's query, claim to audio, first paint, commit to paint, the page's own share and weight, inserts
	cargo xtask bench

reset: ## Forget the local database, its calls and settings; what was built stays
	cargo xtask reset

clean: reset ## Remove what was built and the local database
	cargo clean && rm -rf dist web/e2e/screenshots

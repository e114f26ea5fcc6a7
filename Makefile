# The everyday commands. Each is one cargo command; docs/MIGRATION.md and README.md say more.
.PHONY: help install setup migrate-up migrate-down migrate-status migrate-create seed validate dev test fmt lint bench clean clean-data

help:
	@echo "make install         fetch dependencies, build the programs, create .env"
	@echo "make setup           install, migrate-up, seed and validate"
	@echo "make migrate-up      apply all migrations"
	@echo "make migrate-down    roll back the newest migration"
	@echo "make migrate-status  show which migrations are applied; fails if not exactly all are"
	@echo "make migrate-create  new migration: make migrate-create MSG=\"add visas\""
	@echo "make seed            default tenant, admin and sample packages"
	@echo "make validate        is the installation what the code expects?"
	@echo "make dev             start the server"
	@echo "make test            everything the continuous integration checks"
	@echo "make fmt             format the code"
	@echo "make lint            clippy, without warnings"
	@echo "make bench           measure the engine"
	@echo "make clean           delete build products; data stays"
	@echo "make clean-data      delete the local data folder, after asking"

install:
	@test -f .env || cp .env.example .env
	cargo fetch --locked
	cargo build --locked --workspace --bins

setup: install migrate-up seed validate

migrate-up:
	cargo run --quiet -p migration -- up

migrate-down:
	cargo run --quiet -p migration -- down

migrate-status:
	cargo run --quiet -p migration -- status --exit-code

migrate-create:
	@test -n "$(MSG)" || { echo 'usage: make migrate-create MSG="add visas"' >&2; exit 2; }
	cargo run --quiet -p migration -- generate "$(MSG)"

seed:
	cargo run --quiet -p seed

validate:
	cargo run --quiet -p validate

dev:
	cargo run -p server

test:
	./scripts/test

fmt:
	cargo fmt --all

lint:
	cargo clippy --locked --workspace --all-targets -- -D warnings

bench:
	cargo bench --locked -p import-types

clean:
	cargo clean
	rm -rf tests/node/node_modules

clean-data:
	@printf 'Delete the folder data with the local database and all uploaded files? [y/N] '; \
	read answer && [ "$$answer" = y ] || { echo 'kept'; exit 1; }; \
	rm -rf data

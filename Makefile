# The everyday commands. Each is one cargo command; see README.md for what stands behind them.
.PHONY: help install setup migrate-up migrate-down migrate-create seed validate dev test clean

help:
	@echo "make install         fetch dependencies, build the programs, make .env"
	@echo "make setup           install, migrate-up, seed and validate"
	@echo "make migrate-up      apply all migrations"
	@echo "make migrate-down    take back the last migration"
	@echo "make migrate-create  new migration: make migrate-create MSG=\"add visas\""
	@echo "make seed            default tenant, admin and sample packages"
	@echo "make validate        is the database what the code expects?"
	@echo "make dev             start the server"
	@echo "make test            everything the continuous integration checks"
	@echo "make clean           delete build products and the local data folder"

install:
	@test -f .env || cp .env.example .env
	cargo fetch --locked
	cargo build --locked --workspace --bins

setup: install migrate-up seed validate

migrate-up:
	@mkdir -p data
	cargo run --quiet -p migration -- up

migrate-down:
	cargo run --quiet -p migration -- down

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

clean:
	cargo clean
	rm -rf data tests/node/node_modules

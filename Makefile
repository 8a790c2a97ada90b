# The targets call xtask/. Only the tools that xtask needs to build are checked here.
.PHONY: help run fresh test test-long bench fmt tidy screenshots pictures release tools

help:
	@echo 'make run        start Docket on ./docket-data, set up with sample data the first time'
	@echo 'make fresh      remove ./docket-data, then run'
	@echo 'make test       the gate: format, house rules, lints, every test'
	@echo 'make test-long  the gate at full count, by hand; reports go to docs/reports'
	@echo 'make bench      the benchmarks, as an optimized build'
	@echo 'make screenshots  a picture of every screen, light and dark'
	@echo 'make pictures   take the pictures of the guide and the README again'
	@echo 'make fmt        format every crate, and the dashboard'
	@echo 'make release    build the release binary'

run fresh test test-long bench fmt tidy screenshots pictures: tools
	@cargo xtask $@

release: tools
	@cargo xtask web
	cargo build --release --locked --package docket-server

tools:
	@command -v cargo >/dev/null || { echo 'Docket needs Rust 1.95 or newer: https://rustup.rs (installed already? . "$$HOME/.cargo/env")'; exit 1; }
	@cargo --version | awk '{ split($$2, v, "."); exit !(v[1] > 1 || v[2] >= 95) }' || { echo "Docket needs Rust 1.95 or newer, and this is $$(cargo --version): rustup update stable"; exit 1; }
	@command -v cc >/dev/null || { echo 'Docket needs a C compiler: apt-get install gcc libc6-dev'; exit 1; }

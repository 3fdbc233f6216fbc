"""Virtual cameras, scenes with truth and generated records: for the demo, the tests and the benchmarks."""

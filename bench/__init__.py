"""Benchmarks: what is too long for the tests; figures are printed, not judged."""

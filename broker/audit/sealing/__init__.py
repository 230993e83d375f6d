"""Seals what was committed into a tree, and lets others see what it was."""

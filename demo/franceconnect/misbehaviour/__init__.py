"""Faulty answers on request, and lawful surprises: one line each, by artefact."""

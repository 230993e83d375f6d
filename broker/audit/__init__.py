"""Verifiable trail: one typed event for every act, written with the act."""

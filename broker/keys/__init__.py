"""Our keys: those that sign, and those that others encrypt for."""

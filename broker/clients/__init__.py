"""Partner administrations registered as clients."""

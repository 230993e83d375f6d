"""The tokens themselves: made, kept, recognised, given back, proved by the trail."""

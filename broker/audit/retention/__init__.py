"""How long events are kept, and their removal, which the tree survives."""

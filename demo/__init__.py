"""Programs that stand beside the broker and show it at work; the broker never imports them."""

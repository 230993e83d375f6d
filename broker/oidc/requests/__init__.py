"""What partners ask: a request as it was sent, checked, pushed, found again while it waits."""

"""The demo's mailbox: receives every mail that the broker sends, and shows it on a page."""

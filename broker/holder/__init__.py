"""What the holder of an account changes on its page: password, address, telephones, its end."""

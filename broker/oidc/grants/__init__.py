"""What people have authorized, from its code to its last token: kept, counted, ended."""

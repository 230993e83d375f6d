"""What a partner may be told of a person, under which names, and how sure a login is."""

"""Cut now: ends at once what an incident touches, from one login to everybody, and proves it."""

"""What people agreed to: remembered, shown to them, withdrawn."""

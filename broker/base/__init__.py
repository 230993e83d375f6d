"""What everything stands on; knows no capability."""

"""Detection: rules as data over the trail, and the alerts that they raise."""

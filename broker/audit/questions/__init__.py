"""Reads the trail for those who ask: saved questions, searches, groups, one person's acts."""
